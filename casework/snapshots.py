"""The only versioning there is: a frozen, hashed copy of what was submitted, agreed, signed or published."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models

from casework import clock
from casework.appendonly import AppendOnly
from casework.audit.chain import canonical
from casework.spine import GrantFile


class Snapshot(AppendOnly):
    """Version `number` of an object as canonical JSON. Signatures and receipts quote `sha256`."""

    file = models.ForeignKey(GrantFile, null=True, on_delete=models.PROTECT, related_name="snapshots")
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.BigIntegerField()
    number = models.PositiveIntegerField()
    body = models.TextField(help_text="canonical JSON")
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    declaration = models.TextField(blank=True, help_text="the words that were confirmed")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["content_type", "object_id", "number"], name="casework_snapshot_number_once"),
        ]

    def __str__(self) -> str:
        return f"Version {self.number}"

    @property
    def data(self) -> Any:
        return json.loads(self.body)

    def holds(self) -> bool:
        """Whether the text is still what was hashed."""
        return hashlib.sha256(self.body.encode()).hexdigest() == self.sha256


def snapshots_of(obj: models.Model) -> models.QuerySet[Snapshot]:
    """An object's snapshots, oldest first."""
    kind = ContentType.objects.get_for_model(obj)
    return Snapshot.objects.filter(content_type=kind, object_id=obj.pk).order_by("number")


def latest_of(model: type[models.Model], keys: Iterable[int] | models.QuerySet[Any]) -> models.QuerySet[Snapshot]:
    """The newest snapshot of each of several objects."""
    every = Snapshot.objects.filter(content_type=ContentType.objects.get_for_model(model))
    newest = every.filter(object_id=models.OuterRef("object_id")).order_by("-number").values("number")[:1]
    return every.filter(object_id__in=keys, number=models.Subquery(newest)).order_by("object_id")


def take_snapshot(obj: Any, data: dict[str, Any], *, by: Any, declaration: str = "") -> Snapshot:
    """Freeze `data` (JSON values only; amounts as strings) as the next version of the object. Call it with the object locked."""
    body = canonical(data)
    return Snapshot.objects.create(
        file_id=getattr(obj, "file_id", None),
        content_type=ContentType.objects.get_for_model(obj),
        object_id=obj.pk,
        number=snapshots_of(obj).count() + 1,
        body=body,
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        by_id=by.pk,
        at=clock.now(),
        declaration=declaration,
    )
