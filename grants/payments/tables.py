"""The list of payments on the page and in Excel."""

from __future__ import annotations

import django_tables2 as tables
from django.utils.html import format_html

from casework.exports import Column
from casework.tables import DateColumn, HouseTable, PoundsColumn, ReferenceColumn, StateColumn
from grants.payments.models import Instalment


def waits_for(payment: Instalment) -> str:
    """What holds a payment, from the list's own annotation: the first thing owed and how many more there are."""
    if not payment.is_held:  # type: ignore[attr-defined]
        return ""
    more = payment.held_by - 1  # type: ignore[attr-defined]
    return f"{payment.held_for}{f' and {more} more' if more else ''}"  # type: ignore[attr-defined]


class HeldColumn(StateColumn):
    """The state, and below it what a held payment waits for."""

    def render(self, record: Instalment) -> str:
        reason = waits_for(record)
        return format_html("<span>{}<br>{}</span>", super().render(record), reason) if reason else super().render(record)


class PaymentTable(HouseTable):
    reference = ReferenceColumn()
    title = tables.Column(accessor="agreement__award__bid__title", verbose_name="Title")
    payee = tables.Column(accessor="agreement__award__bid__accountable_body__short_name", verbose_name="Payee")
    due = DateColumn(verbose_name="Due")
    amount = PoundsColumn()
    state = HeldColumn()

    caption = "Payments"
    empty_text = "No payments yet. An agreement’s instalments are listed here once it is issued."

    class Meta(HouseTable.Meta):
        model = Instalment
        fields = ("reference", "title", "payee", "due", "amount", "state")
        order_by = "due"


EXPORT = (
    Column("Reference", lambda row: row.reference, 20),
    Column("Title", lambda row: row.agreement.award.bid.title, 40),
    Column("Payee", lambda row: str(row.agreement.award.bid.accountable_body), 34),
    Column("Vendor number", lambda row: row.agreement.award.bid.accountable_body.vendor_number, 14),
    Column("Purchase order", lambda row: row.purchase_order, 16),
    Column("Fund and year", lambda row: str(row.account), 40),
    Column("Due", lambda row: row.due, 12),
    Column("Amount", lambda row: row.amount, 14),
    Column("State", lambda row: row.state_tag[0], 14),
    Column("Waiting for", waits_for, 40),
    Column("Paid on", lambda row: row.paid_on, 12),
    Column("BACS reference", lambda row: row.bacs_reference, 18),
)
