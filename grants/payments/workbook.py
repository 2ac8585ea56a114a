"""The finance workbook: commitments, payments and budget position of one financial year, as the ledger's entries have them.

Five queries at any length. Rows stream from the database into the file; every sheet ends in a row of totals, written as values.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import IO, Any

from django.db.models import Exists, OuterRef

from casework import clock
from casework.exports import Column, Sheet, write_workbook
from casework.money import ZERO
from grants.bids.models import Bid
from grants.bids.readers import kept_bids
from grants.funds.models import Account, Fund, LedgerEntry
from grants.payments.models import Instalment
from grants.payments.queries import commitments, payments_made, positions

SOURCES = dict(Fund.Source.choices)
KINDS = dict(Account.Kind.choices)
CHUNK = 2000
KEPT = "Confidential grants"
Grants = dict[int, tuple[str, str, str, str]]

COMMITMENTS = (
    ("Reference", 16),
    ("Title", 40),
    ("Partnership", 30),
    ("Recipient", 34),
    ("Vendor number", 14),
    ("Fund", 34),
    ("Funder source", 20),
    ("Restricted", 11),
    ("Financial year", 14),
    ("Cost centre", 12),
    ("GL code", 10),
    ("Committed", 14),
    ("Paid", 14),
    ("Recovered", 14),
    ("Balance", 14),
    ("Accrual at 31 March", 19),
)
PAYMENTS = (
    ("Entry", 10),
    ("Reference", 20),
    ("Title", 40),
    ("Payee", 34),
    ("Vendor number", 14),
    ("Purchase order", 16),
    ("Fund", 34),
    ("Cost centre", 12),
    ("GL code", 10),
    ("Financial year", 14),
    ("Date", 12),
    ("BACS reference", 18),
    ("Recorded by", 24),
    ("Opening balance", 16),
    ("Amount", 14),
)
POSITION = (
    ("Fund", 34),
    ("Account", 26),
    ("Funder source", 20),
    ("Restricted", 11),
    ("Financial year", 14),
    ("Cost centre", 12),
    ("GL code", 10),
    ("Budget", 14),
    ("Allowance above budget", 22),
    ("Committed", 14),
    ("Paid", 14),
    ("Recovered", 14),
    ("Remaining to commit", 20),
    ("Committed and not paid", 22),
)


def write_finance_workbook(out: IO[bytes], *, year: int, user: Any = None) -> None:
    """Write the workbook of the financial year that begins in `year`, as this person may read it."""
    write_workbook(out, sheets(year, user))


def file_name(year: int) -> str:
    return f"finance {clock.year_label(year)}.xlsx"


def sheets(year: int, user: Any = None) -> Sequence[Sheet]:
    """The three sheets. What both the first and the second say of a grant is read once for both.

    Grants that are confidential and not known to this person are one row for each fund, so that the totals stay right.
    """
    grants, kept = grants_of(year, user)
    return [
        _sheet("Commitments", COMMITMENTS, commitment_rows(year, grants, kept)),
        _sheet("Payments", PAYMENTS, payment_rows(year, grants, kept)),
        _sheet("Budget position", POSITION, position_rows(year)),
    ]


def _sheet(title: str, heads: Sequence[tuple[str, int]], rows: Iterable[Sequence[Any]]) -> Sheet:
    getters: list[Callable[[Any], Any]] = [itemgetter(index) for index in range(len(heads))]
    return Sheet(title, [Column(name, getters[index], width) for index, (name, width) in enumerate(heads)], rows)


def grants_of(year: int, user: Any) -> tuple[Grants, set[int]]:
    """Of each grant file with money in this year: title, partnership, who is paid and their vendor number.

    And the files of those that are confidential and not this person's to know of.
    """
    bids = (
        Bid.objects.filter(file__accounts__year=year)
        .annotate(is_kept=Exists(kept_bids(user).filter(pk=OuterRef("pk"))))
        .distinct()
    )
    rows = bids.values_list(
        "file_id", "title", "applicant__name", "accountable_body__name", "accountable_body__vendor_number", "is_kept"
    ).order_by("pk")
    grants: Grants = {}
    kept: set[int] = set()
    for file, title, applicant, body, vendor, is_kept in rows.iterator(chunk_size=CHUNK):
        if is_kept:
            kept.add(file)
        else:
            grants[file] = (title, applicant, body, vendor)
    return grants, kept


def commitment_rows(year: int, grants: Grants, kept: Collection[int] = ()) -> Iterator[Sequence[Any]]:
    """One row for each grant of the year; those that are kept from the reader are one row for each fund."""
    label = clock.year_label(year)
    accounts = commitments(year).values_list(
        "file_id",
        "file__reference",
        "fund__name",
        "fund__source",
        "fund__restricted",
        "fund__cost_centre",
        "fund__gl_code",
        "sum_committed",
        "sum_paid",
        "sum_recovered",
        "accrual",
    )
    totals = [ZERO] * 5
    together: dict[tuple[Any, ...], list[Decimal]] = {}
    for file, reference, fund, source, restricted, centre, code, committed, paid, recovered, owed in accounts.iterator(
        chunk_size=CHUNK
    ):
        title, partnership, payee, vendor = grants.get(file, ("", "", "", ""))
        money = [committed, paid, recovered, committed - paid + recovered, owed]
        bound = yes_no(restricted)
        totals = _added(totals, money)
        if file in kept:
            about = (fund, SOURCES[source], bound, label, centre, code)
            together[about] = _added(together.get(about, [ZERO] * 5), money)
            continue
        yield (reference, title, partnership, payee, vendor, fund, SOURCES[source], bound, label, centre, code, *money)
    yield from ((KEPT, "", "", "", "", *about, *money) for about, money in together.items())
    yield ("Total", *[None] * 10, *totals)


def payment_rows(year: int, grants: Grants, kept: Collection[int] = ()) -> Iterator[Sequence[Any]]:
    """One row for each payment entry, a reversal as a negative row; those kept from the reader together, by fund."""
    orders = dict(
        Instalment.objects.filter(account__year=year).order_by("pk").values_list("reference", "purchase_order").iterator()
    )
    entries = payments_made(year).values_list(
        "pk",
        "cause",
        "file_id",
        "account__fund__name",
        "account__fund__cost_centre",
        "account__fund__gl_code",
        "on",
        "bank_reference",
        "by__name",
        "opening",
        "amount",
    )
    label, total = clock.year_label(year), ZERO
    together: dict[tuple[Any, ...], Decimal] = {}
    for entry, reference, file, fund, centre, code, on, bacs, by, opening, amount in entries.iterator(chunk_size=CHUNK):
        total += amount
        if file in kept:
            together[fund, centre, code] = together.get((fund, centre, code), ZERO) + amount
            continue
        title, _, payee, vendor = grants.get(file, ("", "", "", ""))
        order = orders.get(reference, "")
        said = "Yes" if opening else ""
        yield (entry, reference, title, payee, vendor, order, fund, centre, code, label, on, bacs, by or "", said, amount)
    yield from ((KEPT, "", "", "", "", "", *about, label, None, "", "", "", amount) for about, amount in together.items())
    yield ("Total", *[None] * 13, total)


def position_rows(year: int) -> Iterator[Sequence[Any]]:
    """One row for each fund's account and match reserve of the year."""
    label, totals = clock.year_label(year), [ZERO] * 7
    rows = positions(year).values_list(
        "fund__name",
        "kind",
        "fund__source",
        "fund__restricted",
        "fund__cost_centre",
        "fund__gl_code",
        *[f"sum_{kind}" for kind in LedgerEntry.Kind.values],
    )
    for fund, kind, source, restricted, centre, code, budget, allowance, committed, paid, recovered in rows:
        money = [budget, allowance, committed, paid, recovered, budget - committed, committed - paid + recovered]
        yield (fund, KINDS[kind], SOURCES[source], yes_no(restricted), label, centre, code, *money)
        totals = _added(totals, money)
    yield ("Total", *[None] * 6, *totals)


def yes_no(value: bool) -> str:
    return "Yes" if value else "No"


def _added(totals: list[Decimal], amounts: list[Decimal]) -> list[Decimal]:
    return [before + amount for before, amount in zip(totals, amounts, strict=True)]
