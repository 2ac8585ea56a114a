"""E-mails wait in a table until they are sent: written in the transaction that caused them, sent later, each at most once.

The words are templates in templates/messages/, one file a message: the first line is the subject.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.template.loader import render_to_string

from casework import clock
from casework.spine import GrantFile

log = logging.getLogger("house.outbox")
MOST_ATTEMPTS = 8


class Message(models.Model):
    """One e-mail to one person. `dedupe` makes a repeated cause write it once."""

    dedupe = models.CharField(max_length=200, unique=True)
    file = models.ForeignKey(GrantFile, null=True, on_delete=models.PROTECT, related_name="messages")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    queued_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["queued_at", "pk"]
        indexes = [models.Index(fields=["sent_at", "next_try_at"])]

    def __str__(self) -> str:
        return self.subject


def queue(name: str, *, to: Iterable[Any], about: Any, cause: str, **context: Any) -> None:
    """Write a message to each person about a case; `cause` tells one event from the next ("submitted:3").

    The template gets `case`, `link` (the case's full address), `person` and the given context.
    """
    for person in {user.pk: user for user in to}.values():
        words = render_to_string(
            f"messages/{name}.txt",
            {"case": about, "link": settings.BASE_URL + about.get_absolute_url(), "person": person, **context},
        )
        subject, _, body = words.strip().partition("\n")
        Message.objects.get_or_create(
            dedupe=f"{name}:{about._meta.label_lower}:{about.pk}:{cause}:{person.pk}",
            defaults={
                "file_id": getattr(about, "file_id", None),
                "to": person,
                "name": name,
                "subject": subject[:200],
                "body": body.strip() + "\n",
                "queued_at": clock.now(),
                "next_try_at": clock.now(),
            },
        )


def drain(limit: int = 200) -> int:
    """Send what is due; how many went out. A failed one is tried again later, each time after twice as long."""
    sent = 0
    due = Message.objects.filter(sent_at=None, next_try_at__lte=clock.now()).values_list("pk", flat=True)[:limit]
    for pk in list(due):
        with transaction.atomic():
            message = (
                Message.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("to")
                .filter(pk=pk, sent_at=None)
                .first()
            )
            sent += _send(message) if message is not None else 0
    return sent


def _send(message: Message) -> int:
    message.attempts += 1
    try:
        EmailMessage(message.subject, message.body, to=[message.to.email]).send()
    except OSError:
        log.warning("message not sent", extra={"message_id": message.pk, "attempts": message.attempts})
        gave_up = message.attempts >= MOST_ATTEMPTS
        message.next_try_at = None if gave_up else clock.now() + dt.timedelta(minutes=2**message.attempts)
        message.save()
        return 0
    message.sent_at, message.next_try_at = clock.now(), None
    message.save()
    return 1
