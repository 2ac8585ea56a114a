"""People are invited by e-mail: who may, what the link does once, and what never leaves the e-mail."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User
from casework import clock
from casework.audit.models import AuditEntry
from casework.outbox import MOST_ATTEMPTS, Message, drain
from casework.parking import ParkedPost
from casework.workflow import NotPermitted, Refused
from partnerships.models import Invitation, Membership
from partnerships.organisations.inviting import accept, accept_as_new, cancel, invite, send_again
from partnerships.organisations.standing import forget_standing, standing_of
from tests import factories as f
from tests.pages import errors_on, opened

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 10, 14)
PASSWORD = "three kind words"


@pytest.fixture(autouse=True)
def today(noon):
    return noon


@pytest.fixture
def csp():
    return f.OrganisationFactory(key="hunts-csp", name="Huntingdonshire CSP", short_name="Hunts CSP")


@pytest.fixture
def chair(csp):
    return f.member(csp, "chair", name="Chris Chair", email="chair@hunts.example.org")


def form(**changes):
    sent = {"email": "mei@hunts.example.org", "role": "coordinator", "seat": "employment"}
    return sent | {"starts_day": 14, "starts_month": 10, "starts_year": 2026} | changes


def invited(csp, by, **changes):
    given = {"email": "mei@hunts.example.org", "role": "coordinator", "seat": "employment", "starts": TODAY}
    return invite(organisation=csp, by=by, **given | changes)


def link():
    """The path in the last e-mail that went out."""
    drain()
    return next(word for word in mail.outbox[-1].body.split() if "/accounts/invitation/" in word).removeprefix(
        "http://127.0.0.1:8000"
    )


def test_from_the_chairs_invitation_to_the_first_page(csp, chair, sign_in):
    url = "/organisations/hunts-csp/people/invite/"
    assert url in opened(sign_in(chair), "/organisations/hunts-csp/", queries=15)
    sent = sign_in(chair).post(url, form(email="  Mei@HUNTS.example.org "), follow=True)
    page = sent.content.decode()
    assert "The invitation is on its way." in page
    assert "mei@hunts.example.org" in page
    address = link()
    assert mail.outbox[-1].to == ["mei@hunts.example.org"]
    visitor = Client()
    assert "Huntingdonshire CSP" in opened(visitor, address)
    weak = visitor.post(address, {"name": "", "password": "short"})
    assert errors_on(weak)[0] == "Enter your full name"
    assert "12 characters" in errors_on(weak)[1]
    done = visitor.post(address, {"name": "Mei Lin Chow", "password": PASSWORD}, follow=True)
    assert "You are coordinator of Huntingdonshire CSP." in done.content.decode()
    person = User.objects.get(email="mei@hunts.example.org")
    assert (person.name, person.check_password(PASSWORD)) == ("Mei Lin Chow", True)
    assert Membership.objects.get(person=person).starts == TODAY
    assert standing_of(person).holds(csp.pk, "coordinator")
    assert opened(visitor, "/", queries=None)
    drain()
    assert [message.to for message in mail.outbox[1:]] == [["chair@hunts.example.org"]]


def test_the_link_works_once_and_says_why_when_it_does_not(csp, chair):
    row = invited(csp, chair)
    address = link()
    with clock.at(TODAY + dt.timedelta(days=14)):
        assert "This invitation ended on 28 October 2026." in opened(Client(), address, status=410)
        assert Client().post(address, {"name": "Mei", "password": PASSWORD}).status_code == 410
    accept_as_new(invitation=row, name="Mei", password=PASSWORD)
    assert "This invitation has been used." in opened(Client(), address, status=410)
    assert "This link does not work any more" in opened(Client(), "/accounts/invitation/forged/", status=404)
    other = invited(csp, chair, email="two@example.org")
    dead = link()
    send_again(invitation=other, by=chair)
    assert "latest email" in opened(Client(), dead, status=404)
    alive = link()
    cancel(invitation=other, by=chair)
    assert "was cancelled" in opened(Client(), alive, status=410)
    third = invited(csp, chair, email="three@example.org")
    address = link()
    csp.ends = TODAY - dt.timedelta(days=1)
    csp.save()
    assert "Huntingdonshire CSP ended on 13 October 2026" in opened(Client(), address, status=410)
    with pytest.raises(Refused, match="nobody can be invited"):
        send_again(invitation=third, by=f.officer("administrator"))


def test_two_tabs_make_one_account_and_one_role(csp, chair, sign_in):
    row = invited(csp, chair)
    address = link()
    first, second = Client(), Client()
    for tab in (first, second):
        opened(tab, address)
    first.post(address, {"name": "Mei", "password": PASSWORD})
    assert second.post(address, {"name": "Mei", "password": PASSWORD}).status_code == 410
    with pytest.raises(Refused, match="has been used"):
        accept_as_new(invitation=row, name="Mei", password=PASSWORD)
    person = User.objects.get(email=row.email)
    assert accept(invitation=row, by=person) is None
    assert Membership.objects.filter(person=person).count() == 1
    assert first.get(address).headers["Location"] == "/organisations/hunts-csp/"


def test_somebody_with_an_account_signs_in_and_takes_it_up(csp, chair, sign_in):
    known = f.UserFactory(name="Known Person", email="known@example.org")
    starts = TODAY + dt.timedelta(days=20)
    row = invited(csp, chair, email="Known@example.org", starts=starts)
    address = link()
    page = opened(Client(), address)
    assert f"/accounts/login/?next={address.replace('/', '%2F')}" in page
    assert "Password" not in page
    assert Client().post(address, {"name": "Thief", "password": PASSWORD}).status_code == 200
    known.refresh_from_db()
    assert known.check_password(f.PASSWORD)
    stranger = f.UserFactory(name="Somebody Else")
    for attempt in (sign_in(stranger).get, sign_in(stranger).post, sign_in(chair).post):
        answer = attempt(address)
        assert answer.status_code == 403
        assert "This invitation is for another address" in answer.content.decode()
    with pytest.raises(NotPermitted):
        accept(invitation=row, by=stranger)
    assert not Membership.objects.filter(person__in=[known, stranger]).exists()
    done = sign_in(known).post(address, {}, follow=True)
    assert "You are coordinator of Huntingdonshire CSP from 3 November 2026." in done.content.decode()
    assert not standing_of(known).bodies
    with clock.at(starts):
        forget_standing(known)
        assert standing_of(known).holds(csp.pk, "coordinator")


def test_an_account_without_a_password_gets_its_first_by_the_link(csp, chair):
    person = User.objects.create_user("mei@hunts.example.org", name="Mei Lin Chow")
    invited(csp, chair)
    address = link()
    assert "Full name" not in opened(Client(), address)
    Client().post(address, {"password": PASSWORD})
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert standing_of(person).holds(csp.pk, "coordinator")


def test_a_chair_gives_the_roles_of_their_own_body_alone(csp, chair, sign_in):
    page = opened(sign_in(chair), "/organisations/hunts-csp/people/invite/")
    assert "Finance signatory" in page
    assert "Commissioner" not in page.split("<main")[1]
    assert "Seat held for the office" not in page
    council = f.OrganisationFactory(key="council", council=True)
    for changes in ({"role": "commissioner"}, {"role": "administrator"}, {"role": "member"}, {"seat": "office_seat"}):
        assert errors_on(sign_in(chair).post("/organisations/hunts-csp/people/invite/", form(**changes)))
        with pytest.raises(ValidationError, match="You cannot invite"):
            invited(csp, chair, **changes)
    for body in (council, f.office()):
        with pytest.raises(NotPermitted):
            invited(body, chair)
    for person in (f.member(csp), f.member(csp, "signatory"), f.officer(), f.officer("commissioner")):
        with pytest.raises(NotPermitted):
            invited(csp, person)
    sits = f.MembershipFactory(organisation=csp, role="chair", seat="office_seat").person
    board = f.OrganisationFactory(kind="board")
    for person, body in ((sits, csp), (f.member(board, "chair"), board)):
        with pytest.raises(NotPermitted):
            invited(body, person, role="chair")
    assert not Invitation.objects.exists()
    admin = f.officer("administrator")
    assert invited(f.office(), admin, role="finance_officer").role == "finance_officer"


def test_nobody_invites_themselves_and_signing_roles_are_told_to_the_office(csp, chair):
    admin = f.officer("administrator", email="admin@office.example.org")
    with pytest.raises(ValidationError, match="nobody gives themselves a role"):
        invited(csp, chair, email="Chair@hunts.example.org", role="signatory")
    row = invited(csp, chair, email="sig@hunts.example.org", role="signatory")
    accept_as_new(invitation=row, name="Sig", password=PASSWORD)
    told = Message.objects.filter(name="role_taken_up").values_list("to__email", flat=True)
    assert set(told) == {chair.email, admin.email}


def test_an_invitation_stands_only_while_its_sender_could_send_it(csp, chair, sign_in):
    row = invited(csp, chair)
    address = link()
    Membership.objects.filter(person=chair).update(ends=TODAY - dt.timedelta(days=1))
    assert "no longer looks after the people" in opened(Client(), address, status=410)
    with pytest.raises(Refused, match="no longer looks after"):
        accept_as_new(invitation=row, name="Mei", password=PASSWORD)
    admin = f.officer("administrator")
    url = f"/organisations/hunts-csp/invitations/{row.pk}/again/"
    opened(sign_in(admin), url, queries=15)
    sign_in(admin).post(url, {"version": row.sends})
    assert sign_in(admin).post(url, {"version": row.sends}).status_code == 409
    accept_as_new(invitation=Invitation.objects.get(), name="Mei", password=PASSWORD)
    assert Membership.objects.filter(organisation=csp, role="coordinator").count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": "held@example.org"}, "Held already has this role from 1 April 2015"),
        ({"email": "open@example.org"}, "already invited to this role"),
        ({"email": "closed@example.org"}, "This person’s account is closed"),
        ({"email": "mei"}, "in the correct format"),
        ({"ends_day": "13", "ends_month": "10", "ends_year": "2026"}, "The last day must be the same as or after the first day"),
        ({"starts_day": "13"}, "The first day must be the same as or after 14 October 2026"),
        ({"role": ""}, "Select a role"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_kept(csp, chair, sign_in, changes, sentence):
    f.member(csp, email="held@example.org", name="Held")
    f.UserFactory(email="closed@example.org", is_active=False)
    invited(csp, chair, email="open@example.org")
    answer = sign_in(chair).post("/organisations/hunts-csp/people/invite/", form(**changes))
    assert sentence in " ".join(errors_on(answer))
    assert changes.get("email", "mei@hunts.example.org") in answer.content.decode()
    assert Invitation.objects.count() == 1


def test_an_ended_body_invites_nobody(csp, sign_in):
    csp.ends = TODAY - dt.timedelta(days=1)
    csp.save()
    admin = f.officer("administrator")
    opened(sign_in(admin), "/organisations/hunts-csp/people/invite/", status=409)
    with pytest.raises(Refused, match="ended on 13 October 2026"):
        invited(csp, admin)


def test_cancelled_and_foreign_invitations_have_no_steps(csp, chair, sign_in):
    row = invited(csp, chair)
    other = f.OrganisationFactory(key="elsewhere")
    f.MembershipFactory(organisation=other, role="chair", person=chair)
    opened(sign_in(chair), f"/organisations/elsewhere/invitations/{row.pk}/cancel/", status=404)
    url = f"/organisations/hunts-csp/invitations/{row.pk}/cancel/"
    sign_in(chair).post(url, {"version": "1"})
    assert drain() == 0, "a cancelled invitation is not sent"
    assert "cancelled already" in opened(sign_in(chair), url, status=409)
    assert invited(csp, chair).pk != row.pk


def test_an_invitation_that_could_not_be_sent_says_so_until_it_is_sent_again(csp, chair, sign_in):
    row = invited(csp, chair)
    invited(csp, chair, email="late@example.org")
    given_up = Message.objects.get(dedupe__startswith=f"invitation:partnerships.invitation:{row.pk}:")
    Message.objects.filter(pk=given_up.pk).update(attempts=MOST_ATTEMPTS, next_try_at=None, secret_link="")
    page = opened(sign_in(chair), "/organisations/hunts-csp/")
    assert page.count("Could not be sent") == 1
    assert "Check the address, then send it again" in page
    send_again(invitation=row, by=chair)
    assert "Could not be sent" not in opened(sign_in(chair), "/organisations/hunts-csp/")


def test_neither_address_nor_token_is_kept_elsewhere(csp, chair, caplog):
    invited(csp, chair)
    waiting = Message.objects.get()
    token = waiting.secret_link.rstrip("/").rpartition("/")[2]
    assert token not in waiting.body
    with caplog.at_level("DEBUG"):
        address = link()
        Client(enforce_csrf_checks=True).post(address, {"name": "Mei", "password": PASSWORD})
        Client().post(address, {"name": "Mei", "password": PASSWORD})
    assert not ParkedPost.objects.exists()
    kept = [json.dumps(entry.changes) + entry.verb for entry in AuditEntry.objects.all()]
    kept += [str(record.__dict__) for record in caplog.records if record.name.startswith("house")]
    kept.append(Message.objects.get(pk=waiting.pk).secret_link)
    assert len(kept) > 3
    assert not any(token in line or "mei@" in line for line in kept)
    assert Invitation.objects.get().token_hash != token
