"""Finding audit entries by person, act, subject, reference and days."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django.apps import apps
from django.db.models import Q, QuerySet

from casework import clock
from casework.audit.models import AuditEntry
from casework.forms import DateField, FilterForm
from casework.workflow import case_models, transitions_of

Rows = QuerySet[AuditEntry]


def subjects() -> list[tuple[str, str]]:
    """What acts are done to: every kind of case, and whatever else has pages or people."""
    models = [*case_models(), apps.get_model("partnerships.organisation"), apps.get_model("accounts.user")]
    names = [(model._meta.label_lower, str(model._meta.verbose_name)) for model in models]
    return sorted(((label, name[:1].upper() + name[1:]) for label, name in names), key=lambda choice: choice[1])


def verbs_that_say(text: str) -> set[str]:
    """The transitions whose words in a timeline contain this text."""
    steps = [
        (name, next(iter(method._django_fsm.transitions.values())).custom["past"])
        for model in case_models()
        for name, method in transitions_of(model).items()
    ]
    return {name for name, past in steps if text.lower() in past.lower()}


class DayFilter(django_filters.Filter):
    """A day in the three boxes of the house's forms."""

    field_class = DateField


class AuditFilter(django_filters.FilterSet):
    person = django_filters.CharFilter(method="by_person", label="Who (name or email address)")
    what = django_filters.CharFilter(method="by_words", label="What was done")
    subject = django_filters.ChoiceFilter(choices=subjects, label="To what")
    reference = django_filters.CharFilter(method="by_reference", label="Reference")
    since = DayFilter(method="from_day", label="From")
    until = DayFilter(method="to_day", label="To")

    class Meta:
        model = AuditEntry
        fields: list[str] = []
        form = FilterForm

    def by_person(self, rows: Rows, name: str, value: str) -> Rows:
        return rows.filter(Q(actor__name__icontains=value) | Q(actor__email__icontains=value))

    def by_words(self, rows: Rows, name: str, value: str) -> Rows:
        return rows.filter(Q(verb__in=verbs_that_say(value)) | Q(verb__icontains=value))

    def by_reference(self, rows: Rows, name: str, value: str) -> Rows:
        return rows.filter(Q(reference__istartswith=value) | Q(file__reference__iexact=value))

    def from_day(self, rows: Rows, name: str, value: Any) -> Rows:
        return rows.filter(at__gte=clock.london(value))

    def to_day(self, rows: Rows, name: str, value: Any) -> Rows:
        return rows.filter(at__lt=clock.london(value + dt.timedelta(days=1)))
