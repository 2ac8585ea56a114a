"""Writing an expression of interest: beginning one and saving it. Sending it is a transition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from casework import clock
from casework.spine import next_part
from casework.workflow import NotPermitted, Refused, editing, record, unit
from grants.expressions.content import FIELDS
from grants.expressions.models import Expression
from grants.expressions.states import ExpressionState
from grants.rounds import expressing
from grants.rounds.models import Round
from grants.rounds.queries import who_may_bid
from partnerships.organisations.models import Area, Organisation
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of
from partnerships.plans.models import Outcome


def begin_expression(*, round: Round, applicant: Organisation, title: str, by: Any) -> Expression:
    """Begin one for a body that this person coordinates, while the round takes them.

    Raises NotPermitted, ValidationError at `applicant` or `title`, or Refused when the round takes none.
    """
    if not standing_of(by).holds(applicant.pk, Role.COORDINATOR):
        raise NotPermitted(f"Expressions of interest of {applicant} are written by its coordinators.")
    if expressing.takes_expressions(round) and not expressing.is_admitted(round, applicant):
        words = f"{applicant} may not bid in this round. It is open to {who_may_bid(round)}"
        raise ValidationError({"applicant": words})
    if why := expressing.why_not(round, applicant):
        raise Refused(why)
    with unit():
        case = Expression(
            reference=next_part(round.reference, "E"),
            created_at=clock.now(),
            round=round,
            applicant=applicant,
            title=title,
            prepared_by=by,
        )
        _refuse_twin(case)
        case.full_clean(exclude=["state"])
        case.save()
        case.areas.set(applicant.areas.all())
        record(case, "began the expression of interest", by=by, changes={"round": round.pk, "applicant": applicant.pk})
    return case


def _refuse_twin(case: Expression) -> None:
    """A second click makes no second one. Asked with the counter locked, so that two at once are one after the other."""
    twin = Expression.objects.filter(round=case.round, applicant=case.applicant, title=case.title).exclude(pk=case.pk).first()
    if twin is not None:
        words = f"{case.applicant} has one with this title: {twin.reference}. Go on with it, or enter another title"
        raise ValidationError({"title": words})


def save_expression(
    *, case: Expression, by: Any, outcomes: Iterable[Outcome], areas: Iterable[Area], version: int | None = None, **values: Any
) -> Expression:
    """Keep what the page holds; `values` are of FIELDS. It need not be complete: that is asked for when it is sent."""
    _check_names(values)
    chosen = list(outcomes)
    if any(outcome.theme.plan_id != case.round.plan_id for outcome in chosen):
        raise ValidationError({"outcomes": "Select outcomes of the plan that this round serves"})
    now = Expression.objects.get(pk=case.pk)
    if now.state != ExpressionState.DRAFT and standing_of(by).holds(now.applicant_id, Role.COORDINATOR):
        raise Refused(f"{now.as_it_stands(by)}, so nothing was saved. Copy what you typed if you need it.")
    with editing(
        case, by=by, permission="grants.change_expression", verb="changed the expression of interest", version=version
    ) as row:
        for name, value in values.items():
            setattr(row, name, value)
        _refuse_twin(row)
        row.outcomes.set(chosen)
        row.areas.set(areas)
    return row


def _check_names(values: Mapping[str, Any]) -> None:
    if unknown := set(values) - set(FIELDS):
        raise TypeError(f"An expression of interest has no {sorted(unknown)}.")
