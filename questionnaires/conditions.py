"""When a question is asked, and when answers contradict each other. One evaluator for the web form, the worksheet, the check for
completeness and the printed copy.

Grammar: {"all" | "any": [{"question": key, "op": "is" | "is not" | "includes" | "more than" | "less than" | "answered",
"value": …}]}; nothing at all means always. A rule may look at earlier questions only, at facts of the case such as
"bid.amount_requested", and at what the rows of an earlier section come to, such as "sum:hours" (totals.py). A check across questions may
compare with another answer: "other": key instead of "value".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from questionnaires.kinds import is_blank
from questionnaires.models import Question

Answers = Mapping[str, Any]
JOINS = {"all": all, "any": any}
WITHOUT_VALUE = {"answered"}
_NUMBER = re.compile(r"(?P<sign>[-−])?£?(?P<number>[0-9][0-9,]{0,29}(?:\.[0-9]{1,30})?)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
__all__ = ["Answers", "asked_among", "depends_on", "holds", "is_asked", "is_blank", "parts_of"]


def is_asked(question: Question, answers: Answers) -> bool:
    """Whether a question is asked, given the answers that count to the questions before it."""
    return holds(question.rules, answers)


def holds(rules: Any, answers: Answers) -> bool:
    """Whether rules hold among these answers and facts; no rules always do."""
    if not rules:
        return True
    join, tests = parts_of(rules)
    return JOINS[join](_holds(test, answers) for test in tests)


def contradicts(rules: Any, answers: Answers) -> bool:
    """Whether a check finds something wrong. While one of the answers it compares is missing, it is not judged."""
    _, tests = parts_of(rules)
    compared = {test["question"] for test in tests if test["op"] != "answered"} | {
        test["other"] for test in tests if "other" in test
    }
    return not any(is_blank(answers.get(key)) for key in compared) and holds(rules, answers)


def asked_among(questions: Iterable[Question], answers: Answers) -> list[Question]:
    """The questions that are asked, in order. The answer to a question that is not asked never counts for a later one.

    For questions outside repeating sections; a sheet with rows is `engine.only_asked`.
    """
    counting: dict[str, Any] = {}
    asked = []
    for question in questions:
        if is_asked(question, counting):
            asked.append(question)
            counting[question.key] = answers.get(question.key)
    return asked


def depends_on(thing: Any) -> set[str]:
    """The keys of the questions and facts that the rule of a question or section looks at."""
    return named_in(thing.rules)


def named_in(rules: Any) -> set[str]:
    """The keys that rules name."""
    return set(named_in_order(rules))


def named_in_order(rules: Any) -> list[str]:
    """The same as a test after the other names them."""
    tests = parts_of(rules)[1] if rules else []
    return [test[name] for test in tests for name in ("question", "other") if name in test]


def parts_of(rules: Any) -> tuple[str, list[dict[str, Any]]]:
    """The join and the tests; ValueError with the end of a sentence when the rules cannot be read."""
    if not isinstance(rules, dict) or len(rules) != 1 or next(iter(rules)) not in JOINS:
        raise ValueError("it must be “all” or “any” with a list of tests.")
    join, tests = next(iter(rules.items()))
    if not isinstance(tests, list) or not tests:
        raise ValueError("it needs at least one test.")
    for test in tests:
        if not isinstance(test, dict) or not isinstance(test.get("question"), str) or test.get("op") not in OPERATIONS:
            raise ValueError("each test names a question and one of the operations.")
        if test["op"] not in WITHOUT_VALUE and "value" not in test and not isinstance(test.get("other"), str):
            raise ValueError(f"“{test['op']}” needs a value.")
    return join, tests


def _holds(test: dict[str, Any], answers: Answers) -> bool:
    value = answers.get(test["other"]) if "other" in test else test.get("value")
    return OPERATIONS[test["op"]](answers.get(test["question"]), value)


def _same(answer: Any, value: Any) -> bool:
    """Numbers are the same however they are written; words whatever their case."""
    first, second = measured(answer), measured(value)
    if first is not None and second is not None:
        return first == second
    return not is_blank(answer) and _plain(answer) == _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip().casefold()


def _includes(answer: Any, value: Any) -> bool:
    return isinstance(answer, list) and any(_same(item, value) for item in answer)


def _compared(answer: Any, value: Any) -> int:
    """-1, 0 or 1; 0 also when the two cannot be compared, so that neither more nor less holds."""
    first, second = measured(answer), measured(value)
    if first is None or second is None or first[0] != second[0]:
        return 0
    return (first[1] > second[1]) - (first[1] < second[1])


def measured(value: Any) -> tuple[str, Fraction] | None:
    """What can be more or less: a number, a share in per cent, or a day. None for everything else."""
    if isinstance(value, dict):
        top, bottom = value.get("numerator"), value.get("denominator")
        return ("number", Fraction(top * 100, bottom)) if isinstance(top, int) and isinstance(bottom, int) and bottom else None
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    text = re.sub(r"\s", "", str(value))
    if _DAY.fullmatch(text):
        return _day(text)
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    number = Fraction(match["number"].replace(",", ""))
    return "number", -number if match["sign"] else number


def _day(text: str) -> tuple[str, Fraction] | None:
    try:
        return "day", Fraction(dt.date.fromisoformat(text).toordinal())
    except ValueError:
        return None


OPERATIONS = {
    "is": _same,
    "is not": lambda answer, value: not _same(answer, value),
    "includes": _includes,
    "more than": lambda answer, value: _compared(answer, value) > 0,
    "less than": lambda answer, value: _compared(answer, value) < 0,
    "answered": lambda answer, value: not is_blank(answer),
}
