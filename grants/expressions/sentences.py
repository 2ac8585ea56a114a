"""Who must do what next with an expression of interest, for each state and each reader."""

from __future__ import annotations

from typing import Any

from casework.templatetags.ui import gov_moment
from grants.expressions.models import Expression
from grants.expressions.states import ExpressionState
from grants.rounds import expressing
from grants.rounds.states import RoundState
from partnerships.organisations.standing import standing_of

S = ExpressionState


def next_sentence(case: Expression, user: Any, missing: list[str]) -> str:
    by = gov_moment(case.round.expressions_until)
    if case.state == S.DRAFT:
        return _draft(case, user, missing, by)
    if case.state == S.SUBMITTED:
        return _submitted(case, user, by)
    if case.state == S.WITHDRAWN:
        back = f" It can be brought back until {by}." if expressing.takes_expressions(case.round) else ""
        return f"The expression of interest was withdrawn.{back}"
    if case.state == S.INVITED:
        onward = " Go on with the bid." if user.has_perm("grants.write_expression", case) else ""
        return f"The office invited {case.applicant} to write a bid.{onward}"
    return f"The office did not invite {case.applicant} to bid. The reason is below."


def _draft(case: Expression, user: Any, missing: list[str], by: str) -> str:
    if not expressing.takes_expressions(case.round):
        return "It was not sent in time, so the office does not read it."
    if not user.has_perm("grants.write_expression", case):
        return f"A coordinator of {case.applicant} is writing it, and can send it until {by}."
    start = "Finish it, then submit it" if missing else "Everything is there. Submit it"
    return f"{start} by {by}. {expressing.NO_SIGNATORY}"


def _submitted(case: Expression, user: Any, by: str) -> str:
    sent = f"Submitted on {gov_moment(case.submitted_at)}."
    if case.round.state == RoundState.CANCELLED:
        return f"{sent} The office has called off the round, so no bid follows."
    if standing_of(user).is_caseworker:
        return f"{sent} A commissioning officer invites {case.applicant} to bid, or says why not."
    change = f" Until {by} you can take it back to change it." if expressing.takes_expressions(case.round) else ""
    return f"{sent} The office reads it and tells you by e-mail whether it invites you to write a bid.{change}"
