"""The pages of a return as forms: one small form for each row, named by its line, measure or milestone."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms

from casework import clock
from casework.forms import DateField, HouseForm, PoundsField, Radios, WordLimitedField
from casework.forms.draft import DraftForm, KeepsUnfinished
from casework.money import ZERO
from monitoring.returns.figures import figure, number, signed_pounds
from monitoring.returns.parts import ReturnLine, ReturnMeasure, ReturnMilestone, needs_explaining, variance

DECLARATION = (
    "I certify that this return is complete and correct, that the spending in it was for the purposes of the grant and is "
    "supported by our accounts, and that I did not prepare it."
)
LONGEST_CHANGE_REQUEST = 300
EVIDENCE = (
    ("Receipt", "Receipt or invoice"),
    ("Figures", "Survey or figures"),
    ("Photo", "Photo or leaflet"),
    ("Other", "Other"),
)


def _text(label: str, *, rows: int = 3, **kwargs: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=1000, widget=widget, **kwargs)


class FigureField(forms.DecimalField):
    """A count or a score as people write it: 1,260 or 12.5."""

    def __init__(self, **kwargs: Any) -> None:
        box = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "govuk-input--width-10"})
        super().__init__(min_value=0, max_digits=12, decimal_places=2, required=False, widget=box, **kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = re.sub(r"[\s,]", "", value)
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return number(value) if isinstance(value, Decimal) else value


class RowForm(KeepsUnfinished, DraftForm):
    """One row of a return's page. Its errors begin with the row's name; the case's version is in the page's first form."""

    mark_optional = False
    fields_kept: tuple[str, ...] = ()

    def __init__(self, *args: Any, row: Any, typed: dict[str, Any] | None = None, **kwargs: Any) -> None:
        """`typed` is what was kept of it when it was left unfinished."""
        kwargs["initial"] = {name: getattr(row, name) for name in self.fields_kept} | (typed or {})
        super().__init__(*args, prefix=f"row-{row.pk}", **kwargs)
        self.row, self.row_name = row, str(row)
        del self.fields["version"]

    @property
    def short_fields(self) -> list[forms.BoundField]:
        """The boxes that stand side by side."""
        return [field for field in self.visible_fields() if not isinstance(field.field.widget, forms.Textarea)]

    @property
    def long_fields(self) -> list[forms.BoundField]:
        """The texts below them, over the whole width."""
        return [field for field in self.visible_fields() if isinstance(field.field.widget, forms.Textarea)]

    def entered(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name) for name in self.fields_kept if name in self.fields}


class SpendRow(RowForm):
    """Spending on one budget line."""

    fields_kept = ("actual", "accrual", "forecast", "explanation")
    row: ReturnLine
    actual = PoundsField(
        label="Spent to date",
        help_text="Paid since the grant began, less VAT you can recover",
        error_messages={"required": "Enter what was spent to date, or 0"},
    )
    accrual = PoundsField(label="Owed but not yet paid", help_text="Leave empty if nothing is owed", required=False)
    forecast = PoundsField(
        label="Forecast for the whole grant",
        help_text="What you expect to have spent when the grant ends",
        error_messages={"required": "Enter what you expect to spend in the whole grant, or 0"},
    )
    explanation = _text("Explanation", help_text="Needed when spending is 10% or more above or below the profile")

    def __init__(self, *args: Any, before: Decimal | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = before
        if self.row.actual is None and not self.initial["accrual"]:
            self.initial["accrual"] = None

    def clean_accrual(self) -> Decimal:
        return self.cleaned_data["accrual"] or ZERO

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        actual, explanation = cleaned.get("actual"), (cleaned.get("explanation") or "").strip()
        if actual is None or explanation or {"accrual", "explanation"} & set(self.errors):
            return cleaned
        difference = variance(profile=self.row.profile, actual=actual, accrual=cleaned["accrual"])
        if needs_explaining(profile=self.row.profile, difference=difference):
            words = f"Enter an explanation: the variance of {signed_pounds(difference)} is 10% or more of the profile"
            self.late_error("explanation", words)
        elif self.before is not None and actual < self.before:
            self.late_error("explanation", "Enter an explanation: less was spent to date than in the return before")
        return cleaned


class MeasureRow(RowForm):
    """What was counted for one measure in the period."""

    fields_kept = ("value", "value_of", "comment")
    row: ReturnMeasure
    value = FigureField(label="This period")
    value_of = FigureField(label="Out of")
    comment = _text("Comment", help_text="If there is no figure, say why")
    nouns = {"value": "the figure", "value_of": "the number it is out of"}

    def __init__(self, *args: Any, so_far: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.so_far = so_far
        self.target_in_words = figure(self.row.target, self.row.target_of if self.row.is_rate else None)
        if not self.row.is_rate:
            del self.fields["value_of"]
        else:
            self.fields["value"].label = "How many, this period"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"value", "value_of"} & set(self.errors):
            return cleaned
        value, out_of = cleaned.get("value"), cleaned.get("value_of")
        if self.row.is_rate and (value is not None or out_of is not None):
            self._check_rate(value, out_of)
        elif value is None and not (cleaned.get("comment") or "").strip():
            self.late_error("value", "Enter a figure, or say in the comment why there is none")
        return cleaned

    def _check_rate(self, value: Decimal | None, out_of: Decimal | None) -> None:
        if value is None:
            self.gap("value", f"Enter how many of the {number(out_of)}")
        elif out_of is None:
            self.gap("value_of", "Enter the number that the figure is out of. It must be more than 0")
        elif not out_of:
            self.add_error("value_of", "Enter the number that the figure is out of. It must be more than 0")
        elif value > out_of:
            self.add_error("value", f"The figure must be the same as or less than the {number(out_of)} it is out of")


class MilestoneRow(RowForm):
    """What became of one milestone."""

    fields_kept = ("done_on", "expected_on", "reason")
    row: ReturnMilestone
    done_on = DateField(label="Date it was reached", required=False, not_after=clock.today, help_text="Leave empty if it was not")
    expected_on = DateField(label="New date, if it is late", required=False)
    reason = _text("Reason for the delay")
    nouns = {"done_on": "the date it was reached", "expected_on": "the new date"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"done_on", "expected_on"} & set(self.errors):
            return cleaned
        done, expected = cleaned.get("done_on"), cleaned.get("expected_on")
        end = self.row.case.period_end
        if done and expected:
            self.add_error("expected_on", "Enter either the date it was reached or a new date, not both")
        elif expected and expected <= end:
            self.add_error("expected_on", f"The new date must be after {end:%-d %B %Y}, the end of the period")
        elif expected and not (cleaned.get("reason") or "").strip():
            self.gap("reason", "Enter the reason for the delay")
        elif not done and not expected and self.row.due <= end:
            self.late_error("done_on", "Enter the date it was reached, or a new date and the reason")
        return cleaned


class ChangeRequestForm(DraftForm):
    """What the partnership would like to change. It is a request: a variation is decided separately."""

    change_request = WordLimitedField(
        label="Do you ask for a change to the grant?",
        help_text="For example to move money between lines, or more time. Say what and why. It is not agreed until the office says so.",
        required=False,
        max_words=LONGEST_CHANGE_REQUEST,
        max_length=4000,
        rows=5,
    )


class ReplyForm(HouseForm):
    """The answer to a question of the office."""

    reply = forms.CharField(label="Your answer", max_length=4000, widget=forms.Textarea(attrs={"rows": 8}))


class EvidenceForm(HouseForm):
    """A file that shows what was done or spent."""

    kind = forms.ChoiceField(
        label="What is it?", choices=EVIDENCE, widget=Radios, error_messages={"required": "Select what it is"}
    )
    upload = forms.FileField(
        label="Choose a file",
        help_text="A PDF, Word, Excel, JPG or PNG file, up to 20MB. Do not attach anything that identifies a person who was helped.",
        error_messages={"required": "Select a file"},
    )


class CertifyForm(HouseForm):
    """The finance signatory's declaration; the words themselves are kept with the certified copy."""

    declaration = forms.BooleanField(
        label=DECLARATION, error_messages={"required": "Confirm the declaration to certify the return"}
    )

    def clean_declaration(self) -> str:
        return DECLARATION
