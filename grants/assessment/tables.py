"""The list of assessments and its Excel file."""

from __future__ import annotations

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet

from casework.exports import Column
from casework.forms import FilterForm
from casework.tables import DateColumn, HouseTable, ReferenceColumn, StateColumn
from grants.assessment.models import Assessment
from grants.assessment.states import AssessmentState
from grants.rounds.models import Round


class PointsColumn(tables.Column):
    """Points out of the most there can be; empty while they are hidden or not there."""

    attrs_default = {"td": {"class": "govuk-table__cell--numeric"}, "th": {"class": "govuk-table__header--numeric"}}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", self.attrs_default)
        super().__init__(default="–", **kwargs)

    def render(self, record: Any, value: int) -> str:
        return f"{value} of {record.most_points}"


class AssessmentTable(HouseTable):
    caption = "Assessments"
    empty_text = "No assessments here. Officers assign assessors from a submitted bid's page."

    reference = ReferenceColumn()
    bid = tables.Column(accessor="bid__title", verbose_name="Bid")
    applicant = tables.Column(accessor="bid__applicant__short_name", verbose_name="Applicant")
    assessor = tables.Column(accessor="assessor__name", verbose_name="Assessor")
    due = DateColumn(verbose_name="Due")
    state = StateColumn(verbose_name="State")
    points = PointsColumn(verbose_name="Points")

    class Meta(HouseTable.Meta):
        model = Assessment
        fields = ("reference", "bid", "applicant", "assessor", "due", "state", "points")
        sequence = fields


class AssessmentFilter(filters.FilterSet):
    q = filters.CharFilter(method="search", label="Search by bid, applicant or assessor")
    state = filters.ChoiceFilter(choices=AssessmentState.choices, label="State")
    round = filters.ModelChoiceFilter(queryset=Round.objects.order_by("-pk"), field_name="bid__round", label="Round")

    class Meta:
        model = Assessment
        fields: list[str] = []
        form = FilterForm

    def search(self, rows: QuerySet[Assessment], name: str, value: str) -> QuerySet[Assessment]:
        return rows.filter(
            Q(reference__icontains=value)
            | Q(bid__title__icontains=value)
            | Q(bid__applicant__name__icontains=value)
            | Q(assessor__name__icontains=value)
        )


EXPORT = (
    Column("Reference", lambda row: row.reference, 22),
    Column("Bid", lambda row: row.bid.title, 40),
    Column("Applicant", lambda row: row.bid.applicant.name, 34),
    Column("Assessor", lambda row: str(row.assessor), 24),
    Column("Due", lambda row: row.due),
    Column("State", lambda row: row.get_state_display()),
    Column("Points", lambda row: row.points),
    Column("Most points", lambda row: row.most_points),
)
