"""Bids on paper or by e-mail: an officer enters them with the original, and nobody assesses one before its sender confirmed it."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from casework import clock
from casework.audit.models import AuditEntry
from casework.documents.models import documents_of
from casework.outbox import Message
from casework.registry import work_for
from casework.snapshots import snapshots_of
from casework.workflow import Refused, perform
from grants.models import Bid, BidReceived, RoundExtension, SenderConfirmation
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants.bid_world import after_closing, details, pdf, received_bid, world
from tests.grants.received_world import answer, asked, entry, text
from tests.grants.test_small_request import SMALL, typed
from tests.pages import errors_on, opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def place():
    return world()


def test_an_officer_enters_it_and_everybody_reads_how_it_came(place, sign_in):
    browser, path = sign_in(place.officer), f"/bids/received/{place.round.reference}/"
    assert f'href="{path}"' in opened(browser, place.round.get_absolute_url(), queries=18)
    begun = browser.post(path, entry(place))
    bid = Bid.objects.get()
    assert begun.headers["Location"] == bid.get_absolute_url()
    assert bid.received_at == clock.london(dt.date(2026, 10, 14), 11, 40)
    came = BidReceived.objects.get()
    assert (came.bid, came.how, came.sender_role, came.original.name) == (bid, "post", "chair", "winter-watch.pdf")
    assert "Received on paper by post on 14 October 2026 at 11:40am, entered by the office" in opened(
        browser, bid.get_absolute_url(), queries=19
    )
    assert "on paper by post on 14 October 2026 at 11:40am, from Jo Sender" in Message.objects.get(to=place.coordinator).body
    changed = details(bid, summary="Watch.", category="demand", change="project", amount_requested="12000")
    assert browser.post(f"{bid.get_absolute_url()}details/", changed).status_code == 302
    own = sign_in(place.coordinator)
    shown = opened(own, bid.get_absolute_url(), queries=19)
    assert "Received on paper by post on 14 October 2026 at 11:40am, entered by the office" in shown
    assert "jo@example.org" in shown
    assert own.get(f"{bid.get_absolute_url()}details/").status_code == 403
    assert "winter-watch.pdf" in text(own.get(f"{bid.get_absolute_url()}check/"))
    assert f"/documents/{came.original.stored}/" in shown
    listed = text(browser.get("/bids/"))
    assert "Winter watch Received on paper by post" in listed
    assert "jo@" not in str(list(AuditEntry.objects.values()))
    assert sign_in(f.member(f.OrganisationFactory(kind="csp"), Role.COORDINATOR)).get(bid.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"received_time": "12:01pm"}, "When it was received must be in the past"),
        ({"received_on_day": "7", "received_time": "11:59am"}, "before the round opened, on 7 October 2026 at 12 noon"),
        ({"received_time": "noonish"}, "Time received must be a time like 12 noon, 5pm or 17:30"),
        ({"received_on_day": "31", "received_on_month": "9"}, "must be a real date"),
        ({"original": ""}, "Select the original"),
        ({"original": SimpleUploadedFile("bid.exe", b"MZ")}, "must be a PDF, Word"),
        ({"original": SimpleUploadedFile("bid.pdf", b"not a pdf")}, "is not what its name says"),
        ({"sender_email": "jo at example"}, "Enter an email address in the correct format"),
        ({"how": "pigeon"}, "how it was received"),
        ({"applicant": "999"}, "the body that is bidding"),
        ({"title": ""}, "Enter a title"),
    ],
)
def test_what_cannot_be_entered(place, sign_in, changed, sentence):
    refused = sign_in(place.officer).post(f"/bids/received/{place.round.reference}/", entry(place, **changed))
    assert [sentence in said for said in errors_on(refused)] == [True], errors_on(refused)
    assert not Bid.objects.exists()


def test_what_counts_is_when_it_was_received(place, sign_in):
    browser, path = sign_in(place.officer), f"/bids/received/{place.round.reference}/"
    on_the_day = {"received_on_day": "11", "received_on_month": "11"}
    with clock.at(after_closing(place, 60)):
        late = browser.post(path, entry(place, **on_the_day, received_time="12:01pm"))
        assert errors_on(late) == [
            "It was received after the round had closed, on 11 November 2026 at 12 noon. A bid that came then cannot be entered"
        ]
        until = clock.london(dt.date(2026, 11, 11), 12, 30)
        given = {"reason": "Snow.", "by": place.officer, "at": clock.now()}
        RoundExtension.objects.create(round=place.round, organisation=place.partnership, closes_at=until, **given)
        assert browser.post(path, entry(place, **on_the_day, received_time="12:30pm")).status_code == 302
        assert Bid.objects.get().received_at == clock.london(dt.date(2026, 11, 11), 12, 30)
        moved = entry(place, **on_the_day, received_time="12:31pm", version="1")
        refused = browser.post(f"{Bid.objects.get().get_absolute_url()}received/", moved)
        assert "after the round had closed, on 11 November 2026 at 12:30pm" in errors_on(refused)[0]


def test_the_hour_that_comes_twice(place, sign_in):
    browser, path = sign_in(place.officer), f"/bids/received/{place.round.reference}/"
    night = {"how": "email", "received_on_day": "25", "received_time": "1:30am"}
    with clock.at(dt.date(2026, 10, 26)):
        asks = browser.post(path, entry(place, **night))
        assert errors_on(asks) == ["Select which of the two times it was"]
        assert "this time came twice" in text(asks)
        assert browser.post(path, entry(place, **night, which="second")).status_code == 302
        assert Bid.objects.get().received_at == dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC)
        form = browser.get(f"{Bid.objects.get().get_absolute_url()}received/").context["form"]
        assert ("which" in form.fields, form.initial["which"]) == (True, "second")
        assert browser.post(path, entry(place, **night, which="first", title="Another")).status_code == 302
        assert Bid.objects.get(title="Another").received_at == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)


def test_a_round_is_not_settled_over_it(place):
    bid = received_bid(place)
    with clock.at(after_closing(place)):
        with pytest.raises(Refused, match="1 bid that you entered is not confirmed by the sender yet"):
            perform(place.round, "settle", by=place.officer)
        perform(bid, "withdraw", by=place.officer, reason="The chair gave it up.")
        assert perform(place.round, "settle", by=place.officer).case.state == "settled"


def test_a_signed_confirmation_in_place_of_an_e_mail(place, sign_in):
    bid = received_bid(place)
    BidReceived.objects.update(sender_email="")
    browser, path = sign_in(place.officer), bid.get_absolute_url()
    assert browser.get(f"{path}received/ask/").status_code == 409
    assert f'href="{path}received/signed/"' in opened(browser, path)
    empty = browser.post(f"{path}received/signed/", {"version": bid.version})
    assert errors_on(empty) == [
        "Enter who signed it",
        "Select the signed confirmation",
        "Confirm what the document says, or ask the sender for another one",
    ]
    given = {"version": bid.version, "name": "Jo Sender", "signed": pdf("signed.pdf"), "agrees": "on"}
    assert browser.post(f"{path}received/signed/", given).status_code == 302
    said = SenderConfirmation.objects.get()
    assert (said.by, said.signed.name, Bid.objects.get().state) == (place.officer, "signed.pdf", "submitted")
    version = snapshots_of(bid).get()
    assert "in a signed document, which is attached" in version.declaration
    assert [each["name"] for each in version.data["attachments"]] == ["bid-from-the-chair.pdf", "signed.pdf"]
    assert not Message.objects.exclude(address="").exists()
    perform(Bid.objects.get(), "return_for_changes", by=place.officer, reason="Why?", sections=["attachments"])
    original = documents_of(bid).first()
    stays = sign_in(place.coordinator).post(f"{path}attachments/{original.pk}/remove/", {"version": "1"})
    assert errors_on(stays) == ["“bid-from-the-chair.pdf” is what the office received, so it stays with the bid."]


def test_only_the_office_types_it_and_a_signatory_may_confirm_it_here(place, sign_in):
    bid = received_bid(place)
    path = bid.get_absolute_url()
    with clock.at(after_closing(place)):
        assert sign_in(place.coordinator).get(f"{path}budget/").status_code == 403
        assert sign_in(f.officer(Role.ASSESSOR)).get(f"{path}received/").status_code == 403
        assert [item.reference for item in work_for(place.coordinator)] == []
        assert [item.reference for item in work_for(place.signatory)] == [bid.reference]
        perform(bid, "submit", by=place.signatory)
        with pytest.raises(Refused, match="is not taken back here"):
            perform(Bid.objects.get(), "recall", by=place.coordinator)
    assert Bid.objects.get().submitted_by == place.signatory
    conflicted = f.officer(Role.COMMISSIONING_OFFICER)
    f.MembershipFactory(organisation=place.partnership, person=conflicted, role=Role.VIEWER)
    browser = sign_in(conflicted)
    refused = browser.post(f"/bids/received/{place.round.reference}/", entry(place))
    assert "You serve Huntingdonshire" in text(refused)


def test_nobody_assesses_it_before_it_is_confirmed_and_its_typist_never(place, sign_in):
    small = world(reference="CDR-2027", **SMALL)
    bid = received_bid(small, amount_requested=900)
    with pytest.raises(Refused, match="is draft"):
        perform(bid, "begin_assessment", by=small.officer)
    with pytest.raises(Refused, match="has not confirmed"):
        perform(bid, "confirm_received", by=small.officer)
    Bid.objects.filter(pk=bid.pk).update(state="assessing", submitted_at=clock.now())
    at_once = f"/assessments/at-once/{bid.reference}/"
    typist = sign_in(small.officer)
    assert "somebody else must assess it" in text(typist.get(at_once))
    assert at_once not in opened(typist, bid.get_absolute_url())
    assert small.officer not in typist.get(f"/assessments/assign/{bid.reference}/").context["form"].fields["assessor"].queryset
    other = sign_in(f.officer(Role.COMMISSIONING_OFFICER))
    assert other.get(at_once).status_code == 200


def test_on_one_page_from_the_envelope_to_the_receipt(sign_in):
    place = world(**SMALL)
    browser = sign_in(place.officer)
    begun = browser.post(f"/bids/received/{place.round.reference}/", entry(place))
    bid = Bid.objects.get()
    assert begun.headers["Location"] == f"{bid.get_absolute_url()}request/"
    waits = browser.get(f"{bid.get_absolute_url()}received/ask/")
    assert (waits.status_code, "Something is still missing" in text(waits)) == (409, True)
    saved = browser.post(f"{bid.get_absolute_url()}request/", typed(place, version="1"))
    assert saved.headers["Location"] == f"{bid.get_absolute_url()}check/"
    assert "Jo Sender confirms it" in text(browser.get(saved.headers["Location"]))
    link = asked(place, bid)
    assert "Boards and a coach" in text(Client().get(link))
    assert answer(Client(), link).status_code == 302
    assert Bid.objects.get().state == "submitted"
    assert browser.get(f"{bid.get_absolute_url()}submitted/").status_code == 200
    rows = text(browser.get(f"/rounds/{place.round.reference}/bids/"))
    assert "Chess in the park Received on paper by post" in rows
    moment = clock.london(dt.date(2026, 10, 14), 11, 40).replace(tzinfo=None)
    for asked_for in (browser.get("/bids/?export=xlsx"), browser.post(f"/rounds/{place.round.reference}/bids/")):
        book = load_workbook(io.BytesIO(b"".join(asked_for)))
        head, row = list(book["Bids"].iter_rows(values_only=True))[:2]
        told = dict(zip(head, row, strict=True))
        assert (told["How it came"], told["Received"]) == ("On paper, by post", moment)
    assert "Written in this service, or received on paper or by e-mail" in [row[2].value for row in book["Columns"]]


def test_where_no_bid_is_entered(place, sign_in):
    browser, path = sign_in(place.officer), f"/bids/received/{place.round.reference}/"
    place.round.route = "direct"
    place.round.save()
    assert browser.get(path).status_code == 409
    place.round.route = "open"
    place.round.save()
    other = f.OrganisationFactory(name="Cambridge City", kind="council")
    assert errors_on(browser.post(path, entry(place, applicant=other.pk))) == ["Select the body that is bidding from the list"]
    perform(place.round, "cancel", by=place.officer, reason="No money.")
    assert browser.get(path).status_code == 409
    assert browser.post(path, entry(place)).status_code == 409
