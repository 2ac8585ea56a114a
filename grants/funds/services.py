"""What is done to a fund's money before anybody is awarded any: its yearly budget, and what is held back as match funding."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from casework import clock
from casework.money import PoundsField, pounds
from casework.workflow import NotPermitted, Refused, record, unit
from grants.funds.ledger import Posting, fund_year, lock_accounts, post
from grants.funds.models import Account, Fund, LedgerEntry

Kind = LedgerEntry.Kind
FIRST_YEAR, LAST_YEAR = 2000, 2098


def set_budget(*, fund: Fund, year: int, amount: Decimal, by: Any, reason: str) -> Account:
    """Make the budget of a fund's financial year this many pounds, by posting the difference.

    Saying the same amount twice posts once. Refused below what is already committed, allowance counted.
    """
    _check_permitted(by)
    _check_words(reason, year)
    amount = _checked(amount)
    with unit():
        account = _locked(fund_year(fund, year))
        difference = amount - account.budget
        if not difference:
            return account
        least = account.committed - account.allowance
        if amount < least:
            taken = f"{pounds(account.committed)} of {account} is already committed"
            raise Refused(f"{taken}, so its budget cannot be less than {pounds(least)}.")
        post([Posting(account, Kind.BUDGET, difference)], cause=_cause(account), key=_next_key(account), by=by)
        record(account, "set the budget", by=by, changes={"budget": [str(account.budget), str(amount)]}, reason=reason)
        return _locked(account)


def move_to_match_reserve(*, fund: Fund, year: int, amount: Decimal, by: Any, reason: str, key: str = "") -> Account:
    """Hold back uncommitted budget as match funding for bids to outside funds, and return the reserve's account.

    Spring 2018: just under half of £155,000 was awarded, the rest kept as match (report to the Panel,
    September 2018, 6.16 and 6.17). A page gives each form its own `key`, so that a second click moves nothing more.
    """
    _check_permitted(by)
    _check_words(reason, year)
    amount = _checked(amount)
    if not amount:
        raise Refused("Enter an amount of more than £0")
    with unit():
        source, reserve = _lock_pair(fund, year)
        key = f"reserve:{key}" if key else _next_key(source)
        if LedgerEntry.objects.filter(account=reserve, kind=Kind.BUDGET, key=key).exists():
            return reserve
        free = source.budget + source.allowance - source.committed
        if amount > min(free, source.budget):
            raise Refused(f"Only {pounds(max(min(free, source.budget), Decimal(0)))} of {source} is not committed.")
        moves = [Posting(source, Kind.BUDGET, -amount), Posting(reserve, Kind.BUDGET, amount)]
        post(moves, cause=_cause(source), key=key, by=by)
        record(reserve, "moved budget to the match reserve", by=by, changes={"amount": str(amount)}, reason=reason)
        return _locked(reserve)


def _lock_pair(fund: Fund, year: int) -> tuple[Account, Account]:
    source, reserve = fund_year(fund, year), fund_year(fund, year, kind=Account.Kind.MATCH_RESERVE)
    locked = lock_accounts({source.pk, reserve.pk})
    return locked[source.pk], locked[reserve.pk]


def _locked(account: Account) -> Account:
    return lock_accounts({account.pk})[account.pk]


def _check_permitted(by: Any) -> None:
    if not by.has_perm("grants.set_budget"):
        raise NotPermitted("Budgets are set by the chief finance officer or a commissioning officer.")


def _check_words(reason: str, year: int) -> None:
    if not reason.strip():
        raise Refused("Enter a reason")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused(f"Enter a financial year between {clock.year_label(FIRST_YEAR)} and {clock.year_label(LAST_YEAR)}")


def _checked(amount: Decimal) -> Decimal:
    """Nothing negative, absurd or in half pennies reaches the ledger, whoever calls."""
    try:
        return PoundsField("amount").clean(amount, None)
    except ValidationError as error:
        raise Refused(*error.messages) from error


def _cause(account: Account) -> str:
    return f"{account.fund.code} {account.year_label}"


def _next_key(account: Account) -> str:
    """Numbers the budget's changes; the account is locked, so two of them never take the same number."""
    return f"budget:{account.entries.filter(kind=Kind.BUDGET).count() + 1}"
