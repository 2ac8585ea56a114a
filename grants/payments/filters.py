"""Finding a payment: its words, its state, what is held or due, the financial year it is drawn on."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from casework import clock
from casework.forms import FilterForm
from grants.agreements.states import AgreementState
from grants.payments.models import Instalment
from grants.payments.queries import years_with_money
from grants.payments.states import TO_COME, InstalmentState

SHOWN = (("held", "Held"), ("due", "Due and not held"), ("late", "Past its date"))


class PaymentFilter(filters.FilterSet):
    search = filters.CharFilter(label="Reference, title or body", method="by_words")
    state = filters.ChoiceFilter(choices=InstalmentState.choices, empty_label="All")
    show = filters.ChoiceFilter(label="Held or due", choices=SHOWN, method="by_show", empty_label="All")
    year = filters.ChoiceFilter(label="Financial year", method="by_year", empty_label="All")

    class Meta:
        model = Instalment
        fields: list[str] = []
        form = FilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["year"].extra["choices"] = [(year, clock.year_label(year)) for year in years_with_money()]

    def by_words(self, payments: QuerySet[Instalment], name: str, value: str) -> QuerySet[Instalment]:
        words = Q(reference__icontains=value) | Q(agreement__award__bid__title__icontains=value)
        body = "agreement__award__bid__accountable_body__name__icontains"
        return payments.filter(words | Q(**{body: value}) | Q(bacs_reference__icontains=value))

    def by_show(self, payments: QuerySet[Instalment], name: str, value: str) -> QuerySet[Instalment]:
        to_come = payments.filter(state__in=TO_COME)
        if value == "held":
            return to_come.filter(is_held=True)
        past = to_come.filter(due__lte=clock.today())
        if value == "late":
            return past.filter(due__lt=clock.today())
        return past.filter(is_held=False, agreement__state=AgreementState.ACTIVE)

    def by_year(self, payments: QuerySet[Instalment], name: str, value: str) -> QuerySet[Instalment]:
        return payments.filter(account__year=value)
