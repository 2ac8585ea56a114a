"""The rows of a bid's risks and partners, and what a partner answers who was asked."""

from __future__ import annotations

from typing import Any

from django import forms

from casework.forms import Checkboxes, HouseForm, Radios
from grants.bids.forms_rows import RowForm, RowSet, row_factory
from grants.bids.models_parts import BidRisk, PartnerConfirmation

LEVELS = [("", "Select"), *BidRisk.Level.choices]
Answer = PartnerConfirmation.Answer


class RiskForm(RowForm):
    """One thing that could go wrong."""

    title = forms.CharField(max_length=200, label="What could go wrong")
    likelihood = forms.ChoiceField(choices=LEVELS, label="How likely it is")
    impact = forms.ChoiceField(choices=LEVELS, label="How bad it would be")
    mitigation = forms.CharField(max_length=500, label="What you do about it", widget=forms.Textarea(attrs={"rows": 3}))
    owner = forms.CharField(max_length=100, label="Who watches it")
    nouns = {
        "title": "what could go wrong",
        "likelihood": "how likely it is",
        "impact": "how bad it would be",
        "mitigation": "what you do about it",
        "owner": "who watches it",
    }


class RiskSet(RowSet):
    legend = "Risks"
    hint = "Name the few things that could go wrong, and the post that watches each. You can leave this section empty."
    row_noun = "Risk"
    add_label = "Add another risk"
    may_be_empty = True


class PartnerForm(RowForm):
    """One partner. An e-mail address is needed only to ask them."""

    name = forms.CharField(max_length=120, label="Partner")
    brings = forms.CharField(max_length=500, label="What it brings", widget=forms.Textarea(attrs={"rows": 3}))
    contact = forms.CharField(max_length=100, required=False, label="Who can confirm it")
    email = forms.EmailField(max_length=254, required=False, label="Their e-mail address")
    nouns = {"name": "the partner", "brings": "what it brings", "email": "an e-mail address"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("contact") and not cleaned.get("email") and "email" not in self.errors:
            self.gap("email", "Enter the e-mail address of whoever can confirm it")
        return cleaned


class PartnerSet(RowSet):
    legend = "Partners"
    hint = (
        "The charities, schools, councils and others who work with you, and what each brings: money, people, a building, referrals. "
        "We write to an e-mail address only when you ask that partner to confirm. You can leave this section empty."
    )
    row_noun = "Partner"
    add_label = "Add another partner"
    may_be_empty = True


RiskFormSet = row_factory(RiskForm, RiskSet)
PartnerFormSet = row_factory(PartnerForm, PartnerSet)


class AskForm(HouseForm):
    """Which partners are written to."""

    version = None  # type: ignore[assignment]
    partners = forms.TypedMultipleChoiceField(
        coerce=int, widget=Checkboxes, label="Which partners do you want to ask?", help_text="Select all that apply."
    )
    nouns = {"partners": "at least one partner"}

    def __init__(self, *args: Any, choices: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partners"].choices = choices  # type: ignore[attr-defined]


class AnswerForm(HouseForm):
    """What the partner says of the words about them."""

    version = None  # type: ignore[assignment]
    answer = forms.ChoiceField(
        choices=[(Answer.CONFIRMED, "Yes, this is right"), (Answer.DISPUTED, "No, something is not right")],
        widget=Radios,
        label="Is this right?",
    )
    said = forms.CharField(
        max_length=500,
        required=False,
        label="If something is not right, what is it?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The bidder and the office read these words.",
    )
    nouns = {"answer": "whether this is right", "said": "what is not right"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("answer") == Answer.DISPUTED and not cleaned.get("said") and "said" not in self.errors:
            self.add_error("said", "Enter what is not right")
        return cleaned
