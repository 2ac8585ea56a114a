"""The agreement, its obligations and its signatures."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from casework import clock
from casework.history import worked_on
from casework.money import PoundsField
from casework.snapshots import Snapshot
from casework.spine import GrantFile
from casework.workflow import Case, CaseQuerySet, move, says
from grants.agreements.offers import Offer, OfferLine, OfferMeasure, OfferMilestone
from grants.agreements.states import COLOURS, SIGNED, AgreementState
from grants.bids.scope import bid_scope
from grants.bids.shapes import LineShape, MeasureShape, MilestoneShape
from grants.decisions.models import Award
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of

S = AgreementState

__all__ = [
    "Agreement",
    "AgreementLine",
    "AgreementMeasure",
    "AgreementMilestone",
    "Obligation",
    "Offer",
    "OfferLine",
    "OfferMeasure",
    "OfferMilestone",
    "Signature",
]


class AgreementQuerySet(CaseQuerySet):
    def visible_to(self, user: Any) -> AgreementQuerySet:
        """As the bid; partners see it once it is issued, and still when it was withdrawn after that."""
        seen = self.filter(bid_scope(user, "award__bid__"))
        if standing_of(user).is_caseworker:
            return seen
        return seen.exclude(state=S.DRAFT).exclude(state=S.WITHDRAWN, issued_at=None)


@says("The time to accept this agreement has passed: ask the office to issue it again")
def in_acceptance_period(case: Agreement) -> bool:
    return case.accept_by is None or clock.today() <= case.accept_by


@says("Only an offer letter is in force as soon as it is accepted")
def needs_no_second_signature(case: Agreement) -> bool:
    return case.is_letter


def countersigner_did_not_issue(case: Agreement, by: Any) -> str | None:
    if case.issued_by_id is not None and case.issued_by_id == by.pk:
        return "You issued this agreement, so somebody else must countersign it"
    return None


def cover_did_not_write(case: Agreement, by: Any) -> str | None:
    """Whoever covers acts never on what they prepared: the bid, or the offer that the agreement is made from."""
    if standing_of(by).only_covers(case.bid.accountable_body_id, Role.SIGNATORY) and worked_on(by, case.bid, case.offer):
        return "You cover for a signatory and worked on this grant’s bid or offer yourself, so somebody else must accept it"
    return None


class Agreement(Case):
    """What both sides sign: "not more than" an amount, for a purpose, between two dates. Reference: the bid's with -A."""

    list_path = "agreements"
    noun = "agreement"

    class Ending(models.TextChoices):
        COMPLETED = "completed", "Completed"
        TERMINATED = "terminated", "Terminated early"

    award = models.OneToOneField(Award, on_delete=models.PROTECT, related_name="agreement")
    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="agreement")
    amount = PoundsField("not more than")
    starts = models.DateField("start date")
    ends = models.DateField("end date")
    clauses = models.JSONField(default=list, blank=True, help_text='[{"title": …, "text": …}], fixed when issued')
    accept_by = models.DateField("accept by", null=True, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    issued_at = models.DateTimeField(null=True, blank=True, editable=False)
    active_from = models.DateTimeField(null=True, blank=True, editable=False)
    ended_as = models.CharField(max_length=12, choices=Ending.choices, blank=True, editable=False)
    state = FSMField("state", default=S.DRAFT, choices=S.choices, protected=True, editable=False)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="grants_agreement_ends_after_start"),
            models.CheckConstraint(
                condition=~Q(state__in=SIGNED) | Q(active_from__isnull=False), name="grants_agreement_signed_has_moment"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["ended", "closed"]) | ~Q(ended_as=""), name="grants_agreement_ended_says_how"
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"])]

    @property
    def state_tag(self) -> tuple[str, str]:
        return self.get_state_display(), COLOURS[self.state]

    @property
    def bid(self) -> Any:
        return self.award.bid

    @property
    def is_letter(self) -> bool:
        """In the small tier an offer letter takes the agreement's place: the office has signed it by sending it."""
        return not self.bid.round.asks.countersigned

    @property
    def was_sent(self) -> bool:
        """There is a text that the partner has been given."""
        return self.state != S.DRAFT and (self.state != S.WITHDRAWN or self.issued_at is not None)

    @transition(
        field=state,
        source=S.DRAFT,
        target=S.ISSUED,
        permission="grants.issue_agreement",
        custom=move(
            "Issue agreement", past="issued the agreement", requires=["instalments_add_up", "offer_agreed", "subsidy_confirmed"]
        ),
    )
    def issue(self, *, by: Any, clauses: list[dict[str, str]], accept_by: Any) -> None:
        """The text is fixed and sent to the accountable body's signatory."""
        self.clauses, self.accept_by = clauses, accept_by
        self.issued_by, self.issued_at = by, clock.now()

    @transition(
        field=state,
        source=[S.ISSUED, S.ACCEPTED],
        target=S.DRAFT,
        permission="grants.issue_agreement",
        custom=move("Take back to draft", past="took the agreement back", reason=True),
    )
    def recall(self, *, by: Any) -> None:
        """The office's way back before it is countersigned; signatures given on the old text fall away."""
        self.issued_by, self.issued_at = None, None

    @transition(
        field=state,
        source=S.ISSUED,
        target=S.ACCEPTED,
        permission="grants.accept_agreement",
        conditions=[in_acceptance_period],
        custom=move("Accept agreement", past="accepted the agreement", checks=[cover_did_not_write]),
    )
    def accept(self, *, by: Any, declaration: str) -> None:
        """A signatory of the accountable body signs the frozen text (an effect keeps the signature)."""

    @transition(
        field=state,
        source=S.ACCEPTED,
        target=S.ACTIVE,
        permission="grants.countersign_agreement",
        custom=move("Countersign", past="countersigned the agreement", checks=[countersigner_did_not_issue]),
    )
    def countersign(self, *, by: Any, declaration: str) -> None:
        """In force. Monitoring makes its returns from here."""
        self.active_from = clock.now()

    @transition(
        field=state,
        source=S.ACCEPTED,
        target=S.ACTIVE,
        conditions=[needs_no_second_signature],
        custom=move("Take effect", past="put the offer letter in force", offered=False, system=True),
    )
    def take_effect(self, *, by: Any) -> None:
        """Accepted by one person, an offer letter needs no second signature."""
        self.active_from = clock.now()

    @transition(
        field=state,
        source=S.ACTIVE,
        target=S.SUSPENDED,
        permission="grants.manage_agreement",
        custom=move("Suspend", past="suspended the agreement", reason=True, danger=True),
    )
    def suspend(self, *, by: Any) -> None:
        """Payments stop; returns stay due."""

    @transition(
        field=state,
        source=S.SUSPENDED,
        target=S.ACTIVE,
        permission="grants.manage_agreement",
        custom=move("Resume", past="resumed the agreement", reason=True),
    )
    def resume(self, *, by: Any) -> None:
        """Payments go on."""

    @transition(
        field=state,
        source=[S.ACTIVE, S.SUSPENDED],
        target=S.ENDED,
        permission="grants.manage_agreement",
        custom=move("End agreement", past="ended the agreement", reason=True, danger=True),
    )
    def end(self, *, by: Any, ended_as: str) -> None:
        """Completed, or terminated early; the reason is kept."""
        self.ended_as = ended_as

    @transition(
        field=state,
        source=S.ENDED,
        target=S.ACTIVE,
        permission="grants.manage_agreement",
        custom=move("Undo the ending", past="undid the ending of the agreement", reason=True),
    )
    def undo_end(self, *, by: Any) -> None:
        self.ended_as = ""

    @transition(
        field=state,
        source=S.ENDED,
        target=S.CLOSED,
        permission="grants.close_agreement",
        custom=move("Close", past="closed the grant to the penny", requires=["money_settled", "obligations_settled"]),
    )
    def close(self, *, by: Any) -> None:
        """Reconciled: what was not paid goes back to the fund (an effect)."""

    @transition(
        field=state,
        source=S.CLOSED,
        target=S.ENDED,
        permission="grants.close_agreement",
        custom=move("Reopen", past="reopened the grant", reason=True, requires=["budget_can_be_committed_again"]),
    )
    def reopen(self, *, by: Any) -> None:
        """The way back from closed; the commitment comes back as it was (an effect)."""

    @transition(
        field=state,
        source=[S.DRAFT, S.ISSUED, S.ACCEPTED],
        target=S.WITHDRAWN,
        permission="grants.withdraw_decision",
        custom=move("Withdraw", past="withdrew the agreement", reason=True, offered=False),
    )
    def withdraw(self, *, by: Any) -> None:
        """A draft with its decision; one that was sent and is not in force when its award is not taken up. What was sent stays
        readable; the way back is a new decision, which makes a new offer and agreement."""


class AgreementLine(LineShape):
    """A line of the agreed budget."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="lines")
    amount = PoundsField(default=0)

    class Meta(LineShape.Meta):
        constraints = [models.UniqueConstraint(fields=["agreement", "line_key"], name="grants_agreementline_key_once")]


class AgreementMeasure(MeasureShape):
    """A measure that the grant reports on."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="measures")


class AgreementMilestone(MilestoneShape):
    """A milestone that the grant reports on."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="milestones")


class Obligation(models.Model):
    """Something owed under an agreement. Conditions, returns, evidence and reviews each make one and mark it met.

    An instalment names those it depends on, so that "held" and its reasons are one annotation.
    """

    class Kind(models.TextChoices):
        CONDITION = "condition", "Condition"
        RETURN = "return", "Return"
        EVIDENCE = "evidence", "Evidence"
        REVIEW = "review", "Annual review"

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="obligations")
    file = models.ForeignKey(GrantFile, on_delete=models.PROTECT, related_name="obligations")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.CharField(max_length=500)
    due = models.DateField("due date", null=True, blank=True)
    before_payment = models.BooleanField(default=False, help_text="holds every payment until it is settled")
    cause_ref = models.CharField(max_length=60, help_text="what made it: a condition's key, a return's reference")
    met_at = models.DateTimeField(null=True, blank=True)
    met_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    evidence = models.CharField(max_length=500, blank=True)
    waived_at = models.DateTimeField(null=True, blank=True)
    waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    waived_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = [F("due").asc(nulls_first=True), "pk"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "cause_ref"], name="grants_obligation_cause_once"),
            models.CheckConstraint(
                condition=Q(waived_at=None) | ~Q(waived_reason=""),
                name="grants_obligation_waived_has_reason",
                violation_error_message="Enter a reason for the waiver",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def settled(self) -> bool:
        return self.met_at is not None or self.waived_at is not None


class Signature(models.Model):
    """Somebody signed the frozen text of an agreement; `snapshot` is what they signed, by its hash."""

    class Part(models.TextChoices):
        ACCEPTED = "accepted", "Accepted for the recipient"
        COUNTERSIGNED = "countersigned", "Countersigned for the office"

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="signatures")
    part = models.CharField(max_length=15, choices=Part.choices)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    capacity = models.CharField(max_length=200, help_text="the role and body signed for")
    declaration = models.CharField("the words that were confirmed", max_length=500)
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["agreement", "part", "snapshot"], name="grants_signature_once")]

    def __str__(self) -> str:
        return f"{self.get_part_display()} by {self.person}"
