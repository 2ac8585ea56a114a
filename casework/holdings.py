"""What a person holds for a body, told by the rooms that know, so that a leaver's page lists it and hands it over without importing them.

Some things are held in somebody's own name, such as a draft they began: those are handed to a named colleague. Others go with a
role, such as a bid to submit: whoever else holds the role has them already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef


@dataclass(frozen=True)
class Held:
    """One thing. Title and address are empty for a reader who may not open it."""

    key: int
    reference: str
    sentence: str
    title: str = ""
    url: str = ""


def nobody(reader: Any, body: Any) -> bool:
    return False


@dataclass(frozen=True)
class Kind:
    """`role` is the one it is held in; who takes it over has that role too. Without `hand_over` it goes with the role.

    `may_hand_over(reader, body)` says who reassigns it, `else_who` tells the others who does.
    """

    name: str
    title: str
    role: str
    held: Callable[[Any, Any, Any], Iterable[Held]]
    hand_over: Callable[..., Any] | None = None
    may_hand_over: Callable[[Any, Any], bool] = nobody
    else_who: str = ""


_kinds: dict[str, Kind] = {}


def holding(kind: Kind) -> Kind:
    """Register what people hold: `held(person, body, reader)` in one query, `hand_over(key=, to=, by=)` through an audited service."""
    return _kinds.setdefault(kind.name, kind)


def kinds_for(roles: Iterable[str]) -> list[Kind]:
    """What somebody with these roles may hold, lower rooms first."""
    wanted = set(roles)
    return [kind for kind in _kinds.values() if kind.role in wanted]


def with_sight(rows: models.QuerySet[Any], reader: Any) -> models.QuerySet[Any]:
    """Adds `seen`: whether the reader may open the case."""
    manager: Any = rows.model._default_manager
    return rows.annotate(seen=Exists(manager.visible_to(reader).filter(pk=OuterRef("pk"))))


def held_case(case: Any, sentence: str) -> Held:
    """A case from `with_sight` as a thing held."""
    if not case.seen:
        return Held(case.pk, case.reference, sentence)
    return Held(case.pk, case.reference, sentence, str(getattr(case, "title", "")), case.get_absolute_url())
