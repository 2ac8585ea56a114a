"""Every table of the partnerships floor, where Django looks for them."""

from partnerships.organisations.models import (
    Area,
    Cover,
    Identifier,
    LegalPower,
    Membership,
    OfficeIdentity,
    Organisation,
    ResponsibleAuthority,
    Succession,
)
from partnerships.organisations.models_invitations import Invitation
from partnerships.plans.models import MeasureDefinition, Objective, Outcome, Plan, Theme

__all__ = [
    "Area",
    "Cover",
    "Identifier",
    "Invitation",
    "LegalPower",
    "MeasureDefinition",
    "Membership",
    "Objective",
    "OfficeIdentity",
    "Organisation",
    "Outcome",
    "Plan",
    "ResponsibleAuthority",
    "Succession",
    "Theme",
]
