"""What follows from this room's transitions and from decisions, and what the room tells the pages of others."""

from __future__ import annotations

from typing import Any

from casework import clock
from casework.outbox import queue
from casework.registry import LifeStep, life_step, panel, share_history, work_provider
from casework.snapshots import take_snapshot
from casework.workflow import SYSTEM, Move, after, perform, require
from grants.agreements import closing, holding, subsidy, work
from grants.agreements.making import (
    IN_FORCE,
    ISSUED,
    let_go,
    make_agreement,
    make_offers,
    send_letters,
    still_draft,
    withdraw_all,
)
from grants.agreements.models import Agreement, Offer, Signature
from grants.agreements.states import SIGNED, UNISSUED, AgreementState, OfferState
from grants.agreements.text import agreement_text, latest_snapshot, offer_text, office_identity
from grants.bids.models import Bid
from grants.decisions.models import Decision
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with, standing_of

O, A = Offer, Agreement  # noqa: E741


def coordinators(bid: Bid) -> Any:
    return people_with(Role.COORDINATOR, [bid.applicant_id])


def signatories(bid: Bid) -> Any:
    return people_with(Role.SIGNATORY, [bid.accountable_body_id or 0])


def tell(name: str, about: Any, people: Any, **context: Any) -> None:
    """Queue a message once for this version of the case."""
    queue(name, to=people, about=about, cause=str(about.version), bid=about.bid, **context)


@after(Decision, "make")
def offer_awards(move: Move) -> None:
    """Where nothing is fitted to an award, its offer is as it was decided and the letter can go out with the outcome."""
    for offer in make_offers(decision=move.case, by=move.by):
        if not move.case.round.asks.fitted:
            perform(offer, "take_as_decided", by=move.by)


@after(Decision, "tell")
def ask_for_offers(move: Move) -> None:
    """The bidders know of their awards: each coordinator is asked to fit the project to it, or the letter is sent."""
    if not move.case.round.asks.fitted:
        send_letters(decision=move.case, by=move.by)
    _ask_enterprises(move.case)
    offers = Offer.objects.filter(award__decision=move.case, state=OfferState.DRAFT)
    for offer in offers.select_related("award__bid", "file").order_by("pk"):
        tell("offer_ready", offer, coordinators(offer.bid))


def _ask_enterprises(decision: Decision) -> None:
    """The written notice of subsidy control, once an award; where none is an enterprise nobody is asked."""
    for award in decision.awards.select_related("bid__accountable_body").order_by("pk"):
        if award.funded and subsidy.is_asked(award.bid):
            queue("subsidy_asked", to=signatories(award.bid), about=award.bid, cause=f"award:{award.pk}")


@after(Decision, "withdraw")
def withdraw_offers(move: Move) -> None:
    withdraw_all(decision=move.case, by=move.by, reason=move.reason)


@after(Bid, "lapse")
def withdraw_what_was_offered(move: Move) -> None:
    let_go(bid=move.case, by=move.by, reason=move.reason)


@after(Offer, "propose")
def freeze_proposal(move: Move) -> None:
    take_snapshot(move.case, offer_text(move.case), by=move.by)
    tell("offer_proposed", move.case, people_with(Role.COMMISSIONING_OFFICER))


@after(Offer, "reopen")
def keep_agreement(move: Move) -> None:
    still_draft(move.case)


@after(Offer, "query")
@after(Offer, "reopen")
def tell_query(move: Move) -> None:
    tell("offer_queried", move.case, coordinators(move.case.bid), reason=move.reason)


@after(Offer, "take_as_decided")
def draft_letter(move: Move) -> None:
    take_snapshot(move.case, offer_text(move.case), by=move.by)
    make_agreement(offer=move.case, by=move.by)


@after(Offer, "agree")
def agree_offer(move: Move) -> None:
    take_snapshot(move.case, offer_text(move.case), by=move.by)
    make_agreement(offer=move.case, by=move.by)
    tell("offer_agreed", move.case, coordinators(move.case.bid))


@after(Agreement, "issue")
def freeze_text(move: Move) -> None:
    take_snapshot(move.case, agreement_text(move.case), by=move.by)
    tell("agreement_issued", move.case, [*signatories(move.case.bid), *coordinators(move.case.bid)])
    if subsidy.is_asked(move.case.bid):
        given = subsidy.confirmation_of(move.case.bid)
        tell("subsidy_given", move.case, signatories(move.case.bid), confirmation=given, day=clock.today())


@after(Agreement, "recall")
def tell_recall(move: Move) -> None:
    tell("agreement_recalled", move.case, [*signatories(move.case.bid), *coordinators(move.case.bid)], reason=move.reason)


@after(Agreement, "accept")
def keep_acceptance(move: Move) -> None:
    body = move.case.bid.accountable_body
    _sign(move, Signature.Part.ACCEPTED, f"Signatory, {body}")
    if move.case.is_letter:
        perform(move.case, "take_effect", by=SYSTEM)
    else:
        tell("agreement_accepted", move.case, [*people_with(Role.CHIEF_EXECUTIVE), *people_with(Role.COMMISSIONER)])


@after(Agreement, "countersign")
def keep_countersignature(move: Move) -> None:
    identity = office_identity()
    title = identity.decision_maker_title if identity else Role.COMMISSIONER.label
    decides = standing_of(move.by).in_office(Role.COMMISSIONER)
    _sign(move, Signature.Part.COUNTERSIGNED, f"{title if decides else 'Chief executive'}, {identity or 'the office'}")
    tell_in_force(move)


@after(Agreement, "take_effect")
def tell_in_force(move: Move) -> None:
    bid = move.case.bid
    finance = people_with(Role.FINANCE_SIGNATORY, [bid.accountable_body_id or 0])
    people = [*coordinators(bid), *signatories(bid), *finance, *people_with(Role.FINANCE_OFFICER)]
    tell("agreement_active", move.case, people)


def _sign(move: Move, part: str, capacity: str) -> None:
    """Bind the signature to the latest frozen text, by its hash."""
    Signature.objects.create(
        agreement=move.case,
        part=part,
        person=move.by,
        capacity=capacity[:200],
        declaration=move.data["declaration"],
        snapshot=latest_snapshot(move.case),
        at=clock.now(),
    )


@after(Agreement, "suspend")
@after(Agreement, "resume")
@after(Agreement, "end")
@after(Agreement, "undo_end")
def tell_change(move: Move) -> None:
    people = [*coordinators(move.case.bid), *signatories(move.case.bid), *people_with(Role.FINANCE_OFFICER)]
    tell("agreement_changed", move.case, people, reason=move.reason)


@after(Agreement, "close")
def release(move: Move) -> None:
    closing.release_commitment(agreement=move.case, by=move.by)


@after(Agreement, "reopen")
def commit_again(move: Move) -> None:
    closing.commit_again(agreement=move.case, by=move.by)


def nothing_agreed(decision: Decision) -> list[str]:
    issued = Agreement.objects.filter(award__decision=decision).exclude(state__in=UNISSUED).order_by("pk")
    return [ISSUED.format(agreement=agreement) for agreement in issued]


def agreement_not_in_force(bid: Bid) -> list[str]:
    signed = Agreement.objects.filter(award__bid=bid, state__in=SIGNED).order_by("pk")
    return [IN_FORCE.format(agreement=agreement) for agreement in signed]


def agreement_not_issued(offer: Offer) -> list[str]:
    issued = Agreement.objects.filter(offer=offer).exclude(state=AgreementState.DRAFT)
    return ["The agreement has been issued: take it back to draft first"] if issued.exists() else []


def offer_agreed(agreement: Agreement) -> list[str]:
    agreed = agreement.offer.state == "agreed"
    return [] if agreed else ["The offer is being changed: agree it again first"]


def obligations_settled(agreement: Agreement) -> list[str]:
    return [f"Still to be met or waived: {owed.text}" for owed in agreement.obligations.all() if not owed.settled]


require(Decision, "withdraw", "nothing_agreed", nothing_agreed)
require(Bid, "lapse", "agreement_not_in_force", agreement_not_in_force)
require(Offer, "reopen", "agreement_not_issued", agreement_not_issued)
require(Agreement, "issue", "offer_agreed", offer_agreed)
require(Agreement, "issue", "subsidy_confirmed", subsidy.confirmed)
panel(Bid)(subsidy.panel_for)
work_provider(subsidy.waiting)
require(Agreement, "close", "obligations_settled", obligations_settled)
require(Agreement, "reopen", "budget_can_be_committed_again", closing.without_room)

life_step(LifeStep(50, "Offer", O, frozenset({"agreed"}), frozenset({"withdrawn"}), among=O.objects.visible_to))
life_step(
    LifeStep(60, "Agreement", A, frozenset({"active", "ended", "closed"}), frozenset({"withdrawn"}), among=A.objects.visible_to)
)
share_history(Offer, Agreement)
work_provider(work.waiting)
holding.register()
