"""Searching and filtering bids. The choices of round and applicant cost one query together."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from casework.forms import FilterForm
from grants.bids.models import Bid
from grants.bids.scope import BidQuerySet
from grants.bids.states import BidState
from grants.rounds.models import Round
from partnerships.organisations.models import Organisation
from partnerships.organisations.standing import standing_of


class BidFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label="Search", help_text="Reference, title or applicant")
    state = django_filters.ChoiceFilter(method="in_state", choices=BidState.choices, label="State", empty_label="All")
    round = django_filters.ChoiceFilter(field_name="round", label="Round", empty_label="All")
    applicant = django_filters.ChoiceFilter(field_name="applicant", label="Applicant", empty_label="All")

    class Meta:
        model = Bid
        fields: list[str] = []
        form = FilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.request.user
        choices = _choices(user)
        self.filters["round"].extra["choices"] = choices["round"]
        if standing_of(user).office:
            self.filters["applicant"].extra["choices"] = choices["applicant"]
        else:
            del self.filters["applicant"]

    def in_state(self, queryset: BidQuerySet, name: str, value: str) -> QuerySet[Bid]:
        return queryset.in_state(value, self.request.user)

    def search(self, queryset: QuerySet[Bid], name: str, value: str) -> QuerySet[Bid]:
        """Every word must be somewhere in the reference, the title or the applicant's name."""
        for word in value.split()[:8]:
            queryset = queryset.filter(
                Q(reference__icontains=word)
                | Q(title__icontains=word)
                | Q(applicant__name__icontains=word)
                | Q(applicant__short_name__icontains=word)
            )
        return queryset


def _choices(user: Any) -> dict[str, list[tuple[int, str]]]:
    """Only rounds and applicants of bids that this person sees."""
    bids = Bid.objects.visible_to(user).order_by()
    # One look for a bid at each round and body, not a walk through every bid.
    rounds = Round.objects.filter(Exists(bids.filter(round=OuterRef("pk")))).order_by()
    bodies = Organisation.objects.filter(Exists(bids.filter(applicant=OuterRef("pk")))).order_by()
    named = rounds.annotate(filters=Value("round"), words=Concat("reference", Value(" "), "title")).values_list(
        "filters", "pk", "words"
    )
    others = bodies.annotate(filters=Value("applicant"), words=F("name")).values_list("filters", "pk", "words")
    found: dict[str, list[tuple[int, str]]] = {"round": [], "applicant": []}
    for name, key, words in sorted(named.union(others), key=lambda row: row[2]):
        found[name].append((key, words))
    return found
