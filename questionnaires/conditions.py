"""When a question is asked. One evaluator for the web form, the worksheet, the check for completeness and the printed copy.

Grammar: {"all" | "any": [{"question": key, "op": "is" | "is not" | "includes" | "more than" | "less than" | "answered",
"value": …}]}; nothing at all means always. A rule may look at earlier questions only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from questionnaires.models import Question

Answers = Mapping[str, Any]
JOINS = {"all": all, "any": any}
WITHOUT_VALUE = {"answered"}


def is_blank(value: Any) -> bool:
    """Whether nothing was answered; zero and False are answers."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def is_asked(question: Question, answers: Answers) -> bool:
    """Whether a question is asked, given the answers that count to the questions before it."""
    if not question.rules:
        return True
    join, tests = _parts(question.rules)
    return JOINS[join](_holds(test, answers) for test in tests)


def asked_among(questions: Iterable[Question], answers: Answers) -> list[Question]:
    """The questions that are asked, in order. The answer to a question that is not asked never counts for a later one."""
    counting: dict[str, Any] = {}
    asked = []
    for question in questions:
        if is_asked(question, counting):
            asked.append(question)
            counting[question.key] = answers.get(question.key)
    return asked


def depends_on(question: Question) -> set[str]:
    """The keys of the questions that a question's rule looks at."""
    return {test["question"] for test in _parts(question.rules)[1]} if question.rules else set()


def faults(questions: Sequence[Question]) -> list[str]:
    """What is wrong with the rules and keys of a version's questions, as sentences for whoever writes them."""
    found: list[str] = []
    earlier: set[str] = set()
    for question in questions:
        if question.key in earlier:
            found.append(f"The key “{question.key}” is used twice.")
        try:
            later = depends_on(question) - earlier
        except ValueError as error:
            found.append(f"The rule of “{question.key}” cannot be read: {error}")
        else:
            found += [
                f"The rule of “{question.key}” looks at “{key}”, which is not an earlier question." for key in sorted(later)
            ]
        earlier.add(question.key)
    return found


def _parts(rules: Any) -> tuple[str, list[dict[str, Any]]]:
    if not isinstance(rules, dict) or len(rules) != 1 or next(iter(rules)) not in JOINS:
        raise ValueError("it must be “all” or “any” with a list of tests.")
    join, tests = next(iter(rules.items()))
    if not isinstance(tests, list) or not tests:
        raise ValueError("it needs at least one test.")
    for test in tests:
        if not isinstance(test, dict) or not isinstance(test.get("question"), str) or test.get("op") not in OPERATIONS:
            raise ValueError("each test names a question and one of the operations.")
        if test["op"] not in WITHOUT_VALUE and "value" not in test:
            raise ValueError(f"“{test['op']}” needs a value.")
    return join, tests


def _holds(test: dict[str, Any], answers: Answers) -> bool:
    return OPERATIONS[test["op"]](answers.get(test["question"]), test.get("value"))


def _same(answer: Any, value: Any) -> bool:
    """Numbers are the same however they are written; words whatever their case."""
    first, second = _number(answer), _number(value)
    if first is not None and second is not None:
        return first == second
    return str(answer).strip().casefold() == str(value).strip().casefold() and not is_blank(answer)


def _includes(answer: Any, value: Any) -> bool:
    return isinstance(answer, list) and any(_same(item, value) for item in answer)


def _compared(answer: Any, value: Any) -> int:
    """-1, 0 or 1; 0 also when one of them is no number, so that neither more nor less holds."""
    first, second = _number(answer), _number(value)
    return 0 if first is None or second is None else (first > second) - (first < second)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        number = Decimal(str(value).strip().replace(",", "").removeprefix("£"))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


OPERATIONS = {
    "is": _same,
    "is not": lambda answer, value: not _same(answer, value),
    "includes": _includes,
    "more than": lambda answer, value: _compared(answer, value) > 0,
    "less than": lambda answer, value: _compared(answer, value) < 0,
    "answered": lambda answer, value: not is_blank(answer),
}
