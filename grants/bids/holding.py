"""What people hold of bids: drafts in their own name, and bids that wait for a signatory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from casework.history import HANDED_OVER
from casework.holdings import Held, Kind, held_case, holding, with_sight
from casework.outbox import queue
from casework.workflow import Refused, editing, unit
from grants.bids.models import Bid
from grants.bids.readers import knows_of
from grants.bids.states import EDITABLE
from partnerships.organisations.roles import Role
from partnerships.organisations.services import LOOK_AFTER
from partnerships.organisations.standing import standing_of


def drafts_of(person: Any, body: Any, reader: Any) -> Iterator[Held]:
    """Begun by this person, or handed to them, and not submitted."""
    rows = Bid.objects.filter(applicant=body, prepared_by=person, state__in=EDITABLE)
    for bid in with_sight(rows, reader).order_by("pk"):
        yield held_case(bid, bid.get_state_display())


def waiting_for_signatory(person: Any, body: Any, reader: Any) -> Iterator[Held]:
    for bid in with_sight(Bid.objects.filter(accountable_body=body, state__in=EDITABLE), reader).order_by("pk"):
        yield held_case(bid, "A signatory submits it")


def hand_over(*, key: int, to: Any, by: Any) -> Bid:
    """Make a colleague the one who looks after a draft. What each person wrote stays theirs in the history."""
    bid = Bid.objects.get(pk=key)
    with unit():
        with editing(bid, by=by, permission="grants.hand_over_bid", verb=HANDED_OVER) as locked:
            if not standing_of(to).holds(locked.applicant_id, Role.COORDINATOR):
                raise Refused(f"{to} is not a coordinator of {locked.applicant}, so they cannot take {locked.reference} over.")
            if not knows_of(to, locked):
                raise Refused(f"{to} does not know of {locked.reference}: name them on it first.")
            locked.prepared_by = to
        queue("bid_handed_over", to=[to], about=locked, cause=f"handed:{locked.version}", giver=by)
    return locked


def register() -> None:
    holding(
        Kind(
            name="drafts",
            title="Drafts of bids",
            role=Role.COORDINATOR,
            held=drafts_of,
            hand_over=hand_over,
            may_hand_over=lambda reader, body: reader.has_perm(LOOK_AFTER, body),
        )
    )
    holding(Kind("to_submit", "Bids to submit", Role.SIGNATORY, waiting_for_signatory))
