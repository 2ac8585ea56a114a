"""The whole bid as data. The same shape is frozen at submission, shown on the case's page and read on the check page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from casework.documents.models import Document, documents_of
from casework.templatetags.ui import gov_date, gov_moment
from grants.bids.budgets import budget_rows, budget_table, budget_totals, figure_words
from grants.bids.facts import question_facts
from grants.bids.models import Bid, BidLine, BidMeasure, BidMilestone
from grants.bids.models_parts import BidRisk
from grants.bids.partners import PartnerStanding, standings
from grants.bids.ranking import frozen_rank
from grants.bids.shapes import PROPOSED
from partnerships.organisations.models import Organisation
from questionnaires import engine

FORM = 3
"""The number of this shape; a later shape counts up, so that an old snapshot is still read rightly."""
Data = dict[str, Any]


def content(bid: Bid, items: Sequence[engine.Item] | None = None) -> Data:
    """The bid as JSON values: keys and ids beside the words, dates as ISO text, amounts as text. Ten queries."""
    return {
        "form": FORM,
        "reference": bid.reference,
        "round": {
            **{name: getattr(bid.round, name) for name in ("reference", "title", "terms")},
            "one_page": bid.round.asks.one_page,
        },
        "applicant": _body(bid.applicant),
        "accountable_body": _body(bid.accountable_body),
        "delivery_body": _body(bid.delivery_body),
        "route": _route(bid),
        "received": _received(bid),
        "title": bid.title,
        "summary": bid.summary,
        "category": _choice(bid, "category"),
        "change": _choice(bid, "change"),
        "starts": _date(bid.starts),
        "ends": _date(bid.ends),
        "amount_requested": _text(bid.amount_requested),
        "outcomes": [
            {"key": outcome.key, "name": outcome.name, "theme": outcome.theme.name}
            for outcome in bid.outcomes.select_related("theme").order_by("theme__order", "order", "pk")
        ],
        "areas": [{"key": area.key, "name": area.name} for area in bid.areas.order_by("name")],
        "places": bid.places,
        "priority": bid.priority,
        "principle": _choice(bid, "principle"),
        "delivery_group": _body(bid.delivery_group),
        "when_money_ends": bid.when_money_ends,
        "interests": bid.interests,
        "answers": _answers(engine.sheet(bid.response, question_facts(bid)) if items is None else items),
        "lines": budget_lines(bid),
        "measures": [_measure(measure) for measure in bid.measures.select_related("definition").order_by("order", "pk")],
        "milestones": [_milestone(milestone) for milestone in bid.milestones.order_by("due", "order", "pk")],
        "rank": frozen_rank(bid),
        "partners": [_partner(found) for found in standings(bid)],
        "risks": [_risk(risk) for risk in bid.risks.order_by("order", "pk")],
        "attachments": [_attachment(document) for document in documents_of(bid)],
    }


def budget_lines(bid: Bid) -> list[Data]:
    """The lines of the budget alone. One query."""
    return [_line(line) for line in bid.lines.order_by("order", "pk")]


def _route(bid: Bid) -> Data | None:
    """How it came without competition, and what it continues; None for a bid that somebody made."""
    if not bid.begun_by_office:
        return None
    before = bid.continues.reference if bid.continues is not None else ""
    return {"name": bid.round.get_route_display(), "why": bid.round.way.why, "reason": bid.route_reason, "continues": before}


def _received(bid: Bid) -> Data | None:
    """How it reached the office on paper or by e-mail, and from whom; None for a bid that was written here."""
    if bid.received_at is None:
        return None
    received = bid.received
    return {
        "how": _choice(received, "how"),
        "at": bid.received_at.astimezone(dt.UTC).isoformat(),
        "words": f"{received.get_how_display()}, on {gov_moment(bid.received_at)}. Entered by the office.",
        "sender": f"{received.sender_name}, {received.sender_role}",
        "original": received.original_id,
    }


def _attachment(document: Document) -> Data:
    return {
        "document": document.pk,
        "stored": str(document.stored),
        "name": document.name,
        "kind": document.kind,
        "size": document.size,
        "sha256": document.sha256,
    }


def _body(body: Organisation | None) -> Data | None:
    return {"key": body.key, "name": body.name} if body is not None else None


def _choice(row: Any, name: str) -> Data | None:
    value = getattr(row, name)
    return {"key": value, "name": str(getattr(row, f"get_{name}_display")())} if value else None


def _date(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _answers(items: Iterable[engine.Item]) -> list[Data]:
    return [
        {
            "section": item.section.key,
            "section_title": item.section.title,
            "key": item.question.key,
            "question": item.name,
            "kind": item.question.kind,
            "answer": item.value,
            **({"row": item.row} if item.section.repeats else {}),
        }
        for item in items
    ]


def _line(line: BidLine) -> Data:
    return {
        "line_key": str(line.line_key),
        "category": _choice(line, "category"),
        "description": line.description,
        "asked": _text(line.asked),
        "match_cash": _text(line.match_cash),
        "match_in_kind": _text(line.match_in_kind),
        "funder": line.funder,
        "confirmed": line.confirmed,
        "spending": _choice(line, "spending"),
        "volunteer_hours": line.volunteer_hours,
        "employer": line.employer,
        "full_time_equivalent": _text(line.full_time_equivalent),
        "post_starts": _date(line.post_starts),
        "on_costs": _text(line.on_costs),
    }


def _measure(measure: BidMeasure) -> Data:
    return {
        "measure_key": str(measure.measure_key),
        "definition": measure.definition.key if measure.definition is not None else None,
        "name": measure.name,
        "unit": measure.unit,
        "direction": _choice(measure, "direction"),
        "aggregation": _choice(measure, "aggregation"),
        "baseline": _text(measure.baseline),
        "baseline_of": _text(measure.baseline_of),
        "target": _text(measure.target),
        "target_of": _text(measure.target_of),
    }


def _milestone(milestone: BidMilestone) -> Data:
    return {"milestone_key": str(milestone.milestone_key), "title": milestone.title, "due": _date(milestone.due)}


def _partner(found: PartnerStanding) -> Data:
    """Whom to ask, and where, stays with the bidder: a version is kept for good."""
    partner = found.partner
    about = {"state": found.state, "day": _date(found.day), "words": found.words, "said": found.said}
    return {"partner_key": str(partner.partner_key), "name": partner.name, "brings": partner.brings, "confirmation": about}


def _risk(risk: BidRisk) -> Data:
    return {
        "risk_key": str(risk.risk_key),
        "title": risk.title,
        "likelihood": _choice(risk, "likelihood"),
        "impact": _choice(risk, "impact"),
        "mitigation": risk.mitigation,
        "owner": risk.owner,
    }


@dataclass(frozen=True)
class Block:
    """A part of the bid as a page shows it; `key` is its section's address, for the Change link."""

    key: str
    title: str
    rows: Sequence[Mapping[str, Any]] = ()
    money: Mapping[str, Any] | None = None
    totals: Sequence[Mapping[str, Any]] = ()
    """More tables of money, which add up what the first one says line by line."""


def told(data: Data) -> list[Block]:
    """The bid's parts in words, from live content or from a snapshot. What was asked on one page is one part."""
    if data["round"].get("one_page"):
        return [_one_page(data)]
    return [
        Block("details", "Details", _details(data)),
        Block("outcomes", "Outcomes and areas", _aims(data)),
        *_sections(data["answers"]),
        Block("budget", "Budget", budget_rows(data["lines"]), budget_table(data["lines"]), budget_totals(data["lines"])),
        Block("measures", "Measures", [_row(measure_name(measure), measure_words(measure)) for measure in data["measures"]]),
        Block("milestones", "Milestones", [_row(each["title"], _day(each["due"])) for each in data["milestones"]]),
        *_parts_since_form_3(data),
    ]


def _parts_since_form_3(data: Data) -> list[Block]:
    """Older versions say nothing of partners and risks."""
    if "partners" not in data:
        return []
    partners = [_row(each["name"], _partner_words(each)) for each in data["partners"]]
    risks = [_row(each["title"], risk_words(each)) for each in data["risks"]]
    return [Block("partners", "Partners", partners), Block("risks", "Risks", risks)]


def _partner_words(partner: Data) -> str:
    asked = partner["confirmation"]
    said = f": {asked['said']}" if asked["said"] else ""
    return f"{partner['brings']}\n{asked['words']}{said}"


def risk_words(risk: Data) -> str:
    """How likely and bad it is, what is done about it, and who watches it."""
    weight = f"Likelihood: {_name(risk['likelihood']).lower()}. Impact: {_name(risk['impact']).lower()}."
    return f"{weight}\n{risk['mitigation']}\nWatched by: {risk['owner']}"


def _one_page(data: Data) -> Block:
    unasked = {"Project or change", "When the money ends", "Wards or towns", "Priority", "Principle"}
    rows = [*_details(data), *_aims(data), *(row for block in _sections(data["answers"]) for row in block.rows)]
    shown = [row for row in rows if row["value"] or row["label"] not in {*unasked, "Delivery Group whose strategy it serves"}]
    lines = data["lines"]
    bought = [_row("What the money will buy", "\n".join(line["description"] for line in lines))]
    measured = [_row("What is counted", _measured(measure)) for measure in data["measures"]]
    milestones = [_row(each["title"], _day(each["due"])) for each in data["milestones"]]
    money = budget_table(lines) if len(lines) > 1 else None
    return Block(
        "request",
        "The request",
        [*shown, *bought, *(measured or [_row("What is counted", "")]), *milestones],
        money,
    )


def _measured(measure: Data) -> str:
    """80 people: young people who take part."""
    return f"{_figure(measure, 'target')} {measure['unit']}: {_lower(measure['name'])}"


def _lower(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def files(data: Data) -> list[dict[str, Any]]:
    """The attachments of a snapshot with their addresses, as the list of documents shows them."""
    return [{**each, "url": f"/documents/{each['stored']}/"} for each in data["attachments"]]


def _row(label: str, value: Any) -> dict[str, Any]:
    return {"label": label, "value": value}


def _name(part: Data | None) -> str:
    return part["name"] if part else ""


def _day(text: str | None) -> str:
    return gov_date(dt.date.fromisoformat(text)) if text else ""


def _details(data: Data) -> list[dict[str, Any]]:
    amount = data["amount_requested"]
    rows = [
        _row("Title", data["title"]),
        _row("Summary", data["summary"]),
        _row("Applicant", _name(data["applicant"])),
        _row("Accountable body", _name(data["accountable_body"])),
        _row("Delivered by", _name(data["delivery_body"])),
        _row("Category", _name(data["category"])),
        _row("Project or change", _name(data["change"])),
        _row("Start date", _day(data["starts"])),
        _row("End date", _day(data["ends"])),
        _row("Amount requested", Decimal(amount) if amount is not None else ""),
    ]
    if "interests" in data:
        rows += [_row("When the money ends", data["when_money_ends"]), _row("Interests", data["interests"])]
    if place := data.get("rank"):
        words = f"{place['rank']} of {place['of']}, decided on {_day(place['met_on'])}"
        rows.append(_row("Place among the bidder’s own bids", words))
    if route := data.get("route"):
        name = f"{route['name']}: {route['continues']}" if route["continues"] else route["name"]
        rows += [_row("How money is given", name), _row(route["why"], route["reason"])]
    if came := data.get("received"):
        rows += [_row("How it was received", came["words"]), _row("Who sent it", came["sender"])]
    asked = any(answer["key"] == "summary" for answer in data["answers"])
    return [row for row in rows if not (asked and row["label"] == "Summary")]


def _aims(data: Data) -> list[dict[str, Any]]:
    outcomes = "\n".join(f"{outcome['theme']}: {outcome['name']}" for outcome in data["outcomes"])
    rows = [_row("Outcomes of the plan", outcomes), _row("Areas", ", ".join(area["name"] for area in data["areas"]))]
    if "priority" not in data:
        return rows
    return [
        *rows,
        _row("Wards or towns", data["places"]),
        _row("Priority", data["priority"]),
        _row("Principle", _name(data["principle"])),
        _row("Delivery Group whose strategy it serves", _name(data["delivery_group"])),
    ]


def _sections(answers: Sequence[Data]) -> list[Block]:
    blocks = []
    for (key, title), group in groupby(answers, key=lambda answer: (answer["section"], answer["section_title"])):
        rows = [_row(each["question"], _answer(each)) for each in group]
        blocks.append(Block(f"questions/{key}", title, rows))
    return blocks


def _answer(told: Data) -> str:
    """Bids of the first days were frozen without the kinds of their questions."""
    return "" if told["answer"] is None else engine.in_words(told["answer"], told.get("kind", ""))


def measure_name(measure: Data) -> str:
    return str(measure["name"]) if measure["definition"] else f"{measure['name']} ({PROPOSED})"


def measure_words(measure: Data) -> str:
    """From what to what, and how it is counted."""
    start, goal = (_figure(measure, name) for name in ("baseline", "target"))
    lines = [f"From {start} to {goal}" if start else f"Target {goal}; where it stands now is not known"]
    lines.append(f"Counted in {measure['unit']}. {_name(measure['direction'])}. {_name(measure['aggregation'])}.")
    return "\n".join(lines)


def _figure(measure: Data, name: str) -> str:
    value, out_of = figure_words(measure[name]), figure_words(measure[f"{name}_of"])
    return f"{value} out of {out_of}" if value and out_of else value
