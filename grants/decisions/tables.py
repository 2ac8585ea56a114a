"""The list of decisions and its Excel file."""

from __future__ import annotations

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet

from casework.clock import local_date
from casework.exports import Column
from casework.forms import FilterForm
from casework.tables import DateColumn, HouseTable, PoundsColumn, ReferenceColumn, StateColumn
from grants.decisions.models import Decision
from grants.decisions.states import DecisionState
from grants.rounds.models import Round


class DecisionTable(HouseTable):
    caption = "Decisions"
    empty_text = "No decisions here. An officer writes one when bids of a round are assessed."

    reference = ReferenceColumn()
    title = tables.Column()
    round = tables.Column(accessor="round__reference", verbose_name="Round")
    awards_count = tables.Column(verbose_name="Bids", attrs=PoundsColumn.attrs_default)
    awarded = PoundsColumn(verbose_name="Awarded")
    decided_at = DateColumn(verbose_name="Decided")
    state = StateColumn(verbose_name="State")

    class Meta(HouseTable.Meta):
        model = Decision
        fields = ("reference", "title", "round", "awards_count", "awarded", "decided_at", "state")
        sequence = fields


class DecisionFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Search by title or reference")
    state = filters.ChoiceFilter(choices=DecisionState.choices, label="State")
    round = filters.ModelChoiceFilter(queryset=Round.objects.order_by("-pk"), label="Round")

    class Meta:
        model = Decision
        fields: list[str] = []
        form = FilterForm

    def search(self, rows: QuerySet[Decision], name: str, value: str) -> QuerySet[Decision]:
        return rows.filter(Q(reference__icontains=value) | Q(title__icontains=value))


EXPORT = (
    Column("Reference", lambda row: row.reference, 14),
    Column("Title", lambda row: row.title, 48),
    Column("Round", lambda row: row.round.reference, 14),
    Column("Fund", lambda row: row.round.fund.name, 28),
    Column("Bids", lambda row: row.awards_count, 8),
    Column("Awarded", lambda row: row.awarded),
    Column("Decided", lambda row: row.decided_at and local_date(row.decided_at)),
    Column("Decided as", lambda row: row.decided_as, 30),
    Column("State", lambda row: row.get_state_display()),
)
