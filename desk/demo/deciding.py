"""A decision about one or many bids: written and recommended by an officer, made by whoever may, told to bidders, published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from casework import clock
from casework.workflow import perform
from desk.demo.calendar import months_after
from desk.demo.pace import Pace
from desk.demo.script import Story
from desk.demo.stage import Row, Stage
from grants.decisions import services as deciding
from grants.decisions.delegation import scheme_on
from grants.decisions.services import Condition, Given
from grants.models import Award, Bid, Decision

OUTCOMES = {"reserve": "reserve", "declined": "decline"}
DECIDERS = {"commissioner": "commissioner", "chief_executive": "chief-executive", "commissioning_officer": "grants2"}
NO_INTERESTS = "I have no interest in any of these bids."
DAY = dt.timedelta(days=1)


def decider_of(row: Row) -> str:
    return row.get("award", {}).get("by", "commissioner")


def decision_story(stage: Stage, rows: list[Row], pace: Pace, *, upto: str = "published") -> Story:
    """`upto` is how far it has come: draft, recommended, made or published."""
    yield pace.at("recommended", 15)
    decision = _write(stage, rows)
    if upto == "draft":
        return
    decision = perform(decision, "recommend", by=stage.cast.office("grants")).case
    if upto == "recommended":
        return
    yield pace.at("decided", 11)
    decision = _make(stage, decision, rows)
    if upto == "made":
        return
    yield pace.at("published", 12)
    deciding.tell_bidders(decision=decision, by=stage.cast.office("grants"))
    for row in rows:
        _hold_back(stage, decision, row)
    yield pace.at("published", 16)
    perform(decision, "publish", by=stage.cast.office("communications"))


def withdrawn_story(stage: Stage, row: Row, pace: Pace) -> Story:
    """Decided in full, withdrawn before anything was issued, and decided again in part (`withdrawn_first` says why). The letter of a
    small grant goes out when its bidder is told, so there it is withdrawn before that."""
    whole = {**row, "award": {**row["award"], "amount": row["requested"]}}
    yield pace.at("recommended", 15)
    decision = perform(_write(stage, [whole]), "recommend", by=stage.cast.office("grants")).case
    yield pace.at("decided", 11)
    decision = _make(stage, decision, [whole])
    yield pace.at("decided", 15)
    if decision.round.asks.fitted:
        deciding.tell_bidders(decision=decision, by=stage.cast.office("grants"))
        yield pace.at("decided", 10) + DAY
        offer = Award.objects.get(decision=decision).offer
        offer = perform(offer, "propose", by=stage.cast.coordinator(stage.bids[row["key"]].applicant)).case
        yield pace.at("decided", 15) + DAY
        perform(offer, "agree", by=stage.cast.office("grants"))
    yield pace.at("decided", 10) + 2 * DAY
    perform(decision, "withdraw", by=stage.cast.office("commissioner"), reason=row["withdrawn_first"])
    later = {name: getattr(pace, name) + 5 * DAY for name in ("recommended", "decided", "published")}
    yield from decision_story(stage, [row], Pace(**{**vars(pace), **later}))


def _write(stage: Stage, rows: list[Row]) -> Decision:
    by, first = stage.cast.office("grants"), rows[0]
    round_ = stage.rounds[first["round"]]
    title = first["title"] if len(rows) == 1 else f"{round_.title}: {len(rows)} bids"
    decision = deciding.create_decision(round=round_, title=title, by=by)
    funded = [row for row in rows if "award" in row]
    power = stage.setting.powers[funded[0]["award"]["power"]] if funded else round_.legal_power
    deciding.save_details(decision=decision, values=_words(rows, funded, power), by=by)
    decision = deciding.save_awards(decision=decision, awards=[_given(stage, row) for row in rows], by=by)
    awards = {award.bid_id: award for award in Award.objects.filter(decision=decision).select_related("bid", "decision")}
    for row in funded:
        _set_terms(stage, awards[stage.bids[row["key"]].pk], row, by)
    return decision


def _words(rows: list[Row], funded: list[Row], power: Any) -> dict[str, Any]:
    told = [f"{row['title']}: {row['award']['reasons'].strip()}" for row in funded]
    reasons = funded[0]["award"]["reasons"].strip() if len(rows) == 1 and funded else "\n\n".join(told)
    declined = len(rows) - len(funded)
    return {
        "legal_power": power,
        "summary": f"{len(rows)} {'bid was' if len(rows) == 1 else 'bids were'} assessed against the criteria of the round.",
        "reasons": reasons
        or "The bid does not show that it would secure, or contribute to securing, crime and disorder reduction.",
        "recommendation": f"That {len(funded)} awarded and {declined} not awarded as set out."
        if declined
        else "That the award is made as set out.",
    }


def _given(stage: Stage, row: Row) -> Given:
    bid = stage.bids[row["key"]]
    award = row.get("award")
    if award is None:
        return Given(bid, OUTCOMES[row["story"]], reason=row["outcome_reason"].strip())
    outcome = "full" if Decimal(award["amount"]) == bid.amount_requested else "part"
    return Given(bid, outcome, Decimal(award["amount"]), award["reasons"].strip())


def _set_terms(stage: Stage, award: Award, row: Row, by: Any) -> None:
    given, calendar = row["award"], stage.calendar
    first = stage.round_facts(row["round"])["years"][0]
    years = (
        {calendar.year(year): Decimal(amount) for year, amount in given["by_year"].items()}
        if "by_year" in given
        else {calendar.year(first): award.amount}
    )
    contribution = row["kind"] == "contribution"
    if not contribution and not given["conditions"] and len(years) == 1:
        return
    deciding.save_terms(
        award=award,
        kind="contribution" if contribution else "grant",
        kind_reason=row["answers"]["why_contribution"] if contribution else "",
        years=years,
        conditions=[_condition(condition, award.bid) for condition in given["conditions"]],
        by=by,
    )


def _condition(row: Row, bid: Bid) -> Condition:
    due = months_after(bid.starts, 11) if bid.starts and row["kind"] == "at_event" else None
    return Condition(row["kind"], row["text"], due)


def _make(stage: Stage, decision: Decision, rows: Iterable[Row]) -> Decision:
    """By the one whom the facts name; what is above an officer's limit goes to the chief executive."""
    role = decider_of(next((row for row in rows if "award" in row), {}))
    limit = scheme_on(clock.today()).limit(role, decision.round.fund_id)
    if role == "commissioning_officer" and (limit is None or decision.amount() > limit):
        role = "chief_executive"
    by = stage.cast.office(DECIDERS[role])
    return deciding.make_decision(decision=decision, interests=NO_INTERESTS, by=by).case


def _hold_back(stage: Stage, decision: Decision, row: Row) -> None:
    if hold := row.get("publication"):
        award = Award.objects.get(decision=decision, bid=stage.bids[row["key"]])
        by = stage.cast.office(DECIDERS[hold["approver"]])
        deciding.hold_publication(award=award, part=hold["withhold"], ground=hold["ground"], by=by)
