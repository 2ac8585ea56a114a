"""What people hold of agreements: those that wait for a signatory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from casework.holdings import Held, Kind, held_case, holding, with_sight
from grants.agreements.models import Agreement
from grants.agreements.states import AgreementState
from partnerships.organisations.roles import Role


def waiting_for_signatory(person: Any, body: Any, reader: Any) -> Iterator[Held]:
    rows = Agreement.objects.filter(state=AgreementState.ISSUED, award__bid__accountable_body=body)
    for case in with_sight(rows.select_related("award__bid"), reader).order_by("pk"):
        yield held_case(case, "A signatory accepts it")


def register() -> None:
    holding(Kind("to_accept", "Agreements to accept", Role.SIGNATORY, waiting_for_signatory))
