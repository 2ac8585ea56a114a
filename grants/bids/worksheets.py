"""The questions of a bid as a worksheet: what a filled one would change, and taking that over.

Nothing is taken unseen. Whoever fills in a worksheet may do so for a week, and a colleague may have written here meanwhile: the worksheet
carries the versions of its sections, and a section that was saved since is taken only when the person chooses so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.workflow import unit
from grants.bids.models import Bid
from grants.bids.models_parts import BidSection, version_of
from grants.bids.services import save_answers
from questionnaires.engine import Item, Values, every_item, told
from questionnaires.forms import with_typed
from questionnaires.models import Section
from questionnaires.worksheet_reading import Reading


@dataclass(frozen=True)
class Answer:
    """A question with both texts."""

    question: str
    now: str
    then: str


@dataclass(frozen=True)
class Change:
    """A section in which the worksheet says something else; `saved` is who saved it here after the worksheet was downloaded."""

    section: Section
    version: int
    values: Values
    answers: Sequence[Answer]
    saved: BidSection | None = None


def base_of(bid: Bid) -> str:
    """The versions of the bid's sections today, for the worksheet to carry."""
    return json.dumps({row.key: row.version for row in bid.saved_sections.all()})


def _versions_in(base: str) -> dict[str, int]:
    """What a file says of itself; nothing of it is trusted but for what is ticked at first."""
    try:
        found = json.loads(base)
    except ValueError:
        return {}
    return {str(key): value for key, value in found.items() if isinstance(value, int)} if isinstance(found, dict) else {}


def changes_in(bid: Bid, reading: Reading) -> list[Change]:
    """Section by section, what a worksheet says otherwise than the bid; in the order of the form. Three queries."""
    items = every_item(bid.response)
    saved = {row.key: row for row in bid.saved_sections.select_related("saved_by")}
    filled_from = _versions_in(reading.base)
    found = []
    for section, values in reading.answers.items():
        now = [item for item in items if item.section.key == section.key]
        then = [item for item in with_typed(items, section.key, values) if item.section.key == section.key]
        if answers := _differences(now, then):
            row = saved.get(f"questions/{section.key}")
            version = version_of(row)
            newer = row if version > filled_from.get(f"questions/{section.key}", 1) else None
            found.append(Change(section, version, values, answers, newer))
    return found


def _differences(now: Sequence[Item], then: Sequence[Item]) -> list[Answer]:
    before = {(item.row, item.question.key): text.answer for item, text in zip(now, told(now), strict=True)}
    names = {(item.row, item.question.key): item.name for item in [*now, *then]}
    after = {(item.row, item.question.key): text.answer for item, text in zip(then, told(then), strict=True)}
    return [
        Answer(name, before.get(place, ""), after.get(place, ""))
        for place, name in names.items()
        if before.get(place, "") != after.get(place, "")
    ]


def take(*, bid: Bid, chosen: Mapping[str, tuple[int, Values]], by: Any) -> int:
    """Keep the answers of the chosen sections, {key: (the version that was compared with, answers)}, all or none; how many sections."""
    sections = {section.key: section for section in Section.objects.filter(version=bid.response.version_id)}
    with unit():
        for key, (version, values) in chosen.items():
            save_answers(bid=bid, by=by, version=version, section=sections[key], values=values)
    return len(chosen)
