"""The kinds of work that rooms register: what it is called, who may have it, and how it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, Protocol

from django.db import models

from casework.jobs.models import Job


class Progress(Protocol):
    """Tell how far the work is; raises Superseded when it was given to somebody else meanwhile."""

    def __call__(self, done: int, total: int) -> None: ...


@dataclass(frozen=True)
class Made:
    """What came of it: the file's name and type."""

    name: str
    media_type: str


@dataclass(frozen=True)
class JobKind:
    """`make(about, by, out, tell)` writes the file; `may_have(user, about)` is asked before the work, and at every look and download.

    `asked` and `taken` are the verbs of the audit.
    """

    key: str
    model: type[models.Model]
    title: Callable[[Any], str]
    may_have: Callable[[Any, Any], bool]
    make: Callable[[Any, Any, IO[bytes], Progress], Made]
    asked: str
    taken: str


_kinds: dict[str, JobKind] = {}


def job_kind(kind: JobKind) -> JobKind:
    """Register it, when the room's app is ready."""
    _kinds[kind.key] = kind
    return kind


def kind_of(key: str) -> JobKind:
    return _kinds[key]


def about_of(job: Job, user: Any) -> Any:
    """What the work is about, if this person may have its file now; else None."""
    kind = kind_of(job.kind)
    model: Any = kind.model
    about = model.objects.visible_to(user).filter(pk=job.object_id).first()
    return about if about is not None and kind.may_have(user, about) else None
