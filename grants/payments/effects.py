"""What follows from this room's transitions, and what the room tells the pages of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from casework.money import ZERO
from casework.outbox import queue
from casework.registry import LifeStep, Panel, life_step, panel, share_history, work_provider
from casework.workflow import Move, Refused, after, lock, require
from grants.agreements.models import Agreement, Offer
from grants.agreements.states import SIGNED, UNISSUED, AgreementState
from grants.agreements.text import schedule_of_payments
from grants.funds.ledger import Posting, post
from grants.funds.models import LedgerEntry
from grants.payments import work
from grants.payments.models import Instalment, reasons_held
from grants.payments.queries import held_reasons
from grants.payments.services import instalments_add_up, money_settled, plan_of, propose_instalments
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with

PAID = LedgerEntry.Kind.PAID


@after(Offer, "take_as_decided")
@after(Offer, "agree")
def plan_payments(move: Move) -> None:
    """A draft agreement begins with the usual instalments; made again from a changed offer, it keeps the officer's."""
    propose_instalments(agreement=Agreement.objects.select_related("award__bid__round").get(offer=move.case), by=move.by)


@after(Agreement, "withdraw")
def drop_plan(move: Move) -> None:
    """The plan of an agreement that was never in force goes with it: nothing was paid. A text that was sent keeps its own."""
    for instalment in move.case.instalments.all():
        instalment.delete()


def _under_lock(case: Instalment, check: Callable[[Instalment], list[str]]) -> None:
    """Look again at the agreement with its row locked: somebody may be suspending or closing it at this moment. An instalment is
    locked before its agreement everywhere."""
    case.agreement = lock(case.agreement)
    if refused := check(case):
        raise Refused(*refused)


@after(Instalment, "bring_back")
def bring_back_while_active(move: Move) -> None:
    _under_lock(move.case, agreement_active)


@after(Instalment, "pay")
def post_payment(move: Move) -> None:
    case = move.case
    _under_lock(case, reasons_held)
    key = f"instalment:{case.pk}:paid:{case.version}"
    posting = Posting(case.account, PAID, case.amount)
    post([posting], cause=case.reference, key=key, by=move.by, on=case.paid_on, bank_reference=case.bacs_reference)
    _tell("payment_made", case)


@after(Instalment, "reverse")
def post_reversal(move: Move) -> None:
    """The opposite entry, today, with the bank's reference of the payment that came back."""
    case = move.case
    _under_lock(case, not_closed)
    paid = LedgerEntry.objects.filter(account=case.account_id, cause=case.reference, kind=PAID, amount__gt=ZERO).last()
    post(
        [Posting(case.account, PAID, -case.amount)],
        cause=case.reference,
        key=f"instalment:{case.pk}:reversed:{case.version}",
        by=move.by,
        bank_reference=paid.bank_reference if paid else "",
    )
    _tell("payment_reversed", case, reason=move.reason)


def _tell(name: str, case: Instalment, **context: Any) -> None:
    bid = case.bid
    people = [
        *people_with(Role.COORDINATOR, [bid.applicant_id]),
        *people_with(Role.FINANCE_SIGNATORY, [bid.accountable_body_id or 0]),
    ]
    queue(name, to=people, about=case, cause=str(case.version), bid=bid, **context)


def agreement_active(case: Instalment) -> list[str]:
    active = case.agreement.state == AgreementState.ACTIVE
    return [] if active else [f"The agreement is {case.agreement.get_state_display().lower()}, not active"]


def signed(case: Instalment) -> list[str]:
    """What both sides sign lists every instalment; until then the plan is changed, not one instalment cancelled."""
    if case.agreement.state in SIGNED:
        return []
    return ["The agreement is not signed by both sides: take it back to draft and change its instalments instead"]


def not_closed(case: Instalment) -> list[str]:
    """A closed grant is reconciled to the penny, and a payment that is due again has no place in it."""
    closed = case.agreement.state == AgreementState.CLOSED
    return ["The grant is closed: reopen it before you reverse a payment"] if closed else []


for step in ("prepare", "approve", "pay"):
    require(Instalment, step, "not_held", reasons_held)
require(Instalment, "cancel", "signed", signed)
require(Instalment, "reverse", "not_closed", not_closed)
require(Instalment, "claim", "agreement_active", agreement_active)
require(Instalment, "bring_back", "agreement_active", agreement_active)
require(Agreement, "issue", "instalments_add_up", instalments_add_up)
require(Agreement, "close", "money_settled", money_settled)


@schedule_of_payments
def payments_in_text(agreement: Agreement) -> list[dict[str, Any]]:
    return [
        {
            "reference": instalment.reference,
            "due": str(instalment.due),
            "amount": str(instalment.amount),
            "year": instalment.account.year_label,
        }
        for instalment in plan_of(agreement)
        if instalment.state != "cancelled"
    ]


@panel(Agreement)
def payments_of_agreement(agreement: Agreement, user: Any) -> Panel | None:
    """The instalments on the agreement's page, each with what holds it."""
    plan = plan_of(agreement)
    issued = agreement.state not in UNISSUED
    rows = held_reasons(agreement, plan) if issued else [(instalment, []) for instalment in plan]
    change = f"{agreement.get_absolute_url()}instalments/" if user.has_perm("grants.change_instalments", agreement) else ""
    return Panel("Payments", "grants/payment_panel.html", {"payments": rows, "instalments_url": change})


life_step(LifeStep(70, "Payment", Instalment, frozenset({"paid"}), frozenset({"cancelled"}), among=Instalment.objects.visible_to))
share_history(Instalment)
work_provider(work.waiting)
