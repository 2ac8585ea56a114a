"""What every story has at hand: the facts, the calendar, the people, and what other stories have made so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from desk.demo.calendar import Calendar
from desk.demo.cast import Cast
from desk.demo.facts import Facts
from desk.demo.script import Script
from desk.demo.setting import Setting
from grants.models import Bid, Round

Row = dict[str, Any]


@dataclass
class Stage:
    """`rounds` and `bids` by their keys in the fixtures, as they were last changed."""

    facts: Facts
    calendar: Calendar
    script: Script
    cast: Cast = field(default_factory=Cast)
    setting: Setting = field(default_factory=Setting)
    rounds: dict[str, Round] = field(default_factory=dict)
    bids: dict[str, Bid] = field(default_factory=dict)

    def round_facts(self, key: str) -> Row:
        return next(row for row in self.facts["rounds"]["rounds"] if row["key"] == key)
