"""Reading, checking and keeping the answers of a response. A bid, a return and a worksheet all use this.

Everything starts from `sheet`: the questions that are asked, in order, each with its answer. One query.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import JSONField, OuterRef, QuerySet, Subquery

from casework.forms import count_words
from questionnaires.conditions import asked_among, faults, is_blank
from questionnaires.models import Answer, Question, QuestionSetVersion, Response, Section

NOT_PROVIDED = "Not provided"


@dataclass(frozen=True)
class Item:
    """A question and what was answered; `value` is None where nothing was."""

    question: Question
    value: Any

    @property
    def section(self) -> Section:
        return self.question.section

    @property
    def answered(self) -> bool:
        return not is_blank(self.value)

    @property
    def missing(self) -> bool:
        return self.question.required and not self.answered

    @property
    def words_over(self) -> int:
        """By how many words the answer passes its limit; 0 when it does not."""
        limit = self.question.max_words
        return max(0, count_words(str(self.value)) - limit) if limit and self.answered else 0


@dataclass(frozen=True)
class Told:
    """A question and its answer as words, for a page or a snapshot."""

    section: str
    section_title: str
    key: str
    question: str
    answer: str


def questions_of(version: QuestionSetVersion) -> QuerySet[Question]:
    """A version's questions in the order in which they are asked, with their sections. One query."""
    return (
        Question.objects.filter(section__version=version)
        .select_related("section")
        .order_by("section__order", "section_id", "order", "pk")
    )


def every_item(response: Response) -> list[Item]:
    """All questions with what was answered, asked or not: what a form shows. One query."""
    given = Answer.objects.filter(response=response, question_key=OuterRef("key"), repeat=0).values("value")
    questions = questions_of(response.version_id).annotate(given=Subquery(given, output_field=JSONField()))  # type: ignore[arg-type]
    return [Item(question, question.given) for question in questions]  # type: ignore[attr-defined]


def only_asked(items: Iterable[Item]) -> list[Item]:
    """Without the questions that the answers make superfluous."""
    items = list(items)
    answers = {item.question.key: item.value for item in items}
    asked = {question.pk for question in asked_among([item.question for item in items], answers)}
    return [item for item in items if item.question.pk in asked]


def sheet(response: Response) -> list[Item]:
    """The questions that are asked, each with its answer. One query."""
    return only_asked(every_item(response))


def sheets(responses: Iterable[Response]) -> dict[int, list[Item]]:
    """The sheets of many responses by their key, in two queries."""
    responses = list(responses)
    questions: dict[int, list[Question]] = defaultdict(list)
    versions = {response.version_id for response in responses}
    found = Question.objects.filter(section__version__in=versions).select_related("section")
    for question in found.order_by("section__order", "section_id", "order", "pk"):
        questions[question.section.version_id].append(question)
    given: dict[int, dict[str, Any]] = defaultdict(dict)
    answers = Answer.objects.filter(response__in=responses, repeat=0)
    for response_id, key, value in answers.order_by("pk").values_list("response_id", "question_key", "value"):
        given[response_id][key] = value
    return {
        response.pk: only_asked(
            Item(question, given[response.pk].get(question.key)) for question in questions[response.version_id]
        )
        for response in responses
    }


def missing(response: Response) -> list[tuple[Section, Question]]:
    """What must be answered and is not."""
    return [(item.section, item.question) for item in sheet(response) if item.missing]


def as_told(response: Response) -> list[Told]:
    """Every question that is asked with its answer in words."""
    return told(sheet(response))


def told(items: Iterable[Item]) -> list[Told]:
    return [
        Told(
            section=item.section.key,
            section_title=item.section.title,
            key=item.question.key,
            question=item.question.text,
            answer=in_words(item.value),
        )
        for item in items
    ]


def in_words(value: Any) -> str:
    if is_blank(value):
        return NOT_PROVIDED
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)


def save_answers(response: Response, section: Section, values: Mapping[str, Any]) -> dict[str, int]:
    """Keep a section's answers and touch no other section's; {key: new version} of those that changed.

    `values` is by question key; keys of other sections are a ValueError. Call it with the case locked.
    """
    keys = set(section.questions.values_list("key", flat=True))
    if strangers := set(values) - keys:
        raise ValueError(f"Not questions of “{section}”: {', '.join(sorted(strangers))}.")
    kept = {answer.question_key: answer for answer in Answer.objects.filter(response=response, question_key__in=keys, repeat=0)}
    changed: dict[str, int] = {}
    for key, value in values.items():
        answer = kept.get(key)
        if answer is None:
            answer = Answer(response=response, question_key=key, value=value, version=1)
        elif answer.value != value:
            answer.value, answer.version = value, answer.version + 1
        else:
            continue
        answer.full_clean(exclude=["value"])
        answer.save()
        changed[key] = answer.version
    return changed


def freeze(version: QuestionSetVersion, at: dt.datetime) -> QuestionSetVersion:
    """Fix a version's wording: from now on it is used. A version whose rules or keys are wrong is a ValueError; twice is once."""
    if version.frozen_at is not None:
        return version
    if wrong := faults(list(questions_of(version))):
        raise ValueError(" ".join(wrong))
    version.frozen_at = at
    version.save(update_fields=["frozen_at"])
    return version
