"""Searching and filtering expressions of interest."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from casework.forms import FilterForm
from grants.expressions.models import Expression
from grants.expressions.states import ExpressionState
from grants.rounds.models import Round


class ExpressionFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label="Search", help_text="Reference, title or body")
    state = django_filters.ChoiceFilter(choices=ExpressionState.choices, label="State", empty_label="All")
    round = django_filters.ChoiceFilter(field_name="round", label="Round", empty_label="All")

    class Meta:
        model = Expression
        fields: list[str] = []
        form = FilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = Expression.objects.visible_to(self.request.user).order_by()
        rounds = Round.objects.filter(Exists(seen.filter(round=OuterRef("pk")))).order_by("reference")
        self.filters["round"].extra["choices"] = [(row.pk, str(row)) for row in rounds]

    def search(self, queryset: QuerySet[Expression], name: str, value: str) -> QuerySet[Expression]:
        """Every word must be somewhere in the reference, the title or the body's name."""
        for word in value.split()[:8]:
            queryset = queryset.filter(
                Q(reference__icontains=word)
                | Q(title__icontains=word)
                | Q(applicant__name__icontains=word)
                | Q(applicant__short_name__icontains=word)
            )
        return queryset
