"""Whether a file may be kept at all: its size, its ending, and whether it is what its name says."""

from __future__ import annotations

from pathlib import PurePath
from typing import IO

import filetype
from django.conf import settings
from django.core.exceptions import ValidationError

from casework.documents import inside
from casework.uploads import RefusedUpload

OFFICE = "application/vnd.openxmlformats-officedocument."
# Extension → (media type as the first bytes tell it, media type we serve, a member an Office zip must have)
ACCEPTED: dict[str, tuple[str, str, str]] = {
    ".pdf": ("application/pdf", "application/pdf", ""),
    ".jpg": ("image/jpeg", "image/jpeg", ""),
    ".jpeg": ("image/jpeg", "image/jpeg", ""),
    ".png": ("image/png", "image/png", ""),
    ".docx": ("zip", OFFICE + "wordprocessingml.document", "word/document.xml"),
    ".xlsx": ("zip", OFFICE + "spreadsheetml.sheet", "xl/workbook.xml"),
}
TYPES = "a PDF, Word (.docx), Excel (.xlsx), JPG or PNG"
EMPTY = "The selected file is empty – choose another file"
NOT_ITS_NAME = f"The selected file must be {TYPES}; this one is not what its name says"
SENTENCES = {
    inside.PROTECTED: "The selected file is password protected – save a copy without a password and choose that copy",
    inside.DAMAGED: "The selected file is damaged or incomplete – save it again and choose the new copy",
    inside.OTHER: NOT_ITS_NAME,
    inside.MACROS: "The selected file contains macros – save a copy without macros and choose that copy",
    inside.TOO_MUCH: "The selected file unpacks to too much data – save it as a PDF and choose that",
    inside.TOO_LARGE: "The selected file has too many pixels – save a smaller copy of the picture and choose that",
}
"""What to do about each thing that can be wrong inside a file."""


def check_upload(upload: IO[bytes]) -> str:
    """The media type to serve this upload as; a ValidationError with the design system's own words when it is refused."""
    name, size = str(upload.name), int(upload.size)  # type: ignore[attr-defined]
    limit = settings.UPLOAD_LIMIT_MB
    if isinstance(upload, RefusedUpload) and 0 < size <= limit * 1024 * 1024:
        raise ValidationError("The selected files are too large together – send one file at a time", code="size")
    if isinstance(upload, RefusedUpload) or size > limit * 1024 * 1024:
        raise ValidationError(f"The selected file must be smaller than {limit}MB", code="size")
    if size == 0:
        raise ValidationError(EMPTY, code="empty")
    rule = ACCEPTED.get(PurePath(name).suffix.lower())
    if rule is None:
        raise ValidationError(f"The selected file must be {TYPES}", code="type")
    expected, served, member = rule
    fault = _fault(upload, expected, member)
    upload.seek(0)
    if fault:
        raise ValidationError(SENTENCES[fault], code=fault)
    return served


def _fault(upload: IO[bytes], expected: str, member: str) -> str:
    """What is wrong inside; "" when nothing is."""
    upload.seek(0)
    if expected == "zip":
        return inside.office_fault(upload, member)
    if filetype.guess_mime(upload.read(8192)) != expected:
        return inside.OTHER
    return inside.pdf_fault(upload) if expected == "application/pdf" else inside.image_fault(upload)
