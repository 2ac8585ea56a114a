"""Assessing a bid: interests, gates, scores, moderation, and what stands against each."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from casework import clock
from casework.audit.models import AuditEntry
from casework.history import visible_entries
from casework.outbox import Message
from casework.registry import work_for
from casework.snapshots import snapshots_of
from casework.workflow import NotPermitted, Refused, Stale, perform
from grants.assessment import services
from grants.assessment.models import Assessment, CriterionScore, GateResult
from grants.assessment.queries import picture_of, with_agreed_points, with_points
from grants.assessment.services import Judged, Scored
from grants.bids.models import Bid
from partnerships.organisations.roles import Role, Seat
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def pass_gates(bid, by):
    return services.record_gates(bid=bid, results=[Judged(gate.pk, True) for gate in bid.round.gates.all()], by=by)


def scores(bid, *values, reason="Clear and costed."):
    return [Scored(row.pk, value, reason) for row, value in zip(bid.round.criteria.all(), values, strict=True)]


def scored(bid, officer, *values, assessor=None):
    """An assessment of the bid, submitted with these scores."""
    assessor = assessor or f.officer(Role.ASSESSOR)
    assessment = services.assign(bid=bid, assessor=assessor, due=clock.today(), by=officer)
    services.declare_no_interest(assessment=assessment, by=assessor)
    if not GateResult.objects.filter(bid=bid).exists():
        pass_gates(Bid.objects.get(pk=bid.pk), assessor)
    services.save_scores(assessment=assessment, scores=scores(bid, *values), by=assessor)
    return perform(assessment, "submit_scores", by=assessor).case


def moderated(bid, officer, *values):
    agreed = {row.pk: value for row, value in zip(bid.round.criteria.all(), values, strict=True)}
    return services.moderate(bid=bid, scores=agreed, reason="The lower score was raised.", by=officer)


@pytest.fixture
def officer():
    return f.officer()


@pytest.fixture
def bid():
    return f.BidFactory(submitted=True)


def test_the_first_assessor_begins_the_assessment_and_is_told(bid, officer):
    assessor = f.officer(Role.ASSESSOR)
    assessment = services.assign(bid=bid, assessor=assessor, due=dt.date(2026, 10, 28), by=officer)
    assert assessment.reference == f"{bid.reference}-S01"
    assert Bid.objects.get(pk=bid.pk).state == "assessing"
    letter = Message.objects.get()
    assert letter.to == assessor
    assert "28 October 2026" in letter.subject
    second = services.assign(bid=bid, assessor=f.officer(Role.ASSESSOR), due=clock.today(), by=officer)
    assert second.reference == f"{bid.reference}-S02"


def test_a_person_of_the_bidding_body_is_refused_but_an_office_seat_is_no_conflict(bid, officer):
    own = f.officer(Role.ASSESSOR, name="Pat Field")
    f.MembershipFactory(person=own, organisation=bid.accountable_body, role=Role.VIEWER)
    with pytest.raises(Refused, match=r"Pat Field serves a body that CDR-2000-.* is for, so they cannot assess it"):
        services.assign(bid=bid, assessor=own, due=clock.today(), by=officer)
    assert Bid.objects.get(pk=bid.pk).state == "submitted"
    seated = f.officer(Role.ASSESSOR)
    f.MembershipFactory(person=seated, organisation=bid.applicant, role=Role.MEMBER, seat=Seat.OFFICE_SEAT)
    assert services.assign(bid=bid, assessor=seated, due=clock.today(), by=officer).pk


def test_who_may_not_assign_and_who_may_not_be_assigned(bid, officer):
    assessor = f.officer(Role.ASSESSOR)
    with pytest.raises(NotPermitted):
        services.assign(bid=bid, assessor=assessor, due=clock.today(), by=f.officer(Role.FINANCE_OFFICER))
    with pytest.raises(Refused, match="is not an assessor"):
        services.assign(bid=bid, assessor=f.officer(Role.FINANCE_OFFICER), due=clock.today(), by=officer)
    services.assign(bid=bid, assessor=assessor, due=clock.today(), by=officer)
    with pytest.raises(Refused, match="already assigned"):
        services.assign(bid=bid, assessor=assessor, due=clock.today(), by=officer)
    assert Assessment.objects.count() == 1


def test_a_conflict_needs_its_reason_and_can_be_reopened(bid, officer):
    assessor = f.officer(Role.ASSESSOR)
    assessment = services.assign(bid=bid, assessor=assessor, due=clock.today(), by=officer)
    with pytest.raises(Refused, match="Enter a reason"):
        services.declare_conflict(assessment=assessment, reason=" ", by=assessor)
    assert (
        services.declare_conflict(assessment=assessment, reason="My sister works there.", by=assessor).case.state == "conflicted"
    )
    reopened = perform(assessment, "reopen", by=officer, reason="The project moved to another body.").case
    assert (reopened.state, reopened.declared_at) == ("assigned", None)


def test_scores_wait_for_the_declaration_and_the_gates(bid, officer):
    assessor = f.officer(Role.ASSESSOR)
    assessment = services.assign(bid=bid, assessor=assessor, due=clock.today(), by=officer)
    with pytest.raises(Refused, match="Declare your interests before you score"):
        services.save_scores(assessment=assessment, scores=scores(bid, 3, 3), by=assessor)
    with pytest.raises(NotPermitted):
        pass_gates(bid, assessor)
    services.declare_no_interest(assessment=assessment, by=assessor)
    with pytest.raises(Refused, match="Record the gates before you score"):
        services.save_scores(assessment=assessment, scores=scores(bid, 3, 3), by=assessor)
    pass_gates(bid, assessor)
    services.save_scores(assessment=assessment, scores=scores(bid, 3, 3), by=assessor)
    assert CriterionScore.objects.count() == 2


def test_a_failed_gate_makes_the_bid_not_eligible_with_its_reason(bid, officer):
    services.assign(bid=bid, assessor=f.officer(Role.ASSESSOR), due=clock.today(), by=officer)
    gate = bid.round.gates.get()
    with pytest.raises(ValidationError, match="Enter the reason this gate is failed"):
        services.record_gates(bid=bid, results=[Judged(gate.pk, False)], by=officer)
    failed = services.record_gates(bid=bid, results=[Judged(gate.pk, False, "No terms of reference since 2019.")], by=officer)
    assert failed.state == "ineligible"
    assert failed.outcome_reason == "The partnership has terms of reference: No terms of reference since 2019."
    with pytest.raises(Refused, match="is not eligible, so this can no longer be done"):
        pass_gates(bid, officer)
    perform(bid, "reinstate", by=officer, reason="They were found.")
    assert pass_gates(bid, officer).state == "assessing"
    assert GateResult.objects.get().passed is True


def test_every_gate_must_be_recorded(bid, officer):
    services.assign(bid=bid, assessor=f.officer(Role.ASSESSOR), due=clock.today(), by=officer)
    with pytest.raises(Refused, match="Record a result for every gate"):
        services.record_gates(bid=bid, results=[], by=officer)


@pytest.mark.parametrize(("score", "words"), [(5, "must be between 0 and 4"), (-1, "must be between 0 and 4")])
def test_a_score_off_the_scale_is_refused(bid, officer, score, words):
    assessor = f.officer(Role.ASSESSOR)
    assessment = services.assign(bid=bid, assessor=assessor, due=clock.today(), by=officer)
    services.declare_no_interest(assessment=assessment, by=assessor)
    pass_gates(bid, assessor)
    with pytest.raises(Refused, match=words):
        services.save_scores(assessment=assessment, scores=scores(bid, score, 1), by=assessor)


def test_submitting_names_what_is_missing_and_zero_is_a_score(bid, officer):
    assessor = f.officer(Role.ASSESSOR)
    assessment = services.assign(bid=bid, assessor=assessor, due=clock.today(), by=officer)
    services.declare_no_interest(assessment=assessment, by=assessor)
    pass_gates(bid, assessor)
    first, second = bid.round.criteria.all()
    draft = [Scored(first.pk, None, "Half a thought"), Scored(second.pk, 0, "")]
    services.save_scores(assessment=assessment, scores=draft, by=assessor)
    with pytest.raises(Refused) as refusal:
        perform(assessment, "submit_scores", by=assessor)
    assert list(refusal.value.sentences) == [
        "Score “Fit with the plan”",
        "Enter a reason for your score on “Value for money”",
    ]
    services.save_scores(assessment=assessment, scores=scores(bid, 0, 0), by=assessor)
    case = perform(assessment, "submit_scores", by=assessor).case
    assert case.state == "scored"
    assert snapshots_of(case).get().data["points"] == 0
    assert perform(assessment, "submit_scores", by=assessor, version=case.version - 1).already_done


def test_nobody_scores_for_another(bid, officer):
    assessor, other = f.officer(Role.ASSESSOR), f.officer(Role.ASSESSOR)
    assessment = services.assign(bid=bid, assessor=assessor, due=clock.today(), by=officer)
    for person in (other, officer):
        with pytest.raises(NotPermitted):
            services.declare_no_interest(assessment=assessment, by=person)
    services.declare_no_interest(assessment=assessment, by=assessor)
    with pytest.raises(NotPermitted):
        perform(assessment, "submit_scores", by=officer)


def test_a_stale_draft_is_refused(bid, officer):
    assessor = f.officer(Role.ASSESSOR)
    assessment = services.assign(bid=bid, assessor=assessor, due=clock.today(), by=officer)
    declared = services.declare_no_interest(assessment=assessment, by=assessor, version=1)
    pass_gates(bid, assessor)
    services.save_scores(assessment=assessment, scores=scores(bid, 1, 1), by=assessor, version=declared.version)
    with pytest.raises(Stale):
        services.save_scores(assessment=assessment, scores=scores(bid, 4, 4), by=assessor, version=declared.version)
    assert {row.score for row in CriterionScore.objects.all()} == {1}


def test_points_are_scores_times_weights(bid, officer):
    one = scored(bid, officer, 3, 2)
    row = with_points(Assessment.objects.all(), officer).get(pk=one.pk)
    assert (row.points, row.most_points) == (3 * 2 + 2, 4 * 2 + 4)


def test_two_assessors_and_every_agreed_score_complete_a_bid(bid, officer):
    scored(bid, officer, 3, 2)
    with pytest.raises(Refused, match="2 assessors must have scored the bid as it was last submitted: 1 has"):
        moderated(bid, officer, 3, 2)
    scored(bid, officer, 4, 1)
    with pytest.raises(Refused, match="Record the moderated score on every criterion"):
        perform(bid, "complete_assessment", by=officer)
    first, _ = bid.round.criteria.all()
    with pytest.raises(Refused, match="Enter an agreed score for every criterion"):
        services.moderate(bid=bid, scores={first.pk: 3}, reason="Agreed.", by=officer)
    moderated(bid, officer, 3, 1)
    assert perform(bid, "complete_assessment", by=officer).case.state == "assessed"
    assert with_agreed_points(Bid.objects.all()).get().points == 7


def test_one_assessor_is_enough_in_the_small_tier(officer):
    bid = f.BidFactory(submitted=True, round__tier="small", round__tier_reason="Up to £5,000")
    scored(bid, officer, 2, 2)
    moderated(bid, officer, 2, 2)
    assert perform(bid, "complete_assessment", by=officer).case.state == "assessed"


def test_a_score_below_its_threshold_is_flagged(bid, officer):
    bid.round.criteria.filter(name="Value for money").update(threshold=2)
    scored(bid, officer, 4, 1)
    scored(bid, officer, 4, 1)
    moderated(bid, officer, 4, 1)
    assert [str(row) for row in picture_of(Bid.objects.get()).below_threshold] == ["Value for money"]
    assert with_agreed_points(Bid.objects.all()).get().below_threshold is True
    moderated(bid, officer, 4, 2)
    assert with_agreed_points(Bid.objects.all()).get().below_threshold is False


def test_scores_that_come_in_after_the_moderation_ask_for_another(bid, officer):
    one = scored(bid, officer, 3, 2)
    scored(bid, officer, 4, 1)
    moderated(bid, officer, 3, 1)
    perform(one, "reopen", by=officer, reason="A line was misread.")
    with pytest.raises(Refused, match="2 assessors must have scored"):
        perform(bid, "complete_assessment", by=officer)
    with clock.at(clock.now() + dt.timedelta(hours=1)):
        perform(one, "submit_scores", by=one.assessor)
        with pytest.raises(Refused, match="record the moderated scores again"):
            perform(bid, "complete_assessment", by=officer)
        moderated(bid, officer, 3, 2)
        assert perform(bid, "complete_assessment", by=officer).case.state == "assessed"
    with pytest.raises(Refused, match="is assessed, so its assessments stay as they are"):
        perform(one, "reopen", by=officer, reason="Too late.")


def test_scores_of_an_earlier_text_do_not_count(bid, officer):
    scored(bid, officer, 3, 2)
    scored(bid, officer, 4, 1)
    perform(bid, "return_for_changes", by=officer, reason="The budget is missing.")
    with clock.at(clock.now() + dt.timedelta(days=1)):
        Bid.objects.filter(pk=bid.pk).update(state="assessing", submitted_at=clock.now())
        with pytest.raises(Refused, match="as it was last submitted: 0 have"):
            moderated(bid, officer, 3, 2)


def test_a_moderation_that_somebody_changed_meanwhile_is_refused(bid, officer):
    scored(bid, officer, 3, 2)
    scored(bid, officer, 4, 1)
    agreed = {row.pk: 1 for row in bid.round.criteria.all()}
    services.moderate(bid=bid, scores=agreed, reason="One.", by=officer, version=0)
    with pytest.raises(Stale):
        services.moderate(bid=bid, scores=agreed, reason="Two.", by=f.officer(), version=0)


def test_others_scores_are_hidden_until_ones_own_are_in(bid, officer):
    theirs = scored(bid, officer, 4, 4)
    me = f.officer(Role.ASSESSOR)
    mine = services.assign(bid=bid, assessor=me, due=clock.today(), by=officer)
    assert [row.pk for row in picture_of(Bid.objects.get()).shown_to(me)] == [mine.pk]
    assert {row.pk for row in picture_of(Bid.objects.get()).shown_to(officer)} == {theirs.pk}
    services.declare_no_interest(assessment=mine, by=me)
    services.save_scores(assessment=mine, scores=scores(bid, 1, 1), by=me)
    perform(mine, "submit_scores", by=me)
    assert {row.pk for row in picture_of(Bid.objects.get()).shown_to(me)} == {mine.pk, theirs.pk}


def test_an_officer_who_also_assesses_reads_no_scores_before_their_own_are_in(bid, officer):
    theirs = scored(bid, officer, 4, 4)
    f.MembershipFactory(person=officer, organisation=f.office(), role=Role.ASSESSOR)
    officer = type(officer).objects.get(pk=officer.pk)
    services.assign(bid=bid, assessor=officer, due=clock.today(), by=officer)
    assert with_points(Assessment.objects.all(), officer).get(pk=theirs.pk).points is None
    assert with_points(Assessment.objects.all(), f.officer()).get(pk=theirs.pk).points == 12
    scored(bid, f.officer(), 1, 1)
    with pytest.raises(Refused, match="Submit your own scores before you agree"):
        moderated(bid, officer, 2, 2)


def test_a_conflicted_assessor_reads_no_scores(bid, officer):
    scored(bid, officer, 4, 4)
    me = f.officer(Role.ASSESSOR)
    mine = services.assign(bid=bid, assessor=me, due=clock.today(), by=officer)
    services.declare_conflict(assessment=mine, reason="I sit on its board.", by=me)
    assert picture_of(Bid.objects.get()).shown_to(me) == []


def test_nothing_of_the_assessment_reaches_the_bidders_history(bid, officer):
    scored(bid, officer, 4, 4)
    scored(bid, officer, 1, 1)
    moderated(bid, officer, 2, 2)
    bidder = f.member(bid.applicant)
    entries = AuditEntry.objects.filter(file=bid.file)
    assert {"grants.gateresult", "grants.assessment", "grants.moderation"} <= {entry.subject for entry in entries}
    assert {entry.subject for entry in visible_entries(entries, bidder)} <= {"grants.bid"}
    told = {entry.verb for entry in entries if entry.subject == "grants.bid"}
    assert told == {"begin_assessment"}
    assert not Assessment.objects.visible_to(bidder).exists()


def test_work_waits_for_the_right_people(bid, officer):
    def steps(user):
        return [(item.reference, item.sentence) for item in work_for(user) if item.reference.startswith(bid.reference)]

    perform(bid, "begin_assessment", by=officer)
    assert steps(officer) == [(bid.reference, "Assign assessors")]
    assessor = f.officer(Role.ASSESSOR)
    assessment = services.assign(bid=bid, assessor=assessor, due=clock.today(), by=officer)
    assert steps(officer) == [(bid.reference, "Assign another assessor")]
    assert steps(assessor) == [(assessment.reference, "Declare your interests, then score this bid")]
    services.declare_no_interest(assessment=assessment, by=assessor)
    pass_gates(bid, assessor)
    services.save_scores(assessment=assessment, scores=scores(bid, 3, 3), by=assessor)
    perform(assessment, "submit_scores", by=assessor)
    assert steps(assessor) == []
    scored(bid, officer, 2, 2)
    assert steps(officer) == [(bid.reference, "Record the moderated score")]
    moderated(bid, officer, 2, 2)
    assert steps(officer) == [(bid.reference, "Complete the assessment")]


@pytest.mark.database
def test_the_database_keeps_assessments_sound(bid, officer):
    assessment = f.AssessmentFactory(bid=bid)
    gate = bid.round.gates.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.filter(pk=assessment.pk).update(state="scored")
    with pytest.raises(IntegrityError), transaction.atomic():
        GateResult.objects.create(bid=bid, gate=gate, passed=False, by=officer, at=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        f.AssessmentFactory(bid=bid, assessor=assessment.assessor)
