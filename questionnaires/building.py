"""Building a question set: sets, versions, sections, questions and checks. A version in use is never changed; a new one is.

Nothing that brings a new fault is kept: a draft may be unfinished, but no rule of it looks at what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Max
from django.utils.text import slugify

from casework.audit.models import AuditEntry
from casework.workflow import NotPermitted, Refused, Stale, record, unit
from casework.workflow.perform import differences, values_of
from questionnaires.engine import questions_of
from questionnaires.faults import faults
from questionnaires.models import Question, QuestionSet, QuestionSetVersion, Section

MANAGE = "questionnaires.manage_sets"
LONGEST_KEY = 50
COPIED_SECTION = ("key", "title", "intro", "repeats", "row_noun", "min_rows", "max_rows", "rules", "order")
COPIED_QUESTION = (
    "key", "kind", "text", "hint", "guidance", "required", "max_words", "choices", "minimum", "maximum", "rules", "order",
)  # fmt: skip


def _permit(by: Any) -> None:
    if not by.has_perm(MANAGE):
        raise NotPermitted("Question sets are built by commissioning officers.")


def frozen_sentence(version: QuestionSetVersion) -> str:
    return f"{version} is in use, so it cannot be changed. Make a new version and change that."


@contextmanager
def changing(version: QuestionSetVersion, *, verb: str, by: Any, edits: int | None) -> Iterator[QuestionSetVersion]:
    """The locked version of a draft; leaving the block counts the change, audits it, and takes it back if it brought a fault."""
    _permit(by)
    with unit():
        locked = QuestionSetVersion.objects.select_for_update(of=("self",)).select_related("question_set").get(pk=version.pk)
        if locked.frozen_at is not None:
            raise Refused(frozen_sentence(locked))
        if edits is not None and edits != locked.edits:
            raise _stale(locked)
        before = set(faults_of(locked))
        yield locked
        if brought := [sentence for sentence in faults_of(locked) if sentence not in before]:
            raise ValidationError(brought)
        locked.edits += 1
        locked.full_clean(validate_unique=False)
        locked.save()
        record(locked, verb, by=by, changes={"edits": locked.edits})


def _stale(version: QuestionSetVersion) -> Stale:
    last = AuditEntry.objects.filter(subject=version._meta.label_lower, object_id=version.pk).order_by("-number").first()
    return Stale(who=str(last.actor) if last and last.actor else "somebody else", at=last.at if last else None)


def faults_of(version: QuestionSetVersion) -> list[str]:
    """What stands against using a version, as it is in the database."""
    return faults(list(questions_of(version)), version.checks)


def create_set(*, name: str, purpose: str, by: Any) -> QuestionSetVersion:
    """A new set with its first version."""
    _permit(by)
    with unit():
        taken = set(QuestionSet.objects.values_list("key", flat=True))
        made = QuestionSet(key=free_key(name, taken), name=name, purpose=purpose)
        made.full_clean()
        made.save()
        version = QuestionSetVersion.objects.create(question_set=made, number=1)
        record(made, "made a question set", by=by, changes={"purpose": purpose, "version": version.pk})
    return version


def change_set(*, question_set: QuestionSet, name: str, purpose: str, by: Any) -> QuestionSet:
    """Its name and what it is for; the questions are the versions'."""
    _permit(by)
    with unit():
        locked = QuestionSet.objects.select_for_update().get(pk=question_set.pk)
        before = values_of(locked)
        locked.name, locked.purpose = name, purpose
        locked.full_clean()
        locked.save()
        if changes := differences(before, values_of(locked)):
            record(locked, "changed a question set", by=by, changes=changes)
    return locked


def copy_version(*, source: QuestionSetVersion, by: Any) -> QuestionSetVersion:
    """A new version of the same set with everything the source asks; drafts and rounds keep the version they have."""
    _permit(by)
    with unit():
        QuestionSet.objects.select_for_update().get(pk=source.question_set_id)
        highest = QuestionSetVersion.objects.filter(question_set=source.question_set_id).aggregate(highest=Max("number"))
        number = (highest["highest"] or 0) + 1
        made = QuestionSetVersion.objects.create(question_set_id=source.question_set_id, number=number, checks=source.checks)
        for section in source.sections.prefetch_related("questions"):
            values = {name: getattr(section, name) for name in COPIED_SECTION}
            copied = Section.objects.create(version=made, **values)
            for question in section.questions.all():
                Question.objects.create(section=copied, **{name: getattr(question, name) for name in COPIED_QUESTION})
        record(made, "made a new version", by=by, changes={"copied_from": source.pk, "number": number})
    return made


def save_section(
    *, version: QuestionSetVersion, section: Section | None, values: Mapping[str, Any], by: Any, edits: int | None = None
) -> Section:
    """Add a section at the end, or change one."""
    with changing(version, verb="changed a section" if section else "added a section", by=by, edits=edits) as locked:
        kept = locked.sections.get(pk=section.pk) if section else Section(version=locked, order=_next(locked.sections.all()))
        if not section:
            kept.key = free_key(str(values["title"]), set(locked.sections.values_list("key", flat=True)))
        return _save(kept, values)


def save_question(
    *,
    version: QuestionSetVersion,
    section: Section,
    question: Question | None,
    values: Mapping[str, Any],
    by: Any,
    edits: int | None = None,
) -> Question:
    """Add a question at the end of its section, or change one. Its key is for life: answers and rules name it."""
    with changing(version, verb="changed a question" if question else "added a question", by=by, edits=edits) as locked:
        own = locked.sections.get(pk=section.pk)
        kept = own.questions.get(pk=question.pk) if question else Question(section=own, order=_next(own.questions.all()))
        given = dict(values)
        wanted = given.pop("key", "")
        if not question:
            taken = set(Question.objects.filter(section__version=locked).values_list("key", flat=True))
            if wanted in taken:
                raise ValidationError({"key": f"Another question of this set has the key “{wanted}”. Enter another"})
            kept.key = wanted or free_key(str(given["text"]), taken)
        return _save(kept, given)


def _save(row: Any, values: Mapping[str, Any]) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    row.full_clean()
    row.save()
    return row


def _next(rows: models.QuerySet[Any]) -> int:
    highest = rows.aggregate(highest=Max("order"))["highest"]
    return 0 if highest is None else highest + 1


def move(*, version: QuestionSetVersion, thing: Section | Question, up: bool, by: Any, edits: int | None = None) -> None:
    """Change places with the neighbour; at the end of the row nothing happens."""
    with changing(version, verb="changed the order", by=by, edits=edits) as locked:
        found: Any = locked.sections if isinstance(thing, Section) else thing.section.questions
        rows = list(found.order_by("order", "pk"))
        place = next(number for number, row in enumerate(rows) if row.pk == thing.pk)
        other = place + (-1 if up else 1)
        if 0 <= other < len(rows):
            rows[place], rows[other] = rows[other], rows[place]
        for number, row in enumerate(rows):
            if row.order != number:
                row.order = number
                row.save(update_fields=["order"])


def remove(*, version: QuestionSetVersion, thing: Section | Question, by: Any, edits: int | None = None) -> None:
    """Take a section with its questions, or a question, out of a draft. Refused while a rule or a check looks at it."""
    noun = "section" if isinstance(thing, Section) else "question"
    with changing(version, verb=f"removed a {noun}", by=by, edits=edits):
        thing.delete()


def save_checks(
    *, version: QuestionSetVersion, checks: Sequence[Mapping[str, Any]], by: Any, edits: int | None = None
) -> QuestionSetVersion:
    """Set the checks across questions, in their order."""
    with changing(version, verb="changed the checks", by=by, edits=edits) as locked:
        locked.checks = [dict(check) for check in checks]
    return locked


def free_key(words: str, taken: set[str]) -> str:
    """A key made from words that nothing else has: "what-is-the-need", then "what-is-the-need-2"."""
    base = slugify(words)[:LONGEST_KEY].strip("-") or "question"
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base[: LONGEST_KEY - len(str(number)) - 1]}-{number}"
    return key
