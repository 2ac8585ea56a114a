"""Who writes, prepares and certifies a return."""

from __future__ import annotations

from typing import Any

import rules

from grants.bids.rules import certifies_for_accountable_body, coordinates_applicant
from monitoring.returns.states import EDITABLE


@rules.predicate
def is_editable(user: Any, case: Any) -> bool:
    return case is not None and case.state in EDITABLE


rules.add_perm("monitoring.change_return", coordinates_applicant & is_editable)
rules.add_perm("monitoring.prepare_return", coordinates_applicant)
rules.add_perm("monitoring.unprepare_return", coordinates_applicant | certifies_for_accountable_body)
rules.add_perm("monitoring.certify_return", certifies_for_accountable_body)
