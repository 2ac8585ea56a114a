"""How a decision's awards become offers, and an agreed offer the draft of an agreement. Keys of lines and measures stay the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model, QuerySet

from casework import clock
from casework.money import allocate
from casework.spine import next_number
from casework.workflow import Refused, lock, perform, record, unit
from grants.agreements.models import (
    Agreement,
    AgreementLine,
    AgreementMeasure,
    AgreementMilestone,
    Obligation,
    Offer,
    OfferLine,
    OfferMeasure,
    OfferMilestone,
)
from grants.agreements.services import add_obligation, issue_agreement
from grants.agreements.states import SIGNED, AgreementState, OfferState
from grants.agreements.subsidy import confirmed
from grants.bids.models import Bid
from grants.bids.shapes import LineShape, MeasureShape, MilestoneShape
from grants.decisions.models import Award, AwardCondition, Decision

S = AgreementState
ISSUED = "Agreement {agreement} has been issued: take it back to draft first"
IN_FORCE = "Agreement {agreement} is signed by both sides: end it instead"


def make_offers(*, decision: Decision, by: Any) -> list[Offer]:
    """An offer for every grant that the decision funds. A contribution is monitored through its own forum and gets none."""
    funded = decision.awards.filter(outcome__in=[Award.Outcome.FULL, Award.Outcome.PART], kind=Award.Kind.GRANT, offer=None)
    return [make_offer(award=award, by=by) for award in funded.select_related("bid").order_by("pk")]


def make_offer(*, award: Award, by: Any) -> Offer:
    """The bid's lines within the award, its measures and milestones as they stand. Lines share a part award by largest remainder."""
    bid = award.bid
    with unit():
        offer = Offer(
            award=award,
            file_id=bid.file_id,
            reference=descendant_of(bid.reference, "O"),
            created_at=clock.now(),
            starts=bid.starts,
            ends=bid.ends,
        )
        offer.full_clean(exclude=["state"])
        offer.save()
        lines = list(bid.lines.all())
        amounts = allocate(award.amount, [line.asked for line in lines])
        OfferLine.objects.bulk_create(
            OfferLine(offer=offer, amount=amount, **shape_of(line, LineShape))
            for line, amount in zip(lines, amounts, strict=True)
        )
        OfferMeasure.objects.bulk_create(OfferMeasure(offer=offer, **row) for row in shapes_of(bid.measures.all(), MeasureShape))
        OfferMilestone.objects.bulk_create(
            OfferMilestone(offer=offer, **row) for row in shapes_of(bid.milestones.all(), MilestoneShape)
        )
        record(offer, "made the offer from the award", by=by, changes={"award": award.pk, "amount": str(award.amount)})
    return offer


def make_agreement(*, offer: Offer, by: Any) -> Agreement:
    """The draft agreement of an agreed offer: made the first time, brought up to date when the offer is agreed again."""
    with unit():
        agreement = Agreement.objects.filter(offer=offer).first()
        if agreement is None:
            bid = offer.award.bid
            agreement = Agreement(
                award=offer.award,
                offer=offer,
                file_id=offer.file_id,
                reference=descendant_of(bid.reference, "A"),
                created_at=clock.now(),
            )
        else:
            agreement = lock(agreement)
            if agreement.state != AgreementState.DRAFT:
                raise Refused(ISSUED.format(agreement=agreement))
            agreement.version += 1
            for rows in (agreement.lines, agreement.measures, agreement.milestones):
                rows.all().delete()
        agreement.amount, agreement.starts, agreement.ends = offer.award.amount, offer.starts, offer.ends
        agreement.full_clean(exclude=["state"])
        agreement.save()
        _copy_parts(offer, agreement)
        _owe_conditions(agreement, by)
        record(agreement, "made the draft agreement from the offer", by=by, changes={"amount": str(agreement.amount)})
    return agreement


def send_letters(*, decision: Decision, by: Any) -> None:
    """The offer letters of a decision that was just told, each as it was drafted when the decision was made."""
    drafts = Agreement.objects.filter(award__decision=decision, state=AgreementState.DRAFT).order_by("pk")
    for agreement in drafts.select_related("award__bid__accountable_body"):
        if not confirmed(agreement):  # else an officer issues it once the recipient has confirmed
            issue_agreement(agreement=agreement, by=by)


def _copy_parts(offer: Offer, agreement: Agreement) -> None:
    AgreementLine.objects.bulk_create(
        AgreementLine(agreement=agreement, amount=line.amount, **shape_of(line, LineShape)) for line in offer.lines.all()
    )
    AgreementMeasure.objects.bulk_create(
        AgreementMeasure(agreement=agreement, **row) for row in shapes_of(offer.measures.all(), MeasureShape)
    )
    AgreementMilestone.objects.bulk_create(
        AgreementMilestone(agreement=agreement, **row) for row in shapes_of(offer.milestones.all(), MilestoneShape)
    )


def _owe_conditions(agreement: Agreement, by: Any) -> None:
    for condition in agreement.award.conditions.all():
        add_obligation(
            agreement=agreement,
            kind=Obligation.Kind.CONDITION,
            text=condition.text,
            due=condition.due,
            cause_ref=f"condition:{condition.pk}",
            before_payment=condition.when == AwardCondition.When.BEFORE_PAYMENT,
            by=by,
        )


def withdraw_all(*, decision: Decision, by: Any, reason: str) -> None:
    """Take offers and draft agreements back with their decision. They stay readable.

    `nothing_agreed` kept issued ones away; one that was issued since then is found under its lock. An offer is locked before its
    agreement everywhere, because agreeing it makes the agreement.
    """
    _withdraw(
        decision.awards.order_by("pk"), unless=[state for state in AgreementState if state != S.DRAFT], by=by, reason=reason
    )


def let_go(*, bid: Bid, by: Any, reason: str) -> None:
    """Take back what was offered, and an agreement that is not in force yet: the partner does not take the award up."""
    _withdraw(Award.objects.filter(bid=bid).order_by("pk"), unless=SIGNED, by=by, reason=reason)


def _withdraw(awards: QuerySet[Award], *, unless: Sequence[str], by: Any, reason: str) -> None:
    for offer in Offer.objects.filter(award__in=awards).exclude(state=OfferState.WITHDRAWN).order_by("pk"):
        perform(offer, "withdraw", by=by, reason=reason)
    agreements = Agreement.objects.filter(award__in=awards).exclude(state=AgreementState.WITHDRAWN).order_by("pk")
    for agreement in agreements.select_for_update(of=("self",)):
        if agreement.state in unless:
            raise Refused((IN_FORCE if agreement.state in SIGNED else ISSUED).format(agreement=agreement))
        perform(agreement, "withdraw", by=by, reason=reason)


def still_draft(offer: Offer) -> None:
    """Of two people, one who issues the agreement and one who reopens its offer, the second is refused."""
    agreement = Agreement.objects.select_for_update(of=("self",)).filter(offer=offer).first()
    if agreement is not None and agreement.state != AgreementState.DRAFT:
        raise Refused(ISSUED.format(agreement=agreement))


def descendant_of(reference: str, letter: str) -> str:
    """ "CDR-2026-014" → "CDR-2026-014-A"; after a withdrawn decision the next is -A2, because a reference is never used again."""
    number = next_number(f"{reference}-{letter}")
    return f"{reference}-{letter}" if number == 1 else f"{reference}-{letter}{number}"


def shape_of(row: Model, shape: type[Model]) -> dict[str, Any]:
    """The values that a bid's, an offer's and an agreement's row have in common, its lasting key among them."""
    return {field.attname: getattr(row, field.attname) for field in shape._meta.local_fields}


def shapes_of(rows: Iterable[Model], shape: type[Model]) -> list[dict[str, Any]]:
    return [shape_of(row, shape) for row in rows]
