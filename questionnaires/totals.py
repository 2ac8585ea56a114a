"""What the rows of a repeating section come to: how many there are, and what the answers to one of its questions add up to.

A rule names a total where it could name a question: "sum:hours" adds up the answers to "hours", "rows:activities" counts the rows of the
section "activities". No question's key has a colon, and no fact's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from questionnaires.models import Question, Section

Kind = Question.Kind
SUM, ROWS, BREAK = "sum", "rows", ":"
ADDED = (Kind.NUMBER, Kind.MONEY)
"""Percentages are of different wholes, and days are no amounts."""


@dataclass(frozen=True)
class Total:
    """Stands where a question or a fact could: `source` is what is added up or counted, `text` what a sentence calls it, `option` what a
    list calls it that names the section already."""

    key: str
    option: str
    text: str
    kind: str
    source: Question | Section
    choices: tuple[str, ...] = ()

    @property
    def section(self) -> Section:
        return self.source.section if isinstance(self.source, Question) else self.source


def sum_of(question: Question) -> str:
    return f"{SUM}{BREAK}{question.key}"


def rows_of(section: Section) -> str:
    return f"{ROWS}{BREAK}{section.key}"


def split(key: str) -> tuple[str, str]:
    """("sum", "hours") of a total; ("", the key) of anything else."""
    what, mark, name = key.partition(BREAK)
    return (what, name) if mark and what in (SUM, ROWS) else ("", key)


def is_total(key: str) -> bool:
    return bool(split(key)[0])


def totals_among(questions: Iterable[Question]) -> dict[str, Total]:
    """Every total that rules may name, in the order of the form: of each repeating section its rows, then what can be added up."""
    found: dict[str, Total] = {}
    for question in questions:
        if not question.section_id or not question.section.repeats:
            continue
        section = question.section
        found.setdefault(
            rows_of(section),
            Total(rows_of(section), "Number of rows", f"the number of rows in “{section}”", Kind.NUMBER, section),
        )
        if question.kind in ADDED:
            key = sum_of(question)
            text = f"the total of “{question}” in “{section}”"
            found.setdefault(key, Total(key, f"Total of “{question}”", text, question.kind, question))
    return found


ALL_ROWS = "All rows together"
"""What the list of places calls them, below the section's title."""


def place_words(at: str, totals: Mapping[str, Total]) -> str:
    """What a sentence calls the rows of a section as the place at which a check is said."""
    return f"all rows of “{totals[at].source}” together"


class Totals(Mapping[str, Any]):
    """The totals of a sheet by their key, worked out when a rule looks at one. `asked` are its items that are asked.

    None stands for a total that nobody knows yet, as for an answer that is missing (docs/decisions/0017-…).
    """

    def __init__(self, asked: Callable[[], Iterable[Any]]) -> None:
        self._asked = asked

    def __getitem__(self, key: str) -> Any:
        what, name = split(key)
        if not what:
            raise KeyError(key)
        asked = list(self._asked())
        if what == ROWS:
            return _count([item for item in asked if item.section.key == name])
        own = [item for item in asked if item.question.key == name]
        return _sum(own, [item for item in asked if own and item.section.pk == own[0].section.pk])

    def __iter__(self) -> Iterator[str]:
        return iter(totals_among(item.question for item in self._asked()))

    def __len__(self) -> int:
        return len(list(iter(self)))


def _count(of_section: Sequence[Any]) -> int | None:
    """The rows that were filled in; None where the section is not asked."""
    return len({item.row for item in of_section if not item.spare}) if of_section else None


def _sum(own: Sequence[Any], of_section: Sequence[Any]) -> Any:
    """The sum as an answer of the question's kind is kept, exact to the penny.

    None while a row, or in a row the answer, is missing that must be there, and where the question is asked in no row. An answer that
    may be left out and was adds nothing.
    """
    if not own or (_count(of_section) or 0) < own[0].section.min_rows:
        return None
    given = [item for item in own if not item.spare]
    if any(item.missing or item.refused for item in given):
        return None
    money = own[0].question.kind == Kind.MONEY
    try:
        added = sum((Decimal(str(item.value)) for item in given if item.answered), Decimal("0.00") if money else Decimal(0))
        return f"{added:f}" if money else int(added)
    except (ArithmeticError, ValueError):  # what was kept is no number, and the judge says so at its question
        return None
