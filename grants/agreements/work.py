"""What waits for whom in this room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from casework.registry import WorkItem, first_of
from grants.agreements.models import Agreement, Offer
from grants.agreements.states import OFFER_EDITABLE, AgreementState, OfferState
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import Standing, standing_of


def waiting(user: Any) -> Iterator[WorkItem]:
    """The steps that this person's roles may take next on offers and agreements: at most two queries."""
    standing = standing_of(user)
    yield from _offers(user, standing)
    yield from _agreements(user, standing)


def _offers(user: Any, standing: Standing) -> Iterator[WorkItem]:
    offers: QuerySet[Offer] = Offer.objects.visible_to(user)
    if standing.in_office(Role.COMMISSIONING_OFFICER):
        offers, sentence = offers.filter(state=OfferState.PROPOSED), "Agree the proposed budget and targets, or ask for changes"
    elif applicants := standing.serving(Role.COORDINATOR):
        offers = offers.filter(state__in=OFFER_EDITABLE, award__bid__applicant__in=applicants)
        sentence = "Fit your budget, targets and milestones to the award and send them to the office"
    else:
        return
    for offer in first_of(offers.select_related("award__bid").order_by("pk")):
        yield WorkItem(offer.bid.title, offer.get_absolute_url(), offer.reference, sentence)


def _agreements(user: Any, standing: Standing) -> Iterator[WorkItem]:
    wanted: dict[str, str] = {}
    bodies = standing.serving(Role.SIGNATORY)
    if standing.in_office(Role.COMMISSIONING_OFFICER):
        wanted[AgreementState.DRAFT] = "Set the instalments and issue the agreement"
    if bodies:
        wanted[AgreementState.ISSUED] = "Read the agreement and accept it"
    if standing.in_office(Role.CHIEF_EXECUTIVE, Role.COMMISSIONER):
        wanted[AgreementState.ACCEPTED] = "Countersign the agreement"
    if not wanted:
        return
    agreements = Agreement.objects.visible_to(user).filter(state__in=wanted)
    for agreement in first_of(agreements.select_related("award__bid").order_by("accept_by", "pk")):
        state = agreement.state
        if state == AgreementState.ISSUED and agreement.bid.accountable_body_id not in bodies:
            continue
        if state == AgreementState.ACCEPTED and agreement.issued_by_id == user.pk:
            continue
        due = agreement.accept_by if state == AgreementState.ISSUED else None
        yield WorkItem(agreement.bid.title, agreement.get_absolute_url(), agreement.reference, wanted[state], due)
