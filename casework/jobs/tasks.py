"""What the worker is handed: the number of a job, and which attempt is meant."""

from __future__ import annotations

from django_tasks import task

from casework.jobs.doing import do


@task()
def work_on(key: int, attempt: int) -> None:
    """Handed out twice, the second finds nothing to do."""
    do(key, attempt)
