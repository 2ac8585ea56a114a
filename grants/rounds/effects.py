"""What follows from this room's transitions, and what the room tells the pages of others.

The requirements that rounds name are answered by the rooms that know: `no_expressions` and `expressions_answered` by expressions,
`no_bids` and `all_bids_decided` by bids, `no_awards` by decisions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from casework import clock
from casework.outbox import queue
from casework.registry import LifeStep, WorkItem, first_of, life_step, work_provider
from casework.snapshots import take_snapshot
from casework.templatetags.ui import gov_moment
from casework.workflow import Move, Refused, after, record
from grants.rounds.clarifications import Clarification
from grants.rounds.expressing import takes_expressions
from grants.rounds.models import Round
from grants.rounds.queries import bodies_bidding, running_for
from grants.rounds.states import RoundState
from grants.rounds.versions import changed_parts, content, in_words, refusals
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of
from questionnaires.models import QuestionSetVersion

life_step(
    LifeStep(
        order=10,
        name="Round",
        model=Round,
        path="bids__file",
        done=frozenset({RoundState.PUBLISHED, RoundState.SETTLED}),
        stopped=frozenset({RoundState.CANCELLED}),
    )
)


@after(Round, "publish")
def freeze_questions(move: Move) -> None:
    """What bidders are asked, and what grantees will be, is fixed from here on; a version frozen earlier keeps its moment."""
    asked = {move.case.question_version_id, move.case.return_version_id}
    for version in QuestionSetVersion.objects.select_for_update().filter(pk__in=asked, frozen_at=None).order_by("pk"):
        version.frozen_at = clock.now()
        version.save(update_fields=["frozen_at"])
        record(version, "froze the questions", by=move.by, changes={"round": move.case.pk})


@after(Round, "publish")
def take_first_version(move: Move) -> None:
    """What bidders read from now on; published again after it was taken back, it is the next version."""
    take_snapshot(move.case, content(move.case), by=move.by, declaration="Published")


@after(Round, "amend")
def make_version(move: Move) -> None:
    """The rows change, then what is different is kept in words; who is affected is filled in by the rooms that know."""
    case, before = move.case, move.data["before"]
    move.data["write"](case)
    now = content(case)
    words = in_words(before, now)
    stands_against = refusals(case, before, now)
    if not words and not stands_against:
        stands_against = ["Nothing is different from what is published, so there is no new version."]
    if stands_against:
        raise Refused(*stands_against)
    version = take_snapshot(case, now, by=move.by, declaration=move.reason)
    case.changes.create(
        number=version.number,
        parts=changed_parts(before, now),
        words="\n".join(words),
        reason=move.reason.strip(),
        by=move.by,
        at=clock.now(),
    )


@after(Round, "answer_question")
def publish_answer(move: Move) -> None:
    """The one who asked is told as everybody is who has a draft: see the rooms above."""
    row = move.case.clarifications.select_for_update(of=("self",)).get(number=move.data["number"])
    row.question, row.answer = move.data["question"], move.data["words"]
    row.answered_by, row.answered_at = move.by, clock.now()
    row.full_clean()
    row.save()
    queue("clarification_answered", to=[row.asked_by], about=move.case, cause=f"answer:{move.case.version}", row=row)


@work_provider
def questions_waiting(user: Any) -> Iterable[WorkItem]:
    """Bidders wait for these answers, and the closing time does not."""
    if not standing_of(user).in_office(Role.COMMISSIONING_OFFICER):
        return
    rows = Clarification.objects.filter(answered_at=None, round__state=RoundState.PUBLISHED).select_related("round")
    for row in first_of(rows.order_by("asked_at", "pk")):
        until = row.round.closes_at
        yield WorkItem(
            title=row.round.title,
            url=f"{row.round.get_absolute_url()}questions/{row.number}/",
            reference=row.round.reference,
            sentence=f"Answer question {row.number} about this round",
            due=clock.local_date(until) if until else None,
        )


@work_provider
def rounds_waiting(user: Any) -> Iterable[WorkItem]:
    """Drafts for officers; rounds that take bids now for those who write bids."""
    if standing_of(user).in_office(Role.COMMISSIONING_OFFICER):
        for case in first_of(Round.objects.filter(state=RoundState.DRAFT)):
            yield _work(case, "Finish this round and publish it", case.opens_at)
    for case, closes in running_for(bodies_bidding(user)):
        if case.way.expressed:
            if takes_expressions(case):
                until = case.expressions_until
                yield _work(case, f"Say what you have in mind for {case.title} by {gov_moment(until)}", until)
        else:
            when = f"closes {gov_moment(closes)}" if closes else "decided as bids arrive"
            yield _work(case, f"Write a bid for {case.title}, {when}", closes)


def _work(case: Round, sentence: str, due: dt.datetime | None) -> WorkItem:
    return WorkItem(
        title=case.title,
        url=case.get_absolute_url(),
        reference=case.reference,
        sentence=sentence,
        due=clock.local_date(due) if due else None,
    )
