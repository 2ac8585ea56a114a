"""The sender of a bid on paper reads it by a link of their own, and says that it is what they sent or what is wrong."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import mail
from django.test import Client

from casework import clock
from casework.audit.models import AuditEntry
from casework.documents.models import documents_of
from casework.outbox import MOST_ATTEMPTS, Message, drain
from casework.registry import work_for
from casework.snapshots import snapshots_of
from casework.workflow import NotPermitted, perform
from grants.bids.received import Receipt, ask_sender, change_receipt
from grants.models import Bid, SenderConfirmation
from tests import factories as f
from tests.grants.bid_world import after_closing, details, pdf, received_bid, world
from tests.grants.received_world import answer, asked, entry, link_sent, text
from tests.pages import errors_on, opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def place():
    return world()


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
    begun = perform(bid, "begin_assessment", by=place.officer).case
    back = perform(begun, "return_for_changes", by=place.officer, reason="Name the hall.", sections=["details"]).case
    letter = Message.objects.get(name="sender_returned")
    assert (letter.address, "Name the hall." in letter.body, "“Details”" in letter.body) == ("jo@example.org", True, True)
    assert answer(Client(), asked(place, back)).status_code == 302
    assert (Bid.objects.get(pk=bid.pk).state, snapshots_of(bid).count()) == ("submitted", 2)


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
    path = f"{bid.get_absolute_url()}received/"
    assert "Leave this empty to keep “bid-from-the-chair.pdf”" in opened(browser, path, queries=16)
    sent = entry(place, version=bid.version, sender_email="new@example.org", how="email", original=pdf("better.pdf"))
    assert browser.post(path, sent).status_code == 302
    ended = Client().get(link)
    assert (ended.status_code, "The link could be used until 14 October 2026 at 12 noon" in text(ended)) == (410, True)
    assert [document.name for document in documents_of(bid)] == ["better.pdf"]
    assert browser.post(path, sent | {"original": pdf()}).status_code == 409
    ask_sender(bid=bid, by=place.officer)
    again = {**sent, "version": Bid.objects.get().version, "sender_email": "newest@example.org", "original": ""}
    assert browser.post(path, again).status_code == 302
    drain()
    assert [message.to for message in mail.outbox] == [["jo@example.org"]], "what still waited to go out did not go out"
    fresh = asked(place, bid)
    assert mail.outbox[-1].to == ["newest@example.org"]
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
