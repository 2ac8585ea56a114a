"""The base of every list: one template, fixed queries, a caption and a sentence for when it is empty."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet
from django.utils.html import format_html

from casework.money import pounds
from casework.templatetags.ui import gov_date


class HouseTable(tables.Table):
    """A django-tables2 table in the house's template. Set `caption` and `empty_text` on the class."""

    caption = ""
    empty_text = "Nothing here yet."

    class Meta:
        template_name = "components/table.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("empty_text", type(self).empty_text)
        super().__init__(*args, **kwargs)

    @tables.Table.order_by.setter
    def order_by(self, value: Any) -> None:
        """Rows that share a date or a state keep one order: without it a row may stand on two pages, and another on none."""
        tables.Table.order_by.fset(self, value)
        if isinstance(self.data.data, QuerySet):
            self.data.data = _settled(self.data.data)


def _settled(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The same order with the primary key behind it, the way the last column runs; as it is where a column is each row's own."""
    columns = rows.query.order_by
    if not columns or any(_is_each_rows_own(rows, column) for column in columns):
        return rows
    last: Any = columns[-1]
    descending = last.startswith("-") if isinstance(last, str) else last.descending
    return rows.order_by(*columns, "-pk" if descending else "pk")


def _is_each_rows_own(rows: QuerySet[Any], column: Any) -> bool:
    name = column.lstrip("-") if isinstance(column, str) else ""
    try:
        return name == "pk" or bool(rows.model._meta.get_field(name).unique)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return False


class ReferenceColumn(tables.Column):
    """The case's reference as the link to its page, without a query."""

    def render(self, record: Any, value: Any) -> str:
        return format_html('<a class="govuk-link" href="{}">{}</a>', record.get_absolute_url(), value)


class PoundsColumn(tables.Column):
    """An amount, right aligned."""

    attrs_default = {"td": {"class": "govuk-table__cell--numeric"}, "th": {"class": "govuk-table__header--numeric"}}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", self.attrs_default)
        super().__init__(**kwargs)

    def render(self, value: Any) -> str:
        return pounds(value)


class StateColumn(tables.Column):
    """The case's state as a tag (`state_tag` gives its words and colour)."""

    def render(self, record: Any) -> str:
        label, colour = record.state_tag
        return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', colour, label)


class DateColumn(tables.Column):
    """A date as 31 October 2026; of a moment, the date in London."""

    def render(self, value: Any) -> str:
        return gov_date(value)
