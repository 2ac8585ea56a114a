"""The worker looks at an upload as soon as it is kept; `tick` sees to whatever the worker missed."""

from __future__ import annotations

from django_tasks import task

from casework.documents.models import PENDING, Document
from casework.documents.scanning import scan_document, scanner_was_away


@task()
def scan_soon(key: int) -> None:
    """Not while the scanner is away: every upload would hold up the worker for as long as a scan may take."""
    document = Document.objects.filter(pk=key, scan__in=PENDING, removed_at=None).first()
    if document is not None and not scanner_was_away():
        scan_document(document)
