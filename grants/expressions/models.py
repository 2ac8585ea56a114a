"""An expression of interest: what a body has in mind, on one page, before the office invites it to write a bid."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from casework import clock
from casework.money import PoundsField
from casework.workflow import Case, CaseQuerySet, move
from grants.expressions.states import ANSWERED, COLOURS, HAVE_BEEN_SUBMITTED, ExpressionState
from grants.rounds.models import Round
from partnerships.organisations.models import Area, Organisation
from partnerships.organisations.roles import PARTNER_ROLES, Role
from partnerships.organisations.standing import standing_of
from partnerships.plans.models import Outcome

S = ExpressionState


class ExpressionQuerySet(CaseQuerySet):
    def visible_to(self, user: Any) -> ExpressionQuerySet:
        """The body's people see all of theirs; the office what was sent to it; an auditor drafts too.

        Who answers for the money of the bid that came of one sees where that bid came from.
        """
        standing = standing_of(user)
        if standing.in_office(Role.AUDITOR):
            return self.all()
        seen = Q(pk__in=[])
        if standing.is_caseworker:
            seen |= Q(submitted_at__isnull=False) & ~Q(state=S.DRAFT)
        if bodies := standing.serving(*PARTNER_ROLES):
            seen |= Q(applicant__in=bodies)
        if accountable := standing.serving(Role.SIGNATORY, Role.FINANCE_SIGNATORY):
            seen |= Q(bid__accountable_body__in=accountable, bid__is_confidential=False)
        return self.filter(seen)


class Expression(Case):
    """A body may express several interests in a round, each under a title of its own. `answer` is what the office wrote to it.

    Nobody signs it: it binds neither side, so a coordinator sends it. Reference: the round's and a number, CDR-2026-E01.
    """

    list_path = "expressions"
    noun = "expression of interest"

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="expressions")
    applicant = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="expressions")
    title = models.CharField(max_length=140)
    summary = models.TextField(max_length=8000, blank=True)
    outcomes = models.ManyToManyField(Outcome, blank=True, related_name="+")
    areas = models.ManyToManyField(Area, blank=True, related_name="+")
    amount = PoundsField("rough amount", null=True, blank=True)
    starts = models.DateField("rough start date", null=True, blank=True)
    lead = models.CharField("who would lead it", max_length=140, blank=True)
    partners = models.CharField("partners in mind", max_length=500, blank=True)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    answer = models.TextField("what the office answered", max_length=2000, blank=True, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    state = FSMField("state", default=S.DRAFT, choices=S.choices, protected=True, editable=False)

    objects = ExpressionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "applicant", "title"],
                name="grants_expression_title_once",
                violation_error_message="Your body has an expression of interest with this title in this round. "
                "Go on with it, or enter another title",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=HAVE_BEEN_SUBMITTED) | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="grants_expression_submitted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ANSWERED, answered_at__isnull=False) | (~Q(state__in=ANSWERED) & Q(answered_at=None)),
                name="grants_expression_answered_at",
            ),
            models.CheckConstraint(condition=~Q(state=S.NOT_INVITED) | ~Q(answer=""), name="grants_expression_no_has_reason"),
        ]
        indexes = [models.Index(fields=["round", "state"])]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def state_tag(self) -> tuple[str, str]:
        return self.get_state_display(), COLOURS[self.state]

    def bodies(self) -> set[int]:
        """The bodies with an interest: a bid that comes of it is likely to name the second as the accountable one."""
        return {body for body in (self.applicant_id, self.applicant.usual_accountable_body_id) if body}

    @transition(
        field=state,
        source=S.DRAFT,
        target=S.SUBMITTED,
        permission="grants.write_expression",
        custom=move(
            "Submit expression of interest", past="submitted the expression of interest", requires=["complete", "in_time"]
        ),
    )
    def submit(self, *, by: Any) -> None:
        self.submitted_by, self.submitted_at = by, clock.arrived()

    @transition(
        field=state,
        source=S.SUBMITTED,
        target=S.DRAFT,
        permission="grants.write_expression",
        custom=move("Take back to change", past="took the expression of interest back", requires=["recall_in_time"]),
    )
    def recall(self, *, by: Any) -> None:
        """The body's way back until the office answers or expressions close."""

    @transition(
        field=state,
        source=S.SUBMITTED,
        target=S.INVITED,
        permission="grants.answer_expression",
        custom=move("Invite to bid", past="invited the body to bid", requires=["bid_can_follow"]),
    )
    def invite(self, *, by: Any, answer: str = "") -> None:
        """The bid is begun by an effect of the room that knows bids."""
        self.answer, self.answered_at = answer.strip(), clock.now()

    @transition(
        field=state,
        source=S.SUBMITTED,
        target=S.NOT_INVITED,
        permission="grants.answer_expression",
        custom=move("Do not invite", past="did not invite the body to bid", reason=True, danger=True),
    )
    def turn_down(self, *, by: Any, answer: str) -> None:
        """The body reads the reason."""
        self.answer, self.answered_at = answer.strip(), clock.now()

    @transition(
        field=state,
        source=S.NOT_INVITED,
        target=S.SUBMITTED,
        permission="grants.answer_expression",
        custom=move("Look at it again", past="opened the expression of interest again", reason=True, requires=["bid_can_follow"]),
    )
    def reopen(self, *, by: Any) -> None:
        """The office's way back while a bid could still follow."""
        self.answer, self.answered_at = "", None

    @transition(
        field=state,
        source=[S.DRAFT, S.SUBMITTED],
        target=S.WITHDRAWN,
        permission="grants.write_expression",
        custom=move("Withdraw", past="withdrew the expression of interest", danger=True),
    )
    def withdraw(self, *, by: Any) -> None:
        """The body no longer has it in mind."""

    @transition(
        field=state,
        source=S.WITHDRAWN,
        target=S.DRAFT,
        permission="grants.write_expression",
        custom=move("Bring back as a draft", past="brought the expression of interest back", requires=["in_time"]),
    )
    def bring_back(self, *, by: Any) -> None:
        """The way back from withdrawn while expressions are taken."""
