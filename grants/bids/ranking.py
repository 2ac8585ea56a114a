"""A bidder puts its own bids of a round in order before they are submitted, and says where that was decided and who left the room.

One meeting for a body and a round. The ranks are frozen with the round of submission: once one of the bids has been submitted, putting
them in another order needs a reason, and the order before stays as an earlier version. Who declared an interest is personal: the bidder's
own people and the office read it, nobody else, and it is in no list and no export.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, QuerySet, Subquery

from casework import clock
from casework.registry import Panel
from casework.workflow import NotPermitted, Refused, record, unit
from grants.bids.models import Bid
from grants.bids.readers import known_to
from grants.bids.sealing import reads_rows
from grants.bids.states import HAVE_BEEN_SUBMITTED, NOT_ASSESSED, BidState
from grants.rounds.models import Round
from partnerships.organisations.models import Organisation
from partnerships.organisations.roles import PARTNER_ROLES, Role
from partnerships.organisations.standing import standing_of

RANKERS = (Role.COORDINATOR, Role.CHAIR)


class Ranking(models.Model):
    """One version of the order; the last is the one that counts."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="rankings")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    met_on = models.DateField("date of the meeting")
    minutes = models.CharField("where the minutes are", max_length=300)
    left = models.TextField("who declared an interest and left the room", max_length=2000, blank=True)
    reason = models.CharField("why the order was changed", max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "organisation", "number"], name="grants_ranking_number_once"),
        ]

    def __str__(self) -> str:
        return f"Order {self.number} of {self.organisation_id} in {self.round_id}"


class RankedBid(models.Model):
    """A bid's place in one version of the order."""

    ranking = models.ForeignKey(Ranking, on_delete=models.CASCADE, related_name="places")
    bid = models.ForeignKey(Bid, on_delete=models.CASCADE, related_name="places_in_order")
    rank = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["ranking", "bid"], name="grants_rankedbid_bid_once"),
            models.UniqueConstraint(fields=["ranking", "rank"], name="grants_rankedbid_rank_once"),
        ]

    def __str__(self) -> str:
        return str(self.rank)


@dataclass(frozen=True)
class Meeting:
    """Where the order was decided."""

    met_on: Any
    minutes: str
    left: str = ""


def rank_column(path: str = "pk") -> Subquery:
    """A bid's place in the latest order, for any queryset of bids."""
    return Subquery(RankedBid.objects.filter(bid=OuterRef(path)).order_by("-ranking__number").values("rank")[:1])


def ranked_column(path: str = "pk") -> Subquery:
    """Among how many bids that place is."""
    places = RankedBid.objects.filter(bid=OuterRef(path)).order_by("-ranking__number")
    return Subquery(places.annotate(of=_how_many()).values("of")[:1])


def rank_as_read(user: Any) -> Any:
    """The place for a list: what the office has not opened yet it does not read, and this is part of it."""
    if standing_of(user).is_caseworker:
        return models.Case(models.When(state=BidState.SUBMITTED, then=None), default=rank_column())
    return rank_column()


def latest_ranking(round: Round, organisation_id: int) -> Ranking | None:
    found = Ranking.objects.filter(round=round, organisation=organisation_id).select_related("by", "organisation")
    return found.order_by("number").last()


def own_bids(round: Round, organisation_id: int) -> QuerySet[Bid]:
    """A body's bids in a round that still stand, in the order that counts, those without a place last."""
    bids = Bid.objects.filter(round=round, applicant=organisation_id).exclude(state=BidState.WITHDRAWN)
    return bids.annotate(rank=rank_column()).order_by(F("rank").asc(nulls_last=True), "pk")


def why_no_order(bids: Sequence[Bid]) -> str:
    """Why these bids are not put in order now; "" when they can be. What was decided since does not show in it."""
    if len(bids) < 2:
        return "There are fewer than two bids to put in order."
    if any(bid.state not in NOT_ASSESSED for bid in bids):
        return "The office has completed the assessment of one of the bids, so their order stays as it is."
    return ""


def needs_reason(bids: Sequence[Bid]) -> bool:
    """Whether one of them has been submitted, with the order as it was then."""
    return any(bid.state in HAVE_BEEN_SUBMITTED or bid.submitted_at is not None for bid in bids)


def rank_bids(
    *, round: Round, organisation: Organisation, order: Sequence[int], meeting: Meeting, by: Any, reason: str = ""
) -> Ranking:
    """Put a body's bids in this order (their keys, the first one first).

    A confidential bid that this person does not know of keeps its place behind theirs. Raises NotPermitted, or Refused.
    """
    if not standing_of(by).holds(organisation.pk, *RANKERS):
        raise NotPermitted(f"The bids of {organisation} are put in order by its coordinators and its chair.")
    with unit():
        bids = list(own_bids(round, organisation.pk).select_for_update(of=("self",)))
        if sentence := why_no_order(bids):
            raise Refused(sentence)
        seen = set(own_bids(round, organisation.pk).filter(known_to(by)).values_list("pk", flat=True))
        if set(order) != seen or len(order) != len(seen):
            raise Refused("The bids have changed meanwhile. Open the page again and put all of them in order.")
        if needs_reason(bids) and not reason.strip():
            raise Refused("Enter the reason for this order: one of the bids has been submitted.")
        before = latest_ranking(round, organisation.pk)
        ranking = Ranking(
            round=round, organisation=organisation, number=before.number + 1 if before else 1, met_on=meeting.met_on,
            minutes=meeting.minutes.strip(), left=meeting.left.strip(), reason=reason.strip(), by=by, at=clock.now(),
        )  # fmt: skip
        ranking.full_clean()
        ranking.save()
        whole = [*order, *(bid.pk for bid in bids if bid.pk not in seen)]
        RankedBid.objects.bulk_create(RankedBid(ranking=ranking, bid_id=key, rank=rank) for rank, key in enumerate(whole, 1))
        record(ranking, "put the bids in order", by=by, changes={"round": round.pk, "number": ranking.number, "order": whole})
    return ranking


def frozen_rank(bid: Bid) -> dict[str, Any] | None:
    """What a version says of it: the place among how many, and the day of the meeting. One query."""
    place = (
        RankedBid.objects.filter(bid=bid).select_related("ranking").order_by("-ranking__number").annotate(of=_how_many()).first()
    )
    if place is None:
        return None
    return {"rank": place.rank, "of": place.of, "met_on": place.ranking.met_on.isoformat()}


def _how_many() -> Subquery:
    rows = RankedBid.objects.filter(ranking=OuterRef("ranking")).order_by().values("ranking")
    return Subquery(rows.annotate(number=models.Count("pk")).values("number"), output_field=models.IntegerField())


MEETING = ("met_on", "minutes", "left", "reason")


def with_meeting(bids: QuerySet[Bid]) -> QuerySet[Bid]:
    """Adds where the order that counts was decided within the same query, for the one page that shows it."""
    last = Ranking.objects.filter(round=OuterRef("round"), organisation=OuterRef("applicant")).order_by("-number")
    return bids.annotate(**{f"ranking_{name}": Subquery(last.values(name)[:1]) for name in MEETING})


def ranking_panel(bid: Bid, user: Any) -> Panel | None:
    """The bid's place with the meeting, for the bidder's own people and, once the bid was opened, the office."""
    standing = standing_of(user)
    may_rank = standing.holds(bid.applicant_id, *RANKERS) and bid.state in NOT_ASSESSED
    url = f"/rounds/{bid.round.reference}/order/{bid.applicant.key}/" if may_rank else ""
    reads = standing.holds(bid.applicant_id, *PARTNER_ROLES) or (reads_rows(user, bid))
    rank = getattr(bid, "fact_rank", None) if reads else None
    if rank is None and not url:
        return None
    ranking = {name: getattr(bid, f"ranking_{name}") for name in MEETING} if rank is not None else None
    return Panel("Place among the bidder’s own bids", "grants/ranking_panel.html", {"rank": rank, "ranking": ranking, "url": url})
