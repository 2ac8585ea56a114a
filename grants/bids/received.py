"""Bids that the office received on paper or by e-mail: typed by an officer, confirmed by whoever sent them.

What counts for closing is when a bid was received. It says what was sent, so only the office types it, and it reaches nobody's assessment
until its sender has said that this is what they sent: by a link, kept as its hash alone and good for one answer, in a signed document,
or by a signatory who submits it here.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse

from casework import clock
from casework.audit.chain import canonical
from casework.documents.services import attach, remove
from casework.outbox import call_back, queue, queue_to_address
from casework.templatetags.ui import gov_date, gov_moment
from casework.workflow import SYSTEM, NotPermitted, Refused, Stale, editing, lock, perform, record, unit
from casework.workflow.perform import stale
from grants.bids.completeness import problems
from grants.bids.content import Data, content
from grants.bids.models import Bid
from grants.bids.models_received import ORIGINAL, SIGNED, BidReceived, SenderConfirmation
from grants.bids.partners import hash_of
from grants.bids.services import new_bid
from grants.bids.states import EDITABLE, BidState
from grants.bids.timing import received_late, submit_in_time
from grants.rounds.models import Round
from grants.rounds.queries import closes_for, who_may_bid
from partnerships.organisations.models import Organisation
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with, standing_of

OPEN_FOR = dt.timedelta(days=14)
"""How long a link can be answered by. The office can send a new one."""
Answer = SenderConfirmation.Answer
NOT_WHILE_INCOMPLETE = "Something is still missing in the bid, or cannot stand. Its page and “Check your answers” say what."


@dataclass(frozen=True)
class Receipt:
    """How a bid came, when, and from whom."""

    how: str
    at: dt.datetime
    sender_name: str
    sender_role: str
    sender_email: str = ""


def enter_received(*, round: Round, applicant: Organisation, title: str, receipt: Receipt, original: Any, by: Any) -> Bid:
    """Begin the bid that a body sent in time, with its original. Its coordinators are told that the office has it.

    Raises NotPermitted, Refused, or ValidationError at `applicant`, `title` or `received_time`.
    """
    if not by.has_perm("grants.begin_bid"):
        raise NotPermitted("Bids that were received on paper or by e-mail are entered by commissioning officers.")
    if not standing_of(by).own.isdisjoint({applicant.pk, applicant.usual_accountable_body_id}):
        raise NotPermitted(f"You serve {applicant}, so somebody else must do this.")
    if not round.way.open:
        raise Refused(round.way.invites)
    if not round.admits(applicant):
        raise ValidationError({"applicant": f"{applicant} may not bid in this round. It is open to {who_may_bid(round)}"})
    _refuse_late(round, applicant, receipt.at)
    with unit():
        bid = new_bid(round=round, applicant=applicant, title=title, by=by, received_at=receipt.at)
        document = attach(bid, original, kind=ORIGINAL, by=by)
        received = BidReceived(bid=bid, original=document, entered_by=by, entered_at=clock.now(), **_sender(receipt))
        received.full_clean()
        received.save()
        record(received, "entered how the bid was received", by=by, changes={"document": document.pk}, file=bid.file)
        queue("bid_entered", to=people_with(Role.COORDINATOR, [applicant.pk]), about=bid, cause="entered", received=received)
    return bid


def _sender(receipt: Receipt) -> dict[str, str]:
    return {name: getattr(receipt, name) for name in ("how", "sender_name", "sender_role", "sender_email")}


def _refuse_late(round: Round, applicant: Organisation, moment: dt.datetime) -> None:
    if moment > clock.arrived():
        raise ValidationError({"received_time": "When it was received must be in the past"})
    if late := received_late(round, moment, closes_for(round, applicant)):
        raise ValidationError({"received_time": f"{late.removesuffix('.')}. A bid that came then cannot be entered"})


def change_receipt(*, bid: Bid, receipt: Receipt, by: Any, original: Any = None, version: int | None = None) -> Bid:
    """Put right how the bid came and from whom, or which file the original is, until it is confirmed.

    A link that was sent before counts no longer: it may have gone to the wrong person.
    """
    _refuse_late(bid.round, bid.applicant, receipt.at)
    verb = "changed how the bid was received"
    with editing(bid, by=by, permission="grants.enter_received_bid", verb=verb, version=version) as locked:
        if locked.state != BidState.DRAFT:
            raise Refused(f"{locked.as_it_stands(by)}, so how it was received stays as it is.")
        received = locked.received
        locked.received_at = receipt.at
        for name, value in _sender(receipt).items():
            setattr(received, name, value)
        if original is not None:
            before, received.original = received.original, attach(locked, original, kind=ORIGINAL, by=by)
            remove(before, by=by)
        received.full_clean()
        received.save()
        _end_links(received)
    return locked


def _end_links(received: BidReceived) -> None:
    """Nobody answers by the links that were sent, and what still waits to be sent is not."""
    received.confirmations.filter(answer="").update(expires_at=clock.now())
    call_back("sender_asked", about=received.bid)


def text_hash(data: Data) -> str:
    """The fingerprint of what a bid says. The bidder's own order and the partners' answers move without its text."""
    partners = [{**partner, "confirmation": None} for partner in data.get("partners", ())]
    return hashlib.sha256(canonical({**data, "rank": None, "partners": partners}).encode()).hexdigest()


def ask_sender(*, bid: Bid, by: Any, version: int | None = None) -> SenderConfirmation:
    """Write to whoever sent the bid, with a link to the whole of it as it was typed. Links sent before count no longer."""
    with unit():
        locked = _ready(bid, by, version)
        received = locked.received
        if not received.sender_email:
            raise Refused("There is no e-mail address of the sender. Enter it, or attach a confirmation that they signed.")
        _end_links(received)
        token = secrets.token_urlsafe(32)
        asked = SenderConfirmation.objects.create(
            received=received,
            text_sha256=text_hash(content(locked)),
            token_sha256=hash_of(token),
            by=by,
            at=clock.now(),
            expires_at=clock.now() + OPEN_FOR,
        )
        record(locked, "asked the sender to confirm the bid", by=by, changes={"confirmation": asked.pk})
        queue_to_address(
            "sender_asked",
            address=received.sender_email,
            about=locked,
            cause=f"asked:{asked.pk}",
            secret_link=settings.BASE_URL + reverse("grants:sender-answer", args=[token]),
            received=received,
            until=gov_date(asked.expires_at),
        )
    return asked


def _ready(bid: Bid, by: Any, version: int | None) -> Bid:
    """The bid, locked, for an officer who may have it confirmed as it stands."""
    locked = lock(bid)
    if version is not None and version != locked.version:
        raise stale(locked, by)
    if not by.has_perm("grants.enter_received_bid", locked):
        raise NotPermitted(f"{locked.reference} cannot be confirmed by you as it stands.")
    if late := submit_in_time(locked):
        raise Refused(*late)
    if problems(locked):
        raise Refused(NOT_WHILE_INCOMPLETE)
    return locked


def asked_by_link(token: str) -> SenderConfirmation | None:
    """What the holder of a link was asked; None for a link that is nobody's."""
    parts = ("received__bid__round", "received__bid__applicant", "received__bid__accountable_body", "received__original")
    return SenderConfirmation.objects.filter(token_sha256=hash_of(token)).select_related(*parts).first()


def why_closed(asked: SenderConfirmation) -> str:
    """Why a link that was not answered can be answered no longer; "" while it can."""
    bid = asked.received.bid
    if bid.state == BidState.WITHDRAWN:
        return "The bid was withdrawn, so there is nothing to confirm."
    if bid.state not in EDITABLE:
        return f"The bid was submitted on {gov_moment(bid.submitted_at)}, so there is nothing left to confirm."
    if asked.received.confirmations.filter(pk__gt=asked.pk).exists():
        return "The office has sent you a newer link. Use the one in the latest e-mail."
    if clock.now() >= asked.expires_at:  # type: ignore[operator]
        return f"The link could be used until {gov_moment(asked.expires_at)}. Ask the office to send you a new one."
    return " ".join(submit_in_time(bid))


def answer_as_sender(*, asked: SenderConfirmation, answer: str, seen: str, name: str = "", said: str = "") -> SenderConfirmation:
    """Keep what the sender says of the text whose fingerprint is `seen`. A confirmed bid is submitted.

    Raises Refused when it is too late, and Stale when the office has changed the text since: the sender reads it again.
    """
    with unit():
        bid = lock(asked.received.bid)
        row = SenderConfirmation.objects.select_for_update(of=("self",)).select_related("received__bid__round").get(pk=asked.pk)
        if row.answer:
            raise Refused("This was answered already, so nothing was changed.")
        if closed := why_closed(row):
            raise Refused(closed)
        if answer == Answer.CONFIRMED and seen != text_hash(content(bid)):
            raise Stale(who="the office", at=None)
        row.text_sha256, row.answer, row.answered_at = seen, answer, clock.now()
        row.name, row.said = name.strip(), said.strip() if answer == Answer.WRONG else ""
        row.full_clean(exclude=["text_sha256"])
        row.save()
        if answer == Answer.CONFIRMED:
            record(row, "took the sender’s confirmation", by=SYSTEM, changes={"confirmation": row.pk}, file=bid.file)
            perform(bid, "confirm_received", by=SYSTEM)
        else:
            record(bid, "took the sender’s word that something is wrong", by=SYSTEM, changes={"confirmation": row.pk})
            officers = people_with(Role.COMMISSIONING_OFFICER)
            queue("sender_objected", to=officers, about=bid, cause=f"answered:{row.pk}", received=row.received, answer=row)
    return row


def record_signed(*, bid: Bid, name: str, upload: Any, by: Any, version: int | None = None) -> Bid:
    """The sender confirmed in a signed document, as somebody without e-mail does: attach it, and submit the bid."""
    with unit():
        locked = _ready(bid, by, version)
        _end_links(locked.received)
        document = attach(locked, upload, kind=SIGNED, by=by)
        confirmation = SenderConfirmation(
            received=locked.received,
            text_sha256=text_hash(content(locked)),
            signed=document,
            by=by,
            at=clock.now(),
            answer=Answer.CONFIRMED,
            name=name.strip(),
            answered_at=clock.now(),
        )
        confirmation.full_clean()
        confirmation.save()
        changes = {"confirmation": confirmation.pk, "document": document.pk}
        record(confirmation, "recorded a signed confirmation of the bid", by=by, changes=changes, file=locked.file)
        return perform(locked, "confirm_received", by=by).case


def confirmed_as_it_stands(bid: Bid) -> list[str]:
    """The step that submits a received bid asks for the sender's word on this very text."""
    said = SenderConfirmation.objects.filter(received__bid=bid, answer=Answer.CONFIRMED).last()
    if said is None or said.text_sha256 != text_hash(content(bid)):
        return ["The sender has not confirmed the bid as it stands."]
    return []
