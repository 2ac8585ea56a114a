"""Partners are asked by e-mail whether what a bid says they bring is right, and answer by a link without signing in.

The link's token is kept as its hash alone and is good for one answer. An answer is to the words that were asked about: when the bid
says something else of the partner, it counts no longer and the partner can be asked again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import F, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from casework import clock
from casework.outbox import could_not_be_sent, queue, queue_to_address
from casework.registry import Panel
from casework.templatetags.ui import gov_date
from casework.workflow import SYSTEM, NotPermitted, Refused, lock, record, unit
from grants.bids.models import Bid
from grants.bids.models_parts import BidPartner, PartnerConfirmation
from grants.bids.queries import facts_of
from grants.bids.sealing import reads_rows
from grants.bids.states import DECIDED, BidState
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with

OPEN_FOR = dt.timedelta(days=30)
"""How long a link can be answered by."""
Answer = PartnerConfirmation.Answer
CONFIRMED, DISPUTED, WAITING, EXPIRED, NOT_ASKED, UNSENT = "confirmed", "disputed", "waiting", "expired", "not_asked", "unsent"
NAMES = {
    CONFIRMED: ("Confirmed", "green"),
    DISPUTED: ("Not right", "red"),
    WAITING: ("Waiting for an answer", "yellow"),
    EXPIRED: ("No answer", "grey"),
    NOT_ASKED: ("Not asked", "grey"),
    UNSENT: ("The e-mail could not be sent", "red"),
}


@dataclass(frozen=True)
class PartnerStanding:
    """A partner with how far the words about it are confirmed."""

    partner: BidPartner
    state: str
    day: dt.date | None = None
    said: str = ""

    @property
    def tag(self) -> tuple[str, str]:
        return NAMES[self.state]

    @property
    def words(self) -> str:
        """For versions and paper: "Confirmed on 3 October 2026"."""
        name, _ = self.tag
        on = (
            f"{name} (asked on {gov_date(self.day)})"
            if self.state in (WAITING, EXPIRED, UNSENT)
            else f"{name} on {gov_date(self.day)}"
        )
        return on if self.day else name


ABOUT = ("pk", "answer", "said", "answered_at", "asked_at", "expires_at")


def standings(bid: Bid) -> list[PartnerStanding]:
    """The bid's partners in their order, each by what it said last of the words that stand now. One query."""
    same = PartnerConfirmation.objects.filter(partner=OuterRef("pk"), name=OuterRef("name"), brings=OuterRef("brings"))
    last = same.order_by(F("answered_at").desc(nulls_last=True), "-pk")
    columns: dict[str, Any] = {f"last_{name}": Subquery(last.values(name)[:1]) for name in ABOUT}
    asked = Concat(Value("asked:"), Cast(OuterRef("last_pk"), TextField()), output_field=TextField())
    unsent = could_not_be_sent("partner_asked", about=Bid, key=OuterRef("bid"), cause=asked)
    return [_standing(partner) for partner in bid.partners.annotate(**columns).annotate(unsent=unsent).order_by("order", "pk")]


def _standing(partner: Any) -> PartnerStanding:
    if partner.last_asked_at is None:
        return PartnerStanding(partner, NOT_ASKED)
    if partner.last_answer:
        return PartnerStanding(partner, partner.last_answer, clock.local_date(partner.last_answered_at), partner.last_said)
    state = UNSENT if partner.unsent else WAITING if clock.now() < partner.last_expires_at else EXPIRED
    return PartnerStanding(partner, state, clock.local_date(partner.last_asked_at))


def is_about(confirmation: PartnerConfirmation, partner: BidPartner) -> bool:
    """Whether these are the words that the bid says now."""
    return (confirmation.name, confirmation.brings) == (partner.name, partner.brings)


def may_be_asked(found: PartnerStanding) -> bool:
    return bool(found.partner.email) and found.state != CONFIRMED


def ask_partners(*, bid: Bid, partners: Collection[int], by: Any) -> list[BidPartner]:
    """Write to these partners of the bid. A link that was sent before stays good until it is answered or its time is over.

    The answers belong to the bid that is being judged, so asking goes on until the bid is decided.
    """
    with unit():
        locked = lock(bid)
        if not by.has_perm("grants.ask_partners", locked):
            raise NotPermitted(f"{locked.reference} is written by the coordinators of {locked.applicant}.")
        asked = [found.partner for found in standings(locked) if found.partner.pk in set(partners) and may_be_asked(found)]
        if not asked:
            raise Refused("None of these partners can be asked: they have confirmed, or there is no e-mail address.")
        for partner in asked:
            _ask(locked, partner, by)
        record(locked, "asked partners to confirm", by=by, changes={"partners": [partner.pk for partner in asked]})
    return asked


def _ask(bid: Bid, partner: BidPartner, by: Any) -> None:
    token = secrets.token_urlsafe(32)
    asked = PartnerConfirmation.objects.create(
        partner=partner,
        name=partner.name,
        brings=partner.brings,
        token_sha256=hash_of(token),
        asked_by=by,
        asked_at=clock.now(),
        expires_at=clock.now() + OPEN_FOR,
    )
    link = settings.BASE_URL + reverse("grants:partner-answer", args=[token])
    until = gov_date(asked.expires_at)
    queue_to_address(
        "partner_asked",
        address=partner.email,
        about=bid,
        cause=f"asked:{asked.pk}",
        secret_link=link,
        partner=partner,
        by=by,
        until=until,
    )


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def asked_by_link(token: str) -> PartnerConfirmation | None:
    """What the holder of a link was asked; None for a link that is nobody's."""
    found = PartnerConfirmation.objects.select_related("partner__bid__applicant", "partner__bid__round", "asked_by")
    return found.filter(token_sha256=hash_of(token)).first()


def why_closed(asked: PartnerConfirmation) -> str:
    """Why a question that was not answered can be answered no longer; "" while it can."""
    bid = asked.partner.bid
    if bid.state == BidState.WITHDRAWN:
        return f"{bid.applicant} withdrew the bid, so there is nothing to confirm."
    if not is_about(asked, asked.partner):
        return f"{bid.applicant} has changed what the bid says, so this link no longer counts. They can send you a new one."
    if clock.now() >= asked.expires_at:
        return f"The link could be used until {gov_date(asked.expires_at)}. Ask {bid.applicant} to send you a new one."
    return ""


def answer_as_partner(*, asked: PartnerConfirmation, answer: str, said: str = "") -> PartnerConfirmation:
    """Keep the answer and tell the bid's coordinators. It is the link's only one. Raises Refused when it is too late."""
    with unit():
        bid = lock(asked.partner.bid)
        row = (
            PartnerConfirmation.objects.select_for_update(of=("self",)).select_related("partner__bid__applicant").get(pk=asked.pk)
        )
        if row.answer:
            raise Refused("This was answered already, so nothing was changed.")
        if closed := why_closed(row):
            raise Refused(closed)
        row.answer, row.answered_at = answer, clock.now()
        row.said = said.strip() if answer == Answer.DISPUTED else ""
        row.full_clean()
        row.save()
        verb = "confirmed what the partner brings" if answer == Answer.CONFIRMED else "said that it is not right"
        record(row.partner, verb, by=SYSTEM, changes={"confirmation": row.pk}, file=bid.file)
        people = people_with(Role.COORDINATOR, [bid.applicant_id])
        queue("partner_answered", to=people, about=bid, cause=f"answered:{row.pk}", partner=row.partner, answer=row)
    return row


def partners_panel(bid: Bid, user: Any) -> Panel | None:
    """On the bid's page, how far the partners have confirmed: it goes on changing after the text was frozen, until it is decided."""
    if bid.state in DECIDED:
        return None
    found = standings(bid) if facts_of(bid).fact_partners and reads_rows(user, bid) else []  # type: ignore[attr-defined]
    if not found:
        return None
    may_ask = user.has_perm("grants.ask_partners", bid) and any(may_be_asked(each) for each in found)
    url = f"{bid.get_absolute_url()}partners/ask/" if may_ask else ""
    return Panel("Partners", "grants/partners_panel.html", {"partners": found, "ask_url": url})
