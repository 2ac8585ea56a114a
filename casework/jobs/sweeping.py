"""Clearing up after work in the background: what a worker that died has left, and files that nobody needs any more."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.conf import settings
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from casework import clock
from casework.jobs.models import Job, JobStage

KEPT_FOR = dt.timedelta(days=7)
SILENT_FOR = dt.timedelta(minutes=10)
"""After so long without a sign of life the worker has died: it gives one at least with every file."""
WAITS_FOR = dt.timedelta(hours=1)
TASKS_KEPT_FOR = dt.timedelta(days=14)
STOPPED = "The work stopped before it was finished, for example because the service was restarted. Try again."
NOT_BEGUN = (
    "Nothing began this work within an hour. Try again; if that happens again, tell your administrator that no worker runs."
)


def sweep_jobs() -> int:
    """End what nobody works on any more and delete files of a week ago; how many were touched."""
    now = clock.now()
    jobs = Job.objects.all()
    silent = jobs.filter(stage=JobStage.RUNNING, beat_at__lt=now - SILENT_FOR)
    ended = silent.update(stage=JobStage.FAILED, problem=STOPPED, finished_at=now)
    lost = jobs.filter(stage=JobStage.WAITING, beat_at__lt=now - WAITS_FOR)
    ended += lost.update(stage=JobStage.FAILED, problem=NOT_BEGUN, finished_at=now)
    old = list(jobs.filter(stage=JobStage.DONE, finished_at__lt=now - KEPT_FOR))
    for job in old:
        job.path.unlink(missing_ok=True)
    jobs.filter(pk__in=[job.pk for job in old]).update(stage=JobStage.EXPIRED)
    _sweep_files()
    _sweep_tasks(now)
    return ended + len(old)


def _sweep_files() -> None:
    """Delete what belongs to no attempt that counts, as after a worker that was killed."""
    folder = Path(settings.DOCUMENT_ROOT) / "results"
    found = {path.name: path for path in folder.glob("*")}
    if not found:
        return
    wanted = Job.objects.filter(stage__in=[JobStage.RUNNING, JobStage.DONE])
    for name in found.keys() - {job.path.name for job in wanted.only("key", "attempt")}:
        found[name].unlink(missing_ok=True)


def _sweep_tasks(now: dt.datetime) -> None:
    """A worker that was killed leaves its task running for ever, and nothing else deletes the finished ones."""
    tasks = DBTaskResult.objects.all()
    stuck = tasks.filter(status=TaskResultStatus.RUNNING, started_at__lt=now - dt.timedelta(days=1))
    stuck.update(status=TaskResultStatus.FAILED, finished_at=now)
    tasks.finished().filter(finished_at__lt=now - TASKS_KEPT_FOR).delete()
