"""Doing the work in the background: once, with signs of life, and with a sentence for whoever waits when it goes wrong."""

from __future__ import annotations

import hashlib
import logging
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from casework import clock
from casework.jobs.kinds import about_of, kind_of
from casework.jobs.models import Job, JobStage
from casework.workflow import Refused

log = logging.getLogger("house.jobs")
FAILED = "The file could not be made. Try again; if that happens again, tell your administrator when you tried."
SAYS_EVERY = 1
"""Seconds between two signs of life."""


class Superseded(Exception):
    """The work was given up or begun anew while this process did it: what it makes is not wanted any more."""


def do(key: int, attempt: int) -> None:
    """Do the work once, however often it is handed out; what goes wrong is a sentence for the person who waits."""
    mine = Job.objects.filter(pk=key, attempt=attempt)
    if not mine.filter(stage=JobStage.WAITING).update(stage=JobStage.RUNNING, beat_at=clock.now()):
        return
    job = mine.select_related("by").get()
    try:
        _make(job)
    except Superseded:
        _forget_file(job)
    except Exception as error:
        log.exception("a job failed", extra={"job_id": job.pk, "attempts": attempt, "error": type(error).__name__})
        _running(job).update(stage=JobStage.FAILED, problem=FAILED, finished_at=clock.now())
        _forget_file(job)


def _forget_file(job: Job) -> None:
    """Delete what was begun; where the disk itself is what failed, the sweep does it later."""
    with suppress(OSError):
        job.path.unlink(missing_ok=True)


def _running(job: Job) -> Any:
    """The row, as long as this attempt is the one that counts."""
    return Job.objects.filter(pk=job.pk, attempt=job.attempt, stage=JobStage.RUNNING)


def _make(job: Job) -> None:
    about = about_of(job, job.by)
    if about is None:
        raise Refused("Whoever asked may not have it any more.")
    told_at = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal told_at
        if done not in (0, total) and time.monotonic() - told_at < SAYS_EVERY:
            return
        told_at = time.monotonic()
        if not _running(job).update(done=done, total=total, beat_at=clock.now()):
            raise Superseded

    job.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with job.path.open("wb") as out:
        made = kind_of(job.kind).make(about, job.by, out, tell)
    found = {"name": made.name, "media_type": made.media_type, "size": job.path.stat().st_size, "sha256": _hash_of(job.path)}
    if not _running(job).update(stage=JobStage.DONE, finished_at=clock.now(), beat_at=clock.now(), **found):
        raise Superseded


def _hash_of(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
