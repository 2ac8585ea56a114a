"""Instalments: prepared, approved and paid by three people, and held while something owed is outstanding."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django_fsm import FSMField, transition

from casework import clock
from casework.money import PoundsField
from casework.workflow import Case, CaseQuerySet, move
from grants.agreements.models import Agreement, Obligation
from grants.agreements.states import UNISSUED, AgreementState
from grants.bids.scope import bid_scope
from grants.funds.models import Account
from grants.payments.states import COLOURS, TO_COME, InstalmentState
from partnerships.organisations.standing import standing_of

S = InstalmentState


class InstalmentQuerySet(CaseQuerySet):
    def visible_to(self, user: Any) -> InstalmentQuerySet:
        """As the bid; partners see the instalments of an agreement that has been issued."""
        seen = self.filter(bid_scope(user, "agreement__award__bid__"))
        return seen if standing_of(user).is_caseworker else seen.exclude(agreement__state__in=UNISSUED)

    def with_held(self) -> InstalmentQuerySet:
        """Adds `is_held` (it is to come, and an obligation it depends on is neither met nor waived), `held_for` (the text of the
        first such obligation) and `held_by` (how many there are)."""
        outstanding = Obligation.objects.filter(instalments=OuterRef("pk"), met_at=None, waived_at=None)
        counted = outstanding.order_by().values("instalments").annotate(number=Count("pk")).values("number")
        return self.annotate(
            is_held=ExpressionWrapper(Q(state__in=TO_COME) & Exists(outstanding), output_field=models.BooleanField()),
            held_for=Subquery(outstanding.order_by(F("due").asc(nulls_first=True), "pk").values("text")[:1]),
            held_by=Coalesce(Subquery(counted[:1]), 0),
        )


def reasons_held(case: Instalment) -> list[str]:
    """A sentence for everything that holds this instalment back."""
    found = [f"Waiting for: {obligation.text}" for obligation in case.needs.all() if not obligation.settled]
    if case.agreement.state != AgreementState.ACTIVE:
        found.append(f"The agreement is {case.agreement.get_state_display().lower()}, not active")
    return found


def approver_is_not_preparer(case: Instalment, by: Any) -> str | None:
    return "You prepared this payment, so somebody else must approve it" if case.prepared_by_id == by.pk else None


def payer_is_neither(case: Instalment, by: Any) -> str | None:
    if by.pk in {case.prepared_by_id, case.approved_by_id}:
        return "You prepared or approved this payment, so somebody else must record that it was paid"
    return None


class Instalment(Case):
    """One payment under an agreement, drawn on the grant's account of one financial year. Reference: the bid's with -P01."""

    list_path = "payments"
    noun = "payment"

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="instalments")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="instalments")
    number = models.PositiveSmallIntegerField()
    due = models.DateField("due date")
    amount = PoundsField()
    purchase_order = models.CharField(max_length=30, blank=True)
    needs = models.ManyToManyField(Obligation, blank=True, related_name="instalments")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    paid_on = models.DateField(null=True, blank=True, editable=False)
    bacs_reference = models.CharField("BACS reference", max_length=30, blank=True, editable=False)
    state = FSMField("state", default=S.SCHEDULED, choices=S.choices, protected=True, editable=False)

    objects = InstalmentQuerySet.as_manager()

    class Meta:
        ordering = ["due", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="grants_instalment_number_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="grants_instalment_is_something"),
            models.CheckConstraint(
                condition=~Q(state="paid")
                | Q(prepared_by__isnull=False, approved_by__isnull=False, paid_by__isnull=False, paid_on__isnull=False)
                & ~Q(bacs_reference=""),
                name="grants_instalment_paid_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | (
                    ~Q(approved_by=F("prepared_by"))
                    & (Q(paid_by=None) | ~Q(paid_by=F("prepared_by")) & ~Q(paid_by=F("approved_by")))
                ),
                name="grants_instalment_three_people",
            ),
        ]
        indexes = [models.Index(fields=["state", "due", "id"])]

    @property
    def state_tag(self) -> tuple[str, str]:
        if getattr(self, "is_held", False) and self.state in {S.SCHEDULED, S.CLAIMED}:
            return "Held", "orange"
        return self.get_state_display(), COLOURS[self.state]

    @property
    def bid(self) -> Any:
        return self.agreement.award.bid

    def clean(self) -> None:
        """A payment is recorded after it was made, and none was made before the agreement was in force."""
        if self.paid_on is None:
            return
        if self.paid_on > clock.today():
            raise ValidationError({"paid_on": "The date paid must be today or in the past"})
        began = self.agreement.active_from
        if began is not None and self.paid_on < clock.local_date(began):
            raise ValidationError({"paid_on": "The date paid must be the same as or after the day the agreement became active"})

    @transition(
        field=state,
        source=S.SCHEDULED,
        target=S.CLAIMED,
        permission="grants.claim_instalment",
        custom=move("Claim", past="claimed the instalment", requires=["agreement_active"]),
    )
    def claim(self, *, by: Any) -> None:
        """The partner asks for it, where payment is in arrears."""

    @transition(
        field=state,
        source=S.CLAIMED,
        target=S.SCHEDULED,
        permission="grants.claim_instalment",
        custom=move("Take the claim back", past="took the claim back"),
    )
    def unclaim(self, *, by: Any) -> None:
        """The partner's way back."""

    @transition(
        field=state,
        source=[S.SCHEDULED, S.CLAIMED],
        target=S.PREPARED,
        permission="grants.prepare_payment",
        custom=move("Prepare payment", past="prepared the payment", requires=["not_held"]),
    )
    def prepare(self, *, by: Any) -> None:
        self.prepared_by = by

    @transition(
        field=state,
        source=S.PREPARED,
        target=S.SCHEDULED,
        permission="grants.prepare_payment",
        custom=move("Take back", past="took the payment back"),
    )
    def unprepare(self, *, by: Any) -> None:
        """The way back before it is approved."""
        self.prepared_by = None

    @transition(
        field=state,
        source=S.PREPARED,
        target=S.APPROVED,
        permission="grants.approve_payment",
        custom=move("Approve payment", past="approved the payment", checks=[approver_is_not_preparer], requires=["not_held"]),
    )
    def approve(self, *, by: Any) -> None:
        self.approved_by = by

    @transition(
        field=state,
        source=[S.PREPARED, S.APPROVED],
        target=S.SCHEDULED,
        permission="grants.approve_payment",
        custom=move("Send back", past="sent the payment back", reason=True),
    )
    def send_back(self, *, by: Any) -> None:
        """Whoever approves finds something wrong."""
        self.prepared_by = self.approved_by = None

    @transition(
        field=state,
        source=S.APPROVED,
        target=S.PAID,
        permission="grants.record_payment",
        custom=move("Record as paid", past="recorded the payment", checks=[payer_is_neither], requires=["not_held"]),
    )
    def pay(self, *, by: Any, paid_on: dt.date, bacs_reference: str) -> None:
        """Posts to the ledger (an effect)."""
        self.paid_by, self.paid_on, self.bacs_reference = by, paid_on, bacs_reference

    @transition(
        field=state,
        source=S.PAID,
        target=S.SCHEDULED,
        permission="grants.reverse_payment",
        custom=move("Reverse payment", past="reversed the payment", reason=True, danger=True, requires=["not_closed"]),
    )
    def reverse(self, *, by: Any) -> None:
        """The bank sent it back: a reversing entry in the ledger (an effect), and it is due again."""
        self.prepared_by = self.approved_by = self.paid_by = None
        self.paid_on, self.bacs_reference = None, ""

    @transition(
        field=state,
        source=[S.SCHEDULED, S.CLAIMED],
        target=S.CANCELLED,
        permission="grants.cancel_payment",
        custom=move("Cancel instalment", past="cancelled the instalment", reason=True, danger=True, requires=["signed"]),
    )
    def cancel(self, *, by: Any) -> None:
        """It will not be paid; the commitment falls when the grant is closed."""

    @transition(
        field=state,
        source=S.CANCELLED,
        target=S.SCHEDULED,
        permission="grants.cancel_payment",
        custom=move("Bring back", past="brought the instalment back", reason=True, requires=["agreement_active"]),
    )
    def bring_back(self, *, by: Any) -> None:
        """The way back from cancelled."""

    def overdue(self) -> bool:
        return self.state in TO_COME and self.due < clock.today()
