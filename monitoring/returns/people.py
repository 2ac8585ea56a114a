"""Who is written to about a return."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from monitoring.returns.models import Return
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with


def coordinators(case: Return) -> QuerySet[User]:
    """Those who write it, for the applicant."""
    return people_with(Role.COORDINATOR, [case.bid.applicant_id])


def finance_signatories(case: Return) -> QuerySet[User]:
    """Those who certify it, for the accountable body."""
    return people_with(Role.FINANCE_SIGNATORY, [case.bid.accountable_body_id])


def both(case: Return) -> list[User]:
    return [*coordinators(case), *finance_signatories(case)]
