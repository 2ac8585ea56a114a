"""Who serves a body: giving a role, ending it, and appointing cover. Each is audited with ids and dates, never names."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.models import User
from casework.workflow import NotPermitted, Refused, record, unit
from partnerships.organisations.models import Cover, Membership, Organisation
from partnerships.organisations.roles import BOARD_ROLES, OFFICE_ROLES, PARTNER_ROLES, Role

PERMISSION = "partnerships.manage_people"
Kind = Organisation.Kind


def roles_in(organisation: Organisation) -> list[Role]:
    """The roles that a body of this kind gives, in the order in which they are declared."""
    if organisation.kind == Kind.OFFICE:
        given = OFFICE_ROLES
    elif organisation.kind == Kind.BOARD:
        given = BOARD_ROLES
    else:
        given = PARTNER_ROLES | {Role.MEMBER}
    return [role for role in Role if role in given]


def add_membership(
    *,
    organisation: Organisation,
    email: str,
    name: str = "",
    role: str,
    seat: str,
    starts: dt.date,
    ends: dt.date | None = None,
    by: Any,
) -> Membership:
    """Give a person a role in a body. Somebody new is made from e-mail and name, without a password: they ask for one themselves."""
    _check_permission(by)
    if role not in roles_in(organisation):
        raise ValidationError({"role": f"A {organisation.get_kind_display().lower()} has no {Role(role).label.lower()}"})
    with unit():
        person = _person(email, name, by)
        if person.pk == by.pk:
            raise NotPermitted("Somebody else must give you a role.")
        _check_free(person, organisation, role, starts, ends)
        membership = Membership(person=person, organisation=organisation, role=role, seat=seat, starts=starts, ends=ends)
        membership.full_clean()
        membership.save()
        told = {"membership": membership.pk, "person": person.pk, "role": role, "seat": seat, **_dates(starts, ends)}
        record(organisation, "gave a role", by=by, changes=told)
    return membership


def end_membership(*, membership: Membership, on: dt.date, by: Any) -> Membership:
    """Set a membership's last day. What the person did in the role stays theirs."""
    _check_permission(by)
    with unit():
        row = Membership.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=membership.pk)
        if row.ends is not None and row.ends <= on:
            raise Refused(f"This role already ends on {_gov(row.ends)}.")
        if on < row.starts:
            raise ValidationError({"on": f"The last day must be the same as or after {_gov(row.starts)}"})
        before, row.ends = row.ends, on
        row.full_clean()
        row.save()
        told = {"membership": row.pk, "person": row.person_id, "ends": [str(before) if before else None, str(on)]}
        record(row.organisation, "ended a role", by=by, changes=told)
    return row


def appoint_cover(*, membership: Membership, email: str, starts: dt.date, ends: dt.date, by: Any) -> Cover:
    """Let somebody act in another's role between two dates, in their own name."""
    _check_permission(by)
    person = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if person is None:
        raise ValidationError({"email": "No one who signs in has this email address. Give them a role first"})
    if person.pk == membership.person_id:
        raise ValidationError({"email": "Enter somebody else’s email address: nobody covers for themselves"})
    if person.pk == by.pk:
        raise NotPermitted("Somebody else must appoint you as cover.")
    if starts < membership.starts or (membership.ends is not None and ends > membership.ends):
        raise ValidationError({"starts": "The cover must lie within the dates of the role that is covered"})
    with unit():
        cover = Cover(membership=membership, person=person, starts=starts, ends=ends)
        cover.full_clean()
        cover.save()
        told = {"cover": cover.pk, "membership": membership.pk, "person": person.pk, **_dates(starts, ends)}
        record(membership.organisation, "appointed cover", by=by, changes=told)
    return cover


def _check_permission(by: Any) -> None:
    if not by.has_perm(PERMISSION):
        raise NotPermitted("Only an administrator of the office gives and ends roles.")


def _person(email: str, name: str, by: Any) -> User:
    email, name = email.strip().lower(), name.strip()
    person = User.objects.filter(email=email).first()
    if person is None:
        if not name:
            raise ValidationError({"name": "No one has this email address yet. Enter the person’s full name to add them"})
        person = User.objects.create_user(email, name=name)
        record(person, "added a person", by=by)
    if not person.is_active:
        raise ValidationError({"email": "This person’s account is closed"})
    return person


def _check_free(person: User, organisation: Organisation, role: str, starts: dt.date, ends: dt.date | None) -> None:
    """A role is held once at a time."""
    held = Membership.objects.filter(Q(ends=None) | Q(ends__gte=starts), person=person, organisation=organisation, role=role)
    same = (held if ends is None else held.filter(starts__lte=ends)).first()
    if same is not None:
        until = f" until {_gov(same.ends)}" if same.ends else ""
        raise ValidationError({"role": f"{person} already has this role from {_gov(same.starts)}{until}"})


def _dates(starts: dt.date, ends: dt.date | None) -> dict[str, str | None]:
    return {"starts": str(starts), "ends": str(ends) if ends else None}


def _gov(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"
