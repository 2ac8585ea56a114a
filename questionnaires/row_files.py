"""Files in the rows of a section. A browser sends a chosen file once: not again when a row is added, nor after an error.

So what was sent is taken at once, as a file of the case that is not saved yet (documents.services.hold), and the page carries a signed
token in its place, as it does for files that are saved. The token moves with its row, whatever number that gets; saving takes it up.
A file that nobody saves stays what it is: neither listed nor served.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from casework.forms.words import set_words
from questionnaires.fields import FileAnswerField

CHOSEN, REMOVED = "_file", "_remove"
LONGEST_NAME = 150
_SIGNER = signing.Signer(salt="questionnaires.row_files")


def token_of(value: Any) -> str:
    """What a page carries for a file; "" for none. The same file has the same token on every page."""
    return _SIGNER.sign_object(value) if value else ""


def value_of(token: str) -> dict[str, Any] | None:
    """The file of a token; none where nobody signed it."""
    try:
        found = _SIGNER.unsign_object(token)
    except signing.BadSignature:
        return None
    return found if isinstance(found, dict) else None


@dataclass(frozen=True)
class Sent:
    """What a row sends: the file that was there, unless it is to be removed, and one that was chosen now."""

    there: dict[str, Any] | None
    chosen: UploadedFile | None = None


class RowFileInput(forms.FileInput):
    template_name = "govuk/widgets/row_file.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Sent:
        removed = f"{name}{REMOVED}" in data
        return Sent(None if removed else value_of(str(data.get(name, ""))), (files or {}).get(f"{name}{CHOSEN}"))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}{CHOSEN}" not in (files or {})

    def format_value(self, value: Any) -> str:  # type: ignore[override]
        return token_of(value.there if isinstance(value, Sent) else value)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        there = value.there if isinstance(value, Sent) else value
        context["widget"] |= {
            "there": there,
            "token": token_of(there),
            "chosen": f"{name}{CHOSEN}",
            "removed": f"{name}{REMOVED}",
        }
        return context


class RowFileField(forms.Field):
    """A file in a row: the one that is there, or one that is chosen in its place."""

    widget = RowFileInput

    def clean(self, value: Any) -> Any:
        if value is not None and value.chosen is not None:
            return judged(value.chosen, str(self.label))
        there = value.there if value is not None else None
        if there is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return there

    def has_changed(self, initial: Any, data: Any) -> bool:
        return data is not None and (data.chosen is not None or data.there != (initial or None))

    def told(self, token: str) -> str:
        """A token as a person reads it, where two people changed the same rows."""
        found = value_of(token)
        return str(found["name"]) if found else ""


def judged(upload: UploadedFile, label: str) -> Any:
    """The upload, if it may be attached; ValidationError names the question."""
    box = FileAnswerField(label=label, max_length=LONGEST_NAME, required=False)
    set_words(box, label)
    return box.clean(upload)
