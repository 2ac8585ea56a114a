"""The return: what was spent, achieved and learned in one period of a grant, prepared by one person and certified by another."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from casework import clock
from casework.history import worked_on
from casework.money import PoundsField
from casework.workflow import Case, CaseQuerySet, move, says
from grants.agreements.models import Agreement
from grants.bids.scope import bid_scope
from monitoring.returns.states import AWAITED, CERTIFIED, COLOURS, ReturnState
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of
from questionnaires.models import Response

S = ReturnState


class ReturnQuerySet(CaseQuerySet):
    def visible_to(self, user: Any) -> ReturnQuerySet:
        """As the bid."""
        return self.filter(bid_scope(user, "agreement__award__bid__"))

    def overdue(self) -> ReturnQuerySet:
        """Never sent, and the last day has passed. A queried return was sent, so it is not chased as late."""
        return self.filter(state__in=AWAITED, first_submitted_at=None, due__lt=clock.today())

    def with_grant(self) -> ReturnQuerySet:
        """Joins what lists and pages say about the grant."""
        bid = "agreement__award__bid"
        return self.select_related("file", f"{bid}__applicant", f"{bid}__accountable_body")


@says("Its day has come, so the return stays open")
def not_yet_its_day(case: Return) -> bool:
    return clock.today() < case.opens_on


def timer_waits_for_the_day(case: Return, by: Any) -> str | None:
    """Only an officer opens a return early, with a reason."""
    if by.pk is None and clock.today() < case.opens_on:
        return f"{case.reference} opens on {case.opens_on:%-d %B %Y}"
    return None


def certifier_did_not_prepare(case: Return, by: Any) -> str | None:
    return "You prepared this return, so somebody else must certify it" if case.prepared_by_id == by.pk else None


def cover_did_not_write(case: Return, by: Any) -> str | None:
    """Whoever covers acts never on what they prepared, whoever sent it to be certified in the end."""
    if standing_of(by).only_covers(case.bid.accountable_body_id, Role.FINANCE_SIGNATORY) and worked_on(by, case):
        return "You cover for a finance signatory and worked on this return yourself, so somebody else must certify it"
    return None


class Return(Case):
    """One period's report under an agreement. Reference: the bid's with -R01. Submitting is certifying."""

    list_path = "returns"
    noun = "return"

    class Kind(models.TextChoices):
        HALF_YEAR = "half_year", "Half-yearly return"
        END_REPORT = "end_report", "End report"

    class Rag(models.TextChoices):
        GREEN = "green", "Green: on track"
        AMBER = "amber", "Amber: some concern"
        RED = "red", "Red: serious concern"

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="returns")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.HALF_YEAR)
    period_start = models.DateField("first day of the period")
    period_end = models.DateField("last day of the period")
    opens_on = models.DateField()
    due = models.DateField("due date")
    response = models.OneToOneField(Response, on_delete=models.PROTECT, related_name="monitoring_return", editable=False)
    forecast_underspend = PoundsField(
        null=True, blank=True, editable=False, help_text="agreed budget less forecast, if more than 0"
    )
    change_request = models.TextField("changes you ask for", max_length=4000, blank=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    prepared_at = models.DateTimeField(null=True, blank=True, editable=False)
    certified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    certified_at = models.DateTimeField(null=True, blank=True, editable=False)
    first_submitted_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="says whether it was in time")
    rag = models.CharField("rating", max_length=5, choices=Rag.choices, blank=True, editable=False)
    rag_comment = models.TextField("what the office thinks", max_length=2000, blank=True, editable=False)
    state = FSMField("state", default=S.SCHEDULED, choices=S.choices, protected=True, editable=False)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        ordering = ["due", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "period_start"], name="monitoring_return_period_once"),
            models.CheckConstraint(condition=Q(period_end__gte=F("period_start")), name="monitoring_return_period_forward"),
            models.CheckConstraint(
                condition=~Q(state__in=[S.PREPARED, *CERTIFIED]) | Q(prepared_by__isnull=False, prepared_at__isnull=False),
                name="monitoring_return_prepared_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=CERTIFIED)
                | Q(certified_by__isnull=False, certified_at__isnull=False, first_submitted_at__isnull=False)
                & ~Q(certified_by=F("prepared_by")),
                name="monitoring_return_certified_by_another",
                violation_error_message="You prepared this return, so somebody else must certify it",
            ),
            models.CheckConstraint(condition=~Q(state=S.ACCEPTED) | ~Q(rag=""), name="monitoring_return_accepted_has_rating"),
        ]
        indexes = [models.Index(fields=["state", "due", "id"]), models.Index(fields=["due", "id"])]

    @property
    def state_tag(self) -> tuple[str, str]:
        return self.get_state_display(), COLOURS[self.state]

    @property
    def bid(self) -> Any:
        return self.agreement.award.bid

    @property
    def title(self) -> str:
        return f"{self.get_kind_display()}, {self.period}"

    @property
    def period(self) -> str:
        """1 April to 30 September 2026; both years when they differ."""
        start, end = self.period_start, self.period_end
        first = f"{start:%-d %B}" if start.year == end.year else f"{start:%-d %B %Y}"
        return f"{first} to {end:%-d %B %Y}"

    @property
    def days_late(self) -> int:
        """Days from the due date to when it first came, or to today while it has not; 0 when in time or no longer asked for."""
        if self.first_submitted_at is not None:
            came = clock.local_date(self.first_submitted_at)
        elif self.state in AWAITED:
            came = clock.today()
        else:
            return 0
        return max((came - self.due).days, 0)

    @transition(
        field=state,
        source=S.SCHEDULED,
        target=S.OPEN,
        permission="monitoring.manage_return",
        custom=move("Open early", past="opened the return", reason=True, system=True, checks=[timer_waits_for_the_day]),
    )
    def open(self, *, by: Any) -> None:
        """The timer's on its day; an officer's before it, when a grant ends early or its people leave."""

    @transition(
        field=state,
        source=S.OPEN,
        target=S.SCHEDULED,
        permission="monitoring.manage_return",
        conditions=[not_yet_its_day],
        custom=move("Undo the early opening", past="put the return back to its day", reason=True),
    )
    def unopen(self, *, by: Any) -> None:
        """The way back from opening it early; what was written stays."""

    @transition(
        field=state,
        source=[S.OPEN, S.QUERIED],
        target=S.PREPARED,
        permission="monitoring.prepare_return",
        custom=move("Send to be certified", past="prepared the return", requires=["complete"]),
    )
    def prepare(self, *, by: Any) -> None:
        """Nothing can be changed from here, so that what is certified is what was prepared."""
        self.prepared_by, self.prepared_at = by, clock.now()

    @transition(
        field=state,
        source=S.PREPARED,
        target=S.OPEN,
        permission="monitoring.unprepare_return",
        custom=move("Open for changes", past="opened the return for changes"),
    )
    def unprepare(self, *, by: Any) -> None:
        """The way back before it is certified, for the one who prepared it and the one who finds a mistake."""
        self.prepared_by, self.prepared_at = None, None

    @transition(
        field=state,
        source=S.PREPARED,
        target=S.SUBMITTED,
        permission="monitoring.certify_return",
        custom=move(
            "Certify and submit",
            past="certified and submitted the return",
            checks=[certifier_did_not_prepare, cover_did_not_write],
            requires=["complete"],
        ),
    )
    def submit(self, *, by: Any, declaration: str) -> None:
        """The finance signatory of the accountable body certifies; the text and the declaration are frozen (an effect)."""
        self.certified_by, self.certified_at = by, clock.now()
        self.first_submitted_at = self.first_submitted_at or self.certified_at

    @transition(
        field=state,
        source=S.SUBMITTED,
        target=S.PREPARED,
        permission="monitoring.unprepare_return",
        custom=move("Take back", past="took the return back"),
    )
    def recall(self, *, by: Any) -> None:
        """The partnership's way back until the office queries or accepts it."""
        self.certified_by, self.certified_at = None, None

    @transition(
        field=state,
        source=S.SUBMITTED,
        target=S.QUERIED,
        permission="monitoring.scrutinise_return",
        custom=move("Ask a question", past="queried the return", reason=True),
    )
    def query(self, *, by: Any) -> None:
        """The reason is the question; the partnership answers it, and certifies again."""
        self.certified_by, self.certified_at = None, None

    @transition(
        field=state,
        source=S.SUBMITTED,
        target=S.ACCEPTED,
        permission="monitoring.scrutinise_return",
        custom=move("Accept return", past="accepted the return"),
    )
    def accept(self, *, by: Any, rag: str, rag_comment: str = "") -> None:
        """The obligation is met (an effect), and what was held for it can be paid."""
        self.rag, self.rag_comment = rag, rag_comment

    @transition(
        field=state,
        source=S.ACCEPTED,
        target=S.QUERIED,
        permission="monitoring.scrutinise_return",
        custom=move("Reopen return", past="reopened the return", reason=True),
    )
    def reopen(self, *, by: Any) -> None:
        """The office's way back: the obligation is outstanding again (an effect)."""
        self.rag, self.rag_comment = "", ""
        self.certified_by, self.certified_at = None, None

    @transition(
        field=state,
        source=[S.SCHEDULED, S.OPEN, S.QUERIED],
        target=S.WAIVED,
        permission="monitoring.manage_return",
        custom=move("Waive return", past="waived the return", reason=True, danger=True),
    )
    def waive(self, *, by: Any) -> None:
        """It is not asked for; payments no longer wait for it (an effect)."""

    @transition(
        field=state,
        source=S.WAIVED,
        target=S.SCHEDULED,
        permission="monitoring.manage_return",
        custom=move("Ask for it after all", past="asked for the return after all", reason=True),
    )
    def unwaive(self, *, by: Any) -> None:
        """The way back from waived; it opens again at once when its day has come (an effect)."""

    def is_overdue(self, today: dt.date) -> bool:
        return self.state in AWAITED and self.first_submitted_at is None and self.due < today
