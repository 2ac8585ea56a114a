"""Dates and times as officers type them, and the London moments they mean."""

import datetime as dt

import pytest

from grants.rounds.times import moment, parse_time, time_text


@pytest.mark.parametrize(
    ("typed", "time"),
    [
        ("12 noon", (12, 0)),
        ("Noon", (12, 0)),
        ("midday", (12, 0)),
        ("12:00", (12, 0)),
        ("12pm", (12, 0)),
        ("5pm", (17, 0)),
        ("5 p.m.", (17, 0)),
        ("9.30am", (9, 30)),
        ("17:00", (17, 0)),
        ("09:05", (9, 5)),
        ("00:01", (0, 1)),
        ("00:00", (0, 0)),
        ("12:30am", (0, 30)),
        ("11:59pm", (23, 59)),
    ],
)
def test_times_as_people_write_them(typed, time):
    assert parse_time(typed) == dt.time(*time)


@pytest.mark.parametrize(
    "typed", ["9", "17", "25:00", "12:60", "13pm", "0am", "five", "5pm tomorrow", "-1:00", "１２:００", "11 noon"]
)
def test_times_that_cannot_be(typed):
    with pytest.raises(ValueError, match="must be a time like 12 noon, 5pm or 17:30"):
        parse_time(typed)


@pytest.mark.parametrize("typed", ["midnight", "12am", "12 midnight", "12:00 am"])
def test_midnight_is_asked_to_be_clear(typed):
    with pytest.raises(ValueError, match="instead of midnight"):
        parse_time(typed)


@pytest.mark.parametrize(("hour", "minute"), [(0, 0), (0, 1), (0, 30), (9, 0), (11, 59), (12, 0), (12, 30), (17, 5), (23, 59)])
def test_what_the_box_shows_can_be_sent_again(hour, minute):
    assert parse_time(time_text(dt.time(hour, minute))) == dt.time(hour, minute)


@pytest.mark.parametrize(
    ("date", "utc"),
    [
        # British Summer Time ends on 25 October 2026 and begins on 28 March 2027.
        (dt.date(2026, 10, 24), dt.datetime(2026, 10, 24, 11, tzinfo=dt.UTC)),
        (dt.date(2026, 10, 25), dt.datetime(2026, 10, 25, 12, tzinfo=dt.UTC)),
        (dt.date(2027, 3, 27), dt.datetime(2027, 3, 27, 12, tzinfo=dt.UTC)),
        (dt.date(2027, 3, 28), dt.datetime(2027, 3, 28, 11, tzinfo=dt.UTC)),
    ],
)
def test_noon_is_noon_in_london_over_clock_changes(date, utc):
    assert moment(date, dt.time(12)) == utc


def test_a_time_the_clocks_skip_is_refused_and_one_that_comes_twice_too():
    with pytest.raises(ValueError, match="does not exist on 28 March 2027, because the clocks go forward"):
        moment(dt.date(2027, 3, 28), dt.time(1, 30))
    with pytest.raises(
        ValueError, match="comes twice on 25 October 2026, because the clocks go back: enter a time before 1am, or 2am"
    ):
        moment(dt.date(2026, 10, 25), dt.time(1, 30))
    assert moment(dt.date(2026, 10, 25), dt.time(0, 59)) == dt.datetime(2026, 10, 24, 23, 59, tzinfo=dt.UTC)
    assert moment(dt.date(2026, 10, 25), dt.time(2, 0)) == dt.datetime(2026, 10, 25, 2, 0, tzinfo=dt.UTC)
