"""Every bid of the demonstration in one shape: those told in full, and the short titles filled in from their theme."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.text import slugify

from casework import clock
from desk.demo.calendar import Calendar, first_of_next_month, months_after
from desk.demo.facts import Facts
from desk.demo.stage import Row

# A short title's story starts so many days ago, so that what is in hand just now is fresh whatever today is.
SUBMITTED_DAYS_AGO = {
    "draft": 1,
    "submitted": 2,
    "returned": 9,
    "withdrawn": 12,
    "assessing": 6,
    "assessed": 8,
    "ineligible": 12,
    "declined": 21,
    "reserve": 22,
    "recommended": 9,
    "awarded_made": 9,
    "awarded_full": 14,
    "awarded_part": 24,
    "awarded_offer_pending": 15,
    "awarded_offer_queried": 16,
    "awarded_agreement_draft": 15,
    "awarded_agreement_issued": 17,
    "awarded_agreement_accepted": 18,
    "payment_due": 34,
    "payment_claimed": 34,
    "payment_prepared": 34,
    "payment_approved": 34,
}
PROJECT_MONTHS = 3


def read_plots(facts: Facts, calendar: Calendar) -> list[Row]:
    """The bids in the order of the files; each short title with the same columns as a bid told in full."""
    known = facts["bids"]
    rounds = {row["key"]: row for row in facts["rounds"]["rounds"]}
    extras = [
        _expand(row, known["themes"][row["theme"]], rounds[row["round"]], calendar, number)
        for number, row in enumerate(known["extra_titles"])
    ]
    return [*known["bids"], *extras]


def _expand(row: Row, theme: Row, round_row: Row, calendar: Calendar, number: int) -> Row:
    small, earlier = round_row["tier"] == "small", round_row["plan"] == "plan-2021"
    district, amount = row["area"], row["amount"]
    plot = {
        "key": slugify(row["title"]),
        "round": row["round"],
        "story": row["story"],
        "kind": "grant",
        "title": row["title"],
        "applicant": f"{district}-csp",
        "accountable_body": f"{district}-council",
        "category": theme["category"],
        "approach": "project",
        "areas": [district],
        "outcomes": [theme["outcome_2021" if earlier else "outcome"]],
        "requested": amount,
        "answers": _answers(row, theme, small),
        "lines": _lines(amount, small),
        "measures": [{"measure": theme["measure"], "baseline": None, "target": theme["target"]}],
        "milestones": [],
        "scores": _scores(row["story"], small, number),
        **{name: row[name] for name in ("decision", "withdrawn_first", "termination", "came") if name in row},
        **_dates(row, round_row, calendar, number),
    }
    if row["story"] in {"declined", "reserve"}:
        plot["outcome_reason"] = _REASONS[row["story"]]
    elif row["story"] not in _UNDECIDED:
        plot["award"] = _award(row, small)
        if len(round_row["years"]) == 2:
            first, second = round_row["years"]
            plot["award"]["by_year"] = {first: amount // 2, second: amount - amount // 2}
    return plot


_UNDECIDED = {"draft", "submitted", "returned", "withdrawn", "assessing", "assessed", "ineligible"}
_REASONS = {
    "declined": "The bid does not say who will do the work or how anybody will see that it has helped. You can bid again at any time.",
    "reserve": "A good bid. It is taken up when money returns to the fund.",
}


def _answers(row: Row, theme: Row, small: bool) -> dict[str, str]:
    given = theme["answers"]
    opening = given["description"].split(". ")[0].rstrip(".")
    answers = {**given, "summary": f"{row['title']}. {opening}."}
    wanted = ("summary", "description", "difference") if small else (
        "summary", "description", "beneficiaries", "evidence", "prevention", "ending", "equality"
    )  # fmt: skip
    return {key: answers[key] for key in wanted}


def _lines(amount: int, small: bool) -> list[Row]:
    """Two thirds for people, the rest for what they need; volunteers' time beside a larger bid."""
    people = amount * 2 // 3 // 10 * 10
    match = {"match_cash": 0, "match_in_kind": 0 if small else amount // 4, "funder": None if small else "volunteers"}
    none = {"match_cash": 0, "match_in_kind": 0, "funder": None}
    return [
        {"category": "staff", "description": "Session leaders", "asked": people, "confirmed": True, **match},
        {"category": "activities", "description": "Sessions and materials", "asked": amount - people, "confirmed": True, **none},
    ]


def _scores(story: str, small: bool, number: int) -> Row:
    if story == "assessing":
        return {}
    weak = story == "declined"
    if small:
        marks = [3 if weak else 6, 6] if number % 2 else [4 if weak else 8, 6 if weak else 8]
        return {"assessor1": marks, "agreed": marks}
    marks = [2, 2, 1, 1, 1] if weak else [3, 3 + number % 2, 3, 2 + number % 2, 3]
    return {"assessor1": marks, "assessor2": [marks[0], 2, *marks[2:]], "agreed": marks}


def _award(row: Row, small: bool) -> Row:
    part = row["story"] in {"awarded_part", "awarded_offer_queried"}
    recent = row["round"] in {"scg-rolling", "cdr-next"}
    decider = "commissioning_officer" if small and recent else "chief_executive" if small else "commissioner"
    return {
        "amount": row["amount"] * 3 // 4 // 10 * 10 if part else row["amount"],
        "by": decider,
        "power": "crime-and-disorder-reduction-grant",
        "reasons": "The work is wanted by the people who live there, is led by people they know, "
        "and is likely to reduce what they complain of.",
        "conditions": [],
    }


def _dates(row: Row, round_row: Row, calendar: Calendar, number: int) -> Row:
    """When a short title's bid arrives and its project runs."""
    if not round_row.get("rolling"):
        year = round_row["year"]
        return {"starts": {"fy": year, "day": "04-01"}, "ends": {"fy": round_row["years"][-1], "day": "03-31"}}
    if row["round"] == "scg-rolling" and row["story"] in SUBMITTED_DAYS_AGO:
        submitted = calendar.days(-SUBMITTED_DAYS_AGO[row["story"]] - number % 3)
        starts = first_of_next_month(submitted - dt.timedelta(days=16)) if row["story"].startswith("payment") else None
        return _spell(submitted, starts or first_of_next_month(calendar.days(30)), round_row, calendar)
    submitted = _spread(round_row, calendar, number)
    if row["round"] == "scg-rolling":
        return _spell(submitted, first_of_next_month(submitted + dt.timedelta(days=16)), round_row, calendar)
    starts = max(first_of_next_month(submitted + dt.timedelta(days=16)), calendar.date({"fy": round_row["year"], "day": "04-01"}))
    return {"submitted": submitted, "starts": starts, "ends": months_after(starts, PROJECT_MONTHS)}


def _spell(submitted: dt.date, starts: dt.date, round_row: Row, calendar: Calendar) -> Row:
    """Not before the round's year begins, and to the end of the financial year."""
    starts = max(starts, clock.year_bounds(calendar.year(round_row["year"]))[0])
    return {"submitted": submitted, "starts": starts, "ends": clock.year_bounds(clock.financial_year(starts))[1]}


def _spread(round_row: Row, calendar: Calendar, number: int) -> dt.date:
    """Bids to a rolling round arrive all the time from its opening until early in the winter, or until three weeks ago."""
    first = calendar.date(round_row["opens"]) + dt.timedelta(days=6)
    last = min(calendar.days(-20), calendar.date({"fy": round_row["year"], "day": "06-30" if round_row["year"] < 0 else "12-20"}))
    return first + dt.timedelta(days=(last - first).days * (number * 37 % 101) // 101)


def value(figure: Any) -> dict[str, Any]:
    """A figure of the facts as value and denominator; None is unknown."""
    return {"value": None, "of": None} if figure is None else {"value": figure["value"], "of": figure.get("of")}
