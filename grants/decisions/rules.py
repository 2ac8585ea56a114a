"""Who may recommend, decide and publish. How much an officer may decide is a check of the step, not a role."""

from __future__ import annotations

from typing import Any

import rules

from grants.bids.rules import has_own_interest
from grants.decisions.states import DecisionState
from partnerships.organisations.rules import (
    is_chief_executive,
    is_chief_finance_officer,
    is_commissioner,
    is_communications,
    is_officer,
)

may_decide = is_commissioner | is_chief_executive | is_chief_finance_officer | is_officer


@rules.predicate
def is_draft(user: Any, decision: Any) -> bool:
    return decision is not None and decision.state == DecisionState.DRAFT


rules.add_perm("grants.create_decision", is_officer)
rules.add_perm("grants.recommend_decision", is_officer)
rules.add_perm("grants.change_decision", is_officer & is_draft)
rules.add_perm("grants.make_decision", may_decide)
rules.add_perm("grants.decide_bid", may_decide & ~has_own_interest)
rules.add_perm("grants.tell_bidders", is_officer)
rules.add_perm("grants.withdraw_decision", is_officer | is_commissioner)
rules.add_perm("grants.undo_decision", (is_officer | is_commissioner) & ~has_own_interest)
rules.add_perm("grants.publish_decision", is_officer | is_communications)
rules.add_perm("grants.over_allocate", is_commissioner | is_chief_executive)
rules.add_perm("grants.hold_publication", is_commissioner | is_chief_executive)
