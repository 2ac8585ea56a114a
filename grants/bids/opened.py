"""What may be changed in a bid that the office returned: the sections it named, and whatever else now stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grants.bids.completeness import Problem, problems
from grants.bids.models import Bid
from grants.bids.models_parts import BidReturn
from grants.bids.sections import every_section
from grants.bids.states import BidState


def asked_changes(bid: Bid) -> BidReturn | None:
    """What the office asked for, while the bid is with its writers because of it."""
    return bid.asked_changes.select_related("by").last() if bid.state == BidState.RETURNED else None


def opened(bid: Bid, found: Sequence[Problem] | None = None) -> frozenset[str] | None:
    """The keys of the sections that may be changed; None where all may.

    A section that keeps the bid from being submitted is open too: a signatory may have left since, and nobody could go on.
    """
    asked = asked_changes(bid)
    if asked is None or not asked.sections:
        return None
    return frozenset(asked.sections) | {problem.section for problem in (problems(bid) if found is None else found)}


def is_open(key: str, keys: frozenset[str] | None) -> bool:
    return keys is None or key in keys


def closed_sections(bid: Bid, keys: frozenset[str] | None) -> list[str]:
    """The keys of the sections that stay as they were submitted."""
    return [] if keys is None else [key for key, _ in every_section(bid) if key not in keys]


def closed_sentence(bid: Bid, key: str) -> str:
    """Why this section may not be changed now; "" when it may."""
    asked = asked_changes(bid)
    if asked is None or not asked.sections or key in asked.sections or key in (opened(bid) or ()):
        return ""
    return f"The office asked for changes to {titles(bid, asked.sections)} only, so this section stays as it was submitted."


def titles(bid: Bid, keys: Iterable[str]) -> str:
    """The sections by name, in the order of the bid: “Details”, “Budget” and “Measures”."""
    wanted = set(keys)
    *others, last = [f"“{title}”" for key, title in every_section(bid) if key in wanted] or [""]
    return f"{', '.join(others)} and {last}" if others else last
