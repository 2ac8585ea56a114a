"""What is wrong with a version before anybody answers it: keys, rules, choices, limits and checks, as sentences that name the question.

A version with a fault cannot be frozen, so no round or agreement can use it.
"""

from __future__ import annotations

import datetime as dt
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from decimal import Decimal
from fractions import Fraction
from typing import Any

from casework.forms.words import lower_first
from questionnaires import kinds
from questionnaires.conditions import WITHOUT_VALUE, depends_on, measured, named_in, parts_of
from questionnaires.facts import offered_facts
from questionnaires.models import Question, Section
from questionnaires.totals import ALL_ROWS, ROWS, Total, is_total, split, totals_among

Kind = Question.Kind


def faults(questions: Sequence[Question], checks: Sequence[Mapping[str, Any]] = ()) -> list[str]:
    """Every fault, in the order of the form."""
    by_key = {question.key: question for question in reversed(questions)}
    totals = totals_among(questions)
    earlier: dict[str, Question] = {}
    found: list[str] = []
    begun: set[int] = set()
    for question in questions:
        section = question.section if question.section_id else None
        if section is not None and section.pk not in begun:
            begun.add(section.pk)
            found += _rule_faults(section, f"section “{section}”", earlier, by_key, totals)
        if question.key in earlier:
            found.append(f"The key “{question.key}” is used twice.")
        found += _rule_faults(question, f"“{question}”", earlier, by_key, totals)
        found += question_faults(question)
        earlier[question.key] = question
    for check in checks:
        found += check_faults(check, by_key, totals)
    return found


def _rule_faults(
    thing: Question | Section,
    name: str,
    earlier: Mapping[str, Question],
    by_key: Mapping[str, Question],
    totals: Mapping[str, Total],
) -> Iterator[str]:
    subject = f"The rule of {name}"
    try:
        looked_at = depends_on(thing)
    except ValueError as error:
        yield f"{subject} cannot be read: {error}"
        return
    facts = offered_facts()
    begun = {question.section_id for question in earlier.values()}
    own = thing.section_id if isinstance(thing, Question) else None
    for key in sorted(looked_at - set(earlier) - set(facts)):
        if not is_total(key):
            yield _unknown(thing, name, key, by_key)
        elif key not in totals:
            yield _no_total(subject, key, by_key)
        elif totals[key].section.pk == own or totals[key].section.pk not in begun:
            yield f"{subject} looks at {totals[key].text}, which is not an earlier section."
    for key in sorted(looked_at & set(earlier)):
        other = earlier[key]
        if other.section_id and other.section.repeats and other.section_id != own:
            yield (
                f"{subject} looks at “{other}”, which is asked once for each row of “{other.section}”."
                " Look at a total of its rows, or at a question that is asked once."
            )
    for test in parts_of(thing.rules)[1] if thing.rules else ():
        key = test["question"]
        yield from test_faults(test, subject, earlier.get(key) or facts.get(key) or totals.get(key))
        if "other" in test:
            yield f"{subject} compares two answers, which only a check can do."


def _no_total(subject: str, key: str, by_key: Mapping[str, Question]) -> str:
    """Why there is no such total, and what could be done about it."""
    what, name = split(key)
    if what == ROWS:
        section = next((question.section for question in by_key.values() if question.section.key == name), None)
        why = "is asked only once" if section is not None else "has no questions in this set"
        return f"{subject} counts the rows of “{section or name}”, which {why}. Count the rows of a section that repeats."
    question = by_key.get(name)
    if question is None:
        return f"{subject} adds up “{name}”, which is no question of this set."
    if not question.section.repeats:
        return f"{subject} adds up “{question}”, which is asked only once. Look at the question itself."
    kind = lower_first(str(question.get_kind_display()))
    return f"{subject} adds up “{question}”, but its answers are no numbers ({kind}). Only whole numbers and amounts of money add up."


def _unknown(thing: Question | Section, name: str, key: str, by_key: Mapping[str, Question]) -> str:
    later = by_key.get(key)
    if later is None:
        return f"The rule of {name} looks at “{key}”, which is no question of this set."
    if isinstance(thing, Question) and key == thing.key:
        return f"The rule of {name} looks at its own answer."
    if isinstance(thing, Question) and _reaches(later, thing.key, by_key):
        return f"The rule of {name} looks at “{later}”, which is not an earlier question: they wait for each other in a circle."
    return f"The rule of {name} looks at “{later}”, which is not an earlier question."


def _reaches(start: Question, goal: str, by_key: Mapping[str, Question]) -> bool:
    """Whether a question waits for the goal, directly or through others."""
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        question = ahead.pop()
        try:
            keys = depends_on(question)
        except ValueError:
            continue
        if goal in keys:
            return True
        ahead += [by_key[key] for key in keys - seen if key in by_key]
        seen |= keys
    return False


def test_faults(test: Mapping[str, Any], subject: str, looked_at: Any) -> Iterator[str]:
    """Whether the operation and the value suit the question or fact that a test looks at."""
    if looked_at is None or looked_at.kind not in kinds.KINDS:
        return
    if test["op"] not in operations_of(looked_at):
        yield f"{subject} cannot ask whether {named(looked_at)} {_ASKED[test['op']]}."
    elif test["op"] not in WITHOUT_VALUE and "other" not in test:
        yield from _value_faults(test.get("value"), subject, looked_at)


def operations_of(looked_at: Any) -> tuple[str, ...]:
    """What can be asked of a question, a fact or a total. A total is always there, or not known yet: neither is an answer."""
    operations = kinds.KINDS[looked_at.kind].operations
    return tuple(op for op in operations if op not in WITHOUT_VALUE) if isinstance(looked_at, Total) else operations


def named(looked_at: Any) -> str:
    """What a sentence calls it: a question and a fact in quotation marks."""
    return looked_at.text if isinstance(looked_at, Total) else f"“{looked_at.text}”"


_ASKED = {
    "answered": "is answered",
    "is": "is something",
    "is not": "is not something",
    "includes": "includes something",
    "more than": "is more than something",
    "less than": "is less than something",
}


def _value_faults(value: Any, subject: str, looked_at: Any) -> Iterator[str]:
    if kinds.is_blank(value):
        yield f"{subject} needs a value to compare {named(looked_at)} with."
    elif looked_at.kind in (Kind.ONE_OF, Kind.SEVERAL_OF):
        if value not in looked_at.choices:
            yield f"{subject} looks for “{value}”, which is not one of the choices of “{looked_at.text}”."
    elif looked_at.kind == Kind.YES_NO:
        if not isinstance(value, bool) and str(value).strip().casefold() not in kinds.YES_NO:
            yield f"{subject} must compare “{looked_at.text}” with yes or no."
    elif looked_at.kind != Kind.SHORT_TEXT:
        wanted = "day" if looked_at.kind == Kind.DATE else "number"
        if (measured(value) or ("", 0))[0] != wanted:
            yield f"{subject} compares {named(looked_at)} with “{value}”, which is not a {'date' if wanted == 'day' else 'number'}."


def question_faults(question: Question) -> Iterator[str]:
    """Choices and limits of one question."""
    chosen = question.kind in (Kind.ONE_OF, Kind.SEVERAL_OF)
    if chosen and len(set(question.choices)) < 2:
        yield f"“{question}” needs at least two choices."
    if chosen and len(set(question.choices)) < len(question.choices):
        yield f"“{question}” has the same choice twice."
    yield from limit_faults(question)


LIMITS: dict[str, tuple[str, Callable[[str], Any]]] = {
    Kind.NUMBER: ("a whole number", int),
    Kind.MONEY: ("an amount of money, like 1200.00", Decimal),
    Kind.PERCENTAGE: ("a number", Fraction),
    Kind.DATE: ("a date, like 2026-04-01", dt.date.fromisoformat),
    Kind.SEVERAL_OF: ("a whole number", int),
}


def limit_faults(question: Question) -> Iterator[str]:
    """Limits that cannot be read, that the kind has none of, or that leave nothing between them."""
    given = {name: getattr(question, name) for name in ("minimum", "maximum") if getattr(question, name)}
    if not given:
        return
    if question.kind not in LIMITS:
        yield f"“{question}” can have no minimum or maximum."
        return
    words, read = LIMITS[question.kind]
    limits = {}
    for name, text in given.items():
        try:
            limits[name] = read(text)
        except (ValueError, ArithmeticError):
            yield f"The {name} of “{question}” must be {words}."
    if len(limits) == 2 and limits["minimum"] > limits["maximum"]:
        yield f"The minimum of “{question}” is more than its maximum."


def check_faults(check: Mapping[str, Any], by_key: Mapping[str, Question], totals: Mapping[str, Total]) -> Iterator[str]:
    """Whether a check names questions that are there, can be compared, and stand in one place."""
    name, at = f"The check “{check.get('message', '')}”", str(check.get("at"))
    try:
        looked_at = named_in(check.get("wrong"))
        tests = parts_of(check.get("wrong"))[1]
    except ValueError as error:
        yield f"{name} cannot be read: {error}"
        return
    among: Mapping[str, Any] = ChainMap(dict(by_key), dict(totals), dict(offered_facts()))  # type: ignore[arg-type]
    places = {*by_key, *(key for key in totals if split(key)[0] == ROWS)}
    if strangers := sorted(looked_at - set(among)) + sorted({at} - places):
        total = is_total(strangers[0])
        yield (
            _no_total(name, strangers[0], by_key)
            if total
            else f"{name} looks at “{strangers[0]}”, which is no question of this set."
        )
        return
    yield from _place_faults(name, at, {by_key[key].section for key in looked_at if key in by_key}, by_key)
    for test in tests:
        first = among[test["question"]]
        yield from test_faults(test, name, first)
        if "other" in test and not _comparable(first, among[test["other"]]):
            yield f"{name} compares {named(first)} with an answer of another kind."


def _place_faults(name: str, at: str, compared: Set[Section], by_key: Mapping[str, Question]) -> Iterator[str]:
    """Whether the place at which a check is said suits what it compares: a row, all rows together, or neither."""
    rows = {section for section in compared if section.repeats}
    own = by_key[at].section if at in by_key and by_key[at].section.repeats else None
    if len(rows | ({own} - {None})) > 1:
        both = sorted(map(str, rows | ({own} - {None})))
        yield f"{name} compares rows of “{both[0]}” with rows of “{both[-1]}”."
    if rows and own is None:
        yield f"{name} must be shown at a question of “{next(iter(rows))}”, because it is about each of its rows."
    elif own is not None and not rows:
        yield f"{name} looks at no answer of a row, but would be shown in every row of “{own}”. Choose “{ALL_ROWS}” as its place."


_NUMBERS = frozenset({Kind.NUMBER, Kind.MONEY, Kind.PERCENTAGE})


def _comparable(first: Any, second: Any) -> bool:
    return first.kind == second.kind or {first.kind, second.kind} <= _NUMBERS
