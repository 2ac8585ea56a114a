"""The text that both sides sign, as one JSON value: made from the tables while it is a draft, read from its snapshot afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from casework import clock
from casework.snapshots import Snapshot, snapshots_of
from grants.agreements.models import Agreement, Offer
from partnerships.organisations.models import OfficeIdentity, on_date

Schedule = Callable[[Agreement], Iterable[dict[str, Any]]]
_schedules: list[Schedule] = []
DATES = {"starts", "ends", "due", "accept_by"}


def schedule_of_payments(provider: Schedule) -> Schedule:
    """Register what lists an agreement's instalments in its text: payments lie in a higher room."""
    if provider not in _schedules:
        _schedules.append(provider)
    return provider


def office_identity() -> OfficeIdentity | None:
    """What the office is called today."""
    return OfficeIdentity.objects.filter(on_date(clock.today())).order_by("-starts").first()


def offer_text(offer: Offer) -> dict[str, Any]:
    """The proposal as it is frozen when it is sent and when it is agreed."""
    return {
        "reference": offer.reference,
        "amount": str(offer.award.amount),
        "starts": str(offer.starts),
        "ends": str(offer.ends),
        "comment": offer.comment,
        **parts_of(offer),
    }


def agreement_text(agreement: Agreement) -> dict[str, Any]:
    """The whole agreement: parties, money, project, conditions, payments and clauses."""
    award = agreement.award
    bid, identity = award.bid, office_identity()
    return {
        "reference": agreement.reference,
        "title": bid.title,
        "office": identity.name if identity else "The office",
        "decision_maker": identity.decision_maker_title if identity else "Commissioner",
        "recipient": str(bid.accountable_body),
        "partnership": str(bid.applicant),
        "purpose": bid.summary,
        "decision": award.decision.reference,
        "legal_power": award.decision.legal_power.statute,
        "fund": str(bid.round.fund),
        "amount": str(agreement.amount),
        "starts": str(agreement.starts),
        "ends": str(agreement.ends),
        "accept_by": str(agreement.accept_by) if agreement.accept_by else "",
        **parts_of(agreement),
        "conditions": [
            {"when": condition.get_when_display(), "text": condition.text, "due": str(condition.due or "")}
            for condition in award.conditions.all()
        ],
        "payments": [row for schedule in _schedules for row in schedule(agreement)],
        "clauses": agreement.clauses,
    }


def parts_of(case: Offer | Agreement) -> dict[str, Any]:
    """Lines, measures and milestones of an offer or agreement: three queries."""
    return {
        "lines": [
            {
                "key": str(line.line_key),
                "category": line.get_category_display(),
                "description": line.description,
                "amount": str(line.amount),
                "match_cash": str(line.match_cash),
                "match_in_kind": str(line.match_in_kind),
            }
            for line in case.lines.all()
        ],
        "measures": [
            {
                "key": str(measure.measure_key),
                "name": measure.name,
                "proposed": measure.is_proposed,
                "baseline": measure_words(measure.baseline, measure.baseline_of, measure.unit),
                "target": measure_words(measure.target, measure.target_of, measure.unit),
            }
            for measure in case.measures.all()
        ],
        "milestones": [
            {"key": str(milestone.milestone_key), "title": milestone.title, "due": str(milestone.due)}
            for milestone in case.milestones.all()
        ],
    }


def measure_words(value: Decimal | None, out_of: Decimal | None, unit: str) -> str:
    """80 individuals; 64 out of 80 (80%); nothing for a value that is missing."""
    if value is None:
        return ""
    if out_of:
        return f"{_plain(value)} out of {_plain(out_of)} ({_plain(round(value * 100 / out_of, 1))}%)"
    return f"{_plain(value)}{unit}" if unit == "%" else f"{_plain(value)} {unit}"


def _plain(value: Decimal) -> str:
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".")


def latest_snapshot(agreement: Agreement) -> Snapshot | None:
    return snapshots_of(agreement).last()


def readable(text: Any) -> Any:
    """The same value with amounts and dates as Python's own, for templates."""
    if isinstance(text, list):
        return [readable(item) for item in text]
    if not isinstance(text, dict):
        return text
    return {name: _value(name, item) for name, item in text.items()}


def _value(name: str, item: Any) -> Any:
    if name in DATES:
        return dt.date.fromisoformat(item) if item else None
    if name in {"amount", "match_cash", "match_in_kind"}:
        return Decimal(item)
    return readable(item)
