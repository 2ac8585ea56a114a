"""What people hold of returns: those that are being written, and those that wait to be certified."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from casework.holdings import Held, Kind, held_case, holding, with_sight
from casework.templatetags.ui import gov_date
from monitoring.returns.models import Return
from monitoring.returns.states import EDITABLE, ReturnState
from partnerships.organisations.roles import Role


def being_written(person: Any, body: Any, reader: Any) -> Iterator[Held]:
    """Every coordinator of the applicant writes them: none is in one person's name until it is sent to be certified."""
    rows = Return.objects.filter(state__in=EDITABLE, agreement__award__bid__applicant=body)
    for case in with_sight(rows, reader).order_by("due", "pk"):
        yield held_case(case, f"Due on {gov_date(case.due)}")


def waiting_to_be_certified(person: Any, body: Any, reader: Any) -> Iterator[Held]:
    rows = Return.objects.filter(state=ReturnState.PREPARED, agreement__award__bid__accountable_body=body)
    for case in with_sight(rows, reader).order_by("due", "pk"):
        yield held_case(case, f"Due on {gov_date(case.due)}")


def register() -> None:
    holding(Kind("returns", "Returns to fill in", Role.COORDINATOR, being_written))
    holding(Kind("to_certify", "Returns to certify", Role.FINANCE_SIGNATORY, waiting_to_be_certified))
