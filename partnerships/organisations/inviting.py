"""Inviting people by e-mail, and taking an invitation up. Audited with ids and dates: never an address, a name or a token."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.models import User
from casework import clock
from casework.outbox import call_back, queue, queue_to_address
from casework.workflow import NotPermitted, Refused, Stale, record, unit
from partnerships.organisations.models import Membership, Organisation
from partnerships.organisations.models_invitations import MAIL, VALID_FOR, Invitation, hash_of
from partnerships.organisations.roles import OFFICE_ROLES, Role, Seat
from partnerships.organisations.services import LOOK_AFTER, PERMISSION, check_free, dates_told, gov, roles_to_give
from partnerships.organisations.standing import forget_standing, people_with

OPENS_AT = "/accounts/invitation/"
# Whoever gets one of these can bind a body or judge a case, so the other administrators hear of it.
WEIGHTY = OFFICE_ROLES | {Role.CHAIR, Role.SIGNATORY, Role.FINANCE_SIGNATORY}


def invite(
    *, organisation: Organisation, email: str, role: str, seat: str, starts: dt.date, ends: dt.date | None = None, by: Any
) -> Invitation:
    """Invite whoever reads this address to a role. Nothing is given until they open the link and take it up."""
    email = email.strip().lower()
    _refuse_unless_may(by, organisation, role, seat)
    _refuse_when_gone(organisation, starts)
    if email == by.email:
        raise ValidationError({"email": "Enter somebody else’s email address: nobody gives themselves a role"})
    with unit():
        person = User.objects.filter(email=email).first()
        if person is not None:
            check_usable(person)
            check_free(person, organisation, role, starts, ends)
        if Invitation.objects.open().filter(organisation=organisation, email=email, role=role).exists():
            raise ValidationError(
                {"email": "This person is already invited to this role. Send that invitation again or cancel it"}
            )
        invitation = Invitation(organisation=organisation, email=email, role=role, seat=seat, starts=starts, ends=ends)
        _send(invitation, by)
        told = {"invitation": invitation.pk, "role": role, "seat": seat, **dates_told(starts, ends)}
        record(organisation, "invited somebody", by=by, changes=told)
    return invitation


def _refuse_unless_may(by: Any, organisation: Organisation, role: str, seat: str) -> None:
    """A seat held for the office is the administrators' to give, in any body."""
    if not by.has_perm(LOOK_AFTER, organisation):
        raise NotPermitted(f"Only an administrator of the office, or the chair, invites people to {organisation}.")
    if role not in roles_to_give(organisation, by) or (seat == Seat.OFFICE_SEAT and not by.has_perm(PERMISSION)):
        raise ValidationError({"role": f"You cannot invite anybody to this role in {organisation}"})


def _refuse_when_gone(organisation: Organisation, starts: dt.date) -> None:
    if organisation.ends is not None and organisation.ends < max(starts, clock.today()):
        raise Refused(f"{organisation} ended on {gov(organisation.ends)}, so nobody can be invited to it from {gov(starts)}.")


def check_usable(person: User) -> None:
    if not person.is_active:
        raise ValidationError({"email": "This person’s account is closed. Ask an administrator of the office"})


def _send(invitation: Invitation, by: Any) -> None:
    """Give it a new token and write the e-mail; what was sent before stops working."""
    if invitation.pk:
        call_back(MAIL, about=invitation)
    token = secrets.token_urlsafe(32)
    invitation.token_hash, invitation.sends = hash_of(token), invitation.sends + 1
    invitation.invited_by, invitation.invited_at = by, clock.now()
    invitation.expires_at = clock.now() + VALID_FOR
    invitation.full_clean()
    invitation.save()
    link = f"{settings.BASE_URL}{OPENS_AT}{token}/"
    cause = f"sent:{invitation.sends}"
    queue_to_address(MAIL, address=invitation.email, about=invitation, cause=cause, secret_link=link)


def send_again(*, invitation: Invitation, by: Any, sends: int | None = None) -> Invitation:
    """Write the e-mail anew, with a link that lasts from today. `sends` is how often it was sent when the page was opened."""
    with unit():
        row = _open_row(invitation, sends)
        _refuse_unless_may(by, row.organisation, row.role, row.seat)
        _refuse_when_gone(row.organisation, row.starts)
        if row.email == by.email:
            raise NotPermitted("Somebody else must invite you.")
        _send(row, by)
        record(row.organisation, "sent an invitation again", by=by, changes={"invitation": row.pk})
    return row


def cancel(*, invitation: Invitation, by: Any, sends: int | None = None) -> Invitation:
    """Take an invitation back: its link no longer works, and an e-mail that still waits is not sent."""
    with unit():
        row = _open_row(invitation, sends)
        if not by.has_perm(LOOK_AFTER, row.organisation):
            raise NotPermitted(
                f"Only an administrator of the office, or the chair, looks after the people of {row.organisation}."
            )
        row.cancelled_at = clock.now()
        row.save(update_fields=["cancelled_at"])
        call_back(MAIL, about=row)
        record(row.organisation, "cancelled an invitation", by=by, changes={"invitation": row.pk})
    return row


def _locked(invitation: Invitation) -> Invitation:
    return Invitation.objects.select_for_update(of=("self",)).select_related("organisation", "invited_by").get(pk=invitation.pk)


def _open_row(invitation: Invitation, sends: int | None) -> Invitation:
    row = _locked(invitation)
    if row.accepted_at is not None:
        raise Refused("This invitation has been taken up.")
    if row.cancelled_at is not None:
        raise Refused("This invitation was cancelled already.")
    if sends is not None and sends != row.sends:
        raise Stale(who=str(row.invited_by), at=row.invited_at)
    return row


def invitation_of(token: str) -> Invitation | None:
    """The invitation that this link opens; None when it opens none, or none any more."""
    rows = Invitation.objects.select_related("organisation", "invited_by", "accepted_by")
    return rows.filter(token_hash=hash_of(token)).first()


def why_dead(invitation: Invitation) -> str:
    """Why the link can no longer be used; "" while it can. An invitation stands only as long as its sender could send it."""
    body = invitation.organisation
    again = "Ask the person who invited you to send it again."
    if invitation.accepted_at is not None:
        return "This invitation has been used. Sign in with your email address and password."
    if invitation.cancelled_at is not None:
        return "This invitation was cancelled. Ask the person who invited you if you still need it."
    if invitation.has_expired:
        return f"This invitation ended on {gov(clock.local_date(invitation.expires_at))}. {again}"
    if body.ends is not None and body.ends < max(invitation.starts, clock.today()):
        return f"{body} ended on {gov(body.ends)}, so its roles can no longer be taken up."
    if invitation.ends is not None and invitation.ends < clock.today():
        return f"The role ended on {gov(invitation.ends)}. Ask the person who invited you for a new invitation."
    forget_standing(invitation.invited_by)
    if invitation.role not in roles_to_give(body, invitation.invited_by):
        return f"The person who invited you no longer looks after the people of {body}. Ask {body} or the office to invite you again."
    return ""


def account_for(invitation: Invitation) -> User | None:
    """Whose the address is: somebody who signs in with a password. An account that never had one is made use of by the link."""
    person = User.objects.filter(email=invitation.email).first()
    return person if person is not None and (person.has_usable_password() or not person.is_active) else None


def accept_as_new(*, invitation: Invitation, name: str, password: str) -> User:
    """Make the account, or give its first password to one without, and take the role up. The link proves whose the mailbox is."""
    try:
        with unit():
            row = _living(invitation)
            person = User.objects.select_for_update().filter(email=row.email).first()
            if person is None:
                person = User.objects.create_user(row.email, password, name=name.strip())
                record(person, "made an account", by=person, changes={"invitation": row.pk})
            elif person.has_usable_password() or not person.is_active:
                raise Refused("Somebody has made an account with this address. Open the link again and sign in.")
            else:
                person.set_password(password)
                person.save(update_fields=["password"])
                record(person, "chose a first password", by=person, changes={"invitation": row.pk})
            _take_up(row, person)
    except IntegrityError as error:
        raise Refused("Somebody has made an account with this address. Open the link again and sign in.") from error
    return person


def accept(*, invitation: Invitation, by: Any) -> Membership | None:
    """Take the role up with one's own account. A second click changes nothing and gives None."""
    with unit():
        row = _locked(invitation)
        if row.accepted_at is not None and row.accepted_by_id == by.pk:
            return None
        row = _living(row)
        if by.email != row.email:
            raise NotPermitted("This invitation was sent to another email address than the one you sign in with.")
        return _take_up(row, by)


def _living(invitation: Invitation) -> Invitation:
    row = _locked(invitation)
    if row.token_hash != invitation.token_hash:
        raise Refused("This link was replaced by a newer one. Open the latest email that we sent you.")
    if why := why_dead(row):
        raise Refused(why)
    return row


def _take_up(row: Invitation, person: User) -> Membership:
    check_usable(person)
    check_free(person, row.organisation, row.role, row.starts, row.ends)
    values = {"organisation": row.organisation, "role": row.role, "seat": row.seat, "starts": row.starts, "ends": row.ends}
    membership = Membership(person=person, **values)
    membership.full_clean()
    membership.save()
    row.accepted_by, row.accepted_at = person, clock.now()
    row.save(update_fields=["accepted_by", "accepted_at"])
    forget_standing(person)
    keys = {"invitation": row.pk, "membership": membership.pk, "person": person.pk, "invited_by": row.invited_by_id}
    terms = {"role": row.role, "seat": row.seat, **dates_told(row.starts, row.ends)}
    record(row.organisation, "took up a role", by=person, changes=keys | terms)
    _tell(row, membership)
    return membership


def _tell(row: Invitation, membership: Membership) -> None:
    """The one who invited; of a role that can bind or judge, every administrator too."""
    to = {row.invited_by_id: row.invited_by}
    if row.role in WEIGHTY:
        to |= {person.pk: person for person in people_with(Role.ADMINISTRATOR)}
    words = {"membership": membership, "inviter": row.invited_by}
    queue("role_taken_up", to=to.values(), about=row.organisation, cause=f"membership:{membership.pk}", **words)
