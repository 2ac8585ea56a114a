"""Finding a return: its words, its state, when it is due, its rating."""

from __future__ import annotations

import datetime as dt

import django_filters as filters
from django.db.models import Q, QuerySet

from casework import clock
from casework.forms import FilterForm
from monitoring.returns.models import Return, ReturnQuerySet
from monitoring.returns.states import AWAITED, ReturnState

DUE = (("late", "Late"), ("soon", "Due in the next 30 days"), ("later", "Due later"))
SOON = dt.timedelta(days=30)


class ReturnFilter(filters.FilterSet):
    """ "Late" is what has never been sent and is past its due date; the other dues are of returns still to come."""

    search = filters.CharFilter(label="Reference, project or partnership", method="by_words")
    state = filters.ChoiceFilter(choices=ReturnState.choices, empty_label="All")
    due = filters.ChoiceFilter(label="Due", choices=DUE, method="by_due", empty_label="All")
    rag = filters.ChoiceFilter(label="Rating", choices=Return.Rag.choices, empty_label="All")

    class Meta:
        model = Return
        fields: list[str] = []
        form = FilterForm

    def by_words(self, returns: QuerySet[Return], name: str, value: str) -> QuerySet[Return]:
        bid = "agreement__award__bid__"
        return returns.filter(
            Q(reference__icontains=value)
            | Q(**{f"{bid}title__icontains": value})
            | Q(**{f"{bid}applicant__name__icontains": value})
        )

    def by_due(self, returns: ReturnQuerySet, name: str, value: str) -> ReturnQuerySet:
        if value == "late":
            return returns.overdue()
        today = clock.today()
        awaited = returns.filter(state__in=AWAITED, due__gte=today)
        return awaited.filter(due__lte=today + SOON) if value == "soon" else awaited.filter(due__gt=today + SOON)
