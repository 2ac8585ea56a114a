"""What waits for the office in scrutiny, and the questions and answers on a return's page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from casework import clock
from casework.registry import Panel, WorkItem, first_of, panel, work_provider
from monitoring.returns.content import content_of
from monitoring.returns.models import Return
from monitoring.returns.queries import awaited_by, days_in_words
from monitoring.returns.states import AWAITED, ReturnState
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of


@work_provider
def returns_to_scrutinise(user: Any) -> Iterator[WorkItem]:
    """For commissioning officers: what was submitted, and what is late, but nothing of a body they serve themselves. One query."""
    standing = standing_of(user)
    if not standing.in_office(Role.COMMISSIONING_OFFICER):
        return
    today = clock.today()
    late = Q(state__in=AWAITED, first_submitted_at=None, due__lt=today)
    waiting = Return.objects.visible_to(user).filter(Q(state=ReturnState.SUBMITTED) | late).with_grant()
    for case in first_of(waiting.order_by("due", "pk")):
        if not standing.own.isdisjoint(case.bid.bodies()):
            continue
        who = case.bid.applicant.name
        sentence = (
            f"Read the return of {who} for {case.period}, then accept it or ask a question."
            if case.state == ReturnState.SUBMITTED
            else f"The return of {who} for {case.period} is {days_in_words((today - case.due).days)} late: ask for it."
        )
        yield WorkItem(case.bid.title, case.get_absolute_url(), case.reference, sentence, awaited_by(case))


@panel(Return)
def questions(case: Return, user: Any) -> Panel | None:
    """Every question the office asked, and what was answered."""
    found = content_of(case).queries
    return Panel("Questions and answers", "monitoring/queries.html", {"queries": found}) if found else None
