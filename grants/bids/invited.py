"""The bid that comes of an expression of interest: begun when the office invites, with what the body had said already."""

from __future__ import annotations

from typing import Any

from casework.outbox import queue
from casework.registry import LifeStep, Panel, life_step, panel
from casework.workflow import Move, after
from grants.bids.completeness import SUMMARY_KEY
from grants.bids.models import Bid
from grants.bids.services import new_bid
from grants.expressions.models import Expression
from grants.expressions.states import ExpressionState
from grants.rounds.queries import closes_for
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with
from questionnaires import engine
from questionnaires.models import Section

LONGEST_SUMMARY = 4000


@after(Expression, "invite")
def begin_bid(move: Move) -> None:
    """In the name of who sent the expression: the body's people write it, and see it; the office does not until it is submitted."""
    source = move.case
    bid = new_bid(
        round=source.round,
        applicant=source.applicant,
        title=source.title,
        by=move.by,
        prepared_by=source.submitted_by,
        expression=source,
        summary=source.summary[:LONGEST_SUMMARY],
        amount_requested=source.amount,
        starts=source.starts,
    )
    bid.outcomes.set(source.outcomes.all())
    bid.areas.set(source.areas.all())
    _answer_summary(bid)
    closes = closes_for(source.round, source.applicant_id)
    people = people_with(Role.COORDINATOR, [source.applicant_id])
    queue("bid_invited", to=people, about=bid, cause="invited", expression=source, closes=closes)


def _answer_summary(bid: Bid) -> None:
    """Where the round's questions ask for the summary, it is that answer too."""
    asked = Section.objects.filter(version=bid.response.version_id, questions__key=SUMMARY_KEY, repeats=False).first()
    if asked is not None and bid.summary:
        engine.save_answers(bid.response, asked, {SUMMARY_KEY: bid.summary})


def bid_of_expression(case: Expression, user: Any) -> Panel | None:
    """The way from an expression to its bid, for those who see the bid."""
    if case.state != ExpressionState.INVITED:
        return None
    bid = Bid.objects.visible_to(user).filter(expression=case).first()
    words = (
        "The bid that came of it:"
        if bid is not None
        else "A draft bid was begun for the body. You can read it once it is submitted."
    )
    return Panel("The bid", "grants/bid_expression.html", {"case": bid, "words": words})


def expression_of_bid(bid: Bid, user: Any) -> Panel | None:
    """What the body had in mind, without a query: it is read with the bid."""
    source = bid.expression
    if source is None:
        return None
    context = {"case": source, "words": "This bid came of an expression of interest:", "answer": source.answer}
    return Panel("How this bid began", "grants/bid_expression.html", context)


def register() -> None:
    panel(Expression)(bid_of_expression)
    panel(Bid)(expression_of_bid)
    life_step(
        LifeStep(
            order=15,
            name="Interest",
            model=Expression,
            path="bid__file",
            done=frozenset({ExpressionState.INVITED}),
            where_there_is=True,
        )
    )
