"""Reminders: rooms say who is to be reminded of what; everybody gets at most one e-mail of them a day.

A room registers a source. It is asked on every run of the timer, from seven in the morning, and leaves out what `Told` knows of, so a
run that finds nothing new costs a few queries. A night that was missed is made good by the next run: sources name the latest moment
that has come, not each that was passed over.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.template.loader import render_to_string

from casework import clock
from casework.outbox import Message
from casework.registry import readers_among
from casework.spine import GrantFile

HOUR = 7
"""In the morning, UK time: before this nobody is written to."""
REMEMBERED = dt.timedelta(days=120)
"""Longer than any reminder's moment stays the latest one."""
NAME = "reminders"


class Reminded(models.Model):
    """That a person was reminded of a case at one of its moments. `key` names both; the message may tell of several."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=160)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reminded")
    file = models.ForeignKey(GrantFile, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="casework_reminded_once")]

    def __str__(self) -> str:
        return self.key


@dataclass(frozen=True)
class Reminder:
    """One thing for one person. `words` is a template of templates/messages/: its first line says it in short, the rest in full."""

    person: Any
    about: Any
    moment: str
    due: dt.datetime
    words: str
    context: dict[str, Any]

    @property
    def key(self) -> str:
        return key_of(self.about, self.moment)


def key_of(about: models.Model, moment: str) -> str:
    return f"{about._meta.label_lower}:{about.pk}:{moment}"


@dataclass(frozen=True)
class Told:
    """Who was reminded of what, and who had their e-mail of today."""

    keys: frozenset[tuple[int, str]]
    today: frozenset[int]

    def still(self, people: Iterable[Any], about: models.Model, moment: str) -> list[Any]:
        """Those who are to be written to about this moment now."""
        key = key_of(about, moment)
        return [person for person in people if person.pk not in self.today and (person.pk, key) not in self.keys]


Source = Callable[[Told], Iterable[Reminder]]
_sources: list[Source] = []


def reminder_source(source: Source) -> Source:
    """Register what a room reminds of."""
    if source not in _sources:
        _sources.append(source)
    return source


def told_so_far() -> Told:
    """In two queries."""
    since = clock.now() - REMEMBERED
    keys = Reminded.objects.filter(message__queued_at__gte=since).values_list("person_id", "key")
    today = Message.objects.filter(name=NAME, dedupe__startswith=f"{NAME}:{clock.today()}:").values_list("to_id", flat=True)
    return Told(frozenset(keys), frozenset(pk for pk in today if pk is not None))


def remind() -> int:
    """Write to everybody who is to be reminded of something, all of it in one e-mail; how many were written."""
    if clock.now() < clock.london(clock.today(), HOUR):
        return 0
    told = told_so_far()
    found: dict[int, list[Reminder]] = defaultdict(list)
    for source in _sources:
        for reminder in source(told):
            # A room need not know who may know of a case: nobody else is reminded of it.
            if any(readers_among(reminder.about, [reminder.person])):
                found[reminder.person.pk].append(reminder)
    for reminders in found.values():
        _write(sorted(reminders, key=lambda one: (one.due, one.key)))
    return len(found)


def _write(reminders: Sequence[Reminder]) -> None:
    """One message with its memory. The unique keys of both stop a second timer that runs at the same moment."""
    person = reminders[0].person
    parts = [_said(reminder) for reminder in reminders]
    body = render_to_string(f"messages/{NAME}.txt", {"person": person, "parts": parts, "link": settings.BASE_URL + "/"})
    subject, _, words = body.strip().partition("\n")
    files = {getattr(reminder.about, "file_id", None) for reminder in reminders}
    message = Message.objects.create(
        dedupe=f"{NAME}:{clock.today()}:{person.pk}",
        file_id=files.pop() if len(files) == 1 else None,
        to=person,
        name=NAME,
        subject=subject[:200],
        body=words.strip() + "\n",
        queued_at=clock.now(),
        next_try_at=clock.now(),
    )
    Reminded.objects.bulk_create(
        Reminded(person=person, key=one.key, message=message, file_id=getattr(one.about, "file_id", None)) for one in reminders
    )


def _said(reminder: Reminder) -> dict[str, str]:
    link = settings.BASE_URL + reminder.about.get_absolute_url()
    context = {"case": reminder.about, "person": reminder.person, "link": link, **reminder.context}
    short, _, full = render_to_string(f"messages/{reminder.words}.txt", context).strip().partition("\n")
    return {"short": short, "full": full.strip()}
