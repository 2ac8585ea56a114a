"""The base of every list: one template, fixed queries, a caption and a sentence for when it is empty."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
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
