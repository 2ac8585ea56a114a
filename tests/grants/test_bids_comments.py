"""The lead of the Delivery Group that a bid names comments on it; a measure that is proposed says so everywhere."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from casework.outbox import Message
from casework.registry import waiting_for
from casework.snapshots import snapshots_of
from casework.workflow import Refused, perform
from grants.agreements.text import parts_of
from grants.assessment.reading import bid_text
from grants.bids.comments import comment_as_lead
from grants.bids.content import told
from grants.models import Bid, DeliveryGroupComment
from partnerships.organisations.roles import Role
from tests.factories import MeasureDefinitionFactory, OfferFactory, OrganisationFactory, member, officer
from tests.grants.bid_world import complete_bid, world
from tests.project.test_garbage import send_rubbish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
WORDS = "Our pathway ends where this begins."


def text(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


@pytest.fixture
def place():
    return world()


@pytest.fixture
def group():
    return OrganisationFactory(name="Youth Justice Delivery Group", kind="delivery_group")


@pytest.fixture
def lead(group):
    return member(group, Role.CHAIR, name="Lena Lead")


@pytest.fixture
def bid(place, group):
    found = complete_bid(place, delivery_group=group)
    perform(found, "submit", by=place.signatory)
    return Bid.objects.get()


def test_the_lead_comments_while_the_bid_is_assessed(place, bid, lead, group, sign_in):
    client, path = sign_in(lead), f"/bids/{bid.reference}/comment/"
    assert client.get(path).status_code == 404, "the bidder may still take it back unread"
    perform(bid, "begin_assessment", by=place.officer)
    assert Message.objects.get(name="comment_asked").to == lead
    assert [item.url for item in waiting_for(lead)[0]] == [path]
    page = text(client.get(path))
    assert bid.summary in page
    assert client.get(f"/bids/{bid.reference}/").status_code == 404
    send_rubbish(client, path)
    assert client.post(path, {"text": " "}).status_code == 422
    assert client.post(path, {"text": WORDS}, follow=True).status_code == 200
    assert client.post(path, {"text": f"{WORDS} Fund it."}).status_code == 302
    kept = DeliveryGroupComment.objects.get()
    assert (kept.text, kept.by, kept.organisation) == (f"{WORDS} Fund it.", lead, group)
    assert waiting_for(lead)[0] == []
    for person in (place.officer, officer(Role.ASSESSOR), officer(Role.COMMISSIONER)):
        assert WORDS in text(sign_in(person).get(f"/bids/{bid.reference}/"))
    assert bid_text(Bid.objects.get()).comment == kept
    perform(Bid.objects.get(), "return_for_changes", by=place.officer, reason="More.")
    assert sign_in(lead).get(path).status_code == 404


def test_the_bidder_reads_it_once_they_are_told(place, bid, lead, sign_in):
    perform(bid, "begin_assessment", by=place.officer)
    comment_as_lead(bid=bid, text=WORDS, by=lead)
    page, people = f"/bids/{bid.reference}/", (place.coordinator, place.signatory)
    for values in (
        {"state": "assessing"},
        {"state": "assessed"},
        {"state": "awarded", "amount_awarded": 1, "known_as": "assessed"},
        {"state": "declined", "amount_awarded": None, "known_as": "assessed"},
    ):
        Bid.objects.update(**values)
        for person in people:
            shown = text(sign_in(person).get(page))
            assert WORDS not in shown
            assert "commented" not in shown
    Bid.objects.update(known_as="", told_at=bid.submitted_at)
    for person in people:
        assert WORDS in text(sign_in(person).get(page))


def test_nobody_else_comments_and_nobody_too_late(place, bid, lead, group, sign_in):
    perform(bid, "begin_assessment", by=place.officer)
    path = f"/bids/{bid.reference}/comment/"
    other = member(OrganisationFactory(kind="delivery_group"), Role.CHAIR)
    viewer, both = member(group, Role.VIEWER), member(group, Role.COORDINATOR)
    member(place.council, Role.VIEWER, email="both@example.org")
    both.memberships.create(organisation=place.council, role=Role.VIEWER, starts="2015-04-01")
    for person in (place.coordinator, place.officer, other, viewer, both):
        assert sign_in(person).get(path).status_code == 404
        assert sign_in(person).post(path, {"text": WORDS}).status_code == 404
    client = sign_in(lead)
    assert client.get(path).status_code == 200
    Bid.objects.update(state="assessed")
    late = client.post(path, {"text": WORDS})
    assert (late.status_code, WORDS in text(late)) == (422, True)
    with pytest.raises(Refused):
        comment_as_lead(bid=bid, text=WORDS, by=lead)
    assert not DeliveryGroupComment.objects.exists()


def test_a_proposed_measure_is_marked_wherever_it_is_read(place, sign_in):
    bid = complete_bid(place)
    known = MeasureDefinitionFactory(outcome=place.outcome)
    bid.measures.filter(order=0).update(definition=known)
    names = ["Young people who take part", "Young people with improved wellbeing (proposed new)"]
    assert names[1] in text(sign_in(place.coordinator).get(f"/bids/{bid.reference}/check/"))
    perform(bid, "submit", by=place.signatory)
    perform(Bid.objects.get(), "begin_assessment", by=place.officer)
    shown = {block.key: block.rows for block in told(snapshots_of(bid).get().data)}["measures"]
    assert [row["label"] for row in shown] == names
    assert [measure.full_name for measure in bid_text(Bid.objects.get()).measures] == names
    office = text(sign_in(place.officer).get(f"/bids/{bid.reference}/"))
    assert names[1] in office
    assert f"{names[0]} (proposed new)" not in office
    assert [measure["proposed"] for measure in parts_of(OfferFactory())["measures"]] == [True]
