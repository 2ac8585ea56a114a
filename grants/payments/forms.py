"""The forms of instalments and payments."""

from __future__ import annotations

from typing import Any

from django import forms

from casework import clock
from casework.forms import DateField, HouseForm, HouseFormSet, PoundsField
from casework.money import pounds
from grants.funds.models import Account
from grants.payments.services import Planned


class InstalmentForm(HouseForm):
    """One instalment of the plan."""

    version = None  # type: ignore[assignment]
    instalment = forms.IntegerField(required=False, widget=forms.HiddenInput)
    due = DateField(label="When is it due?", help_text="For example, 21 11 2026")
    amount = PoundsField(label="How much?", more_than_zero=True)
    account = forms.TypedChoiceField(label="Paid from", coerce=int)
    purchase_order = forms.CharField(
        label="Purchase order",
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
    )
    nouns = {"due": "the due date", "amount": "the amount", "account": "the year it is paid from"}

    def __init__(self, *args: Any, accounts: list[Account], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(account.pk, f"{account} ({pounds(account.committed)})") for account in accounts]
        self.fields["account"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["account"].initial = choices[0][0]

    def planned(self) -> Planned:
        given = self.cleaned_data
        return Planned(
            due=given["due"],
            amount=given["amount"],
            account=given["account"],
            purchase_order=given["purchase_order"],
            instalment=given["instalment"] or 0,
        )


class InstalmentFormSet(HouseFormSet):
    row_noun = "Instalment"
    add_label = "Add another instalment"


InstalmentRows = forms.formset_factory(
    InstalmentForm, formset=InstalmentFormSet, extra=0, can_delete=True, max_num=24, validate_max=True
)


class PayForm(HouseForm):
    """When the bank paid it, under which reference."""

    paid_on = DateField(label="When was it paid?", not_after=clock.today, help_text="For example, 21 11 2026")
    bacs_reference = forms.CharField(
        label="BACS reference", max_length=30, widget=forms.TextInput(attrs={"class": "govuk-input--width-20"})
    )
    nouns = {"paid_on": "the date paid"}
