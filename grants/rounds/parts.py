"""The parts of a round's page, from rows already fetched: no query here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from casework import clock
from casework.money import pounds, total
from casework.registry import Panel
from casework.templatetags.ui import gov_moment
from grants.rounds.models import Round, closes_later
from grants.rounds.queries import BIDDER_KINDS
from grants.rounds.states import RoundState
from questionnaires.models import Question

DONE, TO_DO = "Completed", "Not yet started"


def bidders_in_words(case: Round) -> str:
    """One kind of body a line, in the order of the form."""
    return "\n".join(kind.label for kind in BIDDER_KINDS if kind in case.eligible_kinds)


def sentence(case: Round, *, may_change: bool, closes: Any) -> str:
    """Who must do what by when; `closes` is the closing time for the person who reads, if they bid."""
    if case.state == RoundState.DRAFT:
        return (
            "Complete the parts below, then publish the round."
            if may_change
            else "A commissioning officer is writing this round."
        )
    if case.state == RoundState.SETTLED:
        return "Every bid has been decided. Nothing more is awarded from this round."
    if case.state == RoundState.CANCELLED:
        return "This round was called off. No bids are taken."
    if case.opens_at > clock.arrived():
        return f"Bids can be started from {gov_moment(case.opens_at)}."
    if case.rolling:
        return "Bids are decided as they arrive, until the money runs out."
    until = max(filter(None, (case.closes_at, closes)))
    if until >= clock.arrived():
        return f"Bids must be submitted by {gov_moment(until)}."
    return f"The round closed on {gov_moment(case.closes_at)}. The bids are assessed and decided next."


def summary(case: Round, link: Callable[[str], str]) -> list[dict[str, Any]]:
    """The facts of a round; `link(place)` gives the address that changes one, or nothing."""
    rows = [
        ("Opens", case.opens_at, "edit/#id_opens_on_0"),
        ("Closes", "When the money runs out" if case.rolling else case.closes_at, "edit/#id_closes_on_0"),
        ("Available", total([budget.amount for budget in case.budgets.all()]), "budgets/"),
        ("Fund", case.fund, ""),
        ("Who may bid", bidders_in_words(case), "edit/#id_eligible_kinds_0"),
        ("Smallest request", case.minimum, "edit/#id_minimum"),
        ("Largest request", case.maximum, "edit/#id_maximum"),
        ("Match funding", case.get_match_rule_display(), "edit/#id_match_rule_0"),
        ("Capital items", "Allowed" if case.capital_allowed else "Not allowed", "edit/#id_capital_allowed"),
        ("Tier", _tier(case), "edit/#id_tier_0"),
        ("Plan", case.plan, "edit/#id_plan"),
        ("Legal power", case.legal_power, "edit/#id_legal_power"),
    ]
    return [{"label": label, "value": value, "href": place and link(place)} for label, value, place in rows]


def _tier(case: Round) -> str:
    return f"{case.get_tier_display()}: {case.tier_reason}" if case.tier_reason else case.get_tier_display()


def money(case: Round) -> dict[str, Any] | None:
    budgets = list(case.budgets.all())
    if not budgets:
        return None
    rows = [[str(budget), budget.amount] for budget in budgets]
    totals = ["Total", total([budget.amount for budget in budgets])] if len(rows) > 1 else None
    return {"caption": "What the round may award", "headers": ["Financial year", "Available"], "rows": rows, "totals": totals}


def tasks(case: Round) -> list[dict[str, str]]:
    """What a draft still needs before it can be published, with the way there."""
    base = case.get_absolute_url()
    dates = (
        (DONE, "")
        if closes_later(case)
        else ("There is a problem", "The closing time has passed: bids could not be submitted in time")
    )
    rows = [
        ("Details of the round", "edit/", DONE, ""),
        ("Opening and closing times", "edit/#id_opens_on_0", *dates),
        ("What is available in each year", "budgets/", DONE if case.budgets.all() else TO_DO, ""),
        ("Gates", "gates/", DONE if case.gates.all() else TO_DO, "Questions that are passed or failed before scoring"),
        ("Scored criteria", "criteria/", DONE if case.criteria.all() else TO_DO, "What assessors score, with weights"),
    ]
    return [{"title": title, "url": base + place, "status": status, "hint": hint} for title, place, status, hint in rows]


def panels(case: Round, questions: list[Question], link: Callable[[str], str]) -> list[Panel]:
    """What bidders read, in the order in which they need it."""
    criteria = list(case.criteria.all())
    most = sum(criterion.maximum * criterion.weight for criterion in criteria)
    found = [
        _words("Guidance", case.guidance, "the guidance", link("edit/#id_guidance")),
        Panel("Gates", "grants/round_gates.html", {"gates": case.gates.all(), "change": link("gates/")}),
        Panel(
            "How bids are scored", "grants/round_criteria.html", {"criteria": criteria, "most": most, "change": link("criteria/")}
        ),
        Panel("Questions", "grants/round_questions.html", {"questions": questions, "change": link("edit/#id_question_version")}),
        _words("Terms that bidders accept", case.terms, "the terms", link("edit/#id_terms")),
    ]
    return [panel for panel in found if panel is not None]


def _words(title: str, text: str, what: str, change: str) -> Panel | None:
    """A part that may be left empty is shown empty only to those who may fill it in."""
    if not text and not change:
        return None
    return Panel(title, "grants/round_text.html", {"text": text, "what": what, "change": change})


def fund_money(accounts: list[Any]) -> dict[str, Any] | None:
    """What the fund itself has, beside the form that says how much of it the round may award."""
    if not accounts:
        return None
    rows = [[row.year_label, row.budget, row.committed, row.budget - row.committed] for row in accounts]
    headers = ["Financial year", "Budget", "Committed", "Left"]
    return {"caption": f"{accounts[0].fund}: {pounds(total([row[3] for row in rows]))} left", "headers": headers, "rows": rows}
