"""Files that answer questions. They hang on the case like every other file of it, and come and go with their answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from casework.documents.models import Document, documents_of
from casework.documents.services import attach, remove
from casework.workflow import Refused
from questionnaires import kinds

KIND = "Answer"
"""What such a document is listed as."""


@dataclass(frozen=True)
class AnswerFiles:
    """Where the files of a response go: its case, locked, and who is changing it."""

    owner: Any
    by: Any

    def keep(self, upload: UploadedFile) -> dict[str, Any]:
        """Attach the file; what is kept as the answer."""
        return kinds.document_value(attach(self.owner, upload, kind=KIND, by=self.by))

    def drop(self, value: Any) -> None:
        """Take the file of an earlier answer off the case."""
        if isinstance(value, dict) and (found := documents_of(self.owner).filter(pk=value.get("document"), kind=KIND).first()):
            remove(found, by=self.by)


def not_an_answer(document: Document) -> None:
    """Refuse to take off a file on its own that a question was answered with."""
    if document.kind == KIND:
        raise Refused(f"“{document.name}” answers a question. Replace or remove it where the question is asked.")
