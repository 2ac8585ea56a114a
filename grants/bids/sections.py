"""The sections of a bid in their order, each with how far it is. The task list, the edit pages and "what comes next" read this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from casework.forms.words import lower_first
from grants.bids.completeness import REQUEST, Problem
from grants.rounds.files import asked_labels
from questionnaires.engine import Item
from questionnaires.forms import sections_in
from questionnaires.models import Section

COMPLETED, WRONG, BEGUN, NOT_YET = "Completed", "There is a problem", "In progress", "Not yet started"
OPTIONAL = "Optional"
MAY_BE_EMPTY = ("partners", "risks")
"""Sections that a bid can do without; an advice says where a reader would miss them."""
ATTACHMENTS = "attachments"


@dataclass(frozen=True)
class Task:
    """A row of the task list; `url` is empty for somebody who only reads."""

    key: str
    title: str
    hint: str
    url: str
    status: str


def every_section(bid: Any) -> list[tuple[str, str]]:
    """Key and title of every section, in order; all of its own questions, asked or not. One query at most."""
    if bid.round.asks.one_page:
        return [(REQUEST, "Your request"), (ATTACHMENTS, "Attachments")]
    asked = Section.objects.filter(version__responses=bid.response_id).order_by("order", "pk").values_list("key", "title")
    questions = [(f"questions/{key}", title) for key, title in asked]
    return [
        ("details", "Details"),
        ("outcomes", "Outcomes and areas"),
        *questions,
        ("budget", "Budget"),
        ("measures", "Measures"),
        ("milestones", "Milestones"),
        ("partners", "Partners"),
        ("risks", "Risks"),
        (ATTACHMENTS, "Attachments"),
    ]


def has_section(bid: Any, key: str) -> bool:
    """Whether a bid of its tier has such a page; which questions it asks is another matter."""
    return key == ATTACHMENTS or (key == REQUEST) == bid.round.asks.one_page


def tasks(
    bid: Any,
    items: Sequence[Item],
    problems: Sequence[Problem],
    *,
    files: int,
    may_edit: bool,
    opened: frozenset[str] | None = None,
    prefix: str = "",
) -> list[Task]:
    """Every section with its status, of a bid read with its facts. `opened`: the sections that may be changed, None for all."""
    base = f"{bid.get_absolute_url()}{prefix}"
    rows = _one_page(bid) if bid.round.asks.one_page else _sections(bid, items)
    found = [Task(key, title, hint, f"{base}{key}/", _status(key, begun, problems)) for key, title, hint, begun in rows]
    attached = f"{files} file{'' if files == 1 else 's'} attached" if files else _wanted(bid)
    free = COMPLETED if files else OPTIONAL
    judged = bid.round.required_files or bid.fact_infected
    status = _status(ATTACHMENTS, files > 0, problems) if judged else free
    found.append(Task(ATTACHMENTS, "Attachments", attached, f"{base}{ATTACHMENTS}/", status))
    if not may_edit:
        return [replace(task, url="") for task in found]
    return found if opened is None else [_asked_for(task, opened) for task in found]


def _one_page(bid: Any) -> list[tuple[str, str, str, bool]]:
    return [(REQUEST, "Your request", "Everything on one page", bool(bid.starts or bid.amount_requested))]


def _sections(bid: Any, items: Sequence[Item]) -> list[tuple[str, str, str, bool]]:
    return [
        (
            "details",
            "Details",
            "Title, dates, accountable body and amount",
            bool(bid.category or bid.starts or bid.amount_requested),
        ),
        ("outcomes", "Outcomes and areas", "What the bid serves, and where", bool(bid.fact_outcomes or bid.fact_areas)),
        *_questions(items),
        ("budget", "Budget", "What is asked for and the match beside it", bid.fact_lines > 0),
        ("measures", "Measures", "How you will show what changed", bid.fact_measures > 0),
        ("milestones", "Milestones", "What will have happened by when", bid.fact_milestones > 0),
        ("partners", "Partners", "Who works with you, and what each brings", bid.fact_partners > 0),
        ("risks", "Risks", "What could go wrong, and what you do about it", bid.fact_risks > 0),
    ]


def _wanted(bid: Any) -> str:
    """What could be attached, or what the round asks for."""
    asked = asked_labels(bid.round.required_files)
    return (
        ", ".join(label if number == 0 else lower_first(label) for number, label in enumerate(asked))
        or "Evidence, quotes or letters"
    )


def _asked_for(task: Task, opened: frozenset[str]) -> Task:
    """Of a bid that came back: what the office asked to be changed, and what stays as it was submitted."""
    if task.key in opened:
        return replace(task, hint="The office asked for a change here")
    return replace(task, url="", hint="Stays as it was submitted")


def _questions(items: Sequence[Item]) -> list[tuple[str, str, str, bool]]:
    rows = []
    for key, title in sections_in(items).items():
        own = [item for item in items if item.section.key == key]
        hint = f"{len(own)} question{'' if len(own) == 1 else 's'}"
        rows.append((f"questions/{key}", title, hint, any(item.answered for item in own)))
    return rows


def _status(key: str, begun: bool, problems: Sequence[Problem]) -> str:
    own = [problem for problem in problems if problem.section == key]
    if any(problem.wrong for problem in own):
        return WRONG
    if not own:
        return COMPLETED if begun or key not in MAY_BE_EMPTY else OPTIONAL
    return BEGUN if begun else NOT_YET


def following(bid: Any, key: str, opened: frozenset[str] | None = None) -> str:
    """The address, below the bid's own, of the section after this one that may be changed; after the last, the check page."""
    order = [each for each, _ in every_section(bid)]
    onward = (each for each in order[order.index(key) + 1 :] if opened is None or each in opened)
    return f"{next(onward, 'check')}/"
