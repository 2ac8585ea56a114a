"""What a case tells its questions without being asked, such as the amount that a bid requests.

This floor does not know bids. A room above offers the names here, and passes the values wherever it has questions judged. An offered
fact stands in a condition like a question: {"question": "bid.amount_requested", "op": "more than", "value": 5000}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Facts = Mapping[str, Any]
"""Values by name, kept as an answer of the fact's kind is kept; one that is not known yet is None."""
NONE: Facts = {}


class Later(Mapping[str, Any]):
    """Facts that are read when a rule first looks at one: most sets look at none, and reading them can cost queries."""

    def __init__(self, read: Callable[[], Facts]) -> None:
        self._read = read

    @cached_property
    def _facts(self) -> Facts:
        return self._read()

    def __getitem__(self, key: str) -> Any:
        return self._facts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


@dataclass(frozen=True)
class Fact:
    """`key` has a dot, which no question's key can have; `kind` is a kind of question."""

    key: str
    text: str
    kind: str
    choices: tuple[str, ...] = ()


_offered: dict[str, Fact] = {}


def offer_fact(fact: Fact) -> None:
    """Make a fact known to conditions and to the page that builds them."""
    if "." not in fact.key:
        raise ValueError(f"{fact.key} could be the key of a question.")
    _offered[fact.key] = fact


def offered_facts() -> dict[str, Fact]:
    return dict(_offered)
