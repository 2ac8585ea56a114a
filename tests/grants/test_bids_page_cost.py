"""A bid's page costs the office a fixed number of queries, however far the bid has come and however much is on it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.snapshots import take_snapshot
from casework.workflow import unit
from grants.bids.comments import comment_as_lead
from grants.bids.content import content
from grants.bids.messages import send_message
from grants.bids.ranking import Meeting, rank_bids
from grants.models import Bid, BidReader, CriterionScore, GateResult, ModeratedScore, Moderation
from tests import factories as f
from tests.grants.bid_world import complete_bid, details, world
from tests.pages import opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def full_bid(place, state, **values):
    """With a version, a partner, its place among two, gates, a comment, two assessors' scores, what was agreed; beyond that the state
    alone."""
    assessed = {"submitted": True} | ({} if state == "submitted" else {"assessing": True})
    bid = complete_bid(place, **assessed, **values)
    bid.partners.create(name="Police", brings="Officers")
    send_message(bid=bid, text="When do you begin?", by=place.officer)
    with unit():
        take_snapshot(bid, content(bid), by=place.officer)
    meeting, chair = Meeting(bid.created_at.date(), "Minute 14"), f.member(place.partnership, "chair")
    order = [bid.pk, complete_bid(place, title="Second").pk]
    rank_bids(round=place.round, organisation=place.partnership, order=order, meeting=meeting, by=chair, reason="Agreed.")
    if state == "submitted":
        return bid
    bid.delivery_group = f.OrganisationFactory(kind="delivery_group", name="Youth Justice")
    bid.save()
    comment_as_lead(bid=bid, text="It fits our strategy.", by=f.member(bid.delivery_group))
    for gate in bid.round.gates.all():
        GateResult.objects.create(bid=bid, gate=gate, passed=True, by=place.officer, at=bid.submitted_at)
    moderation = Moderation.objects.create(bid=bid, reason="Agreed.", by=place.officer, at=bid.submitted_at)
    for _ in range(2):
        assessment = f.AssessmentFactory(bid=bid, state="scored", declared_at=bid.submitted_at, scored_at=bid.submitted_at)
        for criterion in bid.round.criteria.all():
            CriterionScore.objects.create(assessment=assessment, criterion=criterion, score=3, reason="Fits.")
    for criterion in bid.round.criteria.all():
        ModeratedScore.objects.create(moderation=moderation, criterion=criterion, score=3)
    if state == "awarded":
        award = f.AwardFactory(bid=bid, decision=f.DecisionFactory(made=True, round=bid.round), told_at=bid.submitted_at)
        for text in ("A named lead.", "A safeguarding policy."):
            award.conditions.create(when="before_payment", text=text)
        values = {"amount_awarded": "9000", "told_at": bid.submitted_at}
        Bid.objects.filter(pk=bid.pk).update(**values)
    Bid.objects.filter(pk=bid.pk).update(state=state)
    return bid


@pytest.mark.parametrize("state", ["submitted", "assessing", "assessed", "awarded"])
@pytest.mark.parametrize("confidential", [False, True])
def test_the_office_opens_a_bid_with_fifteen_queries(sign_in, state, confidential):
    place = world()
    bid = full_bid(place, state)
    if confidential:
        Bid.objects.filter(pk=bid.pk).update(is_confidential=True)
        BidReader.objects.create(bid=bid, person=place.officer, named_by=place.officer, at=bid.submitted_at)
    text = opened(sign_in(place.officer), bid.get_absolute_url(), queries=15)
    assert bid.title in text
    if not confidential:
        opened(sign_in(f.officer("auditor")), bid.get_absolute_url(), queries=15)


@pytest.mark.parametrize("kind", ["council", "voluntary"])
def test_an_awarded_bid_costs_the_commissioner_and_its_signatory_no_more(sign_in, kind):
    """Most rooms show something here: messages, the decision, letters, and where it is an enterprise's the subsidy panel."""
    place = world()
    place.council.kind = kind
    place.council.save()
    bid = full_bid(place, "awarded")
    for person in (f.officer("commissioner"), place.signatory):
        text = opened(sign_in(person), bid.get_absolute_url(), queries=15)
        for words in ("A named lead.", "A safeguarding policy.", ">Outcome<", "It fits our strategy.", "Minute 14"):
            assert text.count(words) == 1, words
        assert ("Subsidy control" in text) == (kind == "voluntary")


def test_saving_a_section_reads_the_bid_with_its_facts_only_where_something_is_judged(sign_in):
    """Everybody saves in the last minutes of a round: what it costs decides whether two workers keep up."""
    place = world()
    bid = complete_bid(place)
    client = sign_in(place.coordinator)
    with CaptureQueriesContext(connection) as seen:
        answer = client.post(f"/bids/{bid.reference}/details/", details(bid, title="Another title"))
    assert answer.status_code == 302
    assert Bid.objects.get().title == "Another title"
    statements = [query["sql"] for query in seen.captured_queries]
    assert len(statements) <= 24
    assert not [sql for sql in statements if "fact_lines" in sql]


def test_a_direct_award_to_an_enterprise_costs_no_more(sign_in):
    """Nobody scores it, so no assessment brings the moderation along."""
    place = world()
    place.council.kind = "voluntary"
    place.council.save()
    bid = full_bid(place, "awarded")
    CriterionScore.objects.all().delete()
    bid.assessments.all().delete()
    Moderation.objects.all().delete()
    type(place.round).objects.update(route="direct")
    text = opened(sign_in(f.officer("commissioner")), bid.get_absolute_url(), queries=15)
    assert "Subsidy control" in text
    assert "nothing is scored" in text
