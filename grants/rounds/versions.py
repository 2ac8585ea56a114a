"""What a published round says, as data; what a change altered, in words; and what may no longer change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from casework import clock
from casework.money import pounds
from casework.templatetags.ui import gov_moment
from grants.rounds.checks import closes_later, expressions_close_later, has_bidders, has_budget, has_criteria, has_gates
from grants.rounds.files import asked_labels
from grants.rounds.models import Round
from partnerships.organisations.models import Organisation

Content = Mapping[str, Any]
FROZEN = {
    "plan": "The plan",
    "legal_power": "The legal power",
    "category": "The category",
    "route": "How money is given",
    "tier": "The tier",
    "question_version": "The set of questions of the bid",
    "return_version": "The set of questions of the return",
    "rolling": "Whether bids are decided as they arrive",
    "expression_words": "The length of an expression of interest",
}
"""What bidders rely on from the first day. The fund is in the reference, so no form or service can change it."""
LONG = {"guidance": "The guidance", "terms": "The terms"}
SHORT = {
    "title": "Title",
    "opens_at": "Opens",
    "questions_until": "Last moment for questions",
    "expressions_until": "Expressions of interest until",
    "closes_at": "Closes",
    "minimum": "Smallest request",
    "maximum": "Largest request",
    "match_rule": "Match funding",
    "capital_allowed": "Capital items",
}
LISTS = {
    "eligible_kinds": "Who may bid",
    "bidders": "Who may bid",
    "gates": "Gates",
    "required_files": "Files that every bid needs",
}
ASKED_LATER: Content = {"required_files": [], "expressions_until": None, "expression_words": None}
"""What the first rounds could not say: their snapshots are read as if they had said this."""


def content(case: Round) -> dict[str, Any]:
    """Everything that bidders read, as a snapshot keeps it."""
    plain = ("title", "category", "route", "tier", "tier_reason", "rolling", "match_rule", "capital_allowed", "guidance", "terms")
    criteria = ("name", "guidance", "maximum", "weight", "threshold")
    return {
        "reference": case.reference,
        "fund": case.fund.name,
        **{name: getattr(case, name) for name in plain},
        **{name: {"id": getattr(case, f"{name}_id"), "name": str(getattr(case, name))} for name in ("plan", "legal_power")},
        **{name: str(getattr(case, name)) for name in ("minimum", "maximum")},
        **{name: getattr(case, f"{name}_id") for name in ("question_version", "return_version")},
        "opens_at": case.opens_at.isoformat(),
        "closes_at": case.closes_at and case.closes_at.isoformat(),
        "questions_until": case.questions_until and case.questions_until.isoformat(),
        "expressions_until": case.expressions_until and case.expressions_until.isoformat(),
        "expression_words": case.expression_words if case.way.expressed else None,
        "eligible_kinds": [str(Organisation.Kind(kind).label) for kind in case.eligible_kinds],
        "bidders": [str(bidder) for bidder in case.bidders.select_related("organisation")],
        "budgets": {clock.year_label(budget.year): str(budget.amount) for budget in case.budgets.all()},
        "required_files": asked_labels(case.required_files),
        "gates": [gate.text for gate in case.gates.all()],
        "criteria": [{name: getattr(row, name) for name in criteria} for row in case.criteria.all()],
    }


def changed_parts(before: Content, now: Content) -> list[str]:
    known = {**ASKED_LATER, **before}
    return [name for name in now if known.get(name) != now[name]]


def in_words(before: Content, now: Content) -> list[str]:
    """One sentence for each thing that is different; empty when nothing is."""
    return list(_sentences({**ASKED_LATER, **before}, now))


def _sentences(before: Content, now: Content) -> Iterator[str]:
    for name, label in SHORT.items():
        if before[name] != now[name]:
            yield f"{label}: {_shown(name, now[name])}. Before: {_shown(name, before[name])}."
    for name, label in LISTS.items():
        yield from (f"{label}: added “{text}”." for text in now[name] if text not in before[name])
        yield from (f"{label}: removed “{text}”." for text in before[name] if text not in now[name])
        if sorted(before[name]) == sorted(now[name]) and before[name] != now[name]:
            yield f"{label}: in another order."
    for year in sorted({*before["budgets"], *now["budgets"]}):
        old, new = before["budgets"].get(year), now["budgets"].get(year)
        if old != new:
            yield f"Available in {year}: {_pounds(new)}. Before: {_pounds(old)}."
    yield from _criteria(before["criteria"], now["criteria"])
    for name, label in LONG.items():
        if before[name] != now[name]:
            yield f"{label} changed: read the new text on the round's page."


def _criteria(before: list[Content], now: list[Content]) -> Iterator[str]:
    old = {row["name"]: row for row in before}
    new = {row["name"]: row for row in now}
    yield from (f"Criterion added: “{name}”." for name in new if name not in old)
    yield from (f"Criterion removed: “{name}”." for name in old if name not in new)
    labels = {"weight": "weight", "maximum": "highest score", "threshold": "lowest score that passes"}
    for name in (name for name in new if name in old):
        for key, label in labels.items():
            if old[name][key] != new[name][key]:
                yield f"Criterion “{name}”: {label} {_or_none(new[name][key])}. Before: {_or_none(old[name][key])}."
        if old[name]["guidance"] != new[name]["guidance"]:
            yield f"Criterion “{name}”: what assessors look for changed."
    if list(old) != list(new) and sorted(old) == sorted(new):
        yield "Criteria: in another order."


def _shown(name: str, value: Any) -> str:
    if name in ("opens_at", "closes_at", "questions_until", "expressions_until"):
        return gov_moment(dt.datetime.fromisoformat(value)) if value else "not set"
    if name in ("minimum", "maximum"):
        return _pounds(value)
    if name == "match_rule":
        return str(Round.MatchRule(value).label)
    if name == "capital_allowed":
        return "allowed" if value else "not allowed"
    return f"“{value}”"


def _pounds(value: str | None) -> str:
    return "nothing" if value is None else pounds(Decimal(value))


def _or_none(value: int | None) -> str:
    return "none" if value is None else str(value)


def refusals(case: Round, before: Content, now: Content) -> list[str]:
    """Why these changes cannot be made to a published round; `case` is as it would be."""
    found = [
        f"{label} cannot change after the round was published. Copy the round into a new one instead."
        for name, label in FROZEN.items()
        if before[name] != now[name]
    ]
    needs = (has_gates, has_criteria, has_budget, has_bidders)
    found += [need.sentence for need in needs if not need(case)]  # type: ignore[attr-defined]
    return [*found, *_moments(case, before, now)]


def _moments(case: Round, before: Content, now: Content) -> Iterator[str]:
    opened = dt.datetime.fromisoformat(before["opens_at"]) <= clock.arrived()
    if before["opens_at"] != now["opens_at"] and opened:
        yield "The round has opened, so its opening time stays as it was."
    closings = (
        ("expressions_until", "the closing time of expressions of interest", expressions_close_later),
        ("closes_at", "the closing time", closes_later),
    )
    for name, words, to_come in closings:
        at = getattr(case, name)
        if before[name] == now[name] or at is None:
            continue
        if opened and before[name] and at < dt.datetime.fromisoformat(before[name]):
            yield f"Bidders rely on {words} since the round opened: it can be later, not earlier."
        if not to_come(case):
            yield to_come.sentence if name == "expressions_until" else "Enter a closing time that is still to come."  # type: ignore[attr-defined]
