"""Messages about a bid, which both sides read, beside notes, which one side alone reads."""

from __future__ import annotations

from typing import Any

import pytest

from casework import clock
from casework.audit.models import AuditEntry
from casework.history import worked_on
from casework.notes import add_note
from casework.outbox import Message
from grants.bids.messages import send_message
from grants.bids.messages_models import BidMessage
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants.bid_world import World, complete_bid, world
from tests.pages import errors_on, opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
QUESTION, ANSWER, SECRET = "Which hall do you mean?", "The one in Soham.", "We doubt this hall exists."


def handed_in(place: World) -> Any:
    return complete_bid(place, state="assessing", submitted_at=clock.now(), submitted_by=place.signatory)


def test_both_sides_read_messages_and_are_told_without_their_words(sign_in: Any) -> None:
    place = world()
    bid = handed_in(place)
    path = f"/bids/{bid.reference}/messages/"
    office, bidder = sign_in(place.officer), sign_in(place.coordinator)
    assert errors_on(office.post(path, {"text": " "})) == ["Enter your message"]
    for _ in range(2):
        assert office.post(path, {"text": QUESTION}).status_code == 302
    assert bidder.post(path, {"text": ANSWER}).status_code == 302
    assert [(row.from_office, row.text) for row in BidMessage.objects.all()] == [(False, ANSWER), (True, QUESTION)]
    for person in (place.officer, place.coordinator, place.signatory):
        page = opened(sign_in(person), f"/bids/{bid.reference}/", queries=15)
        assert QUESTION in page
        assert ANSWER in page
    told = {(message.to, message.name) for message in Message.objects.all()}
    assert told == {(place.coordinator, "bid_message"), (place.signatory, "bid_message"), (place.officer, "bid_message")}
    assert not [message for message in Message.objects.all() if QUESTION in message.body or ANSWER in message.body]
    entries = AuditEntry.objects.filter(verb="sent a message about the bid").order_by("number")
    assert [(entry.actor, list(entry.changes)) for entry in entries] == [
        (place.officer, ["message"]),
        (place.coordinator, ["message"]),
    ]


def test_a_note_of_the_office_is_nowhere_the_bidder_looks(sign_in: Any) -> None:
    place = world()
    bid = handed_in(place)
    add_note(bid, kind="call", on=clock.today(), text=SECRET, side="office", by=place.officer)
    sign_in(place.officer).post(f"/bids/{bid.reference}/messages/", {"text": QUESTION})
    assert SECRET in opened(sign_in(place.officer), f"/bids/{bid.reference}/")
    for person in (place.coordinator, place.signatory):
        client = sign_in(person)
        for place_ in ("", "messages/", "notes/", "check/", "submitted/"):
            answer = client.get(f"/bids/{bid.reference}/{place_}")
            assert SECRET not in answer.content.decode(), place_
        assert "added a note" not in client.get(f"/bids/{bid.reference}/").content.decode().lower()
    assert not Message.objects.filter(body__contains=SECRET).exists()


def test_who_writes_and_who_only_reads(sign_in: Any) -> None:
    place = world()
    bid = handed_in(place)
    draft = complete_bid(place, title="Draft")
    path = f"/bids/{bid.reference}/messages/"
    viewer, stranger = sign_in(f.member(place.partnership, Role.VIEWER)), sign_in(f.UserFactory())
    assert "There are no messages about this bid" in opened(viewer, path)
    assert (viewer.post(path, {"text": QUESTION}).status_code, stranger.get(path).status_code) == (403, 404)
    assert sign_in(f.officer(Role.ASSESSOR)).post(path, {"text": QUESTION}).status_code == 403
    assert sign_in(place.officer).get(f"/bids/{draft.reference}/messages/").status_code == 404
    assert sign_in(place.coordinator).get(f"/bids/{draft.reference}/messages/").status_code == 200
    send_message(bid=bid, text=ANSWER, by=place.coordinator)
    page = opened(viewer, path)
    assert (ANSWER in page, "Send message" in page) == (True, False)


def test_a_message_is_no_work_on_the_bid_for_who_covers_a_signatory() -> None:
    place = world()
    bid = handed_in(place)
    send_message(bid=bid, text=QUESTION, by=place.signatory)
    assert not worked_on(place.signatory, bid)
