"""The answers of a round's bids as cells: each question by its key, *not asked* and *not answered* told apart."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q

from casework.exports import Column
from grants.assessment.round_rows import RoundBid
from grants.bids.content import Data
from grants.rounds.models import Round
from questionnaires import engine
from questionnaires.kinds import is_blank
from questionnaires.models import Question, Response, Section

NOT_ASKED, NOT_ANSWERED = "not asked", "not answered"
_NUMBERED = re.compile(r" (\d+): ")
Of = Question.Kind
UNITS = {
    Of.MONEY: "£",
    Of.NUMBER: "Whole number",
    Of.DATE: "Date",
    Of.YES_NO: "Yes or no",
    Of.PERCENTAGE: "How many out of how many",
    Of.SEVERAL_OF: "Several answers, with commas between them",
    Of.FILE: "The file's name; the file is with the bid",
}


def round_questions(round: Round, responses: Sequence[int]) -> tuple[list[Question], list[tuple[Section, list[Question]]]]:
    """The questions asked once, and those of each section that repeats: of the round's set as the newest bid was asked it first,
    then what only earlier bids were asked. One query."""
    versions = Q(section__version__in=Response.objects.filter(pk__in=responses).values("version"))
    found = Question.objects.filter(versions | Q(section__version=round.question_version_id)).select_related("section")
    order = ("-section__version__number", "section__order", "section_id", "order", "pk")
    once: dict[str, Question] = {}
    repeated: dict[str, dict[str, Question]] = defaultdict(dict)
    for question in found.order_by(*order):
        place = repeated[question.section.key] if question.section.repeats else once
        place.setdefault(question.key, question)
    return list(once.values()), [(_first(asked), list(asked.values())) for asked in repeated.values()]


def _first(asked: dict[str, Question]) -> Section:
    return next(iter(asked.values())).section


def answer_column(question: Question, *, of_row: bool = False) -> Column:
    """A question's column. Of a section that repeats the rows are the answers themselves."""

    def value(row: Any) -> Any:
        if of_row:
            return _cell(row[1]["answers"], question.key)
        return _cell(_once(row), question.key) if row.data else None

    about = f"{question.section.title}: {question.text}"
    return Column(question.key, value, 30, about, UNITS.get(Of(question.kind), ""), f"Question “{question.key}” of the round")


def _once(row: RoundBid) -> Data:
    """The bid's answers by key, made once for all columns of a row."""
    if row.data is None:
        return {}
    if "by_key" not in row.data:
        row.data["by_key"] = {each["key"]: each for each in row.data["answers"]}
    found: Data = row.data["by_key"]
    return found


def _row_of(answer: Data) -> int:
    """Which row of its section an answer belongs to, from 0.

    Bids of the first days were kept without the number: there the question's name tells it ("Partner 2: Name").
    """
    if "row" in answer:
        return int(answer["row"])
    told = _NUMBERED.search(answer["question"])
    return int(told[1]) - 1 if told else 0


def repeated_rows(rows: Iterable[RoundBid], section: str) -> Iterator[tuple[RoundBid, Data]]:
    """The rows of a repeating section in which something is answered, bid by bid."""
    for row in rows:
        filled: dict[int, Data] = defaultdict(dict)
        for each in (row.data or {}).get("answers", ()):
            if each["section"] == section:
                filled[_row_of(each)][each["key"]] = each
        for number, answers in sorted(filled.items()):
            if any(not is_blank(each["answer"]) for each in answers.values()):
                yield row, {"row": number, "answers": answers}


def _cell(answers: Data, key: str) -> Any:
    """Numbers, amounts and dates as such, so that they add up and sort; everything else in words."""
    if key not in answers:
        return NOT_ASKED
    value, kind = answers[key]["answer"], answers[key].get("kind", "")
    if is_blank(value):
        return NOT_ANSWERED
    if kind == Of.MONEY:
        return Decimal(value)
    if kind == Of.NUMBER:
        return int(value)
    return dt.date.fromisoformat(value) if kind == Of.DATE else engine.in_words(value, kind)
