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
"""The words and the kind of each question and fact, by key."""


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
    facts = {fact.key: (fact.text, fact.kind) for fact in offered_facts().values()}
    return facts | {question.key: (question.text, question.kind) for question in questions}


def rule_words(rules: Any, texts: Texts) -> str:
    """ "“Are the police a partner?” is yes and “How many?” is more than 10": when something is asked; "" for always."""
    if not rules:
        return ""
    join, tests = parts_of(rules)
    return (" and " if join == "all" else " or ").join(_test_words(test, texts) for test in tests)


def _test_words(test: Mapping[str, Any], texts: Texts) -> str:
    text, kind = texts.get(test["question"], (test["question"], ""))
    said = f"“{text}” {OPERATION_WORDS[test['op']]}"
    if "other" in test:
        return f"{said} “{texts.get(test['other'], (test['other'], ''))[0]}”"
    return said if test["op"] == "answered" else f"{said} {_value_words(test.get('value'), kind)}"


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
