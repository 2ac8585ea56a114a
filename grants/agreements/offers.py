"""The offer: after an award the partner fits lines, targets and milestones to it, and the office agrees."""

from __future__ import annotations

from typing import Any

from django.db import models
from django_fsm import FSMField, transition

from casework.money import PoundsField, total
from casework.workflow import Case, CaseQuerySet, move, says
from grants.agreements.states import OFFER_COLOURS, OfferState
from grants.bids.scope import bid_scope
from grants.bids.shapes import LineShape, MeasureShape, MilestoneShape
from grants.decisions.models import Award
from partnerships.organisations.standing import standing_of

O = OfferState  # noqa: E741


class OfferQuerySet(CaseQuerySet):
    def visible_to(self, user: Any) -> OfferQuerySet:
        """As the bid; the bidder's side from the moment they were told of the award."""
        seen = self.filter(bid_scope(user, "award__bid__"))
        return seen if standing_of(user).is_caseworker else seen.filter(award__told_at__isnull=False)


@says("The lines must add up to the award")
def lines_add_up_to_award(case: Offer) -> bool:
    return total([line.amount for line in case.lines.all()]) == case.award.amount


@says("The partner fits its lines and targets to the award first")
def needs_no_fitting(case: Offer) -> bool:
    return not case.bid.round.asks.fitted


class Offer(Case):
    """What is proposed under one award. Reference: the bid's with -O."""

    list_path = "offers"
    noun = "offer"

    award = models.OneToOneField(Award, on_delete=models.PROTECT, related_name="offer")
    starts = models.DateField("start date")
    ends = models.DateField("end date")
    comment = models.TextField("comment to the office", max_length=2000, blank=True)
    state = FSMField("state", default=O.DRAFT, choices=O.choices, protected=True, editable=False)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "-id"])]

    @property
    def state_tag(self) -> tuple[str, str]:
        return self.get_state_display(), OFFER_COLOURS[self.state]

    @property
    def bid(self) -> Any:
        return self.award.bid

    @transition(
        field=state,
        source=[O.DRAFT, O.QUERIED],
        target=O.PROPOSED,
        permission="grants.propose_offer",
        conditions=[lines_add_up_to_award],
        custom=move("Send to the office", past="proposed the budget and targets"),
    )
    def propose(self, *, by: Any) -> None:
        """The partner's lines, targets and milestones go to the office."""

    @transition(
        field=state,
        source=O.PROPOSED,
        target=O.DRAFT,
        permission="grants.propose_offer",
        custom=move("Take back to change", past="took the proposal back"),
    )
    def recall(self, *, by: Any) -> None:
        """The partner's way back before the office answers."""

    @transition(
        field=state,
        source=O.PROPOSED,
        target=O.QUERIED,
        permission="grants.agree_offer",
        custom=move("Ask for changes", past="asked for changes to the proposal", reason=True),
    )
    def query(self, *, by: Any) -> None:
        """The office asks for something else; the reason is sent."""

    @transition(
        field=state,
        source=O.PROPOSED,
        target=O.AGREED,
        permission="grants.agree_offer",
        conditions=[lines_add_up_to_award],
        custom=move("Agree", past="agreed the proposal"),
    )
    def agree(self, *, by: Any) -> None:
        """A draft agreement is made from it (an effect)."""

    @transition(
        field=state,
        source=O.DRAFT,
        target=O.AGREED,
        permission="grants.decide_bid",
        conditions=[needs_no_fitting, lines_add_up_to_award],
        custom=move("Take as decided", past="took the offer as it was decided", offered=False),
    )
    def take_as_decided(self, *, by: Any) -> None:
        """With its decision, where nothing is fitted to the award: the offer letter says what was decided (an effect makes it)."""

    @transition(
        field=state,
        source=O.AGREED,
        target=O.QUERIED,
        permission="grants.agree_offer",
        custom=move("Reopen", past="reopened the proposal", reason=True, requires=["agreement_not_issued"]),
    )
    def reopen(self, *, by: Any) -> None:
        """The office's way back until the agreement is issued."""

    @transition(
        field=state,
        source=[O.DRAFT, O.PROPOSED, O.QUERIED, O.AGREED],
        target=O.WITHDRAWN,
        permission="grants.withdraw_decision",
        custom=move("Withdraw", past="withdrew the offer", reason=True, offered=False),
    )
    def withdraw(self, *, by: Any) -> None:
        """With its decision. What the partner wrote stays readable; the way back is a new decision, which makes a new offer."""


class OfferLine(LineShape):
    """A line of the offer: its part of the award."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="lines")
    amount = PoundsField(default=0)

    class Meta(LineShape.Meta):
        constraints = [models.UniqueConstraint(fields=["offer", "line_key"], name="grants_offerline_key_once")]


class OfferMeasure(MeasureShape):
    """A measure with the target that the award allows."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="measures")


class OfferMilestone(MilestoneShape):
    """A milestone within the award."""

    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="milestones")
