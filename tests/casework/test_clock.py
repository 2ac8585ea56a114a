"""Dates of law and money are London dates, and the financial year turns on 1 April there."""

import datetime as dt

import pytest

from casework import clock

UTC = dt.UTC


@pytest.mark.parametrize(
    ("moment", "day", "year"),
    [
        # Summer time began on 29 March 2026: half past midnight on 1 April in London is still 31 March in UTC.
        (dt.datetime(2026, 3, 31, 23, 30, tzinfo=UTC), dt.date(2026, 4, 1), 2026),
        (dt.datetime(2026, 3, 31, 22, 59, tzinfo=UTC), dt.date(2026, 3, 31), 2025),
        (dt.datetime(2026, 3, 31, 23, 0, tzinfo=UTC), dt.date(2026, 4, 1), 2026),
        (dt.datetime(2026, 12, 31, 23, 30, tzinfo=UTC), dt.date(2026, 12, 31), 2026),
        # In 2024 Easter and summer time both came on 31 March.
        (dt.datetime(2024, 3, 31, 0, 30, tzinfo=UTC), dt.date(2024, 3, 31), 2023),
        (dt.datetime(2024, 2, 29, 12, 0, tzinfo=UTC), dt.date(2024, 2, 29), 2023),
    ],
)
def test_the_financial_year_of_a_moment(moment, day, year):
    with clock.at(moment):
        assert clock.today() == day
        assert clock.financial_year(clock.today()) == year


def test_a_year_and_its_label():
    assert clock.year_label(2026) == "2026-27"
    assert clock.year_label(1999) == "1999-00"
    assert clock.year_from_label("2026-27") == 2026
    assert clock.year_bounds(2026) == (dt.date(2026, 4, 1), dt.date(2027, 3, 31))


@pytest.mark.parametrize("label", ["2026", "2026-28", "26-27", "2026/27", "٢٠٢٦-27", "", "9999-00", "0001-02"])
def test_what_is_no_year_is_refused_with_a_sentence(label):
    with pytest.raises(ValueError, match="Write it like 2026-27"):
        clock.year_from_label(label)


def test_a_pinned_clock_is_let_go_again():
    with clock.at(dt.date(2020, 2, 29)) as moment:
        assert clock.now() == moment
        assert clock.now() == dt.datetime(2020, 2, 29, 12, tzinfo=UTC)
        with clock.at(dt.date(2020, 7, 1)):
            assert clock.now() == dt.datetime(2020, 7, 1, 11, tzinfo=UTC)
        assert clock.today() == dt.date(2020, 2, 29)
    assert clock.today() > dt.date(2024, 1, 1)


def test_the_clock_takes_aware_moments_only():
    with pytest.raises(ValueError, match="aware"), clock.at(dt.datetime(2026, 1, 1)):  # noqa: DTZ001 - what is refused
        pass


def test_a_request_keeps_the_moment_of_its_arrival():
    with clock.at(dt.date(2026, 10, 14)) as came:
        with clock.request_arrived(), clock.at(dt.date(2026, 10, 15)):
            assert clock.arrived() == came
            assert clock.now() > came
        assert clock.arrived() == clock.now()
