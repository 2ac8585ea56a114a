"""Who reads a bid's text when: its writers always, the office once it was submitted and opened."""

from __future__ import annotations

from typing import Any

from grants.bids.models import Bid
from grants.bids.states import EDITABLE, BidState
from partnerships.organisations.roles import PARTNER_ROLES, Role
from partnerships.organisations.standing import standing_of


def on_bidders_side(user: Any, bid: Bid) -> bool:
    """Who reads a draft or what is being changed: the bidder's people, the office where it began or entered the bid, and an auditor."""
    standing = standing_of(user)
    signs = standing.holds(bid.accountable_body_id, Role.SIGNATORY, Role.FINANCE_SIGNATORY)
    began = bid.entered_by_office and standing.is_caseworker
    return standing.holds(bid.applicant_id, *PARTNER_ROLES) or signs or began or standing.in_office(Role.AUDITOR)


def is_sealed(user: Any, bid: Bid) -> bool:
    """Whether the office has not opened the bid yet: until it begins the assessment the bidder may take it back unread.

    An auditor reads everything, and so does who serves the bidder.
    """
    standing = standing_of(user)
    return bid.state == BidState.SUBMITTED and standing.is_caseworker and not on_bidders_side(user, bid)


SEALED = (
    "The office has not opened this bid yet. Begin the assessment to read it; from then on the bidder cannot take it back.",
    "Until then only its title, its bodies and its amount are shown.",
)


def reads_rows(user: Any, bid: Bid) -> bool:
    """Whether this person reads the bid as it stands now: what is being changed is the writers' own."""
    return on_bidders_side(user, bid) or (bid.state not in EDITABLE and not is_sealed(user, bid))
