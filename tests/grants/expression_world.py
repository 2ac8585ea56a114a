"""A round that asks for expressions of interest first, for its tests: they close at noon on 28 October 2026, after the clocks went back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from casework import clock
from grants.models import Expression
from tests.factories import ExpressionFactory
from tests.grants.bid_world import World, world

UNTIL = dt.datetime(2026, 10, 28, 12, tzinfo=dt.UTC)


def expressed(**values: Any) -> World:
    return world(**{"route": "expression", "expressions_until": clock.london(dt.date(2026, 10, 28), 12), **values})


def begun(place: World, **values: Any) -> Expression:
    given = {"round": place.round, "applicant": place.partnership, "prepared_by": place.coordinator, "title": "Safer ways home"}
    case = ExpressionFactory(**(given | values))
    case.areas.set([place.area])
    return case


def page(case: Expression, **changed: Any) -> dict[str, Any]:
    """What a browser sends from the one page."""
    return {
        "version": str(case.version),
        "title": case.title,
        "summary": case.summary,
        "outcomes": [row.pk for row in case.outcomes.all()],
        "areas": [row.pk for row in case.areas.all()],
        "amount": "12,000",
        "starts_day": "1",
        "starts_month": "4",
        "starts_year": "2027",
        "lead": case.lead,
        "partners": case.partners,
        **changed,
    }
