"""An award as the public reads it: every part is its value, or that it is withheld and why. Page, list and Excel use the same words."""

from __future__ import annotations

from typing import Any

from casework import clock
from grants.decisions.models import Award, PublicationHold

Part = PublicationHold.Part
NONE = "None"
"""A value in law: the conditions are published, if there are any (Specified Information Order 2011, Schedule 3(f))."""


def withheld(award: Any, part: str) -> str:
    """Why this part is not published; nothing when it is."""
    ground = getattr(award, f"{part}_ground")
    return f"Withheld: {ground}" if ground is not None else ""


def recipient(award: Any) -> str:
    """Who is paid, and for whom when that is another body: a partnership is usually no legal body."""
    if why := withheld(award, Part.RECIPIENT):
        return why
    return award.recipient if award.recipient == award.applicant else f"{award.recipient} for {award.applicant}"


def title(award: Any) -> str:
    return withheld(award, Part.PURPOSE) or award.title


def purpose(award: Any) -> str:
    """The project's name and what it is about."""
    return withheld(award, Part.PURPOSE) or f"{award.title}\n{award.summary}".strip()


def areas(award: Any) -> str:
    if why := withheld(award, Part.PLACE):
        return why
    return ", ".join(area.name for area in award.bid.areas.all()) or "The whole police area"


def conditions(award: Award) -> list[str]:
    """Each condition with when it applies; an empty list where there is none."""
    found = []
    for condition in award.conditions.all():
        due = f", {condition.due.day} {condition.due:%B %Y}" if condition.due else ""
        found.append(f"{condition.text} ({condition.get_when_display().lower()}{due})")
    return found


def conditions_text(award: Award) -> str:
    return "\n".join(conditions(award)) or NONE


def route(award: Any) -> str:
    """How the money was given: in competition, or to a named body and then which grant it continues."""
    before = award.bid.continues
    named = f" of {before.reference}" if before is not None and not _held(award) else ""
    return f"{award.decision.round.get_route_display()}{named}"


def route_reason(award: Any) -> str:
    """Why nobody competed for it; nothing where they did. It may name what is held back, so it goes with any part of it."""
    return (_held(award) or award.bid.route_reason) if award.bid.begun_by_office else ""


def _held(award: Any) -> str:
    return next(filter(None, (withheld(award, part) for part in (Part.RECIPIENT, Part.PURPOSE, Part.PLACE))), "")


def decided_on(award: Award) -> Any:
    """The London date of the decision."""
    moment = award.decision.decided_at
    return clock.local_date(moment) if moment is not None else None


def legal_power(award: Award) -> str:
    power = award.decision.legal_power
    return f"{power.name} ({power.statute})"


def not_taken_up_on(award: Any) -> Any:
    """The London date on which it was recorded that the recipient does not take the award up."""
    moment = award.bid.lapsed_at
    return clock.local_date(moment) if moment is not None else None


def standing(award: Award) -> str:
    """What became of the award, where that is not that it stands."""
    day = not_taken_up_on(award)
    return f"Not taken up: recorded on {day.day} {day:%B %Y}, so nothing is committed" if day is not None else ""
