"""Who plays which part: people by address, and whoever holds a role in a body."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.models import User
from casework.workflow import record
from desk.demo.calendar import Calendar
from partnerships.organisations.models import Membership, Organisation
from partnerships.organisations.roles import Role
from partnerships.organisations.services import add_membership

ADMINISTRATOR = "admin@office.example.org"


class Cast:
    """The same objects throughout the play, so that a person's standing is looked up once a day and not at every step."""

    def __init__(self) -> None:
        self._people: dict[str, User] = {}
        self._roles: dict[tuple[str, str], list[User]] = defaultdict(list)

    def __getitem__(self, address: str) -> User:
        return self._people[address]

    def office(self, name: str) -> User:
        """ "grants" → grants@office.example.org."""
        return self._people[f"{name}@office.example.org"]

    def holding(self, role: str, body: Organisation) -> User:
        """Whoever holds a role in a body; the first of several."""
        return self._roles[(body.key, role)][0]

    def coordinator(self, body: Organisation) -> User:
        return self.holding(Role.COORDINATOR, body)

    def signatory(self, body: Organisation | None) -> User:
        if body is None:
            raise LookupError("A bid without an accountable body has nobody to sign for it.")
        return self.holding(Role.SIGNATORY, body)

    def finance(self, body: Organisation) -> User:
        return self.holding(Role.FINANCE_SIGNATORY, body)

    def admit(self, facts: dict[str, Any], *, calendar: Calendar, bodies: dict[str, Organisation], password: str) -> None:
        """Everybody with their roles. One hash serves all: hashing sixty times would take most of a minute."""
        hashed = make_password(password)
        people = {person["email"]: person for person in facts["people"]}
        admin = self._first(people.pop(ADMINISTRATOR), bodies, calendar.date({"fy": -3, "day": "04-01"}))
        for person in people.values():
            for row in person["memberships"]:
                membership = add_membership(
                    organisation=bodies[row["organisation"]],
                    email=person["email"],
                    name=person["name"],
                    role=row["role"],
                    seat=row["seat_kind"],
                    starts=calendar.date(row.get("starts", {"fy": -3, "day": "04-01"})),
                    by=admin,
                )
                user = self._people.setdefault(person["email"], membership.person)
                self._roles[(row["organisation"], row["role"])].append(user)
        User.objects.filter(email__in=self._people).update(password=hashed)

    def _first(self, person: dict[str, Any], bodies: dict[str, Organisation], starts: Any) -> User:
        """The administrator, who gives everybody else their roles and is therefore made here."""
        admin = User.objects.create_user(person["email"], name=person["name"])
        self._people[admin.email] = admin
        for row in person["memberships"]:
            body = bodies[row["organisation"]]
            membership = Membership(person=admin, organisation=body, role=row["role"], seat=row["seat_kind"], starts=starts)
            membership.full_clean()
            membership.save()
            record(body, "gave a role", by=admin, changes={"membership": membership.pk, "person": admin.pk, "role": row["role"]})
        return admin
