"""What waits for whom about bids: drafts to finish, bids to submit, bids to begin. At most seven queries for anybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet

from casework import clock
from casework.registry import WorkItem, first_of, work_provider
from grants.bids.completeness import problems_of
from grants.bids.models import Bid
from grants.bids.queries import closing_of, with_facts
from grants.bids.readers import known_to
from grants.bids.sentences import due_words
from grants.bids.states import EDITABLE, BidState
from grants.bids.timing import submit_in_time
from grants.rounds.models import Round
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of

S = BidState


def register() -> None:
    for provider in (drafts_to_finish, bids_to_submit, bids_to_begin):
        work_provider(provider)


def _item(bid: Bid, sentence: str, due: dt.date | None) -> WorkItem:
    return WorkItem(bid.title, bid.get_absolute_url(), bid.reference, sentence, due)


def _due(bid: Bid) -> dt.date | None:
    """The day on which the round closes; a returned bid waits for no closing."""
    closes = closing_of(bid)
    return clock.local_date(closes) if closes is not None and bid.state == S.DRAFT and bid.received_at is None else None


def _open(bids: QuerySet[Bid]) -> list[Bid]:
    """Those that can still be submitted, with their facts. The database leaves out the drafts of rounds long closed."""
    running = Q(round__in=Round.objects.open_at(clock.arrived())) | Q(fact_extended__gte=clock.arrived())
    running |= Q(received_at__isnull=False)  # it came in time, whenever it is confirmed
    found = with_facts(bids.filter(state__in=EDITABLE)).filter(Q(state=S.RETURNED) | running)
    return [bid for bid in first_of(found.order_by("pk")) if not submit_in_time(bid)]


def drafts_to_finish(user: Any) -> Iterator[WorkItem]:
    """A coordinator's drafts while they can still be submitted, and what the office returned."""
    bodies = standing_of(user).serving(Role.COORDINATOR)
    if not bodies:
        return
    own = Bid.objects.filter(known_to(user), applicant__in=bodies).exclude(state=S.DRAFT, received_at__isnull=False)
    for bid in _open(own):
        if bid.state == S.RETURNED:
            yield _item(bid, "The office returned this bid for changes. Put it right and have it submitted again.", None)
        else:
            yield _item(bid, f"Finish this bid. {due_words(bid)}", _due(bid))


def bids_to_submit(user: Any) -> Iterator[WorkItem]:
    """Complete bids that name the signatory's body."""
    bodies = standing_of(user).serving(Role.SIGNATORY)
    if not bodies:
        return
    bids = _open(Bid.objects.filter(known_to(user), accountable_body__in=bodies))
    missing = problems_of(bids)
    for bid in bids:
        if not missing[bid.pk]:
            words = "" if bid.state == S.RETURNED or bid.received_at else f" {due_words(bid)}"
            item = _item(bid, f"Read and submit this bid of {bid.applicant.short_name}.{words}", _due(bid))
            yield replace(item, url=f"{item.url}check/") if bid.round.asks.one_page else item


def bids_to_begin(user: Any) -> Iterator[WorkItem]:
    """For officers: what has arrived and waits for its assessment to begin."""
    if not standing_of(user).in_office(Role.COMMISSIONING_OFFICER):
        return
    for bid in first_of(Bid.objects.filter(known_to(user), state=S.SUBMITTED).select_related("applicant").order_by("pk")):
        if bid.bodies().isdisjoint(standing_of(user).own):
            yield _item(bid, f"{bid.applicant.short_name} submitted this bid. Begin its assessment.", None)
