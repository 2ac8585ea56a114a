"""Moments as people write them: a date in three boxes and "12 noon" beside it, kept as the aware moment in London."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from casework import clock
from casework.templatetags.ui import gov_time

_TIME = re.compile(r"(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-9]{2}))?(?P<half>am|pm)?")
_NOON = {"noon", "midday", "12noon", "12midday", "12:00noon"}
MIDNIGHT = "Enter 11:59pm or 00:01 instead of midnight, so that nobody takes it for the other day"
EXAMPLES = "like 12 noon, 5pm or 17:30"


def parse_time(text: str) -> dt.time:
    """ "12 noon", "5pm", "9.30am" and "17:00" as times. A bare "9" or "midnight" leaves a doubt: a ValueError with a sentence."""
    plain = re.sub(r"[\s]", "", text.lower()).replace("a.m.", "am").replace("p.m.", "pm")
    if plain in _NOON:
        return dt.time(12)
    if "midnight" in plain or plain in {"12am", "12:00am", "12.00am"}:
        raise ValueError(MIDNIGHT)
    match = _TIME.fullmatch(plain) if plain.isascii() else None
    if match is None or not (match["minute"] or match["half"]):
        raise ValueError(f"must be a time {EXAMPLES}")
    hour, minute, half = int(match["hour"]), int(match["minute"] or 0), match["half"]
    if minute > 59 or (half and not 1 <= hour <= 12) or hour > 23:
        raise ValueError(f"must be a time {EXAMPLES}")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return dt.time(hour, minute)


class TimeField(forms.CharField):
    """A time of day in a text box; gives a `datetime.time`."""

    widget = forms.TextInput(attrs={"class": "govuk-input--width-10", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 40, **kwargs})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_time(text)
        except ValueError as error:
            words = str(error)
            raise ValidationError(f"{self.label} {words}" if words.startswith("must") else words, code="time") from error

    def prepare_value(self, value: Any) -> Any:
        return time_text(value) if isinstance(value, dt.time) else value


def time_text(time: dt.time) -> str:
    """A time as the box shows it, always one that `parse_time` reads back."""
    words = gov_time(dt.datetime.combine(dt.date(2000, 1, 1), time))
    return "00:00" if words == "midnight" else words


def comes_twice(date: dt.date, time: dt.time) -> bool:
    """Whether the clocks go back over this time of that day."""
    local = clock.london(date, time.hour, time.minute)
    first, second = local.astimezone(dt.UTC), local.replace(fold=1).astimezone(dt.UTC)
    return second > first


def moment(date: dt.date, time: dt.time, *, second: bool | None = None) -> dt.datetime:
    """The London moment, in UTC. A time that the clocks skip, or that comes twice, is a ValueError: nobody could be sure which is meant.

    `second` says of a time that comes twice which it is, where what has happened already is told.
    """
    local = clock.london(date, time.hour, time.minute)
    exact = local.astimezone(dt.UTC)
    if exact.astimezone(clock.LONDON).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(f"does not exist on {date.day} {date:%B %Y}, because the clocks go forward")
    if comes_twice(date, time):
        if second is not None:
            return local.replace(fold=int(second)).astimezone(dt.UTC)
        words = "because the clocks go back: enter a time before 1am, or 2am or later"
        raise ValueError(f"comes twice on {date.day} {date:%B %Y}, {words}")
    return exact


def local_parts(at: dt.datetime | None) -> tuple[dt.date | None, dt.time | None]:
    """A moment's London date and time of day, for the boxes of a form."""
    if at is None:
        return None, None
    local = at.astimezone(clock.LONDON)
    return local.date(), local.time().replace(second=0, microsecond=0)
