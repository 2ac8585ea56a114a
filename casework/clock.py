"""The only source of "now" and "today".

Dates of law and money are Europe/London local dates: half past midnight in summer time on 1 April already belongs to the new
financial year although it is still 31 March in UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Of the financial years that people may name; dates end in the year 9999."""
_pinned: ContextVar[dt.datetime | None] = ContextVar("pinned_moment", default=None)
_arrived: ContextVar[dt.datetime | None] = ContextVar("request_arrived", default=None)


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return _pinned.get() or dt.datetime.now(dt.UTC)


def arrived() -> dt.datetime:
    """When the request now served arrived; outside a request, now. Closing moments are compared with it."""
    return _arrived.get() or now()


@contextmanager
def request_arrived() -> Iterator[dt.datetime]:
    """Remember this moment as the arrival of a request while it is served."""
    moment = now()
    token = _arrived.set(moment)
    try:
        yield moment
    finally:
        _arrived.reset(token)


def today() -> dt.date:
    """The local date in London."""
    return local_date(now())


def local_date(moment: dt.datetime) -> dt.date:
    """The London date on which an aware moment falls."""
    return moment.astimezone(LONDON).date()


def london(date: dt.date, hour: int = 0, minute: int = 0) -> dt.datetime:
    """The aware moment at that London wall-clock time."""
    return dt.datetime.combine(date, dt.time(hour, minute), tzinfo=LONDON)


@contextmanager
def at(moment: dt.datetime | dt.date) -> Iterator[dt.datetime]:
    """Pin the clock; for the demonstration script and tests alone. A bare date means noon in London."""
    pinned = moment if isinstance(moment, dt.datetime) else london(moment, 12)
    if pinned.tzinfo is None:
        raise ValueError("The clock is pinned to aware moments only.")
    token = _pinned.set(pinned.astimezone(dt.UTC))
    try:
        yield pinned
    finally:
        _pinned.reset(token)


def financial_year(date: dt.date) -> int:
    """The calendar year in which the financial year of this date begins (1 April): 2026 stands for 2026-27."""
    return date.year if date >= dt.date(date.year, 4, 1) else date.year - 1


def year_label(year: int) -> str:
    """2026 → "2026-27"."""
    return f"{year}-{(year + 1) % 100:02d}"


def year_from_label(label: str) -> int:
    """ "2026-27" → 2026; anything else is a ValueError with a sentence."""
    head, dash, tail = label.partition("-")
    known = dash and head.isascii() and head.isdigit() and len(head) == 4 and FIRST_YEAR <= int(head) <= LAST_YEAR
    if not (known and tail == f"{(int(head) + 1) % 100:02d}"):
        raise ValueError(f"“{label}” is not a financial year. Write it like 2026-27.")
    return int(head)


def year_bounds(year: int) -> tuple[dt.date, dt.date]:
    """First and last day of a financial year."""
    return dt.date(year, 4, 1), dt.date(year + 1, 3, 31)
