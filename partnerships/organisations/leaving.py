"""Somebody leaves a body: what they hold there, who can take it over, and what the body is left without."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.models import User
from casework import clock
from casework.holdings import Held, Kind, kinds_for
from casework.workflow import NotPermitted, Refused, record, unit
from partnerships.organisations.models import Cover, Membership, Organisation
from partnerships.organisations.roles import Role, Seat
from partnerships.organisations.services import end_membership, may_change
from partnerships.organisations.standing import forget_standing

VITAL = {
    Role.COORDINATOR: "nobody can write its bids, offers and returns",
    Role.SIGNATORY: "nobody can submit its bids or accept its agreements",
    Role.FINANCE_SIGNATORY: "nobody can certify its returns",
}


@dataclass(frozen=True)
class Part:
    """Things of one kind, and the colleagues who have the role for them. `to_hand_over`: this reader names who takes each over."""

    kind: Kind
    items: list[Held]
    colleagues: list[User]
    to_hand_over: bool

    @property
    def in_own_name(self) -> bool:
        """Somebody is named to take each over; else they go with the role."""
        return self.kind.hand_over is not None

    def field(self, item: Held) -> str:
        return f"{self.kind.name}-{item.key}"


def roles_of(person: User, body: Organisation) -> list[Membership]:
    """What this person is in the body, today or from a later day."""
    rows = Membership.objects.filter(Q(ends=None) | Q(ends__gte=clock.today()), person=person, organisation=body)
    return list(rows.select_related("organisation").order_by("role", "starts", "pk"))


def colleagues_of(person: User, body: Organisation) -> Mapping[str, list[User]]:
    """By role, who else holds it, in a seat of their own and beyond today. One query."""
    today = clock.today()
    stays = Q(ends=None) | Q(ends__gt=today)
    rows = Membership.objects.filter(stays, organisation=body, starts__lte=today, person__is_active=True)
    if body.kind != Organisation.Kind.OFFICE:
        rows = rows.exclude(seat=Seat.OFFICE_SEAT)
    found: dict[str, list[User]] = defaultdict(list)
    for row in rows.exclude(person=person).select_related("person").order_by("person__name", "pk"):
        found[row.role].append(row.person)
    return found


def parts_of(person: User, body: Organisation, reader: Any, colleagues: Mapping[str, list[User]]) -> list[Part]:
    """What they hold in the body, a query a kind; kinds with nothing are left out."""
    today = clock.today()
    held = {row.role for row in roles_of(person, body) if row.starts <= today}
    found = []
    for kind in kinds_for(held):
        items = list(kind.held(person, body, reader))
        may = kind.hand_over is not None and kind.may_hand_over(reader, body)
        if items:
            found.append(Part(kind, items, colleagues.get(kind.role, []), may))
    return found


def covers_of(person: User, body: Organisation) -> list[Cover]:
    """Those appointed for them, and those that they are for others, which end with their last role here."""
    rows = Cover.objects.filter(Q(person=person) | Q(membership__person=person), membership__organisation=body)
    return list(rows.filter(ends__gte=clock.today()).select_related("person", "membership__person").order_by("starts", "pk"))


def left_without(body: Organisation, roles: Iterable[str], colleagues: Mapping[str, list[User]]) -> list[str]:
    """A sentence for each role that the body cannot do without and that nobody else holds."""
    alone = [Role(role) for role in Role if role in set(roles) and not colleagues.get(role)]
    if body.kind == Organisation.Kind.OFFICE:
        return [f"Nobody else is {role.label.lower()} of the office." for role in alone]
    return [
        f"Nobody else is {role.label.lower()} of {body}: until somebody is, {VITAL[role]}." for role in alone if role in VITAL
    ]


def warnings_for(membership: Membership) -> list[str]:
    """What ending this one role leaves the body without."""
    body = membership.organisation
    return left_without(body, [membership.role], colleagues_of(membership.person, body))


def hand_over(*, person: User, body: Organisation, to: Mapping[str, int], by: Any) -> int:
    """Give each thing to the colleague named for it, by the field's name ("drafts-12"); how many were handed over."""
    done = 0
    colleagues = colleagues_of(person, body)
    with unit():
        for part in parts_of(person, body, by, colleagues):
            for item in part.items:
                chosen = to.get(part.field(item))
                if chosen is None or part.kind.hand_over is None:
                    continue
                taker = next((user for user in part.colleagues if user.pk == chosen), None)
                if taker is None:
                    raise Refused(f"The person named for {item.reference} can no longer take it over. Choose somebody else.")
                part.kind.hand_over(key=item.key, to=taker, by=by)
                done += 1
    return done


def leave(*, person: User, body: Organisation, on: dt.date, to: Mapping[str, int], by: Any) -> list[Membership]:
    """Hand over at once what is named, and end every role that `by` may end, with this last day. Covers end with the roles."""
    with unit():
        every = roles_of(person, body)
        rows = [row for row in every if may_change(row, by) and (row.ends is None or row.ends > on)]
        if every and not any(may_change(row, by) for row in every):
            raise NotPermitted(f"Only an administrator of the office ends the roles of {person} in {body}.")
        if not rows:
            raise Refused(f"{person} has no role in {body} after that day.")
        if (later := [row for row in rows if row.starts > on]) and len(later) == len(rows):
            raise ValidationError({"on": "The last day must be the same as or after the first day of their role"})
        hand_over(person=person, body=body, to=to, by=by)
        for row in rows:
            if row.starts > on:
                _never_begin(row, by)
            else:
                end_membership(membership=row, on=on, by=by)
    forget_standing(person)
    return rows


def _never_begin(row: Membership, by: Any) -> None:
    """A role that would begin after they left: it never was, so its row goes; the audit keeps it."""
    told = {"membership": row.pk, "person": row.person_id, "role": row.role, "starts": [str(row.starts), None]}
    row.covers.all().delete()
    row.delete()
    record(row.organisation, "cancelled a role to come", by=by, changes={**told})
