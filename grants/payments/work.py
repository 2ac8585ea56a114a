"""What waits for whom in this room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from casework import clock
from casework.money import pounds
from casework.registry import WorkItem, first_of
from grants.agreements.states import AgreementState
from grants.payments.models import Instalment
from grants.payments.states import TO_COME, InstalmentState
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of

S = InstalmentState
SOON = dt.timedelta(days=14)
FINANCE = {
    S.SCHEDULED: "Prepare the payment of",
    S.CLAIMED: "Prepare the claimed payment of",
    S.PREPARED: "Approve the payment of",
    S.APPROVED: "Pay and record",
}


def waiting(user: Any) -> Iterator[WorkItem]:
    """The payments this person can take on, and for a partner those that something owed holds back: at most two queries."""
    standing = standing_of(user)
    if standing.in_office(Role.FINANCE_OFFICER, Role.CHIEF_FINANCE_OFFICER):
        yield from _to_pay(user, standing.in_office(Role.FINANCE_OFFICER))
    bodies = standing.serving(Role.COORDINATOR, Role.FINANCE_SIGNATORY)
    if bodies:
        yield from _held(user, bodies)


def _to_pay(user: Any, is_finance_officer: bool) -> Iterator[WorkItem]:
    due = Q(state__in=[S.SCHEDULED, S.CLAIMED], due__lte=clock.today() + SOON) & ~Q(is_held=True)
    own = Q(state=S.APPROVED) & ~Q(prepared_by=user) & ~Q(approved_by=user)
    wanted = Q(state=S.PREPARED) & ~Q(prepared_by=user)
    if is_finance_officer:
        wanted |= due | own
    payments = Instalment.objects.visible_to(user).with_held().filter(wanted, agreement__state=AgreementState.ACTIVE)
    for payment in first_of(payments.select_related("agreement__award__bid").order_by("due", "pk")):
        sentence = f"{FINANCE[payment.state]} {pounds(payment.amount)}"
        yield WorkItem(payment.bid.title, payment.get_absolute_url(), payment.reference, sentence, payment.due)


def _held(user: Any, bodies: set[int]) -> Iterator[WorkItem]:
    theirs = Q(agreement__award__bid__applicant__in=bodies) | Q(agreement__award__bid__accountable_body__in=bodies)
    payments = Instalment.objects.visible_to(user).with_held().filter(theirs, is_held=True, state__in=TO_COME)
    soon = payments.filter(due__lte=clock.today() + SOON, agreement__state=AgreementState.ACTIVE)
    for payment in first_of(soon.select_related("agreement__award__bid").order_by("due", "pk")):
        more = f" and {payment.held_by - 1} more" if payment.held_by > 1 else ""
        sentence = f"{pounds(payment.amount)} cannot be paid yet. Waiting for: {payment.held_for}{more}"
        yield WorkItem(payment.bid.title, payment.get_absolute_url(), payment.reference, sentence, payment.due)
