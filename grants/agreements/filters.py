"""Finding an agreement: its words, its state."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from casework.forms import FilterForm
from grants.agreements.models import Agreement
from grants.agreements.states import AgreementState


class AgreementFilter(filters.FilterSet):
    search = filters.CharFilter(label="Reference, title or body", method="by_words")
    state = filters.ChoiceFilter(choices=AgreementState.choices, empty_label="All")

    class Meta:
        model = Agreement
        fields: list[str] = []
        form = FilterForm

    def by_words(self, agreements: QuerySet[Agreement], name: str, value: Any) -> QuerySet[Agreement]:
        words = Q(reference__icontains=value) | Q(award__bid__title__icontains=value)
        bodies = Q(award__bid__applicant__name__icontains=value) | Q(award__bid__accountable_body__name__icontains=value)
        return agreements.filter(words | bodies)
