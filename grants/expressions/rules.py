"""Who may write an expression of interest, and who answers it."""

from __future__ import annotations

from typing import Any

import rules

from grants.expressions.states import ExpressionState
from partnerships.organisations.roles import Role
from partnerships.organisations.rules import is_officer
from partnerships.organisations.standing import standing_of


@rules.predicate
def coordinates_body(user: Any, case: Any) -> bool:
    return case is not None and standing_of(user).holds(case.applicant_id, Role.COORDINATOR)


@rules.predicate
def has_interest_in_body(user: Any, case: Any) -> bool:
    """Serves the body, or the one that would account for it, in a seat of their own. An office seat is no conflict."""
    own = standing_of(user).own
    return bool(own) and case is not None and not own.isdisjoint(case.bodies())


@rules.predicate
def is_draft(user: Any, case: Any) -> bool:
    return case is not None and case.state == ExpressionState.DRAFT


@rules.predicate
def coordinates_something(user: Any, case: Any = None) -> bool:
    return bool(standing_of(user).serving(Role.COORDINATOR))


@rules.predicate
def looks_after_applicant(user: Any, case: Any) -> bool:
    """Whoever looks after the people of the applicant says who takes a leaver's drafts over, and writes nothing in them."""
    return case is not None and user.has_perm("partnerships.look_after_people", case.applicant)


rules.add_perm("grants.hand_over_expression", looks_after_applicant & is_draft)
rules.add_perm("grants.begin_expression", coordinates_something)
rules.add_perm("grants.write_expression", coordinates_body)
rules.add_perm("grants.change_expression", coordinates_body & is_draft)
rules.add_perm("grants.answer_expression", is_officer & ~has_interest_in_body)
