"""Whether a bid is in time: the moment the request arrived against the round's closing, this bidder's extension counted."""

from __future__ import annotations

from casework import clock
from casework.templatetags.ui import gov_moment
from grants.bids.models import Bid
from grants.bids.queries import carries_closing, closing_of
from grants.bids.states import BidState
from grants.rounds.queries import closes_for
from grants.rounds.states import RoundState

ENDED = {
    RoundState.DRAFT: "This round has been taken back by the office and takes no bids now.",
    RoundState.CANCELLED: "This round has been cancelled, so it takes no more bids.",
    RoundState.SETTLED: "This round has been settled, so it takes no more bids.",
}


def _late(bid: Bid) -> str:
    """Why the round takes no bid from this bidder at the moment the request arrived; "" when it does."""
    case = bid.round
    if case.state in ENDED:
        return ENDED[RoundState(case.state)]
    if clock.arrived() < case.opens_at:
        return f"The round opens on {gov_moment(case.opens_at)}."
    if case.rolling and case.money_out_at is not None:
        return "All the money of this round has been awarded, so it takes no more bids."
    until = closing_of(bid) if carries_closing(bid) else closes_for(case, bid.applicant_id)
    return "" if case.takes_bids(until=until) else f"The round closed on {gov_moment(until)}."


def submit_in_time(bid: Bid) -> list[str]:
    """A bid that the office returned may be submitted again after closing, while its round is neither settled nor cancelled."""
    if bid.state == BidState.RETURNED and bid.round.state == RoundState.PUBLISHED:
        return []
    late = _late(bid)
    return (
        [f"{late} What you wrote stays in the draft. Contact the office if something kept you from submitting."] if late else []
    )


def recall_in_time(bid: Bid) -> list[str]:
    """After closing a bid that was taken back could not be submitted again."""
    late = _late(bid)
    return [f"{late} The bid can no longer be taken back. Ask the office to return it if it must change."] if late else []


def bring_back_in_time(bid: Bid) -> list[str]:
    late = _late(bid)
    return [f"{late} The bid can no longer be brought back."] if late else []
