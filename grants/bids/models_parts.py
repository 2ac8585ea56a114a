"""What hangs on a bid beside its rows: who last saved which section, and what the office asked to be changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from grants.bids.models import Bid


class BidSection(models.Model):
    """A section that somebody saved. Its version counts by itself, so that people in different sections do not meet."""

    bid = models.ForeignKey(Bid, on_delete=models.CASCADE, related_name="saved_sections")
    key = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["bid", "key"], name="grants_bidsection_once")]

    def __str__(self) -> str:
        return self.key


class BidReturn(models.Model):
    """The office asked for changes: why, and which sections it opened. Without a name among them the whole bid is open."""

    bid = models.ForeignKey(Bid, on_delete=models.CASCADE, related_name="asked_changes")
    sections = models.JSONField(default=list, blank=True)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.reason


def section_of(bid: Bid, key: str) -> BidSection | None:
    """Who last saved this section; None where nobody has yet."""
    return BidSection.objects.filter(bid=bid, key=key).select_related("saved_by").first()


def version_of(saved: BidSection | None) -> int:
    """A section that nobody saved yet is at its first version."""
    return saved.version if saved is not None else 1
