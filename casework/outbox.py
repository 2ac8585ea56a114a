"""E-mails wait in a table until they are sent: written in the transaction that caused them, sent later, each at most once.

The words are templates in templates/messages/, one file a message: the first line is the subject.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, Concat
from django.template.loader import render_to_string

from casework import clock
from casework.registry import readers_among
from casework.spine import GrantFile

log = logging.getLogger("house.outbox")
MOST_ATTEMPTS = 8
LINK_PLACE = "[link]"
"""Where the words of a message name the link that is in nobody's hands but its reader's."""


class Message(models.Model):
    """One e-mail to one person, or to the address of somebody without an account. `dedupe` makes a repeated cause write it once.

    `secret_link` opens something to whoever holds it: it is put into the words when they are sent, and forgotten then, or when the last
    attempt begins. A message that has lost its link is never sent: a new one must be written.
    """

    dedupe = models.CharField(max_length=200, unique=True)
    file = models.ForeignKey(GrantFile, null=True, on_delete=models.PROTECT, related_name="messages")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    address = models.EmailField(blank=True)
    secret_link = models.CharField(max_length=300, blank=True)
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
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(to=None) & ~models.Q(address="")) | (models.Q(to__isnull=False) & models.Q(address="")),
                name="casework_message_one_reader",
            )
        ]

    def __str__(self) -> str:
        return self.subject


def queue(name: str, *, to: Iterable[Any], about: Any, cause: str, **context: Any) -> None:
    """Write a message to each person who may know of the case; `cause` tells one event from the next ("submitted:3").

    The template gets `case`, `link` (the case's full address), `person` and the given context.
    """
    written = []
    for person in {user.pk: user for user in readers_among(about, to)}.values():
        words = render_to_string(
            f"messages/{name}.txt",
            {"case": about, "link": settings.BASE_URL + about.get_absolute_url(), "person": person, **context},
        )
        subject, _, body = words.strip().partition("\n")
        written.append(
            Message(
                dedupe=f"{name}:{about._meta.label_lower}:{about.pk}:{cause}:{person.pk}",
                file_id=getattr(about, "file_id", None),
                to=person,
                name=name,
                subject=subject[:200],
                body=body.strip() + "\n",
                queued_at=clock.now(),
                next_try_at=clock.now(),
            )
        )
    Message.objects.bulk_create(written, ignore_conflicts=True)


def queue_to_address(name: str, *, address: str, about: Any, cause: str, secret_link: str = "", **context: Any) -> None:
    """Write a message to somebody who has no account, and perhaps never will.

    The template gets `case`, the given context and, for a link that only this reader may have, `link`: the words that stay here do
    not hold it.
    """
    words = render_to_string(f"messages/{name}.txt", {"case": about, "link": LINK_PLACE, **context})
    subject, _, body = words.strip().partition("\n")
    reader = hashlib.sha256(address.lower().encode()).hexdigest()[:16]
    message = Message(
        dedupe=f"{name}:{about._meta.label_lower}:{about.pk}:{cause}:{reader}",
        file_id=getattr(about, "file_id", None),
        address=address,
        secret_link=secret_link,
        name=name,
        subject=subject[:200],
        body=body.strip() + "\n",
        queued_at=clock.now(),
        next_try_at=clock.now(),
    )
    Message.objects.bulk_create([message], ignore_conflicts=True)


def call_back(name: str, *, about: Any) -> int:
    """Keep from going out what still waits of this message about a row, and forget its secret link; how many were kept."""
    begins = f"{name}:{about._meta.label_lower}:{about.pk}:"
    return Message.objects.filter(dedupe__startswith=begins, sent_at=None).update(next_try_at=None, secret_link="")


def could_not_be_sent(name: str, *, about: type[models.Model], key: Any, cause: Any) -> models.Exists:
    """Annotation: whether this message about a row was given up. `key` and `cause` are expressions of the outer query."""
    parts = [Value(f"{name}:{about._meta.label_lower}:"), Cast(key, models.TextField()), Value(":"), cause, Value(":")]
    given_up = Message.objects.filter(sent_at=None, next_try_at=None, attempts__gte=MOST_ATTEMPTS)
    return models.Exists(given_up.filter(dedupe__startswith=Concat(*parts, output_field=models.TextField())))


def discard_waiting() -> int:
    """Mark every waiting message as sent when it was written, and send nothing: for a demonstration whose people do not exist."""
    return Message.objects.filter(sent_at=None).update(attempts=1, sent_at=F("queued_at"), next_try_at=None, secret_link="")


def drain(limit: int = 200) -> int:
    """Send what is due; how many went out. A failed one is tried again later, each time after twice as long."""
    due = Message.objects.filter(sent_at=None, next_try_at__lte=clock.now()).select_related("to")
    due = due.exclude(to=None, secret_link="", body__contains=LINK_PLACE)
    return sum(_send(message) for message in list(due.order_by("next_try_at", "pk")[:limit]) if _claim(message))


def _claim(message: Message) -> bool:
    """Count the attempt and set the next one before sending, if no other process was faster.

    No lock is held while the mail server is asked: on SQLite it would be everybody's.
    """
    message.attempts += 1
    wait = dt.timedelta(minutes=2**message.attempts)
    last = message.attempts >= MOST_ATTEMPTS
    changes: dict[str, Any] = {"attempts": message.attempts, "next_try_at": None if last else clock.now() + wait}
    if last:  # this process alone still holds the link
        changes["secret_link"] = ""
    mine = Message.objects.filter(pk=message.pk, sent_at=None, attempts=message.attempts - 1)
    return mine.update(**changes) == 1


def _send(message: Message) -> int:
    try:
        body = message.body.replace(LINK_PLACE, message.secret_link) if message.secret_link else message.body
        reader = message.to.email if message.to is not None else message.address
        EmailMessage(message.subject, body, to=[reader]).send()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one message must not keep the others from going out
        # The kind of error alone: its words name the address.
        kind = type(error).__name__
        log.warning("message not sent", extra={"message_id": message.pk, "attempts": message.attempts, "error": kind})
        return 0
    Message.objects.filter(pk=message.pk).update(sent_at=clock.now(), next_try_at=None, secret_link="")
    return 1
