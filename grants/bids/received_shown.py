"""What pages say of a bid that came on paper or by e-mail: how it came, how far it is confirmed, and what the office does next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat

from casework import clock
from casework.documents.models import Document
from casework.outbox import could_not_be_sent
from casework.registry import Panel, WorkItem, first_of
from casework.templatetags.ui import gov_date, gov_moment
from casework.workflow import Option
from grants.bids.models import Bid
from grants.bids.models_received import SenderConfirmation
from grants.bids.readers import known_to
from grants.bids.sealing import reads_rows
from grants.bids.states import EDITABLE, BidState
from grants.rounds.states import RoundState
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of

Answer = SenderConfirmation.Answer
NOT_ASKED, UNSENT, WAITING, EXPIRED, WRONG, CONFIRMED = "not_asked", "unsent", "waiting", "expired", "wrong", "confirmed"
TAGS = {
    NOT_ASKED: ("Not asked", "grey"),
    UNSENT: ("The e-mail could not be sent", "red"),
    WAITING: ("Waiting for an answer", "yellow"),
    EXPIRED: ("No answer", "grey"),
    WRONG: ("Something is wrong", "red"),
    CONFIRMED: ("Confirmed", "green"),
}


@dataclass(frozen=True)
class Word:
    """How far the sender has confirmed the bid as it is being submitted now."""

    state: str
    last: Any = None

    @property
    def tag(self) -> tuple[str, str]:
        return TAGS[self.state]


def unsent(bid: Any, asked: Any) -> Any:
    """Annotation: whether the e-mail with the link was given up. Both are expressions of the outer query."""
    return could_not_be_sent(
        "sender_asked", about=Bid, key=bid, cause=Concat(Value("asked:"), Cast(asked, TextField()), output_field=TextField())
    )


def standing_word(state: str, answer: str, expires_at: dt.datetime | None, *, asked: bool, unsent: bool) -> str:
    """A bid that came back after it was confirmed is asked about anew."""
    if answer == Answer.CONFIRMED:
        return NOT_ASKED if state in EDITABLE else CONFIRMED
    if not asked:
        return NOT_ASKED
    if answer == Answer.WRONG:
        return WRONG
    if unsent:
        return UNSENT
    return WAITING if expires_at is not None and clock.now() < expires_at else EXPIRED


def word_of(bid: Any) -> Word:
    """One query, once for a bid's page."""
    if not hasattr(bid, "sender_word"):
        every = SenderConfirmation.objects.filter(received__bid=bid).select_related("by", "signed")
        last: Any = every.annotate(unsent=unsent(OuterRef("received__bid"), OuterRef("pk"))).last()
        if last is None:
            bid.sender_word = Word(NOT_ASKED)
        else:
            state = standing_word(bid.state, last.answer, last.expires_at, asked=True, unsent=last.unsent)
            bid.sender_word = Word(state, last)
    return bid.sender_word  # type: ignore[no-any-return]


def received_words(bid: Bid) -> str:
    """ "Received on paper by post on 3 December 2026 at 11:40am, entered by the office": for everybody who sees the bid."""
    return f"Received {bid.received.shortly} on {gov_moment(bid.received_at)}, entered by the office"


def received_panel(bid: Bid, user: Any) -> Panel | None:
    """Who sent it, the original, and how far it is confirmed; for the office's officers and the bidder's own people."""
    if bid.received_at is None or not reads_rows(user, bid):
        return None
    enters = user.has_perm("grants.enter_received_bid", bid)
    context = {
        "bid": bid,
        "received": bid.received,
        "original": _named(bid.received.original),
        "word": word_of(bid),
        "contact": user.has_perm("grants.read_sender", bid),
        "edit_url": f"{bid.get_absolute_url()}received/" if enters and bid.state == BidState.DRAFT else "",
        "signed_url": f"{bid.get_absolute_url()}received/signed/" if enters else "",
    }
    return Panel("How it was received", "grants/received_panel.html", context)


def _named(document: Document) -> dict[str, str]:
    return {"name": document.name, "url": document.get_absolute_url(), "withheld": document.withheld}


def objection(bid: Bid) -> Any:
    """What the sender said is wrong, while it waits to be put right; None otherwise."""
    word = word_of(bid) if bid.received_at is not None else None
    return word.last if word is not None and word.state == WRONG else None


def ask_option(bid: Bid, user: Any, problems: Sequence[Any]) -> list[Option]:
    """The office's next step with a bid in which nothing is missing."""
    if bid.received_at is None or problems or not user.has_perm("grants.enter_received_bid", bid):
        return []
    place = f"{bid.get_absolute_url()}received/"
    if not bid.received.sender_email:
        return [Option("signed", "Attach a signed confirmation", f"{place}signed/", True, (), False)]
    label = "Ask the sender to confirm" if word_of(bid).last is None else "Ask the sender again"
    return [Option("ask", label, f"{place}ask/", True, (), False)]


def entering_sentence(bid: Bid, user: Any, problems: Sequence[Any]) -> str:
    """What happens next with a bid that waits for its sender's word."""
    sender = bid.received.sender_name
    if not user.has_perm("grants.enter_received_bid", bid):
        start = f"The office received this bid {bid.received.shortly} and is entering it."
        if user.has_perm("grants.submit_bid", bid):
            return f"{start} When it is complete, {sender} confirms it, or you do by submitting it."
        return f"{start} When it is complete, {sender} confirms that it is what they sent. Tell the office if something is wrong."
    if problems:
        return f"Enter what the original says in the sections below. Then {sender} is asked to confirm it."
    word = word_of(bid)
    by_mail = f"Ask {sender} to confirm that this is what they sent."
    return {
        NOT_ASKED: f"Everything is entered. {by_mail if bid.received.sender_email else 'Attach a confirmation that they signed.'}",
        UNSENT: f"The e-mail to {sender} could not be sent. Check the address, then ask them again.",
        WAITING: f"{sender} was asked to confirm this bid and has not answered yet.",
        EXPIRED: f"{sender} did not answer in time. Ask them again.",
        WRONG: f"{sender} says that something is wrong. Put it right, then ask them again.",
    }[word.state]


def received_bids_to_confirm(user: Any) -> Iterator[WorkItem]:
    """For officers: what was entered and has not been confirmed by its sender. One query."""
    if not standing_of(user).in_office(Role.COMMISSIONING_OFFICER):
        return
    last = SenderConfirmation.objects.filter(received__bid=OuterRef("pk")).order_by("-pk")
    columns: dict[str, Any] = {f"last_{name}": Subquery(last.values(name)[:1]) for name in ("pk", "answer", "expires_at")}
    bids = Bid.objects.filter(
        known_to(user), received_at__isnull=False, state__in=EDITABLE, round__state=RoundState.PUBLISHED
    ).select_related("applicant", "received")
    bids = bids.annotate(**columns).annotate(unsent=unsent(OuterRef("pk"), OuterRef("last_pk")))
    for bid in first_of(bids.order_by("pk")):
        if bid.bodies().isdisjoint(standing_of(user).own):
            yield _item(bid)


def _item(bid: Any) -> WorkItem:
    asked = bid.last_pk is not None
    state = standing_word(bid.state, bid.last_answer or "", bid.last_expires_at, asked=asked, unsent=bid.unsent)
    sender, expires = bid.received.sender_name, bid.last_expires_at
    sentence = {
        NOT_ASKED: f"{_came(bid)} Finish entering it, then have {sender} confirm it.",
        UNSENT: f"The e-mail that asks {sender} to confirm this bid could not be sent. Check the address and ask again.",
        WAITING: f"{sender} was asked to confirm this bid and can answer until {gov_date(expires)}.",
        EXPIRED: f"{sender} did not confirm this bid in time. Ask them again.",
        WRONG: f"{sender} says that something in this bid is wrong. Put it right and ask them again.",
    }[state]
    return WorkItem(bid.title, bid.get_absolute_url(), bid.reference, sentence)


def _came(bid: Bid) -> str:
    who = bid.applicant.short_name
    return (
        f"You returned this bid of {who}." if bid.state == BidState.RETURNED else f"{who} sent this bid {bid.received.shortly}."
    )
