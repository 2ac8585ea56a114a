"""A small county for the tests of bids: a partnership, the council that answers for it, and the people of both."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from casework import clock
from casework.documents.services import attach
from casework.workflow import unit
from grants.bids.models import Bid
from grants.bids.models_parts import section_of, version_of
from grants.bids.models_received import ORIGINAL, BidReceived
from partnerships.organisations.models import Area
from partnerships.organisations.roles import Role
from tests.factories import BidFactory, OrganisationFactory, OutcomeFactory, RoundFactory, member, officer

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@dataclass
class World:
    round: Any
    partnership: Any
    council: Any
    coordinator: Any
    signatory: Any
    officer: Any
    area: Any
    outcome: Any


def world(**round_values: Any) -> World:
    """A round that closes at noon on 11 November 2026 (with the clock at noon on 14 October), a partnership and its council."""
    council = OrganisationFactory(council=True, name="Huntingdonshire District Council", short_name="Huntingdonshire DC")
    partnership = OrganisationFactory(
        name="Huntingdonshire CSP", short_name="Huntingdonshire", kind="csp", usual_accountable_body=council
    )
    outcome = OutcomeFactory()
    values = {
        "reference": "CDR-2026",
        "terms": "The grant is spent on the project alone.",
        "plan": outcome.theme.plan,
        "closes_at": clock.london(dt.date(2026, 11, 11), 12),
    }
    return World(
        round=RoundFactory(**(values | round_values)),
        partnership=partnership,
        council=council,
        coordinator=member(partnership, Role.COORDINATOR, name="Cora Coordinator"),
        signatory=member(council, Role.SIGNATORY, name="Sig Natory"),
        officer=officer(Role.COMMISSIONING_OFFICER, name="Olive Officer"),
        area=Area.objects.get_or_create(key="huntingdonshire", name="Huntingdonshire", gss="E07000011")[0],
        outcome=outcome,
    )


def complete_bid(place: World, **values: Any) -> Bid:
    """A draft that could be submitted: £12,000, its lines £9,000 and £3,000."""
    given = {
        "round": place.round,
        "applicant": place.partnership,
        "accountable_body": place.council,
        "prepared_by": place.coordinator,
    }
    bid = BidFactory(**(given | values))
    bid.areas.add(place.area)
    return bid


def received_bid(place: World, *, at: dt.datetime | None = None, **values: Any) -> Bid:
    """A complete draft that the officer entered from what came by e-mail, at 9am today unless said, with its original."""
    bid = complete_bid(place, received_at=at or clock.london(clock.today(), 9), prepared_by=place.officer, **values)
    with unit():
        original = attach(bid, pdf("bid-from-the-chair.pdf"), kind=ORIGINAL, by=place.officer)
    BidReceived.objects.create(
        bid=bid,
        how="email",
        sender_name="Jo Sender",
        sender_role="chair",
        sender_email="jo@example.org",
        original=original,
        entered_by=place.officer,
        entered_at=clock.now(),
    )
    return bid


def pdf(name: str = "quote.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF, content_type="application/pdf")


def after_closing(place: World, minutes: int = 1) -> dt.datetime:
    return place.round.closes_at + dt.timedelta(minutes=minutes)


def details(bid: Bid, **changed: str) -> dict[str, str]:
    """What a browser sends from the details page."""
    sent = {
        "version": str(version_of(section_of(bid, "details"))),
        "title": bid.title,
        "summary": bid.summary,
        "category": bid.category,
        "change": bid.change,
        "accountable_body": str(bid.accountable_body_id or ""),
        "delivery_body": str(bid.delivery_body_id or ""),
        "starts_day": "1",
        "starts_month": "4",
        "starts_year": str(clock.financial_year(clock.today())),
        "ends_day": "31",
        "ends_month": "3",
        "ends_year": str(clock.financial_year(clock.today()) + 1),
        "amount_requested": str(bid.amount_requested or ""),
    }
    return sent | changed


def budget(bid: Bid, *rows: dict[str, str], amount: str = "12000", **changed: str) -> dict[str, str]:
    """What a browser sends from the budget page; the bid's own lines, or the given rows."""
    if not rows:
        rows = tuple(
            {"key": str(line.line_key), "category": line.category, "description": line.description, "asked": str(line.asked)}
            for line in bid.lines.all()
        )
    kept = sum(1 for row in rows if row.get("key"))
    sent = {"version": str(version_of(section_of(bid, "budget"))), "amount_requested": amount}
    sent |= {"lines-TOTAL_FORMS": str(len(rows)), "lines-INITIAL_FORMS": str(kept)}
    for index, row in enumerate(rows):
        sent |= {f"lines-{index}-{name}": value for name, value in row.items()}
    return sent | changed


def asked(bid: Bid) -> list[tuple[str, Decimal]]:
    return [(line.description, line.asked) for line in bid.lines.order_by("order")]
