"""What a bid says of its place in the county's plans: wards and towns, priority, principle, Delivery Group, and afterwards."""

from __future__ import annotations

import pytest

from casework.snapshots import snapshots_of
from casework.workflow import perform
from grants.bids.content import content, told
from grants.models import Bid
from tests.factories import OrganisationFactory
from tests.grants.bid_world import complete_bid, details, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def test_from_the_pages_into_the_version_that_is_submitted(sign_in):
    place = world()
    bid = complete_bid(place)
    group = OrganisationFactory(name="Youth Justice Delivery Group", kind="delivery_group")
    client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/"
    sent = {
        "version": "1",
        "outcomes": [place.outcome.pk],
        "areas": [place.area.pk],
        "places": "Ramsey and Yaxley",
        "priority": "Safe streets",
        "principle": "communities",
        "delivery_group": str(group.pk),
    }
    assert client.post(f"{path}outcomes/", sent).status_code == 302
    ends = {"when_money_ends": "The council pays on.", "interests": "None."}
    assert client.post(f"{path}details/", details(bid, **ends)).status_code == 302
    checked = client.get(f"{path}check/").content.decode()
    for words in (
        "Ramsey and Yaxley",
        "Safe streets",
        "raise the resilience of communities",
        group.name,
        "The council pays on.",
        "None.",
    ):
        assert words in checked
    perform(bid, "submit", by=place.signatory)
    rows = {row["label"]: row["value"] for block in told(snapshots_of(bid).get().data) for row in block.rows}
    assert rows["Wards or towns"] == "Ramsey and Yaxley"
    assert rows["Delivery Group whose strategy it serves"] == group.name
    assert rows["When the money ends"] == "The council pays on."


def test_a_body_that_is_no_delivery_group_is_refused(sign_in):
    place = world()
    bid = complete_bid(place)
    sent = {"version": "1", "outcomes": [place.outcome.pk], "areas": [place.area.pk], "delivery_group": str(place.council.pk)}
    assert sign_in(place.coordinator).post(f"/bids/{bid.reference}/outcomes/", sent).status_code == 422
    assert Bid.objects.get().delivery_group is None


def test_a_version_from_before_says_nothing_of_them():
    place = world()
    data = content(complete_bid(place))
    for name in ("places", "priority", "principle", "delivery_group", "when_money_ends", "interests"):
        del data[name]
    labels = {row["label"] for block in told(data) for row in block.rows}
    assert not labels & {"Wards or towns", "Priority", "Principle", "When the money ends", "Interests"}
