"""Posting to the ledger, and proving it.

One call posts everything one cause moves: accounts are locked in key order, entries inserted, totals updated, all in the caller's
transaction. The account's own check constraints are the last guard; the sentences here come first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from casework import clock
from casework.money import ZERO, pounds
from casework.spine import GrantFile
from casework.workflow import Refused, unit
from grants.funds.models import Account, Fund, LedgerEntry

Kind = LedgerEntry.Kind
TOTALS = [kind.value for kind in Kind]
MIRRORED = {Kind.COMMITTED, Kind.PAID, Kind.RECOVERED}


@dataclass(frozen=True)
class Posting:
    """`amount` pounds of a kind on an account; negative takes back. `opening` marks an imported grant's balance."""

    account: Account
    kind: str
    amount: Decimal
    opening: bool = False


class OverBudget(Refused):
    """Commitments would pass the year's budget and what was allowed above it."""


def post(
    postings: Sequence[Posting], *, cause: str, key: str, by: Any, on: dt.date | None = None, bank_reference: str = ""
) -> list[LedgerEntry]:
    """Insert entries and update totals; a grant's own postings count on its parent account too.

    `key` makes it happen once: a repeated call with the same key returns what was posted the first time. Raises OverBudget, or
    Refused when a grant would be paid above its commitment.
    """
    wanted = _with_parents([posting for posting in postings if posting.amount])
    with unit():
        accounts = lock_accounts({posting.account.pk for posting in wanted})
        existing = list(LedgerEntry.objects.filter(key=key, account__in=accounts.values()))
        if existing:
            return existing
        for posting in wanted:
            account = accounts[posting.account.pk]
            setattr(account, posting.kind, getattr(account, posting.kind) + posting.amount)
        for account in accounts.values():
            _check(account)
            account.save(update_fields=TOTALS)
        moment = clock.now()
        return LedgerEntry.objects.bulk_create(
            LedgerEntry(
                account_id=posting.account.pk,
                file_id=posting.account.file_id,
                kind=posting.kind,
                opening=posting.opening,
                amount=posting.amount,
                on=on or clock.today(),
                cause=cause,
                bank_reference=bank_reference,
                key=key,
                by_id=by.pk,
                at=moment,
            )
            for posting in wanted
        )


def lock_accounts(keys: Iterable[int]) -> dict[int, Account]:
    """The accounts by key, locked in key order, so that two posters never wait for each other in a ring."""
    rows = Account.objects.select_for_update(of=("self",)).select_related("fund").filter(pk__in=set(keys)).order_by("pk")
    return {account.pk: account for account in rows}


def _with_parents(postings: Sequence[Posting]) -> list[Posting]:
    """Add the parents' postings, and add up what falls on the same account and kind: one entry each."""
    added: dict[tuple[int, str, bool], Posting] = {}
    for posting in postings:
        bearers = [posting.account]
        if posting.account.parent is not None and posting.kind in MIRRORED:
            bearers.append(posting.account.parent)
        for account in bearers:
            place = (account.pk, posting.kind, posting.opening)
            before = added[place].amount if place in added else ZERO
            added[place] = Posting(account, posting.kind, before + posting.amount, posting.opening)
    return [posting for posting in added.values() if posting.amount]


def _check(account: Account) -> None:
    if account.paid - account.recovered > account.committed:
        over = account.paid - account.recovered - account.committed
        raise Refused(f"This would pay {pounds(over)} more than is committed for {account}.")
    over = account.committed - account.budget - account.allowance
    if account.kind != Account.Kind.GRANT_YEAR and over > 0:
        raise OverBudget(
            f"This would commit {pounds(over)} more than the budget of {account} ({pounds(account.budget)}). "
            "Award less, or give a reason for going above the budget if you have the permission."
        )
    if min(account.budget, account.allowance, account.committed, account.paid, account.recovered) < 0:
        raise Refused(f"This would take {account} below nothing.")
    if account.recovered > account.paid:
        raise Refused(f"This would recover {pounds(account.recovered - account.paid)} more than was paid for {account}.")


def fund_year(fund: Fund, year: int, *, kind: str = Account.Kind.FUND_YEAR) -> Account:
    """The account of a fund in a financial year (or its match reserve), made when first asked for."""
    return Account.objects.get_or_create(fund=fund, year=year, kind=kind, file=None)[0]


def grant_year(file: GrantFile, parent: Account) -> Account:
    """The account of a grant under a fund-year or match reserve, made when first asked for."""
    return Account.objects.get_or_create(
        file=file, parent=parent, defaults={"fund": parent.fund, "year": parent.year, "kind": Account.Kind.GRANT_YEAR}
    )[0]


def differences() -> Iterator[str]:
    """A sentence for every account whose totals are not the sums of its entries; nothing when the ledger holds."""
    sums: dict[tuple[int, str], Decimal] = {
        (row["account"], row["kind"]): row["sum"]
        for row in LedgerEntry.objects.values("account", "kind").order_by().annotate(sum=Sum("amount"))
    }
    for account in Account.objects.select_related("fund").order_by("pk").iterator(chunk_size=2000):
        for kind in TOTALS:
            entries, kept = sums.get((account.pk, kind), ZERO), getattr(account, kind)
            if entries != kept:
                yield f"Account {account.pk} ({account}): {kind} is {pounds(kept)}, its entries add up to {pounds(entries)}."
