"""The forms of the builder."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug

from casework.forms import HouseForm, Radios
from questionnaires.faults import LIMITS
from questionnaires.models import MOST_ROWS, Question, QuestionSet
from questionnaires.rule_forms import by_section, canonical
from questionnaires.totals import ALL_ROWS, ROWS, split, totals_among

Kind = Question.Kind
JOINS = (("all", "All of them must hold"), ("any", "One of them is enough"))
SEVERAL = "If there are several conditions below"
TEXTS = (Kind.SHORT_TEXT, Kind.LONG_TEXT)
CHOSEN = (Kind.ONE_OF, Kind.SEVERAL_OF)
LONGEST_CHOICE = 200
MOST_CHOICES = 40


def _small(**attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "govuk-input--width-10", **attrs})


class SetForm(HouseForm):
    name = forms.CharField(label="Name", max_length=120, help_text="For the office, like “Bid for a small grant”")
    purpose = forms.ChoiceField(
        label="What it is for", choices=QuestionSet.Purpose.choices, widget=Radios, help_text="Rounds offer it for this alone"
    )
    nouns: ClassVar = {"name": "the name of the set", "purpose": "what the set is for"}


class SectionFields(HouseForm):
    """A section; when it is asked stands in the rows below it."""

    mark_optional = True
    title = forms.CharField(label="Title", max_length=120)
    intro = forms.CharField(label="Introduction", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    repeats = forms.BooleanField(
        label="Ask it again for each row", required=False, help_text="For lists, such as one row for each partner"
    )
    row_noun = forms.CharField(label="What one row is called", max_length=40, required=False, help_text="Like “Partner”")
    min_rows = forms.IntegerField(label="Least number of rows", min_value=0, max_value=MOST_ROWS, required=False, widget=_small())
    max_rows = forms.IntegerField(
        label="Greatest number of rows", min_value=1, max_value=MOST_ROWS, required=False, widget=_small()
    )
    join = forms.ChoiceField(label=SEVERAL, choices=JOINS, widget=Radios, initial="all")
    nouns: ClassVar = {"title": "the title of the section", "row_noun": "what one row is called"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        least, most = cleaned.get("min_rows") or 0, cleaned.get("max_rows") or MOST_ROWS
        if cleaned.get("repeats") and not cleaned.get("row_noun"):
            self.add_error("row_noun", "Enter what one row is called, like “Partner”")
        if least > most:
            self.add_error("min_rows", "The least number of rows must be the same as or less than the greatest")
        return cleaned

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        rows = {"row_noun": "", "min_rows": 0, "max_rows": MOST_ROWS}
        if given["repeats"]:
            rows = {"row_noun": given["row_noun"], "min_rows": given["min_rows"] or 0, "max_rows": given["max_rows"] or MOST_ROWS}
        return {"title": given["title"], "intro": given["intro"], "repeats": given["repeats"], **rows}


class QuestionFields(HouseForm):
    """A question of any kind; what its kind has no use for is not kept."""

    text = forms.CharField(label="Question", max_length=300)
    kind = forms.ChoiceField(label="Kind of answer", choices=Kind.choices, widget=Radios)
    required = forms.BooleanField(label="It must be answered", required=False, initial=True)
    hint = forms.CharField(label="Hint", max_length=500, required=False, help_text="One or two sentences, always shown")
    guidance = forms.CharField(
        label="Longer help", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Folded until somebody opens it",
    )  # fmt: skip
    max_words = forms.IntegerField(
        label="Most words",
        min_value=1,
        max_value=10_000,
        required=False,
        widget=_small(),
        help_text="For text; a long text needs it",
    )
    choices = forms.CharField(
        label="Choices",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One on each line, for one or several of a list",
    )
    minimum = forms.CharField(label="Least allowed", max_length=40, required=False, widget=_small(), help_text=(
        "For numbers, amounts, percentages and dates; for several choices, how many"))  # fmt: skip
    maximum = forms.CharField(
        label="Most allowed", max_length=40, required=False, widget=_small(), help_text="For the same kinds"
    )
    key = forms.CharField(
        label="Key", max_length=50, required=False, validators=[validate_slug],
        help_text="What exports and copied bids know it by: letters, digits and dashes. Left empty, it is made from the question",
    )  # fmt: skip
    join = forms.ChoiceField(label=SEVERAL, choices=JOINS, widget=Radios, initial="all")
    nouns: ClassVar = {"text": "the question", "kind": "the kind of answer", "key": "the key", "max_words": "most words",
                       "minimum": "the least", "maximum": "the most"}  # fmt: skip

    def __init__(self, *args: Any, new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["key"].error_messages["invalid"] = "The key must have only letters, digits, dashes and underscores"
        if not new:
            del self.fields["key"]

    def clean_choices(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["choices"].split("\n")]
        found = [line for line in lines if line]
        if any(len(line) > LONGEST_CHOICE for line in found):
            raise ValidationError(f"Each choice must be {LONGEST_CHOICE} characters or less")
        if len(found) > MOST_CHOICES:
            raise ValidationError(f"Enter {MOST_CHOICES} choices or fewer")
        if len(set(found)) < len(found):
            raise ValidationError("Enter each choice once")
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kind = cleaned.get("kind")
        if kind == Kind.LONG_TEXT and not cleaned.get("max_words") and "max_words" not in self.errors:
            self.add_error("max_words", "Enter the most words that a long text may have")
        if kind in CHOSEN and len(cleaned.get("choices") or []) < 2 and "choices" not in self.errors:
            self.add_error("choices", "Enter at least two choices, each on a line of its own")
        for name in ("minimum", "maximum"):
            self._clean_limit(name, str(kind), cleaned)
        return cleaned

    def _clean_limit(self, name: str, kind: str, cleaned: dict[str, Any]) -> None:
        typed = cleaned.get(name)
        if kind not in LIMITS:
            cleaned[name] = ""
        elif typed:
            try:
                cleaned[name] = canonical(Kind.NUMBER if kind == Kind.SEVERAL_OF else kind, typed)
            except ValidationError as error:
                self.add_error(name, error)

    def values(self) -> dict[str, Any]:
        given = {name: value for name, value in self.cleaned_data.items() if name not in ("version", "join")}
        given["max_words"] = given["max_words"] if given["kind"] in TEXTS else None
        given["choices"] = given["choices"] if given["kind"] in CHOSEN else []
        return given


class CheckFields(HouseForm):
    """A check across questions: its message and where it is said. When the answers are wrong stands in the rows below."""

    message = forms.CharField(
        label="Message",
        max_length=300,
        help_text="What must be so, like “The number helped may not be more than the number referred”",
    )
    at = forms.ChoiceField(
        label="Where it is said",
        help_text="The question that somebody would change to put it right. Of rows together: “All rows together”, or a question outside",
    )
    join = forms.ChoiceField(label=SEVERAL, choices=JOINS, widget=Radios, initial="all")
    nouns: ClassVar = {"message": "the message", "at": "where it is said"}

    def __init__(self, *args: Any, questions: list[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        totals = totals_among(questions)
        rows = [replace(each, option=ALL_ROWS) for key, each in totals.items() if split(key)[0] == ROWS]
        self.fields["at"].choices = [("", "Select an option"), *by_section([*questions, *rows])]  # type: ignore[attr-defined]


def rules_from(join: str, tests: list[dict[str, Any]]) -> dict[str, Any]:
    """The rule that a join and its tests make; no tests make none."""
    return {join: tests} if tests else {}
