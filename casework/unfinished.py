"""Rows that are only partly filled in, kept as they were typed until they are finished.

"Save and come back later" saves a row when its columns allow it. A row that they do not allow, such as a milestone without its date,
is kept here as text instead: nobody loses what they typed, and nothing half counts. Saving its part of the case again replaces it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef

Typed = dict[str, Any]
"""What is in each box of a row, by the field's name."""


class Unfinished(models.Model):
    """The unfinished rows of one part of a case. Each row is its `place` on the page and its `typed` values."""

    subject = models.CharField(max_length=60, help_text="app_label.model of the case")
    object_id = models.BigIntegerField()
    part = models.CharField(max_length=40)
    rows = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "object_id", "part"], name="casework_unfinished_part_once")]

    def __str__(self) -> str:
        return f"{self.subject} {self.object_id} {self.part}"


def _of(case: models.Model) -> models.QuerySet[Unfinished]:
    return Unfinished.objects.filter(subject=case._meta.label_lower, object_id=case.pk)


def keep_unfinished(case: models.Model, part: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make these the unfinished rows of a part; none takes away what was kept. Call it with the case locked."""
    if not rows:
        _of(case).filter(part=part).delete()
        return
    values = {"subject": case._meta.label_lower, "object_id": case.pk, "part": part}
    Unfinished.objects.update_or_create(**values, defaults={"rows": [dict(row) for row in rows]})


def unfinished_in(case: models.Model) -> dict[str, list[dict[str, Any]]]:
    """The unfinished rows of every part of a case, in one query."""
    return dict(_of(case).values_list("part", "rows"))


def has_unfinished(model: type[models.Model], part: str) -> Exists:
    """A column for a queryset of cases: whether the part has unfinished rows."""
    return Exists(Unfinished.objects.filter(subject=model._meta.label_lower, object_id=OuterRef("pk"), part=part))


def unfinished_sentence(names: Sequence[str]) -> str:
    """What the page says of them; "" for none."""
    return f"Not finished: {', '.join(names)}. What you typed is kept as it is and counts once it is finished." if names else ""
