"""What time itself brings: returns that open, reminders, e-mails to send, leftovers to clear away. One run, one log line."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections, transaction

from casework import clock
from casework.documents.scanning import scan_due
from casework.documents.services import sweep_held
from casework.jobs.sweeping import sweep_jobs
from casework.outbox import drain
from casework.parking import sweep_parked
from casework.reminders import remind
from monitoring.returns.timers import open_due_returns

log = logging.getLogger("house.tick")
UPLOAD_AGE = dt.timedelta(days=1)
Part = Callable[[], int]


def sweep_uploads() -> int:
    """Delete files that were being written when a process ended: a `.part` of yesterday belongs to nothing."""
    before = (clock.now() - UPLOAD_AGE).timestamp()
    stray = [path for path in Path(settings.DOCUMENT_ROOT).rglob("*.part") if path.stat().st_mtime < before]
    for path in stray:
        path.unlink(missing_ok=True)
    return len(stray)


def open_returns() -> int:
    return open_due_returns(clock.today())


# Whether a part is one piece of work. Opening and sending commit row by row: one that fails must not undo the others.
PARTS: dict[str, tuple[Part, bool]] = {
    "returns_opened": (open_returns, False),
    "reminders_written": (remind, True),
    "messages_sent": (drain, False),
    "files_scanned": (scan_due, False),
    "parked_swept": (sweep_parked, True),
    "jobs_swept": (sweep_jobs, False),
    "uploads_swept": (sweep_uploads, False),
    "unsaved_files_swept": (sweep_held, True),
}


def run(parts: dict[str, tuple[Part, bool]] | None = None) -> dict[str, int | str]:
    """Every part once, each in a transaction of its own where it is one piece of work; a part that fails stops no other."""
    done = {name: _outcome(name, part, whole) for name, (part, whole) in (PARTS if parts is None else parts).items()}
    log.info("tick", extra={"parts": done})
    return done


def _outcome(name: str, part: Part, whole: bool) -> int | str:
    try:
        with transaction.atomic() if whole else nullcontext():
            return part()
    except Exception:
        log.exception("a part of the tick failed", extra={"parts": {name: "failed"}})
        return "failed"


def run_every(seconds: float, stop: threading.Event, parts: dict[str, tuple[Part, bool]] | None = None) -> None:
    """Run until told to stop. The database connection is looked after as Django does between requests."""
    while not stop.is_set():
        close_old_connections()
        run(parts)
        stop.wait(seconds)
