"""Assessing a small request in one go: the officer is the one assessor that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from casework import clock
from casework.workflow import Refused, perform, unit
from grants.assessment.models import Assessment
from grants.assessment.services import Judged, Scored, assign, declare_no_interest, record_gates, save_scores
from grants.bids.models import Bid
from grants.bids.states import BidState


def assess_at_once(*, bid: Bid, gates: Sequence[Judged], scores: Sequence[Scored], by: Any) -> Bid:
    """Declare no interest, record the gates, score and complete the assessment; each is kept as in a longer one.

    A failed gate ends it, and then nothing is scored.
    """
    if bid.round.assessors != 1:
        raise Refused(f"{bid.reference} needs more than one assessor.")
    with unit():
        mine = Assessment.objects.filter(bid=bid, assessor=by).first()
        assessment = mine or assign(bid=bid, assessor=by, due=clock.today(), by=by)
        assessment = declare_no_interest(assessment=assessment, by=by)
        judged = record_gates(bid=bid, results=gates, by=by)
        if judged.state == BidState.INELIGIBLE:
            return judged
        perform(save_scores(assessment=assessment, scores=scores, by=by), "submit_scores", by=by)
        return perform(judged, "complete_assessment", by=by).case
