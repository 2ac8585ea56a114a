"""Which buttons a case's page shows this person, and why one is not there yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from casework.workflow.case import Case, definition, transitions_of
from casework.workflow.perform import permitted, refusals


@dataclass(frozen=True)
class Option:
    """A step this person's role may take from here; `why` holds the sentences that stand against it now."""

    name: str
    label: str
    url: str
    allowed: bool
    why: Sequence[str]
    danger: bool


def options(case: Case, by: Any) -> list[Option]:
    """The steps offered from the present state, dangerous ones last."""
    found = []
    for name, method in transitions_of(type(case)).items():
        step = definition(method, case.state)
        if step is None or not step.custom["offered"] or not permitted(case, step, by):
            continue
        why = refusals(case, name, step, by)
        url = f"{case.get_absolute_url()}{name.replace('_', '-')}/"
        found.append(Option(name, step.custom["label"], url, not why, why, step.custom["danger"]))
    return sorted(found, key=lambda option: (option.danger, option.label))
