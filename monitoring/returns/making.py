"""The returns of an agreement that has come into force, and what payments wait for."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from casework import clock
from casework.spine import next_part
from casework.workflow import SYSTEM, perform, record, unit
from grants.agreements.models import Agreement, Obligation
from grants.agreements.services import add_obligation
from grants.decisions.models import Award
from grants.payments.services import depends, instalments_after
from monitoring.returns.models import Return
from monitoring.returns.parts import ReturnLine, ReturnMeasure, ReturnMilestone
from monitoring.schedule.periods import Period, end_report, half_years, profiles
from questionnaires.engine import freeze
from questionnaires.models import Response


def periods_of(agreement: Agreement) -> list[Period]:
    """Half-years, or the one end report of a small grant; a contribution is reported to its forum and has no return of its own."""
    if agreement.award.kind == Award.Kind.CONTRIBUTION:
        return []
    return (end_report if agreement.bid.round.asks.end_report else half_years)(agreement.starts, agreement.ends)


def make_returns(*, agreement: Agreement, by: Any) -> list[Return]:
    """Make the returns that are not there yet, with their obligations; open those whose period has ended."""
    periods = periods_of(agreement)
    there = set(agreement.returns.values_list("period_start", flat=True))
    lines = list(agreement.lines.all())
    profile = {line.line_key: profiles(line.amount, periods) for line in lines} if periods else {}
    made = []
    with unit():
        for index, period in enumerate(periods):
            if period.starts in there:
                continue
            case = _make(agreement, period)
            _copy_rows(case, lines, {key: amounts[index] for key, amounts in profile.items()})
            record(case, "scheduled the return", by=by)
            _oblige(case, following=periods[index + 1 :], by=by)
            made.append(case)
        return [open_if_due(case) for case in made]


def open_if_due(case: Return) -> Return:
    """Open a scheduled return whose day has come."""
    if clock.today() < case.opens_on:
        return case
    return perform(case, "open", by=SYSTEM, reason=opening_reason(case)).case


def opening_reason(case: Return) -> str:
    return f"The period ended on {case.period_end:%-d %B %Y}."


def _make(agreement: Agreement, period: Period) -> Return:
    bid = agreement.bid
    version = freeze(bid.round.return_version, clock.now())
    case = Return(
        agreement=agreement,
        file=agreement.file,
        reference=next_part(bid.reference, "R"),
        created_at=clock.now(),
        kind=Return.Kind.END_REPORT if bid.round.asks.end_report else Return.Kind.HALF_YEAR,
        period_start=period.starts,
        period_end=period.ends,
        opens_on=period.opens,
        due=period.due,
        response=Response.objects.create(version=version),
    )
    case.full_clean(exclude=["state"])
    case.save()
    return case


def _copy_rows(case: Return, lines: Sequence[Any], profile: dict[UUID, Decimal]) -> None:
    """The agreement's lines, measures and milestones, each under the key it has had since the bid."""
    ReturnLine.objects.bulk_create(
        ReturnLine(
            case=case,
            line_key=line.line_key,
            category=line.category,
            description=line.description,
            budget=line.amount,
            profile=profile[line.line_key],
            order=line.order,
        )
        for line in lines
    )
    same = ("measure_key", "name", "unit", "direction", "aggregation", "baseline", "baseline_of", "target", "target_of", "order")
    ReturnMeasure.objects.bulk_create(
        ReturnMeasure(case=case, **{name: getattr(measure, name) for name in same}) for measure in case.agreement.measures.all()
    )
    kept = ("milestone_key", "title", "due", "order")
    ReturnMilestone.objects.bulk_create(
        ReturnMilestone(case=case, **{name: getattr(row, name) for name in kept}) for row in case.agreement.milestones.all()
    )


def _oblige(case: Return, *, following: Sequence[Period], by: Any) -> None:
    """What is paid after this return is due, and until the next one is, waits for it (the payments of 21 November and 21 May)."""
    obligation = add_obligation(
        agreement=case.agreement,
        kind=Obligation.Kind.RETURN,
        text=f"{case.get_kind_display()} {case.reference} for {case.period}",
        due=case.due,
        cause_ref=case.reference,
        by=by,
    )
    until = following[0].due if following else None
    for instalment in instalments_after(case.agreement, case.due):
        if until is None or instalment.due <= until:
            depends(instalment, obligation, by=by)
