"""Who may make which decision: the Commissioner in their own right, officers within the scheme of delegation, nobody on their own
body's bid, and never the person who recommended it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from casework import clock
from casework.money import pounds
from grants.assessment.models import Assessment
from grants.assessment.states import AssessmentState
from grants.decisions.delegation import scheme_on
from grants.decisions.states import DecisionState
from partnerships.organisations.models import OfficeIdentity, on_date
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of

DELEGATED = (Role.CHIEF_EXECUTIVE, Role.CHIEF_FINANCE_OFFICER, Role.COMMISSIONING_OFFICER)


def decision_maker_title() -> str:
    """What the office's decision maker is called today: configuration, because offices are abolished."""
    identity = OfficeIdentity.objects.filter(on_date(clock.today())).order_by("-starts").first()
    return identity.decision_maker_title if identity is not None else str(Role.COMMISSIONER.label)


def _whole(amount: Decimal) -> str:
    return pounds(amount).removesuffix(".00")


def within_delegation(case: Any, by: Any) -> str | None:
    """A sentence when an award is above every limit this person's roles have. Not asked of a draft that must be recommended first."""
    standing = standing_of(by)
    if standing.in_office(Role.COMMISSIONER) or awaits_recommendation(case):
        return None
    roles = [role for role in DELEGATED if standing.in_office(role)]
    held = scheme_on(clock.today()).highest(roles, case.round.fund_id)
    if held is None:
        whom = f"a {roles[0].label.lower()}" if roles else "you"
        return f"The scheme of delegation gives {whom} no limit for {case.round.fund}: {_ask()}"
    limit, role = held
    over = next((award for award in case.all_awards() if award.amount > limit), None)
    if over is None:
        return None
    return (
        f"The scheme of delegation lets a {Role(role).label.lower()} decide awards of up to {_whole(limit)}. "
        f"The award to {over.bid.reference} is {_whole(over.amount)}: {_ask()}"
    )


def _ask() -> str:
    return f"ask the {decision_maker_title()} to decide."


def awaits_recommendation(case: Any) -> bool:
    return bool(case.state == DecisionState.DRAFT and case.round.asks.recommended)


def commissioner_where_named(case: Any, by: Any) -> str | None:
    """A grant that goes on without competition is the Commissioner's to decide, however small."""
    if not case.round.way.commissioner or awaits_recommendation(case) or standing_of(by).in_office(Role.COMMISSIONER):
        return None
    return f"The {decision_maker_title()} decides on a {case.round.get_route_display().lower()}."


def recommended_or_at_once(case: Any, by: Any) -> str | None:
    """A draft is decided without a recommendation where its tier asks for none. Then the assessment is one, and whoever assessed a
    bid alone does not decide on it."""
    if awaits_recommendation(case):
        return "Recommend the decision first."
    if case.state != DecisionState.DRAFT:
        return None
    entered = next(
        (award.bid for award in case.all_awards() if award.bid.begun_by_office and award.bid.prepared_by_id == by.pk), None
    )
    if entered is not None:
        return f"You entered {entered.reference}, so somebody else must decide."
    bids = [award.bid_id for award in case.all_awards()]
    own = Assessment.objects.filter(bid__in=bids, assessor=by, state=AssessmentState.SCORED).select_related("bid").first()
    return f"You assessed {own.bid.reference}, so somebody else must decide." if own is not None else None


def not_the_recommender(case: Any, by: Any) -> str | None:
    """Recommending and deciding are two people's acts, whoever they are."""
    if case.recommended_by_id is not None and case.recommended_by_id == by.pk:
        return "You recommended this decision, so somebody else must make it."
    return None


def no_own_interest(case: Any, by: Any) -> str | None:
    """Nobody recommends or decides on a bid of a body they serve in a seat of their own; a seat held for the office is no conflict."""
    return _if_own(case, by, "take this decision")


def no_own_letters(case: Any, by: Any) -> str | None:
    """Nor do they choose when their own body learns of it, and others with it."""
    return _if_own(case, by, "tell the bidders")


def _if_own(case: Any, by: Any, must: str) -> str | None:
    own = standing_of(by).own
    if not own:
        return None
    conflicted = next((award.bid for award in case.all_awards() if not own.isdisjoint(award.bid.bodies())), None)
    return f"You serve a body that {conflicted.reference} is for, so somebody else must {must}." if conflicted else None
