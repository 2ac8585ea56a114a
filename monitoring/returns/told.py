"""A return as it is read: by people on the page, and frozen when it is certified."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from casework.documents.models import documents_of
from casework.money import ZERO, total
from monitoring.returns.content import Content, content_of
from monitoring.returns.figures import figure, percent, signed_pounds
from monitoring.returns.models import Return
from monitoring.returns.parts import ReturnLine, ReturnMeasure, ReturnMilestone
from questionnaires.engine import told

SPEND_HEADERS = ("Budget line", "Agreed budget", "Profile to date", "Spent to date", "Owed", "Variance", "Variance %", "Forecast")


def spend_table(case: Return, content: Content) -> dict[str, Any]:
    """Lines and totals for the money table; a variance is what was spent and is owed, less the profile."""
    return {
        "caption": f"Spending from the start of the grant to {case.period_end:%-d %B %Y}",
        "headers": SPEND_HEADERS,
        "rows": [_spend_row(line) for line in content.lines],
        "totals": _spend_totals(content.lines),
    }


def _spend_row(line: ReturnLine) -> list[Any]:
    accrual = line.accrual if line.actual is not None else None
    return [
        line.description,
        line.budget,
        line.profile,
        line.actual,
        accrual,
        signed_pounds(line.variance),
        percent(line.variance, line.profile),
        line.forecast,
    ]


def _spend_totals(lines: list[ReturnLine]) -> list[Any]:
    """Sums of the columns; a column with a gap has no sum."""
    profile = total([line.profile for line in lines])
    variance = _whole([line.variance for line in lines])
    return [
        "Total",
        total([line.budget for line in lines]),
        profile,
        _whole([line.actual for line in lines]),
        total([line.accrual for line in lines]) if variance is not None else None,
        signed_pounds(variance),
        percent(variance, profile),
        _whole([line.forecast for line in lines]),
    ]


def _whole(amounts: list[Decimal | None]) -> Decimal | None:
    return None if not amounts or None in amounts else total(amounts)


def measure_rows(content: Content) -> list[dict[str, Any]]:
    """Baseline, target, this period and the grant so far, in words."""
    return [_measure_row(measure, content) for measure in content.measures]


def _measure_row(measure: ReturnMeasure, content: Content) -> dict[str, Any]:
    so_far = content.so_far(measure)
    return {
        "name": measure.name,
        "unit": measure.unit,
        "baseline": figure(measure.baseline, measure.baseline_of if measure.is_rate else None),
        "target": figure(measure.target, measure.target_of if measure.is_rate else None),
        "value": figure(measure.value, measure.value_of if measure.is_rate else None),
        "so_far": figure(*so_far) if so_far else "",
        "of_target": "" if measure.is_rate or so_far is None else percent(so_far[0], measure.target),
        "comment": measure.comment,
        "how": measure.get_aggregation_display(),
    }


def milestone_rows(case: Return, content: Content) -> list[dict[str, Any]]:
    """Each milestone with what became of it: a tag, a date and the reason for a delay."""
    return [_milestone_row(case, row, content) for row in content.milestones]


def _milestone_row(case: Return, row: ReturnMilestone, content: Content) -> dict[str, Any]:
    reached = content.reached_before.get(row.milestone_key) or row.done_on
    if reached:
        state = ("Reached", "green")
    elif row.expected_on:
        state = ("Delayed", "orange")
    else:
        state = ("Not reported", "red") if row.due <= case.period_end else ("To come", "grey")
    return {
        "title": row.title,
        "due": row.due,
        "state": state,
        "date": reached or row.expected_on,
        "reason": "" if reached else row.reason,
    }


def frozen(case: Return) -> dict[str, Any]:
    """The return as JSON values, for the copy that the declaration stands under. Amounts and figures are strings."""
    content = content_of(case)
    return {
        "reference": case.reference,
        "agreement": case.agreement.reference,
        "period": [str(case.period_start), str(case.period_end)],
        "lines": [
            _plain(line, "line_key category description budget profile actual accrual forecast explanation")
            for line in content.lines
        ],
        "forecast_underspend": str(case.forecast_underspend or ZERO),
        "measures": [_frozen_measure(measure, content) for measure in content.measures],
        "milestones": [_plain(row, "milestone_key title due done_on expected_on reason") for row in content.milestones],
        "narrative": [vars(answer) for answer in told(content.items)],
        "change_request": case.change_request,
        "queries": [{"question": query.text, "reply": query.reply} for query in content.queries],
        "documents": [{"name": document.name, "sha256": document.sha256} for document in documents_of(case)],
        "prepared_by": str(case.prepared_by),
        "certified_by": str(case.certified_by),
    }


def _frozen_measure(measure: ReturnMeasure, content: Content) -> dict[str, Any]:
    so_far = content.so_far(measure)
    told_now = _plain(measure, "measure_key name unit aggregation baseline baseline_of target target_of value value_of comment")
    return told_now | {"so_far": [None if part is None else str(part) for part in so_far] if so_far else None}


def _plain(row: Any, names: str) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names.split()}
    return {name: value if value is None else str(value) for name, value in values.items()}
