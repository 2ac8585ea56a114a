"""What people hold of bids: drafts in their own name, and bids that wait for a signatory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from casework.holdings import Held, Kind, held_case, holding, with_sight
from grants.bids.models import Bid
from grants.bids.readers import knows_of
from grants.bids.states import EDITABLE
from grants.expressions.holding import drafts, give_draft
from partnerships.organisations.roles import Role


def drafts_of(person: Any, body: Any, reader: Any) -> Iterator[Held]:
    """Begun by this person, or handed to them, and not submitted."""
    rows = Bid.objects.filter(applicant=body, prepared_by=person, state__in=EDITABLE)
    for bid in with_sight(rows, reader).order_by("pk"):
        yield held_case(bid, bid.get_state_display())


def waiting_for_signatory(person: Any, body: Any, reader: Any) -> Iterator[Held]:
    for bid in with_sight(Bid.objects.filter(accountable_body=body, state__in=EDITABLE), reader).order_by("pk"):
        yield held_case(bid, "A signatory submits it")


def hand_over(*, key: int, to: Any, by: Any) -> Bid:

    def unfit(locked: Bid) -> str:
        return "" if knows_of(to, locked) else f"{to} does not know of {locked.reference}: name them on it first."

    return give_draft(Bid.objects.get(pk=key), to=to, by=by, permission="grants.hand_over_bid", unfit=unfit)


def register() -> None:
    holding(drafts("drafts", "Drafts of bids", drafts_of, hand_over))
    holding(Kind("to_submit", "Bids to submit", Role.SIGNATORY, waiting_for_signatory))
