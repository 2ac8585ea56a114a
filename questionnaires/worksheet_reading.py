"""Reading a worksheet that was filled in. Its cells go through the very forms of the page, so that both refuse the same things."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.http import QueryDict

from casework.documents.checks import check_upload
from casework.forms import plain_text
from questionnaires.engine import Item, Values
from questionnaires.facts import NONE, Facts
from questionnaires.fields import PARTS, date_boxes
from questionnaires.forms import SENT, field_name, page_parts
from questionnaires.models import Question, QuestionSetVersion, Section
from questionnaires.row_files import token_of
from questionnaires.worksheet import BASE, MARK, SHEET, cell_name

Kind = Question.Kind
_PLACE = re.compile(r"(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'!]+))!\$?(?P<column>[A-Z]{1,3})\$?(?P<row>[0-9]{1,7})")
UNREADABLE = "The selected file could not be read. Download the worksheet again and fill that in"
MOST_ROWS_READ = 100


@dataclass(frozen=True)
class CellError:
    """What is wrong in one cell; `cell` is empty where no cell can be named."""

    sheet: str
    cell: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.sheet} {self.cell}: {self.sentence}" if self.cell else self.sentence


@dataclass(frozen=True)
class Reading:
    """Answers by section, as they are kept, and what stands against them. What was refused is not among the answers.

    `base` is what the writer remembered, in the words of a file that anybody may have changed.
    """

    answers: dict[Section, Values]
    errors: list[CellError]
    base: str = ""


class _Cells:
    """The named cells of a workbook, by name."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.places: dict[str, tuple[str, str]] = {}
        for name, defined in book.defined_names.items():
            if match := _PLACE.fullmatch(str(defined.attr_text or "")):
                sheet = (match["quoted"] or match["plain"]).replace("''", "'")
                self.places[name] = (sheet, f"{match['column']}{match['row']}")

    def __contains__(self, name: str) -> bool:
        return name in self.places

    def value(self, name: str) -> Any:
        sheet, cell = self.places.get(name, ("", ""))
        return self.book[sheet][cell].value if sheet in self.book.sheetnames else None


def read_worksheet(
    upload: IO[bytes], version: QuestionSetVersion, items: Sequence[Item], *, facts: Facts = NONE, strict: bool = True
) -> Reading:
    """Judge an uploaded worksheet. `items` are the version's, with answers that the worksheet cannot hold, such as files.

    ValidationError when the file as a whole cannot be taken. Nothing is saved.
    """
    cells = _open(upload, version)
    data = _as_posted(cells, items)
    parts = page_parts(data, items=items, facts=facts, strict=strict, everything=True)
    errors: list[CellError] = []
    for part in parts:
        errors += _errors(part, cells)
    return Reading({part.section: part.values() for part in parts}, errors, str(cells.value(BASE) or ""))


def _open(upload: IO[bytes], version: QuestionSetVersion) -> _Cells:
    from openpyxl import load_workbook

    check_upload(upload)
    if not str(upload.name).lower().endswith(".xlsx"):
        raise ValidationError("The selected file must be the worksheet, an Excel file (.xlsx)")
    try:
        cells = _Cells(load_workbook(upload, data_only=True))
        mark = str(cells.value(MARK))
    except Exception as error:
        # A crafted or damaged workbook makes the library fail in many ways; none of them is our failure.
        raise ValidationError(UNREADABLE) from error
    wanted = f"{version.question_set.key} {version.number}"
    if mark != wanted:
        raise ValidationError(f"The selected file is not the worksheet of {version}. Download it again and fill that in")
    return cells


def _as_posted(cells: _Cells, items: Sequence[Item]) -> QueryDict:
    """The cells as a browser would have sent them."""
    data = QueryDict(mutable=True)
    sections: dict[int, list[Question]] = {}
    for item in items:
        if item.row == 0:
            sections.setdefault(item.section.pk, []).append(item.question)
    for questions in sections.values():
        section = questions[0].section
        data[f"{section.key}-{SENT}"] = "1"
        if not section.repeats:
            _post(data, cells, questions, 0, section.key)
            continue
        there = {(item.question.key, item.row): token_of(item.value) for item in items if item.question.kind == Kind.FILE}
        rows = [
            row
            for row in range(MOST_ROWS_READ)
            if any(there.get((each.key, row)) or _has(cells, each, row) for each in questions)
        ]
        count = rows[-1] + 1 if rows else 0
        data.update({f"{section.key}-TOTAL_FORMS": str(count), f"{section.key}-INITIAL_FORMS": "0"})
        for row in range(count):
            _post(data, cells, questions, row, f"{section.key}-{row}")
            # A worksheet holds no files: those that are there stay with their row.
            asked = [each for each in questions if each.kind == Kind.FILE]
            data.update({f"{section.key}-{row}-{field_name(each)}": there.get((each.key, row), "") for each in asked})
    return data


def _has(cells: _Cells, question: Question, row: int) -> bool:
    """Whether anything is in the cells of a question: rows that were left empty at the end were not sent."""
    names = [cell_name(letter, row, question.key) for letter in ("q", "w")]
    names += [cell_name("c", row, question.key, number) for number in range(len(question.choices))]
    return any(cells.value(name) not in (None, "") for name in names if name in cells)


def _post(data: QueryDict, cells: _Cells, questions: Sequence[Question], row: int, prefix: str) -> None:
    for question in questions:
        name, value = f"{prefix}-{field_name(question)}", cells.value(cell_name("q", row, question.key))
        if question.kind == Kind.SEVERAL_OF:
            chosen = [
                choice
                for number, choice in enumerate(question.choices)
                if _typed(cells.value(cell_name("c", row, question.key, number))).casefold() in ("yes", "true", "x")
            ]
            data.setlist(name, chosen)
        elif question.kind == Kind.PERCENTAGE:
            whole = cells.value(cell_name("w", row, question.key))
            data.update({f"{name}_{part}": _typed(each) for part, each in zip(PARTS, (value, whole), strict=True)})
        elif question.kind == Kind.DATE:
            boxes = (
                [str(value.day), str(value.month), str(value.year)] if isinstance(value, dt.date) else date_boxes(_typed(value))
            )
            data.update({f"{name}_{part}": box for part, box in zip(("day", "month", "year"), boxes, strict=True)})
        elif question.kind == Kind.YES_NO:
            data[name] = {"true": "yes", "false": "no"}.get(_typed(value).casefold(), _typed(value).casefold())
        elif question.kind != Kind.FILE:
            data[name] = _typed(value)


def _typed(value: Any) -> str:
    """What a person would have typed: 12 for 12.0, no trace of how a computer keeps 0.1."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, dt.datetime | dt.date):
        return f"{value:%d/%m/%Y}"
    return str(plain_text(str(value)))


def _errors(part: Any, cells: _Cells) -> list[CellError]:
    """What the form says, by cell; a row that answers only what is not asked counts for nothing, so nothing is missing in it."""
    found, counting = [], [part]
    if part.section.repeats:
        title = cells.places.get(cell_name("s", 0, part.section.key), (SHEET, ""))
        found = [CellError(*title, str(message)) for message in part.non_form_errors()]
        counting = part.standing()
    for row, form in enumerate(part.forms if part.section.repeats else [part]):
        for item in form.asks if form in counting else ():
            key, choices = item.question.key, item.question.kind == Kind.SEVERAL_OF
            letter = {Kind.SEVERAL_OF: "c", Kind.FILE: "f"}.get(item.question.kind, "q")  # type: ignore[call-overload]
            name = cell_name(letter, row, key, 0 if choices else None)
            sheet, cell = cells.places.get(name, (SHEET, ""))
            found += [CellError(sheet, cell, message) for message in form[field_name(item.question)].messages]
    return found
