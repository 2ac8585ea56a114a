"""Filling in a return. Each verb changes one part of it in one transaction; what is missing is only asked for when it is certified."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from casework import clock
from casework.documents.models import Document, documents_of
from casework.documents.services import attach, remove
from casework.money import ZERO
from casework.unfinished import keep_unfinished
from casework.workflow import Refused, editing, record
from casework.workflow.perform import differences, values_of
from monitoring.returns.models import Return
from monitoring.returns.parts import ReturnLine, ReturnMeasure, ReturnMilestone
from questionnaires.engine import Values, save_answers
from questionnaires.files import AnswerFiles, not_an_answer
from questionnaires.models import Section

CHANGE = "monitoring.change_return"
Rows = Mapping[int, Mapping[str, Any]]
"""What was entered in each row: {row's key: {field: value}}."""
Typed = Mapping[int, Mapping[str, Any]]
"""What was typed in rows that are not finished: they stay as they were saved."""


def save_spend(*, case: Return, rows: Rows, by: Any, half: Typed | None = None, version: int | None = None) -> Return:
    """Keep what was spent, owed and is forecast by line. The forecast underspend follows from the lines.

    A missing explanation is asked for by the form and before certifying, so that half a page can be saved.
    """
    with editing(case, by=by, permission=CHANGE, verb="entered the spending", version=version) as locked:
        lines = _save_rows(
            locked.lines.all(), rows, ("actual", "accrual", "forecast", "explanation"), "the spending on a budget line", by
        )
        locked.forecast_underspend = forecast_underspend(lines)
        _keep(locked, "spend", half)
    return locked


def forecast_underspend(lines: Iterable[ReturnLine]) -> Decimal | None:
    """How much of the agreed budget will not be needed, 0 when all of it will; None while a forecast is missing."""
    budget = forecast = ZERO
    for line in lines:
        if line.forecast is None:
            return None
        budget, forecast = budget + line.budget, forecast + line.forecast
    return max(budget - forecast, ZERO)


def save_measures(*, case: Return, rows: Rows, by: Any, half: Typed | None = None, version: int | None = None) -> Return:
    """Keep what was counted. An empty figure is missing; 0 is a figure."""
    with editing(case, by=by, permission=CHANGE, verb="entered the measures", version=version) as locked:
        _save_rows(locked.measures.all(), rows, ("value", "value_of", "comment"), "a measure", by, check_measure)
        _keep(locked, "measures", half)
    return locked


def check_measure(measure: ReturnMeasure) -> None:
    """A rate is so many out of so many: both, and never more than all of them."""
    if not measure.is_rate:
        measure.value_of = None
        return
    if measure.value is not None and not measure.value_of:
        raise ValidationError({"value_of": "Enter the number that the figure is out of"})
    if measure.value_of is not None and measure.value is None:
        raise ValidationError({"value": f"Enter how many of the {measure.value_of:f}"})
    if measure.value is not None and measure.value_of is not None and measure.value > measure.value_of:
        raise ValidationError({"value": "The figure must be the same as or less than the number it is out of"})


def save_milestones(*, case: Return, rows: Rows, by: Any, half: Typed | None = None, version: int | None = None) -> Return:
    """Keep when each milestone was reached, or its new date and why it is late."""
    with editing(case, by=by, permission=CHANGE, verb="entered the milestones", version=version) as locked:
        _save_rows(locked.milestones.all(), rows, ("done_on", "expected_on", "reason"), "a milestone", by, check_milestone)
        _keep(locked, "milestones", half)
    return locked


def check_milestone(milestone: ReturnMilestone) -> None:
    """Reached on a day that has been, or expected on one to come with the reason; not both."""
    today = clock.today()
    if milestone.done_on and milestone.expected_on:
        raise ValidationError({"expected_on": "Enter either the date it was reached or a new date, not both"})
    if milestone.done_on and milestone.done_on > today:
        raise ValidationError({"done_on": "The date it was reached must be today or in the past"})
    if milestone.expected_on and milestone.expected_on <= milestone.case.period_end:
        raise ValidationError({"expected_on": "The new date must be after the end of the period"})
    if milestone.expected_on and not milestone.reason.strip():
        raise ValidationError({"reason": "Enter the reason for the delay"})


def save_narrative(
    *,
    case: Return,
    answers: Mapping[Section, Values],
    change_request: str,
    by: Any,
    version: int | None = None,
) -> Return:
    """Keep the answers by section, and what the partnership asks to change."""
    with editing(case, by=by, permission=CHANGE, verb="wrote what happened", version=version) as locked:
        changed: dict[str, int] = {}
        for section, values in answers.items():
            changed |= save_answers(locked.response, section, values, files=AnswerFiles(locked, by))
        if changed:
            record(locked, "wrote what happened", by=by, changes={"answers": changed})
        locked.change_request = change_request
    return locked


def save_reply(*, case: Return, query: int, reply: str, by: Any, version: int | None = None) -> Return:
    """Answer a question of the office."""
    with editing(case, by=by, permission=CHANGE, verb="answered the office’s question", version=version) as locked:
        row = locked.queries.get(pk=query)
        row.reply, row.replied_by, row.replied_at = reply, by, clock.now()
        row.full_clean()
        row.save()
    return locked


def attach_evidence(*, case: Return, upload: Any, kind: str, by: Any, version: int | None = None) -> Document:
    """Keep a file with the return."""
    with editing(case, by=by, permission=CHANGE, verb="added evidence", version=version) as locked:
        return attach(locked, upload, kind=kind, by=by)


def remove_evidence(*, case: Return, document: int, by: Any, version: int | None = None) -> None:
    """Take a file off the return while it can still be changed."""
    with editing(case, by=by, permission=CHANGE, verb="removed evidence", version=version) as locked:
        found = documents_of(locked).filter(pk=document).first()
        if found is None:
            raise Refused("This file is no longer attached.")
        not_an_answer(found)
        remove(found, by=by)


def _keep(case: Return, part: str, half: Typed | None) -> None:
    keep_unfinished(case, part, [{"row": key, "typed": dict(typed)} for key, typed in (half or {}).items()])


def _save_rows(
    found: models.QuerySet[Any],
    rows: Rows,
    fields: tuple[str, ...],
    noun: str,
    by: Any,
    check: Callable[[Any], None] | None = None,
) -> list[Any]:
    """Set the fields of each row that was sent; one that changed is checked, saved and audited. All rows are returned."""
    kept = list(found.select_related("case__file"))
    if strangers := set(rows) - {row.pk for row in kept}:
        raise Refused(f"The lines changed after you opened the page ({len(strangers)}). Open it again.")
    for row in kept:
        before = values_of(row)
        for name in fields:
            if name in rows.get(row.pk, {}):
                setattr(row, name, rows[row.pk][name])
        if check is not None:
            check(row)
        changes = differences(before, values_of(row))
        if changes:
            row.full_clean()
            row.save()
            record(row, f"entered {noun}", by=by, changes=changes, file=row.case.file)
    return kept
