"""What a change to a published round, or calling it off, means for the bids in it: who is told, and what it may no longer touch."""

from __future__ import annotations

from typing import Any

from casework.outbox import queue
from casework.registry import Panel, panel
from casework.workflow import Move, Refused, after
from grants.bids.models import Bid
from grants.bids.states import HAVE_BEEN_SUBMITTED, WITH_OFFICE, BidState
from grants.rounds.models import Round
from grants.rounds.models_parts import RoundChange
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with, standing_of

BEING_WRITTEN = frozenset({BidState.DRAFT, BidState.RETURNED})
AFFECTED = [*BEING_WRITTEN, *WITH_OFFICE]
JUDGED_BY = {"gates": "The gates", "criteria": "The scored criteria"}


def _how_many(case: Round) -> tuple[int, int]:
    """Bids that are being written, and bids that the office holds and has not decided."""
    states = list(Bid.objects.filter(round=case, state__in=AFFECTED).values_list("state", flat=True))
    drafts = sum(state in BEING_WRITTEN for state in states)
    return drafts, len(states) - drafts


def _bidders(case: Round) -> Any:
    """Those who write the bids; each once, whatever the number of their bids."""
    applicants = Bid.objects.filter(round=case, state__in=AFFECTED).order_by("applicant").values_list("applicant", flat=True)
    return people_with(Role.COORDINATOR, set(applicants))


@after(Round, "amend")
def tell_of_change(move: Move) -> None:
    """What submitted bids are judged by stays; of the rest, everybody with a draft or an undecided bid is told in words."""
    case, change = move.case, move.case.changes.latest("number")
    judged = Bid.objects.filter(round=case, state__in=HAVE_BEEN_SUBMITTED).count()
    fixed = [words for part, words in JUDGED_BY.items() if part in change.parts]
    if judged and fixed:
        bids = "1 bid has" if judged == 1 else f"{judged} bids have"
        raise Refused(*(f"{words} stay as they are: {bids} been submitted under them." for words in fixed))
    change.drafts, change.submitted = _how_many(case)
    change.save(update_fields=["drafts", "submitted"])
    queue("round_changed", to=_bidders(case), about=case, cause=f"version:{change.number}", change=change)


@after(Round, "answer_question")
def tell_of_answer(move: Move) -> None:
    """The same message for whoever asked: nobody learns from it who that was."""
    row = move.case.clarifications.get(number=move.data["number"])
    cause = f"answer:{move.case.version}"
    queue("clarification_answered", to=_bidders(move.case), about=move.case, cause=cause, row=row)


@after(Round, "cancel")
def tell_of_cancelling(move: Move) -> None:
    queue("round_cancelled", to=_bidders(move.case), about=move.case, cause=f"cancelled:{move.case.version}", reason=move.reason)


def bids_in_round(change: RoundChange, user: Any) -> Panel | None:
    """How many a change would reach, for the officer who thinks of making one."""
    if not standing_of(user).in_office(Role.COMMISSIONING_OFFICER):
        return None
    drafts, submitted = _how_many(change.round)
    return Panel("Whom a change reaches", "grants/round_affected.html", {"drafts": drafts, "submitted": submitted})


def register() -> None:
    panel(RoundChange)(bids_in_round)
