"""What people do to decide: write a decision, make it, tell the bidders, hold back what must not be published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from casework import clock
from casework.money import ZERO, allocate, total
from casework.spine import next_reference
from casework.workflow import NotPermitted, Refused, Result, editing, lock, perform, record, unit
from grants.bids.models import Bid
from grants.decisions.awards import failed_gates, faults
from grants.decisions.checks import decision_maker_title
from grants.decisions.models import Award, AwardCondition, AwardYear, Decision, PublicationHold
from grants.decisions.states import DecisionState
from grants.funds.ledger import fund_year
from grants.rounds.models import Round
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of

CHANGE = "grants.change_decision"


@dataclass(frozen=True)
class Given:
    """What is to be decided on one bid. `kind` left empty keeps the route that was chosen before, at first a grant."""

    bid: Bid
    outcome: str
    amount: Decimal = ZERO
    reason: str = ""
    kind: str = ""
    kind_reason: str = ""


@dataclass(frozen=True)
class Condition:
    """A condition of an award: when it applies, its words, and the date for one that is met by a date."""

    when: str
    text: str
    due: dt.date | None = None


def create_decision(*, round: Round, title: str, by: Any) -> Decision:
    """A new draft about a round's bids, numbered within the calendar year."""
    with unit():
        if not by.has_perm("grants.create_decision"):
            raise NotPermitted("You do not have the role to write a decision.")
        decision = Decision(
            reference=next_reference(f"D-{clock.today().year}"),
            created_at=clock.now(),
            title=title.strip(),
            round=round,
            legal_power=round.legal_power,
        )
        decision.full_clean(exclude=["state"])
        decision.save()
        record(decision, "began the decision", by=by, changes={"round": round.pk})
        return decision


def save_details(*, decision: Decision, values: Mapping[str, Any], by: Any, version: int | None = None) -> Decision:
    """Title, legal power, summary, reasons, recommendation, meeting, and the reason for passing the budget."""
    with editing(decision, by=by, permission=CHANGE, verb="changed the decision", version=version) as locked:
        for name, value in values.items():
            setattr(locked, name, value)
    return locked


def save_awards(*, decision: Decision, awards: Sequence[Given], by: Any, version: int | None = None) -> Decision:
    """Set what is decided on each bid; a bid that is not named is left out of the decision."""
    with editing(decision, by=by, permission=CHANGE, verb="saved the awards", version=version) as locked:
        awards = _as_they_stand(awards)
        failed = failed_gates(given.bid.pk for given in awards)
        against = [
            f"{given.bid.reference}: {words[:1].lower()}{words[1:]}"
            for given in awards
            for words in _against(locked, given, given.bid.pk in failed)
        ]
        if len(awards) > 1:
            alone = "{} is confidential, so it is decided by itself: leave it out here, or leave out the others"
            against += [alone.format(given.bid.reference) for given in awards if given.bid.is_confidential]
        if against:
            raise Refused(*against)
        before = {award.bid_id: award for award in locked.awards.select_related("bid__file")}
        for left_out in before.values():
            if left_out.bid_id not in {given.bid.pk for given in awards}:
                record(left_out, "left the bid out", by=by, changes={"bid": left_out.bid_id}, file=left_out.bid.file)
                left_out.delete()
        for given in awards:
            _keep_award(locked, given, before.get(given.bid.pk), by)
    return locked


def _as_they_stand(awards: Sequence[Given]) -> list[Given]:
    """The bids as they are now: the caller's may have been read before they were assessed."""
    bids = Bid.objects.select_related("file").in_bulk([given.bid.pk for given in awards])
    return [replace(given, bid=bids[given.bid.pk]) for given in awards]


def _against(decision: Decision, given: Given, gate_failed: bool) -> list[str]:
    if given.bid.round_id != decision.round_id:
        return ["This bid is in another round"]
    asked = faults(given.bid, outcome=given.outcome, amount=given.amount, reason=given.reason, gate_failed=gate_failed)
    return [words for _, words in asked]


def _keep_award(decision: Decision, given: Given, before: Award | None, by: Any) -> None:
    award = before or Award(decision=decision, bid=given.bid)
    was = None if before is None else [award.outcome, str(award.amount)]
    award.outcome, award.amount, award.reason = given.outcome, given.amount, given.reason.strip()
    if given.kind:
        award.kind, award.kind_reason = given.kind, given.kind_reason.strip()
    award.full_clean()
    award.save()
    _fit_years(decision, award)
    now = [award.outcome, str(award.amount)]
    if now != was:
        record(award, "set the award", by=by, changes={"bid": award.bid_id, "award": [was, now]}, file=given.bid.file)


def _fit_years(decision: Decision, award: Award) -> None:
    """Spread a changed amount over the years as before; a new award comes from the first year of the round's budget."""
    rows = list(award.years.all())
    if total([row.amount for row in rows]) == award.amount:
        return
    if not award.amount:
        award.years.all().delete()
        return
    if not rows:
        first = decision.round.budgets.order_by("year").first()
        year = first.year if first is not None else clock.financial_year(clock.today())
        rows = [AwardYear(award=award, account=fund_year(decision.round.fund, year), amount=award.amount)]
    for row, part in zip(rows, allocate(award.amount, [row.amount for row in rows]), strict=True):
        row.amount = part
        row.save()


def save_terms(
    *,
    award: Award,
    kind: str,
    kind_reason: str,
    years: Mapping[int, Decimal],
    conditions: Sequence[Condition],
    by: Any,
    version: int | None = None,
) -> Decision:
    """The route, the split over financial years and the conditions of one award."""
    with editing(award.decision, by=by, permission=CHANGE, verb="saved the terms of an award", version=version) as locked:
        row = locked.awards.select_related("bid__file").get(pk=award.pk)
        if row.funded and total(list(years.values())) != row.amount:
            raise Refused("The financial years must add up to the award")
        row.kind, row.kind_reason = kind, kind_reason.strip() if kind == Award.Kind.CONTRIBUTION else ""
        row.full_clean()
        row.save()
        if row.funded:
            _keep_years(locked, row, years)
        _keep_conditions(row, conditions)
        split = {str(year): str(amount) for year, amount in years.items()}
        changes = {"kind": kind, "years": split, "conditions": len(conditions)}
        record(row, "set the terms of the award", by=by, changes=changes, file=row.bid.file)
    return locked


def _keep_years(decision: Decision, award: Award, years: Mapping[int, Decimal]) -> None:
    award.years.all().delete()
    for year, amount in sorted(years.items()):
        if amount:
            AwardYear.objects.create(award=award, account=fund_year(decision.round.fund, year), amount=amount)


def _keep_conditions(award: Award, conditions: Sequence[Condition]) -> None:
    award.conditions.all().delete()
    for given in conditions:
        due = given.due if given.when == AwardCondition.When.AT_EVENT else None
        condition = AwardCondition(award=award, when=given.when, text=given.text.strip(), due=due)
        condition.full_clean()
        condition.save()


def make_decision(
    *,
    decision: Decision,
    interests: str,
    by: Any,
    meeting: str = "",
    over_budget_reason: str = "",
    version: int | None = None,
) -> Result[Decision]:
    """Decide every bid of the decision and commit the money, in one transaction."""
    return perform(
        decision,
        "make",
        by=by,
        version=version,
        interests=interests.strip(),
        decided_as=title_of(by),
        meeting=meeting.strip(),
        over_budget_reason=over_budget_reason.strip(),
    )


def title_of(person: Any) -> str:
    """The title in which somebody decides today."""
    standing = standing_of(person)
    if standing.in_office(Role.COMMISSIONER):
        return decision_maker_title()
    ranks = (Role.CHIEF_EXECUTIVE, Role.CHIEF_FINANCE_OFFICER, Role.COMMISSIONING_OFFICER)
    return next((str(role.label) for role in ranks if standing.in_office(role)), "")


def tell_bidders(*, decision: Decision, by: Any, version: int | None = None) -> int:
    """Send every outcome letter that has not gone; how many bidders were told. A second click tells nobody twice."""
    with unit():
        locked = lock(decision)
        waiting = locked.awards.filter(told_at=None).count()
        if not waiting:
            return 0
        if locked.state != DecisionState.MADE:
            raise Refused(f"{locked.as_it_stands(by)}, so there is nothing to tell yet.")
        perform(locked, "tell", by=by, version=version)
        return waiting


def hold_publication(*, award: Award, part: str, ground: str, by: Any) -> PublicationHold:
    """Keep a part of an award from being published, before or after the decision is. Totals stay right.

    A second click holds back nothing more; another ground for the same part is refused.
    """
    with unit():
        decision = lock(award.decision)
        _check_may_hold(decision, award, by)
        if decision.state == DecisionState.WITHDRAWN:
            raise Refused(f"{decision.as_it_stands(by)}, so there is nothing to hold back.")
        present = award.holds.filter(part=part, lifted_at=None).first()
        if present is not None and (present.ground, present.approved_by_id) == (ground.strip(), by.pk):
            return present
        if present is not None:
            raise Refused(f"{PublicationHold.Part(part).label}: this is already held back")
        hold = PublicationHold(award=award, part=part, ground=ground.strip(), approved_by=by, at=clock.now())
        hold.full_clean()
        hold.save()
        changes = {"award": award.pk, "part": part}
        record(decision, "held back publication", by=by, changes=changes, reason=hold.ground, file=award.bid.file)
        return hold


def _check_may_hold(decision: Decision, award: Award, by: Any) -> None:
    """What the public reads of a body is not for the people who serve it to say."""
    if not by.has_perm("grants.hold_publication", decision):
        raise NotPermitted("You do not have the role to hold back publication or to lift a hold.")
    if not standing_of(by).own.isdisjoint(award.bid.bodies()):
        raise NotPermitted(f"You serve a body that {award.bid.reference} is for, so somebody else must decide what is published.")


def lift_hold(*, hold: PublicationHold, by: Any) -> PublicationHold:
    """Publish what was held back."""
    with unit():
        decision = hold.award.decision
        _check_may_hold(decision, hold.award, by)
        locked = PublicationHold.objects.select_for_update().get(pk=hold.pk)
        if locked.lifted_at is None:
            locked.lifted_at = clock.now()
            locked.save(update_fields=["lifted_at"])
            changes = {"award": locked.award_id, "part": locked.part}
            record(decision, "lifted the hold on publication", by=by, changes=changes, file=hold.award.bid.file)
        return locked
