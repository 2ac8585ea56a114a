"""What assessors read: the bid's text as submitted, and the scores side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from casework.documents.models import documents_of
from casework.money import total
from grants.assessment.models import Assessment
from grants.assessment.queries import Picture
from grants.bids.comments import DeliveryGroupComment, comment_on
from grants.bids.facts import question_facts
from grants.bids.models import Bid, BidLine, BidMeasure, BidMilestone
from grants.bids.models_parts import BidRisk
from grants.bids.partners import PartnerStanding, standings
from grants.rounds.models_parts import RoundCriterion
from partnerships.plans.models import Outcome
from questionnaires.engine import sheet


@dataclass(frozen=True)
class BidText:
    """A bid as it reads. While it is assessed nobody can change it, so the rows are what was submitted."""

    bid: Bid
    answers: Sequence[tuple[str, str]]
    lines: Sequence[BidLine]
    measures: Sequence[BidMeasure]
    milestones: Sequence[BidMilestone]
    partners: Sequence[PartnerStanding]
    risks: Sequence[BidRisk]
    outcomes: Sequence[Outcome]
    documents: Sequence[Any]
    comment: DeliveryGroupComment | None

    @property
    def asked(self) -> Decimal:
        return total([line.asked for line in self.lines])

    @property
    def match(self) -> Decimal:
        return total([line.match_cash for line in self.lines] + [line.match_in_kind for line in self.lines])


def bid_text(bid: Bid) -> BidText:
    """Everything an assessor reads, in eleven queries."""
    return BidText(
        bid=bid,
        answers=[(item.name, item.words if item.answered else "") for item in sheet(bid.response, question_facts(bid))],
        lines=list(bid.lines.all()),
        measures=list(bid.measures.all()),
        milestones=list(bid.milestones.all()),
        partners=standings(bid),
        risks=list(bid.risks.all()),
        outcomes=list(bid.outcomes.all()),
        documents=list(documents_of(bid)),
        comment=comment_on(bid) if bid.delivery_group_id else None,
    )


@dataclass(frozen=True)
class Cell:
    """One score on one criterion; `low` when it is below the criterion's threshold."""

    score: int | None
    reason: str = ""
    low: bool = False


@dataclass(frozen=True)
class ScoreRow:
    """A criterion across the assessors, and the score that was agreed."""

    criterion: RoundCriterion
    cells: Sequence[Cell]
    agreed: Cell


@dataclass(frozen=True)
class ScoreTable:
    """Scores side by side, with weighted totals out of `most`."""

    assessments: Sequence[Assessment]
    rows: Sequence[ScoreRow]
    totals: Sequence[int]
    agreed_total: int | None
    most: int


def side_by_side(picture: Picture, user: Any) -> ScoreTable:
    """The scores this person may read; none of others' while their own are not in. Drafts are nobody's but their author's."""
    shown = picture.shown_to(user)
    agreed = picture.moderation is not None and not any(row.assessor_id == user.pk for row in picture.waiting)
    return ScoreTable(
        assessments=shown,
        rows=[
            ScoreRow(
                criterion,
                [_cell(picture, assessment, criterion) for assessment in shown],
                _marked(criterion, picture.agreed.get(criterion.pk) if agreed else None),
            )
            for criterion in picture.criteria
        ],
        totals=[picture.points(assessment) for assessment in shown],
        agreed_total=picture.agreed_points if agreed else None,
        most=picture.most_points,
    )


def _cell(picture: Picture, assessment: Assessment, criterion: RoundCriterion) -> Cell:
    kept = picture.scores.get((assessment.pk, criterion.pk))
    return Cell(None) if kept is None else _marked(criterion, kept.score, kept.reason)


def _marked(criterion: RoundCriterion, score: int | None, reason: str = "") -> Cell:
    low = score is not None and criterion.threshold is not None and score < criterion.threshold
    return Cell(score, reason, low)
