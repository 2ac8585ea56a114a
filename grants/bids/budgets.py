"""A budget in words and tables, from a bid's content or a snapshot of it: by line, by category, by who pays, and its posts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from casework.money import total
from casework.templatetags.ui import gov_date, pounds

Line = Mapping[str, Any]
AMOUNTS = ("asked", "match_cash", "match_in_kind")
HEADERS = ["Asked for", "Match in cash", "Match in kind", "Cost"]
NOT_NAMED = "Funder not named"


def _name(part: Mapping[str, Any] | None) -> str:
    return str(part["name"]) if part else ""


def _amounts(line: Line) -> list[Decimal]:
    return [Decimal(line[name]) for name in AMOUNTS]


def asked_in(lines: Iterable[Line]) -> Decimal:
    """What the lines ask for together."""
    return total([_amounts(line)[0] for line in lines])


def budget_table(lines: Sequence[Line]) -> dict[str, Any] | None:
    """Asked, match in cash, match in kind and cost of each line, with their totals; None without lines."""
    if not lines:
        return None
    rows = []
    for line in lines:
        amounts = _amounts(line)
        rows.append([f"{line['description']} ({_kind(line)})", *amounts, total(amounts)])
    return {
        "caption": "What is asked for, the match beside it and what the project costs",
        "headers": ["Budget line", *HEADERS],
        "rows": rows,
        "totals": ["Total", *_down(rows)],
    }


def _kind(line: Line) -> str:
    """ "staff", "equipment and materials, capital": an older snapshot does not tell the two apart."""
    category = _name(line["category"]).lower()
    spending = (line.get("spending") or {}).get("key")
    return f"{category}, capital" if spending == "capital" and line["category"]["key"] != "capital" else category


def _down(rows: Iterable[Sequence[Any]]) -> list[Decimal]:
    return [total(column) for column in zip(*(row[1:] for row in rows), strict=True)]


def budget_totals(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """By category, and by who gives the match; none where that would say the same as the lines."""
    tables = []
    if len({_name(line["category"]) for line in lines}) < len(lines):
        tables.append(_table("Totals by category", "Category", _grouped(lines, lambda line: _name(line["category"]))))
    given = [line for line in lines if any(_amounts(line)[1:])]
    if given:
        tables.append(_by_funder(given))
    return tables


def _grouped(lines: Iterable[Line], key: Callable[[Line], str]) -> list[list[Any]]:
    sums: dict[str, list[Decimal]] = {}
    for line in lines:
        amounts = _amounts(line)
        before = sums.setdefault(key(line), [Decimal(0)] * 4)
        sums[key(line)] = [one + other for one, other in zip(before, [*amounts, total(amounts)], strict=True)]
    return [[name, *amounts] for name, amounts in sums.items()]


def _table(caption: str, first: str, rows: list[list[Any]]) -> dict[str, Any]:
    return {"caption": caption, "headers": [first, *HEADERS], "rows": rows, "totals": ["Total", *_down(rows)]}


def _by_funder(lines: Sequence[Line]) -> dict[str, Any]:
    """What each funder gives, and how much of it is promised."""
    rows: dict[str, list[Decimal]] = {}
    for line in lines:
        _, cash, in_kind = _amounts(line)
        sure = cash + in_kind if line["confirmed"] else Decimal(0)
        before = rows.setdefault(line["funder"] or NOT_NAMED, [Decimal(0)] * 4)
        added = (cash, in_kind, cash + in_kind, sure)
        rows[line["funder"] or NOT_NAMED] = [one + other for one, other in zip(before, added, strict=True)]
    shown = [[name, *amounts] for name, amounts in rows.items()]
    return {
        "caption": "Match by funder",
        "headers": ["Funder", "In cash", "In kind", "Together", "Of which confirmed"],
        "rows": shown,
        "totals": ["Total", *_down(shown)],
    }


def budget_rows(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Line by line what a table has no room for: who gives the match, volunteers' hours, and the posts."""
    rows = []
    for line in lines:
        if words := _match(line):
            rows.append({"label": f"Match for {_lower(line['description'])}", "value": words})
        if words := _post(line):
            rows.append({"label": f"Post: {_lower(line['description'])}", "value": words})
    return rows


def _lower(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def _match(line: Line) -> str:
    if not any(_amounts(line)[1:]):
        return ""
    sure = "confirmed" if line["confirmed"] else "not confirmed yet"
    words = f"{line['funder'] or NOT_NAMED}, {sure}"
    hours = line.get("volunteer_hours")
    return f"{words}; {hours:,} hours of volunteers" if hours else words


def _post(line: Line) -> str:
    share, starts, on_costs = (line.get(name) for name in ("full_time_equivalent", "post_starts", "on_costs"))
    facts = [
        f"Employed by {line['employer']}" if line.get("employer") else "",
        f"{figure_words(share)} full-time equivalent" if share else "",
        f"from {gov_date(dt.date.fromisoformat(starts))}" if starts else "",
        f"{pounds(Decimal(on_costs))} of on-costs" if on_costs and Decimal(on_costs) else "",
    ]
    return "; ".join(filter(None, facts))


def figure_words(text: str | None) -> str:
    """A figure without needless noughts: 80, 12.5, 1,200."""
    if text is None:
        return ""
    value = Decimal(text)
    return f"{int(value):,}" if value == value.to_integral_value() else f"{value.normalize():,f}"
