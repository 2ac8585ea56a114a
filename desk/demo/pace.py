"""When each step of a bid's story falls: by its round's dates, or by the day on which it arrives where the round is rolling."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from casework import clock
from desk.demo.calendar import Calendar, first_of_next_month
from desk.demo.stage import Row


@dataclass(frozen=True)
class Pace:
    """Days on which the steps are taken; `spread` keeps two bids from moving in the same minute."""

    begun: dt.date
    submitted: dt.date
    assigned: dt.date
    scored: dt.date
    moderated: dt.date
    recommended: dt.date
    decided: dt.date
    published: dt.date
    proposed: dt.date
    agreed: dt.date
    issued: dt.date
    accepted: dt.date
    signed: dt.date
    spread: int

    def at(self, step: str, hour: int) -> dt.datetime:
        return clock.london(getattr(self, step), hour, self.spread * 7 % 60)


def windowed(calendar: Calendar, round_row: Row, row: Row, spread: int) -> Pace:
    """All bids of a round are assessed together after it closes, and decided on one day."""
    opens, closes = calendar.date(round_row["opens"]), calendar.date(round_row["closes"])
    decided = calendar.date(round_row["decided"])
    open_now = closes >= calendar.today
    usual = calendar.days(-1 - spread % 9) if open_now else _before(closes, 1 + spread % 6)
    submitted = calendar.date(row["submitted"]) if "submitted" in row else usual
    return _after_decision(
        decided,
        begun=min(opens + dt.timedelta(days=1 + spread % 9), submitted),
        submitted=submitted,
        assigned=_before(closes, -1),
        scored=_before(closes, -5 - spread % 6),
        moderated=_before(closes, -17),
        recommended=_before(decided, 6),
        published=_before(decided, -2),
        spread=spread,
    )


def rolling(submitted: dt.date, spread: int) -> Pace:
    """A small bid is answered within two weeks of its arrival."""
    return _after_decision(
        _before(submitted, -8),
        begun=_before(submitted, 5),
        submitted=submitted,
        assigned=_before(submitted, -1),
        scored=_before(submitted, -3),
        moderated=_before(submitted, -4),
        recommended=_before(submitted, -6),
        published=_before(submitted, -9),
        spread=spread,
    )


def _after_decision(decided: dt.date, *, published: dt.date, spread: int, **earlier: dt.date) -> Pace:
    return Pace(
        decided=decided,
        published=published,
        proposed=_before(published, -2),
        agreed=_before(published, -3),
        issued=_before(published, -4),
        accepted=_before(published, -5),
        signed=_before(published, -6),
        spread=spread,
        **earlier,
    )


def _before(day: dt.date, days: int) -> dt.date:
    return day - dt.timedelta(days=days)


def term(calendar: Calendar, round_row: Row, row: Row) -> tuple[dt.date, dt.date]:
    """First and last day of a bid's project (see `starts` in fixtures/README.md)."""
    if isinstance(row["starts"], dict) and "days" in row["starts"]:
        year_begins, _ = clock.year_bounds(calendar.year(round_row["year"]))
        starts = max(first_of_next_month(calendar.date(row["starts"])), year_begins)
    else:
        starts = calendar.date(row["starts"])
    if row["ends"] != "year_end":
        return starts, calendar.date(row["ends"])
    return starts, clock.year_bounds(clock.financial_year(starts))[1]
