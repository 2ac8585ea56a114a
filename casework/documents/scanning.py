"""Looking for viruses in what was uploaded. Nothing is let through because the scanner was away: it waits and is tried again."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from casework import clock
from casework.documents.clamd import Unavailable, Unscanned, scan
from casework.documents.models import PENDING, Document, Scan
from casework.workflow import SYSTEM, record, unit

log = logging.getLogger("house.documents")
LONGEST_WAIT = dt.timedelta(hours=6)
_told: list[Callable[[Document], None]] = []


def when_virus_found(tell: Callable[[Document], None]) -> Callable[[Document], None]:
    """Register who is told, from a room that knows people; runs in the transaction that quarantines the file."""
    if tell not in _told:
        _told.append(tell)
    return tell


def scan_due(limit: int = 100) -> int:
    """Ask about every file whose turn it is; how many were answered. The first that finds no scanner ends the run."""
    _finish_quarantine()
    if not settings.CLAMD_URL:
        return 0
    now = clock.now()
    due = Document.objects.filter(Q(scan_next_at=None) | Q(scan_next_at__lte=now), scan__in=PENDING, removed_at=None)
    answered = 0
    for document in list(due.order_by(F("scan_next_at").asc(nulls_first=True), "pk")[:limit]):
        if not scan_document(document):
            break
        answered += 1
    return answered


def scanner_was_away() -> bool:
    """Whether it gave no answer lately: some file waits for its next turn."""
    return not settings.CLAMD_URL or Document.objects.filter(scan=Scan.WAITING, scan_next_at__gt=clock.now()).exists()


def scan_document(document: Document) -> bool:
    """Ask about one file and keep the answer; False when the scanner gave none. No lock is held while it is asked."""
    try:
        with document.path.open("rb") as content:
            virus = scan(content, settings.CLAMD_URL, seconds=settings.CLAMD_SECONDS)
    except Unavailable as error:
        _put_off(document, Scan.WAITING, error)
        return False
    except (Unscanned, FileNotFoundError) as error:
        _put_off(document, Scan.FAILED, error)
        return True
    _settle(document, virus)
    return True


def _put_off(document: Document, state: Scan, error: Exception) -> None:
    """Later, each time after twice as long: one file that the scanner chokes on must not keep the others waiting."""
    wait = min(dt.timedelta(seconds=30) * 2**document.scan_tries, LONGEST_WAIT)
    waiting = Document.objects.filter(pk=document.pk, scan__in=PENDING)
    tries = min(document.scan_tries + 1, 20)
    waiting.update(scan=state, scan_tries=tries, scan_next_at=clock.now() + wait)
    log.warning("a file was not scanned", extra={"document_id": document.pk, "attempts": tries, "error": str(error)[:200]})


def _settle(document: Document, virus: str) -> None:
    state = Scan.INFECTED if virus else Scan.CLEAN
    with unit():
        mine = Document.objects.filter(pk=document.pk, scan__in=PENDING)
        if not mine.update(scan=state, virus=virus[:200], scan_next_at=None) or not virus:
            return
        document.scan, document.virus = state, virus[:200]
        record(document.owner, "found a virus in a file", by=SYSTEM, changes={"document": document.pk})
        for tell in _told:
            tell(document)
        transaction.on_commit(lambda: _move(document))


def _move(document: Document) -> None:
    """Out of the way of whoever reads the folder. It is shut from the moment of its state: this may come later."""
    document.quarantined_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if document.path.exists():
        document.path.replace(document.quarantined_path)
        document.quarantined_path.chmod(0o400)


def _finish_quarantine() -> None:
    """Move what a process that ended between its commit and its move has left."""
    for document in Document.objects.filter(scan=Scan.INFECTED):
        _move(document)
