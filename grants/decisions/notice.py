"""The decision notice as it is frozen when a decision is made, and again when it is published."""

from __future__ import annotations

from typing import Any

from casework import clock
from grants.decisions.models import Award, Decision, PublicationHold
from partnerships.organisations.models import OfficeIdentity, on_date


def notice_of(decision: Decision) -> dict[str, Any]:
    """JSON values only, amounts as strings. `held_back` names what the public must not read, with its ground."""
    office = OfficeIdentity.objects.filter(on_date(clock.today())).order_by("-starts").first()
    awards = decision.all_awards()
    holds = PublicationHold.objects.filter(award__in=awards, lifted_at=None).order_by("pk")
    held: dict[int, list[dict[str, str]]] = {}
    for hold in holds:
        held.setdefault(hold.award_id, []).append({"part": hold.part, "ground": hold.ground})
    return {
        "office": office.name if office is not None else "",
        "reference": decision.reference,
        "title": decision.title,
        "round": decision.round.reference,
        "fund": decision.round.fund.name,
        "route": decision.round.get_route_display(),
        "why_route": decision.round.way.why,
        "legal_power": decision.legal_power.name,
        "statute": decision.legal_power.statute,
        "summary": decision.summary,
        "reasons": decision.reasons,
        "recommendation": decision.recommendation,
        "recommended_by": str(decision.recommended_by or ""),
        "interests": decision.interests,
        "meeting": decision.meeting,
        "over_budget_reason": decision.over_budget_reason,
        "decided_by": str(decision.decided_by),
        "decided_as": decision.decided_as,
        "decided_at": decision.decided_at.isoformat() if decision.decided_at else "",
        "published_at": decision.published_at.isoformat() if decision.published_at else "",
        "awards": [_award(award, held.get(award.pk, [])) for award in awards],
    }


def _award(award: Award, held: list[dict[str, str]]) -> dict[str, Any]:
    bid = award.bid
    return {
        "bid": bid.reference,
        "applicant": bid.applicant.name,
        "recipient": str(bid.accountable_body or bid.applicant),
        "title": bid.title,
        "purpose": bid.summary,
        "outcome": award.outcome,
        "route_reason": bid.route_reason,
        "kind": award.kind,
        "kind_reason": award.kind_reason,
        "requested": str(bid.amount_requested),
        "amount": str(award.amount),
        "reason": award.reason,
        "years": [{"year": row.account.year_label, "amount": str(row.amount)} for row in award.years.all()],
        "conditions": [
            {"when": row.when, "text": row.text, "due": row.due.isoformat() if row.due else ""} for row in award.conditions.all()
        ],
        "held_back": held,
    }
