"""Work that takes longer than a page may: who asked for it, how far it is, and the file that came of it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q


class JobStage(models.TextChoices):
    WAITING = "waiting", "Waiting to begin"
    RUNNING = "running", "Being made"
    DONE = "done", "Ready"
    FAILED = "failed", "Not finished"
    EXPIRED = "expired", "Deleted"


S = JobStage
UNFINISHED = [S.WAITING, S.RUNNING]
AGAIN = [S.FAILED, S.EXPIRED]
COLOURS = {S.WAITING: "grey", S.RUNNING: "blue", S.DONE: "green", S.FAILED: "red", S.EXPIRED: "grey"}


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> JobQuerySet:
        """One's own. Whether they still may see what it is about is asked besides, by `casework.jobs.services.open_to`."""
        return self.filter(by=user.pk) if user.pk is not None else self.none()


class Job(models.Model):
    """One piece of work for one person. `attempt` counts how often it was begun; `beat_at` is its last sign of life."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("asked for")
    stage = models.CharField(max_length=10, choices=S.choices, default=S.WAITING)
    attempt = models.PositiveSmallIntegerField(default=1)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    beat_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    name = models.CharField(max_length=150, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="bytes")
    sha256 = models.CharField(max_length=64, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["stage", "beat_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "content_type", "object_id", "by"],
                condition=Q(stage__in=["waiting", "running"]),
                name="casework_job_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(stage="done") | (Q(finished_at__isnull=False) & ~Q(name="") & ~Q(sha256="")),
                name="casework_job_done_has_a_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    def get_absolute_url(self) -> str:
        return f"/jobs/{self.key}/"

    @property
    def path(self) -> Path:
        """Where the file of this attempt lies; another attempt has a place of its own."""
        return Path(settings.DOCUMENT_ROOT) / "results" / f"{self.key.hex}-{self.attempt}"

    @property
    def percent(self) -> int:
        return min(100, 100 * self.done // self.total) if self.total else 0

    @property
    def state_tag(self) -> tuple[str, str]:
        return str(S(self.stage).label), COLOURS[S(self.stage)]

    @property
    def is_unfinished(self) -> bool:
        return self.stage in UNFINISHED
