"""When a return is asked for: before it is due, on the day, and for as long as it does not come.

Published national audits found about one return in five late, some by more than a year: that is why reminders do not end.
"""

from __future__ import annotations

import datetime as dt

OFFSETS = (-14, -2, 0, 7)
THEN_EVERY = 28
FIRST = OFFSETS[0]


def reminder_for(due: dt.date, today: dt.date) -> int | None:
    """The latest reminder that has fallen due, as days from the due date; None before the first.

    Only the latest: a timer that stood still for a week sends one message, not three.
    """
    days = (today - due).days
    if days >= OFFSETS[-1]:
        return days - (days - OFFSETS[-1]) % THEN_EVERY
    return max((offset for offset in OFFSETS if offset <= days), default=None)
