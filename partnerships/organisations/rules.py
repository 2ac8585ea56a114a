"""Predicates about what a person is. One fact each; the rooms above compose them by name."""

from __future__ import annotations

from typing import Any

import rules

from partnerships.organisations.models import Organisation
from partnerships.organisations.roles import OFFICE_ROLES, Role
from partnerships.organisations.standing import standing_of


def office(*roles: Role) -> Any:
    """Holds one of these roles in the office."""

    @rules.predicate(name="office:" + "|".join(roles))
    def holds(user: Any, obj: Any = None) -> bool:
        return standing_of(user).in_office(*roles)

    return holds


@rules.predicate
def is_caseworker(user: Any, obj: Any = None) -> bool:
    return standing_of(user).is_caseworker


is_in_office = office(*sorted(OFFICE_ROLES))
is_officer = office(Role.COMMISSIONING_OFFICER)
is_commissioner = office(Role.COMMISSIONER)
is_chief_executive = office(Role.CHIEF_EXECUTIVE)
is_chief_finance_officer = office(Role.CHIEF_FINANCE_OFFICER)
is_finance_officer = office(Role.FINANCE_OFFICER)
is_assessor = office(Role.ASSESSOR)
is_communications = office(Role.COMMUNICATIONS)
is_auditor = office(Role.AUDITOR)
is_administrator = office(Role.ADMINISTRATOR)


@rules.predicate
def chairs(user: Any, body: Any = None) -> bool:
    """Chairs this body in a seat of its own. An office's and a board's people are the administrators' alone."""
    if body is None or body.kind in (Organisation.Kind.OFFICE, Organisation.Kind.BOARD):
        return False
    return standing_of(user).holds(body.pk, Role.CHAIR)


@rules.predicate
def is_office(user: Any, body: Any = None) -> bool:
    return body is not None and body.kind == Organisation.Kind.OFFICE


@rules.predicate
def serves(user: Any, body: Any = None) -> bool:
    """Has an interest in this body: an office seat is none."""
    return body is not None and body.pk in standing_of(user).own


rules.add_perm("partnerships.manage_people", is_administrator)
rules.add_perm("partnerships.look_after_people", is_administrator | chairs)
rules.add_perm("partnerships.see_leaver", is_administrator | chairs | (is_officer & is_office))
rules.add_perm("partnerships.classify_body", (is_administrator | is_officer) & ~is_office & ~serves)
rules.add_perm("casework.read_audit", is_auditor)
rules.add_perm("questionnaires.read_sets", is_in_office)
rules.add_perm("questionnaires.manage_sets", is_officer)
