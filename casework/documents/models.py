"""A file somebody attached. Stored under a random name outside any public folder; its owner decides who may open it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models

from casework.spine import GrantFile


class Scan(models.TextChoices):
    """What a virus scanner said. OFF: none was set when the file came; it is looked at once there is one."""

    OFF = "off", "Not checked for viruses"
    WAITING = "waiting", "Being checked for viruses"
    FAILED = "failed", "Not yet checked for viruses: the check did not work and is tried again"
    CLEAN = "clean", "No virus found"
    INFECTED = "infected", "In quarantine: a virus was found"


PENDING = [Scan.OFF, Scan.WAITING, Scan.FAILED]


class Document(models.Model):
    """One uploaded file: `name` is what the person called it, `stored` is where it lies below DOCUMENT_ROOT.

    `virus` is the scanner's name for what it found; `scan_next_at` is when a scan that did not work is tried again.
    """

    stored = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.ForeignKey(GrantFile, null=True, blank=True, on_delete=models.PROTECT, related_name="documents")
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=150)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    scan = models.CharField(max_length=10, choices=Scan.choices, default=Scan.OFF)
    virus = models.CharField(max_length=200, blank=True)
    scan_tries = models.PositiveSmallIntegerField(default=0)
    scan_next_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["content_type", "object_id"]), models.Index(fields=["scan", "scan_next_at"])]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/documents/{self.stored}/"

    @property
    def path(self) -> Path:
        name = self.stored.hex
        return Path(settings.DOCUMENT_ROOT) / name[:2] / name

    @property
    def quarantined_path(self) -> Path:
        return Path(settings.DOCUMENT_ROOT) / "quarantine" / self.stored.hex

    @property
    def may_be_opened(self) -> bool:
        """With a scanner, only what it found clean. What once waited for it stays shut when the scanner is taken away."""
        return self.scan == Scan.CLEAN or (self.scan == Scan.OFF and not settings.CLAMD_URL)

    @property
    def withheld(self) -> str:
        """Why nobody can open the file now; "" when they can."""
        if self.may_be_opened:
            return ""
        return str(Scan(self.scan).label if self.scan != Scan.OFF else Scan.WAITING.label)

    @property
    def owner(self) -> Any:
        return self.content_type.get_object_for_this_type(pk=self.object_id)


def documents_on(model: type[models.Model]) -> models.QuerySet[Document]:
    """What is attached to any object of a model now."""
    label = model._meta
    return Document.objects.filter(content_type__app_label=label.app_label, content_type__model=label.model_name, removed_at=None)


def documents_of(owner: models.Model) -> models.QuerySet[Document]:
    """What is attached to an object now, oldest first."""
    kind = ContentType.objects.get_for_model(owner)
    return Document.objects.filter(content_type=kind, object_id=owner.pk, removed_at=None).select_related("by")
