"""A bid is begun, written section by section by the partnership's coordinator, and submitted by the council's signatory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from casework.workflow import perform
from desk.demo.calendar import months_after
from desk.demo.files import letter
from desk.demo.pace import term
from desk.demo.plots import value
from desk.demo.stage import Row, Stage
from grants.bids import services as bids
from grants.bids.begun import begin_for_body
from grants.bids.one_page import LONGEST_LINE, save_request
from grants.bids.partners import answer_as_partner, ask_partners
from grants.bids.services_parts import PARTNER, RISK, save_partners, save_risks
from grants.models import Bid, PartnerConfirmation
from partnerships.organisations.models import Organisation
from questionnaires.models import Section

# What the facts tell apart and a budget does not.
HEADS = {"travel": "other", "evaluation": "other"}
CATEGORIES = {"statutory_functions": "statutory", "demand_management": "demand", "risk_management": "risk"}
PRINCIPLES = {"people-at-risk": "people", "resilient-communities": "communities", "pathways-high-risk": "pathways"}
CHANGES = {"project": "project", "system_change": "mainstream"}


def write_bid(stage: Stage, row: Row, *, finished: bool = True) -> Bid:
    """The whole draft. One that is not finished still lacks its measures and milestones."""
    applicant = stage.setting.bodies[row["applicant"]]
    by = stage.cast.coordinator(applicant)
    return fill_bid(stage, row, _begin(stage, row, applicant, by), by=by, finished=finished)


def fill_bid(stage: Stage, row: Row, bid: Bid, *, by: Any, finished: bool = True) -> Bid:
    """What a bid that was begun says."""
    setting = stage.setting
    starts, ends = term(stage.calendar, stage.round_facts(row["round"]), row)
    if bid.round.asks.one_page:
        return _write_request(stage, bid, row, (starts, ends), by=by, finished=finished)
    bids.save_details(
        bid=bid,
        by=by,
        category=CATEGORIES[row["category"]],
        change=CHANGES[row["approach"]],
        starts=starts,
        ends=ends,
        accountable_body=setting.bodies[row["accountable_body"]],
        delivery_body=setting.bodies[row.get("delivery_body") or row["applicant"]],
    )
    outcomes = [setting.outcomes[key] for key in row["outcomes"]]
    aims: Row = {"principle": PRINCIPLES[row["principle"]]} if "principle" in row else {}
    if "delivery_group" in row:
        aims["delivery_group"] = setting.bodies[row["delivery_group"]]
    bids.save_outcomes(bid=bid, by=by, outcomes=outcomes, areas=[setting.areas[key] for key in row["areas"]], **aims)
    _answer(stage, bid, row["answers"], by)
    bids.save_lines(
        bid=bid, rows=[_line(stage, line) for line in row["lines"]], amount_requested=Decimal(row["requested"]), by=by
    )
    if finished:
        bids.save_measures(bid=bid, rows=[_measure(stage, measure) for measure in row["measures"]], by=by)
        told = [
            {"title": milestone["text"], "due": min(max(months_after(starts, milestone["months"]), starts), ends)}
            for milestone in row["milestones"]
        ]
        bids.save_milestones(
            bid=bid, rows=told or [{"title": "The project has ended and its results are counted", "due": ends}], by=by
        )
    _name_partners(bid, row.get("partners", ()), by)
    if row.get("risks"):
        save_risks(bid=bid, rows=[{name: risk[name] for name in RISK} for risk in row["risks"]], by=by)
    if row["requested"] >= 20000:
        bids.attach_file(bid=bid, upload=letter("Letter of support", row["title"]), kind="Letter of support", by=by)
    return Bid.objects.get(pk=bid.pk)


def _begin(stage: Stage, row: Row, applicant: Organisation, by: Any) -> Bid:
    """By the bidder; where nobody competes, by the office with the reason that is published."""
    case = stage.rounds[row["round"]]
    if case.way.competed:
        return bids.create_bid(round=case, applicant=applicant, title=row["title"], by=by)
    reason = row["route_reason"].strip()
    return begin_for_body(round=case, applicant=applicant, title=row["title"], reason=reason, by=stage.cast.office("grants"))


def _name_partners(bid: Bid, partners: Sequence[Row], by: Any) -> None:
    """Who works with them; some were asked, and some of those have answered."""
    if not partners:
        return
    save_partners(bid=bid, rows=[{name: partner[name] for name in PARTNER} for partner in partners], by=by)
    ask_partners(bid=bid, partners=bid.partners.exclude(email="").values_list("pk", flat=True), by=by)
    answers = {partner["name"]: partner["answer"] for partner in partners if partner["answer"]}
    for asked in PartnerConfirmation.objects.filter(partner__bid=bid, name__in=answers).order_by("pk"):
        said = answers[asked.name]
        if said == "confirmed":
            answer_as_partner(asked=asked, answer="confirmed")
        else:
            answer_as_partner(asked=asked, answer="disputed", said=said)


def _write_request(stage: Stage, bid: Bid, row: Row, dates: tuple[dt.date, dt.date], *, by: Any, finished: bool) -> Bid:
    """On one page: its lines are one, and of its measures the first is counted."""
    setting, first = stage.setting, row["measures"][0]
    measure = setting.measures[first["measure"]]
    counted = {"measure_name": measure.name, "measure_unit": measure.unit, "measure_target": value(first["target"])["value"]}
    values = {
        "category": CATEGORIES[row["category"]],
        "starts": dates[0],
        "ends": dates[1],
        "accountable_body": setting.bodies[row["accountable_body"]],
        "outcomes": [setting.outcomes[key] for key in row["outcomes"]],
        "areas": [setting.areas[key] for key in row["areas"]],
        "amount_requested": Decimal(row["requested"]),
        "buys": "; ".join(line["description"] for line in row["lines"])[:LONGEST_LINE],
        **(counted if finished else {}),
    }
    return save_request(bid=bid, by=by, values=values, answers=dict(_answers(stage, bid, row["answers"])))


def _answer(stage: Stage, bid: Bid, answers: Row, by: Any) -> None:
    for section, values in _answers(stage, bid, answers):
        bids.save_answers(bid=bid, section=section, values=values, by=by)


def _answers(stage: Stage, bid: Bid, answers: Row) -> Iterator[tuple[Section, Any]]:
    """What the bid says, and where it says nothing what bids usually answer; the rows of a repeating section as a list."""
    usual = stage.setting.usual_answers[bid.round.question_version_id]
    for section in Section.objects.filter(version=bid.round.question_version_id).prefetch_related("questions"):
        given = answers.get(section.key) or usual.get(section.key, {})
        if section.repeats:
            yield section, given
        else:
            own = {question.key: answers[question.key] for question in section.questions.all() if question.key in answers}
            yield section, {key: _kept(stage, value) for key, value in given.items()} | own


def _kept(stage: Stage, value: Any) -> Any:
    """A day that moves as its answer is kept."""
    return stage.calendar.date(value).isoformat() if isinstance(value, dict) else value


def _line(stage: Stage, line: Row) -> Row:
    funders = {row["key"]: row["name"] for row in stage.facts["rounds"]["match_funders"]}
    return {
        "category": HEADS.get(line["category"], line["category"]),
        "description": line["description"],
        "asked": Decimal(line["asked"]),
        "match_cash": Decimal(line["match_cash"]),
        "match_in_kind": Decimal(line["match_in_kind"]),
        "funder": funders[line["funder"]] if line["funder"] else "",
        "confirmed": line["confirmed"],
    }


def _measure(stage: Stage, measure: Row) -> Row:
    baseline, target = value(measure["baseline"]), value(measure["target"])
    return {
        "definition": stage.setting.measures[measure["measure"]],
        "baseline": baseline["value"],
        "baseline_of": baseline["of"],
        "target": target["value"],
        "target_of": target["of"],
    }


def submit_bid(stage: Stage, bid: Bid) -> Bid:
    """By a signatory of the accountable body."""
    return perform(bid, "submit", by=stage.cast.signatory(bid.accountable_body)).case


def resubmit_bid(stage: Stage, bid: Bid) -> Bid:
    """The coordinator puts right what was asked for, and it is submitted again."""
    by = stage.cast.coordinator(bid.applicant)
    if bid.round.asks.one_page:
        save_request(bid=bid, by=by, values={"title": bid.title})
    else:
        bids.save_details(bid=bid, by=by, title=bid.title)
    return submit_bid(stage, bid)
