"""Due diligence: what the office looked into before it gives money to a body, when, by whom, and where the evidence is.

A check is about the body that signs and is paid, so it is carried over to that body's other bids until it runs out; what is about one
bid alone (conflicts of interest, other applications for the same work) is not.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from grants.bids.models import Bid
from grants.bids.scope import bid_scope
from partnerships.organisations.models import Organisation
from partnerships.organisations.standing import standing_of


class CheckKind(models.TextChoices):
    LEGAL = "legal-status", "Legal status and governing document"
    NUMBER = "registered-number", "Charity or company number found in the register"
    ACCOUNTS = "accounts", "Latest accounts read"
    BANK = "bank-details", "Bank details confirmed by calling back on a known number"
    INSURANCE = "insurance", "Insurance that covers the work"
    SAFEGUARDING = "safeguarding", "Safeguarding policy"
    INTERESTS = "interests", "Conflicts of interest looked into"
    SIMILAR = "similar", "Other applications for the same work looked for"


OF_ONE_BID = [CheckKind.INTERESTS, CheckKind.SIMILAR]


class DueCheckQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> DueCheckQuerySet:
        """The office's caseworkers, but nothing of a body that they serve themselves, and of what is about one bid alone only if they
        see that bid. No bidder ever sees one."""
        standing = standing_of(user)
        if not standing.is_caseworker:
            return self.none()
        return self.exclude(organisation__in=standing.own).filter(~Q(kind__in=OF_ONE_BID) | bid_scope(user, "bid__"))


class DueCheck(models.Model):
    """One look at one thing. A later one of the same kind takes its place; the earlier stays on record."""

    class Outcome(models.TextChoices):
        DONE = "done", "Done: nothing found against it"
        NOT_NEEDED = "not_needed", "Not needed"
        PROBLEM = "problem", "There is a problem"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="due_checks")
    bid = models.ForeignKey(Bid, on_delete=models.PROTECT, related_name="due_checks")
    kind = models.CharField(max_length=20, choices=CheckKind.choices)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    on = models.DateField("date of the check")
    valid_until = models.DateField(null=True, blank=True)
    found = models.TextField("what was found", max_length=2000, blank=True)
    kept = models.CharField("where the evidence is kept", max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = DueCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="done") | ~Q(found=""),
                name="grants_duecheck_says_why",
                violation_error_message="Enter what was found, or why the check is not needed",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=models.F("on")),
                name="grants_duecheck_valid_after_date",
                violation_error_message="The check must be good until the same day as or after the date of the check",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "kind", "-on"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_outcome_display()}"

    def get_absolute_url(self) -> str:
        return f"{self.bid.get_absolute_url()}checks/"
