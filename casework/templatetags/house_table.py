"""A django-tables2 table as GOV.UK markup. The loop over rows is plain Python, because a template's costs more than the query."""

from __future__ import annotations

from typing import Any

from django import template
from django.core.paginator import Paginator
from django.template import Context
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe

from casework.templatetags.ui import query_with, shown

register = template.Library()


def _is_numeric(column: Any) -> bool:
    attrs = column.column.attrs
    return "numeric" in str((attrs.get("td") or attrs.get("cell") or {}).get("class", ""))


@register.simple_tag(takes_context=True)
def table_heads(context: Context, table: Any) -> list[dict[str, Any]]:
    """What each header shows: label, whether it holds figures, the address that sorts by it, the order in aria's word."""
    heads = []
    for column in table.columns:
        head: dict[str, Any] = {"label": column.header, "numeric": _is_numeric(column), "url": "", "sort": ""}
        if column.orderable:
            down = column.is_ordered and column.order_by_alias.is_descending
            head["sort"] = ("descending" if down else "ascending") if column.is_ordered else "none"
            order = column.order_by_alias.next if column.is_ordered else column.order_by_alias
            head["url"] = query_with(context, table.prefixed_order_by_field, order, table.prefixed_page_field, None)
        heads.append(head)
    return heads


@register.simple_tag
def table_rows(table: Any) -> SafeString:
    """The body's rows. The first cell is the row's header; each cell carries its column's name for the phone's layout."""
    columns = []
    for index, column in enumerate(table.columns):
        name, numeric = escape(column.header), " govuk-table__cell--numeric" if _is_numeric(column) else ""
        if index == 0:
            start, end = f'<th scope="row" role="rowheader" class="govuk-table__header{numeric}">', "</th>"
        else:
            start, end = f'<td role="cell" class="govuk-table__cell{numeric}" data-label="{name}">', "</td>"
        columns.append((column.name, start, end))
    rows = []
    for row in table.paginated_rows:
        cells = [f"{start}{conditional_escape(shown(row.get_cell(name)))}{end}" for name, start, end in columns]
        rows.append(f'<tr role="row" class="govuk-table__row">{"".join(cells)}</tr>')
    return mark_safe("".join(rows))


@register.simple_tag(takes_context=True)
def table_pages(context: Context, table: Any) -> list[dict[str, Any]]:
    """The numbered pages around the present one; an entry without url stands for pages left out."""
    page = table.page
    pages = []
    for number in table.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1):
        if number == Paginator.ELLIPSIS:
            pages.append({"number": "", "url": "", "current": False})
        else:
            url = query_with(context, table.prefixed_page_field, number)
            pages.append({"number": number, "url": url, "current": number == page.number})
    return pages
