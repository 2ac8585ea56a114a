"""Figures of decisions: what lists show, and how a decision stands against its budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from casework.money import ZERO, PoundsField, pounds_value, total
from grants.bids.states import BidState
from grants.decisions.models import Award, Decision, PublicationHold
from grants.decisions.states import IN_FORCE, DecisionState
from grants.funds.models import Account


def with_totals(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    """Decisions with `awards_count` and `awarded`, what their awards add up to."""
    rows = Award.objects.filter(decision=OuterRef("pk")).order_by().values("decision")
    awarded = Subquery(rows.annotate(sum=Sum("amount", output_field=PoundsField())).values("sum"), output_field=PoundsField())
    count = Subquery(rows.annotate(count=Count("pk")).values("count"))
    return decisions.annotate(awarded=Coalesce(awarded, pounds_value(0)), awards_count=Coalesce(count, 0))


FUNDED = (Award.Outcome.FULL, Award.Outcome.PART)
NOT_TAKEN_UP = Q(bid__lapsed_at__isnull=False)


def public_awards() -> QuerySet[Award]:
    """Awards that are public in law, whatever of them is held back: the decision is published, and the bidder was told."""
    told = Award.objects.filter(decision__state=DecisionState.PUBLISHED, told_at__isnull=False, outcome__in=FUNDED)
    return told.filter(Q(bid__state=BidState.AWARDED) | NOT_TAKEN_UP)


AS_WRITTEN = (
    "The reasons and the conditions of a decision are published as they are written: "
    "leave out of them what you withhold, such as a name or a place."
)


def as_written(decision: Decision) -> str:
    """What whoever writes, makes or publishes it must know while something of one of its awards is held back; else nothing."""
    held = PublicationHold.objects.filter(award__decision=decision, lifted_at=None)
    return AS_WRITTEN if held.exists() else ""


@dataclass(frozen=True)
class Position:
    """One financial year of the fund: its budget, what else is committed, this decision, and what would be left."""

    account: Account
    committed: Decimal
    this: Decimal

    @property
    def available(self) -> Decimal:
        return self.account.budget + self.account.allowance

    @property
    def left(self) -> Decimal:
        return self.available - self.committed - self.this


def positions(decision: Decision) -> Sequence[Position]:
    """The fund's years that the round's budget or the awards name, in one query beside the awards'. An award that was not taken up
    takes nothing."""
    rows = [row for award in decision.all_awards() if award.bid.lapsed_at is None for row in award.years.all()]
    named = Q(pk__in={row.account_id for row in rows})
    years = decision.round.budgets.values("year")
    asked = Q(kind=Account.Kind.FUND_YEAR, fund=decision.round.fund_id, file=None, year__in=years)
    found = []
    for account in Account.objects.filter(named | asked).select_related("fund").order_by("year", "pk"):
        this = total([row.amount for row in rows if row.account_id == account.pk])
        inside = this if decision.state in IN_FORCE else ZERO
        found.append(Position(account, account.committed - inside, this))
    return found


def money_of(decision: Decision, found: Sequence[Position]) -> dict[str, Any]:
    """The budget table of a page."""
    rows = [
        [
            str(row.account.year_label) + (", match reserve" if row.account.kind == Account.Kind.MATCH_RESERVE else ""),
            row.available,
            row.committed,
            row.this,
            row.left,
        ]
        for row in found
    ]
    headers = ["Financial year", "Budget", "Committed otherwise", "This decision", "Left"]
    return {"caption": f"{decision.round.fund} against its budget", "headers": headers, "rows": rows}
