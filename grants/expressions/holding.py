"""What people hold of expressions of interest: drafts in their own name. Bids are handed over in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from casework.history import HANDED_OVER
from casework.holdings import Held, Kind, held_case, holding, with_sight
from casework.outbox import queue
from casework.workflow import Refused, editing, unit
from grants.expressions.models import Expression
from grants.expressions.states import ExpressionState
from partnerships.organisations.roles import Role
from partnerships.organisations.services import LOOK_AFTER
from partnerships.organisations.standing import standing_of


def drafts_of(person: Any, body: Any, reader: Any) -> Iterator[Held]:
    """Begun by this person, or handed to them, and not submitted."""
    rows = Expression.objects.filter(applicant=body, prepared_by=person, state=ExpressionState.DRAFT)
    for case in with_sight(rows, reader).order_by("pk"):
        yield held_case(case, case.get_state_display())


def give_draft(case: Any, *, to: Any, by: Any, permission: str, unfit: Callable[[Any], str] = lambda locked: "") -> Any:
    """Make a colleague the one who looks after a draft. What each person wrote stays theirs in the history.

    `unfit` says of the locked case why this colleague cannot; "" when they can.
    """
    with unit():
        with editing(case, by=by, permission=permission, verb=HANDED_OVER) as locked:
            if not standing_of(to).holds(locked.applicant_id, Role.COORDINATOR):
                raise Refused(f"{to} is not a coordinator of {locked.applicant}, so they cannot take {locked.reference} over.")
            if why := unfit(locked):
                raise Refused(why)
            locked.prepared_by = to
        queue("draft_handed_over", to=[to], about=locked, cause=f"handed:{locked.version}", giver=by)
    return locked


def hand_over(*, key: int, to: Any, by: Any) -> Expression:
    return give_draft(Expression.objects.get(pk=key), to=to, by=by, permission="grants.hand_over_expression")


def drafts(name: str, title: str, held: Callable[..., Iterator[Held]], give: Callable[..., Any]) -> Kind:
    """Drafts that a coordinator began; whoever looks after the body's people gives them to another."""
    return Kind(
        name=name,
        title=title,
        role=Role.COORDINATOR,
        held=held,
        hand_over=give,
        may_hand_over=lambda reader, body: reader.has_perm(LOOK_AFTER, body),
    )


def register() -> None:
    holding(drafts("expressions", "Drafts of expressions of interest", drafts_of, hand_over))
