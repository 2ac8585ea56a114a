"""What a model says of a value is told in the house's words: the field is named, and what to do."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import BaseConstraint

from accounts.models import User
from casework.forms import HouseForm, HouseModelForm
from casework.views.forms import DOES_NOT_FIT, THERE_ALREADY, ReasonForm, add_errors
from grants.models import Round
from tests.factories import RoundFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


class PersonForm(HouseModelForm):
    class Meta:
        model = User
        fields = ["email", "name"]


class InviteForm(HouseForm):
    email = forms.EmailField(label="Email address")
    password = forms.CharField(widget=forms.PasswordInput)


def refused(model: Any) -> ValidationError:
    with pytest.raises(ValidationError) as found:
        model.validate_unique()
    return found.value


def test_something_that_must_be_there_once() -> None:
    taken = UserFactory(email="pat@example.org")
    form = PersonForm({"email": taken.email, "name": "Pat"})
    assert form.errors["email"] == ["Email address is used already – enter another"]
    invite = InviteForm({"email": taken.email, "password": "a\x00b"})
    assert invite.errors["password"] == ["Password must not have characters that cannot be seen"]
    add_errors(invite, refused(User(email=taken.email, name="Pat", password="x")))
    assert invite.errors["email"] == ["Email address is used already – enter another"]


def test_a_column_that_the_form_does_not_ask_for_and_a_rule_without_words() -> None:
    form = InviteForm({"email": "pat@example.org", "password": "abc"})
    again = Round(reference=RoundFactory(reference="CDR-2026").reference)
    add_errors(form, refused(again))
    add_errors(form, ValidationError(BaseConstraint.default_violation_error_message, params={"name": "grants_x"}))
    add_errors(form, ValidationError("Enter at least one number of days"))
    assert form.non_field_errors() == [THERE_ALREADY, DOES_NOT_FIT, "Enter at least one number of days"]


def test_a_step_that_needs_a_reason_asks_for_the_reason() -> None:
    assert ReasonForm({}).errors["reason"] == ["Enter the reason"]
