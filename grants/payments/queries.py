"""What lists, pages and the workbook ask of payments and of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from casework import clock
from casework.money import sum_pounds
from grants.agreements.models import Agreement
from grants.funds.models import Account, LedgerEntry
from grants.payments.models import Instalment
from grants.payments.states import TO_COME

Kind = LedgerEntry.Kind


def held_reasons(agreement: Agreement, plan: Sequence[Any]) -> list[tuple[Instalment, list[str]]]:
    """Each instalment of an agreement's plan with what is still owed before it can be paid, from the loaded obligations."""
    owed = {obligation.pk: obligation.text for obligation in agreement.obligations.all() if not obligation.settled}
    return [(one, [owed[key] for key in one.need_keys if key in owed] if one.state in TO_COME else []) for one in plan]


def ledger_sums(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Adds `sum_budget`, `sum_allowance`, `sum_committed`, `sum_paid` and `sum_recovered`: the sums of the accounts' entries."""
    sums = {f"sum_{kind}": sum_pounds("entries__amount", filter=Q(entries__kind=kind)) for kind in Kind.values}
    return accounts.annotate(**sums)


def positions(year: int) -> QuerySet[Account]:
    """Every fund's account of a financial year, and its match reserve, with the sums of its entries."""
    accounts = Account.objects.filter(year=year).exclude(kind=Account.Kind.GRANT_YEAR)
    return ledger_sums(accounts).select_related("fund").order_by("fund__name", "kind", "pk")


def commitments(year: int) -> QuerySet[Account]:
    """Every grant's account of a financial year with the sums of its entries, and `accrual`: what was committed and not yet paid on
    31 March, leaving out whatever is dated later."""
    accounts = Account.objects.filter(year=year, kind=Account.Kind.GRANT_YEAR)
    dated = {"entries__on__lte": clock.year_bounds(year)[1]}
    committed, paid, recovered = (
        sum_pounds("entries__amount", filter=Q(entries__kind=kind, **dated))
        for kind in (Kind.COMMITTED, Kind.PAID, Kind.RECOVERED)
    )
    accounts = accounts.annotate(accrual=committed - paid + recovered)
    return ledger_sums(accounts).select_related("fund", "file").order_by("file__reference", "pk")


def payments_made(year: int) -> QuerySet[LedgerEntry]:
    """Every payment on a grant's account of a financial year; a reversal is a negative one."""
    entries = LedgerEntry.objects.filter(kind=Kind.PAID, account__year=year, account__kind=Account.Kind.GRANT_YEAR)
    return entries.order_by("on", "pk")


def years_with_money() -> list[int]:
    """The financial years that have accounts, newest first."""
    return list(Account.objects.order_by("-year").values_list("year", flat=True).distinct())
