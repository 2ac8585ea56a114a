"""What a return still needs before it can be certified, part by part: the task list and the refusal say the same sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from casework.documents.models import Scan, documents_of
from monitoring.returns.content import Content, content_of
from monitoring.returns.facts import return_facts
from monitoring.returns.models import Return
from questionnaires.judging import judge

COMPLETED, IN_PROGRESS, NOT_STARTED = "Completed", "In progress", "Not yet started"


@dataclass(frozen=True)
class Part:
    """A part of the return and its page. `problems` are sentences; `begun` says whether anything was entered."""

    title: str
    path: str
    problems: Sequence[str]
    begun: bool
    optional: bool = False
    hint: str = ""


@dataclass
class Task:
    """A part as the task list draws it."""

    title: str
    url: str
    status: str
    hint: str = ""
    problems: Sequence[str] = field(default_factory=list)


def parts_of(case: Return) -> list[Part]:
    """Every part of a return, in the order in which it is filled in."""
    content = content_of(case)
    found = [make(case, content) for make in _PARTS]
    if content.queries:
        found.insert(0, _answers(case, content))
    return found


def missing(case: Return) -> list[str]:
    """A sentence for everything that stands against certifying."""
    return [sentence for part in parts_of(case) for sentence in part.problems]


def tasks_of(case: Return) -> list[Task]:
    """The task list."""
    return [
        Task(part.title, f"{case.get_absolute_url()}{part.path}/", _status(part), part.hint, part.problems)
        for part in parts_of(case)
    ]


def _status(part: Part) -> str:
    if part.problems:
        return IN_PROGRESS if part.begun else NOT_STARTED
    return "Optional" if part.optional and not part.begun else COMPLETED


def _half(content: Content, part: str, rows: Sequence[Any]) -> list[str]:
    """Rows that are only partly filled in."""
    half = content.half(part)
    return [f"Finish what you entered for “{row}”" for row in rows if row.pk in half]


def _spending(case: Return, content: Content) -> Part:
    problems = _half(content, "spend", content.lines)
    for line in content.lines:
        if line.actual is None:
            problems.append(f"Enter what was spent on “{line.description}”")
        elif line.forecast is None:
            problems.append(f"Enter the forecast for “{line.description}”")
        elif line.unexplained:
            problems.append(f"Explain the variance on “{line.description}”: it is 10% or more of the profile")
    return Part("Spending", "spend", problems, any(line.actual is not None for line in content.lines))


def _measures(case: Return, content: Content) -> Part:
    half = content.half("measures")
    problems = [
        f"Enter a figure for “{measure.name}”, or say why there is none"
        for measure in content.measures
        if measure.value is None and not measure.comment.strip() and measure.pk not in half
    ]
    begun = bool(half) or len(problems) < len(content.measures)
    return Part("Measures", "measures", [*_half(content, "measures", content.measures), *problems], begun)


def _milestones(case: Return, content: Content) -> Part:
    """A milestone that fell due in or before the period is either reached or has a new date and a reason."""
    half = content.half("milestones")
    due = [milestone for milestone in content.still_open if milestone.due <= case.period_end]
    problems = [
        f"Say when “{milestone.title}” was reached, or give its new date and the reason"
        for milestone in due
        if milestone.done_on is None and milestone.expected_on is None and milestone.pk not in half
    ]
    begun = bool(half) or any(row.done_on or row.expected_on for row in content.still_open)
    problems = [*_half(content, "milestones", content.still_open), *problems]
    return Part("Milestones", "milestones", problems, begun, optional=not due)


def _narrative(case: Return, content: Content) -> Part:
    problems = [problem.sentence for problem in judge(content.items, return_facts(case))]
    return Part("What happened", "narrative", problems, any(item.answered for item in content.items))


def _evidence(case: Return, content: Content) -> Part:
    """Optional, but the end report of a small grant comes with its receipts."""
    needed = case.kind == Return.Kind.END_REPORT
    attached = documents_of(case).exclude(scan=Scan.INFECTED).exists() if needed else False
    problems = [] if attached or not needed else ["Attach the receipts"]
    hint = "" if needed else "You can add files that show what was done"
    return Part("Evidence", "attachments", problems, attached, optional=not needed, hint=hint)


def _answers(case: Return, content: Content) -> Part:
    waiting = content.unanswered
    return Part("The office’s question", "reply", ["Answer the office’s question"] if waiting else [], not waiting)


_PARTS: tuple[Callable[[Return, Content], Part], ...] = (_spending, _measures, _milestones, _narrative, _evidence)
