"""What a round's page shows of its expressions of interest: the counts for the office, a body's own for the body."""

from __future__ import annotations

from typing import Any

from casework.registry import Panel
from grants.expressions.models import Expression
from grants.expressions.states import HAVE_BEEN_SUBMITTED, LIVE, ExpressionState
from grants.rounds.expressing import counted
from grants.rounds.models import Round
from grants.rounds.models_parts import RoundChange
from partnerships.organisations.roles import PARTNER_ROLES, Role
from partnerships.organisations.standing import standing_of


def states_in(case: Round) -> list[str]:
    """The states of a round's expressions, read once for all that a page or a step asks of this object; no query where there are none."""
    if not case.way.expressed:
        return []
    if not hasattr(case, "states_of_expressions"):
        rows = Expression.objects.filter(round=case).values_list("state", flat=True)
        case.states_of_expressions = list(rows)  # type: ignore[attr-defined]
    return case.states_of_expressions  # type: ignore[attr-defined,no-any-return]


def expressions_of_round(case: Round, user: Any) -> Panel | None:
    """One query for whoever has something to see here, none for others."""
    standing = standing_of(user)
    if not case.way.expressed or not (standing.is_caseworker or standing.serving(*PARTNER_ROLES)):
        return None
    context: dict[str, Any] = {"address": f"/expressions/?round={case.pk}"}
    if standing.is_caseworker:
        states = states_in(case)
        shown = [(ExpressionState(state).label, states.count(state)) for state in HAVE_BEEN_SUBMITTED]
        return Panel("Expressions of interest", "grants/round_expressions.html", context | {"counts": shown})
    own = list(Expression.objects.visible_to(user).filter(round=case).order_by("pk")[:20])
    return Panel("Your expressions of interest", "grants/round_expressions.html", context | {"own": own}) if own else None


def expressions_reached(change: RoundChange, user: Any) -> Panel | None:
    """Beside the bids that a change would reach, for the officer who thinks of making one."""
    if not change.round.way.expressed or not standing_of(user).in_office(Role.COMMISSIONING_OFFICER):
        return None
    number = Expression.objects.filter(round=change.round, state__in=LIVE).count()
    return Panel("Who has expressed an interest", "grants/round_expressions_reached.html", {"words": counted(number)})
