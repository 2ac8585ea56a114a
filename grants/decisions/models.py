"""Decisions, the awards in them, and what is held back from publication. The scheme of delegation is in delegation.py."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q, prefetch_related_objects
from django_fsm import FSMField, transition

from casework import clock
from casework.money import PoundsField, total
from casework.workflow import Case, CaseQuerySet, move, says
from grants.assessment.queries import agreed_points
from grants.bids.models import Bid
from grants.bids.readers import kept_bids
from grants.decisions.checks import (
    commissioner_where_named,
    no_own_interest,
    no_own_letters,
    not_the_recommender,
    recommended_or_at_once,
    within_delegation,
)
from grants.decisions.states import COLOURS, IN_FORCE, DecisionState
from grants.funds.models import Account
from grants.rounds.models import Round
from partnerships.organisations.models import LegalPower
from partnerships.organisations.standing import standing_of

S = DecisionState


class DecisionQuerySet(CaseQuerySet):
    def visible_to(self, user: Any) -> DecisionQuerySet:
        """The office's own papers; on a confidential bid, its readers'. Bidders see the outcome on their bid, the public the register."""
        hidden = kept_bids(user).filter(awards__decision=OuterRef("pk"))
        return self.filter(~Exists(hidden)) if standing_of(user).is_caseworker else self.none()


@says("Add at least one bid to decide on")
def has_awards(case: Decision) -> bool:
    return bool(case.all_awards())


@says("Enter the reasons why this will secure, or contribute to securing, crime and disorder reduction")
def has_reasons(case: Decision) -> bool:
    return bool(case.reasons.strip())


class Decision(Case):
    """One decision, many awards. Reference: D, the year, a number."""

    list_path = "decisions"
    noun = "decision"

    title = models.CharField(max_length=140)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="decisions")
    legal_power = models.ForeignKey(LegalPower, on_delete=models.PROTECT, related_name="+")
    summary = models.TextField("executive summary", max_length=4000, blank=True)
    reasons = models.TextField(max_length=6000, blank=True)
    recommendation = models.TextField(max_length=4000, blank=True)
    interests = models.TextField("declaration of interests", max_length=2000, blank=True)
    meeting = models.CharField("meeting, paper and minute", max_length=200, blank=True)
    over_budget_reason = models.CharField("reason for awarding above the budget", max_length=500, blank=True)
    recommended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    decided_as = models.CharField(max_length=80, blank=True, editable=False, help_text="the decider's title at the time")
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    state = FSMField("state", default=S.DRAFT, choices=S.choices, protected=True, editable=False)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=IN_FORCE)
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(interests="") & ~Q(reasons="")),
                name="grants_decision_made_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False), name="grants_decision_published_has_moment"
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"])]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def state_tag(self) -> tuple[str, str]:
        return self.get_state_display(), COLOURS[self.state]

    def amount(self) -> Decimal:
        """What the awards add up to."""
        return total([award.amount for award in self.awards.all()])

    def all_awards(self, reader: Any = None) -> list[Award]:
        """Its awards with bids, agreed points, years and conditions: three queries, once for each object. A page that shows points
        reads them for its reader first."""
        bids = ("bid__applicant", "bid__accountable_body", "bid__file")
        awards = Award.objects.select_related(*bids).annotate(**agreed_points("bid", "bid__round", reader=reader))
        years = AwardYear.objects.select_related("account__fund")
        prefetch_related_objects([self], Prefetch("awards", awards), Prefetch("awards__years", years), "awards__conditions")
        return list(self.awards.all())

    @transition(
        field=state,
        source=S.DRAFT,
        target=S.RECOMMENDED,
        permission="grants.recommend_decision",
        conditions=[has_awards, has_reasons],
        custom=move("Recommend", past="recommended the decision", requires=["awards_add_up"], checks=[no_own_interest]),
    )
    def recommend(self, *, by: Any) -> None:
        self.recommended_by = by

    @transition(
        field=state,
        source=S.RECOMMENDED,
        target=S.DRAFT,
        permission="grants.recommend_decision",
        custom=move("Take back to draft", past="took the recommendation back"),
    )
    def revise(self, *, by: Any) -> None:
        """The way back before it is made."""
        self.recommended_by = None

    @transition(
        field=state,
        source=[S.DRAFT, S.RECOMMENDED],
        target=S.MADE,
        permission="grants.make_decision",
        conditions=[has_awards, has_reasons],
        custom=move(
            "Make decision",
            past="made the decision",
            requires=["awards_add_up", "checks_done"],
            checks=[recommended_or_at_once, commissioner_where_named, within_delegation, not_the_recommender, no_own_interest],
        ),
    )
    def make(self, *, by: Any, interests: str, decided_as: str, meeting: str = "", over_budget_reason: str = "") -> None:
        """The Commissioner in their own right, an officer within the scheme of delegation."""
        self.decided_by, self.decided_at = by, clock.now()
        self.interests, self.decided_as = interests, decided_as
        self.meeting, self.over_budget_reason = meeting or self.meeting, over_budget_reason or self.over_budget_reason

    @transition(
        field=state,
        source=S.MADE,
        target=S.MADE,
        permission="grants.tell_bidders",
        custom=move("Tell the bidders", past="told the bidders", checks=[no_own_letters], offered=False),
    )
    def tell(self, *, by: Any) -> None:
        """The outcome letters go out (effects). There is no way back from a letter but another: withdrawing the decision writes it."""

    @transition(
        field=state,
        source=S.MADE,
        target=S.PUBLISHED,
        permission="grants.publish_decision",
        custom=move("Publish decision", past="published the decision", requires=["bidders_told"]),
    )
    def publish(self, *, by: Any) -> None:
        self.published_at = clock.now()

    @transition(
        field=state,
        source=[S.DRAFT, S.RECOMMENDED, S.MADE],
        target=S.WITHDRAWN,
        permission="grants.withdraw_decision",
        custom=move("Withdraw decision", past="withdrew the decision", reason=True, danger=True, requires=["nothing_agreed"]),
    )
    def withdraw(self, *, by: Any) -> None:
        """Bids go back to assessed and commitments are reversed (effects)."""


class Award(models.Model):
    """What a decision says about one bid. A contribution is a kind of award, monitored through its own forum."""

    class Outcome(models.TextChoices):
        FULL = "full", "Award in full"
        PART = "part", "Award in part"
        RESERVE = "reserve", "Put on the reserve list"
        DECLINE = "decline", "Decline"

    class Kind(models.TextChoices):
        GRANT = "grant", "Grant"
        CONTRIBUTION = "contribution", "Contribution to a wider contract or function"

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="awards")
    bid = models.ForeignKey(Bid, on_delete=models.PROTECT, related_name="awards")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    kind = models.CharField(max_length=15, choices=Kind.choices, default=Kind.GRANT)
    kind_reason = models.CharField("why this route", max_length=300, blank=True)
    amount = PoundsField(default=0)
    reason = models.TextField("reason given to the bidder", max_length=2000)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["bid__reference", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["decision", "bid"], name="grants_award_bid_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["full", "part"], amount__gt=0) | Q(outcome__in=["reserve", "decline"], amount=0),
                name="grants_award_amount_fits_outcome",
                violation_error_message="Enter an amount for an award, and none for a reserve or a decline",
            ),
            models.CheckConstraint(
                condition=Q(kind="grant") | ~Q(kind_reason=""),
                name="grants_award_contribution_has_reason",
                violation_error_message="Enter why this is a contribution and not a grant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bid_id}: {self.outcome}"

    @property
    def funded(self) -> bool:
        return self.outcome in {self.Outcome.FULL, self.Outcome.PART}


class AwardYear(models.Model):
    """How much of an award comes from which fund-year or match reserve. The years add up to the award."""

    award = models.ForeignKey(Award, on_delete=models.CASCADE, related_name="years")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    amount = PoundsField()

    class Meta:
        ordering = ["account__year", "pk"]
        constraints = [models.UniqueConstraint(fields=["award", "account"], name="grants_awardyear_once")]

    def __str__(self) -> str:
        return f"{self.amount} from {self.account_id}"


class AwardCondition(models.Model):
    """A condition of an award; one before payment holds the first instalment until it is met."""

    class When(models.TextChoices):
        BEFORE_PAYMENT = "before_payment", "Before payment"
        ONGOING = "ongoing", "Throughout"
        AT_EVENT = "at_event", "By a date"

    award = models.ForeignKey(Award, on_delete=models.CASCADE, related_name="conditions")
    when = models.CharField(max_length=15, choices=When.choices, default=When.ONGOING)
    text = models.CharField(max_length=500)
    due = models.DateField("due date", null=True, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text


class PublicationHold(models.Model):
    """A part of an award that is not published, with the ground and who approved it. Totals stay right."""

    class Part(models.TextChoices):
        ALL = "all", "The whole award"
        RECIPIENT = "recipient", "Recipient"
        PLACE = "place", "Place"
        PURPOSE = "purpose", "Purpose"

    award = models.ForeignKey(Award, on_delete=models.CASCADE, related_name="holds")
    part = models.CharField(max_length=10, choices=Part.choices)
    ground = models.CharField(max_length=300)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["award", "part"], condition=Q(lifted_at=None), name="grants_hold_once")]

    def __str__(self) -> str:
        return f"{self.part}: {self.ground}"
