"""The list of returns on the page and in Excel."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables

from casework import clock
from casework.clock import local_date
from casework.exports import Column
from casework.tables import HouseTable, ReferenceColumn, StateColumn
from casework.templatetags.ui import gov_date
from monitoring.returns.models import Return
from monitoring.returns.queries import days_in_words

BID = "agreement__award__bid"


class ReturnTable(HouseTable):
    caption = "Returns"
    empty_text = "No return matches. Clear the filters to see all returns."

    reference = ReferenceColumn()
    project = tables.Column("Project", accessor=f"{BID}__title")
    partnership = tables.Column("Partnership", accessor=f"{BID}__applicant__name")
    period = tables.Column("Period", order_by=("period_start", "period_end"))
    due = tables.Column("Due")
    state = StateColumn(orderable=False)
    rag = tables.Column("Rating", empty_values=())

    class Meta(HouseTable.Meta):
        model = Return
        fields = ("reference", "project", "partnership", "period", "due", "state", "rag")
        order_by = ("due",)

    def render_due(self, record: Any) -> str:
        if record.is_overdue(clock.today()):
            return f"{gov_date(record.due)}, {days_in_words(record.days_late)} late"
        return gov_date(record.due)

    def render_rag(self, record: Any) -> str:
        return record.get_rag_display().split(":")[0] or "–"


def _day(moment: Any) -> Any:
    return local_date(moment) if moment else None


# Names nobody: a file that names people is sent for by POST and recorded, as the list of audit entries is.
EXPORT = (
    Column("Reference", lambda row: row.reference),
    Column("Project", lambda row: row.bid.title, 40),
    Column("Partnership", lambda row: row.bid.applicant.name, 34),
    Column("Accountable body", lambda row: row.bid.accountable_body.name if row.bid.accountable_body else "", 34),
    Column("Agreement", lambda row: row.agreement.reference),
    Column("Kind", lambda row: row.get_kind_display()),
    Column("Period from", lambda row: row.period_start),
    Column("Period to", lambda row: row.period_end),
    Column("Due", lambda row: row.due),
    Column("State", lambda row: row.get_state_display()),
    Column("Days late", lambda row: row.days_late, 10),
    Column("First submitted", lambda row: _day(row.first_submitted_at)),
    Column("Prepared", lambda row: _day(row.prepared_at)),
    Column("Certified", lambda row: _day(row.certified_at)),
    Column("Rating", lambda row: row.get_rag_display().split(":")[0], 10),
    Column("Agreed (£)", lambda row: row.agreement.amount),
    Column("Spent to date (£)", lambda row: row.spent),
    Column("Forecast (£)", lambda row: row.forecast),
    Column("Forecast underspend (£)", lambda row: row.forecast_underspend, 22),
)
