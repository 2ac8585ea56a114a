"""What follows from a return's transitions, and what the room tells the pages of others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from casework import clock
from casework.outbox import queue
from casework.registry import LifeStep, Panel, WorkItem, first_of, lesson_provider, life_step, panel, share_history, work_provider
from casework.reminders import reminder_source
from casework.snapshots import take_snapshot
from casework.workflow import Move, after, require
from grants.agreements.models import Agreement, Obligation
from grants.agreements.services import meet, unmeet, waive
from monitoring.returns import holding, learning
from monitoring.returns.completeness import missing
from monitoring.returns.making import make_returns, open_if_due
from monitoring.returns.models import Return
from monitoring.returns.parts import ReturnQuery
from monitoring.returns.people import both, coordinators, finance_signatories
from monitoring.returns.queries import awaited_by, due_in_words
from monitoring.returns.states import EDITABLE, SETTLED, ReturnState
from monitoring.returns.timers import returns_to_remind
from monitoring.returns.told import frozen
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of

require(Return, "prepare", "complete", missing)
require(Return, "submit", "complete", missing)
share_history(Return)
lesson_provider(learning.lessons_of_returns)
life_step(LifeStep(65, "Returns", Return, frozenset(SETTLED), finished="settled"))


@after(Agreement, "countersign")
@after(Agreement, "take_effect")
def schedule_returns(move: Move) -> None:
    """An agreement in force owes its returns. Countersigned again, it makes only what is not there."""
    make_returns(agreement=move.case, by=move.by)


@after(Return, "open")
def tell_open(move: Move) -> None:
    queue("return_open", to=coordinators(move.case), about=move.case, cause=f"open:{move.case.version}")


@after(Return, "prepare")
def ask_to_certify(move: Move) -> None:
    people = finance_signatories(move.case)
    queue("return_prepared", to=people, about=move.case, cause=f"prepared:{move.case.version}", prepared_by=move.by)


@after(Return, "submit")
def freeze_and_receipt(move: Move) -> None:
    """The certified text with the declaration; its hash is the receipt."""
    copy = take_snapshot(move.case, frozen(move.case), by=move.by, declaration=move.data["declaration"])
    people = both(move.case)
    queue("return_submitted", to=people, about=move.case, cause=f"submitted:{copy.number}", receipt=copy.sha256, at=copy.at)


@after(Return, "query")
@after(Return, "reopen")
def keep_question(move: Move) -> None:
    """The question stands until it is answered; after a reopening the obligation is outstanding again."""
    ReturnQuery.objects.create(case=move.case, text=move.reason, asked_by=move.by, asked_at=clock.now())
    if move.source == ReturnState.ACCEPTED:
        _owe_again(move)
    queue("return_queried", to=both(move.case), about=move.case, cause=f"queried:{move.case.version}", question=move.reason)


@after(Return, "accept")
def settle_obligation(move: Move) -> None:
    for obligation in _obligations(move.case):
        meet(obligation=obligation, by=move.by, evidence=f"{move.case.reference} accepted")
    queue("return_accepted", to=both(move.case), about=move.case, cause=f"accepted:{move.case.version}")


@after(Return, "waive")
def waive_obligation(move: Move) -> None:
    for obligation in _obligations(move.case):
        waive(obligation=obligation, by=move.by, reason=move.reason)
    queue("return_waived", to=both(move.case), about=move.case, cause=f"waived:{move.case.version}", why=move.reason)


@after(Return, "unwaive")
def ask_again(move: Move) -> None:
    _owe_again(move)
    open_if_due(move.case)


def _owe_again(move: Move) -> None:
    for obligation in _obligations(move.case):
        unmeet(obligation=obligation, by=move.by, reason=move.reason)


def _obligations(case: Return) -> list[Obligation]:
    """The one this return made."""
    return list(Obligation.objects.filter(agreement_id=case.agreement_id, cause_ref=case.reference))


@panel(Agreement)
def returns_of_agreement(agreement: Agreement, user: Any) -> Panel | None:
    """An agreement's page lists its returns."""
    found = list(Return.objects.visible_to(user).filter(agreement=agreement).order_by("period_start", "pk"))
    return Panel("Returns", "monitoring/agreement_returns.html", {"returns": found}) if found else None


@work_provider
def partnership_work(user: Any) -> Iterator[WorkItem]:
    """Returns to fill in for those who coordinate the applicant, and to certify for the accountable body. One query."""
    standing = standing_of(user)
    writes, certifies = standing.serving(Role.COORDINATOR), standing.serving(Role.FINANCE_SIGNATORY)
    if not writes and not certifies:
        return
    to_write = Q(state__in=EDITABLE, agreement__award__bid__applicant__in=writes)
    to_certify = Q(state=ReturnState.PREPARED, agreement__award__bid__accountable_body__in=certifies) & ~Q(prepared_by=user.pk)
    today = clock.today()
    waiting = Return.objects.visible_to(user).filter(to_write | to_certify).with_grant()
    for case in first_of(waiting.order_by("due", "pk")):
        yield WorkItem(case.bid.title, case.get_absolute_url(), case.reference, _what_to_do(case, today), awaited_by(case))


def _what_to_do(case: Return, today: dt.date) -> str:
    late = due_in_words(case, today)
    if case.state == ReturnState.PREPARED:
        return f"Certify the {case.get_kind_display().lower()} for {case.period}. {late}"
    if case.state == ReturnState.QUERIED:
        return f"Answer the office’s question about the {case.get_kind_display().lower()} for {case.period}."
    return f"Fill in the {case.get_kind_display().lower()} for {case.period}. {late}"


holding.register()
reminder_source(returns_to_remind)
