"""Questions about a published round: a bidder asks, the office answers, and everybody reads both without learning who asked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Max, QuerySet

from casework import clock
from casework.outbox import queue
from casework.workflow import NotPermitted, Refused, Result, perform, record, unit
from casework.workflow.perform import lock
from grants.rounds.models import Round
from grants.rounds.queries import admitted
from grants.rounds.states import RoundState
from partnerships.organisations.models import Organisation, on_date
from partnerships.organisations.roles import PARTNER_ROLES, Role
from partnerships.organisations.standing import people_with, standing_of


class Clarification(models.Model):
    """`asked` is the bidder's own words, for the office; `question` is how it is published, without what tells who asked."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="clarifications")
    number = models.PositiveIntegerField()
    asked = models.TextField(max_length=2000)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    question = models.TextField(max_length=2000, blank=True)
    answer = models.TextField(max_length=4000, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="grants_clarification_number_once"),
            models.CheckConstraint(
                condition=models.Q(answered_at=None) | (~models.Q(question="") & ~models.Q(answer="")),
                name="grants_clarification_answered_in_words",
            ),
        ]

    def __str__(self) -> str:
        return f"Question {self.number}"


def answered(case: Round) -> QuerySet[Clarification]:
    """What everybody reads."""
    return case.clarifications.exclude(answered_at=None)


def waiting(case: Round) -> QuerySet[Clarification]:
    return case.clarifications.filter(answered_at=None)


def bodies_that_may_ask(case: Round, user: Any) -> list[Organisation]:
    """Those of this person's bodies that may bid here, while questions are taken."""
    if case.state != RoundState.PUBLISHED or not takes_questions(case):
        return []
    served = standing_of(user).serving(*PARTNER_ROLES)
    bodies = list(Organisation.objects.filter(on_date(clock.today()), pk__in=served).order_by("name", "pk")) if served else []
    return admitted([case], bodies)


def takes_questions(case: Round) -> bool:
    """Until the round's last moment for questions; without one, as long as bids are taken."""
    until = case.questions_until or case.closes_at
    return until is None or clock.arrived() <= until


def ask(*, case: Round, organisation: Organisation, text: str, by: Any) -> Clarification:
    """Ask the office about a published round for a body that may bid in it. The same question twice is one."""
    with unit():
        locked = lock(case)
        if organisation not in bodies_that_may_ask(locked, by):
            if not takes_questions(locked):
                raise Refused("The time for questions about this round has passed. Contact the office instead.")
            raise NotPermitted(f"Questions about {locked.reference} are asked by those who may bid in it.")
        found = waiting(locked).filter(asked_by=by, asked=text.strip()).first()
        if found is not None:
            return found
        number = (locked.clarifications.aggregate(last=Max("number"))["last"] or 0) + 1
        row = Clarification(
            round=locked,
            number=number,
            asked=text.strip(),
            asked_by=by,
            organisation=organisation,
            asked_at=clock.now(),
        )
        row.full_clean()
        row.save()
        record(row, "asked about the round", by=by, changes={"round": locked.pk, "number": number})
        queue("clarification_asked", to=people_with(Role.COMMISSIONING_OFFICER), about=locked, cause=f"asked:{number}", row=row)
    return row


def answer(*, row: Clarification, question: str, words: str, by: Any, version: int | None = None) -> Result[Round]:
    """Publish the question, in words that do not tell who asked, and its answer; again to put an answer right."""
    told = {"question": question.strip(), "words": words.strip()}
    return perform(row.round, "answer_question", by=by, version=version, number=row.number, **told)  # type: ignore[arg-type]
