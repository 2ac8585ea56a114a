"""Who may score, judge gates and moderate."""

from __future__ import annotations

from typing import Any

import rules

from grants.assessment.models import Assessment
from grants.assessment.queries import stepped_aside
from grants.assessment.states import AssessmentState
from grants.bids.rules import has_own_interest
from partnerships.organisations.rules import is_assessor, is_caseworker, is_finance_officer, is_officer


@rules.predicate
def is_own_assessment(user: Any, assessment: Any) -> bool:
    return assessment is not None and assessment.assessor_id == user.pk


@rules.predicate
def has_declared_for(user: Any, bid: Any) -> bool:
    """Is assigned to this bid and has declared to have no interest in it."""
    mine = Assessment.objects.filter(bid=bid, assessor=user, declared_at__isnull=False)
    return bid is not None and mine.exclude(state=AssessmentState.CONFLICTED).exists()


@rules.predicate
def declared_conflict(user: Any, bid: Any) -> bool:
    """Stepped aside from this bid as its assessor, and so from judging it in any other role."""
    return bid is not None and stepped_aside(bid, user)


rules.add_perm("grants.read_checks", is_caseworker & ~has_own_interest)
rules.add_perm("grants.check_bidder", (is_officer | is_finance_officer) & ~has_own_interest)
rules.add_perm("grants.score_assessment", (is_assessor | is_officer) & is_own_assessment & ~has_own_interest)
rules.add_perm("grants.record_gates", ~has_own_interest & ((is_officer & ~declared_conflict) | (is_assessor & has_declared_for)))
rules.add_perm("grants.moderate_bid", is_officer & ~has_own_interest & ~declared_conflict)
