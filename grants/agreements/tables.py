"""The list of agreements on the page and in Excel."""

from __future__ import annotations

import django_tables2 as tables

from casework.exports import Column
from casework.tables import DateColumn, HouseTable, PoundsColumn, ReferenceColumn, StateColumn
from grants.agreements.models import Agreement


class AgreementTable(HouseTable):
    reference = ReferenceColumn()
    title = tables.Column(accessor="award__bid__title", verbose_name="Title")
    partnership = tables.Column(accessor="award__bid__applicant__short_name", verbose_name="Partnership")
    recipient = tables.Column(accessor="award__bid__accountable_body__short_name", verbose_name="Recipient")
    amount = PoundsColumn(verbose_name="Not more than")
    ends = DateColumn(verbose_name="Ends")
    state = StateColumn()

    caption = "Agreements"
    empty_text = "No agreements yet. One is made when the budget and targets of an award are agreed."

    class Meta(HouseTable.Meta):
        model = Agreement
        fields = ("reference", "title", "partnership", "recipient", "amount", "ends", "state")
        order_by = "-reference"


EXPORT = (
    Column("Reference", lambda row: row.reference, 18),
    Column("Title", lambda row: row.award.bid.title, 40),
    Column("Partnership", lambda row: str(row.award.bid.applicant), 34),
    Column("Recipient", lambda row: str(row.award.bid.accountable_body), 34),
    Column("Not more than", lambda row: row.amount, 14),
    Column("Starts", lambda row: row.starts, 12),
    Column("Ends", lambda row: row.ends, 12),
    Column("State", lambda row: row.get_state_display(), 14),
)
