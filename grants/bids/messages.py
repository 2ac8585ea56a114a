"""Writing a message about a bid to the other side. The audit says that one was written and by whom, never its words."""

from __future__ import annotations

from typing import Any

from casework import clock
from casework.history import WROTE_MESSAGE
from casework.outbox import queue
from casework.registry import Panel
from casework.workflow import NotPermitted, lock, record, unit
from grants.bids.messages_models import BidMessage
from grants.bids.models import Bid
from grants.bids.states import DECIDED, BidState
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with, standing_of

MOST_SHOWN = 20


def writes_for_office(user: Any, bid: Bid) -> bool:
    return bool(user.has_perm("grants.handle_bid", bid)) and bid.state != BidState.DRAFT


def may_write(user: Any, bid: Bid) -> bool:
    """Officers of what was submitted; the applicant's coordinators and the accountable body's signatories of what is theirs."""
    return writes_for_office(user, bid) or bool(user.has_perm("grants.write_to_office", bid))


def send_message(*, bid: Bid, text: str, by: Any) -> BidMessage:
    """Keep a message and tell the other side by e-mail that there is one. A second click sends no second."""
    with unit():
        locked = lock(bid)
        if not may_write(by, locked):
            raise NotPermitted(f"You do not have the role to write messages about {locked.reference}.")
        last = BidMessage.objects.filter(bid=locked).first()
        if last is not None and (last.by_id, last.text) == (by.pk, text.strip()):
            return last
        # Who serves both sides writes for the bidder: nobody handles their own body's bid.
        message = BidMessage(bid=locked, from_office=writes_for_office(by, locked), text=text.strip(), by=by, at=clock.now())
        message.full_clean()
        message.save()
        record(locked, WROTE_MESSAGE, by=by, changes={"message": message.pk})
        _tell(message)
    return message


def _tell(message: BidMessage) -> None:
    bid = message.bid
    people: list[Any] = []
    if message.from_office:
        people += people_with(Role.COORDINATOR, [bid.applicant_id])
        people += people_with(Role.SIGNATORY, [bid.accountable_body_id]) if bid.accountable_body_id else []
    else:
        people += people_with(Role.COMMISSIONING_OFFICER)
    # Of a confidential bid only those who may read it.
    known = [person for person in people if Bid.objects.visible_to(person).filter(pk=bid.pk).exists()]
    side = "The office" if message.from_office else str(bid.applicant)
    queue("bid_message", to=known, about=bid, cause=f"message:{message.pk}", side=side)


def messages_panel(bid: Bid, user: Any) -> Panel | None:
    """Both sides' messages, newest first: one query where there are any."""
    writes = may_write(user, bid)
    if bid.state == BidState.DRAFT and not writes:
        return None
    some = getattr(bid, "fact_letters", True)
    if some and bid.state in DECIDED:  # its page has the award to show; the messages are one click away
        return Panel("Messages", "grants/bid_messages.html", {"bid": bid, "count": some, "may_write": writes})
    shown = list(BidMessage.objects.filter(bid=bid).select_related("by")[: MOST_SHOWN + 1]) if some else []
    if not shown and not writes:
        return None
    context = {
        "bid": bid,
        "letters": shown[:MOST_SHOWN],
        "more": len(shown) > MOST_SHOWN,
        "may_write": writes,
        "office": standing_of(user).is_caseworker,
    }
    return Panel("Messages", "grants/bid_messages.html", context)
