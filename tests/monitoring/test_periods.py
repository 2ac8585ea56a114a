"""The dates of returns, worked out by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from monitoring.schedule.periods import end_report, half_years, profiles
from monitoring.schedule.reminders import reminder_for

D = dt.date


def told(starts: dt.date, ends: dt.date) -> list[tuple[dt.date, dt.date, dt.date, dt.date]]:
    return [(period.starts, period.ends, period.opens, period.due) for period in half_years(starts, ends)]


def test_a_financial_year_has_two_half_years() -> None:
    assert told(D(2026, 4, 1), D(2027, 3, 31)) == [
        (D(2026, 4, 1), D(2026, 9, 30), D(2026, 10, 1), D(2026, 10, 31)),
        (D(2026, 10, 1), D(2027, 3, 31), D(2027, 4, 1), D(2027, 4, 30)),
    ]


def test_a_grant_that_begins_in_the_middle_is_clipped_and_keeps_the_due_dates() -> None:
    assert told(D(2026, 7, 15), D(2027, 6, 30)) == [
        (D(2026, 7, 15), D(2026, 9, 30), D(2026, 10, 1), D(2026, 10, 31)),
        (D(2026, 10, 1), D(2027, 3, 31), D(2027, 4, 1), D(2027, 4, 30)),
        (D(2027, 4, 1), D(2027, 6, 30), D(2027, 7, 1), D(2027, 10, 31)),
    ]


def test_a_grant_of_january_and_february_ends_on_the_29th() -> None:
    assert told(D(2028, 1, 1), D(2028, 2, 29)) == [(D(2028, 1, 1), D(2028, 2, 29), D(2028, 3, 1), D(2028, 4, 30))]


@pytest.mark.parametrize("last", [D(2026, 9, 30), D(2027, 3, 31)])
def test_a_grant_that_ends_with_a_half_year_has_no_empty_one_after_it(last: dt.date) -> None:
    assert half_years(D(2026, 4, 1), last)[-1].ends == last


def test_one_day_at_the_turn_of_the_half_year_is_a_period_of_one_day() -> None:
    periods = half_years(D(2026, 9, 30), D(2026, 12, 31))
    assert [(period.starts, period.ends, period.days) for period in periods] == [
        (D(2026, 9, 30), D(2026, 9, 30), 1),
        (D(2026, 10, 1), D(2026, 12, 31), 92),
    ]


def test_three_years_have_six_half_years_one_after_the_other() -> None:
    periods = half_years(D(2026, 4, 1), D(2029, 3, 31))
    assert len(periods) == 6
    assert [after.starts for after in periods[1:]] == [before.opens for before in periods[:-1]]


def test_a_small_grant_reports_once_thirty_days_after_its_end() -> None:
    (period,) = end_report(D(2027, 11, 1), D(2028, 2, 29))
    assert (period.starts, period.ends, period.opens, period.due) == (
        D(2027, 11, 1),
        D(2028, 2, 29),
        D(2028, 3, 1),
        D(2028, 3, 30),
    )


def test_the_profile_runs_evenly_by_days_and_ends_with_the_whole_amount() -> None:
    """183 of 365 days of £1,000 are £501.37 (501.3698…)."""
    periods = half_years(D(2026, 4, 1), D(2027, 3, 31))
    assert profiles(Decimal("1000.00"), periods) == [Decimal("501.37"), Decimal("1000.00")]
    assert profiles(Decimal("0.00"), periods) == [Decimal("0.00"), Decimal("0.00")]


@pytest.mark.parametrize(
    ("today", "offset"),
    [
        (D(2026, 10, 16), None),
        (D(2026, 10, 17), -14),
        (D(2026, 10, 28), -14),
        (D(2026, 10, 29), -2),
        (D(2026, 10, 31), 0),
        (D(2026, 11, 6), 0),
        (D(2026, 11, 7), 7),
        (D(2026, 12, 4), 7),
        (D(2026, 12, 5), 35),
        (D(2027, 1, 2), 63),
    ],
)
def test_reminders_come_before_on_and_after_the_due_date(today: dt.date, offset: int | None) -> None:
    assert reminder_for(D(2026, 10, 31), today) == offset
