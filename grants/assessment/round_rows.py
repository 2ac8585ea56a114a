"""All bids of a round as the office reads them, in one query however many there are; one more for what a page says of their text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, IntegerField, Model, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from casework.money import ZERO, total
from casework.snapshots import latest_of
from grants.assessment.models import Assessment, GateResult
from grants.assessment.queries import agreed_points
from grants.assessment.states import AssessmentState
from grants.bids.advice import advice
from grants.bids.content import FORM, Data
from grants.bids.models import Bid
from grants.bids.queries import match_of_lines
from grants.bids.ranking import rank_column, ranked_column
from grants.bids.scope import BidQuerySet
from grants.bids.sealing import is_sealed, reads_rows
from grants.bids.states import BidState
from grants.rounds.models import Round
from grants.rounds.models_parts import RoundGate

CHUNK = 100
"""So many bids' texts are held at once while an export is written."""
LONG_TEXTS = ("summary", "when_money_ends", "interests", "outcome_reason", "known_reason")
KEPT = "Not shown to you"
"""In place of a bid's assessment for somebody with an interest in the bid."""


def _number(model: type[Model], *conditions: Q, path: str = "bid", outer: str = "pk") -> Coalesce:
    rows = model._default_manager.filter(*conditions, **{path: OuterRef(outer)}).order_by().values(path)
    return Coalesce(Subquery(rows.annotate(number=Count("pk")).values("number"), output_field=IntegerField()), 0)


def bids_of(round: Round, reader: Any) -> BidQuerySet:
    """What has been submitted in the round, with points, gates, assessors and match; a draft is its writers' own."""
    bids = Bid.objects.visible_to(reader).filter(round=round).exclude(state=BidState.DRAFT)
    return (
        bids.select_related("applicant", "accountable_body", "delivery_body", "delivery_group", "received")
        .defer(*LONG_TEXTS)
        .annotate(
            **agreed_points(reader=reader),
            **match_of_lines(),
            own_place=rank_column(),
            own_places=ranked_column(),
            gates_in_round=_number(RoundGate, path="round", outer="round"),
            gates_passed=_number(GateResult, Q(passed=True)),
            assessors=_number(Assessment, ~Q(state=AssessmentState.CONFLICTED)),
            assessors_left=_number(Assessment, Q(state=AssessmentState.ASSIGNED)),
        )
        .order_by("reference", "pk")
    )


@dataclass
class RoundBid:
    """One bid of the round as this reader may know it. `rank` counts among the bids whose points they may read, equal points alike."""

    bid: Any
    reader: Any
    rank: int | None = None
    data: Data | None = None
    """The text as it was last submitted; None while it is sealed, or where there is none."""

    def get_absolute_url(self) -> str:
        return str(self.bid.get_absolute_url())

    @property
    def state_tag(self) -> tuple[str, str]:
        tag: tuple[str, str] = self.bid.state_tag
        return tag

    @property
    def kept(self) -> bool:
        """The reader has an interest: nothing of the assessment is for them."""
        return bool(self.bid.points_kept)

    @cached_property
    def sealed(self) -> bool:
        return is_sealed(self.reader, self.bid)

    @cached_property
    def match(self) -> Decimal | None:
        """Cash and in kind; nothing while the text is sealed or being changed."""
        return self.bid.match_cash + self.bid.match_in_kind if reads_rows(self.reader, self.bid) else None

    @cached_property
    def place(self) -> int | None:
        """Where the bidder puts it among its own bids, which is part of its text: nothing while that is sealed or being changed."""
        return self.bid.own_place if reads_rows(self.reader, self.bid) else None

    @property
    def points(self) -> int | None:
        return None if self.kept else self.bid.points

    @property
    def most_points(self) -> int | None:
        return self.bid.most_points  # type: ignore[no-any-return]

    @property
    def gates(self) -> str:
        if self.kept:
            return KEPT
        if self.bid.gate_failed:
            return "Failed"
        if not self.bid.gates_in_round:
            return "None asked"
        if self.bid.gates_passed == self.bid.gates_in_round:
            return "Passed"
        return f"{self.bid.gates_passed} of {self.bid.gates_in_round} recorded" if self.bid.gates_passed else "Not recorded"

    @property
    def left(self) -> str:
        """How far the assessors are."""
        if self.kept:
            return KEPT
        if not self.bid.assessors:
            return "Nobody assigned"
        return f"{self.bid.assessors_left} of {self.bid.assessors}" if self.bid.assessors_left else "None"

    @cached_property
    def warnings(self) -> list[str] | None:
        """What a reader would stumble over; None of a text that cannot be read, or was written for an earlier form."""
        if self.data is None or self.data.get("form", 0) < FORM:
            return None
        return [problem.sentence for problem in advice(self.data, self.get_absolute_url())]


def rows_of(bids: Iterable[Bid], reader: Any) -> list[RoundBid]:
    """The round's bids with their rank; give all of them, whatever the filters show."""
    rows = [RoundBid(bid, reader) for bid in bids]
    scored = sorted((row.points for row in rows if row.points is not None), reverse=True)
    for row in rows:
        row.rank = scored.index(row.points) + 1 if row.points is not None else None
    return rows


def read_texts(rows: Sequence[RoundBid]) -> None:
    """Gives each row its text as last submitted: one query. What the office has not opened stays unread."""
    readable = [row.bid.pk for row in rows if not row.sealed]
    found = {version.object_id: version.data for version in latest_of(Bid, readable)}
    for row in rows:
        row.data = found.get(row.bid.pk)


def with_texts(rows: Sequence[RoundBid]) -> Iterator[RoundBid]:
    """The rows with their texts, a chunk at a time; each text is let go when the next chunk is read."""
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        read_texts(chunk)
        yield from chunk
        for row in chunk:
            row.data = None


def totals(rows: Sequence[RoundBid]) -> dict[str, Any]:
    """What the shown bids add up to, as a money table."""
    asked = total([row.bid.amount_requested or ZERO for row in rows])
    match = total([row.match or ZERO for row in rows])
    awarded = total([row.bid.amount_awarded or ZERO for row in rows])
    name = "1 bid" if len(rows) == 1 else f"All {len(rows)} bids"
    headers = ["Bids", "Requested", "Match", "Awarded"]
    return {"caption": "What these bids add up to", "headers": headers, "rows": [], "totals": [name, asked, match, awarded]}
