"""Deciding a small request in one go: an officer within the scheme of delegation decides, and the bidder is told with the letter."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from casework.money import ZERO
from casework.workflow import Refused, unit
from grants.assessment.models import Assessment
from grants.assessment.states import AssessmentState
from grants.bids.models import Bid
from grants.bids.states import BidState
from grants.decisions.models import Decision
from grants.decisions.services import Given, create_decision, make_decision, save_awards, save_details, tell_bidders

NO_INTEREST = "I have no interest in this bid or in any of its bodies."


def decide_at_once(*, bid: Bid, outcome: str, amount: Decimal = ZERO, reason: str, by: Any) -> Decision:
    """Write, make and tell a decision on one bid. The reason is the decision's and the bidder's alike.

    Each step is the one that a longer decision takes, with its own checks: the limits of the scheme, the budget, interests.
    """
    if bid.round.asks.recommended:
        raise Refused(f"A decision on {bid.reference} is recommended by one person and made by another.")
    with unit():
        decision = create_decision(round=bid.round, title=bid.title, by=by)
        save_details(decision=decision, values={"reasons": reason}, by=by)
        save_awards(decision=decision, awards=[Given(bid, outcome, amount, reason)], by=by)
        decided = make_decision(decision=decision, interests=NO_INTEREST, by=by).case
        tell_bidders(decision=decided, by=by)
    return decided


def may_decide_at_once(bid: Bid, user: Any) -> bool:
    """Whether somebody may, while no decision is about the bid: an assessed bid of such a tier, and they may write and make one."""
    if bid.state != BidState.ASSESSED or bid.round.asks.recommended or bid.round.way.commissioner:
        return False
    if not (user.has_perm("grants.create_decision") and user.has_perm("grants.decide_bid", bid)):
        return False
    return not (assessed_by(bid, user) or entered_by(bid, user))


def assessed_by(bid: Bid, user: Any) -> bool:
    """Whether they scored it: then somebody else decides."""
    return Assessment.objects.filter(bid=bid, assessor=user, state=AssessmentState.SCORED).exists()


def entered_by(bid: Bid, user: Any) -> bool:
    """Whether they named the body without competition: then somebody else decides."""
    return bid.begun_by_office and bid.prepared_by_id == user.pk
