"""What hangs on a round: money by year, what each version changed, bidders by name, gates, criteria, more time for one bidder."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from casework import clock
from casework.money import PoundsField
from grants.rounds.models import Round
from partnerships.organisations.models import Organisation


class RoundBudget(models.Model):
    """What the round may award from one financial year of its fund."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="budgets")
    year = models.PositiveSmallIntegerField()
    amount = PoundsField()

    class Meta:
        ordering = ["year"]
        constraints = [models.UniqueConstraint(fields=["round", "year"], name="grants_roundbudget_year_once")]

    def __str__(self) -> str:
        return clock.year_label(self.year)


class RoundChange(models.Model):
    """A published round's next version: what changed, why, and how many bids it reached. `number` is its snapshot's."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="changes")
    number = models.PositiveIntegerField()
    parts = models.JSONField(help_text="the names of what changed")
    words = models.TextField(help_text="what changed, a sentence a line")
    reason = models.TextField(max_length=2000)
    drafts = models.PositiveIntegerField("drafts at that time", default=0)
    submitted = models.PositiveIntegerField("submitted bids at that time", default=0)
    expressions = models.PositiveIntegerField("expressions of interest at that time", default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["round", "number"], name="grants_roundchange_number_once")]

    def __str__(self) -> str:
        return f"Version {self.number}"

    @property
    def sentences(self) -> list[str]:
        return self.words.splitlines()


class RoundBidder(models.Model):
    """A body that may bid by name, whatever its kind."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="bidders")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["organisation__name", "pk"]
        constraints = [models.UniqueConstraint(fields=["round", "organisation"], name="grants_roundbidder_once")]

    def __str__(self) -> str:
        return str(self.organisation)


class RoundGate(models.Model):
    """A pass-or-fail question before scoring."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="gates")
    text = models.CharField(max_length=300)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.text


class RoundCriterion(models.Model):
    """What assessors score, from 0 to `maximum`, multiplied by `weight`; below `threshold` the bid should not be funded."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="criteria")
    name = models.CharField(max_length=140)
    guidance = models.CharField(max_length=600, blank=True)
    maximum = models.PositiveSmallIntegerField(default=4)
    weight = models.PositiveSmallIntegerField(default=1)
    threshold = models.PositiveSmallIntegerField(null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(maximum__gte=1, weight__gte=1), name="grants_criterion_counts"),
            models.CheckConstraint(
                condition=Q(threshold=None) | Q(threshold__lte=F("maximum")),
                name="grants_criterion_threshold_within_maximum",
                violation_error_message="The threshold must be the same as or less than the highest score",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RoundExtension(models.Model):
    """A later closing moment for one bidder, with its reason."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="extensions")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    closes_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "organisation"], name="grants_extension_once")]

    def __str__(self) -> str:
        return f"{self.organisation} until {self.closes_at}"
