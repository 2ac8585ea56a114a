"""What earlier grants on the same outcomes learned, for whoever writes a bid now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from casework.registry import Lesson
from grants.bids.models import Bid
from grants.bids.scope import bid_scope
from grants.decisions.models import PublicationHold
from grants.decisions.queries import public_awards
from monitoring.returns.figures import cumulative, figure
from monitoring.returns.models import Return
from monitoring.returns.parts import ReturnMeasure
from monitoring.returns.states import ReturnState
from questionnaires.models import Answer

LEARNING = "learning"
"""The question of a return whose answer is meant for other partnerships, and says so."""
MOST = 5
BID = "agreement__award__bid"


def lessons_of_returns(outcomes: Any, user: Any, without: int) -> list[Lesson]:
    """The latest accepted report of up to five grants that served one of these outcomes (their keys). Two queries.

    A report is its partners' own. What it learned, and how far it came, is shown to others only where the award stands in the public
    register with nothing withheld, so that its outcome has long been told; spending, ratings and comments are not shown at all.
    """
    held = PublicationHold.objects.filter(award=OuterRef("agreement__award"), lifted_at=None)
    public = Q(agreement__award__in=public_awards(), **{f"{BID}__is_confidential": False}) & ~Exists(held)
    served = Exists(Bid.outcomes.through.objects.filter(bid=OuterRef(BID), outcome__key__in=outcomes))
    accepted = Return.objects.filter(state=ReturnState.ACCEPTED)
    later = accepted.filter(agreement=OuterRef("agreement"), period_end__gt=OuterRef("period_end"))
    found = accepted.filter(served, ~Exists(later), public | bid_scope(user, f"{BID}__")).exclude(**{BID: without})
    answers = Answer.objects.filter(response=OuterRef("response"), question_key=LEARNING, repeat=0)
    found = found.annotate(said=Subquery(answers.values("value")[:1])).select_related(f"{BID}__applicant")
    returns: list[Any] = list(found.order_by("-period_end", "-pk")[:MOST])
    figures = _figures(returns)
    return [
        Lesson(
            title=case.bid.title,
            who=case.bid.applicant.name,
            until=case.period_end,
            said=str(case.said or ""),
            figures=tuple(figures.get(case.agreement_id, ())),
        )
        for case in returns
    ]


def _figures(returns: Sequence[Return]) -> dict[int, list[tuple[str, str, str]]]:
    """Each grant's measures over all its accepted periods: what it is called, what was reached, and the target."""
    rows = ReturnMeasure.objects.filter(
        case__agreement__in=[case.agreement_id for case in returns], case__state=ReturnState.ACCEPTED
    ).select_related("case")
    periods: dict[tuple[int, Any], list[ReturnMeasure]] = defaultdict(list)
    for row in rows.order_by("order", "case__period_start", "pk"):
        periods[row.case.agreement_id, row.measure_key].append(row)
    told: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    for (agreement, _), measures in periods.items():
        last = measures[-1]
        reached = cumulative(last.aggregation, [(each.value, each.value_of) for each in measures])
        words = f"{figure(*reached)} {last.unit}" if reached is not None else "Not counted"
        told[agreement].append((last.name, words, f"{figure(last.target, last.target_of)} {last.unit}"))
    return told
