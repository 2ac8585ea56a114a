"""Who may score."""

from __future__ import annotations

from typing import Any

import rules

from grants.bids.rules import has_own_interest
from partnerships.organisations.rules import is_assessor


@rules.predicate
def is_own_assessment(user: Any, assessment: Any) -> bool:
    return assessment is not None and assessment.assessor_id == user.pk


rules.add_perm("grants.score_assessment", is_assessor & is_own_assessment & ~has_own_interest)
