"""The list of audit entries, on the page and in Excel."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.html import format_html

from casework import clock
from casework.audit.models import AuditEntry
from casework.exports import Column
from casework.history import told
from casework.tables import HouseTable
from casework.templatetags.ui import gov_moment
from desk.audit.labels import subject_name

NOTHING = "–"


def words(entry: AuditEntry) -> str:
    """What was done, without the reference that has its own column."""
    return told([entry])[0].title.removesuffix(f" ({entry.reference})")


def person(entry: AuditEntry) -> str:
    return str(entry.actor) if entry.actor else "The system"


class AuditTable(HouseTable):
    caption = "Audit entries"
    empty_text = "No entry matches. Clear the filters to see all of them."

    number = tables.Column(verbose_name="No.")
    at = tables.Column(verbose_name="When", orderable=False)
    actor = tables.Column(verbose_name="Who", empty_values=(), orderable=False)
    verb = tables.Column(verbose_name="What", orderable=False)
    subject = tables.Column(verbose_name="To what", orderable=False)
    reference = tables.Column(orderable=False, default=NOTHING)
    file = tables.Column(verbose_name="History", orderable=False, default=NOTHING)

    class Meta(HouseTable.Meta):
        order_by = ("-number",)

    def render_at(self, value: Any) -> str:
        return gov_moment(value)

    def render_actor(self, record: AuditEntry) -> str:
        return person(record)

    def render_verb(self, record: AuditEntry) -> str:
        said = record.statement.text if record.statement else ""
        return format_html('{}<br><span class="house-quiet">“{}”</span>', words(record), said) if said else words(record)

    def render_subject(self, value: str) -> str:
        return subject_name(value)

    def render_reference(self, record: AuditEntry) -> str:
        url = told([record])[0].url
        return format_html('<a class="govuk-link" href="{}">{}</a>', url, record.reference) if url else record.reference

    def render_file(self, record: AuditEntry) -> str:
        assert record.file is not None  # noqa: S101 - empty cells take the column's default
        return format_html('<a class="govuk-link" href="/audit/{}/">{}</a>', record.file.reference, record.file.reference)


EXPORT = (
    Column("No.", lambda entry: entry.number, 10),
    Column("When", lambda entry: entry.at.astimezone(clock.LONDON), 20),
    Column("Who", person, 30),
    Column("What", words, 40),
    Column("To what", lambda entry: subject_name(entry.subject), 20),
    Column("Reference", lambda entry: entry.reference, 22),
    Column("History", lambda entry: entry.file.reference if entry.file else "", 18),
    Column("Reason given", lambda entry: entry.statement.text if entry.statement else "", 60),
    Column("Hash", lambda entry: entry.hash, 66),
)
