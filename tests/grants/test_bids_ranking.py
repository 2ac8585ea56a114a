"""A body puts its own bids in order before they are submitted; the meeting is kept, and the order is frozen with the bid."""

from __future__ import annotations

import html
import io
import re
import zipfile
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework import clock
from casework.audit.models import AuditEntry
from casework.snapshots import snapshots_of
from casework.workflow import perform
from grants.bids.content import told
from grants.models import Bid, BidReader, RankedBid, Ranking
from partnerships.organisations.roles import Role
from tests.factories import OrganisationFactory, member, officer
from tests.grants.bid_world import complete_bid, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
LEFT = "Pat Interested, Huntingdon Town Council"


def text(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


@pytest.fixture
def place():
    return world()


@pytest.fixture
def bids(place):
    return [complete_bid(place, title=title) for title in ("First", "Second", "Third")]


@pytest.fixture
def path(place):
    return f"/rounds/{place.round.reference}/order/{place.partnership.key}/"


def order(*ranked: tuple[Bid, int], **more: str) -> dict[str, str]:
    sent = {"met_on_day": "1", "met_on_month": "10", "met_on_year": "2026", "minutes": "Minute 14", "left": LEFT}
    return sent | {f"rank_{bid.pk}": str(rank) for bid, rank in ranked} | more


def ranks() -> dict[str, int]:
    last = Ranking.objects.order_by("number").last()
    return {row.bid.title: row.rank for row in RankedBid.objects.filter(ranking=last).select_related("bid")}


def test_the_chair_puts_them_in_order_and_it_is_frozen_with_the_bid(place, bids, path, sign_in):
    one, two, three = bids
    client = sign_in(member(place.partnership, Role.CHAIR))
    assert "Put your bids of this round in order" in text(client.get(f"/bids/{one.reference}/"))
    assert client.get(path).status_code == 200
    bad = client.post(path, order((one, 2), (two, 2)) | {"minutes": "", "met_on_year": "2027"})
    assert bad.status_code == 422
    for words in (
        f"{one.reference} is in place 2 already: select another place for {two.reference}",
        f"Select the place of {three.reference}",
        "Enter where the minutes are",
        "The date of the meeting must be the same as or before 14 October 2026",
    ):
        assert words in text(bad), words
    assert '<option value="2" selected>' in bad.content.decode()
    assert client.post(path, order((one, 4), (two, 1), (three, 2))).status_code == 422
    assert client.post(path, order((one, 3), (two, 1), (three, 2))).status_code == 302
    assert ranks() == {"Second": 1, "Third": 2, "First": 3}
    assert LEFT not in str(list(AuditEntry.objects.values()))
    perform(two, "submit", by=place.signatory)
    frozen = snapshots_of(two).get()
    assert frozen.data["rank"] == {"rank": 1, "of": 3, "met_on": "2026-10-01"}
    assert LEFT not in frozen.body
    assert {"label": "Place among the bidder’s own bids", "value": "1 of 3, decided on 1 October 2026"} in told(frozen.data)[
        0
    ].rows


def test_after_submission_only_with_a_reason_and_then_not_at_all(place, bids, path, sign_in):
    one, two, three = bids
    client = sign_in(place.coordinator)
    client.post(path, order((one, 1), (two, 2), (three, 3)))
    perform(one, "submit", by=place.signatory)
    other = order((one, 3), (two, 1), (three, 2))
    assert client.post(path, other).status_code == 422
    assert client.post(path, other | {"reason": "The police asked for it."}).status_code == 302
    assert [row.number for row in Ranking.objects.all()] == [1, 2]
    assert ranks() == {"Second": 1, "Third": 2, "First": 3}
    perform(Bid.objects.get(pk=one.pk), "begin_assessment", by=place.officer)
    for values in (
        {"state": "assessed"},
        {"state": "awarded", "amount_awarded": 1, "known_as": "assessed"},
    ):
        Bid.objects.filter(pk=one.pk).update(**values)
        assert client.get(path).status_code == 409
        assert client.post(path, other | {"reason": "Again."}).status_code == 422
    assert Ranking.objects.count() == 2


def test_the_office_reads_it_once_the_bid_is_opened(place, bids, path, sign_in):
    one, two, three = bids
    sign_in(place.coordinator).post(path, order((one, 3), (two, 1), (three, 2)))
    perform(one, "submit", by=place.signatory)
    page, office = f"/bids/{one.reference}/", sign_in(place.officer)
    assert LEFT not in text(office.get(page))

    def exported() -> str:
        answer = office.get("/bids/", {"export": "xlsx"})
        with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as book:
            return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))

    def listed() -> list[Any]:
        return [row.rank for row in office.get("/bids/").context["table"].data]

    assert listed() == [None]
    perform(Bid.objects.get(pk=one.pk), "begin_assessment", by=place.officer)
    for person in (place.officer, officer(Role.ASSESSOR), place.coordinator, member(place.partnership, Role.VIEWER)):
        shown = text(sign_in(person).get(page))
        assert "Minute 14" in shown
        assert LEFT in shown
    office = sign_in(place.officer)
    assert listed() == [3]
    assert "own order" in exported()
    assert LEFT not in exported()
    with CaptureQueriesContext(connection) as queries:
        office.get("/bids/")
    assert len(queries) <= 8


def test_nobody_else_and_nothing_else(place, bids, path, sign_in):
    stranger = member(OrganisationFactory(kind="csp"), Role.COORDINATOR)
    for person in (place.officer, place.signatory, stranger, member(place.partnership, Role.VIEWER)):
        assert sign_in(person).get(path).status_code == 404
        assert sign_in(person).post(path, order(*zip(bids, (1, 2, 3), strict=True))).status_code == 404
    client = sign_in(place.coordinator)
    assert client.get(path.replace(place.partnership.key, "nobody")).status_code == 404
    theirs = complete_bid(place, applicant=OrganisationFactory(kind="csp"))
    assert client.post(path, order((theirs, 1), (bids[0], 2), (bids[1], 3))).status_code == 422
    assert not Ranking.objects.exists()
    for bid in bids[1:]:
        perform(bid, "withdraw", by=place.coordinator, reason="No.")
    alone = client.get(path)
    assert (alone.status_code, "fewer than two bids" in text(alone)) == (409, True)


def test_a_confidential_bid_keeps_its_place_behind_what_one_sees(place, bids, path, sign_in):
    one, two, three = bids
    chair = member(place.partnership, Role.CHAIR)
    Bid.objects.filter(pk=two.pk).update(is_confidential=True)
    BidReader.objects.create(bid=two, person=chair, named_by=chair, at=clock.now())
    page = text(sign_in(place.coordinator).get(path))
    assert "Second" not in page
    assert sign_in(place.coordinator).post(path, order((one, 2), (three, 1))).status_code == 302
    assert ranks() == {"Third": 1, "First": 2, "Second": 3}
    assert sign_in(chair).post(path, order((one, 3), (two, 1), (three, 2))).status_code == 302
    assert ranks() == {"Second": 1, "Third": 2, "First": 3}
