"""Rules and answers in words, for whoever fills in a form and for every export."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from questionnaires import kinds
from questionnaires.conditions import parts_of
from questionnaires.engine import Item, every_item, standing
from questionnaires.facts import NONE, Facts, offered_facts
from questionnaires.models import Question, Response
from questionnaires.totals import totals_among

NOT_ASKED, NOT_ANSWERED = "Not asked", "Not answered"
OPERATION_WORDS = {
    "is": "is",
    "is not": "is not",
    "includes": "includes",
    "more than": "is more than",
    "less than": "is less than",
    "answered": "is answered",
}
Texts = Mapping[str, tuple[str, str]]
"""What a rule's words call each question, fact and total, and its kind, by key."""


def kind_words(question: Question) -> str:
    """ "Whole number, optional, least 5": what kind of answer a question takes."""
    parts = [
        question.get_kind_display(),
        f"up to {question.max_words} words" if question.max_words else "",
        "" if question.required else "optional",
        f"least {question.minimum}" if question.minimum else "",
        f"most {question.maximum}" if question.maximum else "",
    ]
    words = ", ".join(part for part in parts if part)
    return f"{words}: {' / '.join(question.choices)}" if question.choices else words


def texts_of(items: Iterable[Item]) -> dict[str, tuple[str, str]]:
    return texts_among(item.question for item in items)


def texts_among(questions: Iterable[Question]) -> dict[str, tuple[str, str]]:
    questions = list(questions)
    facts = {fact.key: (f"“{fact.text}”", fact.kind) for fact in offered_facts().values()}
    totals = {total.key: (total.text, total.kind) for total in totals_among(questions).values()}
    return facts | totals | {question.key: (f"“{question.text}”", question.kind) for question in questions}


def rule_words(rules: Any, texts: Texts) -> str:
    """ "“Are the police a partner?” is yes and “How many?” is more than 10": when something is asked; "" for always."""
    if not rules:
        return ""
    join, tests = parts_of(rules)
    return (" and " if join == "all" else " or ").join(_test_words(test, texts) for test in tests)


def _test_words(test: Mapping[str, Any], texts: Texts) -> str:
    said = f"{_named(test['question'], texts)} {OPERATION_WORDS[test['op']]}"
    if "other" in test:
        return f"{said} {_named(test['other'], texts)}"
    kind = texts.get(test["question"], ("", ""))[1]
    return said if test["op"] == "answered" else f"{said} {_value_words(test.get('value'), kind)}"


def _named(key: str, texts: Texts) -> str:
    return texts[key][0] if key in texts else f"“{key}”"


def check_notes(checks: Iterable[Mapping[str, Any]], at: str) -> list[str]:
    """What the checks that are said at a place ask for, for whoever fills in a form that cannot answer."""
    return [f"{check['message'].rstrip('.')}." for check in checks if check["at"] == at]


def _value_words(value: Any, kind: str) -> str:
    if kind in (Question.Kind.MONEY, Question.Kind.DATE):
        try:
            return kinds.told(kind, str(value))
        except (ValueError, ArithmeticError):
            return str(value)
    if kind == Question.Kind.PERCENTAGE:
        return f"{value}%"
    return ("yes" if value else "no") if isinstance(value, bool) else f"{value}"


@dataclass(frozen=True)
class Exported:
    """A question of a response in an export: `words` tell an answer, "Not answered" and "Not asked" apart."""

    item: Item
    asked: bool

    @property
    def words(self) -> str:
        if not self.asked:
            return NOT_ASKED
        return self.item.words if self.item.answered else NOT_ANSWERED

    @property
    def counts(self) -> bool:
        """Whether the answer counts: it is asked for, and given."""
        return self.asked and self.item.answered


def exported(items: Sequence[Item], facts: Facts = NONE) -> list[Exported]:
    """Every question of every row that stands, asked or not, in the order of the form."""
    return [Exported(item, asked) for item, asked in standing(items, facts)]


def exported_response(response: Response, facts: Facts = NONE) -> list[Exported]:
    return exported(every_item(response), facts)
