"""Closing to the penny: what was committed and never paid goes back to the fund, and comes back when the grant is reopened."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Q

from casework.money import ZERO, pounds, sum_pounds
from grants.agreements.models import Agreement
from grants.funds.ledger import Posting, lock_accounts, post
from grants.funds.models import Account, LedgerEntry

COMMITTED = LedgerEntry.Kind.COMMITTED


def release_commitment(*, agreement: Agreement, by: Any) -> None:
    """Take what is not paid off the grant's commitments, year by year. The fund-years are locked with the grant's own accounts, in
    the order in which payments lock them."""
    keys = _accounts(agreement).values_list("pk", "parent")
    accounts = lock_accounts({key for pair in keys for key in pair})
    unpaid = [
        Posting(account, COMMITTED, -left)
        for account in accounts.values()
        if account.kind == Account.Kind.GRANT_YEAR and (left := account.committed - account.paid + account.recovered)
    ]
    post(unpaid, cause=agreement.reference, key=f"agreement:{agreement.pk}:closed:{agreement.version}", by=by)


def commit_again(*, agreement: Agreement, by: Any) -> None:
    """Bring back what closing took off."""
    postings = [Posting(account, COMMITTED, amount) for account, amount in released(agreement)]
    post(postings, cause=agreement.reference, key=f"agreement:{agreement.pk}:reopened:{agreement.version}", by=by)


def released(agreement: Agreement) -> list[tuple[Account, Decimal]]:
    """Each account of the grant with what its closing gave back and is not committed again."""
    moved = sum_pounds("entries__amount", filter=_of_kind(agreement))
    rows = _accounts(agreement).annotate(moved=moved)
    return [(account, -account.moved) for account in rows if account.moved < ZERO]


def without_room(agreement: Agreement) -> list[str]:
    """A sentence for each fund-year that can no longer bear the commitment that comes back on reopening."""
    found = []
    for account, amount in released(agreement):
        fund_year = account.parent
        if fund_year is None:
            continue
        over = fund_year.committed + amount - fund_year.budget - fund_year.allowance
        if over > 0:
            found.append(
                f"{fund_year} has been committed elsewhere since: {pounds(over)} more than its budget would be committed"
            )
    return found


def _accounts(agreement: Agreement) -> Any:
    accounts = Account.objects.filter(kind=Account.Kind.GRANT_YEAR, file_id=agreement.file_id)
    return accounts.select_related("fund", "parent__fund").order_by("pk")


def _of_kind(agreement: Agreement) -> Any:
    return Q(entries__kind=COMMITTED, entries__cause=agreement.reference)
