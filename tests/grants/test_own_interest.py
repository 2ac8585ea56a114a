"""Whoever has an interest in a bid reads nothing of its assessment, and does not tell its bidder."""

from __future__ import annotations

from decimal import Decimal

import pytest

from casework import clock
from casework.outbox import Message
from casework.workflow import NotPermitted, Refused, perform
from grants.assessment import services as assessing
from grants.assessment.models import Assessment
from grants.assessment.services import Judged, Scored
from grants.decisions import services
from grants.decisions.services import Given
from grants.models import Award, Bid
from partnerships.organisations.roles import Role
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
SCORE_REASON, GATE_REASON, AGREED = "Clear and costed work.", "Terms were seen.", "Both assessors say the same."


@pytest.fixture
def officer():
    return f.officer()


@pytest.fixture
def bid(officer):
    """Scored by two and moderated, not completed yet."""
    bid = f.BidFactory(submitted=True)
    f.fund_account(bid.round.fund)
    for assessor in (f.officer(Role.ASSESSOR), f.officer(Role.ASSESSOR)):
        row = assessing.assign(bid=bid, assessor=assessor, due=clock.today(), by=officer)
        assessing.declare_no_interest(assessment=row, by=assessor)
    results = [Judged(gate.pk, True, GATE_REASON) for gate in bid.round.gates.all()]
    assessing.record_gates(bid=Bid.objects.get(pk=bid.pk), results=results, by=officer)
    for row in Assessment.objects.filter(bid=bid):
        given = [Scored(criterion.pk, 3, SCORE_REASON) for criterion in bid.round.criteria.all()]
        assessing.save_scores(assessment=row, scores=given, by=row.assessor)
        perform(row, "submit_scores", by=row.assessor)
    agreed = {criterion.pk: 3 for criterion in bid.round.criteria.all()}
    assessing.moderate(bid=Bid.objects.get(pk=bid.pk), scores=agreed, reason=AGREED, by=officer)
    return Bid.objects.get(pk=bid.pk)


def serves(bid):
    person = f.officer()
    f.MembershipFactory(organisation=bid.delivery_body, role=Role.VIEWER, person=person)
    return person


def declared(bid):
    """An officer who is an assessor too and stepped aside."""
    person = f.officer()
    f.MembershipFactory(organisation=f.office(), role=Role.ASSESSOR, person=person)
    row = f.AssessmentFactory(bid=bid, assessor=person)
    assessing.declare_conflict(assessment=row, reason="My sister works there.", by=person)
    return person


@pytest.mark.parametrize("interested", [serves, declared])
def test_scores_gates_and_moderation_are_not_there(bid, officer, interested, sign_in):
    theirs = Assessment.objects.filter(bid=bid).first().get_absolute_url()
    shut = [theirs, f"/assessments/moderate/{bid.reference}/", f"/assessments/gates/{bid.reference}/"]
    assert [sign_in(officer).get(path).status_code for path in shut] == [200, 200, 200]
    person = interested(bid)
    client = sign_in(person)
    assert [client.get(path).status_code for path in shut] == [404, 404, 404]
    assert client.post(shut[1], {"reason": "Mine."}).status_code == 404
    read = [f"/bids/{bid.reference}/", "/assessments/", "/"]
    read += [row.get_absolute_url() for row in Assessment.objects.filter(bid=bid, assessor=person)]
    text = "".join(client.get(path).text for path in read)
    for words in (SCORE_REASON, AGREED, "Record the moderated", theirs):
        assert words not in text, words
    assert theirs in sign_in(officer).get("/assessments/").text
    assert SCORE_REASON in sign_in(officer).get(theirs).text
    with pytest.raises(NotPermitted):
        assessing.moderate(bid=bid, scores={}, reason="Mine.", by=person)
    with pytest.raises(NotPermitted):
        assessing.record_gates(bid=bid, results=[], by=person)


@pytest.mark.parametrize("interested", [serves, declared])
def test_the_papers_of_a_decision_keep_the_points_of_that_bid_alone(bid, officer, interested, sign_in):
    person = interested(bid)
    perform(bid, "complete_assessment", by=officer)
    decision = services.create_decision(round=bid.round, title="Grants", by=officer)
    services.save_details(decision=decision, values={"reasons": "Less crime."}, by=officer)
    services.save_awards(decision=decision, awards=[Given(bid, "part", Decimal("9000"), "Good.")], by=officer)
    points = f"{decision.all_awards()[0].points} of {decision.all_awards()[0].most_points}"
    for path in ("", "awards/"):
        assert points in sign_in(officer).get(f"{decision.get_absolute_url()}{path}").text
        assert points not in sign_in(person).get(f"{decision.get_absolute_url()}{path}").text


def test_nobody_tells_the_bidders_of_a_decision_about_their_own_body(bid, officer, sign_in):
    perform(bid, "complete_assessment", by=officer)
    decision = services.create_decision(round=bid.round, title="Grants", by=officer)
    services.save_details(decision=decision, values={"reasons": "Less crime."}, by=officer)
    services.save_awards(decision=decision, awards=[Given(bid, "part", Decimal("9000"), "Good.")], by=officer)
    perform(decision, "recommend", by=officer)
    decision = services.make_decision(decision=decision, interests="None", by=f.officer(Role.COMMISSIONER)).case
    f.member(bid.applicant)
    person, page = serves(bid), f"{decision.get_absolute_url()}tell/"
    with pytest.raises(Refused, match="so somebody else must tell the bidders"):
        services.tell_bidders(decision=decision, by=person)
    assert "Tell the bidders</a>" not in sign_in(person).get(decision.get_absolute_url()).text
    assert [sign_in(person).get(page).status_code, sign_in(person).post(page).status_code] == [403, 403]
    assert Award.objects.get().told_at is None
    assert not Message.objects.filter(name="award-outcome").exists()
    assert sign_in(officer).get(page).status_code == 200
    services.tell_bidders(decision=decision, by=officer)
    assert Award.objects.get().told_at is not None
