"""From the award to the signed agreement, its payments and its end."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from casework import clock
from casework.workflow import perform
from desk.demo.pace import Pace
from desk.demo.paying import payment_stories
from desk.demo.reporting import return_stories
from desk.demo.script import Story
from desk.demo.stage import Row, Stage
from grants.agreements import services as agreeing
from grants.agreements.forms import ACCEPTANCE, COUNTERSIGNATURE
from grants.models import Agreement, Bid, Obligation, Offer

WITH_PARTNER = {"awarded_full", "awarded_part"}
UNTIL = {
    "awarded_offer_pending": "proposed",
    "awarded_offer_queried": "queried",
    "awarded_agreement_draft": "agreed",
    "awarded_agreement_issued": "issued",
    "awarded_agreement_accepted": "accepted",
}
DAY = dt.timedelta(days=1)


def award_story(stage: Stage, row: Row, bid: Bid, pace: Pace) -> Story:
    """The partner fits its offer to the award, both sides sign, and the grant begins."""
    yield pace.at("proposed", 10)
    offer = Offer.objects.filter(award__bid=bid).exclude(state="withdrawn").first()
    if offer is None or row["story"] in WITH_PARTNER:
        return
    until = UNTIL.get(row["story"], "active")
    if bid.round.asks.fitted:
        offer = _propose(stage, offer, row)
        if until == "proposed":
            return
        yield pace.at("agreed", 10)
        if until == "queried":
            reason = "Which sessions would you leave out? The targets are still those of the whole amount."
            perform(offer, "query", by=stage.cast.office("grants"), reason=reason)
            return
        perform(offer, "agree", by=stage.cast.office("grants"))
    if until == "agreed":
        return
    yield pace.at("issued", 15)
    agreement = Agreement.objects.get(offer=offer)
    if agreement.state == "draft":
        agreeing.issue_agreement(agreement=agreement, by=stage.cast.office("grants"))
    if until in {"proposed", "queried", "issued"}:
        return
    yield pace.at("accepted", 13)
    signed = ACCEPTANCE.format(body=bid.accountable_body)
    agreement = perform(agreement, "accept", by=stage.cast.signatory(bid.accountable_body), declaration=signed).case
    if until == "accepted":
        return
    yield pace.at("signed", 11)
    if agreement.is_letter:
        agreement = Agreement.objects.get(pk=agreement.pk)
    else:
        signed = COUNTERSIGNATURE.format(body="the office")
        agreement = perform(agreement, "countersign", by=stage.cast.office("chief-executive"), declaration=signed).case
    payment_stories(stage, row, agreement)
    return_stories(stage, row, agreement)
    yield pace.at("signed", 14) + DAY
    _meet_conditions(stage, agreement, "before_payment")
    yield from _end(stage, row, agreement)


def _propose(stage: Stage, offer: Offer, row: Row) -> Offer:
    by = stage.cast.coordinator(offer.bid.applicant)
    if fitted := row.get("offer"):
        keys = [line["key"] for line in row["lines"]]
        amounts = {line.pk: Decimal(fitted["lines"][key]) for line, key in zip(offer.lines.all(), keys, strict=True)}
        agreeing.save_lines(offer=offer, amounts=amounts, by=by)
        targets = [fitted["targets"][measure["measure"]] for measure in row["measures"]]
        fields = {
            measure.pk: {"target": target["value"], **({"target_of": target["of"]} if "of" in target else {})}
            for measure, target in zip(offer.measures.all(), targets, strict=True)
        }
        agreeing.save_targets(offer=offer, targets=fields, by=by)
        if "query" in fitted:
            agreeing.save_details(offer=offer, starts=offer.starts, ends=offer.ends, comment=fitted["query"], by=by)
    return perform(offer, "propose", by=by).case


def _meet_conditions(stage: Stage, agreement: Agreement, when: str) -> None:
    """An officer notes what was sent: what payments wait for at the beginning, everything else at the end."""
    owed = Obligation.objects.filter(agreement=agreement, met_at=None, waived_at=None, kind="condition")
    if when == "before_payment":
        owed = owed.filter(before_payment=True)
    for obligation in owed.order_by("pk"):
        agreeing.settle(obligation=obligation, outcome="met", words="Seen by e-mail", by=stage.cast.office("grants2"))


def _end(stage: Stage, row: Row, agreement: Agreement) -> Story:
    officer = stage.cast.office("grants2")
    if row["story"] == "suspended":
        yield max(stage.calendar.recently(40, after=agreement.starts), clock.now() + 30 * DAY)
        perform(agreement, "suspend", by=officer, reason=row["suspension"]["reason"])
    if row["story"] == "terminated":
        yield from _terminate(stage, row, agreement)
    if row["story"] not in {"past_complete", "past_ended"}:
        return
    yield clock.london(agreement.ends + DAY, 10)
    agreement = perform(
        agreement, "end", by=officer, ended_as="completed", reason="The work is done and the period is over."
    ).case
    yield clock.london(agreement.ends + DAY, 15)
    _meet_conditions(stage, agreement, "the end")
    if row["story"] == "past_ended":
        return
    while Obligation.objects.filter(agreement=agreement, met_at=None, waived_at=None).exists():
        yield clock.now() + 7 * DAY
    yield clock.now() + 3 * DAY
    perform(agreement, "close", by=stage.cast.office("finance"))


def _terminate(stage: Stage, row: Row, agreement: Agreement) -> Story:
    """Stopped half-way: what is not needed is not paid, the last return is not asked for, and the rest goes back to the fund."""
    officer, reason = stage.cast.office("grants"), row["termination"]
    yield clock.london(dt.date(agreement.starts.year, 11, 10), 10)
    for instalment in agreement.instalments.filter(state="scheduled").order_by("pk"):
        perform(instalment, "cancel", by=officer, reason=reason)
    for case in agreement.returns.filter(state__in=["scheduled", "open"]).order_by("pk"):
        perform(case, "waive", by=officer, reason=reason)
    agreement = perform(agreement, "end", by=officer, ended_as="terminated", reason=reason).case
    _meet_conditions(stage, agreement, "the end")
    yield clock.now() + 30 * DAY
    perform(agreement, "close", by=stage.cast.office("finance"))
