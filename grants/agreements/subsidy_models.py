"""What a recipient confirmed before it is given minimal financial assistance."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from casework.money import PoundsField
from grants.bids.models import Bid
from grants.bids.scope import bid_scope


class SubsidyConfirmationQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> SubsidyConfirmationQuerySet:
        """Whoever sees the bid."""
        return self.filter(bid_scope(user, "bid__"))


class SubsidyConfirmation(models.Model):
    """The recipient's written confirmation, given once and kept: what it had received, what this award gives, and the words."""

    bid = models.OneToOneField(Bid, on_delete=models.PROTECT, related_name="subsidy_confirmation")
    received = PoundsField("received in this and the two financial years before")
    given = PoundsField("given by this award")
    declaration = models.TextField(help_text="the words that were confirmed")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = SubsidyConfirmationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Subsidy control confirmation for {self.bid_id}"
