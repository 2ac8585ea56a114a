"""Whether a bid is in time: the moment the request arrived against the round's closing, this bidder's extension counted."""

from __future__ import annotations

import datetime as dt

from casework import clock
from casework.templatetags.ui import gov_moment
from grants.bids.models import Bid
from grants.bids.queries import carries_closing, closing_of
from grants.bids.states import BidState
from grants.rounds.models import Round
from grants.rounds.queries import closes_for
from grants.rounds.states import RoundState

ENDED = {
    RoundState.DRAFT: "This round has been taken back by the office and takes no bids now.",
    RoundState.CANCELLED: "This round has been cancelled, so it takes no more bids.",
    RoundState.SETTLED: "This round has been settled, so it takes no more bids.",
}


def received_late(case: Round, moment: dt.datetime, until: dt.datetime | None) -> str:
    """Why a bid that reached the office on paper or by e-mail at this moment came too late; "" when it came in time.

    When it is typed and confirmed does not matter. `until` is when the round closes for its bidder, None for a rolling round.
    """
    if case.state != RoundState.PUBLISHED:
        return ENDED[RoundState(case.state)]
    if moment < case.opens_at:
        return f"It was received before the round opened, on {gov_moment(case.opens_at)}."
    if case.rolling:
        out = case.money_out_at
        return f"It was received after all the money had been awarded, on {gov_moment(out)}." if out and moment > out else ""
    return f"It was received after the round had closed, on {gov_moment(until)}." if until and moment > until else ""


def _late(bid: Bid) -> str:
    """Why the round takes no bid from this bidder at the moment the request arrived; "" when it does.

    What came on paper or by e-mail is judged by the moment at which it came.
    """
    case = bid.round
    if case.state in ENDED:
        return ENDED[RoundState(case.state)]
    if clock.arrived() < case.opens_at:
        return f"The round opens on {gov_moment(case.opens_at)}."
    if case.rolling and case.money_out_at is not None and bid.received_at is None:
        return "All the money of this round has been awarded, so it takes no more bids."
    until = closing_of(bid) if carries_closing(bid) else closes_for(case, bid.applicant_id)
    if bid.received_at is not None:
        return received_late(case, bid.received_at, until)
    return "" if case.takes_bids(until=until) else f"The round closed on {gov_moment(until)}."


def submit_in_time(bid: Bid) -> list[str]:
    """A bid that the office returned may be submitted again after closing, while its round is neither settled nor cancelled."""
    if bid.state == BidState.RETURNED and bid.round.state == RoundState.PUBLISHED:
        return []
    late = _late(bid)
    if bid.received_at is not None:
        return [late] if late else []
    return (
        [f"{late} What you wrote stays in the draft. Contact the office if something kept you from submitting."] if late else []
    )


def recall_in_time(bid: Bid) -> list[str]:
    """After closing a bid that was taken back could not be submitted again. What came on paper stays what was sent."""
    if bid.received_at is not None:
        return [
            "The office entered this bid as it was received, so it is not taken back here. Ask the office to return it instead."
        ]
    late = _late(bid)
    return [f"{late} The bid can no longer be taken back. Ask the office to return it if it must change."] if late else []


def bring_back_in_time(bid: Bid) -> list[str]:
    late = _late(bid)
    return [f"{late} The bid can no longer be brought back."] if late else []
