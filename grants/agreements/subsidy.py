"""Subsidy control: minimal financial assistance under the Subsidy Control Act 2022, sections 36 to 38 and 41.

At most £315,000 may go to one enterprise over this financial year so far and the two before. The office notifies the enterprise in
writing, holds the award until it has the enterprise's written confirmation, then confirms kind, date and gross value. An entry in the
national database is made within three months where such assistance is over £100,000. Only enterprises are asked: a body that offers
goods or services on a market. Public bodies carrying out their own functions are not asked; what a body is, the office sets on its page.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from casework import clock
from casework.history import CONFIRMED_SUBSIDY
from casework.money import ZERO, pounds
from casework.registry import Panel, WorkItem
from casework.workflow import NotPermitted, Refused, lock, record, unit
from grants.agreements.models import Agreement
from grants.agreements.subsidy_models import SubsidyConfirmation
from grants.bids.models import Bid
from grants.bids.states import BidState
from partnerships.organisations.models import Organisation
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of

MOST = Decimal(315_000)
ENTERED_ABOVE = Decimal(100_000)


def is_asked(bid: Bid) -> bool:
    """An enterprise that is given a grant, once it knows of it."""
    body = bid.accountable_body
    return body is not None and body.is_enterprise and bid.state == BidState.AWARDED and not bid.is_untold


def confirmation_of(bid: Bid) -> SubsidyConfirmation | None:
    return SubsidyConfirmation.objects.filter(bid=bid).select_related("by").first()


def years() -> str:
    """The financial years that count today, "2024-25, 2025-26 and 2026-27 so far"."""
    this = clock.financial_year(clock.today())
    before = ", ".join(clock.year_label(year) for year in (this - 2, this - 1))
    return f"{before} and {clock.year_label(this)} so far"


def declaration(bid: Bid, received: Decimal) -> str:
    """The words that a signatory confirms."""
    return (
        f"{bid.accountable_body} received {pounds(received)} of minimal financial assistance and comparable subsidies in {years()}. "
        f"With the {pounds(bid.amount_awarded or ZERO)} of this award it receives no more than {pounds(MOST)}. "
        "We agree to receive this award as minimal financial assistance under section 36 of the Subsidy Control Act 2022."
    )


def confirm(*, bid: Bid, received: Decimal, by: Any) -> SubsidyConfirmation:
    """Keep a signatory's confirmation; a second click keeps the first. Refused where the limit would be passed."""
    with unit():
        locked = lock(bid)
        if not by.has_perm("grants.confirm_subsidy", locked):
            raise NotPermitted(f"A signatory of {locked.accountable_body} gives this confirmation.")
        kept = confirmation_of(locked)
        if kept is not None:
            return kept
        if not is_asked(locked):
            raise Refused(f"{locked.reference} needs no confirmation of subsidy control now.")
        if received + (locked.amount_awarded or ZERO) > MOST:
            raise Refused(
                f"With this award {locked.accountable_body} would receive more than {pounds(MOST)}, so it cannot be given as minimal "
                "financial assistance. Tell the office, which has to look for another way."
            )
        kept = SubsidyConfirmation(
            bid=locked,
            received=received,
            given=locked.amount_awarded,
            declaration=declaration(locked, received),
            by=by,
            at=clock.now(),
        )
        kept.full_clean()
        kept.save()
        record(locked, CONFIRMED_SUBSIDY, by=by, changes={"received": str(received), "given": str(kept.given)})
    return kept


def confirmed(agreement: Agreement) -> list[str]:
    """Why an agreement cannot be issued yet: the award is held until the confirmation is held."""
    bid = agreement.bid
    if not is_asked(bid) or confirmation_of(bid) is not None:
        return []
    return [f"{bid.accountable_body} must first confirm subsidy control. Its signatories find it in their work"]


def panel_for(bid: Bid, user: Any) -> Panel | None:
    """On the bid's page, for both sides, only where an enterprise is asked."""
    if not is_asked(bid):
        return None
    kept = confirmation_of(bid)
    context = {
        "bid": bid,
        "confirmation": kept,
        "may_confirm": kept is None and user.has_perm("grants.confirm_subsidy", bid),
        "entered": standing_of(user).is_caseworker and (bid.amount_awarded or ZERO) > ENTERED_ABOVE,
    }
    return Panel("Subsidy control", "grants/subsidy_panel.html", context)


def waiting(user: Any) -> list[WorkItem]:
    """A signatory's: awards of enterprises that are held until they confirm. One query, none for those who sign for nobody."""
    bodies = standing_of(user).serving(Role.SIGNATORY)
    if not bodies:
        return []
    held = Bid.objects.visible_to(user).filter(
        state=BidState.AWARDED,
        told_at__isnull=False,
        known_as="",
        accountable_body__in=Organisation.objects.enterprises().filter(pk__in=bodies),
        subsidy_confirmation=None,
    )
    return [
        WorkItem(
            bid.title,
            f"/subsidy-control/{bid.reference}/",
            bid.reference,
            "Confirm subsidy control: the award is held until then",
        )
        for bid in held.order_by("pk")
    ]
