"""What waits for whom between an assessed bid and a published decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from casework import clock
from casework.registry import WorkItem, first_of, work_provider
from grants.bids.models import Bid
from grants.bids.readers import known_to
from grants.bids.states import BidState
from grants.decisions.at_once import entered_by
from grants.decisions.checks import DELEGATED
from grants.decisions.delegation import scheme_on
from grants.decisions.models import Award, Decision
from grants.decisions.states import LIVE, DecisionState
from grants.rounds.ways import ROUTES, TIERS
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of


@work_provider
def decisions_to_make(user: Any) -> Iterator[WorkItem]:
    """The Commissioner's: every recommendation. An officer's: those within the scheme of delegation. Nobody's own."""
    standing = standing_of(user)
    roles = [role for role in DELEGATED if standing.in_office(role)]
    commissioner = standing.in_office(Role.COMMISSIONER)
    if not (commissioner or roles):
        return
    scheme = None if commissioner else scheme_on(clock.today())
    waiting = Decision.objects.visible_to(user).filter(state=DecisionState.RECOMMENDED).exclude(recommended_by=user)
    for decision in first_of(waiting.select_related("round").prefetch_related("awards__bid").order_by("pk")):
        awards = list(decision.awards.all())
        held = scheme.highest(roles, decision.round.fund_id) if scheme is not None else None
        theirs = not decision.round.way.commissioner
        within = commissioner or (theirs and held is not None and all(award.amount <= held[0] for award in awards))
        if within and all(standing.own.isdisjoint(award.bid.bodies()) for award in awards):
            yield WorkItem(decision.title, decision.get_absolute_url(), decision.reference, "Read the recommendation and decide")


@work_provider
def decisions_to_finish(user: Any) -> Iterator[WorkItem]:
    """An officer's: drafts to recommend, bidders to tell, decisions to publish. Communications publish too."""
    standing = standing_of(user)
    officer = standing.in_office(Role.COMMISSIONING_OFFICER)
    if not (officer or standing.in_office(Role.COMMUNICATIONS)):
        return
    states = [DecisionState.DRAFT, DecisionState.MADE] if officer else [DecisionState.MADE]
    untold = Count("awards", filter=Q(awards__told_at=None))
    for decision in first_of(Decision.objects.visible_to(user).filter(state__in=states).annotate(untold=untold).order_by("pk")):
        if decision.state == DecisionState.DRAFT:
            yield _item(decision, "Complete the draft and recommend it")
        elif not decision.untold:
            yield _item(decision, "Publish the decision")
        elif officer:
            yield _item(decision, f"Tell the bidders: {decision.untold} not told yet")


def _item(decision: Decision, sentence: str) -> WorkItem:
    return WorkItem(decision.title, decision.get_absolute_url(), decision.reference, sentence)


@work_provider
def bids_to_decide(user: Any) -> Iterator[WorkItem]:
    """An officer's: assessed bids that no decision is about, one item a round; each by itself where it is decided at once."""
    if not standing_of(user).in_office(Role.COMMISSIONING_OFFICER):
        return
    taken = Award.objects.filter(bid=OuterRef("pk"), decision__state__in=[DecisionState.DRAFT, *LIVE])
    waiting = Bid.objects.filter(~Exists(taken), known_to(user), state=BidState.ASSESSED).order_by("round__reference")
    at_once = Q(
        round__tier__in=[tier for tier, asks in TIERS.items() if not asks.recommended],
        round__route__in=[route for route, way in ROUTES.items() if not way.commissioner],
    )
    own = standing_of(user).own
    for bid in waiting.filter(at_once).exclude(assessments__assessor=user).order_by("pk"):
        if own.isdisjoint(bid.bodies()) and not entered_by(bid, user):
            yield WorkItem(bid.title, f"/decisions/at-once/{bid.reference}/", bid.reference, "Decide this request")
    bids = waiting.exclude(at_once)
    rounds = bids.values("round__reference", "round__title").annotate(count=Count("pk"))
    for row in first_of(rounds):
        reference, count = row["round__reference"], row["count"]
        sentence = f"{count} bid{'s are' if count > 1 else ' is'} assessed: write a decision"
        yield WorkItem(row["round__title"], f"/decisions/new/?round={reference}", reference, sentence)
