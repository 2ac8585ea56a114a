"""What is done with offers, agreements and obligations that is no plain transition. Higher rooms call the obligations' verbs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from casework import clock
from casework.money import pounds, total
from casework.workflow import NotPermitted, Refused, Result, editing, lock, perform, record, unit
from grants.agreements.clauses import clauses_for
from grants.agreements.models import Agreement, Obligation, Offer, OfferMilestone
from grants.agreements.states import UNISSUED, AgreementState

Amounts = dict[int, Decimal]
DAYS_TO_ACCEPT = 28


def save_lines(*, offer: Offer, amounts: Amounts, by: Any, version: int | None = None) -> None:
    """Set the amount of each line, by the line's key in the table. They need not add up before the offer is sent."""
    with editing(
        offer, by=by, permission="grants.change_offer", verb="changed the lines of the offer", version=version
    ) as locked:
        changes: dict[str, Any] = {}
        for line in locked.lines.all():
            amount = amounts.get(line.pk, line.amount)
            if amount != line.amount:
                changes[f"line {line.pk}"] = [str(line.amount), str(amount)]
                line.amount = amount
                line.full_clean()
                line.save()
        sum_now = total([line.amount for line in locked.lines.all()])
        record(locked, "fitted the lines to the award", by=by, changes={**changes, "total": str(sum_now)})


def save_targets(*, offer: Offer, targets: dict[int, dict[str, Any]], by: Any, version: int | None = None) -> None:
    """Set `target` (and `target_of` for a rate) of each measure, by its key in the table. No measure is added or taken away."""
    with editing(
        offer, by=by, permission="grants.change_offer", verb="changed the targets of the offer", version=version
    ) as locked:
        for measure in locked.measures.all():
            for name, value in targets.get(measure.pk, {}).items():
                setattr(measure, name, value)
            measure.full_clean()
            measure.save()


def save_milestones(*, offer: Offer, rows: list[dict[str, Any]], by: Any, version: int | None = None) -> None:
    """Replace the milestones: each row has `title`, `due` and, when it was there before, `milestone` (its key in the table)."""
    verb = "changed the milestones of the offer"
    with editing(offer, by=by, permission="grants.change_offer", verb=verb, version=version) as locked:
        known = {milestone.pk: milestone for milestone in locked.milestones.all()}
        for order, row in enumerate(rows):
            milestone = known.pop(row.get("milestone") or 0, None) or OfferMilestone(offer=locked)
            milestone.title, milestone.due, milestone.order = row["title"], row["due"], order
            milestone.full_clean()
            milestone.save()
        for milestone in known.values():
            milestone.delete()


def save_details(*, offer: Offer, starts: dt.date, ends: dt.date, comment: str, by: Any, version: int | None = None) -> None:
    """Set the dates and the comment to the office."""
    with editing(
        offer, by=by, permission="grants.change_offer", verb="changed the dates of the offer", version=version
    ) as locked:
        if ends <= starts:
            raise ValidationError({"ends": "The end date must be after the start date"})
        locked.starts, locked.ends, locked.comment = starts, ends, comment


def issue_agreement(
    *, agreement: Agreement, by: Any, accept_by: dt.date | None = None, version: int | None = None
) -> Result[Agreement]:
    """Fix the clauses and send the agreement to be accepted, within four weeks unless another date is given."""
    accept_by = accept_by or clock.today() + dt.timedelta(days=DAYS_TO_ACCEPT)
    if accept_by < clock.today():
        raise Refused("The date to accept by must be today or in the future")
    clauses = clauses_for(agreement, issued_by=by)
    return perform(agreement, "issue", by=by, version=version, clauses=clauses, accept_by=accept_by)


def add_obligation(
    *,
    agreement: Agreement,
    kind: str,
    text: str,
    due: dt.date | None,
    cause_ref: str,
    by: Any,
    before_payment: bool = False,
) -> Obligation:
    """Something owed under an agreement, once per `cause_ref`: asked again, text and date are brought up to date."""
    values = {"kind": kind, "text": text, "due": due, "before_payment": before_payment}
    with unit():
        obligation = Obligation.objects.filter(agreement=agreement, cause_ref=cause_ref).first()
        if obligation is not None and all(getattr(obligation, name) == value for name, value in values.items()):
            return obligation
        obligation = obligation or Obligation(agreement=agreement, file_id=agreement.file_id, cause_ref=cause_ref)
        for name, value in values.items():
            setattr(obligation, name, value)
        obligation.full_clean()
        obligation.save()
        record(agreement, "added an obligation", by=by, changes=_about(obligation, due=str(due) if due else None))
    return obligation


def meet(*, obligation: Obligation, by: Any, evidence: str = "") -> Obligation:
    """Mark it met. The caller answers for the permission: a return's own transition, or `settle` for what people tick off."""
    with unit():
        locked = _locked(obligation)
        if locked.met_at is not None:
            return locked
        locked.met_at, locked.met_by_id, locked.evidence = clock.now(), by.pk, evidence
        return _keep(locked, "met an obligation", by)


def waive(*, obligation: Obligation, by: Any, reason: str) -> Obligation:
    """Let it go, with the reason."""
    if not reason.strip():
        raise Refused("Enter a reason for the waiver")
    with unit():
        locked = _locked(obligation)
        if locked.waived_at is not None:
            return locked
        locked.waived_at, locked.waived_by_id, locked.waived_reason = clock.now(), by.pk, reason
        return _keep(locked, "waived an obligation", by, reason=reason)


def unmeet(*, obligation: Obligation, by: Any, reason: str = "") -> Obligation:
    """Owed again: the way back from met and from waived."""
    with unit():
        locked = _locked(obligation)
        if not locked.settled:
            return locked
        locked.met_at = locked.met_by = locked.waived_at = locked.waived_by = None
        locked.evidence = locked.waived_reason = ""
        return _keep(locked, "found an obligation owed again", by, reason=reason)


def settle(*, obligation: Obligation, outcome: str, words: str, by: Any) -> Obligation:
    """What an officer says of a condition, evidence or review: "met", "waived" or "owed". Returns settle theirs themselves."""
    with unit():
        agreement = lock(obligation.agreement)
        if not by.has_perm("grants.settle_obligation", agreement):
            raise NotPermitted("You do not have the role to say whether this is met.")
        if obligation.kind == Obligation.Kind.RETURN:
            raise Refused("A return is settled on its own page")
        if agreement.state in UNISSUED or agreement.state == AgreementState.CLOSED:
            raise Refused(f"{agreement.as_it_stands(by)}, so this can no longer be changed.")
        obligation = _locked(obligation)
        if (outcome, words) == _said(obligation):
            return obligation
        if outcome == "met":
            return meet(obligation=unmeet(obligation=obligation, by=by), by=by, evidence=words)
        if outcome == "waived":
            return waive(obligation=unmeet(obligation=obligation, by=by), by=by, reason=words)
        return unmeet(obligation=obligation, by=by, reason=words)


def _said(obligation: Obligation) -> tuple[str, str]:
    """What was last said of it: saying the same again, as a second click does, changes nothing."""
    if obligation.waived_at is not None:
        return "waived", obligation.waived_reason
    return ("met", obligation.evidence) if obligation.met_at is not None else ("owed", "")


def _locked(obligation: Obligation) -> Obligation:
    return Obligation.objects.select_for_update(of=("self",)).select_related("agreement").get(pk=obligation.pk)


def _keep(obligation: Obligation, verb: str, by: Any, reason: str = "") -> Obligation:
    obligation.full_clean()
    obligation.save()
    record(obligation.agreement, verb, by=by, changes=_about(obligation), reason=reason)
    return obligation


def _about(obligation: Obligation, **more: Any) -> dict[str, Any]:
    return {"obligation": obligation.pk, "cause": obligation.cause_ref, **more}


def short_of(offer: Offer) -> str:
    """How far the lines are from the award, in a sentence; empty when they add up."""
    sum_now = total([line.amount for line in offer.lines.all()])
    difference = offer.award.amount - sum_now
    if not difference:
        return ""
    words = "still to be placed" if difference > 0 else "too much"
    return f"The lines add up to {pounds(sum_now)}; the award is {pounds(offer.award.amount)}: {pounds(abs(difference))} {words}."
