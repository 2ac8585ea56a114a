"""The list of expressions of interest on the page and in Excel."""

from __future__ import annotations

import django_tables2 as tables

from casework.clock import LONDON
from casework.exports import Column
from casework.tables import DateColumn, HouseTable, PoundsColumn, ReferenceColumn, StateColumn
from grants.expressions.models import Expression


class ExpressionTable(HouseTable):
    """Newest first."""

    caption = "Expressions of interest"
    empty_text = "No expression of interest matches. They are written for rounds that ask for them: see the page of rounds."

    reference = ReferenceColumn(verbose_name="Reference", order_by=("reference",))
    title = tables.Column()
    applicant = tables.Column(accessor="applicant__short_name", verbose_name="Body")
    round = tables.Column(accessor="round__reference", verbose_name="Round")
    state = StateColumn(verbose_name="State")
    amount = PoundsColumn(verbose_name="Rough amount")
    submitted_at = DateColumn(verbose_name="Submitted")

    class Meta(HouseTable.Meta):
        model = Expression
        fields = ("reference", "title", "applicant", "round", "state", "amount", "submitted_at")
        sequence = fields
        order_by = ("-pk",)


EXPORT = (
    Column("Reference", lambda row: row.reference),
    Column("Title", lambda row: row.title, 40),
    Column("Body", lambda row: row.applicant.name, 36),
    Column("Round", lambda row: row.round.reference),
    Column("State", lambda row: row.get_state_display(), 24),
    Column("What it would do", lambda row: row.summary, 80),
    Column("Outcomes", lambda row: "; ".join(outcome.name for outcome in row.outcomes.all()), 50),
    Column("Where", lambda row: ", ".join(area.name for area in row.areas.all()), 30),
    Column("Rough amount (£)", lambda row: row.amount),
    Column("Rough start date", lambda row: row.starts),
    Column("Who would lead it", lambda row: row.lead, 30),
    Column("Partners in mind", lambda row: row.partners, 40),
    Column("Submitted", lambda row: row.submitted_at.astimezone(LONDON) if row.submitted_at else None),
    Column("What the office answered", lambda row: row.answer, 50),
)
