"""How values read on a page, and the small helpers that templates share. A builtin of the template engine: no load needed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from casework.clock import LONDON
from casework.forms import summary_errors

register = template.Library()

NOT_PROVIDED = "Not provided"
COLOURS = {"blue", "green", "grey", "magenta", "orange", "purple", "red", "teal", "turquoise", "yellow"}


@register.filter
def pounds(amount: Decimal | int | None) -> str:
    """£12,345.00, −£5.00 with a real minus sign, "Not provided" for None."""
    if amount is None or amount == "":
        return NOT_PROVIDED
    value = Decimal(amount)
    return f"{'−' if value < 0 else ''}£{abs(value):,.2f}"


@register.filter
def gov_date(day: dt.date | None) -> str:
    """31 October 2026; of a moment, the date in London."""
    if not day:
        return NOT_PROVIDED
    if isinstance(day, dt.datetime):
        day = _in_london(day).date()
    return f"{day.day} {day:%B %Y}"


@register.filter
def gov_time(moment: dt.datetime | None) -> str:
    """11:55am, 4pm, 12 noon, midnight: the time in London."""
    if not moment:
        return NOT_PROVIDED
    local = _in_london(moment)
    if local.minute == 0 and local.hour % 12 == 0:
        return "12 noon" if local.hour else "midnight"
    minutes = f":{local.minute:02d}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'am' if local.hour < 12 else 'pm'}"


@register.filter
def gov_moment(moment: dt.datetime | None) -> str:
    """31 October 2026 at 12 noon, in London."""
    return f"{gov_date(moment)} at {gov_time(moment)}" if moment else NOT_PROVIDED


def _in_london(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(LONDON) if moment.tzinfo else moment


@register.filter
def shown(value: Any) -> Any:
    """Any value as a page shows it: money, dates, moments and yes or no in words; "Not provided" for nothing."""
    if value is None or value == "":
        return NOT_PROVIDED
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Decimal):
        return pounds(value)
    if isinstance(value, dt.datetime):
        return gov_moment(value)
    return gov_date(value) if isinstance(value, dt.date) else value


@register.filter
def shown_or_blank(value: Any) -> Any:
    """As `shown`, but nothing for None: an empty cell of a table of figures."""
    return "" if value is None else shown(value)


@register.filter
def state_tag(state: tuple[str, str]) -> SafeString:
    """A tag from (label, colour); an unknown colour is grey."""
    label, colour = state
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', colour if colour in COLOURS else "grey", label)


@register.simple_tag
def summary_row(label: str, value: Any, href: str = "", hidden: str = "") -> SafeString:
    """One row of a summary list; with `href` it ends in a Change link whose hidden text says what is changed."""
    action: str | SafeString = ""
    if href:
        action = format_html(
            '<dd class="govuk-summary-list__actions"><a class="govuk-link" href="{}">Change'
            '<span class="govuk-visually-hidden"> {}</span></a></dd>',
            href,
            hidden or label[:1].lower() + label[1:],
        )
    return format_html(
        '<div class="govuk-summary-list__row{}"><dt class="govuk-summary-list__key">{}</dt>'
        '<dd class="govuk-summary-list__value">{}</dd>{}</div>',
        "" if href else " govuk-summary-list__row--no-actions",
        label,
        shown(value),
        action,
    )


@register.simple_tag(takes_context=True)
def query_with(context: Context, *pairs: Any) -> str:
    """The page's query string with some keys replaced (`{% query_with "page" 2 %}`) or, with None, taken out; the rest stays."""
    query = context["request"].GET.copy()
    for name, value in zip(pairs[::2], pairs[1::2], strict=True):
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def page_errors(context: Context) -> list[tuple[str, str]]:
    """(href, sentence) of every error of the page's `form`, `formsets` and `extra_forms`."""
    return summary_errors(context.get("form"), context.get("formsets"), context.get("extra_forms"))


@register.simple_tag(takes_context=True)
def error_prefix(context: Context) -> str:
    """ "Error: " at the start of the title of a page that was sent and refused."""
    return "Error: " if page_errors(context) else ""


@register.simple_tag(takes_context=True)
def panel_body(context: Context, panel: Any) -> str:
    """A panel that another room gave to this page: its template, drawn with the page's context and its own on top."""
    with context.push(**dict(panel.context or {})):
        return context.template.engine.get_template(panel.template).render(context)  # type: ignore[union-attr]


@register.filter
def joined(values: Iterable[Any]) -> SafeString:
    """Names in a sentence: a, b and c."""
    items = [conditional_escape(value) for value in values]
    text = f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)
    return SafeString(text)
