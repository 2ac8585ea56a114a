"""Rounds in which bodies first express an interest: when expressions are taken, from whom, and what a round's page says of it.

The expressions themselves are a room of their own, above this one.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from casework import clock
from casework.templatetags.ui import gov_moment
from grants.rounds.models import Round
from grants.rounds.queries import admitted, bodies_bidding, may_bid
from grants.rounds.states import RoundState
from partnerships.organisations.models import Organisation

ASKED = (
    "What you would call it",
    "What you would do, who it is for, and what would change",
    "Which outcomes of the plan it serves",
    "Where it would happen",
    "Roughly how much you would ask for, and from when",
    "Who would lead it, and which partners you have in mind",
)
"""What an expression of interest says, for those who think of writing one."""
NO_SIGNATORY = "An expression of interest binds nobody, so no signatory is needed: a coordinator sends it."


def takes_expressions(case: Round, moment: dt.datetime | None = None) -> bool:
    """Whether an expression that arrives at this moment is in time."""
    moment = moment or clock.arrived()
    if case.state != RoundState.PUBLISHED or case.expressions_until is None:
        return False
    return case.opens_at <= moment <= case.expressions_until


def why_not(case: Round, organisation: Organisation) -> str:
    """Why this round takes no expression from this body now; "" when it does."""
    if case.expressions_until is None:
        return "This round does not ask for expressions of interest."
    if case.state != RoundState.PUBLISHED:
        return "This round takes no expressions of interest now."
    if clock.arrived() < case.opens_at:
        return f"The round opens on {gov_moment(case.opens_at)}."
    if not takes_expressions(case):
        return f"Expressions of interest closed on {gov_moment(case.expressions_until)}."
    if not is_admitted(case, organisation):
        return f"{organisation} may not bid in this round."
    return ""


def is_admitted(case: Round, organisation: Organisation) -> bool:
    """Whether the body may bid here today: a body that has ended may not."""
    return may_bid(case).filter(pk=organisation.pk).exists()


def bodies_that_may_express(case: Round, user: Any) -> list[Organisation]:
    """Those of this person's bodies that can express an interest in this round now. Two queries at most."""
    return admitted([case], bodies_bidding(user)) if takes_expressions(case) else []


def in_words(case: Round, closes: dt.datetime | None) -> str:
    """What happens next in a round that takes bids; `closes` is one bidder's later closing."""
    until = max(filter(None, (case.closes_at, closes)), default=None)
    bids = (
        f"Bids must be submitted by {gov_moment(until)}."
        if until
        else "Bids are decided as they arrive, until the money runs out."
    )
    if takes_expressions(case):
        return f"Tell us first what you have in mind by {gov_moment(case.expressions_until)}. We then invite full bids. {bids}"
    return (
        f"Expressions of interest closed on {gov_moment(case.expressions_until)}. Those who are invited write full bids. {bids}"
    )


def counted(number: int) -> str:
    return "1 expression of interest" if number == 1 else f"{number} expressions of interest"
