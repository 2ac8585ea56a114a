"""The list of rounds on the page and in Excel."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables

from casework.clock import LONDON
from casework.exports import Column
from casework.tables import HouseTable, PoundsColumn, ReferenceColumn, StateColumn
from casework.templatetags.ui import gov_moment
from grants.rounds.models import Round
from grants.rounds.queries import years_in_words

NO_BREAK = "\N{NON-BREAKING HYPHEN}"


class MomentColumn(tables.Column):
    """A moment as 31 October 2026 at 12 noon, in London."""

    def render(self, value: Any) -> str:
        return gov_moment(value)


class RoundTable(HouseTable):
    caption = "Rounds"
    empty_text = "No round matches. Clear the filters to see all rounds."

    reference = ReferenceColumn()
    title = tables.Column()
    state = StateColumn(orderable=False)
    years = tables.Column("For", accessor="first_year", order_by=("first_year", "last_year"), empty_values=())
    available = PoundsColumn(verbose_name="Available")
    opens_at = MomentColumn(verbose_name="Opens")
    closes_at = MomentColumn(verbose_name="Closes", empty_values=())

    class Meta(HouseTable.Meta):
        model = Round
        fields = ("reference", "title", "state", "years", "available", "opens_at", "closes_at")
        order_by = ("-opens_at",)

    def render_years(self, record: Any) -> str:
        return years_in_words(record).replace("-", NO_BREAK)

    def render_closes_at(self, record: Any) -> str:
        closes = "When the money runs out" if record.rolling else gov_moment(record.closes_at)
        if record.expressions_until is None:
            return closes
        return f"Expressions of interest {gov_moment(record.expressions_until)}; bids {closes[:1].lower()}{closes[1:]}"


def _local(moment: Any) -> Any:
    return moment.astimezone(LONDON) if moment else None


EXPORT = (
    Column("Reference", lambda row: row.reference),
    Column("Title", lambda row: row.title, 40),
    Column("Fund", lambda row: row.fund.name, 40),
    Column("State", lambda row: row.state_tag[0]),
    Column("Financial years", years_in_words, 22),
    Column("Available (£)", lambda row: row.available),
    Column("Smallest request (£)", lambda row: row.minimum),
    Column("Largest request (£)", lambda row: row.maximum),
    Column("Opens (UK time)", lambda row: _local(row.opens_at)),
    Column("Expressions of interest until (UK time)", lambda row: _local(row.expressions_until)),
    Column("Closes (UK time)", lambda row: _local(row.closes_at)),
)
