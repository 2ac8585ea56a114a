"""Police and Crime Plans: themes, objectives, shared outcomes and the library of measures. Awards stay pinned to their plan."""

from __future__ import annotations

from django.db import models

from partnerships.organisations.models import ends_after_start


class Plan(models.Model):
    """A plan with the dates it was in force. Plans overlap no longer than a change of Commissioner takes."""

    key = models.SlugField(unique=True)
    title = models.CharField(max_length=140)
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-starts"]
        constraints = [ends_after_start("partnerships_plan_dates")]

    def __str__(self) -> str:
        return self.title


class Theme(models.Model):
    """A part of a plan: Victims, Offenders, Communities, Transformation."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="themes")
    key = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    aim = models.CharField(max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["plan", "order", "pk"]

    def __str__(self) -> str:
        return self.name


class Objective(models.Model):
    """What the plan sets out to do under a theme."""

    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="objectives")
    text = models.CharField(max_length=300)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["theme", "order", "pk"]

    def __str__(self) -> str:
        return self.text


class Outcome(models.Model):
    """A shared outcome: what bids serve and what is added up across grants."""

    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="outcomes")
    key = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["theme", "order", "pk"]

    def __str__(self) -> str:
        return self.name


class Direction(models.TextChoices):
    """Which way is better."""

    UP = "up", "Higher is better"
    DOWN = "down", "Lower is better"


class Aggregation(models.TextChoices):
    """How the values of several periods make one: added, the last one, or a rate by its own denominators."""

    TOTAL = "total", "Added up over the periods"
    LATEST = "latest", "The latest figure counts"
    RATE = "rate", "A rate: so many out of so many"


class MeasureDefinition(models.Model):
    """A measure in the library, so that grants count the same thing the same way."""

    outcome = models.ForeignKey(Outcome, on_delete=models.PROTECT, related_name="measures")
    key = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=60)
    direction = models.CharField(max_length=4, choices=Direction.choices)
    aggregation = models.CharField(max_length=6, choices=Aggregation.choices)
    ends = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
