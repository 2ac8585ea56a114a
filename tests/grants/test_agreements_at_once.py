"""Two people at the same grant at the same moment, on a database that lets them: neither money nor text is left half changed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from casework import clock
from casework.workflow import Refused, perform
from grants.agreements.services import issue_agreement
from grants.funds.ledger import differences
from grants.models import Account, Agreement, Instalment, Offer
from grants.payments.services import Planned, save_plan
from partnerships.organisations.roles import Role
from tests.grants import granted as g
from tests.grants.test_decisions_at_once import at_once

pytestmark = [
    pytest.mark.database,
    pytest.mark.usefixtures("committed", "noon"),
    pytest.mark.postgresql,
]


def pinned(moment: dt.datetime, act: Any) -> Any:
    def run() -> Any:
        with clock.at(moment):
            return act()

    return run


def refused(answers: list[Any]) -> int:
    """How many met a refusal; anything else that was raised is a failure."""
    raised = [answer for answer in answers if isinstance(answer, Exception)]
    assert all(isinstance(error, Refused) for error in raised), raised
    return len(raised)


def withdraw(grant: g.Grant) -> Any:
    return perform(grant.award.decision, "withdraw", by=grant.officer, reason="Wrong year.")


@pytest.mark.parametrize("attempt", range(3))
def test_an_agreement_is_issued_or_its_decision_withdrawn_never_both(noon, attempt):
    grant = g.agreed()
    agreement, officer = grant.agreement, grant.officer
    answers = at_once(
        pinned(noon, lambda: issue_agreement(agreement=agreement, by=officer)), pinned(noon, lambda: withdraw(grant))
    )
    assert refused(answers) == 1
    states = Agreement.objects.get().state, Offer.objects.get().state, Account.objects.get(file=grant.bid.file).committed
    assert states in {("issued", "agreed", Decimal("9000")), ("withdrawn", "withdrawn", Decimal(0))}
    assert list(differences()) == []


@pytest.mark.parametrize("attempt", range(3))
def test_planning_instalments_and_withdrawing_do_not_wait_for_each_other(noon, attempt):
    grant = g.agreed()
    agreement, officer = grant.agreement, grant.officer
    account = Account.objects.get(file=grant.bid.file).pk
    rows = [Planned(due=dt.date(2026, 11, day), amount=Decimal("3000"), account=account) for day in (1, 2, 3)]
    answers = at_once(
        pinned(noon, lambda: save_plan(agreement=agreement, rows=rows, by=officer)), pinned(noon, lambda: withdraw(grant))
    )
    assert refused(answers) <= 1
    assert Agreement.objects.get().state == "withdrawn"
    assert not Instalment.objects.exists()


@pytest.mark.parametrize("attempt", range(3))
def test_nothing_is_paid_after_the_agreement_is_suspended(noon, attempt):
    grant = g.approved()
    payer, officer, first, agreement = grant.who(Role.FINANCE_OFFICER, "two"), grant.officer, grant.first, grant.agreement
    day = noon.date()
    pay = pinned(noon, lambda: perform(first, "pay", by=payer, paid_on=day, bacs_reference="B1"))
    suspend = pinned(noon, lambda: perform(agreement, "suspend", by=officer, reason="No insurance."))
    answers = at_once(pay, suspend)
    assert refused(answers) <= 1
    assert Agreement.objects.get().state == "suspended"
    paid = isinstance(answers[0], Refused) is False
    assert (Instalment.objects.get(pk=first.pk).state == "paid") is paid
    assert Account.objects.get(file=grant.bid.file).paid == (Decimal("4500") if paid else 0)
