"""A question set as an Excel worksheet: one row for each question, and for each question of each row of a repeating section.

The cells that are filled in have names ("q.0.need"), and reading goes by the names, so that rows and columns may move. The name's
parts are the row, from 0, and the question's key; "w" is the second number of a percentage, "c" one of several choices. "s.0" is the title
of a section, where errors about its rows are told, "f" where a file is named; both are locked, like everything else. openpyxl is imported
where it is used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import IO, Any

from casework.exports import DATE_FORMAT, LONGEST_TEXT, MONEY_FORMAT
from casework.forms import plain_text
from questionnaires.engine import Item
from questionnaires.models import Question, QuestionSetVersion, Section
from questionnaires.telling import check_notes, rule_words, texts_of
from questionnaires.totals import rows_of

Kind = Question.Kind
SHEET, LISTS = "Answers", "Lists"
HEADINGS = (("Question", 60), ("Answer", 44), ("Out of", 12), ("Help", 70))
ANSWER, WHOLE = 2, 3
ROOM = 10
"""Rows to fill in where a section allows more, beside those that are there."""
MARK, BASE = "set", "base"
ELSEWHERE = "Attach this file in the service"


def cell_name(letter: str, row: int, key: str, choice: int | None = None) -> str:
    """The name of a cell. Keys have dashes, which names cannot have, and no dots."""
    end = "" if choice is None else f".{choice}"
    return f"{letter}.{row}.{key.replace('-', '..')}{end}"


def write_worksheet(out: IO[bytes], version: QuestionSetVersion, items: Sequence[Item], *, base: str = "") -> None:
    """Write a form to be filled in; answers that are there already are in their cells.

    `base` comes back with the reading: what the case says of itself today, to tell later what changed meanwhile.
    """
    from openpyxl import Workbook

    book = Workbook()
    sheet: Any = book.active
    sheet.title = SHEET
    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    writer = _Writer(book, sheet, lists, items)
    writer.head(version)
    writer.remember(base)
    for section in {item.section.pk: item.section for item in items}.values():
        writer.section(section)
    for each in (sheet, lists):
        each.protection.sheet = True
        each.protection.formatRows = each.protection.formatColumns = False
    book.save(out)


def rows_shown(section: Section, items: Sequence[Item]) -> int:
    """How many rows of a section the worksheet has room for."""
    if not section.repeats:
        return 1
    filled = max((item.row + 1 for item in items if item.section.pk == section.pk and not item.spare), default=0)
    return min(section.max_rows, max(filled + ROOM // 2, ROOM))


class _Writer:
    """Goes down the sheet, a question at a time."""

    def __init__(self, book: Any, sheet: Any, lists: Any, items: Sequence[Item]) -> None:
        self.book, self.sheet, self.lists, self.items = book, sheet, lists, items
        self.texts = texts_of(items)
        self.at, self.lists_at = 1, 0
        self.ranges: dict[tuple[str, ...], str] = {}

    def head(self, version: QuestionSetVersion) -> None:
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter

        self.put(1, version.question_set.name, font=Font(bold=True, size=14))
        mark = self.put(4, f"{version.question_set.key} {version.number}")
        self.name(MARK, mark)
        self.at = 2
        self.put(1, "Fill in the unlocked cells of the second and third columns. Do not rename the sheet.")
        self.at = 3
        for number, (heading, width) in enumerate(HEADINGS, 1):
            self.put(number, heading, font=Font(bold=True))
            self.sheet.column_dimensions[get_column_letter(number)].width = width
        self.sheet.freeze_panes = "B4"
        self.at = 4

    def remember(self, base: str) -> None:
        """Below no list of choices: the second column of the hidden sheet."""
        cell = self.lists.cell(row=1, column=2, value=base or None)
        self.name(BASE, cell, LISTS)

    def section(self, section: Section) -> None:
        from openpyxl.styles import Font

        self.name(cell_name("s", 0, section.key), self.put(1, section.title, font=Font(bold=True, size=12)))
        when = rule_words(section.rules, self.texts)
        notes = check_notes(section.version.checks, rows_of(section))
        self.put(4, " ".join(filter(None, [section.intro, f"Only if {when}." if when else "", *notes])))
        self.at += 1
        own = [item for item in self.items if item.section.pk == section.pk]
        answers = {(item.row, item.question.key): item.value for item in own}
        questions = [item.question for item in own if item.row == 0]
        for row in range(rows_shown(section, self.items)):
            for question in questions:
                self.question(question, row, answers.get((row, question.key)))

    def question(self, question: Question, row: int, value: Any) -> None:
        section = question.section
        self.put(1, f"{section.noun} {row + 1}: {question.text}" if section.repeats else question.text)
        self.put(4, self.help(question))
        if question.kind == Kind.SEVERAL_OF:
            self.several(question, row, value or [])
            return
        cell = self.put(ANSWER, _cell_value(question, value))
        if question.kind == Kind.FILE:
            cell.value = value["name"] if value else ELSEWHERE
            self.name(cell_name("f", row, question.key), cell)
        else:
            self.open(cell, cell_name("q", row, question.key))
        cell.number_format = {Kind.MONEY: MONEY_FORMAT, Kind.DATE: DATE_FORMAT, Kind.NUMBER: "0"}.get(question.kind, "General")  # type: ignore[call-overload]
        if question.kind in (Kind.SHORT_TEXT, Kind.LONG_TEXT):
            cell.number_format = "@"
        if question.kind == Kind.PERCENTAGE:
            self.open(self.put(WHOLE, value["denominator"] if value else None), cell_name("w", row, question.key))
        if question.kind in (Kind.YES_NO, Kind.ONE_OF):
            self.choose(cell, ("Yes", "No") if question.kind == Kind.YES_NO else tuple(question.choices))
        self.at += 1

    def several(self, question: Question, row: int, chosen: Sequence[str]) -> None:
        """A line for each choice, to be answered with Yes."""
        self.at += 1
        for number, choice in enumerate(question.choices):
            self.put(1, f"    {choice}")
            cell = self.put(ANSWER, "Yes" if choice in chosen else None)
            self.open(cell, cell_name("c", row, question.key, number))
            self.choose(cell, ("Yes", "No"))
            self.at += 1

    def help(self, question: Question) -> str:
        when = rule_words(question.rules, self.texts)
        limit = f"Up to {question.max_words} words." if question.max_words else ""
        needed = "" if question.required else "Optional."
        notes = check_notes(question.section.version.checks, question.key)
        parts = [question.hint, limit, needed, f"Only if {when}." if when else "", *notes, question.guidance]
        return " ".join(part for part in parts if part)

    def put(self, column: int, value: Any, font: Any = None) -> Any:
        """A locked cell; text stays text, whatever it begins with."""
        from openpyxl.styles import Alignment

        cell = self.sheet.cell(row=self.at, column=column)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if font is not None:
            cell.font = font
        if isinstance(value, str):
            value = plain_text(value)[:LONGEST_TEXT]
            cell.value = value or None
            if value:
                cell.data_type = "s"
        else:
            cell.value = value
        return cell

    def open(self, cell: Any, name: str) -> None:
        """Let it be filled in, and find it again by this name."""
        from openpyxl.styles import PatternFill, Protection

        cell.protection = Protection(locked=False)
        cell.fill = PatternFill("solid", fgColor="FFF7E0")
        self.name(name, cell)

    def name(self, name: str, cell: Any, sheet: str = SHEET) -> None:
        from openpyxl.workbook.defined_name import DefinedName

        place = f"'{sheet}'!${cell.column_letter}${cell.row}"
        self.book.defined_names[name] = DefinedName(name, attr_text=place)

    def choose(self, cell: Any, choices: tuple[str, ...]) -> None:
        """A list to choose from; the choices lie on a hidden sheet, because a list in the cell itself holds 255 letters."""
        from openpyxl.worksheet.datavalidation import DataValidation

        validation = DataValidation(type="list", formula1=self.range(choices), allow_blank=True, showErrorMessage=True)
        validation.error = "Choose from the list"
        self.sheet.add_data_validation(validation)
        validation.add(cell)

    def range(self, choices: tuple[str, ...]) -> str:
        if choices not in self.ranges:
            first = self.lists_at + 1
            for choice in choices:
                self.lists_at += 1
                cell = self.lists.cell(row=self.lists_at, column=1, value=choice)
                cell.data_type = "s"
            self.ranges[choices] = f"'{LISTS}'!$A${first}:$A${self.lists_at}"
        return self.ranges[choices]


def _cell_value(question: Question, value: Any) -> Any:
    if value is None or question.kind == Kind.FILE:
        return None
    if question.kind == Kind.MONEY:
        return Decimal(value)
    if question.kind == Kind.DATE:
        return dt.date.fromisoformat(value)
    if question.kind == Kind.YES_NO:
        return "Yes" if value else "No"
    return value["numerator"] if question.kind == Kind.PERCENTAGE else value
