"""What lists, pages and rooms above ask about bids, each within one query."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Aggregate, Count, Exists, IntegerField, Model, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from casework import clock
from casework.documents.models import Scan, documents_on
from casework.money import PoundsField, pounds_value, sum_pounds
from casework.unfinished import has_unfinished
from grants.bids.messages_models import BidMessage
from grants.bids.models import Bid, BidLine, BidMeasure, BidMilestone
from grants.bids.models_parts import BidPartner, BidRisk
from grants.bids.ranking import rank_column
from grants.bids.shapes import LineCategory, Spending
from grants.rounds.models_parts import RoundExtension
from partnerships.organisations.models import Membership, on_date
from partnerships.organisations.roles import Role


def with_parties(bids: QuerySet[Bid]) -> QuerySet[Bid]:
    """The round and the bodies joined."""
    return bids.select_related(
        "round__plan",
        "continues",
        "expression",
        "applicant",
        "accountable_body",
        "delivery_body",
        "delivery_group",
        "file",
        "response",
        "submitted_by",
        "received__original",
        "received__entered_by",
    )


def with_closing(bids: QuerySet[Bid]) -> QuerySet[Bid]:
    """Adds what the closing time is judged by, and the parties: enough for a page that changes one section."""
    extended = RoundExtension.objects.filter(round=OuterRef("round"), organisation=OuterRef("applicant"))
    return with_parties(bids).annotate(fact_extended=Subquery(extended.values("closes_at")[:1]))


def with_facts(bids: QuerySet[Bid]) -> QuerySet[Bid]:
    """Adds what completeness is judged by, as `fact_…` columns, beside closing time and parties."""
    return with_closing(bids).annotate(
        fact_lines=_number(BidLine),
        fact_capital=_number(BidLine, Q(category=LineCategory.CAPITAL) | Q(spending=Spending.CAPITAL)),
        fact_asked=_sum("asked"),
        fact_match_cash=_sum("match_cash"),
        fact_match_in_kind=_sum("match_in_kind"),
        fact_measures=_number(BidMeasure),
        fact_milestones=_number(BidMilestone),
        fact_rank=rank_column(),
        fact_partners=_number(BidPartner),
        fact_risks=_number(BidRisk),
        fact_letters=_number(BidMessage),
        fact_outside=_number(BidMilestone, Q(due__lt=OuterRef("starts")) | Q(due__gt=OuterRef("ends"))),
        fact_half_budget=has_unfinished(Bid, "budget"),
        fact_half_measures=has_unfinished(Bid, "measures"),
        fact_half_milestones=has_unfinished(Bid, "milestones"),
        fact_half_partners=has_unfinished(Bid, "partners"),
        fact_half_risks=has_unfinished(Bid, "risks"),
        fact_outcomes=_number(Bid.outcomes.through),
        fact_areas=_number(Bid.areas.through),
        fact_files=_files("kind", ~Q(scan=Scan.INFECTED)),
        fact_infected=_files("name", Q(scan=Scan.INFECTED)),
        fact_signatory=Exists(
            Membership.objects.filter(
                on_date(clock.today()), organisation=OuterRef("accountable_body"), role=Role.SIGNATORY, person__is_active=True
            )
        ),
    )


def match_of_lines() -> dict[str, Coalesce]:
    """Annotations: what the budget lines promise beside the grant."""
    return {"match_cash": _sum("match_cash"), "match_in_kind": _sum("match_in_kind")}


def _number(model: type[Model], *conditions: Q, **equals: Any) -> Coalesce:
    rows = model._default_manager.filter(*conditions, bid=OuterRef("pk"), **equals).order_by().values("bid")
    return Coalesce(Subquery(rows.annotate(number=Count("pk")).values("number"), output_field=IntegerField()), 0)


def _sum(column: str) -> Coalesce:
    rows = BidLine.objects.filter(bid=OuterRef("pk")).order_by().values("bid")
    return Coalesce(Subquery(rows.annotate(sum=sum_pounds(column)).values("sum"), output_field=PoundsField()), pounds_value(0))


class Joined(Aggregate):
    """The texts of several rows in one, with "|" between them."""

    function = "GROUP_CONCAT"

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="STRING_AGG", **extra)


def _files(column: str, condition: Q) -> Coalesce:
    """A column of the files that are attached now, "Accounts|Quote"."""
    rows = documents_on(Bid).filter(condition, object_id=OuterRef("pk")).order_by().values("object_id")
    joined = rows.annotate(joined=Joined(column, Value("|"), output_field=TextField())).values("joined")
    return Coalesce(Subquery(joined, output_field=TextField()), Value(""), output_field=TextField())


def carries_closing(bid: Bid) -> bool:
    return hasattr(bid, "fact_extended")


def carries_facts(bid: Bid) -> bool:
    return hasattr(bid, "fact_lines")


def facts_of(bid: Bid) -> Bid:
    """The same bid with its facts: itself where it was read with them, else read once more."""
    return bid if carries_facts(bid) else with_facts(Bid.objects.filter(pk=bid.pk)).get()


def closing_of(bid: Bid) -> dt.datetime | None:
    """When the round closes for this bid's applicant, of a bid read with its closing; None for a rolling round."""
    if bid.round.rolling:
        return None
    return max(filter(None, (bid.round.closes_at, bid.fact_extended)), default=None)  # type: ignore[attr-defined]
