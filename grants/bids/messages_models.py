"""Messages between the office and a bidder about a bid. Both sides read them; the office's notes are another thing (casework/notes)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from grants.bids.models import Bid
from grants.bids.scope import bid_scope


class BidMessageQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> BidMessageQuerySet:
        """Whoever sees the bid."""
        return self.filter(bid_scope(user, "bid__"))


class BidMessage(models.Model):
    """What one side wrote to the other. It stays as it was sent."""

    bid = models.ForeignKey(Bid, on_delete=models.PROTECT, related_name="letters")
    from_office = models.BooleanField()
    text = models.TextField("message", max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = BidMessageQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["bid", "-at"])]

    def __str__(self) -> str:
        return f"Message of {self.at:%Y-%m-%d}"
