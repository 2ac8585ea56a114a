"""Setting an agreement's instalments, and what holds them. Monitoring calls `depends`, `hold_until` and `instalments_after`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet

from casework import clock
from casework.money import pounds, total
from casework.spine import next_part
from casework.workflow import Refused, editing, record, unit
from grants.agreements.models import Agreement, Obligation
from grants.funds.ledger import grant_year
from grants.funds.models import Account
from grants.payments.models import Instalment
from grants.payments.schedule import propose
from grants.payments.states import TO_COME, InstalmentState


@dataclass(frozen=True)
class Planned:
    """One row of the plan as the officer gave it; `instalment` is the key of the one it changes, 0 for a new one."""

    due: dt.date
    amount: Decimal
    account: int
    purchase_order: str = ""
    instalment: int = 0


def plan_of(agreement: Agreement) -> list[Instalment]:
    """The instalments of an agreement with their accounts, each with `need_keys`, the obligations it depends on.

    One query, once for each loaded agreement: its page and the requirements of its steps all ask.
    """
    kept: list[Instalment] | None = agreement.__dict__.get("_plan")
    if kept is None:
        rows = Instalment.objects.filter(agreement=agreement).select_related("account__fund").annotate(need=F("needs"))
        found: dict[int, Any] = {}
        for row in rows.order_by("due", "pk", "need"):
            one = found.setdefault(row.pk, row)
            one.need_keys = [*getattr(one, "need_keys", []), row.need]
        kept = agreement.__dict__["_plan"] = list(found.values())
    return kept


def accounts_of(agreement: Agreement) -> list[Account]:
    """The grant's ledger accounts that hold a commitment, a financial year each (two where a match reserve pays too)."""
    accounts = Account.objects.filter(kind=Account.Kind.GRANT_YEAR, file_id=agreement.file_id, committed__gt=0)
    return list(accounts.select_related("fund", "parent").order_by("year", "pk"))


def propose_instalments(*, agreement: Agreement, by: Any) -> list[Instalment]:
    """Give a draft without instalments the usual ones."""
    if agreement.instalments.exists():
        return []
    with unit():
        shares = list(agreement.award.years.select_related("account__fund"))
        accounts = [grant_year(agreement.file, share.account) for share in shares]  # type: ignore[arg-type]
        proposals = propose(
            years=[(share.account.year, share.amount) for share in shares],
            starts=agreement.starts,
            today=clock.today(),
            small=agreement.award.bid.round.asks.one_payment,
        )
        rows = [Planned(proposal.due, proposal.amount, accounts[proposal.place].pk) for proposal in proposals]
        return _write_plan(agreement, rows, by)


def save_plan(*, agreement: Agreement, rows: list[Planned], by: Any, version: int | None = None) -> list[Instalment]:
    """Set the instalments of a draft agreement. They may still not add up; issuing the agreement asks for that."""
    verb = "changed the instalments"
    with editing(agreement, by=by, permission="grants.change_instalments", verb=verb, version=version) as locked:
        own = {account.pk for account in accounts_of(locked)}
        if any(row.account not in own for row in rows):
            raise Refused("Select a year that this award is paid from")
        return _write_plan(locked, rows, by)


def _write_plan(agreement: Agreement, rows: list[Planned], by: Any) -> list[Instalment]:
    known = {instalment.pk: instalment for instalment in agreement.instalments.all()}
    kept = [known.pop(row.instalment, None) for row in rows]
    for dropped in known.values():
        dropped.delete()
    # The numbers follow the due dates; they are moved out of the way first, because each is there once.
    for offset, moved in enumerate(filter(None, kept), 1):
        Instalment.objects.filter(pk=moved.pk).update(number=1000 + offset)
    written = []
    ordered = sorted(zip(rows, kept, strict=True), key=lambda pair: (pair[0].due, pair[0].account))
    for number, (row, instalment) in enumerate(ordered, 1):
        written.append(_write_row(agreement, number, row, instalment))
    for obligation in agreement.obligations.filter(before_payment=True):
        obligation.instalments.set(written)
    changes = {instalment.reference: [str(instalment.due), str(instalment.amount)] for instalment in written}
    record(agreement, "set the instalments", by=by, changes=changes)
    return written


def _write_row(agreement: Agreement, number: int, row: Planned, instalment: Instalment | None) -> Instalment:
    if instalment is None:
        reference = next_part(agreement.award.bid.reference, "P")
        instalment = Instalment(
            agreement=agreement, file_id=agreement.file_id, reference=reference, created_at=clock.now(), version=0
        )
    instalment.number, instalment.due, instalment.amount = number, row.due, row.amount
    instalment.account_id, instalment.purchase_order = row.account, row.purchase_order
    instalment.version += 1
    instalment.full_clean(exclude=["state"])
    instalment.save()
    return instalment


def instalments_add_up(agreement: Agreement) -> list[str]:
    """The plan is the whole amount, and draws on each year no more than was committed for it."""
    plan = [instalment for instalment in plan_of(agreement) if instalment.state != InstalmentState.CANCELLED]
    found = []
    planned = total([instalment.amount for instalment in plan])
    if planned != agreement.amount:
        found.append(f"The instalments add up to {pounds(planned)}: make them {pounds(agreement.amount)}")
    accounts = {instalment.account_id: instalment.account for instalment in plan}
    for account in accounts.values():
        drawn = total([instalment.amount for instalment in plan if instalment.account_id == account.pk])
        if account.file_id != agreement.file_id:
            found.append("Draw every instalment on a year that this award is paid from")
        elif drawn > account.committed:
            found.append(
                f"The instalments of {account} are {pounds(drawn)}: no more than {pounds(account.committed)} is committed"
            )
    return found


def money_settled(agreement: Agreement) -> list[str]:
    """Nothing is still to be paid."""
    return [f"Payment {one.reference} is still to be paid or cancelled" for one in plan_of(agreement) if one.state in TO_COME]


def instalments_after(agreement: Agreement, day: dt.date) -> QuerySet[Instalment]:
    """The instalments still to come that fall due after a day, soonest first: a report due that day can hold them."""
    return agreement.instalments.filter(state__in=TO_COME, due__gt=day).order_by("due", "pk")


def depends(instalment: Instalment, obligation: Obligation, *, by: Any) -> None:
    """Hold an instalment until this obligation is met or waived. Saying it twice is saying it once."""
    with unit():
        if obligation.agreement_id != instalment.agreement_id:
            raise Refused("An instalment waits only for what its own agreement asks for")
        if not instalment.needs.filter(pk=obligation.pk).exists():
            instalment.needs.add(obligation)
            record(instalment, "made the payment depend on an obligation", by=by, changes={"obligation": obligation.pk})


def hold_until(obligation: Obligation, *, by: Any, instalments: Iterable[Instalment] | None = None) -> None:
    """Hold these instalments, or every one still to come, until the obligation is met or waived."""
    if instalments is None:
        instalments = Instalment.objects.filter(agreement=obligation.agreement_id, state__in=TO_COME).order_by("pk")
    for instalment in instalments:
        depends(instalment, obligation, by=by)
