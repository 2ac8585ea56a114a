"""Moments of the seed facts, which move with the day on which the demonstration is played."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from casework import clock

Spec = Any  # an ISO date, {fy, day, at} or {days, at}: see fixtures/README.md


@dataclass(frozen=True)
class Calendar:
    """Turns a moment of the fixtures into one of the clock's."""

    now: dt.datetime

    @property
    def today(self) -> dt.date:
        return clock.local_date(self.now)

    def year(self, spec: int | dict[str, int]) -> int:
        """A financial year: so many from the present one, or the one in which today plus so many days falls."""
        if isinstance(spec, dict):
            return clock.financial_year(self.days(spec["days"]))
        return clock.financial_year(self.today) + spec

    def days(self, number: int) -> dt.date:
        return self.today + dt.timedelta(days=number)

    def date(self, spec: Spec) -> dt.date:
        if isinstance(spec, dt.date):
            return spec
        if "days" in spec:
            return self.days(spec["days"])
        month, day = map(int, spec["day"].split("-"))
        year = self.year(spec["fy"])
        return dt.date(year if month >= 4 else year + 1, month, day)

    def moment(self, spec: Spec, hour: int = 10, minute: int = 0) -> dt.datetime:
        """The London moment; `at` in the fact says the time of day, else the given one."""
        if isinstance(spec, dict) and "at" in spec:
            hour, minute = map(int, spec["at"].split(":"))
        return clock.london(self.date(spec), hour, minute)

    def not_later(self, moment: dt.datetime) -> dt.datetime:
        """Nothing of the demonstration happens after the moment at which it is played."""
        return min(moment, self.now)

    def recently(self, days: int, *, after: dt.date, hour: int = 10, minute: int = 0) -> dt.datetime:
        """So many days ago, but not before a day began: what is in hand just now is fresh whatever today is."""
        chosen = clock.london(self.days(-days), hour, minute)
        return self.not_later(max(chosen, clock.london(after, 0, 5)))


def first_of_next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def months_after(day: dt.date, number: int) -> dt.date:
    """The last day of so many whole months from a day: what "by month 6" means to somebody who starts on the 1st."""
    months = day.year * 12 + day.month - 1 + number
    return (
        dt.date(months // 12, months % 12 + 1, 1) - dt.timedelta(days=1)
        if day.day == 1
        else dt.date(months // 12, months % 12 + 1, min(day.day, 28))
    )
