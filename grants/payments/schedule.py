"""When an award is paid unless the office decides otherwise: in halves, the later ones after the report on the half-year before.

Dates follow a commissioner's three-year community safety grant, 2017 to 2020: the report on 1 April to 30 September frees a payment
on 21 November, the report on 1 October to 31 March one on 21 May. A small grant is paid once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from casework.money import allocate

PAY_DAY = 21


@dataclass(frozen=True)
class Proposal:
    """One instalment: which of the award's years it is drawn on (counted from 0), when it is due and how much."""

    place: int
    due: dt.date
    amount: Decimal


def propose(*, years: Sequence[tuple[int, Decimal]], starts: dt.date, today: dt.date, small: bool) -> list[Proposal]:
    """The instalments of an award of so much for each financial year; `years` in order, one twice where two accounts pay it."""
    first = first_payment(starts, today)
    if small:
        paid = [(place, year, amount) for place, (year, amount) in enumerate(years) if amount]
        return [Proposal(place, max(first, dt.date(year, 4, 1)), amount) for place, year, amount in paid]
    found = []
    for place, (year, amount) in enumerate(years):
        later = year > years[0][0]
        dates = (dt.date(year, 5, PAY_DAY), dt.date(year, 11, PAY_DAY)) if later else (first, payment_after(first))
        halves = [half for half in allocate(amount, [1, 1]) if half]
        found += [Proposal(place, due, half) for due, half in zip(dates, halves, strict=False)]
    return found


def first_payment(starts: dt.date, today: dt.date) -> dt.date:
    """On the day the project starts; when that has passed, on the first of next month."""
    if starts > today:
        return starts
    return dt.date(today.year + today.month // 12, today.month % 12 + 1, 1)


def payment_after(day: dt.date) -> dt.date:
    """The payment that follows the report on the half-year in which a day falls."""
    if 4 <= day.month <= 9:
        return dt.date(day.year, 11, PAY_DAY)
    return dt.date(day.year + 1 if day.month >= 10 else day.year, 5, PAY_DAY)
