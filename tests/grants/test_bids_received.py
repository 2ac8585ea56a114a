"""Bids on paper or by e-mail: an officer enters them with the original, and nobody assesses one before its sender confirmed it."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from casework import clock
from casework.audit.models import AuditEntry
from casework.documents.models import documents_of
from casework.outbox import MOST_ATTEMPTS, Message, drain
from casework.registry import work_for
from casework.snapshots import snapshots_of
from casework.workflow import NotPermitted, Refused, perform
from grants.bids.received import Receipt, ask_sender, change_receipt
from grants.models import Bid, BidReceived, RoundExtension, SenderConfirmation
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants.bid_world import after_closing, details, pdf, received_bid, world
from tests.grants.test_small_request import SMALL, typed
from tests.pages import errors_on, opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def text(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


@pytest.fixture
def place():
    return world()


def entry(place: Any, **changed: Any) -> dict[str, Any]:
    """What an officer sends: by post, at 11:40am on 14 October 2026."""
    sent = {
        "applicant": place.partnership.pk,
        "title": "Winter watch",
        "how": "post",
        "received_on_day": "14",
        "received_on_month": "10",
        "received_on_year": "2026",
        "received_time": "11:40am",
        "sender_name": "Jo Sender",
        "sender_role": "chair",
        "sender_email": "jo@example.org",
        "original": pdf("winter-watch.pdf"),
    }
    return {**sent, **changed}


def link_sent() -> str:
    """The way to the sender's page, out of the last e-mail."""
    drain()
    found = re.search(r"(/received-bid/[^/]+/)", mail.outbox[-1].body)
    assert found is not None
    return found[1]


def asked(place: Any, bid: Bid) -> str:
    ask_sender(bid=bid, by=place.officer)
    return link_sent()


def answer(browser: Client, link: str, **changed: str) -> Any:
    """The sender reads the page and confirms it."""
    seen = browser.get(link).context["form"].initial["seen"]
    given = {"seen": seen, "answer": "confirmed", "name": "Jo Sender", "declaration": "on", "terms": "on"}
    return browser.post(link, {**given, **changed})


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


def test_the_sender_reads_all_of_it_and_their_word_submits_it(place, sign_in):
    bid = received_bid(place)
    f.BidFactory(round=place.round, title="Somebody else’s bid", summary="Secret plans")
    browser, path = sign_in(place.officer), bid.get_absolute_url()
    assert f'href="{path}received/ask/"' in opened(browser, path, queries=19)
    assert "Jo Sender is sent a link to jo@example.org" in text(browser.get(f"{path}received/ask/"))
    with clock.at(dt.date(2026, 11, 10)):
        assert browser.post(f"{path}received/ask/", {"version": bid.version}).headers["Location"] == path
        assert "Waiting for an answer" in text(browser.get(path))
    with clock.at(after_closing(place)):
        link = link_sent()
        assert mail.outbox[-1].to == ["jo@example.org"]
        assert not Message.objects.exclude(secret_link="").exists()
        visitor = Client()
        shown = opened(visitor, link, queries=16)
        for words in (
            "bid-from-the-chair.pdf",
            "By e-mail",
            "Youth worker",
            "£12,000.00",
            "The grant is spent on the project alone.",
        ):
            assert words in shown
        assert "Secret plans" not in shown
        assert "/documents/" not in shown
        assert visitor.get(link).headers["X-Robots-Tag"] == "noindex, nofollow"
        nothing = visitor.post(link, {"answer": "confirmed"})
        assert errors_on(nothing) == [
            "Enter your full name",
            "Confirm that this is what you sent and that you may submit it",
            "Accept the terms to submit the bid",
        ]
        done = answer(visitor, link)
        assert (done.status_code, done.headers["Location"]) == (302, link)
    bid = Bid.objects.get(pk=bid.pk)
    version = snapshots_of(bid).get()
    assert (bid.state, bid.submitted_by, version.by) == ("submitted", None, None)
    assert version.declaration.startswith(
        "Jo Sender confirmed on 11 November 2026 at 12:01pm by the link that was e-mailed to them: This"
    )
    assert version.data["received"]["words"] == "By e-mail, on 14 October 2026 at 9am. Entered by the office."
    assert version.sha256 in text(visitor.get(link))
    receipt = Message.objects.get(name="sender_receipt")
    assert (receipt.address, version.sha256 in receipt.body) == ("jo@example.org", True)
    assert set(Message.objects.filter(name="bid_receipt").values_list("to", flat=True)) == {place.coordinator.pk}
    page = text(browser.get(path))
    assert "submitted on 11 November 2026 at 12:01pm by its sender" in page
    assert "Confirmed Jo Sender, 11 November 2026 at 12:01pm, by the link sent to them" in page
    second = visitor.post(link, {"answer": "wrong", "said": "No."})
    assert (second.status_code, second.headers["Location"]) == (302, link)
    assert SenderConfirmation.objects.get().answer == "confirmed"
    assert set(AuditEntry.objects.filter(verb="confirm_received").values_list("actor", flat=True)) == {None}
    assert perform(bid, "begin_assessment", by=place.officer).case.state == "assessing"


def test_something_is_wrong_and_is_put_right(place, sign_in):
    bid = received_bid(place)
    link, visitor = asked(place, bid), Client()
    assert errors_on(visitor.post(link, {"answer": "wrong"})) == ["Enter what is wrong"]
    visitor.post(link, {"answer": "wrong", "said": "It is £9,000."})
    assert Message.objects.get(name="sender_objected").to == place.officer
    assert ["Put it right and ask them again." in item.sentence for item in work_for(place.officer)] == [True]
    browser, path = sign_in(place.officer), bid.get_absolute_url()
    assert "What its sender says is wrong It is £9,000. Jo Sender" in text(browser.get(path))
    assert "It is £9,000." in text(visitor.get(link))
    assert "£12,000" not in text(visitor.get(link)), "a link that was used shows the bid no longer"
    fresh = asked(place, bid)
    assert fresh != link
    assert ["can answer until 28 October 2026" in item.sentence for item in work_for(place.officer)] == [True]
    saved = browser.post(f"{path}details/", details(bid, title="Other words"))
    assert saved.status_code == 302
    assert "The office has changed the bid since it wrote to you on 14 October 2026 at 12 noon" in text(visitor.get(fresh))
    read = visitor.get(fresh).context["form"].initial["seen"]
    browser.post(f"{path}details/", details(bid, title="Still other words"))
    again = answer(visitor, fresh, seen=read)
    assert (again.status_code, "changed the bid after you opened this page" in text(again)) == (409, True)
    assert "Still other words" in text(again)
    assert "checked" not in again.content.decode(), "what was agreed to is asked again of other words"
    assert (Bid.objects.get().state, 'value="Jo Sender"' in again.content.decode()) == ("draft", True)
    assert answer(visitor, fresh).status_code == 302
    assert snapshots_of(bid).get().data["title"] == "Still other words"


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


def test_links_that_open_nothing(place):
    bid = received_bid(place)
    link, visitor = asked(place, bid), Client()
    token = link.rstrip("/").rsplit("/", 1)[-1]
    for forged in ("x", token[:-1] + ("a" if token[-1] != "a" else "b"), token.upper(), "%00", "é", "x" * 5000):
        assert visitor.get(f"/received-bid/{forged}/").status_code == 404
        assert visitor.post(f"/received-bid/{forged}/", {"answer": "confirmed"}).status_code == 404
    with clock.at(clock.now() + dt.timedelta(days=14)):
        late = visitor.get(link)
        assert (late.status_code, "until 28 October 2026 at 11am" in text(late)) == (410, True)
        assert visitor.post(link, {"answer": "wrong", "said": "No."}).status_code == 410
    newer = asked(place, bid)
    old = visitor.get(link)
    assert (old.status_code, "a newer link" in text(old)) == (410, True)
    bid.lines.all().delete()
    half = visitor.get(newer)
    assert (half.status_code, "The office is changing the bid" in text(half)) == (410, True)
    perform(bid, "withdraw", by=place.officer, reason="The chair took it back by telephone.")
    gone = visitor.get(newer)
    assert (gone.status_code, "was withdrawn" in text(gone)) == (410, True)
    assert visitor.post(newer, {"answer": "confirmed", "name": "Jo", "declaration": "on", "terms": "on"}).status_code == 410
    assert not SenderConfirmation.objects.exclude(answer="").exists()


def test_a_new_address_ends_the_link_to_the_wrong_one(place, sign_in):
    bid = received_bid(place)
    link, browser = asked(place, bid), sign_in(place.officer)
    ask_sender(bid=bid, by=place.officer)
    path = f"{bid.get_absolute_url()}received/"
    page = opened(browser, path, queries=16)
    assert "Leave this empty to keep “bid-from-the-chair.pdf”" in page
    sent = entry(place, version=bid.version, sender_email="new@example.org", how="email", original=pdf("better.pdf"))
    assert browser.post(path, sent).status_code == 302
    assert Client().get(link).status_code == 410
    drain()
    assert [message.to for message in mail.outbox] == [["jo@example.org"]], "what still waited to go out did not go out"
    assert [document.name for document in documents_of(bid)] == ["better.pdf"]
    assert browser.post(path, sent | {"original": pdf()}).status_code == 409
    fresh = asked(place, Bid.objects.get())
    assert mail.outbox[-1].to == ["new@example.org"]
    assert answer(Client(), fresh).status_code == 302
    assert browser.get(path).status_code == 409
    with pytest.raises(NotPermitted):
        change_receipt(bid=Bid.objects.get(), receipt=Receipt("post", clock.now(), "Al", "chair"), by=place.officer)


def test_an_e_mail_that_is_given_up_is_seen(place, sign_in):
    bid = received_bid(place)
    ask_sender(bid=bid, by=place.officer)
    assert "Waiting for an answer" in text(sign_in(place.officer).get(bid.get_absolute_url()))
    Message.objects.filter(name="sender_asked").update(attempts=MOST_ATTEMPTS, next_try_at=None, secret_link="")
    assert "The e-mail could not be sent" in text(sign_in(place.officer).get(bid.get_absolute_url()))
    assert ["Check the address and ask again." in item.sentence for item in work_for(place.officer)] == [True]


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
