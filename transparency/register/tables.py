"""The register's list and its Excel file: the same awards with the same parts withheld."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html

from casework.exports import Column
from casework.tables import DateColumn, HouseTable, PoundsColumn
from casework.templatetags.ui import state_tag
from transparency.register import shown


class RegisterTable(HouseTable):
    caption = "Awards"
    empty_text = "No award is published here. If you searched, clear the filters to see all of them."

    title = tables.Column(verbose_name="Purpose", empty_values=())
    recipient = tables.Column(empty_values=())
    amount = PoundsColumn(accessor="stands")
    decided_at = DateColumn(accessor="decision__decided_at", verbose_name="Decided")
    kind = tables.Column()
    fund = tables.Column(accessor="decision__round__fund__name", verbose_name="Fund")

    class Meta(HouseTable.Meta):
        order_by = ()

    def render_title(self, record: Any) -> str:
        reference = record.bid.reference
        tag = format_html("<br>{}", state_tag(("Not taken up", "grey"))) if record.bid.lapsed_at else ""
        return format_html(
            '<a class="govuk-link" href="/register/{}/">{}</a><br><span class="house-quiet govuk-!-font-weight-regular">{}</span>{}',
            reference,
            shown.title(record),
            reference,
            tag,
        )

    def render_recipient(self, record: Any) -> str:
        return shown.recipient(record)

    def render_decided_at(self, record: Any) -> str:
        day = shown.decided_on(record)
        return f"{day.day} {day:%B %Y}"

    def render_kind(self, record: Any) -> str:
        return "Contribution" if record.kind == record.Kind.CONTRIBUTION else "Grant"


EXPORT = (
    Column("Reference", lambda award: award.bid.reference, 16),
    Column("Recipient", shown.recipient, 50),
    Column("Purpose", shown.purpose, 60),
    Column("Amount awarded", lambda award: award.stands, 16),
    Column("Date of decision", shown.decided_on, 16),
    Column("Decision", lambda award: award.decision.reference, 14),
    Column("Kind", lambda award: award.get_kind_display(), 24),
    Column("Fund", lambda award: award.decision.round.fund.name, 30),
    Column("Legal power", shown.legal_power, 50),
    Column("Category", lambda award: award.bid.get_category_display(), 30),
    Column("Areas", shown.areas, 40),
    Column("Conditions", shown.conditions_text, 60),
    Column("Reasons", lambda award: award.decision.reasons, 80),
    Column("Not taken up", shown.not_taken_up_on, 16),
    Column("How money was given", shown.route, 30),
    Column("Why without competition", shown.route_reason, 60),
)
