"""A new bid from an earlier one of the same people: what still fits is taken along, and nothing is submitted by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from casework.workflow import NotPermitted, record, unit
from grants.bids.confidence import carry_confidence
from grants.bids.models import Bid, BidLine
from grants.bids.one_page import COUNTED, bought, save_request
from grants.bids.services import (
    AIMS,
    LINE,
    MEASURE,
    create_bid,
    save_answers,
    save_details,
    save_lines,
    save_measures,
    save_milestones,
    save_outcomes,
)
from grants.bids.services_parts import PARTNER, RISK, save_partners, save_risks
from grants.rounds.models import Round
from partnerships.organisations.models import Organisation
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of
from partnerships.plans.models import MeasureDefinition, Outcome
from questionnaires.models import Answer, Question, Section

TAKEN = ("summary", "category", "change", "delivery_body", "when_money_ends", "interests")


def copy_bid(*, source: Bid, round: Round, applicant: Organisation, title: str, by: Any) -> Bid:
    """Begin a bid with the words, lines and measures of an earlier one. Dates move by the years between the rounds.

    Outcomes and measures go by their keys, because the plan may be a later one; answers where the same question is asked. Match is
    not confirmed for the new bid, nor have its partners confirmed anything; files stay with the old one.
    """
    if not standing_of(by).holds(source.applicant_id, Role.COORDINATOR):
        raise NotPermitted(f"{source.reference} is written by the coordinators of {source.applicant}.")
    years = round.opens_at.year - source.round.opens_at.year
    with unit():
        bid = create_bid(round=round, applicant=applicant, title=title, by=by)
        if round.asks.one_page:
            _copy_request(bid, source, source, years, by)
        else:
            _copy_sections(bid, source, source, years, by)
        carry_confidence(source=source, bid=bid, by=by)
        record(bid, "copied an earlier bid", by=by, changes={"source": source.pk})
    return Bid.objects.get(pk=bid.pk)


def fill_from_grant(*, bid: Bid, source: Bid, grant: Any, years: int, by: Any) -> None:
    """Fill a new bid from an earlier one and from what was agreed on it: `grant` has the lines, measures and milestones as they stand."""
    (_copy_request if bid.round.asks.one_page else _copy_sections)(bid, source, grant, years, by)


def _copy_request(bid: Bid, source: Bid, agreed: Any, years: int, by: Any) -> None:
    """On one page: its lines become one, and of its measures the first is taken along."""
    measure = agreed.measures.order_by("order", "pk").first()
    counted = (measure.name, measure.unit, measure.target) if measure is not None else ("", "", None)
    values = {
        "summary": source.summary,
        "category": bid.category or source.category,
        "interests": source.interests,
        "amount_requested": _amount(agreed),
        "accountable_body": source.accountable_body or bid.accountable_body,
        "outcomes": _outcomes(source, bid.round),
        "areas": source.areas.all(),
        "buys": bought(agreed),
        **{name: moved(getattr(agreed, name), years) for name in ("starts", "ends")},
        **dict(zip(COUNTED, counted, strict=True)),
    }
    save_request(bid=bid, by=by, values=values, answers=_same_answers(bid, source))


def _copy_sections(bid: Bid, source: Bid, agreed: Any, years: int, by: Any) -> None:
    details: dict[str, Any] = {name: getattr(source, name) for name in TAKEN}
    body = source.accountable_body or bid.accountable_body
    details |= {name: moved(getattr(agreed, name), years) for name in ("starts", "ends")}
    save_details(bid=bid, by=by, accountable_body=body, **details)
    aims = {name: getattr(source, name) for name in AIMS}
    save_outcomes(bid=bid, by=by, outcomes=_outcomes(source, bid.round), areas=source.areas.all(), **aims)
    for section, values in _same_answers(bid, source).items():
        save_answers(bid=bid, section=section, values=values, by=by)
    save_lines(
        bid=bid, by=by, rows=[_line(line) for line in agreed.lines.order_by("order", "pk")], amount_requested=_amount(agreed)
    )
    save_measures(bid=bid, by=by, rows=_measures(agreed, bid.round))
    due = [{"title": each.title, "due": moved(each.due, years)} for each in agreed.milestones.order_by("order", "pk")]
    save_milestones(bid=bid, by=by, rows=due)
    save_partners(bid=bid, by=by, rows=_rows(source.partners, PARTNER))
    save_risks(bid=bid, by=by, rows=_rows(source.risks, RISK))


def _outcomes(source: Bid, round: Round) -> QuerySet[Outcome]:
    return Outcome.objects.filter(theme__plan=round.plan_id, key__in=source.outcomes.values("key"))


def moved(day: dt.date | None, years: int) -> dt.date | None:
    """The same day in another year; 29 February becomes the 28th where there is none."""
    if day is None:
        return None
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _rows(rows: Any, columns: Sequence[str]) -> list[dict[str, Any]]:
    return [{name: getattr(row, name) for name in columns} for row in rows.order_by("order", "pk")]


def _line(line: Any) -> dict[str, Any]:
    values = {name: getattr(line, name) for name in LINE if name != "asked"}
    return values | {"asked": line.asked if isinstance(line, BidLine) else line.amount, "confirmed": False}


def _amount(agreed: Any) -> Any:
    return agreed.amount_requested if isinstance(agreed, Bid) else agreed.amount


def _measures(source: Any, round: Round) -> list[dict[str, Any]]:
    """A measure of the library stays one where the new plan has it; else it goes on as the bidder's own."""
    keys = source.measures.exclude(definition=None).values("definition__key")
    known = {
        each.key: each for each in MeasureDefinition.objects.filter(outcome__theme__plan=round.plan_id, key__in=keys, ends=None)
    }
    rows = []
    for measure in source.measures.select_related("definition").order_by("order", "pk"):
        key = measure.definition.key if measure.definition is not None else ""
        rows.append({name: getattr(measure, name) for name in MEASURE} | {"definition": known.get(key)})
    return rows


def _same_answers(bid: Bid, source: Bid) -> dict[Section, dict[str, Any]]:
    """What was answered to the same question of the same kind."""
    asked = Question.objects.filter(section__version=source.response.version_id).values_list("key", "kind")
    kinds = dict(asked)
    given = dict(Answer.objects.filter(response=source.response_id, repeat=0).values_list("question_key", "value"))
    found = {}
    for section in Section.objects.filter(version=bid.response.version_id).prefetch_related("questions"):
        same = {each.key for each in section.questions.all() if kinds.get(each.key) == each.kind}
        values = {key: given[key] for key in same if key in given}
        if values and not section.repeats:
            found[section] = values
    return found
