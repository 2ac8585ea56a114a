"""Giving and ending roles, and looking bodies up."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from casework import clock
from casework.forms import DateField, FilterForm, HouseForm, Radios
from partnerships.organisations.models import Organisation, on_date
from partnerships.organisations.roles import Role, Seat

EMAIL_ERRORS = {
    "required": "Enter an email address",
    "invalid": "Enter an email address in the correct format, like name@example.com",
}
SEAT_HINTS = {
    Seat.OFFICE_SEAT: "Shown with the role. It is no conflict of interest.",
    Seat.ELECTED: "Holds the seat as a councillor or other elected person.",
}


def within(form: HouseForm, given: dict[str, Any] | None) -> dict[str, Any]:
    """Say at the last day when it lies before the first."""
    given = given or form.cleaned_data
    starts, ends = given.get("starts"), given.get("ends")
    if starts and ends and ends < starts:
        form.add_error("ends", "The last day must be the same as or after the first day")
    return given


class MembershipForm(HouseForm):
    """Who gets which role from when. The name is asked for only when nobody has the address yet."""

    email = forms.EmailField(
        label="Email address",
        max_length=254,
        error_messages=EMAIL_ERRORS,
    )
    name = forms.CharField(
        label="Full name", max_length=120, required=False, help_text="Only for a person who is new to this service"
    )
    role = forms.ChoiceField(label="Role", widget=Radios, error_messages={"required": "Select a role"})
    seat = forms.ChoiceField(
        label="How is the role held?",
        choices=Seat.choices,
        widget=Radios(hints=SEAT_HINTS),
        error_messages={"required": "Select how the role is held"},
    )
    starts = DateField(label="First day", error_messages={"required": "Enter the first day"})
    ends = DateField(label="Last day", required=False, help_text="Leave empty when no end is planned")
    nouns = {"starts": "the first day", "ends": "the last day"}

    def __init__(self, *args: Any, roles: list[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        return within(self, super().clean())


class EndForm(HouseForm):
    """The last day of a role."""

    on = DateField(
        label="Last day of the role",
        help_text="They can act in the role until the end of this day",
        error_messages={"required": "Enter the last day of the role"},
    )
    nouns = {"on": "the last day"}


class CoverEndForm(EndForm):
    """The last day of a cover."""

    on = DateField(
        label="Last day of the cover",
        help_text="They can act for the other person until the end of this day",
        error_messages={"required": "Enter the last day of the cover"},
    )


class CoverForm(HouseForm):
    """Who acts for somebody between two days."""

    email = forms.EmailField(
        label="Email address of the person who covers",
        max_length=254,
        error_messages=EMAIL_ERRORS | {"required": "Enter the email address of the person who covers"},
    )
    starts = DateField(label="First day", error_messages={"required": "Enter the first day"})
    ends = DateField(label="Last day", error_messages={"required": "Enter the last day"})
    nouns = {"starts": "the first day", "ends": "the last day"}

    def clean(self) -> dict[str, Any]:
        return within(self, super().clean())


class OrganisationFilter(django_filters.FilterSet):
    """Bodies by name, kind and whether they exist today."""

    q = django_filters.CharFilter(method="search", label="Search by name")
    kind = django_filters.ChoiceFilter(choices=Organisation.Kind.choices, label="Kind")
    when = django_filters.ChoiceFilter(
        choices=[("current", "Current"), ("ended", "Ended")], method="at_time", label="Current or ended"
    )

    class Meta:
        model = Organisation
        fields: list[str] = []
        form = FilterForm

    def search(self, rows: QuerySet[Organisation], name: str, value: str) -> QuerySet[Organisation]:
        return rows.filter(Q(name__icontains=value) | Q(short_name__icontains=value))

    def at_time(self, rows: QuerySet[Organisation], name: str, value: str) -> QuerySet[Organisation]:
        today = clock.today()
        return rows.filter(on_date(today)) if value == "current" else rows.filter(ends__lt=today)
