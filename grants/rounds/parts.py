"""The parts of a round's page, from rows already fetched: no query here."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from casework import clock
from casework.forms.fields import MONTHS
from casework.money import pounds, total
from casework.registry import Panel
from casework.templatetags.ui import gov_moment
from grants.rounds import expressing
from grants.rounds.checks import closes_later, expressions_close_later
from grants.rounds.files import asked_labels
from grants.rounds.models import Round
from grants.rounds.models_parts import RoundChange
from grants.rounds.queries import BIDDER_KINDS
from grants.rounds.states import RoundState
from questionnaires.models import Question

_DATE = re.compile(rf"(?P<day>[0-9]{{1,2}}) (?P<month>{'|'.join(MONTHS)}) (?P<year>20[0-9]{{2}})", re.IGNORECASE)
_YEAR = re.compile(r"\b(?P<year>20[0-9]{2})[-/–][0-9]{2}\b(?![-/–])")
DONE, TO_DO, PROBLEM = "Completed", "Not yet started", "There is a problem"


def bidders_in_words(case: Round) -> str:
    """One kind of body a line, in the order of the form, then those who are named."""
    kinds = [str(kind.label) for kind in BIDDER_KINDS if kind in case.eligible_kinds]
    return "\n".join([*kinds, *(str(bidder) for bidder in case.bidders.all())])


def category_in_words(case: Round) -> str:
    return case.get_category_display() if case.category else "Each bidder says which"


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
    if not case.way.competed:
        return case.way.invites
    if case.opens_at > clock.arrived():
        begun = "Expressions of interest can be written" if case.way.expressed else "Bids can be started"
        return f"{begun} from {gov_moment(case.opens_at)}."
    if case.way.expressed and case.takes_bids(until=closes):
        return expressing.in_words(case, closes)
    if case.rolling and case.money_out_at is not None:
        return "All the money of this round has been awarded, so it takes no more bids."
    if case.rolling:
        return "Bids are decided as they arrive, until the money runs out."
    until = max(filter(None, (case.closes_at, closes)))
    if until >= clock.arrived():
        return f"Bids must be submitted by {gov_moment(until)}."
    return f"The round closed on {gov_moment(case.closes_at)}. The bids are assessed and decided next."


def sentence_when_published(case: Round) -> str:
    """What bidders of a draft will read."""
    if case.state != RoundState.DRAFT:
        return sentence(case, may_change=False, closes=None)
    if not case.way.competed:
        return case.way.invites
    if case.way.expressed:
        return f"Tell us first what you have in mind by {gov_moment(case.expressions_until)}. We then invite full bids."
    if case.rolling:
        return "Bids are decided as they arrive, until the money runs out."
    return f"Bids can be started from {gov_moment(case.opens_at)} and must be submitted by {gov_moment(case.closes_at)}."


def copy_intro(source: Round) -> str:
    """Where the copy's details come from, and which dates are not taken over."""
    closed = "" if source.closes_at is None else f" and closed on {gov_moment(source.closes_at)}"
    return f"Copied from {source.reference}, which opened on {gov_moment(source.opens_at)}{closed}. Enter the dates of the new round."


def summary(case: Round, link: Callable[[str], str]) -> list[dict[str, Any]]:
    """The facts of a round; `link(place)` gives the address that changes one, or nothing."""
    rows = [
        ("Opens", case.opens_at, "edit/#id_opens_on_0"),
        ("Expressions of interest until", case.expressions_until, "edit/#id_expressions_on_0"),
        ("Closes", "When the money runs out" if case.rolling else case.closes_at, "edit/#id_closes_on_0"),
        ("Last moment for questions", case.questions_until, "edit/#id_questions_on_0"),
        ("Available", total([budget.amount for budget in case.budgets.all()]), "budgets/"),
        ("Fund", case.fund, ""),
        ("Category", category_in_words(case), "edit/#id_category_0"),
        (
            "Who may bid",
            bidders_in_words(case) if case.way.competed else "Nobody: the office begins each bid",
            "edit/#id_eligible_kinds_0",
        ),
        ("Smallest request", case.minimum, "edit/#id_minimum"),
        ("Largest request", case.maximum, "edit/#id_maximum"),
        ("Match funding", case.get_match_rule_display(), "edit/#id_match_rule_0"),
        ("Capital items", "Allowed" if case.capital_allowed else "Not allowed", "edit/#id_capital_allowed"),
        ("Files that every bid needs", "\n".join(asked_labels(case.required_files)) or "None", "edit/#id_required_files_0"),
        ("How money is given", route_in_words(case), "edit/#id_route_0"),
        ("Tier", _tier(case), "edit/#id_tier_0"),
        ("Plan", case.plan, "edit/#id_plan"),
        ("Legal power", case.legal_power, "edit/#id_legal_power"),
    ]
    optional = ("Last moment for questions", "Expressions of interest until")
    rows = [row for row in rows if row[0] not in optional or row[1] is not None]
    return [{"label": label, "value": value, "href": place and link(place)} for label, value, place in rows]


def route_in_words(case: Round) -> str:
    """Rolling is when bids are decided, whatever the route."""
    return (
        f"{case.get_route_display()}, decided as they arrive until the money runs out"
        if case.rolling
        else case.get_route_display()
    )


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
    dates = (DONE, "")
    if not closes_later(case):
        dates = (PROBLEM, "The closing time has passed: bids could not be submitted in time")
    elif not expressions_close_later(case):
        dates = (PROBLEM, "The last moment for expressions of interest has passed: nobody could send one in time")
    rows = [
        ("Details of the round", "edit/", DONE, ""),
        ("Opening and closing times", "edit/#id_opens_on_0", *dates),
        ("What is available in each year", "budgets/", DONE if case.budgets.all() else TO_DO, ""),
        (
            "Who may bid",
            "bidders/",
            DONE if not case.way.competed or case.eligible_kinds or case.bidders.all() else TO_DO,
            "Bodies named besides those kinds",
        ),
        ("Gates", "gates/", DONE if case.gates.all() else TO_DO, "Questions that are passed or failed before scoring"),
        (
            "Scored criteria",
            "criteria/",
            DONE if not case.way.competed or case.criteria.all() else TO_DO,
            "What assessors score, with weights",
        ),
    ]
    if past := past_dates(case):
        rows.append(("Dates in the words", "edit/#id_guidance", PROBLEM, f"They name {', '.join(past)}, which is past"))
    return [{"title": title, "url": base + place, "status": status, "hint": hint} for title, place, status, hint in rows]


def past_dates(case: Round) -> list[str]:
    """Dates and financial years that the round's words name and that are over: what a copy carries along unnoticed."""
    words = [case.title, case.guidance, case.terms, *(gate.text for gate in case.gates.all())]
    words += [f"{criterion.name}\n{criterion.guidance}" for criterion in case.criteria.all()]
    text, today = "\n".join(words), clock.today()
    found = [match.group() for match in _DATE.finditer(text) if _is_over(match, today)]
    this = clock.financial_year(today)
    found += [match.group() for match in _YEAR.finditer(text) if int(match["year"]) < this]
    return list(dict.fromkeys(found))


def _is_over(match: re.Match[str], today: dt.date) -> bool:
    month = MONTHS.index(match["month"].lower()) + 1
    return (int(match["year"]), month, int(match["day"])) < (today.year, today.month, today.day)


def panels(case: Round, questions: list[Question], link: Callable[[str], str]) -> list[Panel]:
    """What bidders read, in the order in which they need it."""
    criteria = list(case.criteria.all())
    most = sum(criterion.maximum * criterion.weight for criterion in criteria)
    found = [
        _words("Guidance", case.guidance, "the guidance", link("edit/#id_guidance")),
        _expressing(case, link("edit/#id_expression_words")),
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


def _expressing(case: Round, change: str) -> Panel | None:
    """What is asked first, before anybody writes a bid."""
    if not case.way.expressed:
        return None
    context = {"asked": expressing.ASKED, "words": case.expression_words, "binds": expressing.NO_SIGNATORY, "change": change}
    return Panel("What an expression of interest says", "grants/round_expressing.html", context)


def told_in_words(change: RoundChange) -> str:
    """What an officer reads after a change was published."""
    drafts = f"{change.drafts} draft{'' if change.drafts == 1 else 's'}"
    submitted = f"{change.submitted} submitted bid{'' if change.submitted == 1 else 's'}"
    told = " Their coordinators are told by e-mail." if change.drafts or change.submitted or change.expressions else ""
    if change.expressions:
        drafts = f"{expressing.counted(change.expressions)}, {drafts}"
    return f"Version {change.number} is published. It reaches {drafts} and {submitted}.{told}"


def changes(case: Round, *, officer: bool) -> list[Panel]:
    """The versions since the round was published; whom each reached is for the office."""
    found = list(case.changes.select_related("by"))
    context = {"changes": [(change, told_in_words(change) if officer else "") for change in found]}
    return [Panel("Changes since it was published", "grants/round_changes.html", context)]


def fund_money(accounts: list[Any]) -> dict[str, Any] | None:
    """What the fund itself has, beside the form that says how much of it the round may award."""
    if not accounts:
        return None
    rows = [[row.year_label, row.budget, row.committed, row.budget - row.committed] for row in accounts]
    headers = ["Financial year", "Budget", "Committed", "Left"]
    return {"caption": f"{accounts[0].fund}: {pounds(total([row[3] for row in rows]))} left", "headers": headers, "rows": rows}
