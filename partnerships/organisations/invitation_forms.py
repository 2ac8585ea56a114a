"""Inviting somebody, and what the invited person is asked."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from casework import clock
from casework.forms import DateField, HouseForm, Radios
from partnerships.organisations.forms import EMAIL_ERRORS, SEAT_HINTS, within
from partnerships.organisations.roles import HINTS, Role, Seat


class InvitationForm(HouseForm):
    """Whose mailbox, which role, and from when."""

    email = forms.EmailField(
        label="Email address",
        max_length=254,
        help_text="We send a link there. It works once, for 14 days.",
        error_messages=EMAIL_ERRORS,
    )
    role = forms.ChoiceField(label="Role", error_messages={"required": "Select a role"})
    seat = forms.ChoiceField(label="How is the role held?", error_messages={"required": "Select how the role is held"})
    starts = DateField(label="First day", not_before=clock.today, error_messages={"required": "Enter the first day"})
    ends = DateField(label="Last day", required=False, help_text="Leave empty when no end is planned")
    nouns = {"starts": "the first day", "ends": "the last day"}

    def __init__(self, *args: Any, roles: list[Role], seats: list[Seat], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("role", roles), ("seat", seats)):
            field: Any = self.fields[name]
            field.widget = Radios(hints=HINTS if name == "role" else SEAT_HINTS)
            field.choices = [(choice.value, choice.label) for choice in choices]

    def clean(self) -> dict[str, Any]:
        return within(self, super().clean())


class NewPersonForm(HouseForm):
    """Name and password of somebody who has no account yet."""

    name = forms.CharField(
        label="Full name",
        max_length=120,
        error_messages={"required": "Enter your full name"},
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=1000,
        help_text="At least 12 characters. Three words that only you would put together are good.",
        error_messages={"required": "Enter a password"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, known_as: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
        if known_as:
            del self.fields["name"]

    def clean_password(self) -> str:
        """By the same validators as every other password here."""
        person = User(email=self.email, name=self.cleaned_data.get("name", ""))
        try:
            return get_adapter().clean_password(self.cleaned_data["password"], user=person)
        except ValidationError as error:
            raise ValidationError(error.messages) from error
