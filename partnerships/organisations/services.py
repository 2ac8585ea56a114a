"""Who serves a body: giving a role, ending it, and appointing cover. Each is audited with ids and dates, never names."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.models import User
from casework import clock
from casework.outbox import queue
from casework.workflow import NotPermitted, Refused, record, unit
from partnerships.organisations.models import Cover, Membership, Organisation, on_date
from partnerships.organisations.roles import BOARD_ROLES, OFFICE_ROLES, PARTNER_ROLES, Role, Seat

PERMISSION = "partnerships.manage_people"
LOOK_AFTER = "partnerships.look_after_people"
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


def roles_to_give(organisation: Organisation, by: Any) -> list[Role]:
    """The roles that this person may give there: an administrator all, the body's chair the partner's, anybody else none.

    A chair's never include an office's role, whatever the kind of body.
    """
    given = roles_in(organisation)
    if by.has_perm(PERMISSION):
        return given
    return [role for role in given if role in PARTNER_ROLES] if by.has_perm(LOOK_AFTER, organisation) else []


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
        check_free(person, organisation, role, starts, ends)
        membership = Membership(person=person, organisation=organisation, role=role, seat=seat, starts=starts, ends=ends)
        membership.full_clean()
        membership.save()
        told = {"membership": membership.pk, "person": person.pk, "role": role, "seat": seat, **dates_told(starts, ends)}
        record(organisation, "gave a role", by=by, changes=told)
    return membership


def end_membership(*, membership: Membership, on: dt.date, by: Any) -> Membership:
    """Set a membership's last day. What the person did in the role stays theirs, and the membership stays in the history."""
    with unit():
        row = Membership.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=membership.pk)
        if not may_change(row, by):
            raise NotPermitted(NOT_YOURS)
        if row.ends is not None and row.ends <= on:
            raise Refused(f"This role already ends on {gov(row.ends)}.")
        if on < row.starts:
            raise ValidationError({"on": f"The last day must be the same as or after {gov(row.starts)}"})
        before, row.ends = row.ends, on
        row.full_clean()
        row.save()
        told = {"membership": row.pk, "person": row.person_id, "ends": [str(before) if before else None, str(on)]}
        record(row.organisation, "ended a role", by=by, changes=told)
        _end_covers_with(row, by)
    return row


def _end_covers_with(row: Membership, by: Any) -> None:
    """Nobody acts for a role that has ended; and whoever leaves a body covers for nobody in it any more."""
    last = row.ends or dt.date.max
    covers = Q(membership=row)
    stays = Membership.objects.filter(Q(ends=None) | Q(ends__gt=last), person=row.person_id, organisation=row.organisation_id)
    if not stays.exists():
        covers |= Q(person=row.person_id, membership__organisation=row.organisation_id)
    for cover in Cover.objects.filter(covers, ends__gt=last).order_by("pk"):
        end_cover(cover=cover, on=last, by=by, checked=True)


def end_cover(*, cover: Cover, on: dt.date, by: Any, checked: bool = False) -> None:
    """Set the last day of a cover. One that has not begun by then never was, and its row goes; the audit keeps it.

    `checked`: the caller has ended the role itself, which asks for the same permission.
    """
    with unit():
        row = Cover.objects.select_for_update(of=("self",)).select_related("membership__organisation").filter(pk=cover.pk).first()
        if row is None or row.ends <= on:
            raise Refused("This cover has ended by then already.")
        if not checked and not may_change(row.membership, by):
            raise NotPermitted(NOT_YOURS)
        told: dict[str, Any] = {"cover": row.pk, "membership": row.membership_id, "person": row.person_id}
        body, verb = row.membership.organisation, "cancelled cover" if on < row.starts else "ended cover"
        told["ends"] = [str(row.ends), None if on < row.starts else str(on)]
        if on < row.starts:
            row.delete()
        else:
            row.ends = on
            row.full_clean()
            row.save()
        record(body, verb, by=by, changes=told)


def appoint_cover(*, membership: Membership, email: str, starts: dt.date, ends: dt.date, by: Any) -> Cover:
    """Let somebody act in another's role between two dates, in their own name."""
    if not may_change(membership, by):
        raise NotPermitted(NOT_YOURS)
    person = _covering(membership.organisation, email, by)
    if person.pk == membership.person_id:
        raise ValidationError({"email": "Enter somebody else’s email address: nobody covers for themselves"})
    if person.pk == by.pk:
        raise NotPermitted("Somebody else must appoint you as cover.")
    if starts < membership.starts or (membership.ends is not None and ends > membership.ends):
        raise ValidationError({"starts": "The cover must lie within the dates of the role that is covered"})
    with unit():
        _refuse_second_cover(membership, person, starts, ends)
        cover = Cover(membership=membership, person=person, starts=starts, ends=ends)
        cover.full_clean()
        cover.save()
        told = {"cover": cover.pk, "membership": membership.pk, "person": person.pk, **dates_told(starts, ends)}
        record(membership.organisation, "appointed cover", by=by, changes=told)
        people = [person, membership.person]
        queue("cover_appointed", to=people, about=membership.organisation, cause=f"cover:{cover.pk}", cover=cover)
    return cover


def _refuse_second_cover(membership: Membership, person: User, starts: dt.date, ends: dt.date) -> None:
    """Covering for a role that one holds oneself, or twice at a time, would say nothing."""
    held = Membership.objects.filter(on_date(starts), person=person, organisation=membership.organisation, role=membership.role)
    if held.exists():
        raise ValidationError({"email": f"{person} is {membership.get_role_display().lower()} themselves"})
    same = Cover.objects.filter(membership=membership, person=person, starts__lte=ends, ends__gte=starts).first()
    if same is not None:
        raise ValidationError({"starts": f"{person} covers already from {gov(same.starts)} to {gov(same.ends)}"})


NOT_YOURS = "Only an administrator of the office changes this role."


def may_change(membership: Membership, by: Any) -> bool:
    """An administrator every role; a chair those of their body, but no other chair's and no seat that is held for the office."""
    if by.has_perm(PERMISSION):
        return True
    others_chair = membership.role == Role.CHAIR and membership.person_id != by.pk
    theirs = membership.role in PARTNER_ROLES | {Role.MEMBER} and membership.seat != Seat.OFFICE_SEAT and not others_chair
    return theirs and by.has_perm(LOOK_AFTER, membership.organisation)


def _covering(organisation: Organisation, email: str, by: Any) -> User:
    """A chair appoints from the body's own people, and learns of nobody else whether they sign in here."""
    people = User.objects.filter(email=email.strip().lower(), is_active=True)
    if by.has_perm(PERMISSION):
        if (person := people.first()) is None:
            raise ValidationError({"email": "No one who signs in has this email address. Give them a role first"})
        return person
    serving = Membership.objects.filter(on_date(clock.today()), organisation=organisation).values("person")
    if (person := people.filter(pk__in=serving).first()) is None:
        raise ValidationError(
            {"email": f"Enter the email address of somebody who has a role in {organisation}, or invite them first"}
        )
    return person


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


def check_free(person: User, organisation: Organisation, role: str, starts: dt.date, ends: dt.date | None) -> None:
    """A role is held once at a time."""
    held = Membership.objects.filter(Q(ends=None) | Q(ends__gte=starts), person=person, organisation=organisation, role=role)
    same = (held if ends is None else held.filter(starts__lte=ends)).first()
    if same is not None:
        until = f" until {gov(same.ends)}" if same.ends else ""
        raise ValidationError({"role": f"{person} already has this role from {gov(same.starts)}{until}"})


def dates_told(starts: dt.date, ends: dt.date | None) -> dict[str, str | None]:
    return {"starts": str(starts), "ends": str(ends) if ends else None}


def gov(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"
