"""What a bid, an offer and an agreement have in common: budget lines, measures and milestones, each with a key that stays.

The same `line_key` runs from the bid's line to the offer's, the agreement's and the return's.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from casework.money import PoundsField
from partnerships.plans.models import Aggregation, Direction, MeasureDefinition


class LineCategory(models.TextChoices):
    """The heads of a project budget."""

    STAFF = "staff", "Staff"
    TRAINING = "training", "Training"
    PREMISES = "premises", "Premises"
    EQUIPMENT = "equipment", "Equipment and materials"
    CAPITAL = "capital", "Capital items"
    ACTIVITIES = "activities", "Activities"
    PUBLICITY = "publicity", "Publicity"
    OVERHEADS = "overheads", "Management and overheads"
    OTHER = "other", "Other"


class Spending(models.TextChoices):
    """What the accounts tell apart: what is used up within the year, and what lasts."""

    REVENUE = "revenue", "Revenue"
    CAPITAL = "capital", "Capital"


class LineShape(models.Model):
    """A budget line: what it is for. The amounts are the concrete model's; of a post, who employs whom from when.

    `on_costs` are part of the line's cost: an employer's national insurance and pension. `match_in_kind` is worked out from
    `volunteer_hours` at the round's rate where hours are given.
    """

    line_key = models.UUIDField(default=uuid.uuid4, editable=False)
    category = models.CharField(max_length=20, choices=LineCategory.choices)
    description = models.CharField(max_length=140)
    spending = models.CharField("revenue or capital", max_length=7, choices=Spending.choices, default=Spending.REVENUE)
    employer = models.CharField("employer of the post", max_length=100, blank=True)
    full_time_equivalent = models.DecimalField(max_digits=4, decimal_places=2, null=True, blank=True)
    post_starts = models.DateField("start of the post", null=True, blank=True)
    on_costs = PoundsField("on-costs", null=True, blank=True)
    volunteer_hours = models.PositiveIntegerField(null=True, blank=True)
    match_cash = PoundsField("match in cash", default=0)
    match_in_kind = PoundsField("match in kind", default=0)
    funder = models.CharField("funder of the match", max_length=100, blank=True)
    confirmed = models.BooleanField("match confirmed", default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.description


PROPOSED = "proposed new"
"""What stands behind the name of a measure that is not of the plan's library."""


class MeasureShape(models.Model):
    """A measure with baseline and target, copied from the library or proposed. A rate is so many out of so many; null is missing."""

    measure_key = models.UUIDField(default=uuid.uuid4, editable=False)
    definition = models.ForeignKey(MeasureDefinition, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=60)
    direction = models.CharField(max_length=4, choices=Direction.choices, default=Direction.UP)
    aggregation = models.CharField(max_length=6, choices=Aggregation.choices, default=Aggregation.TOTAL)
    baseline = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    baseline_of = models.DecimalField("baseline out of", max_digits=12, decimal_places=2, null=True, blank=True)
    target = models.DecimalField(max_digits=12, decimal_places=2)
    target_of = models.DecimalField("target out of", max_digits=12, decimal_places=2, null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(aggregation="rate") | Q(target_of__gt=0),
                name="%(app_label)s_%(class)s_rate_has_denominator",
                violation_error_message="Enter the number that the target is out of",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_proposed(self) -> bool:
        """Not of the plan's library: readers are told, because nothing else is counted in the same way."""
        return self.definition_id is None

    @property
    def full_name(self) -> str:
        return f"{self.name} ({PROPOSED})" if self.is_proposed else self.name


class MilestoneShape(models.Model):
    """Something that will have happened by a date."""

    milestone_key = models.UUIDField(default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=200)
    due = models.DateField("due date")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["due", "order", "pk"]

    def __str__(self) -> str:
        return self.title
