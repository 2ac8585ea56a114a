"""The sections of a bid in their order, each with how far it is. The task list, the edit pages and "what comes next" read this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grants.bids.completeness import Problem
from questionnaires.engine import Item
from questionnaires.forms import sections_in

COMPLETED, WRONG, BEGUN, NOT_YET = "Completed", "There is a problem", "In progress", "Not yet started"
OPTIONAL = "Optional"


@dataclass(frozen=True)
class Task:
    """A row of the task list; `url` is empty for somebody who only reads."""

    key: str
    title: str
    hint: str
    url: str
    status: str


def tasks(
    bid: Any, items: Sequence[Item], problems: Sequence[Problem], *, files: int, may_edit: bool, prefix: str = ""
) -> list[Task]:
    """Every section with its status, of a bid read with its facts."""
    rows = [
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
    ]
    base = f"{bid.get_absolute_url()}{prefix}"
    found = [
        Task(key, title, hint, f"{base}{key}/" if may_edit else "", _status(key, begun, problems))
        for key, title, hint, begun in rows
    ]
    attached = f"{files} file{'' if files == 1 else 's'} attached" if files else "Evidence, quotes or letters"
    files_url = f"{base}attachments/" if may_edit else ""
    return [*found, Task("attachments", "Attachments", attached, files_url, COMPLETED if files else OPTIONAL)]


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
        return COMPLETED
    return BEGUN if begun else NOT_YET


def following(key: str, section_keys: Sequence[str]) -> str:
    """The address, below the bid's own, of the section after this one; after the last, the check page."""
    order = [
        "details",
        "outcomes",
        *(f"questions/{each}" for each in section_keys),
        "budget",
        "measures",
        "milestones",
        "attachments",
    ]
    place = order.index(key) + 1
    return f"{order[place]}/" if place < len(order) else "check/"
