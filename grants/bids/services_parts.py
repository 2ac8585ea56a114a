"""Saving a bid's risks and partners: rows like its milestones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from casework.unfinished import keep_unfinished
from grants.bids.models import Bid
from grants.bids.models_parts import BidPartner, BidRisk
from grants.bids.services import editing_section, set_rows

Row = Mapping[str, Any]
RISK = ("title", "likelihood", "impact", "mitigation", "owner")
PARTNER = ("name", "brings", "contact", "email")


def save_risks(*, bid: Bid, rows: Sequence[Row], by: Any, half: Sequence[Row] = (), version: int | None = None) -> Bid:
    """Set what could go wrong and what is done about it. `half` are the rows to keep as typed."""
    with editing_section(bid, "risks", "changed the risks", by, version) as locked:
        set_rows(locked, BidRisk, "risk_key", RISK, rows, "a risk", by, half)
        keep_unfinished(locked, "risks", half)
    return locked


def save_partners(*, bid: Bid, rows: Sequence[Row], by: Any, half: Sequence[Row] = (), version: int | None = None) -> Bid:
    """Set who works with the applicant. What a partner confirmed in other words counts no longer (PartnerConfirmation)."""
    with editing_section(bid, "partners", "changed the partners", by, version) as locked:
        set_rows(locked, BidPartner, "partner_key", PARTNER, rows, "a partner", by, half)
        keep_unfinished(locked, "partners", half)
    return locked
