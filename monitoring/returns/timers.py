"""What the timer does with returns: opens those whose day has come, and asks for those that do not come."""

from __future__ import annotations

import datetime as dt
import logging

from casework.outbox import Message, queue
from casework.workflow import SYSTEM, Refused, perform
from monitoring.returns.making import opening_reason
from monitoring.returns.models import Return
from monitoring.returns.people import coordinators, finance_signatories
from monitoring.returns.states import AWAITED, ReturnState
from monitoring.schedule.reminders import FIRST, reminder_for

log = logging.getLogger("house.returns")


def open_due_returns(today: dt.date) -> int:
    """Open every scheduled return whose period has ended, each in its own transaction; how many were opened."""
    opened = 0
    for case in Return.objects.filter(state=ReturnState.SCHEDULED, opens_on__lte=today).order_by("opens_on", "pk"):
        try:
            perform(case, "open", by=SYSTEM, reason=opening_reason(case))
        except Refused as error:
            log.warning("return not opened", extra={"return_id": case.pk, "why": str(error)})
        else:
            opened += 1
    return opened


def chase(today: dt.date) -> int:
    """Remind the partnership of returns that are due soon or late, each reminder once; how many returns were asked for."""
    latest = today - dt.timedelta(days=FIRST)
    awaited = Return.objects.filter(state__in=AWAITED, opens_on__lte=today, first_submitted_at=None, due__lte=latest)
    asked = 0
    sent = _sent_already()
    for case in awaited.with_grant().order_by("due", "pk"):
        offset = reminder_for(case.due, today)
        if offset is None or (case.pk, offset) in sent:
            continue
        to = finance_signatories(case) if case.state == ReturnState.PREPARED else coordinators(case)
        queue("return_reminder", to=to, about=case, cause=f"due{offset:+d}", days=(case.due - today).days)
        asked += 1
    return asked


def _sent_already() -> set[tuple[int, int]]:
    """(return, offset) of every reminder of the returns still awaited: one query, so a timer that runs each minute stays cheap."""
    awaited = Return.objects.filter(state__in=AWAITED, first_submitted_at=None).values("file")
    found = set()
    for key in Message.objects.filter(name="return_reminder", file__in=awaited).values_list("dedupe", flat=True):
        _, _, pk, cause, _ = key.split(":")
        found.add((int(pk), int(cause.removeprefix("due"))))
    return found
