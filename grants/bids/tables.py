"""The list of bids."""

from __future__ import annotations

import django_tables2 as tables
from django.utils.html import format_html

from casework.tables import DateColumn, HouseTable, PoundsColumn, ReferenceColumn, StateColumn
from grants.bids.models import Bid
from grants.bids.scope import BidQuerySet


class TitleColumn(tables.Column):
    """What it is called, and that the office entered it where it did; of a bid read with `received`."""

    def render(self, record: Bid, value: str) -> str:
        if record.received_at is None:
            return value
        return format_html('{}<br><span class="house-quiet">Received {}</span>', value, record.received.shortly)


class BidTable(HouseTable):
    """Newest first; the applicant by its short name."""

    caption = "Bids"
    empty_text = "No bids match. Clear the filters, or start a bid from an open round."

    reference = ReferenceColumn(verbose_name="Reference", order_by=("reference",))
    title = TitleColumn()
    applicant = tables.Column(accessor="applicant__short_name", verbose_name="Applicant")
    round = tables.Column(accessor="round__reference", verbose_name="Round")
    rank = tables.Column(verbose_name="Own order")
    state = StateColumn(verbose_name="State")
    amount_requested = PoundsColumn(verbose_name="Requested")
    amount_awarded = PoundsColumn(verbose_name="Awarded")
    submitted_at = DateColumn(verbose_name="Submitted")

    def order_state(self, bids: BidQuerySet, is_descending: bool) -> tuple[BidQuerySet, bool]:
        return bids.ordered_by_outcome("state", descending=is_descending), True

    def order_amount_awarded(self, bids: BidQuerySet, is_descending: bool) -> tuple[BidQuerySet, bool]:
        return bids.ordered_by_outcome("amount_awarded", descending=is_descending), True

    class Meta(HouseTable.Meta):
        model = Bid
        fields = (
            "reference",
            "title",
            "applicant",
            "round",
            "rank",
            "state",
            "amount_requested",
            "amount_awarded",
            "submitted_at",
        )
        sequence = fields
        order_by = ("-pk",)
