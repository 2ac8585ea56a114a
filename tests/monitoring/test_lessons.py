"""What earlier grants learned, beside the form of a bid on the same outcome: of one's own grants, and of those that are public."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework import clock
from casework.registry import Lesson, lessons_on
from grants.models import Bid, Decision, PublicationHold
from monitoring.models import Return
from tests.factories import ReturnFactory, officer
from tests.grants.bid_world import complete_bid, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
SAID = "Tell the parents first."


@pytest.fixture
def place():
    return world()


@pytest.fixture
def accepted(place):
    """An accepted report of another partnership's published award on the same outcome, with what it learned."""
    case = ReturnFactory(submitted=True)
    Return.objects.filter(pk=case.pk).update(state="accepted", rag="red", rag_comment="They are late.")
    case.response.answers.create(question_key="learning", value=SAID)
    case.measures.all().delete()
    for order, (aggregation, value, out_of) in enumerate((("total", 70, None), ("rate", 30, 60))):
        case.measures.create(
            name=f"Measure {order}", unit="people", aggregation=aggregation, baseline=0, target=80, target_of=out_of and 100,
            value=value, value_of=out_of, order=order, measure_key=f"00000000-0000-4000-8000-00000000000{order}",
        )  # fmt: skip
    bid = case.bid
    bid.outcomes.set([place.outcome])
    award = case.agreement.award
    Decision.objects.filter(pk=award.decision_id).update(state="published", published_at=clock.now())
    type(award).objects.filter(pk=award.pk).update(told_at=clock.now())
    return Return.objects.get(pk=case.pk)


def lessons(person: Any, *keys: str) -> list[Lesson]:
    return lessons_on(keys, person, without=0)


def test_what_was_learned_and_reached_stands_beside_the_form(place, accepted, sign_in):
    bid = complete_bid(place)
    client = sign_in(place.coordinator)
    [lesson] = lessons(place.coordinator, place.outcome.key)
    assert (lesson.title, lesson.said) == (accepted.bid.title, SAID)
    assert lesson.figures == (
        ("Measure 0", "70 people", "80 people"),
        ("Measure 1", "30 of 60 (50%) people", "80 of 100 (80%) people"),
    )
    for page in ("outcomes", "measures", "risks", "questions/project"):
        shown = client.get(f"/bids/{bid.reference}/{page}/").content.decode()
        assert SAID in shown, page
        assert "They are late" not in shown
    for page in ("details", "budget", "milestones"):
        assert SAID not in client.get(f"/bids/{bid.reference}/{page}/").content.decode()
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/bids/{bid.reference}/outcomes/")
    assert len(queries) <= 15
    bid.outcomes.clear()
    assert SAID not in client.get(f"/bids/{bid.reference}/outcomes/").content.decode()


def test_only_what_is_public_or_ones_own(place, accepted):
    key, person, office = place.outcome.key, place.coordinator, officer()
    assert [lesson.said for lesson in lessons(person, key)] == [SAID]
    award = accepted.agreement.award

    def hidden_from_others() -> bool:
        return lessons(person, key) == [] and [lesson.said for lesson in lessons(office, key)] == [SAID]

    for change, back in (
        ((Decision, {"state": "made"}), {"state": "published"}),
        ((type(award), {"told_at": None}), {"told_at": clock.now()}),
    ):
        model, values = change
        model.objects.update(**values)
        assert hidden_from_others()
        model.objects.update(**back)
    assert not hidden_from_others()
    for part in ("all", "recipient", "purpose", "place"):
        hold = PublicationHold.objects.create(award=award, part=part, ground="A refuge", approved_by=office, at=clock.now())
        assert hidden_from_others(), part
        hold.delete()
    Return.objects.update(state="submitted")
    assert lessons(office, key) == []
    Return.objects.update(state="accepted")
    Bid.objects.filter(pk=accepted.bid.pk).update(applicant=place.partnership)
    Decision.objects.update(state="made")
    assert [lesson.said for lesson in lessons(person, key)] == [SAID], "their own"
    assert lessons_on([key], person, without=accepted.bid.pk) == []
    assert lessons(person, "another-outcome") == []


def test_a_later_report_speaks_for_the_earlier_ones(place, accepted):
    later = ReturnFactory(
        agreement=accepted.agreement,
        reference="CDR-2000-008-R99",
        period_start=dt.date(2030, 4, 1),
        period_end=dt.date(2030, 9, 30),
        submitted=True,
    )
    Return.objects.filter(pk=later.pk).update(state="accepted", rag="green")
    later.measures.all().delete()
    later.measures.create(
        name="Measure 0",
        unit="people",
        baseline=0,
        target=80,
        value=Decimal("12.5"),
        measure_key="00000000-0000-4000-8000-000000000000",
    )
    [lesson] = lessons(place.coordinator, place.outcome.key)
    assert lesson.said == ""
    assert lesson.figures[0] == ("Measure 0", "82.5 people", "80 people")
