"""What due diligence says to a decision: it warns of what is open, and stops an award only where the round wants a check done first."""

from __future__ import annotations

from typing import Any

from casework.workflow import require
from grants.assessment.diligence import Standing, open_words, standings
from grants.decisions.models import Award, Decision


def _funded(decision: Decision) -> list[tuple[Award, list[Standing]]]:
    """The awards of money with the checks of their bids, in one query."""
    awards = [award for award in decision.all_awards() if award.funded]
    for award in awards:
        award.bid.round = decision.round
    found = standings([award.bid for award in awards]) if awards else {}
    return [(award, found[award.bid_id]) for award in awards]


def checks_done(decision: Decision) -> list[str]:
    """The checks that the round wants done before an award; a round that wants none costs no query."""
    if not decision.round.wanted_checks:
        return []
    named = [(award, open_words([row for row in found if row.wanted])) for award, found in _funded(decision)]
    return [f"Before {award.bid.reference} is awarded these checks must be done: {words}." for award, words in named if words]


def open_checks(decision: Decision, user: Any) -> list[str]:
    """What whoever recommends or makes it is warned of; nothing of a body that they serve themselves."""
    sentences = []
    for award, found in _funded(decision):
        number = sum(not row.settled for row in found)
        if number and user.has_perm("grants.read_checks", award.bid):
            checks = "1 due-diligence check is" if number == 1 else f"{number} due-diligence checks are"
            sentences.append(f"{award.bid.reference}: {checks} open: {open_words(found)}.")
    return sentences


def register() -> None:
    require(Decision, "make", "checks_done", checks_done)
