"""Outcome letters: what bidders are told, and who is written to."""

from __future__ import annotations

from accounts.models import User
from casework.outbox import queue
from grants.bids.models import Bid
from grants.decisions.models import Award
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with


def bidders(bid: Bid) -> list[User]:
    """The applicant's coordinators and the accountable body's signatories."""
    people = list(people_with(Role.COORDINATOR, [bid.applicant_id]))
    if bid.accountable_body_id:
        people += list(people_with(Role.SIGNATORY, [bid.accountable_body_id]))
    return people


def tell(award: Award) -> None:
    """Write the letter: outcome, amount, reason, conditions, and where the bid is."""
    context = {"award": award, "conditions": list(award.conditions.all())}
    queue("award-outcome", to=bidders(award.bid), about=award.bid, cause=f"award:{award.pk}", **context)


def tell_withdrawn(award: Award) -> None:
    """Whoever was told the outcome is told that the decision was withdrawn."""
    if award.told_at is not None:
        queue("award-withdrawn", to=bidders(award.bid), about=award.bid, cause=f"award:{award.pk}", award=award)


def tell_not_taken_up(award: Award, *, reason: str) -> None:
    """The partner reads that the award no longer stands, and why."""
    people = bidders(award.bid)
    queue("award-not-taken-up", to=people, about=award.bid, cause=f"award:{award.pk}", award=award, reason=reason)
