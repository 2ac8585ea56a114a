"""The table of a round's bids and its filters."""

from __future__ import annotations

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import F, Q, QuerySet
from django.utils.html import format_html, format_html_join

from casework.forms import FilterForm
from casework.money import pounds
from casework.tables import HouseTable, PoundsColumn, ReferenceColumn, StateColumn
from grants.assessment.round_rows import RoundBid
from grants.assessment.tables import PointsColumn
from grants.bids.models import Bid
from grants.bids.scope import BidQuerySet
from grants.bids.states import BidState

NOTHING = "–"


class WarningsColumn(tables.Column):
    """How many things a reader would stumble over, and on request which."""

    def render(self, record: RoundBid) -> str:
        found = record.warnings
        if not found:
            return NOTHING if found is None else "None"
        listed = format_html_join("", "<li>{}.</li>", ((sentence,) for sentence in found))
        return format_html(
            '<details><summary class="govuk-link">{}<span class="govuk-visually-hidden"> of {}</span></summary>'
            '<ul class="govuk-list govuk-list--bullet govuk-body-s">{}</ul></details>',
            "1 warning" if len(found) == 1 else f"{len(found)} warnings",
            record.bid.reference,
            listed,
        )


class ApplicantColumn(tables.Column):
    """Who asks, for what, and how it came where the office entered it."""

    def render(self, record: RoundBid, value: str) -> str:
        if record.bid.received_at is None:
            return format_html("{}<br>{}", value, record.bid.title)
        came = record.bid.received.shortly
        return format_html('{}<br>{}<br><span class="house-quiet">Received {}</span>', value, record.bid.title, came)


class PlaceColumn(tables.Column):
    """The bid's place among its bidder's own: "2 of 3"."""

    def render(self, record: RoundBid, value: int) -> str:
        return f"{value} of {record.bid.own_places}"


class OutcomeColumn(StateColumn):
    """Where the bid stands, and what it was awarded."""

    def render(self, record: RoundBid) -> str:
        tag = super().render(record)
        amount = record.bid.amount_awarded
        return format_html("{}<br>{}", tag, pounds(amount)) if amount is not None else tag


class RoundBidTable(HouseTable):
    """By reference, which is the order of arrival as drafts."""

    caption = "Bids of the round"
    empty_text = "No bids match. Clear the filters; a bid is listed once it has been submitted."

    reference = ReferenceColumn(accessor="bid__reference", verbose_name="Reference")
    applicant = ApplicantColumn(accessor="bid__applicant__short_name", verbose_name="Applicant and title")
    requested = PoundsColumn(accessor="bid__amount_requested", verbose_name="Requested")
    match = PoundsColumn(verbose_name="Match", default=NOTHING)
    place = PlaceColumn(verbose_name="Own order", default=NOTHING)
    gates = tables.Column(verbose_name="Gates")
    left = tables.Column(verbose_name="Assessors left")
    points = PointsColumn(verbose_name="Points")
    rank = tables.Column(verbose_name="Rank", default=NOTHING)
    warnings = WarningsColumn(verbose_name="Warnings", orderable=False, empty_values=())
    state = OutcomeColumn(accessor="bid__state", verbose_name="State")

    class Meta(HouseTable.Meta):
        order_by = ("reference",)


class RoundBidFilter(filters.FilterSet):
    """Bids in which the reader has an interest answer to no filter by what their assessment holds."""

    GATES = (("passed", "Passed"), ("failed", "Failed"), ("open", "Not all recorded"))
    ASSESSORS = (("none", "Nobody assigned"), ("left", "Still to score"), ("done", "All have scored"))

    q = filters.CharFilter(method="search", label="Search", help_text="Reference, title or applicant")
    state = filters.ChoiceFilter(
        method="in_state",
        choices=[choice for choice in BidState.choices if choice[0] != BidState.DRAFT],
        label="State",
        empty_label="All",
    )
    gates = filters.ChoiceFilter(method="by_gates", choices=GATES, label="Gates", empty_label="All")
    assessors = filters.ChoiceFilter(method="by_assessors", choices=ASSESSORS, label="Assessors", empty_label="All")

    class Meta:
        model = Bid
        fields: list[str] = []
        form = FilterForm

    def search(self, bids: QuerySet[Bid], name: str, value: str) -> QuerySet[Bid]:
        """Every word must be somewhere in the reference, the title or the applicant's name."""
        for word in value.split()[:8]:
            named = Q(applicant__name__icontains=word) | Q(applicant__short_name__icontains=word)
            bids = bids.filter(Q(reference__icontains=word) | Q(title__icontains=word) | named)
        return bids

    def in_state(self, bids: BidQuerySet, name: str, value: str) -> QuerySet[Bid]:
        return bids.in_state(value, self.request.user)

    def by_gates(self, bids: QuerySet[Bid], name: str, value: str) -> QuerySet[Bid]:
        passed = Q(gate_failed=False, gates_passed=F("gates_in_round"))
        found = {"passed": passed, "failed": Q(gate_failed=True), "open": Q(gate_failed=False) & ~passed}
        return bids.filter(found[value], points_kept=False)

    def by_assessors(self, bids: QuerySet[Bid], name: str, value: str) -> QuerySet[Bid]:
        found: dict[str, Any] = {
            "none": Q(assessors=0),
            "left": Q(assessors_left__gt=0),
            "done": Q(assessors__gt=0, assessors_left=0),
        }
        return bids.filter(found[value], points_kept=False)
