"""What people hold of assessments: those they were asked for and have not scored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from casework.history import HANDED_OVER
from casework.holdings import Held, Kind, held_case, holding, with_sight
from casework.outbox import queue
from casework.templatetags.ui import gov_date
from casework.workflow import NotPermitted, Refused, editing, lock, unit
from grants.assessment.models import Assessment
from grants.assessment.services import refuse_unfit, refuse_unless_assessing
from grants.assessment.states import AssessmentState
from grants.bids.confidence import name_assessor
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of


def assigned_to(person: Any, body: Any, reader: Any) -> Iterator[Held]:
    rows = Assessment.objects.filter(assessor=person, state=AssessmentState.ASSIGNED)
    for case in with_sight(rows, reader).order_by("due", "pk"):
        yield held_case(case, f"Scores are due by {gov_date(case.due)}")


def hand_over(*, key: int, to: Any, by: Any) -> Assessment:
    """Ask somebody else instead. They declare their own interests and score from the beginning: unsent scores are not passed on."""
    case = Assessment.objects.select_related("bid").get(pk=key)
    with unit():
        bid = lock(case.bid)
        if not by.has_perm("grants.handle_bid", bid):
            raise NotPermitted(f"A commissioning officer gives {case.reference} to somebody else.")
        with editing(case, by=by, permission="grants.handle_bid", verb=HANDED_OVER) as locked:
            if locked.state != AssessmentState.ASSIGNED:
                raise Refused(f"{locked.reference} is {locked.get_state_display().lower()}, so it stays with its assessor.")
            refuse_unless_assessing(bid)
            refuse_unfit(bid, to)
            name_assessor(bid, to, by)
            locked.scores.all().delete()
            locked.assessor, locked.declared_at, locked.comment = to, None, ""
        queue("assessment-assigned", to=[to], about=locked, cause=f"assigned:{locked.version}")
    return locked


def register() -> None:
    holding(
        Kind(
            name="assessments",
            title="Assessments",
            role=Role.ASSESSOR,
            held=assigned_to,
            hand_over=hand_over,
            may_hand_over=lambda reader, body: standing_of(reader).in_office(Role.COMMISSIONING_OFFICER),
            else_who="A commissioning officer gives these to another assessor, on this page.",
        )
    )
