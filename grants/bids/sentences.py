"""Who must do what next, in words, for each state and each reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from casework.templatetags.ui import gov_moment
from grants.bids.completeness import Problem
from grants.bids.models import Bid
from grants.bids.queries import closing_of
from grants.bids.received_shown import entering_sentence
from grants.bids.states import BidState

S = BidState
LATER = {
    S.ASSESSING: "The office is assessing the bid. It can no longer be taken back; you will be told of the decision.",
    S.INELIGIBLE: "The bid did not pass the gates of the round. The reason is below.",
    S.ASSESSED: "The assessment is complete. The next step is a recommendation and a decision.",
    S.AWARDED: "A grant was awarded. The line above leads to its offer, its agreement, its returns and its payments.",
    S.RESERVE: "The bid is on the reserve list: it may be funded if money becomes free.",
    S.DECLINED: "The bid was declined. The reason is below.",
    S.WITHDRAWN: "The bid was withdrawn. It can be brought back as a draft while the round takes bids.",
}


def who_submits(bid: Bid) -> str:
    """ "A signatory of Huntingdonshire District Council"."""
    return f"A signatory of {bid.accountable_body}" if bid.accountable_body is not None else "A signatory of the accountable body"


def _by(bid: Bid) -> str:
    closes = closing_of(bid)
    return f" by {gov_moment(closes)}, when the round closes" if closes is not None else ""


def next_sentence(bid: Bid, user: Any, problems: Sequence[Problem]) -> str:
    """The sentence at the top of the bid's page."""
    if bid.lapsed_at is not None:
        return "A grant was awarded and not taken up, so nothing is committed for it. What follows is a new bid."
    if bid.state in LATER:
        return LATER[S(bid.state)]
    if bid.state == S.SUBMITTED and bid.received_at is not None:
        return f"Submitted on {gov_moment(bid.submitted_at)}, when what the office had entered was confirmed. Its assessment comes next."
    if bid.state == S.SUBMITTED:
        return (
            f"Submitted on {gov_moment(bid.submitted_at)}. The office will begin the assessment; until then, and while the round "
            "is open, the bidder can take it back to change it."
        )
    if bid.received_at is not None and (bid.state == S.DRAFT or user.has_perm("grants.enter_received_bid", bid)):
        return entering_sentence(bid, user, problems)
    if user.has_perm("grants.change_bid", bid):
        return _for_writers(bid, problems)
    if user.has_perm("grants.submit_bid", bid):
        return _for_signatory(bid, problems)
    if bid.state == S.RETURNED:
        return f"The office returned the bid for changes. {bid.applicant} puts it right; then {_lower(who_submits(bid))} submits it again."
    return f"{bid.applicant} is writing the bid. {who_submits(bid)} submits it{_by(bid)}."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _for_writers(bid: Bid, problems: Sequence[Problem]) -> str:
    returned = bid.state == S.RETURNED
    by = "" if returned else _by(bid)
    if problems:
        start = "The office returned the bid for changes: put it right below." if returned else "Finish the sections below."
        return f"{start} Then {_lower(who_submits(bid))} submits it{by}."
    start = "The office returned the bid for changes. When you have put it right, " if returned else "The bid is complete. "
    return f"{start}{who_submits(bid) if not returned else _lower(who_submits(bid))} must now submit it{by}."


def _for_signatory(bid: Bid, problems: Sequence[Problem]) -> str:
    if problems:
        return f"{bid.applicant} is still writing the bid. When it is complete you submit it{_by(bid)}."
    return f"The bid is complete. Read it, then submit it{'' if bid.state == S.RETURNED else _by(bid)}."


def waits_for_signatory(bid: Bid) -> str:
    """Of a bid in which nothing is missing: who submits it, and until when."""
    if bid.received_at is not None:
        return f"{bid.received.sender_name} confirms it, or {_lower(who_submits(bid))} does by submitting it."
    return f"{who_submits(bid)} must now submit the bid{'' if bid.state == S.RETURNED else _by(bid)}."


def due_words(bid: Bid) -> str:
    """For a list of work: until when it can be submitted."""
    closes = closing_of(bid)
    return f"The round closes on {gov_moment(closes)}." if closes is not None else "The round is open until its money runs out."
