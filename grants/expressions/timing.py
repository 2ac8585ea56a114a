"""Whether a step of an expression of interest is in time, and whether a bid can still follow from it."""

from __future__ import annotations

from casework.templatetags.ui import gov_moment
from grants.expressions.models import Expression
from grants.rounds import expressing
from grants.rounds.queries import closes_for
from grants.rounds.states import RoundState


def late(case: Expression) -> list[str]:
    """Why it cannot be sent now. What was written stays."""
    why = expressing.why_not(case.round, case.applicant)
    return [f"{why} What you wrote stays in the draft. Contact the office if something kept you from sending it."] if why else []


def recall_late(case: Expression) -> list[str]:
    """After the closing an expression that was taken back could not be sent again."""
    if expressing.takes_expressions(case.round):
        return []
    closed = f"Expressions of interest closed on {gov_moment(case.round.expressions_until)}."
    return [f"{closed} It can no longer be taken back: the office answers it as it is, or you withdraw it."]


def no_bid_can_follow(case: Expression) -> list[str]:
    """An invitation that comes too late to be answered by a bid is none."""
    around = case.round
    if around.state != RoundState.PUBLISHED:
        return ["This round takes no bids now, so no bid can follow."]
    if around.rolling and around.money_out_at is not None:
        return ["All the money of this round has been awarded, so no bid can follow."]
    until = closes_for(around, case.applicant_id)
    if not around.takes_bids(until=until):
        words = "To invite after all, first give the body more time on the round's page"
        return [f"The round closed on {gov_moment(until)}, so no bid can follow. {words}."]
    if not expressing.is_admitted(around, case.applicant):
        return [f"{case.applicant} may no longer bid in this round, so no bid can follow."]
    return []
