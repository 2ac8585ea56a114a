"""What follows from assessing: requirements answered, the frozen scores, messages, and what other pages show of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q

from casework.registry import LifeStep, Panel, WorkItem, first_of, life_step, panel, work_provider
from casework.snapshots import take_snapshot
from casework.workflow import Move, after, require
from grants.assessment import holding
from grants.assessment.diligence import checked_body
from grants.assessment.diligence_models import CheckKind
from grants.assessment.models import Assessment, Moderation
from grants.assessment.queries import Picture, picture_of, typed_by
from grants.assessment.reading import side_by_side
from grants.assessment.services import agree_as_scored, not_ready
from grants.assessment.states import AssessmentState
from grants.bids.models import Bid
from grants.bids.readers import known_to
from grants.bids.states import BidState
from grants.rounds.models import Round
from grants.rounds.states import RoundState
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of

SIGHT = (Role.COMMISSIONING_OFFICER, Role.AUDITOR, Role.COMMISSIONER, Role.CHIEF_EXECUTIVE)


def every_criterion_scored(assessment: Assessment) -> list[str]:
    picture = picture_of(assessment.bid)
    if assessment.bid.state != BidState.ASSESSING:
        return [f"{assessment.bid.reference} is not being assessed"]
    if not picture.gates_passed:
        return ["Record the gates before you score"]
    found = []
    for criterion in picture.criteria:
        kept = picture.scores.get((assessment.pk, criterion.pk))
        if kept is None or kept.score is None or not 0 <= kept.score <= criterion.maximum:
            found.append(f"Score “{criterion.name}”")
        elif not kept.reason.strip():
            found.append(f"Enter a reason for your score on “{criterion.name}”")
    return found


def moderated(bid: Bid) -> list[str]:
    picture = picture_of(bid)
    found = not_ready(picture)
    if not bid.round.way.competed:
        return found
    if picture.moderation is None or set(picture.agreed) != {criterion.pk for criterion in picture.criteria}:
        found.append("Record the moderated score on every criterion")
    elif any(row.scored_at and row.scored_at > picture.moderation.at for row in picture.counting):
        found.append("Scores were submitted after the moderation: record the moderated scores again")
    return found


def bid_is_being_assessed(assessment: Assessment) -> list[str]:
    if assessment.bid.state == BidState.ASSESSING:
        return []
    return [f"{assessment.bid.reference} is {assessment.bid.get_state_display().lower()}, so its assessments stay as they are"]


require(Assessment, "submit_scores", "every_criterion_scored", every_criterion_scored)
require(Assessment, "reopen", "bid_is_being_assessed", bid_is_being_assessed)
require(Bid, "complete_assessment", "moderated", moderated)


@after(Assessment, "submit_scores")
def freeze_scores(move: Move) -> None:
    """Keep what was submitted, so that a reopened assessment shows what it said before."""
    picture = picture_of(move.case.bid)
    rows = [(criterion, picture.scores[(move.case.pk, criterion.pk)]) for criterion in picture.criteria]
    scores = [{"criterion": str(criterion), "score": kept.score, "reason": kept.reason} for criterion, kept in rows]
    take_snapshot(move.case, {"scores": scores, "comment": move.case.comment, "points": picture.points(move.case)}, by=move.by)


@after(Assessment, "submit_scores")
def agree_the_only_scores(move: Move) -> None:
    if move.case.bid.round.assessors == 1:
        agree_as_scored(assessment=move.case, by=move.by)


def has_sight(user: Any) -> bool:
    """Whether assessments are among what this person works on."""
    return standing_of(user).in_office(*SIGHT, Role.ASSESSOR)


life_step(
    LifeStep(
        30,
        "Assessment",
        Assessment,
        done=frozenset({AssessmentState.SCORED}),
        stopped=frozenset({AssessmentState.CONFLICTED}),
        shown_to=has_sight,
    )
)


@panel(Bid)
def assessment_panel(bid: Bid, user: Any) -> Panel | None:
    """Progress and scores on the bid's page, for those who run and read assessments. Never for the bidder or who has an interest."""
    if bid.state == BidState.DRAFT or not standing_of(user).in_office(*SIGHT):
        return None
    picture = picture_of(bid)
    if picture.kept_from(user):
        return None
    context = {
        "bid": bid,
        "picture": picture,
        "table": side_by_side(picture, user),
        "may_assign": bid.round.way.competed
        and bid.state in {BidState.SUBMITTED, BidState.ASSESSING}
        and user.has_perm("grants.handle_bid", bid),
        "may_judge": bid.state == BidState.ASSESSING and user.has_perm("grants.record_gates", bid),
        "may_moderate": _may_moderate(picture, user),
        "may_assess": _may_assess_at_once(picture, user),
    }
    return Panel("Assessment", "grants/assessment_panel.html", context)


def _may_moderate(picture: Picture, user: Any) -> bool:
    ready = picture.bid.state == BidState.ASSESSING and picture.needed > 0 and not not_ready(picture)
    return ready and user.has_perm("grants.moderate_bid", picture.bid)


def _may_assess_at_once(picture: Picture, user: Any) -> bool:
    """Where one assessor is enough and nobody is assigned yet, the officer can be the one."""
    alone = picture.needed == 1 and not picture.waiting and not picture.counting
    open_to_all = alone and picture.bid.state == BidState.ASSESSING and not typed_by(picture.bid, user)
    return open_to_all and user.has_perm("grants.moderate_bid", picture.bid)


@panel(Bid)
def diligence_panel(bid: Bid, user: Any) -> Panel | None:
    """The way to what is looked into before money is given, at no query; never for the bidder, nor for who serves one of its bodies."""
    if bid.state == BidState.DRAFT or not user.has_perm("grants.read_checks", bid):
        return None
    first = [kind.label for kind in CheckKind if kind in bid.round.wanted_checks]
    context = {"bid": bid, "body": checked_body(bid), "first": first}
    return Panel("Due diligence", "grants/diligence_panel.html", context)


@panel(Round)
def bids_panel(round: Round, user: Any) -> Panel | None:
    """The way from a round to its bids, for those who run and read assessments."""
    if round.state == RoundState.DRAFT or not standing_of(user).in_office(*SIGHT):
        return None
    return Panel("Bids", "grants/round_bids_panel.html", {"round": round})


@work_provider
def assessments_to_score(user: Any) -> Iterator[WorkItem]:
    """An assessor's own, by their due date."""
    if not standing_of(user).in_office(Role.ASSESSOR, Role.COMMISSIONING_OFFICER):
        return
    mine = Assessment.objects.filter(
        known_to(user, "bid__"), assessor=user, state=AssessmentState.ASSIGNED, bid__state=BidState.ASSESSING
    )
    for row in first_of(mine.select_related("bid").order_by("due", "pk")):
        sentence = "Score this bid" if row.declared_at else "Declare your interests, then score this bid"
        yield WorkItem(row.bid.title, row.get_absolute_url(), row.reference, sentence, row.due)


@work_provider
def bids_to_assess(user: Any) -> Iterator[WorkItem]:
    """An officer's: bids with too few assessors, bids whose assessors are done, bids that are moderated.

    A bid that is only submitted is the bids room's own item.
    """
    if not standing_of(user).in_office(Role.COMMISSIONING_OFFICER):
        return
    states = Count("assessments", filter=Q(assessments__state=AssessmentState.ASSIGNED), distinct=True)
    scored = Count(
        "assessments",
        filter=Q(assessments__state=AssessmentState.SCORED, assessments__scored_at__gte=F("submitted_at")),
        distinct=True,
    )
    rows = Bid.objects.filter(known_to(user), state=BidState.ASSESSING).annotate(waiting=states, scored=scored)
    own = standing_of(user).own
    declared = set(Assessment.objects.filter(assessor=user, state=AssessmentState.CONFLICTED).values_list("bid", flat=True))
    moderation = Exists(Moderation.objects.filter(bid=OuterRef("pk")))
    for bid in first_of(rows.annotate(agreed=moderation).select_related("round").order_by("pk")):
        step = _officers_step(bid)
        if step and "moderate" in step[0] and bid.pk in declared:
            continue
        if step and own.isdisjoint(bid.bodies()):
            yield WorkItem(bid.title, step[0] or bid.get_absolute_url(), bid.reference, step[1])


def _officers_step(bid: Any) -> tuple[str, str] | None:
    needed = bid.round.assessors
    if not needed:
        return "", "Record the gates and complete the assessment"
    if needed == 1 and not bid.waiting + bid.scored:
        return f"/assessments/at-once/{bid.reference}/", "Assess this request, or give it to an assessor"
    if bid.waiting + bid.scored < needed:
        return (
            f"/assessments/assign/{bid.reference}/",
            "Assign another assessor" if bid.scored + bid.waiting else "Assign assessors",
        )
    if bid.waiting:
        return None
    if bid.agreed:
        return "", "Complete the assessment"
    return f"/assessments/moderate/{bid.reference}/", "Record the moderated score"


holding.register()
