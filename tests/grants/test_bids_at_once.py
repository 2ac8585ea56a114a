"""Two signatories who press the button in the same moment, on a database that lets them."""

from __future__ import annotations

import pytest
from django.db.models import Count

from casework.outbox import Message
from casework.snapshots import snapshots_of
from grants.models import Bid
from partnerships.organisations.roles import Role
from tests.factories import member
from tests.grants.bid_world import complete_bid, world
from tests.grants.test_agreements_at_once import pinned
from tests.grants.test_decisions_at_once import at_once

pytestmark = [
    pytest.mark.database,
    pytest.mark.usefixtures("committed", "noon"),
    pytest.mark.postgresql,
]


@pytest.mark.parametrize("attempt", range(3))
def test_two_signatories_submit_at_once(noon, sign_in, attempt):
    place = world()
    bid = complete_bid(place)
    people = (place.signatory, member(place.council, Role.SIGNATORY, name="Sue Signatory"))
    path, sent = f"/bids/{bid.reference}/submit/", {"version": bid.version, "declaration": "on", "terms": "on"}
    first, second = (sign_in(each) for each in people)
    answers = at_once(pinned(noon, lambda: first.post(path, sent)), pinned(noon, lambda: second.post(path, sent)))
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, f"/bids/{bid.reference}/submitted/")] * 2
    done = Bid.objects.get()
    late = first if done.submitted_by == people[1] else second
    said = f"{done.submitted_by} submitted this bid on 14 October 2026 at 12 noon, before you did. There is nothing left to do."
    assert said in late.get(answers[0].url).content.decode()
    assert (done.state, done.submitted_by in people) == ("submitted", True)
    assert snapshots_of(done).get().by == done.submitted_by
    sent_to = Message.objects.filter(name="bid_receipt").values_list("to").annotate(number=Count("pk"))
    assert dict(sent_to) == {done.submitted_by.pk: 1, place.coordinator.pk: 1}
    assert Message.objects.filter(name="bid_arrived").count() == 1
