"""What an award may say about a bid, and what stands against it. Forms, services and the step itself ask here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db.models import QuerySet

from casework.money import ZERO, pounds, total
from grants.assessment.models import GateResult
from grants.bids.models import Bid
from grants.bids.states import BidState
from grants.decisions.models import Award, Decision
from grants.decisions.states import IN_FORCE, LIVE, DecisionState
from grants.rounds.models import Round

Outcome = Award.Outcome
POSSIBLE: dict[str, Sequence[str]] = {
    BidState.ASSESSED: (Outcome.FULL, Outcome.PART, Outcome.RESERVE, Outcome.DECLINE),
    BidState.RESERVE: (Outcome.FULL, Outcome.PART, Outcome.DECLINE),
    BidState.INELIGIBLE: (Outcome.DECLINE,),
}


def possible_outcomes(bid: Bid, *, gate_failed: bool) -> Sequence[str]:
    """A bid that failed a gate can only be declined, also after an earlier decision on it was undone."""
    possible = POSSIBLE.get(bid.state, ())
    return [outcome for outcome in possible if outcome == Outcome.DECLINE] if gate_failed else possible


def decidable(round_: Round) -> QuerySet[Bid]:
    """The bids of a round that a decision can be about."""
    return Bid.objects.filter(round=round_, state__in=list(POSSIBLE))


def failed_gates(bids: Iterable[int]) -> set[int]:
    return set(GateResult.objects.filter(bid__in=list(bids), passed=False).values_list("bid", flat=True))


def faults(bid: Bid, *, outcome: str, amount: Decimal, reason: str, gate_failed: bool) -> list[tuple[str, str]]:
    """(field, sentence) for everything that stands against an award."""
    found = []
    asked = bid.amount_requested or ZERO
    if outcome not in possible_outcomes(bid, gate_failed=gate_failed):
        state = bid.get_state_display().lower()
        found.append(("outcome", f"“{Outcome(outcome).label}” cannot be decided for a bid that is {state}"))
    if outcome == Outcome.FULL and amount != asked:
        found.append(("amount", f"The amount must be the {pounds(asked)} asked for, or choose to award in part"))
    if outcome == Outcome.PART and not 0 < amount < asked:
        found.append(("amount", f"The amount must be more than £0 and less than the {pounds(asked)} asked for"))
    if outcome in {Outcome.RESERVE, Outcome.DECLINE} and amount:
        found.append(("amount", "Leave the amount empty unless the bid is awarded"))
    if not reason.strip():
        found.append(("reason", "Enter the reason given to the bidder"))
    return found


def awards_add_up(decision: Decision) -> list[str]:
    """Every award is possible, its years add up to it, and its bid is in no other live decision."""
    found = []
    for award in decision.all_awards():
        given = {"outcome": award.outcome, "amount": award.amount, "reason": award.reason}
        gate_failed: bool = award.gate_failed  # type: ignore[attr-defined]
        against = [words for _, words in faults(award.bid, **given, gate_failed=gate_failed)]
        years = total([year.amount for year in award.years.all()])
        if years != award.amount:
            against.append(f"the financial years add up to {pounds(years)}, not to the award of {pounds(award.amount)}")
        found += [f"{award.bid.reference}: {words[:1].lower()}{words[1:]}" for words in against]
    return found + elsewhere(decision)


def elsewhere(decision: Decision) -> list[str]:
    """Bids that another live decision is about. A place on the reserve list stands until it is taken up."""
    bids = [award.bid_id for award in decision.all_awards()]
    others = Award.objects.filter(bid__in=bids, decision__state__in=LIVE).exclude(decision=decision)
    others = others.exclude(outcome=Outcome.RESERVE, decision__state__in=IN_FORCE).select_related("decision", "bid")
    return [
        f"{other.bid.reference} is also in {other.decision.reference}, which is "
        f"{DecisionState(other.decision.state).label.lower()}. Take it out of one of them."
        for other in others.order_by("bid__reference", "pk")
    ]


def latest_in_force(bid: Bid, **having: str) -> Award | None:
    """What was decided on a bid last and stands; `having` narrows it, as by outcome."""
    found = Award.objects.filter(bid=bid, decision__state__in=IN_FORCE, **having)
    return found.order_by("-decision__decided_at", "-pk").first()


def lapsed_award(bid: Bid) -> Award:
    """The award that stood when it was recorded that nobody takes it up."""
    found = Award.objects.filter(bid=bid, outcome__in=[Outcome.FULL, Outcome.PART], decision__state__in=IN_FORCE)
    return found.select_related("decision", "bid__file").order_by("-decision__decided_at", "-pk")[0]
