"""Whether a file is what its name says: size, extension, first bytes, and a look inside a zip."""

from __future__ import annotations

import zipfile
from pathlib import PurePath
from typing import IO

import filetype
from django.conf import settings
from django.core.exceptions import ValidationError

from casework.uploads import RefusedUpload

# Extension → (media type as the first bytes tell it, media type we serve, a member an Office zip must have)
OFFICE = "application/vnd.openxmlformats-officedocument."
ACCEPTED: dict[str, tuple[str, str, str]] = {
    ".pdf": ("application/pdf", "application/pdf", ""),
    ".jpg": ("image/jpeg", "image/jpeg", ""),
    ".jpeg": ("image/jpeg", "image/jpeg", ""),
    ".png": ("image/png", "image/png", ""),
    ".docx": ("zip", OFFICE + "wordprocessingml.document", "word/document.xml"),
    ".xlsx": ("zip", OFFICE + "spreadsheetml.sheet", "xl/workbook.xml"),
}
TYPES = "a PDF, Word (.docx), Excel (.xlsx), JPG or PNG"
# 296 KB have been seen to declare 300 MB: what a zip says it holds is added up before anything is read.
LARGEST_UNPACKED = 200 * 1024 * 1024


def check_upload(upload: IO[bytes]) -> str:
    """The media type to serve this upload as; a ValidationError with the design system's own words when it is refused."""
    name, size = str(upload.name), int(upload.size)  # type: ignore[attr-defined]
    limit = settings.UPLOAD_LIMIT_MB
    if isinstance(upload, RefusedUpload) and 0 < size <= limit * 1024 * 1024:
        raise ValidationError("The selected files are too large together – send one file at a time", code="size")
    if isinstance(upload, RefusedUpload) or size > limit * 1024 * 1024:
        raise ValidationError(f"The selected file must be smaller than {limit}MB", code="size")
    if size == 0:
        raise ValidationError("The selected file is empty", code="empty")
    rule = ACCEPTED.get(PurePath(name).suffix.lower())
    if rule is None:
        raise ValidationError(f"The selected file must be {TYPES}", code="type")
    expected, served, member = rule
    upload.seek(0)
    if expected == "zip":
        _check_office(upload, member)
    elif filetype.guess_mime(upload.read(8192)) != expected:
        raise ValidationError(f"The selected file must be {TYPES}; this one is not what its name says", code="content")
    upload.seek(0)
    return served


def _check_office(upload: IO[bytes], member: str) -> None:
    try:
        with zipfile.ZipFile(upload) as archive:
            names = {info.filename for info in archive.infolist()}
            unpacked = sum(info.file_size for info in archive.infolist())
    except Exception as error:
        # A crafted archive makes the library fail in many ways, NotImplementedError among them: none of them is our failure.
        protected = _looks_encrypted(upload)
        words = (
            "The selected file is password protected"
            if protected
            else f"The selected file must be {TYPES}; this one is not what its name says"
        )
        raise ValidationError(words, code="content") from error
    if member not in names:
        raise ValidationError(f"The selected file must be {TYPES}; this one is not what its name says", code="content")
    if unpacked > LARGEST_UNPACKED:
        raise ValidationError("The selected file could not be uploaded – it unpacks to too much data", code="size")


def _looks_encrypted(upload: IO[bytes]) -> bool:
    """Office wraps a password-protected document in an old compound file."""
    upload.seek(0)
    return upload.read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
