"""What a person, or a bid, may not do at a step, each in a sentence."""

from __future__ import annotations

from typing import Any

from casework.history import worked_on
from casework.workflow import says
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of


def not_while_untold(case: Any, by: Any) -> str | None:
    """A place on the reserve list is refused in the words of an award and a decline, or this step would tell them apart."""
    return f"{case.as_it_stands(by)}, so this can no longer be done." if case.is_untold else None


@says("The bidder does not know of the award yet: tell them first, or withdraw the decision")
def bidder_knows(case: Any) -> bool:
    return not case.is_untold


@says("An award to this bid was not taken up, so it stays as it was decided: begin a new bid")
def was_not_let_go(case: Any) -> bool:
    return case.lapsed_at is None


def cover_did_not_write(case: Any, by: Any) -> str | None:
    """Whoever covers acts never on what they prepared; a signatory in their own right may have written the bid too."""
    if standing_of(by).only_covers(case.accountable_body_id, Role.SIGNATORY) and worked_on(by, case):
        return "You cover for a signatory and worked on this bid yourself, so somebody else must submit it"
    return None
