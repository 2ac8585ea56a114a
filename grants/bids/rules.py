"""Who may write, submit and handle a bid."""

from __future__ import annotations

from typing import Any

import rules

from grants.bids.models import Bid
from grants.bids.readers import knows_of
from grants.bids.states import EDITABLE, NOT_ASSESSED, BidState
from grants.expressions.rules import coordinates_something, looks_after_applicant
from partnerships.organisations.roles import Role
from partnerships.organisations.rules import is_assessor, is_officer
from partnerships.organisations.standing import standing_of


def bid_of(obj: Any) -> Bid:
    """The bid a case descends from; the bid itself is its own."""
    return obj if isinstance(obj, Bid) else obj.bid


@rules.predicate
def coordinates_applicant(user: Any, obj: Any) -> bool:
    return obj is not None and standing_of(user).holds(bid_of(obj).applicant_id, Role.COORDINATOR)


@rules.predicate
def signs_for_accountable_body(user: Any, obj: Any) -> bool:
    return obj is not None and standing_of(user).holds(bid_of(obj).accountable_body_id, Role.SIGNATORY)


@rules.predicate
def certifies_for_accountable_body(user: Any, obj: Any) -> bool:
    return obj is not None and standing_of(user).holds(bid_of(obj).accountable_body_id, Role.FINANCE_SIGNATORY)


@rules.predicate
def enters_for_body(user: Any, bid: Any) -> bool:
    """An officer writes what the office began, with the body's figures, and what came on paper or by e-mail."""
    return bid is not None and bid.entered_by_office and standing_of(user).in_office(Role.COMMISSIONING_OFFICER)


@rules.predicate
def was_received(user: Any, bid: Any) -> bool:
    """It came to the office on paper or by e-mail."""
    return bid is not None and bid.received_at is not None


@rules.predicate
def is_being_entered(user: Any, bid: Any) -> bool:
    """Typed from what came in time, perhaps after closing: it says what was sent, so its body reads it and does not write it."""
    return bid is not None and bid.received_at is not None and bid.state == BidState.DRAFT


@rules.predicate
def is_editable(user: Any, bid: Any) -> bool:
    return bid is not None and bid.state in EDITABLE


@rules.predicate
def is_not_assessed(user: Any, bid: Any) -> bool:
    return bid is not None and bid.state in NOT_ASSESSED


@rules.predicate
def may_know(user: Any, obj: Any) -> bool:
    """A confidential bid is there for its readers alone, whatever their roles."""
    return obj is not None and knows_of(user, bid_of(obj))


@rules.predicate
def has_own_interest(user: Any, obj: Any) -> bool:
    """Serves one of the bid's bodies in a seat of their own: a hard conflict. An office seat is none."""
    own = standing_of(user).own
    return bool(own) and obj is not None and not own.isdisjoint(bid_of(obj).bodies())


rules.add_perm("grants.hand_over_bid", looks_after_applicant & is_editable)
rules.add_perm("grants.create_bid", coordinates_something)
enters = enters_for_body & ~has_own_interest & may_know
writes = (coordinates_applicant & ~is_being_entered & may_know) | enters
rules.add_perm("grants.begin_bid", is_officer)
rules.add_perm("grants.write_bid", writes)
rules.add_perm("grants.change_bid", writes & is_editable)
rules.add_perm("grants.ask_partners", coordinates_applicant & is_not_assessed & may_know)
rules.add_perm("grants.submit_bid", signs_for_accountable_body & may_know)
rules.add_perm("grants.recall_bid", (coordinates_applicant | signs_for_accountable_body) & may_know)
rules.add_perm("grants.withdraw_bid", ((coordinates_applicant | signs_for_accountable_body) & may_know) | enters)
rules.add_perm("grants.read_sender", (coordinates_applicant | signs_for_accountable_body | is_officer) & was_received & may_know)
rules.add_perm("grants.enter_received_bid", enters & was_received & is_editable)
rules.add_perm("grants.confirm_received_bid", enters & was_received)
rules.add_perm("grants.take_papers", is_officer)
rules.add_perm("grants.write_to_office", coordinates_applicant | signs_for_accountable_body)
rules.add_perm("grants.handle_bid", is_officer & ~has_own_interest & may_know)
rules.add_perm("grants.assess_bid", (is_officer | is_assessor) & ~has_own_interest & may_know)
rules.add_perm("grants.keep_confidential", (coordinates_applicant | (is_officer & ~has_own_interest)) & may_know)
