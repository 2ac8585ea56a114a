"""Finding an award. Every condition is put to what is shown, never to what is withheld."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q

from casework import clock
from casework.forms import FilterForm
from grants.decisions.models import Award
from transparency.register.queries import AwardRows, Choices, choices, decided_in


class RegisterFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label="Search purpose, recipient or reference")
    year = django_filters.ChoiceFilter(method="in_year", label="Financial year of the decision")
    recipient = django_filters.ChoiceFilter(method="to_recipient", label="Recipient")
    area = django_filters.ChoiceFilter(method="in_area", label="Area")

    class Meta:
        model = Award
        fields: list[str] = []
        form = FilterForm

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found: Choices = choices()
        self.filters["year"].extra["choices"] = [(str(year), clock.year_label(year)) for year in found.years]
        self.filters["recipient"].extra["choices"] = [(str(key), name) for key, name in found.recipients]
        self.filters["area"].extra["choices"] = [(str(key), name) for key, name in found.areas]

    def search(self, rows: AwardRows, name: str, value: str) -> AwardRows:
        found = Q(title__icontains=value) | Q(summary__icontains=value) | Q(recipient__icontains=value)
        return rows.filter(found | Q(applicant__icontains=value) | Q(bid__reference__icontains=value))

    def in_year(self, rows: AwardRows, name: str, value: str) -> AwardRows:
        return rows.filter(decided_in(int(value)))

    def to_recipient(self, rows: AwardRows, name: str, value: str) -> AwardRows:
        return rows.filter(recipient_id=int(value))

    def in_area(self, rows: AwardRows, name: str, value: str) -> AwardRows:
        return rows.filter(place_ground=None, bid__areas=int(value))

    def chosen(self) -> dict[str, Any]:
        """What was filtered by, without what was left open."""
        return {name: value for name, value in getattr(self.form, "cleaned_data", {}).items() if value}
