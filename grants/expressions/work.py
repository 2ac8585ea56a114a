"""What waits for whom about expressions of interest. At most one query for anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q

from casework import clock
from casework.registry import WorkItem, first_of
from casework.templatetags.ui import gov_moment
from grants.expressions.models import Expression
from grants.expressions.states import ExpressionState
from grants.rounds.expressing import counted
from grants.rounds.states import RoundState
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of


def expressions_to_finish(user: Any) -> Iterator[WorkItem]:
    """A coordinator's drafts while they can be sent."""
    bodies = standing_of(user).serving(Role.COORDINATOR)
    if not bodies:
        return
    taken = Q(round__state=RoundState.PUBLISHED, round__expressions_until__gte=clock.arrived())
    drafts = Expression.objects.filter(taken, applicant__in=bodies, state=ExpressionState.DRAFT)
    for case in first_of(drafts.select_related("round", "applicant").order_by("pk")):
        until = case.round.expressions_until
        words = f"Finish this expression of interest of {case.applicant.short_name}. It can be sent until {gov_moment(until)}."
        yield WorkItem(case.title, case.get_absolute_url(), case.reference, words, clock.local_date(until))


def expressions_to_answer(user: Any) -> Iterator[WorkItem]:
    """For officers: rounds whose expressions have closed and wait, without those of bodies they serve themselves."""
    standing = standing_of(user)
    if not standing.in_office(Role.COMMISSIONING_OFFICER):
        return
    rows = Expression.objects.filter(
        state=ExpressionState.SUBMITTED, round__state=RoundState.PUBLISHED, round__expressions_until__lt=clock.arrived()
    )
    if own := standing.own:
        rows = rows.exclude(Q(applicant__in=own) | Q(applicant__usual_accountable_body__in=own))
    fields = ("round", "round__title", "round__reference", "round__closes_at")
    for key, title, reference, closes, number in first_of(
        rows.order_by("round").values_list(*fields).annotate(number=Count("pk"))
    ):
        words = f"{counted(number)} {'waits' if number == 1 else 'wait'} for an answer. Invite to bid, or say why not."
        address = f"/expressions/?round={key}&state={ExpressionState.SUBMITTED}"
        yield WorkItem(title, address, reference, words, clock.local_date(closes) if closes else None)
