"""Bids that the office begins without competition: a direct award, or a grant that goes on. The body confirms the figures by submitting."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from casework.outbox import queue
from casework.workflow import NotPermitted, Refused, unit
from grants.bids.models import Bid
from grants.bids.services import NOT_NOW, new_bid
from grants.rounds.models import Round
from partnerships.organisations.models import Organisation
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with, standing_of


def begin_for_body(
    *, round: Round, applicant: Organisation, title: str, reason: str, by: Any, continues: Bid | None = None
) -> Bid:
    """Begin a bid for a named body; `reason` says why nobody competes for the money, and is published with the award.

    The body's coordinators are told: they put the figures right, and a signatory submits them.
    """
    if not by.has_perm("grants.begin_bid"):
        raise NotPermitted("Awards without competition are entered by commissioning officers.")
    bodies = {applicant.pk, applicant.usual_accountable_body_id}
    if not standing_of(by).own.isdisjoint(bodies):
        raise NotPermitted(f"You serve {applicant}, so somebody else must do this.")
    if round.way.competed:
        raise Refused(f"Bidders begin their own bids in {round.reference}.")
    if not reason.strip():
        raise ValidationError({"reason": f"Enter {round.way.why[:1].lower()}{round.way.why[1:]}"})
    if not round.takes_bids():
        raise Refused(NOT_NOW)
    with unit():
        began = {"route_reason": reason.strip(), "continues": continues}
        bid = new_bid(round=round, applicant=applicant, title=title, by=by, **began)
        queue("bid_begun", to=people_with(Role.COORDINATOR, [applicant.pk]), about=bid, cause="begun")
    return bid
