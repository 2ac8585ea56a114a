"""The files of a bid: by kind, asked for by the round, offered again from earlier bids."""

from __future__ import annotations

from typing import Any

import pytest

from casework.documents.services import remove
from casework.workflow import Refused, perform
from grants.bids.completeness import problems
from grants.bids.models import Bid
from grants.bids.services import attach_file
from tests.grants.bid_world import complete_bid, pdf, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
MISSING = "Attach a file of this kind, which the round asks for: terms of reference or constitution"


def test_a_round_that_asks_for_a_kind_of_file_keeps_a_bid_without_it_from_being_submitted(sign_in: Any) -> None:
    place = world(required_files=["Terms of reference", "Accounts"])
    bid = complete_bid(place)
    attach_file(bid=bid, upload=pdf("accounts.pdf"), kind="Accounts", by=place.coordinator)
    attach_file(bid=bid, upload=pdf("quote.pdf"), kind="Quote", by=place.coordinator)
    assert [(found.section, found.sentence) for found in problems(bid)] == [("attachments", MISSING)]
    with pytest.raises(Refused, match="terms of reference or constitution"):
        perform(Bid.objects.get(pk=bid.pk), "submit", by=place.signatory)
    client = sign_in(place.coordinator)
    page = client.get(f"/bids/{bid.reference}/attachments/").content.decode()
    groups = [
        page.index(f"{title}</h2>" if title.startswith("Quote") else f"{title} <span")
        for title in ("Terms of reference or constitution", "Last accounts", "Quote or estimate")
    ]
    assert groups == sorted(groups)
    assert page.count("Nothing attached yet. The bid cannot be submitted without it.") == 1
    assert "In progress" in client.get(bid.get_absolute_url()).content.decode()
    terms = attach_file(bid=bid, upload=pdf("terms.pdf"), kind="Terms of reference", by=place.coordinator)
    assert problems(bid) == []
    remove(terms, by=place.coordinator)
    assert [found.sentence for found in problems(bid)] == [MISSING]


def test_an_officer_says_which_files_a_round_needs_and_bidders_read_it(sign_in: Any) -> None:
    place = world(required_files=["Quote", "Accounts"])
    page = sign_in(place.officer).get(f"/rounds/{place.round.reference}/edit/").content.decode()
    assert page.count("checked") >= 2
    shown = sign_in(place.coordinator).get(place.round.get_absolute_url()).content.decode()
    assert "Last accounts<br>Quote or estimate" in shown
