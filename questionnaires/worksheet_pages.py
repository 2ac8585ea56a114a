"""What every page with a worksheet has: the file to download, and the field for one that was filled in."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import ClassVar

from django import forms
from django.http import FileResponse

from casework.exports import XLSX
from casework.forms import HouseForm
from questionnaires.engine import Item
from questionnaires.models import QuestionSetVersion
from questionnaires.worksheet import write_worksheet


class WorksheetForm(HouseForm):
    version = None  # type: ignore[assignment]
    file = forms.FileField(label="Worksheet that was filled in")
    nouns: ClassVar = {"file": "the worksheet"}


def worksheet_response(name: str, version: QuestionSetVersion, items: Sequence[Item], *, base: str = "") -> FileResponse:
    """A worksheet as a download; written to a temporary file first so that a failure is no half file."""
    out = tempfile.TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    write_worksheet(out, version, items, base=base)
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=name, content_type=XLSX)
