"""Attaching and removing files. The file is written under a temporary name and takes its own on commit."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from casework import clock
from casework.documents.checks import check_upload
from casework.documents.models import Document, Scan
from casework.documents.names import safe_name
from casework.workflow import record, unit


def attach(owner: Any, upload: Any, *, kind: str, by: Any) -> Document:
    """Keep an upload with its owner. Raises ValidationError when the file is not acceptable."""
    media_type = check_upload(upload)
    document = Document(
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
    with unit():
        temporary = document.path.with_suffix(".part")
        document.sha256 = _write(upload, temporary)
        document.full_clean()
        document.save()
        record(owner, "attached a file", by=by, changes={"document": document.pk, "sha256": document.sha256})
        transaction.on_commit(lambda: temporary.rename(document.path))
    return document


def remove(document: Document, *, by: Any) -> None:
    """Take a file off its case. It is kept for the record, no longer listed and no longer served."""
    with unit():
        document.removed_at = clock.now()
        document.save(update_fields=["removed_at"])
        record(document.owner, "removed a file", by=by, changes={"document": document.pk})


def _write(upload: Any, path: Path) -> str:
    digest = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        for chunk in upload.chunks():
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()
