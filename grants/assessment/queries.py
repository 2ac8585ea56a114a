"""Points, what hides them, and everything a page needs to know of one bid's assessment.

Points are scores times weights; the most there can be is maxima times weights. A percentage is never stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, When

from casework.workflow import CaseQuerySet
from grants.assessment.models import Assessment, CriterionScore, GateResult, ModeratedScore, Moderation, with_interest
from grants.assessment.states import AssessmentState
from grants.bids.models import Bid
from grants.rounds.models_parts import RoundCriterion, RoundGate
from partnerships.organisations.standing import standing_of

WEIGHTED = Sum(F("score") * F("criterion__weight"))


def _one(rows: QuerySet[Any], group: str, total: Any) -> Subquery:
    return Subquery(rows.order_by().values(group).annotate(total=total).values("total"), output_field=IntegerField())


def most_points(path_to_round: str) -> Subquery:
    """The most points a bid of the round can get; `path_to_round` leads from the row to its round."""
    return _one(RoundCriterion.objects.filter(round=OuterRef(path_to_round)), "round", Sum(F("maximum") * F("weight")))


def with_points(rows: CaseQuerySet, user: Any) -> CaseQuerySet:
    """Assessments with `points` and `most_points`; points stay empty while this person's own scores on the bid are not in.

    A draft's points are its assessor's alone.
    """
    own_waits = Assessment.objects.filter(bid=OuterRef("bid"), assessor=user).exclude(state=AssessmentState.SCORED)
    points = _one(CriterionScore.objects.filter(assessment=OuterRef("pk")), "assessment", WEIGHTED)
    shown = Case(
        When(assessor=user, then=points),
        When(Q(state=AssessmentState.SCORED) & ~Exists(own_waits), then=points),
        default=None,
        output_field=IntegerField(),
    )
    return rows.annotate(points=shown, most_points=most_points("bid__round"))


def agreed_points(bid: str = "pk", round_: str = "round", *, reader: Any = None) -> dict[str, Any]:
    """Annotations for a bid, or for a row whose paths to bid and round are given: the moderated `points`, `most_points`, and
    whether a criterion fell `below_threshold` or a gate failed; with a reader, whether the points are `points_kept` from them."""
    kept = Bid.objects.filter(with_interest(reader), pk=OuterRef(bid)) if reader is not None else None
    agreed = ModeratedScore.objects.filter(moderation__bid=OuterRef(bid))
    return {
        "points": _one(agreed, "moderation", WEIGHTED),
        "most_points": most_points(round_),
        "below_threshold": Exists(agreed.filter(score__lt=F("criterion__threshold"))),
        "gate_failed": Exists(GateResult.objects.filter(bid=OuterRef(bid), passed=False)),
        **({"points_kept": Exists(kept)} if kept is not None else {}),
    }


def with_agreed_points(bids: QuerySet[Bid], reader: Any = None) -> QuerySet[Bid]:
    return bids.annotate(**agreed_points(reader=reader))


def as_read(rows: Iterable[Any]) -> list[Any]:
    """Rows that were read with agreed points for a reader; of a bid in which the reader has an interest the points are taken off.
    Rows that were read for nobody show none."""
    found = list(rows)
    for row in found:
        if getattr(row, "points_kept", True):
            row.points, row.below_threshold, row.points_kept = None, False, True
    return found


@dataclass(frozen=True)
class GateView:
    """A gate and its result for one bid; `passed` is None until it is recorded."""

    gate: RoundGate
    passed: bool | None
    reason: str

    @property
    def tag(self) -> tuple[str, str]:
        if self.passed is None:
            return "Not recorded", "grey"
        return ("Passed", "green") if self.passed else ("Failed", "red")


@dataclass(frozen=True)
class Mark:
    """What an assessor gave on one criterion and why; a draft may have no score yet."""

    score: int | None
    reason: str


@dataclass
class Picture:
    """One bid's assessment as it stands: gates, criteria, assessors, their scores, what was agreed."""

    bid: Bid
    gates: list[GateView]
    criteria: list[RoundCriterion]
    assessments: list[Assessment]
    scores: dict[tuple[int, int], Mark]
    moderation: Moderation | None
    agreed: dict[int, int]

    @property
    def gates_recorded(self) -> bool:
        return all(view.passed is not None for view in self.gates)

    @property
    def gates_passed(self) -> bool:
        return all(view.passed for view in self.gates)

    @property
    def needed(self) -> int:
        """How many assessors a bid needs."""
        return self.bid.round.assessors

    @property
    def counting(self) -> list[Assessment]:
        """Those that are scored, and scored on the text as last submitted."""
        since = self.bid.submitted_at
        return [
            row
            for row in self.assessments
            if row.state == AssessmentState.SCORED and row.scored_at and (since is None or row.scored_at >= since)
        ]

    @property
    def waiting(self) -> list[Assessment]:
        return [row for row in self.assessments if row.state == AssessmentState.ASSIGNED]

    def points(self, assessment: Assessment) -> int:
        return sum((self._score(assessment, criterion) or 0) * criterion.weight for criterion in self.criteria)

    def _score(self, assessment: Assessment, criterion: RoundCriterion) -> int | None:
        kept = self.scores.get((assessment.pk, criterion.pk))
        return kept.score if kept is not None else None

    @property
    def most_points(self) -> int:
        return sum(criterion.maximum * criterion.weight for criterion in self.criteria)

    @property
    def agreed_points(self) -> int:
        return sum(self.agreed.get(criterion.pk, 0) * criterion.weight for criterion in self.criteria)

    @property
    def below_threshold(self) -> list[RoundCriterion]:
        """The criteria whose agreed score is less than the round asks for."""
        return [
            criterion
            for criterion in self.criteria
            if criterion.threshold is not None and self.agreed.get(criterion.pk, criterion.threshold) < criterion.threshold
        ]

    def kept_from(self, user: Any) -> bool:
        """They serve one of the bid's bodies, or declared an interest in it: nothing of the assessment is for them to read."""
        if not standing_of(user).own.isdisjoint(self.bid.bodies()):
            return True
        return stepped_aside(self.bid, user)

    def shown_to(self, user: Any) -> list[Assessment]:
        """Whose scores this person may read: their own, and others' that are in once their own are."""
        own = next((row for row in self.assessments if row.assessor_id == user.pk), None)
        if own is not None and own.state != AssessmentState.SCORED:
            return [own] if own.state == AssessmentState.ASSIGNED else []
        return [row for row in self.assessments if row.state == AssessmentState.SCORED or row == own]


def _scored(bid: Bid) -> tuple[list[Assessment], dict[tuple[int, int], Mark]]:
    """The assessments in their order, and what each gave by (assessment, criterion). One query."""
    columns = {"criterion": F("scores__criterion"), "mark": F("scores__score"), "why": F("scores__reason")}
    rows: list[Any] = list(
        Assessment.objects.filter(bid=bid).select_related("assessor", "bid__moderation__by").annotate(**columns).order_by("pk")
    )
    scores = {(row.pk, row.criterion): Mark(row.mark, row.why) for row in rows if row.criterion is not None}
    return list({row.pk: row for row in rows}.values()), scores


def _moderation(bid: Bid, assessments: list[Assessment]) -> Moderation | None:
    """Read with the assessments, where there are any; none where nobody scores."""
    if assessments:
        return getattr(assessments[0].bid, "moderation", None)
    if not bid.round.assessors:
        return None
    return Moderation.objects.filter(bid=bid.pk).select_related("by").first()


def stepped_aside(bid: Bid, user: Any) -> bool:
    """Whether this person declared an interest in the bid as its assessor. No query where the page looked at the assessment already."""
    kept: Picture | None = bid.__dict__.get("_picture")
    if kept is not None:
        return any(row.assessor_id == user.pk and row.state == AssessmentState.CONFLICTED for row in kept.assessments)
    return Assessment.objects.filter(bid=bid, assessor=user, state=AssessmentState.CONFLICTED).exists()


def typed_by(bid: Bid, user: Any) -> bool:
    """Entered it for its sender, from paper or an e-mail: then somebody else scores it."""
    return bid.received_at is not None and bid.received.entered_by_id == user.pk


def picture_of(bid: Bid) -> Picture:
    """The bid's assessment in three queries, once for each object: `perform` judges by a row of its own, read afresh."""
    kept: Picture | None = bid.__dict__.get("_picture")
    if kept is None:
        kept = bid.__dict__["_picture"] = _look(bid)
    return kept


def _look(bid: Bid) -> Picture:
    results = GateResult.objects.filter(bid=bid, gate=OuterRef("pk"))
    gates = RoundGate.objects.filter(round=bid.round_id).annotate(
        passed=Subquery(results.values("passed")), why=Subquery(results.values("reason"))
    )
    assessments, scores = _scored(bid)
    marks = ModeratedScore.objects.filter(moderation__bid=bid.pk, criterion=OuterRef("pk"))
    criteria: list[Any] = list(RoundCriterion.objects.filter(round=bid.round_id).annotate(agreed=Subquery(marks.values("score"))))
    agreed = {row.pk: row.agreed for row in criteria if row.agreed is not None}
    return Picture(
        bid=bid,
        gates=[GateView(gate, gate.passed, gate.why or "") for gate in gates],
        criteria=criteria,
        assessments=assessments,
        scores=scores,
        moderation=_moderation(bid, assessments),
        agreed=agreed,
    )
