"""Writing Excel files row by row, with text that stays text.

A cell that begins with "=" is data, never a formula; control characters that Excel cannot hold are left out. openpyxl is imported
where it is used: it is a third of a second that no page should pay.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any

from casework.clock import LONDON

_UNHOLDABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\]")
LONGEST_TITLE = 31
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_TEXT = 32767
MONEY_FORMAT = "#,##0.00"
DATE_FORMAT = "dd/mm/yyyy"


@dataclass(frozen=True)
class Column:
    """A heading, the width in characters, and how a row gives its value; what it is, its unit and its source where a sheet explains it."""

    title: str
    value: Callable[[Any], Any]
    width: int = 18
    about: str = ""
    unit: str = ""
    source: str = ""


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: its columns and an iterable of rows, read once."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Any]


def columns_sheet(sheets: Sequence[Sheet]) -> Sheet:
    """The sheet that explains every column of the others."""
    explained = (
        Column("Sheet", lambda row: row[0], 24),
        Column("Column", lambda row: row[1].title, 32),
        Column("What it is", lambda row: row[1].about, 80),
        Column("Unit", lambda row: row[1].unit, 28),
        Column("Where it comes from", lambda row: row[1].source, 40),
    )
    return Sheet("Columns", explained, [(sheet.title, column) for sheet in sheets for column in sheet.columns])


def sheet_title(wanted: str, taken: Iterable[str]) -> str:
    """A title that Excel takes: 31 characters, none of its own signs, and no other sheet's, whatever their capitals."""
    used = {title.lower() for title in taken}
    plain = _NOT_IN_TITLES.sub(" ", _UNHOLDABLE.sub("", wanted)).strip(" '")[:LONGEST_TITLE].strip(" '") or "Sheet"
    found, number = plain, 2
    while found.lower() in used:
        ending = f" ({number})"
        found, number = plain[: LONGEST_TITLE - len(ending)] + ending, number + 1
    return found


def write_workbook(out: IO[bytes], sheets: Sequence[Sheet]) -> None:
    """Stream sheets into a file-like object; memory does not grow with the rows."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets:
        _write_sheet(book.create_sheet(sheet.title), sheet)
    book.save(out)


def _write_sheet(target: Any, sheet: Sheet) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    target.freeze_panes = "A2"
    for number, column in enumerate(sheet.columns, 1):
        target.column_dimensions[get_column_letter(number)].width = column.width
    bold = Font(bold=True)
    header = []
    for column in sheet.columns:
        cell = WriteOnlyCell(target, value=column.title)
        cell.font = bold
        header.append(cell)
    target.append(header)
    writers = [_writer(target, column.value) for column in sheet.columns]
    for row in sheet.rows:
        target.append([write(row) for write in writers])


def _writer(target: Any, getter: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """How one column's cells are made. A write-only sheet writes each row as it comes, so a column's one cell object of each format
    serves all of its rows: making a new one costs more than writing it."""
    from openpyxl.cell import Cell

    class Formatted(Cell):
        """openpyxl puts the text of every cell object into an exception that it then drops: keep it short."""

        __slots__ = ()

        def __repr__(self) -> str:
            return ""

    def formatted(number_format: str) -> Any:
        cell = Formatted(target, row=1, column=1)
        cell.number_format = number_format
        return cell

    money, date, text = formatted(MONEY_FORMAT), formatted(DATE_FORMAT), Formatted(target, row=1, column=1)

    def write(row: Any) -> Any:
        value = getter(row)
        if isinstance(value, str):
            return _text(value, text)
        if isinstance(value, Decimal):
            money.value = value
            return money
        if isinstance(value, dt.datetime):
            return (value.astimezone(LONDON) if value.tzinfo else value).replace(tzinfo=None)
        if isinstance(value, dt.date):
            date.value = value
            return date
        return value

    return write


def csv_row(values: Sequence[str]) -> list[str]:
    """Text for a line of CSV, where no type can be told: what a spreadsheet would take for a formula begins with an apostrophe."""
    plain = (_UNHOLDABLE.sub("", value) for value in values)
    return [f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else value for value in plain]


def _text(value: str, cell: Any) -> Any:
    """Most text goes in as it is; what begins with "=" in a cell that is told to be text, nothing for nothing."""
    if value.isprintable() and not value.startswith("=") and len(value) <= LONGEST_TEXT:
        return value or None
    plain = _UNHOLDABLE.sub("", value)[:LONGEST_TEXT]
    if not plain.startswith("="):
        return plain
    cell.value = plain
    cell.data_type = "s"
    return cell
