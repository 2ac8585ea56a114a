"""What this room tells the pages of others: whose notes and which history a person reads."""

from __future__ import annotations

from typing import Any

from casework.documents.models import Document
from casework.documents.scanning import when_virus_found
from casework.outbox import queue
from casework.registry import register_sides
from partnerships.organisations.models import Organisation
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with, standing_of


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


@when_virus_found
def tell_of_virus(document: Document) -> None:
    """Whoever uploaded it, with what to do, and the office's officers and administrators."""
    owner, cause = document.owner, f"virus:{document.pk}"
    queue("virus_found", to=[document.by], about=owner, cause=cause, document=document)
    office = [*people_with(Role.COMMISSIONING_OFFICER), *people_with(Role.ADMINISTRATOR)]
    others = [person for person in office if person != document.by]
    queue("virus_found_office", to=others, about=owner, cause=cause, document=document)


register_sides(sides, side_names)
