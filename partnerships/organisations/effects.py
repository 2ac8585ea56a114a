"""What this room tells the pages of others: whose notes and which history a person reads."""

from __future__ import annotations

from typing import Any

from casework.registry import register_sides
from partnerships.organisations.models import Organisation
from partnerships.organisations.standing import standing_of


def sides(user: Any) -> tuple[str, set[str]]:
    standing = standing_of(user)
    return standing.side, standing.sides


def side_names(user: Any) -> dict[str, str]:
    """The office for a caseworker; for everybody else the bodies they serve."""
    standing = standing_of(user)
    if standing.is_caseworker:
        return {"office": "The office"}
    bodies = Organisation.objects.filter(pk__in=standing.bodies)
    return {f"org:{body.pk}": body.name for body in bodies}


register_sides(sides, side_names)
