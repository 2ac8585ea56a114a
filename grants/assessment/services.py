"""What people do to assess a bid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework import clock
from casework.outbox import queue
from casework.spine import next_part
from casework.workflow import NotPermitted, Refused, Result, Stale, editing, lock, perform, record, unit
from grants.assessment.models import Assessment, CriterionScore, GateResult, ModeratedScore, Moderation
from grants.assessment.queries import Picture, picture_of, typed_by
from grants.assessment.states import AssessmentState
from grants.bids.confidence import name_assessor
from grants.bids.models import Bid
from grants.bids.states import BidState
from grants.rounds.models_parts import RoundCriterion
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of


@dataclass(frozen=True)
class Judged:
    """What was found at one gate; a failed one needs its reason."""

    gate_id: int
    passed: bool
    reason: str = ""


@dataclass(frozen=True)
class Scored:
    """A score on one criterion and why; None while it is not scored."""

    criterion_id: int
    score: int | None
    reason: str = ""


def assign(*, bid: Bid, assessor: Any, due: dt.date, by: Any) -> Assessment:
    """Give a bid to an assessor; the first one begins its assessment, after which the bidder cannot take it back."""
    with unit():
        locked = lock(bid)
        if not by.has_perm("grants.handle_bid", locked):
            raise NotPermitted(f"You do not have the role to assign assessors to {locked.reference}.")
        refuse_unfit(locked, assessor)
        if locked.state == BidState.SUBMITTED:
            locked = perform(locked, "begin_assessment", by=by).case
        refuse_unless_assessing(locked)
        assessment = Assessment(
            bid=locked,
            assessor=assessor,
            due=due,
            file=locked.file,
            reference=next_part(locked.reference, "S"),
            created_at=clock.now(),
        )
        assessment.full_clean(exclude=["state"])
        assessment.save()
        name_assessor(bid, assessor, by)
        record(assessment, "assigned the assessor", by=by, changes={"assessor": assessor.pk, "due": str(due)})
        if assessor.pk != by.pk:
            queue("assessment-assigned", to=[assessor], about=assessment, cause="assigned")
        return assessment


def roles_that_assess(bid: Bid) -> tuple[Role, ...]:
    """Where one assessor is enough, an officer may be the one."""
    return (Role.ASSESSOR, Role.COMMISSIONING_OFFICER) if bid.round.assessors == 1 else (Role.ASSESSOR,)


def refuse_unfit(bid: Bid, assessor: Any) -> None:
    """A person from a bidding body never assesses it, whatever they declare; nor does whoever typed it for its sender."""
    standing = standing_of(assessor)
    if not standing.in_office(*roles_that_assess(bid)):
        raise Refused(f"{assessor} is not an assessor of this office.")
    if not standing.own.isdisjoint(bid.bodies()):
        raise Refused(f"{assessor} serves a body that {bid.reference} is for, so they cannot assess it. Choose somebody else.")
    if typed_by(bid, assessor):
        raise Refused(f"{assessor} entered {bid.reference} for its sender, so somebody else must assess it.")
    if Assessment.objects.filter(bid=bid, assessor=assessor).exists():
        raise Refused(f"{assessor} is already assigned to {bid.reference}.")


def refuse_unless_assessing(bid: Bid) -> None:
    if bid.state != BidState.ASSESSING:
        raise Refused(f"{bid.reference} is {bid.get_state_display().lower()}, so this can no longer be done.")


def declare_no_interest(*, assessment: Assessment, by: Any, version: int | None = None) -> Assessment:
    """The assessor declares that they have no interest in the bid; a second click changes nothing."""
    if assessment.declared_at is not None and assessment.assessor_id == by.pk:
        return assessment
    with editing(assessment, by=by, permission="grants.score_assessment", verb="declared no interest", version=version) as locked:
        _refuse_unless_assigned(locked)
        locked.declared_at = clock.now()
    return locked


def _refuse_unless_assigned(assessment: Assessment) -> None:
    if assessment.state != AssessmentState.ASSIGNED:
        raise Refused(f"{assessment.reference} is {assessment.get_state_display().lower()}, so this can no longer be done.")


def declare_conflict(*, assessment: Assessment, reason: str, by: Any, version: int | None = None) -> Result[Assessment]:
    """The assessor has an interest and steps aside."""
    return perform(assessment, "declare_conflict", by=by, reason=reason, version=version)


def record_gates(*, bid: Bid, results: Sequence[Judged], by: Any) -> Bid:
    """Record every gate; one that is failed makes the bid not eligible, with the reasons.

    The audit entries belong to the results and not to the bid, whose history the bidder reads.
    """
    with unit():
        locked = lock(bid)
        if not by.has_perm("grants.record_gates", locked):
            raise NotPermitted(
                f"Only an officer, or an assessor who has declared their interests, records the gates of {bid.reference}."
            )
        refuse_unless_assessing(locked)
        gates = {gate.pk: gate for gate in locked.round.gates.all()}
        if {result.gate_id for result in results} != set(gates):
            raise Refused("Record a result for every gate")
        for result in results:
            _keep_gate(locked, result, by)
        reasons = [f"{gates[result.gate_id]}: {result.reason.strip()}" for result in results if not result.passed]
        if not reasons:
            return locked
        told = "\n".join(reasons)
        return perform(locked, "fail_gates", by=by, reason=told, outcome_reason=told).case


def _keep_gate(bid: Bid, result: Judged, by: Any) -> None:
    kept = GateResult.objects.filter(bid=bid, gate_id=result.gate_id).first() or GateResult(bid=bid, gate_id=result.gate_id)
    kept.passed, kept.reason, kept.by, kept.at = result.passed, result.reason.strip(), by, clock.now()
    kept.full_clean()
    kept.save()
    record(kept, "recorded a gate", by=by, changes={"gate": result.gate_id, "passed": result.passed}, file=bid.file)


def save_scores(
    *, assessment: Assessment, scores: Sequence[Scored], by: Any, comment: str = "", version: int | None = None
) -> Assessment:
    """Keep scores as a draft; they count when they are submitted."""
    with editing(assessment, by=by, permission="grants.score_assessment", verb="saved scores", version=version) as locked:
        _refuse_unless_assigned(locked)
        if locked.declared_at is None:
            raise Refused("Declare your interests before you score")
        picture = picture_of(locked.bid)
        refuse_unless_assessing(locked.bid)
        if not picture.gates_passed:
            raise Refused("Record the gates before you score")
        for given in scores:
            _keep_score(locked, _criterion(picture, given.criterion_id), given)
        locked.comment = comment
    return locked


def _criterion(picture: Picture, key: int) -> RoundCriterion:
    found = next((criterion for criterion in picture.criteria if criterion.pk == key), None)
    if found is None:
        raise Refused("Score the criteria of this bid's round")
    return found


def _keep_score(assessment: Assessment, criterion: RoundCriterion, given: Scored) -> None:
    _refuse_off_scale(criterion, given.score)
    CriterionScore.objects.update_or_create(
        assessment=assessment, criterion=criterion, defaults={"score": given.score, "reason": given.reason.strip()}
    )


def _refuse_off_scale(criterion: RoundCriterion, score: int | None) -> None:
    if score is not None and not 0 <= score <= criterion.maximum:
        raise Refused(f"{criterion.name}: the score must be between 0 and {criterion.maximum}")


def moderate(*, bid: Bid, scores: Mapping[int, int], reason: str, by: Any, version: int | None = None) -> Moderation:
    """Record the agreed score on every criterion and why. `version` is the moderation's, 0 before the first."""
    with unit():
        locked = lock(bid)
        if not by.has_perm("grants.moderate_bid", locked):
            raise NotPermitted(f"You do not have the role to moderate {locked.reference}.")
        refuse_unless_assessing(locked)
        picture = picture_of(locked)
        if refused := [*not_ready(picture), *hidden_from(picture, by)]:
            raise Refused(*refused)
        if set(scores) != {criterion.pk for criterion in picture.criteria}:
            raise Refused("Enter an agreed score for every criterion")
        for criterion in picture.criteria:
            _refuse_off_scale(criterion, scores[criterion.pk])
        kept = picture.moderation or Moderation(bid=locked, version=0)
        if version is not None and version != kept.version:
            raise Stale(who=str(kept.by), at=kept.at)
        return _keep_moderation(kept, scores, reason, by)


def _keep_moderation(kept: Moderation, scores: Mapping[int, int], reason: str, by: Any) -> Moderation:
    kept.reason, kept.by, kept.at, kept.version = reason.strip(), by, clock.now(), kept.version + 1
    kept.full_clean(validate_unique=False)
    kept.save()
    for criterion_id, score in scores.items():
        ModeratedScore.objects.update_or_create(moderation=kept, criterion_id=criterion_id, defaults={"score": score})
    changes = {"scores": {str(key): score for key, score in scores.items()}}
    record(kept, "recorded the moderated scores", by=by, changes=changes, file=kept.bid.file)
    return kept


def agree_as_scored(*, assessment: Assessment, by: Any) -> Moderation:
    """Where one assessor is enough nothing is left to agree: what they scored stands."""
    picture = picture_of(assessment.bid)
    scores = {row.pk: picture.scores[(assessment.pk, row.pk)].score or 0 for row in picture.criteria}
    kept = picture.moderation or Moderation(bid=assessment.bid, version=0)
    return _keep_moderation(kept, scores, "There is one assessor, so what was scored is what is agreed.", by)


def not_ready(picture: Picture) -> list[str]:
    """What a bid's assessment still lacks before scores can be agreed."""
    found = [] if picture.gates_passed else ["Every gate must be recorded and passed"]
    short = picture.needed - len(picture.counting)
    if short > 0:
        found.append(
            f"{picture.needed} assessors must have scored the bid as it was last submitted: {len(picture.counting)} "
            f"{'has' if len(picture.counting) == 1 else 'have'}"
            if picture.needed > 1
            else "An assessor must have scored the bid as it was last submitted"
        )
    return found


def hidden_from(picture: Picture, by: Any) -> list[str]:
    """Somebody who still has to score this bid must not read the others' scores."""
    waits = any(row.assessor_id == by.pk for row in picture.waiting)
    return ["Submit your own scores before you agree the moderated ones"] if waits else []
