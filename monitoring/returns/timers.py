"""What time does with returns: it opens those whose day has come, and asks for those that do not come."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator

from casework import clock
from casework.reminders import Reminder, Told
from casework.workflow import SYSTEM, Refused, perform
from monitoring.returns.making import opening_reason
from monitoring.returns.models import Return
from monitoring.returns.states import AWAITED, ReturnState
from monitoring.schedule.reminders import FIRST, reminder_for
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_by_body

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


def returns_to_remind(told: Told) -> Iterator[Reminder]:
    """Of returns that are due soon or late: those who write them, or certify what is prepared. The latest moment that has come, once."""
    today = clock.today()
    latest = today - dt.timedelta(days=FIRST)
    awaited = Return.objects.filter(state__in=AWAITED, opens_on__lte=today, first_submitted_at=None, due__lte=latest)
    cases = list(awaited.with_grant().order_by("due", "pk"))
    if not cases:
        return
    write = people_by_body(Role.COORDINATOR, {case.bid.applicant_id for case in cases})
    certify = people_by_body(Role.FINANCE_SIGNATORY, {case.bid.accountable_body_id for case in cases})
    for case in cases:
        prepared = case.state == ReturnState.PREPARED
        people = certify.get(case.bid.accountable_body_id, []) if prepared else write.get(case.bid.applicant_id, [])
        moment = f"{case.due}:{reminder_for(case.due, today):+d}"
        for person in told.still(people, case, moment):
            context = {"days": (case.due - today).days}
            yield Reminder(person, case, moment, clock.london(case.due), "return_reminder", context)
