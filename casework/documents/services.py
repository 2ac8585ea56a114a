"""Attaching and removing files. The file is written under a temporary name and takes its own on commit."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F

from casework import clock
from casework.documents.checks import check_upload
from casework.documents.models import Document, Scan
from casework.documents.names import safe_name
from casework.documents.tasks import scan_soon
from casework.workflow import Refused, record, unit

PIECE = 256 * 1024
HELD_FOR = dt.timedelta(days=7)
"""A file is held from the moment it is sent; one that was ever taken up was removed later than it came."""


def attach(owner: Any, upload: Any, *, kind: str, by: Any) -> Document:
    """Keep an upload with its owner. Raises ValidationError when the file is not acceptable."""
    return _keep(_document(owner, upload, kind, by), owner, upload.chunks(), "attached a file")


def hold(owner: Any, upload: Any, *, kind: str, by: Any) -> Document:
    """Keep an upload that belongs to a page nobody saved yet: it is neither listed nor served before `take_up`."""
    document = _document(owner, upload, kind, by)
    document.removed_at = document.at
    return _keep(document, owner, upload.chunks(), "sent a file that is not saved yet")


def take_up(document: Document, *, by: Any) -> None:
    """List a held or removed file with its owner (again)."""
    with unit():
        document.removed_at = None
        document.save(update_fields=["removed_at"])
        record(document.owner, "attached a file", by=by, changes={"document": document.pk, "sha256": document.sha256})


def sweep_held() -> int:
    """Delete what was sent with pages that nobody saved for a week; how many files. Such a file was never listed anywhere."""
    left = Document.objects.filter(removed_at=F("at"), at__lt=clock.now() - HELD_FOR)
    for document in left:
        document.path.unlink(missing_ok=True)
        document.delete()
    return len(left)


def _document(owner: Any, upload: Any, kind: str, by: Any) -> Document:
    media_type = check_upload(upload)
    return Document(
        file_id=getattr(owner, "file_id", None),
        content_type=ContentType.objects.get_for_model(owner),
        object_id=owner.pk,
        kind=kind,
        name=safe_name(upload.name),
        media_type=media_type,
        size=upload.size,
        by=by,
        at=clock.now(),
        scan=Scan.WAITING if settings.CLAMD_URL else Scan.OFF,
    )


def attach_copy(owner: Any, source: Document, *, by: Any) -> Document:
    """Attach what hangs on another case already: a file of its own with the same content, kind and name. Refused when it cannot be read."""
    document = Document(
        file_id=getattr(owner, "file_id", None),
        content_type=ContentType.objects.get_for_model(owner),
        object_id=owner.pk,
        kind=source.kind,
        name=source.name,
        media_type=source.media_type,
        size=source.size,
        by=by,
        at=clock.now(),
        scan=source.scan if source.may_be_opened else Scan.WAITING,
    )
    try:
        with source.path.open("rb") as content:
            return _keep(document, owner, iter(lambda: content.read(PIECE), b""), "attached a file again")
    except FileNotFoundError as error:
        raise Refused(f"“{source.name}” cannot be read now. Upload it again instead.") from error


def _keep(document: Document, owner: Any, pieces: Iterable[bytes], verb: str) -> Document:
    with unit():
        temporary = document.path.with_suffix(".part")
        document.sha256 = _write(pieces, temporary)
        document.full_clean()
        document.save()
        record(owner, verb, by=document.by, changes={"document": document.pk, "sha256": document.sha256})
        if document.scan == Scan.WAITING:
            scan_soon.enqueue(document.pk)
        transaction.on_commit(lambda: temporary.rename(document.path))
    return document


def remove(document: Document, *, by: Any) -> None:
    """Take a file off its case. It is kept for the record, no longer listed and no longer served."""
    with unit():
        document.removed_at = clock.now()
        document.save(update_fields=["removed_at"])
        record(document.owner, "removed a file", by=by, changes={"document": document.pk})


def _write(pieces: Iterable[bytes], path: Path) -> str:
    digest = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        for chunk in pieces:
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()
