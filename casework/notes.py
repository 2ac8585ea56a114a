"""Notes of calls, visits, meetings and e-mails on any case or organisation. One side's notes are never shown to the other."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models

from casework import clock
from casework.spine import GrantFile
from casework.workflow import record, unit


class Note(models.Model):
    """What kind of contact, when, and what was said. `side` is "office" or "org:<id>" and decides who may read it."""

    class Kind(models.TextChoices):
        CALL = "call", "Call"
        VISIT = "visit", "Visit"
        MEETING = "meeting", "Meeting"
        EMAIL = "email", "E-mail"

    file = models.ForeignKey(GrantFile, null=True, blank=True, on_delete=models.PROTECT, related_name="notes")
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    on = models.DateField("date")
    text = models.TextField("what was said", max_length=4000)
    side = models.CharField(max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-on", "-pk"]
        indexes = [models.Index(fields=["content_type", "object_id"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.on}"


def add_note(owner: Any, *, kind: str, on: Any, text: str, side: str, by: Any) -> Note:
    """Keep a note on a case or organisation for one side.

    The act is recorded on the note, not on its owner: a case's history is shown to both sides, and that there is a note is not.
    A second click keeps no second note: the same words about the same contact are the note there is.
    """
    with unit():
        kept = notes_on(owner, {side}).filter(kind=kind, on=on, text=text, by=by).first()
        if kept is not None:
            return kept
        note = Note(
            file_id=getattr(owner, "file_id", None),
            content_type=ContentType.objects.get_for_model(owner),
            object_id=owner.pk,
            kind=kind,
            on=on,
            text=text,
            side=side,
            by=by,
            at=clock.now(),
        )
        note.full_clean()
        note.save()
        about = {"owner": owner._meta.label_lower, "object": owner.pk, "side": side}
        record(note, "added a note", by=by, changes=about, file=note.file)
    return note


def notes_on(owner: models.Model, sides: set[str]) -> models.QuerySet[Note]:
    """The notes on an object that belong to one of these sides, newest first."""
    kind = ContentType.objects.get_for_model(owner)
    return Note.objects.filter(content_type=kind, object_id=owner.pk, side__in=sides).select_related("by")
