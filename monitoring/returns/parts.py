"""What a return is made of: spending by line, measures, milestones, and the office's questions with their answers."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from casework.money import PoundsField
from grants.bids.shapes import LineCategory
from monitoring.returns.models import Return
from partnerships.plans.models import Aggregation, Direction

# A variance of a tenth of the profile or more is explained (practice of commissioners' monitoring returns).
EXPLAINED_FROM = Decimal(10)


def variance(*, profile: Decimal, actual: Decimal | None, accrual: Decimal) -> Decimal | None:
    """Pounds spent and accrued above the profile (negative: below it); None while the spending is not given."""
    return None if actual is None else actual + accrual - profile


def needs_explaining(*, profile: Decimal, difference: Decimal | None) -> bool:
    """Whether a variance is a tenth of the profile or more; without a profile, whether there is one at all."""
    return difference is not None and difference != 0 and abs(difference) * EXPLAINED_FROM >= profile


class ReturnLine(models.Model):
    """Spending on one budget line since the grant began. The budget and its profile to date are copied from the agreement."""

    case = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="lines")
    line_key = models.UUIDField(editable=False)
    category = models.CharField(max_length=20, choices=LineCategory.choices)
    description = models.CharField(max_length=140)
    budget = PoundsField()
    profile = PoundsField("expected by the end of the period")
    actual = PoundsField("spent to date", null=True, blank=True)
    accrual = PoundsField("owed but not yet paid", default=0)
    forecast = PoundsField("forecast for the whole grant", null=True, blank=True)
    explanation = models.TextField("explanation", max_length=1000, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "line_key"], name="monitoring_returnline_key_once"),
            models.CheckConstraint(
                condition=Q(accrual__gte=0) & (Q(actual=None) | Q(actual__gte=0)) & (Q(forecast=None) | Q(forecast__gte=0)),
                name="monitoring_returnline_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def variance(self) -> Decimal | None:
        return variance(profile=self.profile, actual=self.actual, accrual=self.accrual)

    @property
    def unexplained(self) -> bool:
        return needs_explaining(profile=self.profile, difference=self.variance) and not self.explanation.strip()


class ReturnMeasure(models.Model):
    """What was counted in the period. Nothing is missing, zero is zero; a figure that is missing has its reason."""

    case = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="measures")
    measure_key = models.UUIDField(editable=False)
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=60)
    direction = models.CharField(max_length=4, choices=Direction.choices, default=Direction.UP)
    aggregation = models.CharField(max_length=6, choices=Aggregation.choices, default=Aggregation.TOTAL)
    baseline = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    baseline_of = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    target = models.DecimalField(max_digits=12, decimal_places=2)
    target_of = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    value = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    value_of = models.DecimalField("out of", max_digits=12, decimal_places=2, null=True, blank=True)
    comment = models.TextField("comment", max_length=1000, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "measure_key"], name="monitoring_returnmeasure_key_once"),
            models.CheckConstraint(condition=Q(value=None) | Q(value__gte=0), name="monitoring_returnmeasure_not_negative"),
            models.CheckConstraint(
                condition=~Q(aggregation="rate") | Q(value=None) | Q(value_of__gt=0, value_of__gte=F("value")),
                name="monitoring_returnmeasure_rate_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_rate(self) -> bool:
        return self.aggregation == Aggregation.RATE


class ReturnMilestone(models.Model):
    """Whether a milestone was reached, or by when it will be and why it is late."""

    case = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="milestones")
    milestone_key = models.UUIDField(editable=False)
    title = models.CharField(max_length=200)
    due = models.DateField("due date")
    done_on = models.DateField("date it was reached", null=True, blank=True)
    expected_on = models.DateField("new date", null=True, blank=True)
    reason = models.TextField("reason for the delay", max_length=1000, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["due", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "milestone_key"], name="monitoring_returnmilestone_key_once"),
            models.CheckConstraint(
                condition=Q(done_on=None) | Q(expected_on=None), name="monitoring_returnmilestone_done_or_expected"
            ),
            models.CheckConstraint(
                condition=Q(expected_on=None) | ~Q(reason=""), name="monitoring_returnmilestone_delay_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ReturnQuery(models.Model):
    """A question of the office about a return, and what the partnership answered."""

    case = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="queries")
    text = models.TextField(max_length=2000)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reply = models.TextField("your answer", max_length=4000, blank=True)
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    replied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        verbose_name_plural = "return queries"
        constraints = [
            models.CheckConstraint(
                condition=Q(reply="") | Q(replied_by__isnull=False, replied_at__isnull=False),
                name="monitoring_returnquery_answered_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]
