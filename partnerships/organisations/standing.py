"""What a person is, today: the office roles they hold and the bodies they serve, cover included. One query a request."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from casework import clock
from partnerships.organisations.models import Cover, Membership, Organisation, on_date
from partnerships.organisations.roles import CASEWORKERS, OFFICE_ROLES, Role, Seat


@dataclass(frozen=True)
class Standing:
    """Roles by body id. A seat held for the office is shown on the body's page; it opens nothing and is no conflict of interest."""

    office: frozenset[str]
    bodies: Mapping[int, frozenset[str]]
    office_id: int | None
    covered: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """The roles in bodies that are held for somebody else alone."""

    @property
    def own(self) -> frozenset[int]:
        """The bodies in whose cases this person has an interest."""
        return frozenset(self.bodies)

    def in_office(self, *roles: str) -> bool:
        """Whether any of these office roles is held."""
        return not self.office.isdisjoint(roles)

    @property
    def is_caseworker(self) -> bool:
        return not self.office.isdisjoint(CASEWORKERS)

    def serving(self, *roles: str) -> set[int]:
        """The bodies served in any of these roles."""
        return {body for body, held in self.bodies.items() if not held.isdisjoint(roles)}

    def holds(self, organisation_id: int | None, *roles: str) -> bool:
        return not self.bodies.get(organisation_id or 0, frozenset()).isdisjoint(roles)

    def only_covers(self, organisation_id: int | None, role: str) -> bool:
        """Whether this role is somebody else's, for whom this person acts."""
        return role in self.covered.get(organisation_id or 0, frozenset())

    @property
    def side(self) -> str:
        """Whose notes this person writes: the office's, or their first body's."""
        if self.office:
            return "office"
        return f"org:{min(self.bodies)}" if self.bodies else "none"

    @property
    def sides(self) -> set[str]:
        """Whose notes this person reads."""
        return {"office"} if self.is_caseworker else {f"org:{body}" for body in self.bodies}


NOBODY = Standing(frozenset(), {}, None)


def standing_of(user: Any) -> Standing:
    """A person's standing today, looked up once a day per object; NOBODY for strangers and the system."""
    if user is None or user.pk is None or not user.is_active:
        return NOBODY
    today = clock.today()
    kept: tuple[dt.date, Standing] | None = getattr(user, "_standing", None)
    if kept is None or kept[0] != today:
        kept = (today, _look_up(user, today))
        user._standing = kept
    return kept[1]


def forget_standing(user: Any) -> None:
    """Look it up again next time: after a membership changed."""
    user.__dict__.pop("_standing", None)


def _look_up(user: Any, today: dt.date) -> Standing:
    acting = Cover.objects.filter(on_date(today), person=user).values("membership")
    held = Membership.objects.filter(Q(person=user) | Q(pk__in=acting), on_date(today)).values_list(
        "organisation_id", "role", "seat", "organisation__kind", "person_id"
    )
    office: set[str] = set()
    office_id = None
    bodies: dict[int, set[str]] = defaultdict(set)
    own: dict[int, set[str]] = defaultdict(set)
    for body, role, seat, kind, person in held:
        if kind == Organisation.Kind.OFFICE and role in OFFICE_ROLES:
            office.add(role)
            office_id = body
        elif seat != Seat.OFFICE_SEAT:
            bodies[body].add(role)
            if person == user.pk:
                own[body].add(role)
    frozen = {body: frozenset(roles) for body, roles in bodies.items()}
    covered = {body: roles - own[body] for body, roles in frozen.items()}
    return Standing(frozenset(office), frozen, office_id, covered)


def people_by_body(role: Role | str, organisations: Iterable[int]) -> dict[int, list[User]]:
    """Who holds a role today in each of these bodies, cover included: two queries for any number of bodies."""
    today = clock.today()
    held = Membership.objects.filter(on_date(today), role=role, organisation__in=set(organisations)).exclude(
        seat=Seat.OFFICE_SEAT
    )
    covers = Cover.objects.filter(on_date(today), membership__in=held, person__is_active=True)
    found: dict[int, dict[int, User]] = defaultdict(dict)
    for row in held.filter(person__is_active=True).select_related("person").order_by("pk"):
        found[row.organisation_id][row.person_id] = row.person
    for cover in covers.select_related("person", "membership").order_by("pk"):
        found[cover.membership.organisation_id][cover.person_id] = cover.person
    return {body: list(people.values()) for body, people in found.items()}


def people_with(role: Role | str, organisations: Iterable[int] | None = None) -> QuerySet[User]:
    """Who holds a role today, cover included: of the given bodies, or of the office when none are given."""
    today = clock.today()
    held = Membership.objects.filter(on_date(today), role=role)
    if organisations is None:
        held = held.filter(organisation__kind=Organisation.Kind.OFFICE)
    else:
        held = held.filter(organisation_id__in=list(organisations)).exclude(seat=Seat.OFFICE_SEAT)
    covers = Cover.objects.filter(on_date(today), membership__in=held)
    either = Q(pk__in=held.order_by().values("person")) | Q(pk__in=covers.values("person"))
    return User.objects.filter(either, is_active=True).order_by("pk")
