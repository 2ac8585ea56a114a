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

_UNHOLDABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MONEY_FORMAT = "#,##0.00"
DATE_FORMAT = "dd/mm/yyyy"


@dataclass(frozen=True)
class Column:
    """A heading, the width in characters, and how a row gives its value."""

    title: str
    value: Callable[[Any], Any]
    width: int = 18


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: its columns and an iterable of rows, read once."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Any]


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
    getters = [column.value for column in sheet.columns]
    for row in sheet.rows:
        target.append([_cell(target, getter(row), WriteOnlyCell) for getter in getters])


def _cell(target: Any, value: Any, make: Any) -> Any:
    """Plain values go in as they are: only what needs a format or a guard pays for a cell object."""
    if isinstance(value, str):
        text = _UNHOLDABLE.sub("", value)[:32767]
        if not text.startswith("="):
            return text
        cell = make(target, value=text)
        cell.data_type = "s"
        return cell
    if isinstance(value, Decimal):
        cell = make(target, value=value)
        cell.number_format = MONEY_FORMAT
        return cell
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, dt.date):
        cell = make(target, value=value)
        cell.number_format = DATE_FORMAT
        return cell
    return value
