"""Rules built with selects: a question, a total of rows or a fact, how it is compared, and a value or another of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from casework.forms import HouseForm, HouseFormSet
from casework.forms.words import set_words, upper_first
from questionnaires import kinds
from questionnaires.conditions import WITHOUT_VALUE
from questionnaires.facts import Fact, offered_facts
from questionnaires.faults import named
from questionnaires.fields import date_boxes
from questionnaires.models import Question, Section
from questionnaires.telling import OPERATION_WORDS
from questionnaires.totals import Total, totals_among

Kind = Question.Kind
MOST_TESTS = 10
BREAK = ":"
"""Between a question's key and one of its choices in the value of an option; no key has one."""
YES_NO = {Kind.YES_NO: ("yes", "no")}
FACTS = "What the service knows itself"
LookedAt = Question | Total | Fact


def choices_of(looked_at: LookedAt) -> Sequence[str]:
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


def _options(looked_at: LookedAt) -> list[tuple[str, str]]:
    """The choices of a question as options that know whose they are."""
    return [(f"{looked_at.key}{BREAK}{value}", upper_first(value)) for value in choices_of(looked_at)]


def option_of(looked_at: LookedAt) -> str:
    return looked_at.option if isinstance(looked_at, Total) else upper_first(looked_at.text)


def by_section(among: Iterable[LookedAt]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be looked at as groups of options, section by section as the form asks them; what the service knows comes last."""
    groups: dict[Section, list[tuple[str, str]]] = defaultdict(list)
    facts: list[tuple[str, str]] = []
    for each in among:
        (facts if isinstance(each, Fact) else groups[each.section]).append((each.key, option_of(each)))
    ordered = [(section.title, groups[section]) for section in sorted(groups, key=_place)]
    return [*ordered, *([(FACTS, facts)] if facts else [])]


class ConditionRow(HouseForm):
    """One test of a rule: which question, which operation, and the value."""

    version = None  # type: ignore[assignment]
    mark_optional = False
    question = forms.ChoiceField(label="What is looked at")
    op = forms.ChoiceField(label="How it is compared", choices=[("", "Select an option"), *OPERATION_WORDS.items()])
    choice = forms.ChoiceField(label="Choice", required=False, help_text="For a question with choices, or yes and no")
    typed = forms.CharField(
        label="Number, amount, date or words",
        required=False,
        max_length=100,
        help_text="For anything else, like 10 or 1 April 2026",
    )
    other = forms.ChoiceField(label="Or compare it with", required=False, help_text="In place of a value")
    nouns: ClassVar = {
        "question": "what is looked at",
        "op": "how it is compared",
        "choice": "the choice",
        "other": "what to compare with",
    }

    def __init__(self, *args: Any, among: Sequence[LookedAt], comparing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.among = {each.key: each for each in among}
        named = by_section(among)
        self.fields["question"].choices = [("", "Select an option"), *named]  # type: ignore[attr-defined]
        groups = [(each.text, _options(each)) for each in among if choices_of(each)]
        self.fields["choice"].choices = [("", "No choice"), *groups]  # type: ignore[attr-defined]
        if comparing:
            self.fields["other"].choices = [("", "Nothing else"), *named]  # type: ignore[attr-defined]
        else:
            del self.fields["other"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        looked_at = self.among.get(cleaned.get("question", ""))
        op = cleaned.get("op")
        if looked_at is None or not op or self.errors:
            return cleaned
        test: dict[str, Any] = {"question": looked_at.key, "op": op}
        if other := cleaned.get("other"):
            test["other"] = other
            if cleaned.get("typed") or cleaned.get("choice"):
                self.add_error("other", "Enter a value, or select what to compare with: not both")
        elif op not in WITHOUT_VALUE:
            self._take_value(test, looked_at, cleaned)
        cleaned["test"] = test
        return cleaned

    def _take_value(self, test: dict[str, Any], looked_at: LookedAt, cleaned: Mapping[str, Any]) -> None:
        if choices_of(looked_at):
            key, _, value = cleaned.get("choice", "").partition(BREAK)
            if key != looked_at.key:
                self.add_error("choice", f"Select one of the choices of “{looked_at.text}”")
            test["value"] = value == "yes" if looked_at.kind == Kind.YES_NO else value
            return
        if not cleaned.get("typed"):
            self.add_error("typed", f"Enter what {named(looked_at)} is compared with")
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
    among: Iterable[LookedAt],
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


def _initial(test: Mapping[str, Any], among: Mapping[str, LookedAt]) -> dict[str, Any]:
    row = {"question": test["question"], "op": test["op"], "other": test.get("other", "")}
    looked_at, value = among.get(test["question"]), test.get("value")
    if looked_at is not None and choices_of(looked_at):
        word = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        return {**row, "choice": f"{looked_at.key}{BREAK}{word}"}
    return {**row, "typed": "" if value is None else str(value)}


def ahead_of_section(questions: Iterable[Question], section: Section | None) -> list[LookedAt]:
    """What the rule of a section may look at; a new one stands behind all others."""
    return _ahead([each for each in questions if section is None or _place(each.section) < _place(section)], None)


def ahead_of_question(questions: Iterable[Question], section: Section, question: Question | None) -> list[LookedAt]:
    """What the rule of a question may look at; a new one stands at the end of its section."""
    if question is not None:
        return _ahead(list(takewhile(lambda each: each.pk != question.pk, questions)), section)
    return _ahead([each for each in questions if _place(each.section) <= _place(section)], section)


def _ahead(earlier: Sequence[Question], own: Section | None) -> list[LookedAt]:
    """Earlier questions of the same row or of no row, what the rows of earlier sections come to, and facts."""
    plain = [each for each in earlier if not each.section.repeats or each.section == own]
    totals = [each for each in totals_among(earlier).values() if each.section != own]
    return [*plain, *totals, *offered_facts().values()]


def anything(questions: Sequence[Question]) -> list[LookedAt]:
    """What a check may look at: everything."""
    return [*questions, *totals_among(questions).values(), *offered_facts().values()]


def _place(section: Section) -> tuple[int, int]:
    return section.order, section.pk
