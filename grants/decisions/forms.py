"""The forms of deciding."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import formset_factory

from casework import clock
from casework.forms import DateField, HouseForm, HouseFormSet, HouseModelForm, PoundsField, Radios
from casework.money import ZERO, pounds, total
from grants.bids.models import Bid
from grants.decisions.at_once import NO_INTEREST
from grants.decisions.awards import faults, possible_outcomes
from grants.decisions.models import Award, AwardCondition, Decision, PublicationHold
from grants.decisions.services import Condition, Given
from grants.rounds.models import Round
from grants.rounds.states import RoundState


class NewDecisionForm(HouseForm):
    """Which round's bids, and what the decision is called."""

    round = forms.ModelChoiceField(Round.objects.none(), label="Round")
    title = forms.CharField(max_length=140, help_text="For example, Crime and Disorder Reduction Grants 2026-27")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rounds = Round.objects.filter(state=RoundState.PUBLISHED).order_by("-pk")
        self.fields["round"].queryset = rounds  # type: ignore[attr-defined]


class DetailsForm(HouseModelForm):
    """The words of a decision. The legal power asks for its own reasons."""

    mark_optional = False
    nouns = {"over_budget_reason": "the reason for awarding above the budget"}

    class Meta:
        model = Decision
        fields = ["title", "legal_power", "summary", "reasons", "recommendation", "meeting", "over_budget_reason"]
        labels = {
            "summary": "Executive summary",
            "meeting": "Meeting, paper and minute (optional)",
            "over_budget_reason": "Reason for awarding above the budget (only if it does)",
        }
        help_texts = {
            "summary": "What the money is for and who receives it.",
            "recommendation": "What you ask the decision maker to decide.",
            "meeting": "For example, Business Coordination Board, 14 October 2026, paper 6, minute 4.2",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reasons"].help_text = self.instance.legal_power.asks
        for name in ("summary", "reasons", "recommendation"):
            self.fields[name].widget.attrs["rows"] = 6


class AwardForm(HouseForm):
    """What is decided on one bid; left without an outcome it is left out of the decision."""

    version = None  # type: ignore[assignment]
    mark_optional = False

    outcome = forms.ChoiceField(required=False)
    amount = PoundsField(required=False)
    reason = forms.CharField(
        label="Reason given to the bidder", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, bid: Any, award: Award | None, **kwargs: Any) -> None:
        initial = {"outcome": award.outcome, "amount": award.amount or None, "reason": award.reason} if award else {}
        super().__init__(*args, prefix=f"bid{bid.pk}", initial=initial, **kwargs)
        self.bid: Bid = bid
        self.row_name = bid.reference
        outcomes = possible_outcomes(bid, gate_failed=bid.gate_failed)
        choices = [("", "Leave out of this decision"), *((outcome, Award.Outcome(outcome).label) for outcome in outcomes)]
        self.fields["outcome"].choices = choices  # type: ignore[attr-defined]
        self.fields["amount"].help_text = f"{pounds(bid.amount_requested)} asked for"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        outcome = given.get("outcome")
        if not outcome or "amount" in self.errors:
            return given
        amount = given.get("amount")
        if amount is None:
            amount = self.bid.amount_requested if outcome == Award.Outcome.FULL else ZERO
        given["amount"] = amount
        gate_failed: bool = self.bid.gate_failed  # type: ignore[attr-defined]
        for field, words in faults(
            self.bid, outcome=outcome, amount=amount or ZERO, reason=given.get("reason", ""), gate_failed=gate_failed
        ):
            self.add_error(field, words)
        return given

    def given(self) -> Given | None:
        data = self.cleaned_data
        return Given(self.bid, data["outcome"], data["amount"] or ZERO, data["reason"]) if data["outcome"] else None


def _scored(bid: Any) -> str:
    """What the assessment says of a bid that was read with its agreed points, to somebody from whom they are not kept."""
    if bid.points is None or bid.points_kept:
        return ""
    low = ", and one of its scores is below what the round asks for" if bid.below_threshold else ""
    return f"The assessment gave it {bid.points} of {bid.most_points} points{low}."


class AtOnceForm(HouseForm):
    """Everything that is decided on a small request."""

    mark_optional = False

    outcome = forms.ChoiceField(label="What do you decide?", widget=Radios, error_messages={"required": "Select what you decide"})
    amount = PoundsField(label="Amount", required=False)
    reason = forms.CharField(
        label="Why?", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), error_messages={"required": "Enter why"}
    )
    no_interest = forms.BooleanField(
        label=NO_INTEREST,
        error_messages={"required": "Confirm that you have no interest, or leave the decision to somebody else"},
    )

    def __init__(self, *args: Any, bid: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bid: Bid = bid
        without_reserve = [each for each in possible_outcomes(bid, gate_failed=bid.gate_failed) if each != Award.Outcome.RESERVE]
        self.fields["outcome"].choices = [(each, Award.Outcome(each).label) for each in without_reserve]  # type: ignore[attr-defined]
        self.fields["amount"].help_text = f"Only for an award in part. {pounds(bid.amount_requested)} was asked for"
        self.fields["outcome"].help_text = _scored(bid)
        asks = bid.round.legal_power.asks.strip()
        asks = f"{asks}." if asks and asks[-1] not in ".?" else asks
        self.fields["reason"].help_text = f"{asks} The bidder reads this, and of an award the public does too.".strip()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        outcome = given.get("outcome")
        if not outcome or "amount" in self.errors:
            return given
        whole = self.bid.amount_requested if outcome == Award.Outcome.FULL else ZERO
        given["amount"] = given["amount"] if given.get("amount") is not None else whole
        gate_failed: bool = self.bid.gate_failed  # type: ignore[attr-defined]
        told = {"outcome": outcome, "amount": given["amount"], "reason": given.get("reason", ""), "gate_failed": gate_failed}
        for field, words in faults(self.bid, **told):
            if field not in self.errors:
                self.add_error(field, words)
        return given


class TermsForm(HouseForm):
    """The route an award takes and, when the round has several years, how much comes from each."""

    mark_optional = False
    nouns = {"kind": "how this is funded"}

    kind = forms.ChoiceField(
        label="How is this funded?",
        choices=Award.Kind.choices,
        widget=Radios(
            hints={
                "grant": "The recipient signs a grant agreement and sends monitoring returns.",
                "contribution": "The office pays into what others fund too; monitored through the forum that exists for it.",
            }
        ),
    )
    kind_reason = forms.CharField(label="If a contribution, why this route?", max_length=300, required=False)

    def __init__(self, *args: Any, award: Award, years: Mapping[int, Decimal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.award, self.years = award, list(years)
        self.initial.update({"kind": award.kind, "kind_reason": award.kind_reason})
        if not award.funded:
            self.years = []
        for year in self.years:
            label = f"Amount from {clock.year_label(year)}"
            self.fields[f"year_{year}"] = PoundsField(label=label, required=False)
            self.initial[f"year_{year}"] = years[year]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") == Award.Kind.CONTRIBUTION and not given.get("kind_reason", "").strip():
            self.add_error("kind_reason", "Enter why this is a contribution and not a grant")
        if self.years and not self.errors and total(list(self.split().values())) != self.award.amount:
            words = f"The financial years must add up to the award of {pounds(self.award.amount)}"
            self.add_error(f"year_{self.years[0]}", words)
        return given

    def split(self) -> dict[int, Decimal]:
        return {year: self.cleaned_data.get(f"year_{year}") or ZERO for year in self.years}


class ConditionForm(forms.Form):
    """One condition of an award; a row without words is left out."""

    use_required_attribute = False

    when = forms.ChoiceField(label="When it applies", choices=AwardCondition.When.choices, required=False)
    text = forms.CharField(label="Condition", max_length=500, required=False)
    due = DateField(label="Date, if by a date", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        by_date = given.get("when") == AwardCondition.When.AT_EVENT
        if given.get("due") and not given.get("text", "").strip():
            self.add_error("text", "Enter what must be met by this date")
        if by_date and given.get("text", "").strip() and not given.get("due") and "due" not in self.errors:
            self.add_error("due", "Enter the date by which this must be met")
        return given


class ConditionRows(HouseFormSet):
    row_noun = "Condition"
    legend = "Conditions"
    hint = "A condition before payment holds the first payment until it is met. Clear the words to remove a condition."
    add_label = "Add another condition"

    def conditions(self) -> list[Condition]:
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data.get("text", "").strip()]
        return [Condition(row["when"] or AwardCondition.When.ONGOING, row["text"], row["due"]) for row in rows]


ConditionFormSet = formset_factory(ConditionForm, formset=ConditionRows, extra=1, max_num=30, validate_max=True)


class MakeForm(HouseForm):
    """What the decider declares. The budget's reason is asked only of somebody who may pass it, when it is passed."""

    interests = forms.CharField(
        label="Declaration of interests",
        help_text="Write any interest you have in these bids and how it was dealt with, or “None”.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter your declaration of interests, or “None”"},
    )
    meeting = forms.CharField(label="Meeting, paper and minute", max_length=200, required=False)
    over_budget_reason = forms.CharField(
        label="Reason for awarding above the budget", max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, over_budget: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not over_budget:
            del self.fields["over_budget_reason"]


class HoldForm(HouseForm):
    """Which part of an award is not published and on what ground."""

    nouns = {"part": "what is held back"}

    part = forms.ChoiceField(label="What is held back?", choices=PublicationHold.Part.choices, widget=Radios)
    ground = forms.CharField(
        label="Ground",
        help_text="The public reads it in place of what is held back, so name no person and no place. "
        "For example, publishing it would put people who use the service at risk.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter the ground on which it is held back"},
    )
