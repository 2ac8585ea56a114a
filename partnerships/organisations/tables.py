"""The list of bodies, on the page and in Excel."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html

from casework.exports import Column
from casework.tables import DateColumn, HouseTable
from partnerships.organisations.models import Organisation


def area_names(body: Organisation) -> str:
    """The areas in a sentence; they are fetched with the list."""
    return ", ".join(area.name for area in body.areas.all())


class OrganisationTable(HouseTable):
    caption = "Organisations"
    empty_text = "No organisation matches. Clear the filters to see all of them."

    name = tables.Column()
    kind = tables.Column()
    areas = tables.Column(accessor="pk", orderable=False)
    starts = DateColumn(verbose_name="From")
    ends = DateColumn(verbose_name="Until", default="No end date")

    class Meta(HouseTable.Meta):
        order_by = ("name",)

    def render_name(self, record: Organisation) -> str:
        return format_html('<a class="govuk-link" href="{}">{}</a>', record.get_absolute_url(), record.name)

    def render_areas(self, record: Organisation) -> str:
        return area_names(record)

    def render_kind(self, record: Organisation) -> Any:
        return record.get_kind_display()


EXPORT = (
    Column("Name", lambda body: body.name, 60),
    Column("Kind", lambda body: body.get_kind_display(), 30),
    Column("Areas", area_names, 60),
    Column("Usual accountable body", lambda body: body.usual_accountable_body and body.usual_accountable_body.name, 40),
    Column("From", lambda body: body.starts, 12),
    Column("Until", lambda body: body.ends, 12),
)
