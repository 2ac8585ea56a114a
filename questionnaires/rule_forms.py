"""Rules built with selects: a question, an operation, and a value or another question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from casework.forms import HouseForm, HouseFormSet
from casework.forms.words import set_words
from questionnaires import kinds
from questionnaires.conditions import WITHOUT_VALUE
from questionnaires.facts import Fact, offered_facts
from questionnaires.fields import date_boxes
from questionnaires.models import Question
from questionnaires.telling import OPERATION_WORDS

Kind = Question.Kind
MOST_TESTS = 10
BREAK = ":"
"""Between a question's key and one of its choices in the value of an option; no key has one."""
YES_NO = {Kind.YES_NO: ("yes", "no")}


def choices_of(looked_at: Question | Fact) -> Sequence[str]:
    """What can be picked as a value: a question's choices, yes and no; nothing where a value is typed."""
    return YES_NO.get(looked_at.kind) or tuple(looked_at.choices)  # type: ignore[call-overload]


def canonical(kind: str, typed: str) -> str:
    """A value or limit as an answer of the kind is kept. ValidationError when it is none."""
    probe = Question(kind=kind, text="The value", choices=[])
    if kind == Kind.PERCENTAGE:
        text = typed.strip().removesuffix("%").strip()
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,2})?", text):
            raise ValidationError("The value must be a number of per cent, like 50")
        return text
    if kind not in (Kind.NUMBER, Kind.MONEY, Kind.DATE):
        return typed.strip()
    if kind == Kind.NUMBER:
        probe.minimum = "-999999999999"
    field = kinds.field_of(probe, required=True)
    field.noun = "the value"  # type: ignore[attr-defined]
    set_words(field, "value")
    sent: Any = date_boxes(typed) if kind == Kind.DATE else typed
    return str(kinds.kept(probe, field.clean(sent)))


def _options(looked_at: Question | Fact) -> list[tuple[str, str]]:
    """The choices of a question as options that know whose they are."""
    return [(f"{looked_at.key}{BREAK}{value}", value[:1].upper() + value[1:]) for value in choices_of(looked_at)]


class ConditionRow(HouseForm):
    """One test of a rule: which question, which operation, and the value."""

    version = None  # type: ignore[assignment]
    mark_optional = False
    question = forms.ChoiceField(label="Question")
    op = forms.ChoiceField(label="Operation", choices=[("", "Select an option"), *OPERATION_WORDS.items()])
    choice = forms.ChoiceField(label="Choice", required=False, help_text="For a question with choices, or yes and no")
    typed = forms.CharField(
        label="Number, amount, date or words",
        required=False,
        max_length=100,
        help_text="For other questions, like 10 or 1 April 2026",
    )
    other = forms.ChoiceField(label="Another question", required=False, help_text="To compare two answers")

    def __init__(self, *args: Any, among: Sequence[Question | Fact], comparing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.among = {each.key: each for each in among}
        named = [(each.key, each.text) for each in among]
        self.fields["question"].choices = [("", "Select a question"), *named]  # type: ignore[attr-defined]
        groups = [(each.text, _options(each)) for each in among if choices_of(each)]
        self.fields["choice"].choices = [("", "No choice"), *groups]  # type: ignore[attr-defined]
        if comparing:
            self.fields["other"].choices = [("", "No other question"), *named]  # type: ignore[attr-defined]
        else:
            del self.fields["other"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        looked_at = self.among.get(cleaned.get("question", ""))
        op = cleaned.get("op")
        if looked_at is None or not op or self.errors:
            return cleaned
        test: dict[str, Any] = {"question": looked_at.key, "op": op}
        if cleaned.get("other"):
            test["other"] = cleaned["other"]
        elif op not in WITHOUT_VALUE:
            self._take_value(test, looked_at, cleaned)
        cleaned["test"] = test
        return cleaned

    def _take_value(self, test: dict[str, Any], looked_at: Question | Fact, cleaned: Mapping[str, Any]) -> None:
        if choices_of(looked_at):
            key, _, value = cleaned.get("choice", "").partition(BREAK)
            if key != looked_at.key:
                self.add_error("choice", f"Select one of the choices of “{looked_at.text}”")
            test["value"] = value == "yes" if looked_at.kind == Kind.YES_NO else value
            return
        if not cleaned.get("typed"):
            self.add_error("typed", f"Enter what “{looked_at.text}” is compared with")
            return
        try:
            test["value"] = canonical(looked_at.kind, cleaned["typed"])
        except ValidationError as error:
            self.add_error("typed", error)


class ConditionRows(HouseFormSet):
    """The tests of a rule; none at all means that the rule always holds."""

    row_noun = "Condition"
    add_label = "Add another condition"

    def tests(self) -> list[dict[str, Any]]:
        kept = [form for form in self.forms if form not in self.deleted_forms]
        return [form.cleaned_data["test"] for form in kept if form.cleaned_data.get("test")]


def condition_rows(
    data: Any,
    *,
    among: Iterable[Question | Fact],
    tests: Sequence[Mapping[str, Any]] = (),
    comparing: bool = False,
    legend: str = "",
    hint: str = "",
) -> ConditionRows:
    """The rows of a rule, with one to begin with."""
    choices = list(among)
    initial = [_initial(test, {each.key: each for each in choices}) for test in tests]
    made: Any = forms.formset_factory(
        ConditionRow, formset=ConditionRows, extra=0 if initial else 1, max_num=MOST_TESTS, absolute_max=MOST_TESTS * 2, validate_max=True,
        can_delete=True,
    )  # fmt: skip
    made.legend, made.hint = legend, hint
    given = {"among": choices, "comparing": comparing}
    return made(data, initial=initial if data is None else None, prefix="tests", form_kwargs=given)


def _initial(test: Mapping[str, Any], among: Mapping[str, Question | Fact]) -> dict[str, Any]:
    row = {"question": test["question"], "op": test["op"], "other": test.get("other", "")}
    looked_at, value = among.get(test["question"]), test.get("value")
    if looked_at is not None and choices_of(looked_at):
        word = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        return {**row, "choice": f"{looked_at.key}{BREAK}{word}"}
    return {**row, "typed": "" if value is None else str(value)}


def ahead_of(questions: Sequence[Question], *, section: Any, question: Question | None = None) -> list[Question | Fact]:
    """What a rule may look at: facts, and the earlier questions that do not stand in rows of another section."""
    found: list[Question | Fact] = list(offered_facts().values())
    for each in questions:
        if (question is not None and each.pk == question.pk) or (
            question is None and section is not None and _behind(each, section)
        ):
            break
        if not each.section.repeats or (section is not None and each.section_id == section.pk):
            found.append(each)
    return found


def _behind(each: Question, section: Any) -> bool:
    return (each.section.order, each.section_id) > (section.order, section.pk or 0)
