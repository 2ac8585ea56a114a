"""The periods a grant reports on, when each return opens and when it is due. The one place where these dates are decided.

Grants are monitored twice a year (report to the Police and Crime Panel, September 2018, 6.19). The dates follow a commissioner's
three-year community safety grant, 2017 to 2020: 1 April to 30 September is due on 31 October, 1 October to 31 March on 30 April.
A small grant reports once, thirty days after it ends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from casework.money import ZERO, allocate

END_REPORT_DAYS = 30


@dataclass(frozen=True)
class Period:
    """First and last day reported on, and the last day on which the return is in time."""

    starts: dt.date
    ends: dt.date
    due: dt.date

    @property
    def opens(self) -> dt.date:
        """A return can be written once there is nothing more to happen in its period."""
        return self.ends + dt.timedelta(days=1)

    @property
    def days(self) -> int:
        return (self.ends - self.starts).days + 1


def half_years(starts: dt.date, ends: dt.date) -> list[Period]:
    """The half-years that a grant between two dates touches, clipped to its dates; the due dates stay those of the half-year."""
    periods = []
    day = starts
    while day <= ends:
        last, due = _half_of(day)
        periods.append(Period(day, min(last, ends), due))
        day = last + dt.timedelta(days=1)
    return periods


def _half_of(day: dt.date) -> tuple[dt.date, dt.date]:
    """Last day and due date of the half-year in which a day falls."""
    if 4 <= day.month <= 9:
        return dt.date(day.year, 9, 30), dt.date(day.year, 10, 31)
    year = day.year + 1 if day.month >= 10 else day.year
    return dt.date(year, 3, 31), dt.date(year, 4, 30)


def end_report(starts: dt.date, ends: dt.date) -> list[Period]:
    """The one period of a small grant: all of it."""
    return [Period(starts, ends, ends + dt.timedelta(days=END_REPORT_DAYS))]


def profiles(amount: Decimal, periods: Sequence[Period]) -> list[Decimal]:
    """What is expected to be spent by the end of each period: evenly by days, to the penny, the whole amount at the end."""
    shares = allocate(amount, [period.days for period in periods])
    spent, expected = ZERO, []
    for share in shares:
        spent += share
        expected.append(spent)
    return expected
