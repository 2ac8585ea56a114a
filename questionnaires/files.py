"""Files that answer questions. They hang on the case like every other file of it, and come and go with their answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest

from casework.documents.models import Document
from casework.documents.services import attach, hold, remove, take_up
from casework.workflow import Refused
from questionnaires import kinds
from questionnaires.models import Question
from questionnaires.row_files import CHOSEN, REMOVED, judged, token_of

KIND = "Answer"
"""What such a document is listed as."""
_FIELD = re.compile(rf".+-[0-9]+-(?P<question>q-.+)(?:{CHOSEN}|{REMOVED})")


@dataclass(frozen=True)
class AnswerFiles:
    """Where the files of a response go: its case, locked, and who is changing it."""

    owner: Any
    by: Any

    def keep(self, value: Any) -> Any:
        """What is kept as the answer: an upload is attached, a file that was held is taken up. A file of another case is none."""
        if isinstance(value, UploadedFile):
            return kinds.document_value(attach(self.owner, value, kind=KIND, by=self.by))
        found = self._own().filter(pk=kinds.document_in(value)).first()
        if found is None:
            return None
        if found.removed_at is not None:
            take_up(found, by=self.by)
        return kinds.document_value(found)

    def hold(self, upload: UploadedFile) -> dict[str, Any]:
        """Take a file that was sent with a page that is not saved yet; the value that it has once it is."""
        return kinds.document_value(hold(self.owner, upload, kind=KIND, by=self.by))

    def drop(self, documents: Set[int]) -> None:
        """Take the files of earlier answers off the case."""
        for found in self._own().filter(pk__in=documents, removed_at=None) if documents else ():
            remove(found, by=self.by)

    def _own(self) -> QuerySet[Document]:
        kind = ContentType.objects.get_for_model(self.owner)
        return Document.objects.filter(content_type=kind, object_id=self.owner.pk, kind=KIND)


def not_an_answer(document: Document) -> None:
    """Refuse to take off a file on its own that a question was answered with."""
    if document.kind == KIND:
        raise Refused(f"“{document.name}” answers a question. Replace or remove it where the question is asked.")


def sends_files(request: HttpRequest) -> bool:
    """Whether a page was sent with files that were chosen, or ticked to be removed."""
    return bool(request.FILES) or any(name.endswith(REMOVED) for name in request.POST)


def hold_uploads(request: HttpRequest, questions: Iterable[Question], files: AnswerFiles) -> None:
    """Take what was chosen in rows, and leave its token in the posted data, or none where a file is to be removed.

    What cannot be attached stays where it is, for its field to refuse.
    """
    labels = {f"q-{each.key}": each.text for each in questions if each.kind == Question.Kind.FILE and each.section.repeats}
    data = request.POST.copy()
    for name in [name for name in data if (found := _FIELD.fullmatch(name)) and found["question"] in labels]:
        if name.endswith(REMOVED):
            data[name.removesuffix(REMOVED)] = ""
            del data[name]
    uploads: list[tuple[str, Any]] = list(request.FILES.items())
    for name, upload in uploads:
        found = _FIELD.fullmatch(name)
        if found is None or found["question"] not in labels:
            continue
        try:
            judged(upload, labels[found["question"]])
        except ValidationError:
            continue
        data[name.removesuffix(CHOSEN)] = token_of(files.hold(upload))
        del request.FILES[name]
    request.POST = data  # type: ignore[assignment]
