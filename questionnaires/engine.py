"""Reading, checking and keeping the answers of a response. A bid, a return and a worksheet all use this.

Everything starts from `sheet`: the questions that are asked, in order, each with its answer; a repeating section has one item for each
question of each row. One query, two where a section repeats. `facts` are what the case knows without asking (facts.py).
"""

from __future__ import annotations

import datetime as dt
from collections import ChainMap, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import JSONField, OuterRef, QuerySet, Subquery

from casework.forms import count_words
from questionnaires import kinds
from questionnaires.conditions import depends_on, holds
from questionnaires.facts import NONE, Facts
from questionnaires.faults import faults
from questionnaires.files import AnswerFiles
from questionnaires.kinds import is_blank
from questionnaires.models import Answer, Question, QuestionSetVersion, Response, Section
from questionnaires.totals import Totals

NOT_PROVIDED = "Not provided"
Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""A section's answers by question key; of a repeating section, a list of them in the order of its rows."""


@dataclass(frozen=True)
class Item:
    """A question and what was answered; `value` is None where nothing was.

    `row` counts the rows of a repeating section from 0; one that is `spare` was not filled in: it is there to be shown. An answer that
    was `refused` is there, but nobody can tell what it is.
    """

    question: Question
    value: Any
    row: int = 0
    spare: bool = False
    refused: bool = False

    @property
    def section(self) -> Section:
        return self.question.section

    @property
    def answered(self) -> bool:
        return not is_blank(self.value)

    @property
    def missing(self) -> bool:
        return self.question.required and not self.answered and not self.spare

    @property
    def words_over(self) -> int:
        """By how many words the answer passes its limit; 0 when it does not."""
        limit = self.question.max_words if self.question.kind in TEXTS else None
        return max(0, count_words(str(self.value)) - limit) if limit and self.answered else 0

    @property
    def name(self) -> str:
        """What a sentence calls the question: "Name" of the second partner is "Partner 2: Name"."""
        return f"{self.section.noun} {self.row + 1}: {self.question.text}" if self.section.repeats else self.question.text

    @property
    def words(self) -> str:
        """The answer as a person reads it."""
        return kinds.told(self.question.kind, self.value) if self.answered else NOT_PROVIDED


TEXTS = frozenset({Question.Kind.SHORT_TEXT, Question.Kind.LONG_TEXT})


@dataclass(frozen=True)
class Told:
    """A question and its answer as words, for a page or a snapshot."""

    section: str
    section_title: str
    key: str
    question: str
    answer: str


def questions_of(version: QuestionSetVersion | int) -> QuerySet[Question]:
    """A version's questions in the order in which they are asked, with their sections and checks. One query."""
    return (
        Question.objects.filter(section__version=version)
        .select_related("section__version")
        .order_by("section__order", "section_id", "order", "pk")
    )


def every_item(response: Response) -> list[Item]:
    """All questions with what was answered, asked or not: what a form shows."""
    given = Answer.objects.filter(response=response, question_key=OuterRef("key"), repeat=0).values("value")
    questions = list(questions_of(response.version_id).annotate(given=Subquery(given, output_field=JSONField())))
    answers: dict[tuple[str, int], Any] = {
        (question.key, 0): question.given
        for question in questions
        if not question.section.repeats  # type: ignore[attr-defined]
    }
    repeated = [question.key for question in questions if question.section.repeats]
    if repeated:
        rows = Answer.objects.filter(response=response, question_key__in=repeated).order_by("pk")
        answers |= {(key, repeat): value for key, repeat, value in rows.values_list("question_key", "repeat", "value")}
    return items_of(questions, answers)


def items_of(questions: Iterable[Question], answers: Mapping[tuple[str, int], Any]) -> list[Item]:
    """Items from answers by question key and row. A repeating section has its least number of rows, and at least one to show."""
    sections: dict[int, list[Question]] = defaultdict(list)
    for question in questions:
        sections[question.section_id].append(question)
    found: list[Item] = []
    for asked in sections.values():
        section = asked[0].section
        filled = _rows_filled(asked, answers) if section.repeats else 1
        rows = max(1, filled, section.min_rows) if section.repeats else 1
        for row in range(rows):
            found += [
                Item(question, answers.get((question.key, row)), row, spare=section.repeats and row >= filled)
                for question in asked
            ]
    return found


def _rows_filled(questions: Sequence[Question], answers: Mapping[tuple[str, int], Any]) -> int:
    keys = {question.key for question in questions}
    return max((row + 1 for key, row in answers if key in keys), default=0)


def only_asked(items: Iterable[Item], facts: Facts = NONE) -> list[Item]:
    """Without the questions that answers and facts make superfluous. What is not asked never counts for what follows it."""
    return [item for item, is_asked in standing(items, facts) if is_asked]


def standing(items: Iterable[Item], facts: Facts = NONE) -> list[tuple[Item, bool]]:
    """Every question that stands, and whether it is asked.

    A row stands when it answers something that is asked, or that an answer of its own section decides about. The rows that stand are
    numbered from 0, as the page will show them; behind them are the spare ones that the section needs. What a row answers that stands
    for nothing any more is kept with the response, and counts nowhere.
    """
    found, filled = _asked(items, facts)
    rows: dict[int, set[int]] = defaultdict(set)
    for item, _ in found:
        rows[item.section.pk].add(item.row)
    places = {section: _places(section, own, filled) for section, own in rows.items()}
    order = {section: number for number, section in enumerate(rows)}
    stands = []
    for item, is_asked in found:
        section, repeats = item.section, item.section.repeats
        spare = repeats and (section.pk, item.row) not in filled
        place = places[section.pk][item.row] if repeats else 0
        if spare and place >= max(1, section.min_rows):
            continue
        if repeats:
            item = replace(item, row=place, spare=spare, value=None if spare else item.value)
        stands.append((item, is_asked))
    return sorted(stands, key=lambda pair: (order[pair[0].section.pk], pair[0].row))


def rows_that_stand(items: Iterable[Item], section: Section, facts: Facts = NONE) -> set[int]:
    """The numbers, as they are given, of a section's rows that stand."""
    return {row for key, row in _asked(items, facts)[1] if key == section.pk}


def _places(section: int, rows: Iterable[int], filled: Set[tuple[int, int]]) -> dict[int, int]:
    """The number that each row of a section gets: those that stand in their order, then the others."""
    return {row: place for place, row in enumerate(sorted(rows, key=lambda row: ((section, row) not in filled, row)))}


def _asked(items: Iterable[Item], facts: Facts) -> tuple[list[tuple[Item, bool]], set[tuple[int, int]]]:
    """Every item with whether it is asked, and the rows that stand, as (section, row)."""
    counting: dict[str, Any] = {}
    found: list[tuple[Item, bool]] = []
    filled: set[tuple[int, int]] = set()
    known = ChainMap(counting, Totals(lambda: _so_far(found, filled)), facts)  # type: ignore[arg-type]
    rows: dict[tuple[int, int], dict[str, Any]] = defaultdict(dict)
    opened: dict[int, bool] = {}
    of_section: dict[int, set[str]] = defaultdict(set)
    for item in items:
        section, key = item.section, item.question.key
        if section.pk not in opened:
            opened[section.pk] = holds(section.rules, known)
        own = rows[section.pk, item.row] if section.repeats else counting
        scope = known.new_child(own) if section.repeats else known
        of_section[section.pk].add(key)
        is_asked = opened[section.pk] and holds(item.question.rules, scope)
        if is_asked:
            own[key] = item.value
        found.append((item, is_asked))
        if (item.answered or item.refused) and (is_asked or not depends_on(item.question).isdisjoint(of_section[section.pk])):
            filled.add((section.pk, item.row))
    return found, filled


def _so_far(found: Iterable[tuple[Item, bool]], filled: Set[tuple[int, int]]) -> Iterator[Item]:
    """The items that are asked, as far as they were gone through; a rule looks at the totals of earlier sections only."""
    for item, is_asked in found:
        if is_asked:
            yield replace(item, spare=item.section.repeats and (item.section.pk, item.row) not in filled)


def sheet(response: Response, facts: Facts = NONE) -> list[Item]:
    """The questions that are asked, each with its answer."""
    return only_asked(every_item(response), facts)


def sheets(responses: Iterable[Response], facts: Mapping[int, Facts] | None = None) -> dict[int, list[Item]]:
    """The sheets of many responses by their key, in two queries; `facts` by the same key."""
    return {key: only_asked(items, (facts or {}).get(key, NONE)) for key, items in every_items(responses).items()}


def every_items(responses: Iterable[Response]) -> dict[int, list[Item]]:
    """All items of many responses by their key, in two queries."""
    responses = list(responses)
    questions: dict[int, list[Question]] = defaultdict(list)
    found = Question.objects.filter(section__version__in={response.version_id for response in responses})
    for question in found.select_related("section__version").order_by("section__order", "section_id", "order", "pk"):
        questions[question.section.version_id].append(question)
    given: dict[int, dict[tuple[str, int], Any]] = defaultdict(dict)
    answers = Answer.objects.filter(response__in=responses).order_by("pk")
    for response_id, key, repeat, value in answers.values_list("response_id", "question_key", "repeat", "value"):
        given[response_id][key, repeat] = value
    return {response.pk: items_of(questions[response.version_id], given[response.pk]) for response in responses}


def missing(response: Response, facts: Facts = NONE) -> list[tuple[Section, Question]]:
    """What must be answered and is not."""
    return [(item.section, item.question) for item in sheet(response, facts) if item.missing]


def as_told(response: Response, facts: Facts = NONE) -> list[Told]:
    """Every question that is asked with its answer in words."""
    return told(sheet(response, facts))


def told(items: Iterable[Item]) -> list[Told]:
    return [
        Told(
            section=item.section.key,
            section_title=item.section.title,
            key=item.question.key,
            question=item.name,
            answer=item.words,
        )
        for item in items
    ]


def in_words(value: Any, kind: str = "") -> str:
    """An answer as it was kept, in words; without its kind, as in an old snapshot, by what it looks like."""
    return NOT_PROVIDED if is_blank(value) else kinds.told(kind, value)


def save_answers(response: Response, section: Section, values: Values, *, files: AnswerFiles | None = None) -> dict[str, int]:
    """Keep a section's answers and touch no other section's; {key: new version} of those that changed, "key.2" of a later row.

    Keys of other sections are a ValueError. `files` attaches the files among the answers. Call it with the case locked.
    """
    rows = [values] if isinstance(values, Mapping) else list(values)
    if section.repeats == isinstance(values, Mapping):
        raise ValueError(f"“{section}” {'repeats: give its rows' if section.repeats else 'does not repeat'}.")
    keys = set(section.questions.values_list("key", flat=True))
    if strangers := {key for row in rows for key in row} - keys:
        raise ValueError(f"Not questions of “{section}”: {', '.join(sorted(strangers))}.")
    found = Answer.objects.filter(response=response, question_key__in=keys)
    kept = {(answer.question_key, answer.repeat): answer for answer in found}
    before = _documents(kept.values())
    changed: dict[str, int] = {}
    for repeat, row in enumerate(rows):
        for key, value in row.items():
            answer = kept.setdefault((key, repeat), Answer(response=response, question_key=key, repeat=repeat, version=0))
            if _keep(answer, value, files):
                changed[_named(answer)] = answer.version
    for answer in [each for each in kept.values() if section.repeats and each.repeat >= len(rows)]:
        changed[_named(answer)] = answer.version + 1
        answer.delete()
        del kept[answer.question_key, answer.repeat]
    if files is not None:
        files.drop(before - _documents(kept.values()))
    return changed


def _documents(answers: Iterable[Answer]) -> set[int]:
    """The files among answers. A file may move from row to row: it is dropped when no row has it any more."""
    return {found for answer in answers if (found := kinds.document_in(answer.value)) is not None}


def _named(answer: Answer) -> str:
    return f"{answer.question_key}.{answer.repeat + 1}" if answer.repeat else answer.question_key


def _keep(answer: Answer, value: Any, files: AnswerFiles | None) -> bool:
    """Whether the answer changed. False and 0 are not the same answer, though Python calls them equal."""
    if answer.version and answer.value == value and type(answer.value) is type(value):
        return False
    if files is not None and (isinstance(value, UploadedFile) or kinds.document_in(value) is not None):
        value = files.keep(value)
    answer.value, answer.version = value, answer.version + 1
    answer.full_clean(exclude=["value"])
    answer.save()
    return True


def freeze(version: QuestionSetVersion, at: dt.datetime) -> QuestionSetVersion:
    """Fix a version's wording: from now on it is used. A version whose rules or keys are wrong is a ValueError; twice is once."""
    if version.frozen_at is not None:
        return version
    if wrong := faults(list(questions_of(version)), version.checks):
        raise ValueError(" ".join(wrong))
    version.frozen_at = at
    version.save(update_fields=["frozen_at"])
    return version
