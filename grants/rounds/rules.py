"""Who may run rounds."""

from typing import Any

import rules

from grants.rounds.states import RoundState
from partnerships.organisations.rules import is_administrator, is_officer


@rules.predicate
def is_draft(user: Any, case: Any) -> bool:
    return case is not None and case.state == RoundState.DRAFT


@rules.predicate
def is_published(user: Any, case: Any) -> bool:
    return case is not None and case.state == RoundState.PUBLISHED


rules.add_perm("grants.manage_round", is_officer)
rules.add_perm("grants.manage_reminders", is_officer | is_administrator)
rules.add_perm("grants.change_round", is_officer & is_draft)
rules.add_perm("grants.amend_round", is_officer & is_published)
rules.add_perm("grants.extend_round", is_officer & is_published)
