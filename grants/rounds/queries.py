"""What lists, pages and the rooms above ask about rounds."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet, Subquery

from casework import clock
from casework.money import PoundsField, sum_pounds
from grants.rounds.models import Round, RoundQuerySet
from grants.rounds.models_parts import RoundBidder, RoundBudget, RoundExtension
from grants.rounds.states import RoundState
from partnerships.organisations.models import Organisation, on_date
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of

K = Organisation.Kind
# An office invites bids and a board oversees them; neither bids.
BIDDER_KINDS = [kind for kind in K if kind not in (K.OFFICE, K.BOARD)]


def with_money(rounds: QuerySet[Round]) -> QuerySet[Round]:
    """Adds `available` (all years), `first_year` and `last_year` to each round, within the same query."""
    budgets = RoundBudget.objects.filter(round=OuterRef("pk")).order_by().values("round")
    return rounds.annotate(
        available=Subquery(budgets.annotate(sum=sum_pounds("amount")).values("sum"), output_field=PoundsField()),
        first_year=Subquery(budgets.annotate(first=Min("year")).values("first")),
        last_year=Subquery(budgets.annotate(last=Max("year")).values("last")),
    )


def years_in_words(row: Any) -> str:
    """2026-27, or 2026-27 to 2027-28, of a round from `with_money`."""
    if row.first_year is None:
        return ""
    first, last = clock.year_label(row.first_year), clock.year_label(row.last_year)
    return first if first == last else f"{first} to {last}"


def closes_for(case: Round, organisation: Organisation | int) -> dt.datetime | None:
    """When the round closes for this bidder, their own extension counted; None for a rolling round. One query at most."""
    if case.rolling:
        return None
    body = organisation if isinstance(organisation, int) else organisation.pk
    extended = RoundExtension.objects.filter(round=case, organisation_id=body).values_list("closes_at", flat=True).first()
    return max(filter(None, (case.closes_at, extended)), default=None)


def who_may_bid(case: Round) -> str:
    """The kinds and names in one sentence's words: "a Delivery Group, Huntingdonshire CSP or Ely Town Council"."""
    kinds = [f"a {kind.label}" for kind in BIDDER_KINDS if kind in case.eligible_kinds]
    words = [*kinds, *(str(bidder) for bidder in case.bidders.select_related("organisation"))]
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:]))) or "nobody yet"


def may_bid(case: Round) -> QuerySet[Organisation]:
    """Today's bodies that may bid in this round, by kind or by name."""
    named = RoundBidder.objects.filter(round=case).values("organisation")
    return Organisation.objects.current().filter(Q(kind__in=case.eligible_kinds) | Q(pk__in=named))


def admitted(rounds: list[Round], bodies: list[Organisation]) -> list[Organisation]:
    """Those of the bodies that may bid in one of these rounds. One query at most."""
    rounds = [row for row in rounds if row.way.competed]
    kinds = {kind for row in rounds for kind in row.eligible_kinds}
    if all(body.kind in kinds for body in bodies):
        return bodies
    named = set(RoundBidder.objects.filter(round__in=rounds).values_list("organisation_id", flat=True))
    return [body for body in bodies if body.kind in kinds or body.pk in named]


def bodies_bidding(user: Any) -> list[Organisation]:
    """The bodies for which this person writes bids today; no query for somebody who writes none."""
    served = standing_of(user).serving(Role.COORDINATOR)
    return list(Organisation.objects.filter(on_date(clock.today()), pk__in=served)) if served else []


def bodies_that_may_start(case: Round, user: Any) -> list[Organisation]:
    """Those of this person's bodies that can begin a bid in this round now. Three queries at most."""
    if case.state != RoundState.PUBLISHED or clock.arrived() < case.opens_at or not case.way.open:
        return []
    bodies = admitted([case], bodies_bidding(user))
    if not bodies or case.takes_bids():
        return bodies
    late = RoundExtension.objects.filter(round=case, organisation__in=bodies, closes_at__gte=clock.arrived())
    extended = set(late.values_list("organisation_id", flat=True))
    return [body for body in bodies if body.pk in extended]


def open_to(bodies: list[Organisation]) -> list[tuple[Round, dt.datetime | None]]:
    """The rounds in which one of these bodies can begin a bid now, each with its closing time. One query."""
    return [(row, closes) for row, closes in running_for(bodies) if row.way.open]


def running_for(bodies: list[Organisation]) -> list[tuple[Round, dt.datetime | None]]:
    """The published rounds in which one of these bodies may bid and which have not closed for it. One query."""
    if not bodies:
        return []
    now = clock.now()
    kinds = {body.kind for body in bodies}
    own = RoundExtension.objects.filter(round=OuterRef("pk"), organisation__in=bodies)
    rounds: RoundQuerySet = Round.objects.filter(state=RoundState.PUBLISHED, opens_at__lte=now)
    named = Exists(RoundBidder.objects.filter(round=OuterRef("pk"), organisation__in=bodies))
    until = Subquery(own.order_by("-closes_at").values("closes_at")[:1])
    rows = rounds.annotate(until=until, named=named).order_by("closes_at", "pk")
    running = Q(rolling=True, money_out_at=None) | Q(closes_at__gte=now) | Q(until__gte=now)
    found = [row for row in rows.filter(running) if row.way.competed and (row.named or kinds.intersection(row.eligible_kinds))]
    return [(row, None if row.rolling else max(filter(None, (row.closes_at, row.until)))) for row in found]
