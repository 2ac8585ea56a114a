"""Which awards the public sees, and how much of each.

An award reaches the register when its decision is published and its bidder has been told. A whole award that is held back counts in
the totals alone. A part that is held back is an empty value here already, so that no search, filter or order can find it out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from casework import clock
from casework.money import ZERO, PoundsField, pounds_value, sum_pounds
from grants.decisions.models import Award, PublicationHold
from grants.decisions.queries import NOT_TAKEN_UP, public_awards
from partnerships.organisations.models import Area

Part = PublicationHold.Part
CONFIDENTIAL = "the bid is confidential"
AwardRows = QuerySet[Any]


def _holds(part: str) -> QuerySet[PublicationHold]:
    return PublicationHold.objects.filter(award=OuterRef("pk"), part=part, lifted_at=None)


def _ground(part: str) -> Coalesce:
    """Why a part is not shown: somebody held it back, or the bid is confidential, of which only the amount is public."""
    held = Subquery(_holds(part).values("ground")[:1])
    confidential = Case(When(bid__is_confidential=True, then=Value(CONFIDENTIAL)), default=None, output_field=CharField())
    return Coalesce(held, confidential)


def published() -> AwardRows:
    """Every award that is public in law, those held back in whole (`is_held`) too: the totals are right only with them.

    What was published stays published: an award that was not taken up is still there, and nothing is committed for it (`stands`).
    """
    stands = Case(When(NOT_TAKEN_UP, then=pounds_value(0)), default=F("amount"), output_field=PoundsField())
    return public_awards().annotate(is_held=Exists(_holds(Part.ALL)), stands=stands)


def register() -> AwardRows:
    """The awards that are shown, newest decision first; held parts are empty strings or None."""
    recipient = Coalesce(F("bid__accountable_body__name"), F("bid__applicant__name"))
    rows = published().filter(is_held=False)
    rows = rows.annotate(
        recipient_ground=_ground(Part.RECIPIENT), purpose_ground=_ground(Part.PURPOSE), place_ground=_ground(Part.PLACE)
    ).annotate(
        recipient=_unless("recipient_ground", recipient),
        applicant=_unless("recipient_ground", F("bid__applicant__name")),
        recipient_id=Case(
            When(recipient_ground=None, then=Coalesce(F("bid__accountable_body"), F("bid__applicant"))),
            default=None,
            output_field=IntegerField(),
        ),
        title=_unless("purpose_ground", F("bid__title")),
        summary=_unless("purpose_ground", F("bid__summary")),
    )
    joined = ("bid__continues", "decision", "decision__legal_power", "decision__round__fund")
    return rows.select_related(*joined).order_by("-decision__decided_at", "bid__reference", "pk")


def with_details(rows: AwardRows) -> AwardRows:
    """Conditions and areas: two queries for any number of awards."""
    return rows.prefetch_related("conditions", "bid__areas")


def _unless(ground: str, value: Any) -> Case:
    return Case(When(**{ground: None}, then=value), default=Value(""), output_field=CharField())


def decided_in(year: int, prefix: str = "") -> Q:
    """Decided in a financial year, by the London date."""
    first, last = clock.year_bounds(year)
    path = f"{prefix}decision__decided_at"
    return Q(**{f"{path}__gte": clock.london(first), f"{path}__lt": clock.london(last + dt.timedelta(days=1))})


@dataclass(frozen=True)
class Totals:
    """What the shown awards come to, and beside them those that are held back in whole."""

    shown: int
    shown_amount: Decimal
    withheld: int
    withheld_amount: Decimal

    @property
    def all(self) -> int:
        return self.shown + self.withheld

    @property
    def all_amount(self) -> Decimal:
        return self.shown_amount + self.withheld_amount


def totals(shown: AwardRows, *, year: int | None = None, with_withheld: bool = True) -> Totals:
    """One query. Withheld awards are told by financial year only: by recipient or place they would be given away."""
    rows = published() if year is None else published().filter(decided_in(year))
    # A column of its own, so that the database looks once and not for each of the sums.
    rows = rows.annotate(is_listed=ExpressionWrapper(Q(pk__in=shown.order_by().values("pk")), output_field=BooleanField()))
    listed, held = Q(is_listed=True, is_held=False), Q(is_held=True)
    found = rows.aggregate(
        shown=Count("pk", filter=listed),
        shown_amount=sum_pounds("stands", filter=listed),
        withheld=Count("pk", filter=held),
        withheld_amount=sum_pounds("stands", filter=held),
    )
    return Totals(**found) if with_withheld else Totals(**(found | {"withheld": 0, "withheld_amount": ZERO}))


@dataclass(frozen=True)
class Choices:
    """What the register can be filtered by: financial years, recipients and areas that occur in it."""

    years: list[int]
    recipients: list[tuple[int, str]]
    areas: list[tuple[int, str]]


def choices() -> Choices:
    """One query for all three."""
    recipients = (
        register()
        .order_by()
        .values("recipient_id", "recipient")
        .annotate(kind=Value("recipient"), first=Min("decision__decided_at"), last=Max("decision__decided_at"))
        .values_list("kind", "recipient_id", "recipient", "first", "last")
    )
    no_moment = Value(None, output_field=Award._meta.get_field("told_at"))
    areas = (
        Area.objects.order_by()
        .annotate(what=Value("area"), first=no_moment, last=no_moment)
        .values_list("what", "pk", "name", "first", "last")
    )
    rows = sorted(recipients.union(areas, all=True), key=lambda row: row[2])
    dates = [clock.local_date(moment) for row in rows for moment in row[3:] if moment is not None]
    years = [clock.financial_year(day) for day in dates]
    return Choices(
        years=list(range(max(years), min(years) - 1, -1)) if years else [],
        recipients=[(row[1], row[2]) for row in rows if row[0] == "recipient" and row[1] is not None],
        areas=[(row[1], row[2]) for row in rows if row[0] == "area"],
    )
