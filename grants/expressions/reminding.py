"""Who is reminded of a draft: its coordinators, at the office's days before expressions close, once each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from casework import clock
from casework.reminders import Reminder, Told
from grants.expressions.content import missing
from grants.expressions.models import Expression
from grants.expressions.states import ExpressionState
from grants.rounds.reminding import days_in_use, in_how_many_days, latest
from grants.rounds.states import RoundState
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_by_body


def drafts_to_remind(told: Told) -> Iterator[Reminder]:
    """One query while no draft waits."""
    open_now = Expression.objects.filter(
        state=ExpressionState.DRAFT, round__state=RoundState.PUBLISHED, round__expressions_until__gte=clock.now()
    )
    drafts = list(open_now.select_related("round", "applicant").order_by("pk"))
    if not drafts:
        return
    days = days_in_use()
    people = people_by_body(Role.COORDINATOR, {case.applicant_id for case in drafts})
    for case in drafts:
        closes: Any = case.round.expressions_until
        day = latest(closes, days, case.submitted_at or case.created_at)
        if day is None:
            continue
        moment = f"{clock.local_date(closes)}:{day}"
        for person in told.still(people.get(case.applicant_id, []), case, moment):
            context = {"closes": closes, "when": in_how_many_days(closes), "missing": missing(case)}
            yield Reminder(person, case, moment, closes, "expression_reminder", context)
