"""What follows from this room's transitions, and what a change to a round means for those who expressed an interest in it."""

from __future__ import annotations

from typing import Any

from casework.outbox import queue
from casework.registry import panel, share_history, work_provider
from casework.reminders import reminder_source
from casework.snapshots import snapshots_of, take_snapshot
from casework.workflow import Move, after, require
from grants.expressions import holding, reminding, round_panels, timing, work
from grants.expressions.content import frozen, missing
from grants.expressions.models import Expression
from grants.expressions.round_panels import states_in
from grants.expressions.states import LIVE, ExpressionState
from grants.rounds.expressing import counted
from grants.rounds.models import Round
from grants.rounds.models_parts import RoundChange
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with


def coordinators(case: Expression) -> list[Any]:
    return list(people_with(Role.COORDINATOR, [case.applicant_id]))


def officers() -> list[Any]:
    return list(people_with(Role.COMMISSIONING_OFFICER))


@after(Expression, "submit")
def freeze_and_tell(move: Move) -> None:
    """The text as it was sent is kept; its fingerprint is the receipt."""
    case = move.case
    version = take_snapshot(case, frozen(case), by=move.by, declaration="Submitted. It binds nobody.")
    cause = f"submitted:{version.number}"
    queue("expression_receipt", to=[move.by, *coordinators(case)], about=case, cause=cause, version=version)
    queue("expression_arrived", to=officers(), about=case, cause=cause)


@after(Expression, "recall")
@after(Expression, "withdraw")
def tell_taken_back(move: Move) -> None:
    """Only what had reached the office is news to it."""
    if snapshots_of(move.case).exists():
        withdrawn = move.case.state == ExpressionState.WITHDRAWN
        cause = f"taken_back:{move.case.version}"
        queue("expression_taken_back", to=officers(), about=move.case, cause=cause, withdrawn=withdrawn)


@after(Expression, "turn_down")
def tell_not_invited(move: Move) -> None:
    queue("expression_turned_down", to=coordinators(move.case), about=move.case, cause=f"answered:{move.case.version}")


@after(Expression, "reopen")
def tell_reopened(move: Move) -> None:
    """They were told no: that it is open again is not for them to find out by chance."""
    cause = f"reopened:{move.case.version}"
    queue("expression_reopened", to=coordinators(move.case), about=move.case, cause=cause, reason=move.reason.strip())


def _writers(case: Round) -> Any:
    bodies = Expression.objects.filter(round=case, state__in=LIVE).order_by("applicant").values_list("applicant", flat=True)
    return people_with(Role.COORDINATOR, set(bodies))


@after(Round, "amend")
def tell_of_change(move: Move) -> None:
    if not move.case.way.expressed:
        return
    change = move.case.changes.latest("number")
    change.expressions = Expression.objects.filter(round=move.case, state__in=LIVE).count()
    change.save(update_fields=["expressions"])
    queue("round_changed", to=_writers(move.case), about=move.case, cause=f"version:{change.number}", change=change)


@after(Round, "answer_question")
def tell_of_answer(move: Move) -> None:
    row = move.case.clarifications.get(number=move.data["number"])
    cause = f"answer:{move.case.version}"
    queue("clarification_answered", to=_writers(move.case), about=move.case, cause=cause, row=row)


@after(Round, "cancel")
def tell_of_cancelling(move: Move) -> None:
    cause = f"cancelled:{move.case.version}"
    queue("round_cancelled", to=_writers(move.case), about=move.case, cause=cause, reason=move.reason)


def nobody_has_begun(case: Round) -> list[str]:
    number = len(states_in(case))
    if not number:
        return []
    have = "has" if number == 1 else "have"
    return [f"{counted(number)} {have} been begun, so the round can no longer be taken back. Cancel it instead, with a reason."]


def all_answered(case: Round) -> list[str]:
    """A draft that was never sent asks for nothing."""
    number = states_in(case).count(ExpressionState.SUBMITTED)
    if not number:
        return []
    wait = "waits" if number == 1 else "wait"
    return [f"{counted(number)} {wait} for an answer. Answer each before you settle the round."]


require(Expression, "submit", "complete", missing)
require(Expression, "submit", "in_time", timing.late)
require(Expression, "bring_back", "in_time", timing.late)
require(Expression, "recall", "recall_in_time", timing.recall_late)
require(Expression, "invite", "bid_can_follow", timing.no_bid_can_follow)
require(Expression, "reopen", "bid_can_follow", timing.no_bid_can_follow)
require(Round, "unpublish", "no_expressions", nobody_has_begun)
require(Round, "settle", "expressions_answered", all_answered)

holding.register()
share_history(Expression)
panel(Round)(round_panels.expressions_of_round)
panel(RoundChange)(round_panels.expressions_reached)
work_provider(work.expressions_to_finish)
work_provider(work.expressions_to_answer)
reminder_source(reminding.drafts_to_remind)
