"""A round: a fund's invitation to bid, with its gates, criteria, questions, tier and dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from casework import clock
from casework.money import PoundsField
from casework.workflow import Case, CaseQuerySet, move
from grants.funds.models import Fund
from grants.rounds.checks import (
    closes_later,
    expressions_close_later,
    has_bidders,
    has_budget,
    has_closed,
    has_criteria,
    has_gates,
)
from grants.rounds.states import COLOURS, RoundState
from grants.rounds.ways import ROUTES, TIERS, Asks, Route, Tier, Way
from partnerships.organisations.models import LegalPower, Organisation
from partnerships.organisations.standing import standing_of
from partnerships.plans.models import Plan
from questionnaires.models import QuestionSetVersion

S = RoundState
SMALL_UP_TO = Decimal("5000")
EXPRESSION_WORDS = 300


class Category(models.TextChoices):
    """The three categories every grant falls into (report to the Police and Crime Panel, September 2018, 6.19)."""

    STATUTORY = "statutory", "Statutory functions for policing"
    DEMAND = "demand", "Demand management"
    RISK = "risk", "Management of risk"


class RoundQuerySet(CaseQuerySet):
    def visible_to(self, user: object) -> RoundQuerySet:
        """The office sees all; everybody else, signed in or not, what was published."""
        return self.all() if standing_of(user).office else self.exclude(state=S.DRAFT)

    def open_at(self, moment: dt.datetime) -> RoundQuerySet:
        """Published and taking bids at this moment; one bidder's extension is not looked at."""
        running = Q(rolling=True, money_out_at=None) | Q(closes_at__gte=moment)
        return self.filter(running, state=S.PUBLISHED, opens_at__lte=moment)


class Round(Case):
    """Bids are asked for a fund and its years, by kinds of body or by name, between two moments. Reference: fund code and year.

    A `category` is that of every grant of the round; without one each bidder says which theirs falls into.
    """

    list_path = "rounds"
    noun = "round"

    class MatchRule(models.TextChoices):
        NONE = "none", "No match funding is asked for"
        WELCOME = "welcome", "Match funding is welcome"
        REQUIRED = "required", "Match funding is required"

    title = models.CharField(max_length=140)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="rounds")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="rounds")
    legal_power = models.ForeignKey(LegalPower, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=10, choices=Category.choices, blank=True)
    route = models.CharField("how money is given", max_length=12, choices=Route.choices, default=Route.OPEN)
    tier = models.CharField(max_length=10, choices=Tier.choices, default=Tier.STANDARD)
    tier_reason = models.CharField("reason for the lighter tier", max_length=300, blank=True)
    question_version = models.ForeignKey(QuestionSetVersion, on_delete=models.PROTECT, related_name="+")
    return_version = models.ForeignKey(QuestionSetVersion, on_delete=models.PROTECT, related_name="+")
    opens_at = models.DateTimeField("opening time")
    closes_at = models.DateTimeField("closing time", null=True, blank=True)
    questions_until = models.DateTimeField("last moment for questions", null=True, blank=True)
    expressions_until = models.DateTimeField("last moment for expressions of interest", null=True, blank=True)
    expression_words = models.PositiveSmallIntegerField("words of an expression of interest", default=EXPRESSION_WORDS)
    rolling = models.BooleanField("decided as bids arrive, until the money runs out", default=False)
    money_out_at = models.DateTimeField("the money had run out", null=True, blank=True, editable=False)
    minimum = PoundsField("smallest request", default=0)
    maximum = PoundsField("largest request")
    match_rule = models.CharField(max_length=10, choices=MatchRule.choices, default=MatchRule.WELCOME)
    volunteer_rate = PoundsField("value of a volunteer's hour", null=True, blank=True)
    capital_allowed = models.BooleanField("capital items are allowed", default=False)
    eligible_kinds = models.JSONField("who may bid", default=list, blank=True)
    required_files = models.JSONField("files that every bid needs", default=list, blank=True)
    wanted_checks = models.JSONField("checks before an award", default=list, blank=True)
    guidance = models.TextField(max_length=6000, blank=True)
    terms = models.TextField("terms to accept", max_length=6000, blank=True)
    state = FSMField("state", default=S.DRAFT, choices=S.choices, protected=True, editable=False)

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["-opens_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rolling=True) | Q(closes_at__gt=F("opens_at")),
                name="grants_round_closes_after_opening",
                violation_error_message="The closing time must be after the opening time",
            ),
            models.CheckConstraint(
                condition=Q(minimum__lte=F("maximum")),
                name="grants_round_minimum_within_maximum",
                violation_error_message="The largest request must be the same as or more than the smallest",
            ),
            models.CheckConstraint(
                condition=Q(tier="standard") | ~Q(tier_reason=""),
                name="grants_round_lighter_tier_has_reason",
                violation_error_message="Enter the reason for the lighter tier",
            ),
            models.CheckConstraint(
                condition=Q(route=Route.EXPRESSION, expressions_until__isnull=False, expressions_until__gt=F("opens_at"))
                & (Q(rolling=True) | Q(closes_at__gt=F("expressions_until")))
                | (~Q(route=Route.EXPRESSION) & Q(expressions_until=None)),
                name="grants_round_expressions_before_bids",
                violation_error_message="Expressions of interest must close after the opening time and before the closing time for bids",
            ),
        ]
        indexes = [models.Index(fields=["state", "closes_at"])]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def state_tag(self) -> tuple[str, str]:
        if self.state != S.PUBLISHED:
            return self.get_state_display(), COLOURS[self.state]
        if self.takes_bids():
            return "Open", "green"
        return ("Opens later", "blue") if self.opens_at > clock.arrived() else ("Closed", "purple")

    @property
    def way(self) -> Way:
        """What its route means at each step."""
        return ROUTES[Route(self.route)]

    @property
    def assessors(self) -> int:
        """How many must score a bid; none where nobody competes."""
        return self.asks.assessors if self.way.competed else 0

    @property
    def asks(self) -> Asks:
        """What its tier asks at each step."""
        return TIERS[Tier(self.tier)]

    def clean(self) -> None:
        """The sentences at their fields; the check constraints say the same behind every service."""
        errors = {}
        if self.maximum is not None and self.minimum is not None and self.minimum > self.maximum:
            errors["maximum"] = "The largest request must be the same as or more than the smallest"
        if self.tier == Tier.SMALL and self.maximum is not None and self.maximum > SMALL_UP_TO:
            errors["maximum"] = "The largest request must be £5,000 or less in the small tier"
        if self.tier == Tier.SMALL and not self.tier_reason.strip():
            errors["tier_reason"] = "Enter the reason for the lighter tier"
        if self.tier == Tier.SMALL and self.match_rule == self.MatchRule.REQUIRED:
            errors["match_rule"] = "The one page of the small tier does not ask for match funding"
        if self.questions_until is not None and self.closes_at is not None and self.questions_until > self.closes_at:
            errors["questions_on"] = "The last moment for questions must be the same as or before the closing time"
        if errors:
            raise ValidationError(errors)

    def admits(self, body: Organisation) -> bool:
        """Whether this body may bid here at all, by its kind or by name. A query only where its kind may not."""
        if not self.way.competed:
            return False
        return body.kind in self.eligible_kinds or self.bidders.filter(organisation=body).exists()

    def takes_bids(self, moment: dt.datetime | None = None, *, until: dt.datetime | None = None) -> bool:
        """Whether a bid that arrives at this moment is in time; `until` is one bidder's extension."""
        moment = moment or clock.arrived()
        closes = max(filter(None, (self.closes_at, until)), default=None)
        in_time = (self.rolling and self.money_out_at is None) or (closes is not None and moment <= closes)
        return self.state == S.PUBLISHED and self.opens_at <= moment and in_time

    @transition(
        field=state,
        source=S.DRAFT,
        target=S.PUBLISHED,
        permission="grants.manage_round",
        conditions=[has_gates, has_criteria, has_budget, has_bidders, closes_later, expressions_close_later],
        custom=move("Publish round", past="published the round"),
    )
    def publish(self, *, by: object) -> None:
        """Open to bidders from its opening moment; its questions freeze (an effect)."""

    @transition(
        field=state,
        source=S.PUBLISHED,
        target=S.PUBLISHED,
        permission="grants.amend_round",
        custom=move("Change the published round", past="changed the published round", reason=True, offered=False),
    )
    def amend(self, *, by: object, details: Mapping[str, Any], **_: object) -> None:
        """The next version; its rows, the version itself and who is told of it are effects."""
        for name, value in details.items():
            setattr(self, name, value)

    @transition(
        field=state,
        source=S.PUBLISHED,
        target=S.PUBLISHED,
        permission="grants.amend_round",
        custom=move("Answer a question", past="answered a question", offered=False),
    )
    def answer_question(self, *, by: object, **_: object) -> None:
        """To everybody, without telling who asked; the question's row and the messages are effects."""

    @transition(
        field=state,
        source=S.PUBLISHED,
        target=S.PUBLISHED,
        custom=move("Close", past="closed the round, because its money had run out", offered=False, system=True),
    )
    def run_out(self, *, by: object) -> None:
        """A rolling round closes itself when its bidders know that nothing is left."""
        self.money_out_at = clock.now()

    @transition(
        field=state,
        source=S.PUBLISHED,
        target=S.PUBLISHED,
        custom=move("Take bids again", past="opened the round again, because there is money again", offered=False, system=True),
    )
    def take_bids_again(self, *, by: object) -> None:
        """An award was undone or not taken up, or the round was given more."""
        self.money_out_at = None

    @transition(
        field=state,
        source=S.PUBLISHED,
        target=S.DRAFT,
        permission="grants.manage_round",
        custom=move(
            "Take back to draft", past="took the round back to draft", requires=["no_bids", "no_expressions"], danger=True
        ),
    )
    def unpublish(self, *, by: object) -> None:
        """The way back while nobody has begun a bid."""

    @transition(
        field=state,
        source=S.PUBLISHED,
        target=S.SETTLED,
        permission="grants.manage_round",
        conditions=[has_closed],
        custom=move("Settle round", past="settled the round", requires=["all_bids_decided", "expressions_answered"]),
    )
    def settle(self, *, by: object) -> None:
        """Every bid is decided; nothing more is awarded from it."""

    @transition(
        field=state,
        source=S.SETTLED,
        target=S.PUBLISHED,
        permission="grants.manage_round",
        custom=move("Reopen round", past="reopened the round", reason=True),
    )
    def reopen(self, *, by: object) -> None:
        """The way back from settled, for a decision that was reviewed."""

    @transition(
        field=state,
        source=[S.DRAFT, S.PUBLISHED],
        target=S.CANCELLED,
        permission="grants.manage_round",
        custom=move("Call off round", past="cancelled the round", reason=True, danger=True, requires=["no_awards"]),
    )
    def cancel(self, *, by: object) -> None:
        """Called off; bidders are told (an effect)."""
