"""How much is asked of a grant: what each tier asks at every step, in one table. Rooms ask `round.asks`; no step keeps a list of its own.

Two tiers are usual: small up to £5,000 (one page, one assessor, an officer's decision, an offer letter, one payment, one end report),
full above.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models


class Tier(models.TextChoices):
    """Sets the form of the bid, assessors, who decides, the form of agreement, payment and returns."""

    STANDARD = "standard", "Standard"
    SMALL = "small", "Small (up to £5,000)"


@dataclass(frozen=True)
class Asks:
    """What a tier asks at each step of a grant."""

    one_page: bool
    """The bid is one page instead of a list of sections; it asks neither for milestones nor match nor the kind of change."""
    assessors: int
    """How many must score a bid. Where one is enough, what they scored is what is agreed, and an officer may be the one."""
    recommended: bool
    """Somebody recommends and somebody else decides. Otherwise the assessment is the recommendation."""
    fitted: bool
    """After the award the partner fits its lines and targets to it. Otherwise the offer is the award as it was decided."""
    countersigned: bool
    """Both sides sign an agreement. Otherwise an offer letter is in force once one person accepts it, and goes out with the outcome."""
    one_payment: bool
    end_report: bool
    """One report at the end, with receipts, instead of one for each half-year."""


TIERS: Mapping[Tier, Asks] = {
    Tier.STANDARD: Asks(
        one_page=False,
        assessors=2,
        recommended=True,
        fitted=True,
        countersigned=True,
        one_payment=False,
        end_report=False,
    ),
    Tier.SMALL: Asks(
        one_page=True,
        assessors=1,
        recommended=False,
        fitted=False,
        countersigned=False,
        one_payment=True,
        end_report=True,
    ),
}
