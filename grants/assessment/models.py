"""Assessors, their interests and scores, the gates, and the moderated score."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from casework import clock
from casework.workflow import Case, CaseQuerySet, move, says
from grants.assessment.states import COLOURS, AssessmentState
from grants.bids.models import Bid
from grants.bids.readers import known_to
from grants.rounds.models_parts import RoundCriterion, RoundGate
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of

S = AssessmentState


def with_interest(user: Any, prefix: str = "") -> Q:
    """The bids in which a person has an interest: of a body they serve, or one they declared. Its scores are not theirs to read."""
    declared = Assessment.objects.filter(assessor=user, state=S.CONFLICTED)
    found = Q(**{f"{prefix}pk__in": declared.order_by().values("bid")})
    if own := standing_of(user).own:
        for body in ("applicant", "accountable_body", "delivery_body"):
            found |= Q(**{f"{prefix}{body}__in": own})
    return found


class AssessmentQuerySet(CaseQuerySet):
    def visible_to(self, user: Any) -> AssessmentQuerySet:
        """An assessor sees their own; the officers who run the round, the decision maker and the auditor see all but those of a bid
        in which they have an interest. No bidder ever does."""
        standing = standing_of(user)
        if standing.in_office(Role.COMMISSIONING_OFFICER, Role.AUDITOR, Role.COMMISSIONER, Role.CHIEF_EXECUTIVE):
            return self.filter(known_to(user, "bid__")).exclude(with_interest(user, "bid__") & ~Q(assessor=user))
        return self.filter(known_to(user, "bid__"), assessor=user) if standing.in_office(Role.ASSESSOR) else self.none()


@says("Declare your interests before you score")
def interests_declared(case: Assessment) -> bool:
    return case.declared_at is not None


class Assessment(Case):
    """One assessor's work on one bid. Reference: the bid's with -S01."""

    list_path = "assessments"
    noun = "assessment"

    bid = models.ForeignKey(Bid, on_delete=models.PROTECT, related_name="assessments")
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assessments")
    due = models.DateField("due date")
    declared_at = models.DateTimeField("no interest declared", null=True, blank=True, editable=False)
    comment = models.TextField("overall comment", max_length=4000, blank=True)
    scored_at = models.DateTimeField(null=True, blank=True, editable=False)
    state = FSMField("state", default=S.ASSIGNED, choices=S.choices, protected=True, editable=False)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["due", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["bid", "assessor"], name="grants_assessment_once"),
            models.CheckConstraint(
                condition=~Q(state="scored") | Q(scored_at__isnull=False, declared_at__isnull=False),
                name="grants_assessment_scored_has_declaration",
            ),
        ]
        indexes = [models.Index(fields=["assessor", "state"])]

    @property
    def state_tag(self) -> tuple[str, str]:
        return self.get_state_display(), COLOURS[self.state]

    @transition(
        field=state,
        source=S.ASSIGNED,
        target=S.CONFLICTED,
        permission="grants.score_assessment",
        custom=move("Declare a conflict of interest", past="declared a conflict of interest", reason=True),
    )
    def declare_conflict(self, *, by: Any) -> None:
        """The assessor steps aside; their scores do not count."""
        self.declared_at = None

    @transition(
        field=state,
        source=S.ASSIGNED,
        target=S.SCORED,
        permission="grants.score_assessment",
        conditions=[interests_declared],
        custom=move("Submit scores", past="submitted scores", requires=["every_criterion_scored"]),
    )
    def submit_scores(self, *, by: Any) -> None:
        self.scored_at = clock.now()

    @transition(
        field=state,
        source=[S.SCORED, S.CONFLICTED],
        target=S.ASSIGNED,
        permission="grants.handle_bid",
        custom=move("Reopen assessment", past="reopened the assessment", reason=True, requires=["bid_is_being_assessed"]),
    )
    def reopen(self, *, by: Any) -> None:
        """The way back while the bid is still being assessed."""
        self.scored_at = None


class GateResult(models.Model):
    """Whether a bid passed a gate, and why not."""

    bid = models.ForeignKey(Bid, on_delete=models.CASCADE, related_name="gate_results")
    gate = models.ForeignKey(RoundGate, on_delete=models.PROTECT, related_name="+")
    passed = models.BooleanField()
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["gate__order", "gate_id"]
        constraints = [
            models.UniqueConstraint(fields=["bid", "gate"], name="grants_gateresult_once"),
            models.CheckConstraint(
                condition=Q(passed=True) | ~Q(reason=""),
                name="grants_gateresult_failed_has_reason",
                violation_error_message="Enter the reason this gate is failed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gate}: {'pass' if self.passed else 'fail'}"


class CriterionScore(models.Model):
    """One assessor's score on one criterion, with its reason. Null is not scored yet, zero is zero."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(RoundCriterion, on_delete=models.PROTECT, related_name="+")
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.TextField(max_length=2000, blank=True)

    class Meta:
        ordering = ["criterion__order", "criterion_id"]
        constraints = [models.UniqueConstraint(fields=["assessment", "criterion"], name="grants_score_once")]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.score}"


class Moderation(models.Model):
    """The agreed scores of a bid and why they were agreed."""

    bid = models.OneToOneField(Bid, on_delete=models.CASCADE, related_name="moderation")
    reason = models.TextField(max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"Moderation of {self.bid_id}"


class ModeratedScore(models.Model):
    """The agreed score on one criterion."""

    moderation = models.ForeignKey(Moderation, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(RoundCriterion, on_delete=models.PROTECT, related_name="+")
    score = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["criterion__order", "criterion_id"]
        constraints = [models.UniqueConstraint(fields=["moderation", "criterion"], name="grants_moderatedscore_once")]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.score}"
