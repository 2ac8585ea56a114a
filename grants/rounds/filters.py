"""Finding a round: its words, whether it is open, its years."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from casework import clock
from casework.forms import FilterForm
from grants.rounds.models import Round, RoundQuerySet
from grants.rounds.models_parts import RoundBudget
from grants.rounds.states import RoundState

STATES = (
    ("draft", "Draft"),
    ("later", "Opens later"),
    ("open", "Open"),
    ("closed", "Closed"),
    ("settled", "Settled"),
    ("cancelled", "Cancelled"),
)


class RoundFilter(filters.FilterSet):
    """The states are those a person sees: "open" is published and between its moments."""

    search = filters.CharFilter(label="Reference, title or fund", method="by_words")
    state = filters.ChoiceFilter(choices=STATES, method="by_state", empty_label="All")
    year = filters.ChoiceFilter(label="Financial year", method="by_year", empty_label="All")

    class Meta:
        model = Round
        fields: list[str] = []
        form = FilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        budgets = RoundBudget.objects.filter(round__in=Round.objects.visible_to(self.request.user))
        years = budgets.order_by("-year").values_list("year", flat=True).distinct()
        self.filters["year"].extra["choices"] = [(year, clock.year_label(year)) for year in years]

    def by_words(self, rounds: QuerySet[Round], name: str, value: str) -> QuerySet[Round]:
        words = Q(reference__icontains=value) | Q(title__icontains=value) | Q(fund__name__icontains=value)
        return rounds.filter(words)

    def by_state(self, rounds: RoundQuerySet, name: str, value: str) -> QuerySet[Round]:
        now = clock.arrived()
        if value == "open":
            return rounds.open_at(now)
        if value == "later":
            return rounds.filter(state=RoundState.PUBLISHED, opens_at__gt=now)
        if value == "closed":
            over = Q(rolling=False, closes_at__lt=now) | Q(rolling=True, money_out_at__isnull=False)
            return rounds.filter(over, state=RoundState.PUBLISHED, opens_at__lte=now)
        return rounds.filter(state=value)

    def by_year(self, rounds: QuerySet[Round], name: str, value: str) -> QuerySet[Round]:
        return rounds.filter(pk__in=RoundBudget.objects.filter(year=value).values("round"))
