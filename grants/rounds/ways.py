"""How money is given and how much is asked for it: what each route and each tier means at every step, in one table each. Rooms ask
`round.way` and `round.asks`; no step keeps a list of its own.

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


class Route(models.TextChoices):
    """How bids come to a round."""

    OPEN = "open", "Open to bids"
    EXPRESSION = "expression", "Expression of interest first"
    DIRECT = "direct", "Direct award"
    CONTINUATION = "continuation", "Continuation of named grants"


@dataclass(frozen=True)
class Way:
    """What a route means at each step."""

    competed: bool
    """Bidders begin their bids, and assessors score them. Otherwise the office begins each with a reason that is published; the body
    confirms the figures by submitting them, and of an assessment there are the gates alone."""
    expressed: bool = False
    """Bodies first say on one page what they have in mind; a bid begins with the office's invitation alone."""
    commissioner: bool = False
    """Only the Commissioner decides, whatever the scheme of delegation says."""
    why: str = ""
    """What the published reason is called."""
    hint: str = ""
    invites: str = ""
    """What the public reads of it while the round is published."""

    @property
    def open(self) -> bool:
        """Whoever may bid begins a bid without being asked."""
        return self.competed and not self.expressed


ROUTES: Mapping[Route, Way] = {
    Route.OPEN: Way(competed=True, hint="Those who may bid write their bids, and the best are chosen"),
    Route.EXPRESSION: Way(
        competed=True,
        expressed=True,
        hint="Those who may bid first say on one page what they have in mind, and the office invites full bids",
        invites="Tell us first what you have in mind. We then invite full bids: a bid begins with our invitation.",
    ),
    Route.DIRECT: Way(
        competed=False,
        why="Why there was no competition",
        hint="The office names a body without competition and publishes why",
        invites="No bids are invited: the office names whom it funds, and publishes why there was no competition.",
    ),
    Route.CONTINUATION: Way(
        competed=False,
        commissioner=True,
        why="Why the grant is continued",
        hint="Grants that a review would destabilise go on; the Commissioner decides on each",
        invites="No bids are invited: grants that a review would destabilise go on, each with a published reason.",
    ),
}


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
