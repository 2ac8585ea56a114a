"""A grant's history in words: audit entries as a timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from casework.audit.models import AuditEntry
from casework.registry import shared_subjects, sides_of
from casework.workflow import Case, transitions_of


@dataclass(frozen=True)
class Event:
    """One line of a timeline."""

    title: str
    who: str
    when: dt.datetime
    text: str = ""
    url: str = ""


PREPARING = ("prepare", "propose")
HANDED_OVER = "handed it to a colleague"
WROTE_MESSAGE = "sent a message about the bid"
CONFIRMED_SUBSIDY = "confirmed subsidy control"
NO_WORK = (HANDED_OVER, WROTE_MESSAGE, CONFIRMED_SUBSIDY)
"""Acts on a case that write nothing of what is signed later."""


def worked_on(by: Any, *cases: Case) -> bool:
    """Whether this person wrote or prepared anything in one of these cases. Somebody who covers never signs what they prepared."""
    wanted = Q()
    for case in cases:
        wanted |= Q(subject=case._meta.label_lower, object_id=case.pk)
    acts = AuditEntry.objects.filter(wanted, actor_id=by.pk).exclude(verb__in=NO_WORK)
    return acts.filter(Q(target="") | Q(verb__in=PREPARING)).exists()


RUN = 20
"""Text is saved many times while somebody writes: so many saves are read for one line of a history."""


def in_runs(entries: QuerySet[AuditEntry], lines: int) -> list[AuditEntry]:
    """The latest of these acts, one for each run of the same act by the same person."""
    recent = entries.order_by("-number")[: lines * RUN]
    return [next(run) for _, run in groupby(recent, key=lambda entry: (entry.verb, entry.actor_id))][:lines]


@lru_cache
def _past(subject: str, verb: str) -> str:
    """The timeline's words for a transition ("submitted the bid"); any other verb is already words."""
    model = apps.get_model(subject)
    if issubclass(model, Case):
        method = transitions_of(model).get(verb)
        if method is not None:
            return next(iter(method._django_fsm.transitions.values())).custom["past"]
    return verb


@lru_cache
def _path(subject: str) -> str:
    return getattr(apps.get_model(subject), "list_path", "")


def visible_entries(entries: QuerySet[AuditEntry], user: Any) -> QuerySet[AuditEntry]:
    """The office reads the whole history; a partner what happened to the cases both sides share, without the office's papers."""
    _, sides = sides_of(user)
    return entries if "office" in sides else entries.filter(subject__in=shared_subjects())


def told(entries: Iterable[AuditEntry]) -> list[Event]:
    """Entries (with actor and statement loaded) as events; changed fields are named, their values stay on the case's page."""
    return [_event(entry) for entry in entries]


def _event(entry: AuditEntry) -> Event:
    path = _path(entry.subject)
    words = _past(entry.subject, entry.verb)
    return Event(
        title=f"{words[:1].upper()}{words[1:]}" + (f" ({entry.reference})" if entry.reference else ""),
        who=str(entry.actor) if entry.actor else "the system",
        when=entry.at,
        text=entry.statement.text if entry.statement else "",
        url=f"/{path}/{entry.reference}/" if path and entry.reference else "",
    )
