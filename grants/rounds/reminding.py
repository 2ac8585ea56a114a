"""How many days before a round closes those with a draft are reminded: rows that the office changes on a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models

from casework import clock
from casework.reminders import HOUR
from casework.workflow import SYSTEM, NotPermitted, record, unit

DEFAULT = (14, 7, 2, 0)
FURTHEST = 60
USEFUL = dt.timedelta(hours=2)
"""What a reminder leaves at least: so it is of use to a round that closes at 9am or later on the day."""
NIGHT_ENDS = 5
"""A closing time before this hour is still last night's to most people."""


class ReminderDay(models.Model):
    """Days before the closing day; 0 is that day's morning, or the one before for a round that closes too early for that."""

    days = models.PositiveSmallIntegerField(unique=True, validators=[MaxValueValidator(FURTHEST)])

    class Meta:
        ordering = ["-days"]

    def __str__(self) -> str:
        return f"{self.days} days before"


def days_in_use() -> list[int]:
    """Furthest first; what a new service begins with as long as nobody has set any."""
    return list(ReminderDay.objects.order_by("-days").values_list("days", flat=True)) or list(DEFAULT)


def make_default_days() -> None:
    """A new service gets its rows from the timer, once; they are never fewer than one after that."""
    if not ReminderDay.objects.exists():
        _keep(DEFAULT, SYSTEM)


def set_reminder_days(*, days: Iterable[int], by: Any) -> list[int]:
    """Remind on these days from now on. What was sent stays sent."""
    if not by.has_perm("grants.manage_reminders"):
        raise NotPermitted("Only a commissioning officer or an administrator changes when bidders are reminded.")
    wanted = sorted(set(days), reverse=True)
    if not wanted:
        raise ValidationError({"days": "Enter at least one number of days"})
    return _keep(wanted, by)


def _keep(wanted: Iterable[int], by: Any) -> list[int]:
    new = list(wanted)
    with unit():
        rows = {row.days: row for row in ReminderDay.objects.select_for_update()}
        before = sorted(rows, reverse=True)
        for day in new:
            if day not in rows:
                rows[day] = ReminderDay(days=day)
                rows[day].full_clean()
                rows[day].save()
        if before != new:
            record(rows[new[0]], "set the days of reminders", by=by, changes={"days": [before, new]})
        ReminderDay.objects.exclude(days__in=new).delete()
    return new


def moment_of(closes: dt.datetime, days: int) -> dt.datetime:
    """Seven in the morning in London, so many calendar days before the closing day: an hour's change of the clocks moves nothing.

    Where the closing day's own morning would be too late, its reminder goes out on the morning before.
    """
    day = clock.local_date(closes) - dt.timedelta(days=days)
    moment = clock.london(day, HOUR)
    return moment if moment + USEFUL <= closes else clock.london(day - dt.timedelta(days=1), HOUR)


def latest(closes: dt.datetime, days: Sequence[int], since: dt.datetime) -> int | None:
    """The reminder whose moment came last, as days before closing; None when it came before `since`, or none has come."""
    now = clock.now()
    come = [day for day in days if moment_of(closes, day) <= now]
    if not come or now > closes or moment_of(closes, min(come)) < since:
        return None
    return min(come)


def in_how_many_days(closes: dt.datetime) -> str:
    """ "today", "tonight", "tomorrow" or "in 7 days"."""
    left = (clock.local_date(closes) - clock.today()).days
    if left == 1:
        return "tonight" if closes.astimezone(clock.LONDON).hour < NIGHT_ENDS else "tomorrow"
    return f"in {left} days" if left else "today"


def in_words(days: Iterable[int]) -> str:
    """ "14, 7 and 2 days before the closing day, and on its morning"."""
    before = [str(day) for day in sorted(days, reverse=True) if day]
    morning = 0 in set(days)
    words = " and ".join(filter(None, (", ".join(before[:-1]), *before[-1:])))
    told = f"{words} {'day' if before == ['1'] else 'days'} before the closing day" if before else ""
    if morning:
        return f"{told}, and on its morning" if told else "on the morning of the closing day"
    return told
