"""What waits for a person, grouped by when, and what to do when nothing waits."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from casework import clock
from casework.registry import WorkItem, waiting_for
from grants.bids.models import Bid
from grants.rounds.expressing import takes_expressions
from grants.rounds.models import Round
from partnerships.organisations.models import Membership, on_date
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of

SOON = dt.timedelta(days=14)
SHOWN = 30
ROUNDS = 10
_DESCENDANT = re.compile(r"-[A-Z][0-9]*$")


@dataclass(frozen=True)
class Row:
    """One thing to do; `body` says for whom when the person serves several bodies."""

    item: WorkItem
    body: str = ""


@dataclass
class Group:
    """Rows that are due about the same time; `more` counts what is not listed."""

    key: str
    title: str
    rows: list[Row] = field(default_factory=list)
    more: int = 0

    @property
    def count(self) -> int:
        return len(self.rows) + self.more


@dataclass(frozen=True)
class Advice:
    """What somebody of a role may do while nothing waits."""

    sentence: str
    label: str
    url: str


ADVICE: tuple[tuple[frozenset[str], Advice], ...] = (
    (
        frozenset({Role.COMMISSIONING_OFFICER}),
        Advice("Bids appear here when they are submitted.", "Look at the rounds", "/rounds/"),
    ),
    (
        frozenset({Role.COMMISSIONER, Role.CHIEF_EXECUTIVE}),
        Advice("Decisions appear here when an officer recommends them.", "Look at the decisions", "/decisions/"),
    ),
    (
        frozenset({Role.ASSESSOR}),
        Advice("Bids appear here when an officer gives them to you to assess.", "Look at your assessments", "/assessments/"),
    ),
    (
        frozenset({Role.FINANCE_OFFICER, Role.CHIEF_FINANCE_OFFICER}),
        Advice("Payments appear here when they can be prepared, approved or paid.", "Look at the payments", "/payments/"),
    ),
    (
        frozenset({Role.COMMUNICATIONS}),
        Advice("Decisions appear here when they can be published.", "Look at the decisions", "/decisions/"),
    ),
    (frozenset({Role.AUDITOR}), Advice("You can read everything and change nothing.", "Read the audit", "/audit/")),
    (
        frozenset({Role.ADMINISTRATOR}),
        Advice("You give people their roles on the page of their organisation.", "Look at the organisations", "/organisations/"),
    ),
    (
        frozenset({Role.SIGNATORY}),
        Advice("Bids and agreements appear here when they are ready for you to sign.", "Look at the bids", "/bids/"),
    ),
    (
        frozenset({Role.FINANCE_SIGNATORY}),
        Advice("Returns appear here when they are prepared for you to certify.", "Look at the returns", "/returns/"),
    ),
)
ELSE = Advice("What you have to do appears here.", "Look at the register of awards", "/register/")


def grouped(user: Any) -> tuple[list[Group], bool]:
    """Overdue, due soon, and the rest, each in order of its date, without groups of nothing; whether even more waits than is counted."""
    today = clock.today()
    overdue, soon, later = (
        Group("overdue", "Overdue"),
        Group("soon", "Due in the next 14 days"),
        Group("later", "Later or no date"),
    )
    items, more = waiting_for(user)
    bodies = _bodies_of(items) if len(standing_of(user).bodies) > 1 else {}
    for item in items:
        group = later if item.due is None or item.due > today + SOON else overdue if item.due < today else soon
        if len(group.rows) < SHOWN:
            group.rows.append(Row(item, bodies.get(_bid_reference(item.reference), "")))
        else:
            group.more += 1
    return [group for group in (overdue, soon, later) if group.rows], more


def _bid_reference(reference: str) -> str:
    """CDR-2026-014-R01 descends from CDR-2026-014."""
    return _DESCENDANT.sub("", reference)


def _bodies_of(items: Iterable[WorkItem]) -> dict[str, str]:
    references = {_bid_reference(item.reference) for item in items}
    return dict(Bid.objects.filter(reference__in=references).values_list("reference", "applicant__short_name"))


def served_by(user: Any) -> list[Membership]:
    """The roles a person holds today, the office first; cover is told beside them."""
    held = Membership.objects.filter(on_date(clock.today()), person=user)
    return list(held.select_related("organisation").order_by("organisation__name", "role", "pk"))


def covered_by(user: Any) -> list[Any]:
    """Whose role a person acts in today."""
    covers = user.covering.filter(on_date(clock.today()), on_date(clock.today(), "membership__"))
    return list(covers.select_related("membership__person", "membership__organisation").order_by("ends", "pk"))


def advice_for(user: Any) -> list[Advice]:
    """A sentence for each kind of role held, so that an empty page still says what to do."""
    standing = standing_of(user)
    held = standing.office.union(*standing.bodies.values())
    found = [advice for roles, advice in ADVICE if not held.isdisjoint(roles)]
    return found or ([] if Role.COORDINATOR in held else [ELSE])


def open_rounds(user: Any) -> list[Round]:
    """The rounds that take bids or expressions of interest now, for those who write them; not those where the office asks by name."""
    if not standing_of(user).serving(Role.COORDINATOR):
        return []
    found = Round.objects.visible_to(user).open_at(clock.now()).order_by("closes_at", "pk")[:SHOWN]
    return [row for row in found if row.way.open or takes_expressions(row)][:ROUNDS]
