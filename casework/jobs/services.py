"""Asking for work that takes longer than a page may, and taking what came of it."""

from __future__ import annotations

from typing import IO, Any

from django.contrib.contenttypes.models import ContentType

from casework import clock
from casework.jobs.kinds import JobKind, about_of, kind_of
from casework.jobs.models import AGAIN, UNFINISHED, Job, JobStage
from casework.jobs.tasks import work_on
from casework.workflow import Refused, record, unit


def ask_for(*, kind: JobKind, about: Any, by: Any) -> Job:
    """Have it done. Asked twice while the first is not finished, it is one."""
    if not kind.may_have(by, about):
        raise Refused("You may not have this file.")
    place = {"kind": kind.key, "content_type": ContentType.objects.get_for_model(about), "object_id": about.pk, "by": by}
    with unit():
        running = _unfinished(place)
        if running is not None:
            return running
        job = Job.objects.create(**place, at=clock.now(), beat_at=clock.now())
        record(about, kind.asked, by=by, changes={"job": job.pk})
        work_on.enqueue(job.pk, job.attempt)
    return job


def try_again(*, job: Job, by: Any) -> Job:
    """Begin anew what failed or was deleted."""
    about = about_of(job, by)
    if about is None:
        raise Refused("You may not have this file.")
    with unit():
        locked = Job.objects.select_for_update().get(pk=job.pk)
        place = {name: getattr(locked, name) for name in ("kind", "content_type_id", "object_id", "by_id")}
        running = locked if locked.stage not in AGAIN else _unfinished(place)
        if running is not None:
            return running
        locked.stage, locked.attempt, locked.problem = JobStage.WAITING, locked.attempt + 1, ""
        locked.done = locked.total = 0
        locked.beat_at, locked.finished_at = clock.now(), None
        locked.save()
        record(about, kind_of(job.kind).asked, by=by, changes={"job": job.pk})
        work_on.enqueue(locked.pk, locked.attempt)
    return locked


def _unfinished(place: dict[str, Any]) -> Job | None:
    """What this person waits for already. The database holds the same against two requests at once."""
    return Job.objects.filter(**place, stage__in=UNFINISHED).first()


def take(*, job: Job, about: Any, by: Any) -> IO[bytes]:
    """Open the file for its asker, and note that they took it. OSError when it is not there."""
    content = job.path.open("rb")
    record(about, kind_of(job.kind).taken, by=by, changes={"job": job.pk, "sha256": job.sha256})
    return content
