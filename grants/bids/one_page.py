"""A bid on one page: the same rows as any other bid, all saved at once. One line says what the money buys, one measure what is counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.money import ZERO
from casework.unfinished import keep_unfinished, unfinished_in
from casework.workflow import record
from grants.bids.completeness import REQUEST, SUMMARY_KEY
from grants.bids.models import Bid, BidLine, BidMeasure
from grants.bids.services import LINE, MEASURE, editing_section, set_rows
from grants.bids.shapes import LineCategory, Spending
from questionnaires import engine
from questionnaires.files import AnswerFiles
from questionnaires.models import Section

DETAILS = ("title", "summary", "category", "accountable_body", "starts", "ends", "amount_requested", "interests")
COUNTED = ("measure_name", "measure_unit", "measure_target")
"""What is counted; where only a part of it was typed it is kept as typed, because a measure without its target counts for nothing."""
LONGEST_LINE = 140


def request_of(bid: Bid) -> dict[str, Any]:
    """What the page shows of a bid, its half-typed measure included."""
    values: dict[str, Any] = {name: getattr(bid, name) for name in DETAILS}
    values |= {"outcomes": list(bid.outcomes.all()), "areas": list(bid.areas.all()), "buys": bought(bid)}
    measure = bid.measures.order_by("order", "pk").first()
    if measure is not None:
        target = f"{measure.target.normalize():f}"
        values |= {"measure_name": measure.name, "measure_unit": measure.unit, "measure_target": target}
    for half in unfinished_in(bid).get("measures", []):
        values |= half["typed"]
    return values


def bought(bid: Any) -> str:
    """Several lines, as of a bid that was copied from a longer one, in one."""
    return "; ".join(bid.lines.order_by("order", "pk").values_list("description", flat=True))[:LONGEST_LINE]


def save_request(
    *,
    bid: Bid,
    by: Any,
    values: Mapping[str, Any],
    answers: Mapping[Section, engine.Values] | None = None,
    half: Mapping[str, Any] | None = None,
    version: int | None = None,
) -> Bid:
    """Save the page. `values` are what DETAILS names, `outcomes`, `areas`, `buys` and what COUNTED names; what is left out stays.

    `half` is what was typed of a measure that is not finished.
    """
    with editing_section(bid, REQUEST, "changed the request", by, version) as locked:
        for name in DETAILS:
            if name in values:
                setattr(locked, name, values[name])
        for name in ("outcomes", "areas"):
            if name in values:
                getattr(locked, name).set(values[name])
        if "buys" in values:
            _keep_line(locked, values["buys"].strip(), by)
        if half is None and "measure_name" in values:
            _keep_measure(locked, values, by)
        keep_unfinished(locked, "measures", [{"place": 0, "typed": dict(half)}] if half is not None else [])
        _keep_answers(locked, answers or {}, by)
    return locked


def _keep_line(bid: Bid, buys: str, by: Any) -> None:
    """One line of the whole amount. Several lines that say the same and add up stay as they are."""
    lines = list(bid.lines.order_by("order", "pk"))
    amount = bid.amount_requested or ZERO
    if lines and buys == bought(bid) and sum(line.asked for line in lines) == amount:
        return
    row: dict[str, Any] = {"category": LineCategory.OTHER, "spending": Spending.REVENUE}
    if lines:
        row = {name: getattr(lines[0], name) for name in LINE} | {"line_key": lines[0].line_key}
    rows = [row | {"description": buys, "asked": amount}] if buys else []
    set_rows(bid, BidLine, "line_key", LINE, rows, "a budget line", by, ())


def _keep_measure(bid: Bid, values: Mapping[str, Any], by: Any) -> None:
    """The first measure; others, as of a bid that was copied from a longer one, stay."""
    measures = list(bid.measures.order_by("order", "pk"))
    first = measures[0] if measures else None
    rows: list[dict[str, Any]] = [{"measure_key": other.measure_key} for other in measures[1:]]
    if values["measure_name"]:
        name, unit, target = (values[each] for each in COUNTED)
        row: dict[str, Any] = {"name": name, "unit": unit, "target": target}
        if first is not None:
            row["measure_key"] = first.measure_key
            row["definition"] = first.definition if (name, unit) == (first.name, first.unit) else None
        rows.insert(0, row)
    set_rows(bid, BidMeasure, "measure_key", MEASURE, rows, "a measure", by, ())


def _keep_answers(bid: Bid, answers: Mapping[Section, engine.Values], by: Any) -> None:
    changed: dict[str, int] = {}
    for section, given in answers.items():
        changed |= engine.save_answers(bid.response, section, given, files=AnswerFiles(bid, by))
        if isinstance(given, Mapping) and SUMMARY_KEY in given:
            bid.summary = str(given[SUMMARY_KEY] or "")[:4000]
    if changed:
        record(bid, "changed the answers", by=by, changes={"answers": changed})
