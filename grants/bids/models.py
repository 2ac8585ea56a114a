"""The bid: who asks whom for how much, for what, and how success will be seen."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from casework import clock
from casework.money import PoundsField
from casework.workflow import Case, move
from grants.bids.checks import bidder_knows, cover_did_not_write, not_while_untold, was_not_let_go
from grants.bids.scope import BidQuerySet
from grants.bids.shapes import LineShape, MeasureShape, MilestoneShape
from grants.bids.states import COLOURS, HAVE_BEEN_SUBMITTED, TOLD_LATER, BidState
from grants.expressions.models import Expression
from grants.rounds.models import Category, Round
from partnerships.organisations.models import Area, Organisation
from partnerships.organisations.standing import standing_of
from partnerships.plans.models import Outcome
from questionnaires.models import Response

S = BidState


class Bid(Case):
    """One request in a round. `amount_awarded` is set by the decision; the submitted text is a snapshot."""

    list_path = "bids"
    noun = "bid"

    class Principle(models.TextChoices):
        """The three principles of the countywide partnership (report to the Board, July 2018, 6.5)."""

        PEOPLE = "people", "Community Safety Partnerships raise the resilience of people at risk"
        COMMUNITIES = "communities", "Community Safety Partnerships raise the resilience of communities"
        PATHWAYS = "pathways", "Delivery Groups define the pathways for those at high risk of harm"

    class Change(models.TextChoices):
        PROJECT = "project", "A project"
        MAINSTREAM = "mainstream", "A change to a mainstream service"

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="bids")
    applicant = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bids")
    accountable_body = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="bids_accounted_for"
    )
    delivery_body = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="bids_delivered"
    )
    title = models.CharField(max_length=140)
    summary = models.TextField(max_length=4000, blank=True)
    category = models.CharField(max_length=10, choices=Category.choices, blank=True)
    change = models.CharField("project or change", max_length=10, choices=Change.choices, blank=True)
    starts = models.DateField("start date", null=True, blank=True)
    ends = models.DateField("end date", null=True, blank=True)
    areas = models.ManyToManyField(Area, blank=True, related_name="bids")
    outcomes = models.ManyToManyField(Outcome, blank=True, related_name="bids")
    places = models.CharField("named places", max_length=300, blank=True)
    priority = models.CharField(max_length=300, blank=True)
    principle = models.CharField(max_length=12, choices=Principle.choices, blank=True)
    delivery_group = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="bids_served_by"
    )
    when_money_ends = models.TextField("what happens when the money ends", max_length=4000, blank=True)
    interests = models.TextField(max_length=4000, blank=True)
    amount_requested = PoundsField(null=True, blank=True)
    amount_awarded = PoundsField(null=True, blank=True, editable=False)
    response = models.OneToOneField(Response, on_delete=models.PROTECT, related_name="bid", editable=False)
    terms_accepted = models.BooleanField(default=False)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    continues = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="continued_by", editable=False
    )
    expression = models.OneToOneField(
        Expression, null=True, blank=True, on_delete=models.PROTECT, related_name="bid", editable=False
    )
    route_reason = models.TextField("why without competition", max_length=1000, blank=True, editable=False)
    received_at = models.DateTimeField("received by the office", null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    outcome_reason = models.TextField("reason given to the bidder", blank=True, editable=False)
    told_at = models.DateTimeField("told of the outcome", null=True, blank=True, editable=False)
    known_as = models.CharField("known to the bidder as", max_length=20, choices=S.choices, blank=True, editable=False)
    known_reason = models.TextField("reason known to the bidder", blank=True, editable=False)
    is_confidential = models.BooleanField("confidential", default=False, editable=False)
    confidential_reason = models.CharField("why it is confidential", max_length=500, blank=True, editable=False)
    lapsed_at = models.DateTimeField("award not taken up", null=True, blank=True, editable=False)
    state = FSMField("state", default=S.DRAFT, choices=S.choices, protected=True, editable=False)

    objects = BidQuerySet.as_manager()
    outcome_hidden = False

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="awarded") | Q(amount_awarded__gt=0, amount_awarded__lte=F("amount_requested")),
                name="grants_bid_awarded_has_amount",
                violation_error_message="The award must be more than nothing and no more than was asked for",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=HAVE_BEEN_SUBMITTED)
                | (Q(submitted_at__isnull=False) & (Q(submitted_by__isnull=False) | Q(received_at__isnull=False))),
                name="grants_bid_submitted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(ends=None) | Q(starts=None) | Q(ends__gt=F("starts")),
                name="grants_bid_ends_after_start",
                violation_error_message="The end date must be after the start date",
            ),
            models.CheckConstraint(
                condition=Q(known_as="") | Q(state__in=[S.ASSESSED, *TOLD_LATER]), name="grants_bid_known_while_decided"
            ),
            models.CheckConstraint(
                condition=Q(lapsed_at=None) | Q(state="withdrawn", amount_awarded=None), name="grants_bid_lapsed_has_no_award"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"]),
            models.Index(fields=["state", "round"]),
            models.Index(fields=["applicant", "-id"]),
            models.Index(fields=["accountable_body", "-id"]),
            models.Index(fields=["id"], condition=Q(is_confidential=True), name="grants_bid_confidential"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def state_tag(self) -> tuple[str, str]:
        return self.get_state_display(), COLOURS[self.state]

    @property
    def begun_by_office(self) -> bool:
        """Without competition, with the reason that is published."""
        return bool(self.route_reason)

    @property
    def entered_by_office(self) -> bool:
        """Begun without competition, or typed from what came on paper or by e-mail (models_received)."""
        return self.begun_by_office or self.received_at is not None

    def keeps_from(self, by: Any) -> bool:
        """The bidder is not told of the decision yet."""
        return self.is_untold and not standing_of(by).is_caseworker

    def as_it_stands(self, by: Any) -> str:
        """Whoever is not told yet reads the same words whatever was decided."""
        return f"{self.reference} is being decided" if self.keeps_from(by) else super().as_it_stands(by)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """What was hidden of this object stays hidden when it is read again."""
        hidden, self.outcome_hidden = self.outcome_hidden, False
        super().refresh_from_db(*args, **kwargs)
        if hidden and self.state:  # reading it loads it
            self.hide_untold_outcome()

    @property
    def is_untold(self) -> bool:
        """Decided, and the bidder does not know yet: they read what they were told last."""
        return not self.outcome_hidden and (bool(self.known_as) or (self.state in TOLD_LATER and self.told_at is None))

    def hide_untold_outcome(self) -> None:
        """Make this object, which is for reading only, look as it did before the decision. `perform` always fetches its own."""
        if "state" in self.__dict__ and self.is_untold:
            self.__dict__["state"] = self.known_as or S.ASSESSED
            self.amount_awarded, self.outcome_reason, self.outcome_hidden = None, self.known_reason, True

    def _keep_what_is_known(self) -> None:
        """At the beginning of a decision: the bidder goes on reading what they were told last, until they are told of this one."""
        if not self.is_untold:
            self.known_as, self.known_reason = self.state, self.outcome_reason
        self.told_at = None

    def bodies(self) -> set[int]:
        """The bodies with an interest in this bid."""
        return {body for body in (self.applicant_id, self.accountable_body_id, self.delivery_body_id) if body}

    @transition(
        field=state,
        source=[S.DRAFT, S.RETURNED],
        target=S.SUBMITTED,
        permission="grants.submit_bid",
        custom=move("Submit bid", past="submitted the bid", checks=[cover_did_not_write], requires=["complete", "in_time"]),
    )
    def submit(self, *, by: Any) -> None:
        self.submitted_by, self.submitted_at, self.terms_accepted = by, clock.arrived(), True

    @transition(
        field=state,
        source=[S.DRAFT, S.RETURNED],
        target=S.SUBMITTED,
        permission="grants.confirm_received_bid",
        custom=move(
            "Record the sender’s confirmation",
            past="took the sender’s confirmation, which submits the bid",
            requires=["complete", "in_time", "confirmed"],
            system=True,
            offered=False,
        ),
    )
    def confirm_received(self, *, by: Any) -> None:
        """Of a bid that the office typed: its sender said that this is what they sent. Nobody with an account submitted it."""
        self.submitted_by, self.submitted_at, self.terms_accepted = None, clock.arrived(), True

    @transition(
        field=state,
        source=S.SUBMITTED,
        target=S.DRAFT,
        permission="grants.recall_bid",
        custom=move("Take back to change", past="took the bid back", requires=["in_time"]),
    )
    def recall(self, *, by: Any) -> None:
        """The bidder's way back until the office begins."""

    @transition(
        field=state,
        source=[S.SUBMITTED, S.ASSESSING],
        target=S.RETURNED,
        permission="grants.handle_bid",
        custom=move("Return for changes", past="returned the bid for changes", reason=True),
    )
    def return_for_changes(self, *, by: Any, sections: Sequence[str] = ()) -> None:
        """The office asks for something to be put right, in these sections or anywhere; the reason is sent to the bidder."""

    @transition(
        field=state,
        source=S.SUBMITTED,
        target=S.ASSESSING,
        permission="grants.handle_bid",
        custom=move("Begin assessment", past="began the assessment"),
    )
    def begin_assessment(self, *, by: Any) -> None:
        """From here the bidder cannot take it back."""

    @transition(
        field=state,
        source=S.ASSESSING,
        target=S.INELIGIBLE,
        permission="grants.assess_bid",
        custom=move("Find not eligible", past="found the bid not eligible", reason=True, offered=False),
    )
    def fail_gates(self, *, by: Any, outcome_reason: str) -> None:
        """A failed gate ends it, with the gate's reason."""
        self.outcome_reason = outcome_reason

    @transition(
        field=state,
        source=S.INELIGIBLE,
        target=S.ASSESSING,
        permission="grants.handle_bid",
        custom=move("Assess after all", past="put the bid back into assessment", reason=True),
    )
    def reinstate(self, *, by: Any) -> None:
        self.outcome_reason = ""

    @transition(
        field=state,
        source=S.ASSESSING,
        target=S.ASSESSED,
        permission="grants.handle_bid",
        custom=move("Complete assessment", past="completed the assessment", requires=["moderated"]),
    )
    def complete_assessment(self, *, by: Any) -> None:
        """Moderated and ready to be recommended."""

    @transition(
        field=state,
        source=S.ASSESSED,
        target=S.ASSESSING,
        permission="grants.handle_bid",
        custom=move("Reopen assessment", past="reopened the assessment", reason=True, requires=["not_recommended"]),
    )
    def reopen_assessment(self, *, by: Any) -> None:
        """The way back before a recommendation."""
        self.known_as = self.known_reason = ""

    @transition(
        field=state,
        source=[S.ASSESSED, S.RESERVE],
        target=S.AWARDED,
        permission="grants.decide_bid",
        custom=move("Award", past="awarded the grant", offered=False),
    )
    def award(self, *, by: Any, amount: Decimal, outcome_reason: str) -> None:
        self._keep_what_is_known()
        self.amount_awarded, self.outcome_reason = amount, outcome_reason

    @transition(
        field=state,
        source=S.ASSESSED,
        target=S.RESERVE,
        permission="grants.decide_bid",
        custom=move("Put on the reserve list", past="put the bid on the reserve list", offered=False),
    )
    def put_on_reserve(self, *, by: Any, outcome_reason: str) -> None:
        self._keep_what_is_known()
        self.outcome_reason = outcome_reason

    @transition(
        field=state,
        source=[S.ASSESSED, S.RESERVE, S.INELIGIBLE],
        target=S.DECLINED,
        permission="grants.decide_bid",
        custom=move("Decline", past="declined the bid", offered=False),
    )
    def decline(self, *, by: Any, outcome_reason: str) -> None:
        self._keep_what_is_known()
        self.outcome_reason = outcome_reason

    @transition(
        field=state,
        source=[S.AWARDED, S.RESERVE, S.DECLINED],
        target=S.ASSESSED,
        permission="grants.undo_decision",
        custom=move("Undo the decision", past="undid the decision on the bid", offered=False, reason=True),
    )
    def undo_decision(self, *, by: Any) -> None:
        """When the decision is withdrawn before an agreement is issued. What an untold bidder knew before, they still know."""
        if self.known_as == S.ASSESSED:
            self.known_as = ""
        self.amount_awarded, self.outcome_reason, self.told_at = None, "", None

    @transition(
        field=state,
        source=[S.DRAFT, S.SUBMITTED, S.RETURNED, S.ASSESSING, S.ASSESSED, S.RESERVE],
        target=S.WITHDRAWN,
        permission="grants.withdraw_bid",
        custom=move("Withdraw bid", past="withdrew the bid", reason=True, danger=True, checks=[not_while_untold]),
    )
    def withdraw(self, *, by: Any) -> None:
        """The bidder no longer asks."""

    @transition(
        field=state,
        source=S.AWARDED,
        target=S.WITHDRAWN,
        permission="grants.undo_decision",
        conditions=[bidder_knows],
        custom=move(
            "Record as not taken up",
            past="recorded that the award was not taken up",
            reason=True,
            danger=True,
            requires=["agreement_not_in_force"],
        ),
    )
    def lapse(self, *, by: Any) -> None:
        """The partner said no, or never signed. The decision stays as it was published; the money goes back to the fund (effects)."""
        self.amount_awarded, self.lapsed_at = None, clock.now()

    @transition(
        field=state,
        source=S.WITHDRAWN,
        target=S.DRAFT,
        permission="grants.withdraw_bid",
        conditions=[was_not_let_go],
        custom=move("Bring back as a draft", past="brought the bid back", requires=["in_time"]),
    )
    def bring_back(self, *, by: Any) -> None:
        """The way back from withdrawn while the round takes bids."""


class BidLine(LineShape):
    """A budget line of a bid: asked of the Commissioner, and the match beside it."""

    bid = models.ForeignKey(Bid, on_delete=models.CASCADE, related_name="lines")
    asked = PoundsField(default=0)

    class Meta(LineShape.Meta):
        constraints = [models.UniqueConstraint(fields=["bid", "line_key"], name="grants_bidline_key_once")]


class BidMeasure(MeasureShape):
    """How the bidder will show what changed."""

    bid = models.ForeignKey(Bid, on_delete=models.CASCADE, related_name="measures")


class BidMilestone(MilestoneShape):
    """What the bidder will have done by when."""

    bid = models.ForeignKey(Bid, on_delete=models.CASCADE, related_name="milestones")
