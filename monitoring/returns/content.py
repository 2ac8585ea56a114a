"""Everything a return holds, read once: its own rows, and what earlier returns of the grant said about the same lines and targets.

Pages, the check before certifying and the frozen copy all read this. Six queries, however many rows and periods.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from casework.unfinished import unfinished_in
from monitoring.returns.facts import return_facts
from monitoring.returns.figures import Figure, cumulative
from monitoring.returns.models import Return
from monitoring.returns.parts import ReturnLine, ReturnMeasure, ReturnMilestone, ReturnQuery
from monitoring.returns.states import COUNTED
from questionnaires.engine import Item, sheet

R = TypeVar("R", ReturnLine, ReturnMeasure, ReturnMilestone)


@dataclass
class Content:
    """A return's rows in order; `spent_before`, `values_before` and `reached_before` are of earlier certified returns, by key.

    `unfinished` are the rows kept as they were typed, by part.
    """

    lines: list[ReturnLine]
    measures: list[ReturnMeasure]
    milestones: list[ReturnMilestone]
    queries: list[ReturnQuery]
    items: list[Item]
    spent_before: dict[UUID, Decimal] = field(default_factory=dict)
    values_before: dict[UUID, list[tuple[Decimal | None, Decimal | None]]] = field(default_factory=dict)
    reached_before: dict[UUID, dt.date] = field(default_factory=dict)
    unfinished: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def half(self, part: str) -> dict[int, dict[str, Any]]:
        """What was typed in the unfinished rows of a part, by the row's key in the table."""
        return {kept["row"]: kept["typed"] for kept in self.unfinished.get(part, [])}

    def so_far(self, measure: ReturnMeasure) -> Figure | None:
        """The measure over the whole grant up to this return."""
        earlier = self.values_before.get(measure.measure_key, [])
        return cumulative(measure.aggregation, [*earlier, (measure.value, measure.value_of)])

    def before(self, measure: ReturnMeasure) -> Figure | None:
        """The measure over the grant's earlier returns."""
        return cumulative(measure.aggregation, self.values_before.get(measure.measure_key, []))

    @property
    def unanswered(self) -> list[ReturnQuery]:
        return [query for query in self.queries if not query.reply]

    @property
    def still_open(self) -> list[ReturnMilestone]:
        """Milestones that no earlier return reported as reached."""
        return [milestone for milestone in self.milestones if milestone.milestone_key not in self.reached_before]


def content_of(case: Return) -> Content:
    """Read once for each object, so that a page and the checks of its buttons share it."""
    kept: Content | None = case.__dict__.get("_content")
    if kept is None:
        kept = case.__dict__["_content"] = _read(case)
    return kept


def forget_content(case: Return) -> None:
    """Read it again next time: after its rows were changed."""
    case.__dict__.pop("_content", None)


def _read(case: Return) -> Content:
    lines, lines_before = _split(case, _up_to(case, ReturnLine.objects.all()))
    measures, measures_before = _split(case, _up_to(case, ReturnMeasure.objects.all()))
    milestones, milestones_before = _split(case, _up_to(case, ReturnMilestone.objects.all()))
    content = Content(
        lines=lines,
        measures=measures,
        milestones=milestones,
        queries=list(case.queries.select_related("asked_by", "replied_by")),
        items=sheet(case.response, return_facts(case)),
        spent_before={line.line_key: line.actual for line in lines_before if line.actual is not None},
        reached_before={row.milestone_key: row.done_on for row in milestones_before if row.done_on is not None},
        unfinished=unfinished_in(case),
    )
    for measure in measures_before:
        content.values_before.setdefault(measure.measure_key, []).append((measure.value, measure.value_of))
    return content


def _up_to(case: Return, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Rows of this return and of the grant's earlier ones that were certified, oldest first."""
    earlier = rows.filter(case__agreement_id=case.agreement_id, case__period_start__lt=case.period_start, case__state__in=COUNTED)
    return (earlier | rows.filter(case=case)).order_by("case__period_start", *rows.model._meta.ordering)


def _split(case: Return, rows: QuerySet[R]) -> tuple[list[R], list[R]]:
    found = list(rows)
    return [row for row in found if row.case_id == case.pk], [row for row in found if row.case_id != case.pk]
