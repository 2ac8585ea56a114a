"""What hangs on a bid: its risks and partners, who last saved which section, and what the office asked to be changed."""

from __future__ import annotations

import uuid

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


class BidRisk(models.Model):
    """What could go wrong, how likely and how bad that is, what is done about it, and who watches it."""

    class Level(models.TextChoices):
        LOW = "low", "Low"
        MEDIUM = "medium", "Medium"
        HIGH = "high", "High"

    bid = models.ForeignKey(Bid, on_delete=models.CASCADE, related_name="risks")
    risk_key = models.UUIDField(default=uuid.uuid4, editable=False)
    title = models.CharField("what could go wrong", max_length=200)
    likelihood = models.CharField(max_length=6, choices=Level.choices)
    impact = models.CharField(max_length=6, choices=Level.choices)
    mitigation = models.CharField("what is done about it", max_length=500)
    owner = models.CharField("who watches it", max_length=100)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.title


class BidPartner(models.Model):
    """Who works with the applicant and what they bring. `email` is where they are asked to confirm it; no version carries it."""

    bid = models.ForeignKey(Bid, on_delete=models.CASCADE, related_name="partners")
    partner_key = models.UUIDField(default=uuid.uuid4, editable=False)
    name = models.CharField("partner", max_length=120)
    brings = models.CharField("what it brings", max_length=500)
    contact = models.CharField("who is asked", max_length=100, blank=True)
    email = models.EmailField("where it is asked", blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class PartnerConfirmation(models.Model):
    """A partner was asked whether these words are right, by a link of its own; of the link only its hash is kept.

    It counts as long as the bid says the same words of the partner: changing them leaves it behind.
    """

    class Answer(models.TextChoices):
        CONFIRMED = "confirmed", "Confirmed"
        DISPUTED = "disputed", "Not right"

    partner = models.ForeignKey(BidPartner, on_delete=models.CASCADE, related_name="confirmations")
    name = models.CharField(max_length=120)
    brings = models.CharField(max_length=500)
    token_sha256 = models.CharField(max_length=64, unique=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    said = models.CharField("what is not right", max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answer="", answered_at=None) | (~models.Q(answer="") & models.Q(answered_at__isnull=False)),
                name="grants_partnerconfirmation_answered_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(answer="disputed") | ~models.Q(said=""), name="grants_partnerconfirmation_disputed_in_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.asked_at:%Y-%m-%d}"


def section_of(bid: Bid | str, key: str) -> BidSection | None:
    """Who last saved this section of a bid, or of the bid with this reference; None where nobody has yet."""
    which = {"bid__reference": bid} if isinstance(bid, str) else {"bid": bid}
    return BidSection.objects.filter(**which, key=key).select_related("saved_by").first()


def version_of(saved: BidSection | None) -> int:
    """A section that nobody saved yet is at its first version."""
    return saved.version if saved is not None else 1
