"""What a return tells its questions: the facts of the bid that the grant came from."""

from __future__ import annotations

from grants.bids.facts import question_facts
from monitoring.returns.models import Return
from questionnaires.facts import Facts, Later


def return_facts(case: Return) -> Facts:
    """Read when a rule first looks at one."""
    return Later(lambda: question_facts(case.bid))
