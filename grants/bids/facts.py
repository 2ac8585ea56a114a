"""What a bid tells the questions of its round and of its returns, so that nobody is asked twice."""

from __future__ import annotations

from grants.bids.models import Bid, Category
from grants.bids.queries import carries_facts
from grants.bids.shapes import LineCategory
from partnerships.organisations.models import Organisation
from questionnaires.facts import Fact, Facts, Later, offer_fact
from questionnaires.models import Question

Kind = Question.Kind
offer_fact(Fact("bid.amount_requested", "Amount requested", Kind.MONEY))
offer_fact(Fact("bid.category", "Category of the bid", Kind.ONE_OF, tuple(str(label) for label in Category.labels)))
offer_fact(
    Fact("bid.applicant_kind", "Kind of body that applies", Kind.ONE_OF, tuple(str(kind) for kind in Organisation.Kind.labels))
)
offer_fact(Fact("bid.capital", "Asks for capital items", Kind.YES_NO))


def question_facts(bid: Bid) -> Facts:
    """The bid's own facts as answers, read when a rule first looks at one."""
    return Later(lambda: _facts(bid))


def _facts(bid: Bid) -> Facts:
    known = bid if carries_facts(bid) else None
    return {
        "bid.amount_requested": None if bid.amount_requested is None else str(bid.amount_requested),
        "bid.category": bid.get_category_display() or None,
        "bid.applicant_kind": bid.applicant.get_kind_display(),
        "bid.capital": bool(known.fact_capital) if known else bid.lines.filter(category=LineCategory.CAPITAL).exists(),  # type: ignore[attr-defined]
    }
