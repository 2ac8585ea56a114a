"""A round from its draft to its end, and the money behind it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from casework import clock
from casework.money import allocate
from casework.workflow import perform
from desk.demo.script import Story
from desk.demo.stage import Row, Stage
from grants.funds.services import move_to_match_reserve, set_budget
from grants.models import Round
from grants.rounds.services import create_round, replace_budgets, replace_criteria, replace_gates
from grants.rounds.ways import Route

WEEK = dt.timedelta(days=7)


def budget_story(stage: Stage, year: int) -> Story:
    """The budgets of a financial year are set two winters before it, because rounds of two years draw on it from then on."""
    calendar = stage.calendar
    yield calendar.moment({"fy": max(year - 2, -3), "day": "12-05"}, 14)
    for row in stage.facts["funds"]["funds"]:
        if amount := row["budgets"].get(year):
            set_budget(
                fund=stage.setting.funds[row["key"]],
                year=calendar.year(year),
                amount=Decimal(amount),
                by=stage.cast.office("chief-finance"),
                reason=f"Budget of the Commissioner for {clock.year_label(calendar.year(year))}",
            )


def reserve_story(stage: Stage, row: Row) -> Story:
    """What the spring round did not award is kept as match funding (report to the Panel, September 2018, 6.17)."""
    yield stage.calendar.moment({"fy": row["year"] - 1, "day": "03-26"}, 15)
    move_to_match_reserve(
        fund=stage.setting.funds[row["fund"]],
        year=stage.calendar.year(row["year"]),
        amount=Decimal(row["amount"]),
        by=stage.cast.office("chief-finance"),
        reason=row["reason"],
    )


def round_story(stage: Stage, row: Row) -> Story:
    """Drafted a month before it opens, published a week before, then settled or cancelled as the facts say."""
    calendar, officer = stage.calendar, stage.cast.office("grants")
    opens = calendar.moment(row["opens"])
    yield min(opens - 4 * WEEK, calendar.now - 2 * WEEK)
    case = _draft(stage, row, officer)
    stage.rounds[row["key"]] = case
    if row["state"] == "draft":
        return
    yield opens - WEEK
    stage.rounds[row["key"]] = case = perform(case, "publish", by=officer).case
    if row["state"] == "cancelled":
        yield calendar.moment(row["cancelled"], 16)
        stage.rounds[row["key"]] = perform(case, "cancel", by=officer, reason=row["cancel_reason"]).case
    if row["state"] == "settled":
        yield calendar.moment(row["decided"], 16) + WEEK if "decided" in row else calendar.moment(row["closes"]) + 4 * WEEK
        stage.rounds[row["key"]] = perform(case, "settle", by=officer).case


def _draft(stage: Stage, row: Row, officer: Any) -> Round:
    calendar = stage.calendar
    case = create_round(
        fund=stage.setting.funds[row["fund"]], year=calendar.year(row["year"]), by=officer, **_details(stage, row)
    )
    years = [calendar.year(year) for year in row["years"]]
    shares = allocate(Decimal(row["available"]), [1] * len(years))
    replace_budgets(case=case, amounts=dict(zip(years, shares, strict=True)), by=officer)
    replace_gates(case=case, texts=[f"{gate['name']}: {_lower(gate['question'])}?" for gate in row["gates"]], by=officer)
    criteria = [
        {
            "name": criterion["name"],
            "guidance": criterion["guidance"],
            "maximum": criterion["max_score"],
            "weight": criterion["weight"],
            "threshold": criterion["threshold"],
        }
        for criterion in row["criteria"]
    ]
    return replace_criteria(case=case, rows=criteria, by=officer)


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def _details(stage: Stage, row: Row) -> dict[str, Any]:
    small, calendar = row["tier"] == "small", stage.calendar
    victims = row["fund"] in {"victims", "safer-streets"}
    power = "services-for-crime-reduction-and-victims" if victims else "crime-and-disorder-reduction-grant"
    asked = row["match"]["required_percent"]
    return {
        "title": row["name"],
        "plan": stage.setting.plans[row["plan"]],
        "legal_power": stage.setting.powers[power],
        "tier": row["tier"],
        "tier_reason": row.get("tier_reason", ""),
        "question_version": stage.setting.questions[row["question_set"]],
        "return_version": stage.setting.questions["return-end-report" if small else "return-half-year"],
        "opens_at": calendar.moment(row["opens"]),
        "closes_at": calendar.moment(row["closes"]) if row["closes"] else None,
        "route": row.get("route", Route.OPEN),
        "expressions_until": calendar.moment(row["expressions"]) if "expressions" in row else None,
        "rolling": row.get("rolling", False),
        "minimum": Decimal(row["minimum"]),
        "maximum": Decimal(row["maximum"]),
        "match_rule": Round.MatchRule.REQUIRED if asked else Round.MatchRule.NONE if small else Round.MatchRule.WELCOME,
        "eligible_kinds": row["eligible_kinds"],
        "guidance": f"{row['guidance'].strip()}\n\n{row['match']['guidance']}",
    }
