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


def spend_table(case: Return, content: Content) -> dict[str, Any]:
    """Lines and totals in words; a variance is what was spent and is owed, less the profile. A column with a gap has no total."""
    lines = content.lines
    profile, variance = total([line.profile for line in lines]), _whole([line.variance for line in lines])
    return {
        "to": case.period_end,
        "rows": [_spend_row(line) for line in lines],
        "totals": {
            "budget": total([line.budget for line in lines]),
            "profile": profile,
            "actual": _whole([line.actual for line in lines]),
            "accrual": _whole([_owed(line) for line in lines]),
            "variance": signed_pounds(variance),
            "percent": percent(variance, profile),
            "forecast": _whole([line.forecast for line in lines]),
        },
    }


def _spend_row(line: ReturnLine) -> dict[str, Any]:
    return {
        "name": line.description,
        "budget": line.budget,
        "profile": line.profile,
        "actual": line.actual,
        "accrual": _owed(line),
        "variance": signed_pounds(line.variance),
        "percent": percent(line.variance, line.profile),
        "forecast": line.forecast,
    }


def _owed(line: ReturnLine) -> Decimal | None:
    """What is owed is only said beside what was spent."""
    return None if line.actual is None else line.accrual


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
