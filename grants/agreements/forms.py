"""The forms of offers, agreements and obligations."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from casework import clock
from casework.forms import DateField, HouseForm, HouseFormSet, PoundsField, Radios
from casework.money import pounds
from grants.agreements.models import Agreement, Obligation, Offer
from grants.agreements.services import DAYS_TO_ACCEPT, Amounts
from grants.agreements.text import measure_words
from grants.bids.models import BidLine

ACCEPTANCE = "I am authorised to sign for {body} and accept this agreement, including all of its clauses"
COUNTERSIGNATURE = "I am authorised to sign for {body} and countersign this agreement, which is then in force"


class LinesForm(HouseForm):
    """One amount for each line of the offer."""

    def __init__(self, *args: Any, offer: Offer, asked: dict[Any, BidLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line in offer.lines.all():
            before = asked.get(line.line_key)
            self.fields[f"line_{line.pk}"] = PoundsField(
                label=f"{line.get_category_display()}: {line.description}",
                initial=line.amount,
                help_text=f"You asked for {pounds(before.asked)}" if before else "",
                error_messages={"required": f"Enter an amount for {line.description}, 0 if there is none"},
            )

    def amounts(self) -> Amounts:
        return {int(name[5:]): value for name, value in self.cleaned_data.items() if name.startswith("line_")}


class TargetsForm(HouseForm):
    """The target of each measure; of a rate also the number it is out of."""

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for measure in offer.measures.all():
            unit = "" if measure.target_of else f" ({measure.unit})"
            baseline = measure_words(measure.baseline, measure.baseline_of, measure.unit)
            known = f"Baseline: {baseline}. " if baseline else ""
            hint = f"{known}The target now is {measure_words(measure.target, measure.target_of, measure.unit)}"
            self._add(f"target_{measure.pk}", f"{measure.name}: target{unit}", measure.target, hint)
            if measure.target_of is not None:
                self._add(f"target_of_{measure.pk}", f"{measure.name}: out of", measure.target_of, "")

    def _add(self, name: str, label: str, value: Decimal, hint: str) -> None:
        self.fields[name] = forms.DecimalField(
            label=label,
            initial=f"{value:f}".rstrip("0").rstrip("."),
            min_value=0,
            max_digits=12,
            decimal_places=2,
            help_text=hint,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-5", "autocomplete": "off"}),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, value in list(cleaned.items()):
            if name.startswith("target_of_") and value is not None and value <= 0:
                self.add_error(name, "The number that the target is out of must be more than 0")
        return cleaned

    def targets(self) -> dict[int, dict[str, Any]]:
        found: dict[int, dict[str, Any]] = {}
        for name, value in self.cleaned_data.items():
            column, _, key = name.rpartition("_")
            if column in {"target", "target_of"}:
                found.setdefault(int(key), {})[column] = value
        return found


class DetailsForm(HouseForm):
    """When the project runs, and what the office should know."""

    starts = DateField(label="When does the project start?", help_text="For example, 1 4 2026")
    ends = DateField(label="When does the project end?", help_text="For example, 31 3 2027")
    comment = forms.CharField(
        label="Comment to the office",
        required=False,
        max_length=2000,
        help_text="What changes because the award is not what you asked for",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    nouns = {"starts": "the start date", "ends": "the end date"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("starts") and cleaned.get("ends") and cleaned["ends"] <= cleaned["starts"]:
            self.add_error("ends", "The end date must be after the start date")
        return cleaned


class MilestoneForm(HouseForm):
    """Something that will have happened by a date."""

    version = None  # type: ignore[assignment]
    milestone = forms.IntegerField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(label="What will have happened?", max_length=200)
    due = DateField(label="By when?", help_text="For example, 30 6 2026")
    nouns = {"title": "what will have happened", "due": "the date"}


class MilestoneFormSet(HouseFormSet):
    row_noun = "Milestone"
    add_label = "Add another milestone"


MilestoneRows = forms.formset_factory(MilestoneForm, formset=MilestoneFormSet, extra=0, can_delete=True, max_num=30)


def _default_accept_by() -> dt.date:
    return clock.today() + dt.timedelta(days=DAYS_TO_ACCEPT)


class IssueForm(HouseForm):
    """How long the recipient has to accept."""

    accept_by = DateField(
        label="By when must the agreement be accepted?",
        initial=_default_accept_by,
        not_before=clock.today,
        help_text="Four weeks are usual",
    )
    nouns = {"accept_by": "the date to accept by"}


class SigningForm(HouseForm):
    """A declaration to tick; cleaned to the words that were confirmed."""

    needs_case = True
    words = ""
    declaration = forms.BooleanField(error_messages={"required": "Confirm that you are authorised to sign"})

    def __init__(self, *args: Any, case: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.said = self.words.format(body=self.body_of(case))
        self.fields["declaration"].label = self.said

    def body_of(self, case: Agreement) -> str:
        raise NotImplementedError

    def clean_declaration(self) -> str:
        return self.said


class AcceptForm(SigningForm):
    words = ACCEPTANCE

    def body_of(self, case: Agreement) -> str:
        return str(case.bid.accountable_body)


class CountersignForm(SigningForm):
    words = COUNTERSIGNATURE

    def body_of(self, case: Agreement) -> str:
        return "the office"


class EndForm(HouseForm):
    """How the agreement ended, and why."""

    ended_as = forms.ChoiceField(
        label="How did it end?",
        choices=Agreement.Ending.choices,
        widget=Radios,
        error_messages={"required": "Select how it ended"},
    )
    reason = forms.CharField(label="Reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    nouns: ClassVar = {"reason": "the reason"}


class SettleForm(HouseForm):
    """Whether something owed is met, waived or still owed."""

    OUTCOMES = (("met", "It is met"), ("waived", "It is waived"), ("owed", "It is still owed"))
    outcome = forms.ChoiceField(
        label="What is the state of this?",
        choices=OUTCOMES,
        widget=Radios(
            hints={
                "met": "Say below what showed it: the document, who saw it and when",
                "waived": "Give the reason below",
                "owed": "Payments that depend on it are held again",
            }
        ),
        error_messages={"required": "Select the state of this"},
    )
    words = forms.CharField(label="Evidence or reason", max_length=500, widget=forms.Textarea(attrs={"rows": 4}), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        needed = {"met": "Enter what showed that it is met", "waived": "Enter the reason for the waiver"}
        if cleaned.get("outcome") in needed and not cleaned.get("words", "").strip() and "words" not in self.errors:
            self.add_error("words", ValidationError(needed[cleaned["outcome"]], code="required"))
        return cleaned

    @staticmethod
    def start(obligation: Obligation) -> dict[str, str]:
        """What the form shows of the obligation as it is."""
        if obligation.waived_at is not None:
            return {"outcome": "waived", "words": obligation.waived_reason}
        if obligation.met_at is not None:
            return {"outcome": "met", "words": obligation.evidence}
        return {}
