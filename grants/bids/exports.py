"""The list of bids as an Excel file."""

from __future__ import annotations

from typing import Any

from casework.clock import LONDON
from casework.exports import Column


def came(bid: Any) -> str:
    """Of a bid read with `received`: how it reached the office."""
    return bid.received.get_how_display() if bid.received_at is not None else "Written here"


COLUMNS = (
    Column("Reference", lambda bid: bid.reference),
    Column("Title", lambda bid: bid.title, 40),
    Column("Round", lambda bid: bid.round.reference),
    Column("Applicant", lambda bid: bid.applicant.name, 36),
    Column("Accountable body", lambda bid: bid.accountable_body.name if bid.accountable_body else "", 36),
    Column("Place in the bidder’s own order", lambda bid: bid.rank),
    Column("Category", lambda bid: bid.get_category_display(), 32),
    Column("State", lambda bid: bid.get_state_display()),
    Column("Start date", lambda bid: bid.starts),
    Column("End date", lambda bid: bid.ends),
    Column("Requested (£)", lambda bid: bid.amount_requested),
    Column("Awarded (£)", lambda bid: bid.amount_awarded),
    Column("How it came", came),
    Column("Received", lambda bid: bid.received_at.astimezone(LONDON) if bid.received_at else None),
    Column("Submitted", lambda bid: bid.submitted_at.astimezone(LONDON) if bid.submitted_at else None),
)
