"""Who is reminded of which draft: at the office's days before the round closes for its bidder, once each.

A draft that was begun, or a closing time that was given, after a reminder's moment waits for the next one: the latest moment that has
come is caught up only for those who were there to be reminded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from casework import clock
from casework.reminders import Reminder, Told
from grants.bids.completeness import problems_of
from grants.bids.models import Bid
from grants.bids.queries import with_facts
from grants.bids.states import BidState
from grants.rounds.models_parts import RoundExtension
from grants.rounds.reminding import days_in_use, in_how_many_days, latest, make_default_days
from grants.rounds.states import RoundState
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_by_body

SENTENCES = 12
"""Of what is missing, in one e-mail."""


@dataclass
class Due:
    """A draft at one of its moments; those who can write it, and those who can submit it, who still wait for this reminder."""

    bid: Any
    closes: dt.datetime
    moment: str
    write: list[Any] = field(default_factory=list)
    sign: list[Any] = field(default_factory=list)


def open_drafts() -> QuerySet[Bid]:
    """Drafts that can still be submitted before a closing time, with this bidder's extension."""
    own = RoundExtension.objects.filter(round=OuterRef("round"), organisation=OuterRef("applicant"))
    running = Q(round__closes_at__gte=clock.now()) | Exists(own.filter(closes_at__gte=clock.now()))
    drafts = Bid.objects.filter(
        running, state=BidState.DRAFT, received_at=None, round__state=RoundState.PUBLISHED, round__rolling=False
    )
    return (
        drafts.select_related("round")
        .annotate(own_closing=Subquery(own.values("closes_at")[:1]), own_since=Subquery(own.values("at")[:1]))
        .order_by("pk")
    )


def closing_and_since(bid: Any) -> tuple[dt.datetime, dt.datetime]:
    """When the round closes for this bid, and from when on that and the draft were there to be reminded of."""
    closes, since = bid.round.closes_at, bid.created_at
    if bid.own_closing is not None and (closes is None or bid.own_closing > closes):
        closes, since = bid.own_closing, max(since, bid.own_since)
    return closes, max(filter(None, (since, bid.submitted_at)))


def drafts_to_remind(told: Told) -> Iterator[Reminder]:
    """Coordinators of the bidder; where nothing is missing, those who can submit it too."""
    make_default_days()
    wanted = {due.bid.pk: due for due in _with_people(_due_now(), told)}
    if not wanted:
        return
    full = with_facts(Bid.objects.filter(pk__in=wanted)).order_by("pk")
    missing = problems_of(full)
    for bid in full:
        due = wanted[bid.pk]
        sentences = [problem.sentence for problem in missing[bid.pk]]
        people = due.write if sentences else {one.pk: one for one in [*due.write, *due.sign]}.values()
        for person in people:
            context = _context(bid, due.closes, sentences)
            yield Reminder(person, bid, due.moment, due.closes, "draft_reminder", context)


def _due_now() -> list[Due]:
    """The drafts whose latest reminder has come, sent or not. Two queries."""
    days = days_in_use()
    found = []
    for bid in open_drafts():
        closes, since = closing_and_since(bid)
        if (day := latest(closes, days, since)) is not None:
            found.append(Due(bid, closes, f"{clock.local_date(closes)}:{day}"))
    return found


def _with_people(due: list[Due], told: Told) -> list[Due]:
    """Those whose writers have not been reminded yet, each with these people. Four queries.

    Who submits is asked together with who writes: else every incomplete draft would be judged again at each run.
    """
    if not due:
        return []
    write = people_by_body(Role.COORDINATOR, {one.bid.applicant_id for one in due})
    sign = people_by_body(Role.SIGNATORY, {one.bid.accountable_body_id for one in due if one.bid.accountable_body_id})
    for one in due:
        one.write = told.still(write.get(one.bid.applicant_id, []), one.bid, one.moment)
        one.sign = told.still(sign.get(one.bid.accountable_body_id or 0, []), one.bid, one.moment)
    return [one for one in due if one.write or (one.sign and not write.get(one.bid.applicant_id))]


def _context(bid: Any, closes: dt.datetime, sentences: list[str]) -> dict[str, Any]:
    return {
        "closes": closes,
        "when": in_how_many_days(closes),
        "extended": closes != bid.round.closes_at,
        "missing": sentences[:SENTENCES],
        "more": max(0, len(sentences) - SENTENCES),
    }
