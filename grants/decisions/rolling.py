"""A rolling round takes bids until its money runs out: what is left of it, and how it closes and opens itself.

Counted is what bidders were told of: a round that closed at once would tell of an award before its bidder knows.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from casework.money import sum_pounds
from casework.registry import Panel, panel
from casework.workflow import SYSTEM, Move, after, perform
from grants.bids.models import Bid
from grants.bids.states import BidState
from grants.decisions.models import Decision
from grants.rounds.models import Round
from grants.rounds.states import RoundState

PENNY = Decimal("0.01")


def left_in(case: Round) -> Decimal:
    """What the round may still award, as far as bidders know. Never below nothing."""
    told = Bid.objects.filter(round=case, state=BidState.AWARDED, told_at__isnull=False)
    awarded: Decimal = told.aggregate(sum=sum_pounds("amount_awarded"))["sum"] or Decimal(0)
    available: Decimal = case.budgets.aggregate(sum=sum_pounds("amount"))["sum"] or Decimal(0)
    return max(available - awarded, Decimal(0))


def close_or_open(case: Round) -> None:
    """Nothing is left when it is not enough for the smallest request."""
    if not case.rolling or case.state != RoundState.PUBLISHED:
        return
    out = left_in(case) < max(case.minimum, PENNY)
    if out and case.money_out_at is None:
        perform(case, "run_out", by=SYSTEM)
    elif not out and case.money_out_at is not None:
        perform(case, "take_bids_again", by=SYSTEM)


def look_at_the_rounds_money(move: Move) -> None:
    """Of a decision or a bid, each of which has its round."""
    close_or_open(move.case.round)


def follow_the_budget(move: Move) -> None:
    close_or_open(move.case)


def money_left(case: Round, user: Any) -> Panel | None:
    """For everybody: whether it is worth beginning a bid."""
    if not case.rolling or case.state != RoundState.PUBLISHED:
        return None
    return Panel("What is left", "grants/round_left.html", {"left": left_in(case), "out": case.money_out_at})


def register() -> None:
    """Called last: the letters of a decision have gone when the money is looked at."""
    for model, step in ((Decision, "tell"), (Bid, "undo_decision"), (Bid, "lapse")):
        after(model, step)(look_at_the_rounds_money)
    after(Round, "amend")(follow_the_budget)
    panel(Round)(money_left)
