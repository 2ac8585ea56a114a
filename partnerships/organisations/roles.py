"""The roles people hold, by the kind of body that gives them."""

from django.db import models


class Role(models.TextChoices):
    """A membership's role. What each may do is in the rooms' rules, not here."""

    COMMISSIONER = "commissioner", "Commissioner"
    CHIEF_EXECUTIVE = "chief_executive", "Chief executive"
    CHIEF_FINANCE_OFFICER = "chief_finance_officer", "Chief finance officer"
    COMMISSIONING_OFFICER = "commissioning_officer", "Commissioning officer"
    ASSESSOR = "assessor", "Assessor"
    FINANCE_OFFICER = "finance_officer", "Finance officer"
    COMMUNICATIONS = "communications", "Communications officer"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"
    COORDINATOR = "coordinator", "Coordinator"
    CHAIR = "chair", "Chair"
    SIGNATORY = "signatory", "Signatory"
    FINANCE_SIGNATORY = "finance_signatory", "Finance signatory"
    DELIVERY_LEAD = "delivery_lead", "Delivery lead"
    VIEWER = "viewer", "Viewer"
    MEMBER = "member", "Member"
    PANEL_MEMBER = "panel_member", "Panel member"


OFFICE_ROLES = frozenset(
    {
        Role.COMMISSIONER,
        Role.CHIEF_EXECUTIVE,
        Role.CHIEF_FINANCE_OFFICER,
        Role.COMMISSIONING_OFFICER,
        Role.ASSESSOR,
        Role.FINANCE_OFFICER,
        Role.COMMUNICATIONS,
        Role.AUDITOR,
        Role.ADMINISTRATOR,
    }
)
# Those of the office who work on cases: an administrator configures, and sees no bid by that alone.
CASEWORKERS = OFFICE_ROLES - {Role.ADMINISTRATOR}
PARTNER_ROLES = frozenset({Role.COORDINATOR, Role.CHAIR, Role.SIGNATORY, Role.FINANCE_SIGNATORY, Role.DELIVERY_LEAD, Role.VIEWER})
BOARD_ROLES = frozenset({Role.MEMBER, Role.PANEL_MEMBER, Role.CHAIR})


class Seat(models.TextChoices):
    """How a membership is held. An office seat on a partnership or board is shown, and is no conflict of interest."""

    EMPLOYMENT = "employment", "Employment"
    OFFICE_SEAT = "office_seat", "Seat held for the office"
    ELECTED = "elected", "Elected"
    CO_OPTED = "co_opted", "Co-opted"


# What somebody who invites reads beside a partner's role.
HINTS = {
    Role.COORDINATOR: "Writes bids, offers and returns",
    Role.CHAIR: "Reads everything of the body and looks after its people",
    Role.SIGNATORY: "Submits bids and accepts agreements for the body",
    Role.FINANCE_SIGNATORY: "Certifies returns for the body",
    Role.DELIVERY_LEAD: "Reads the body’s bids, agreements and returns",
    Role.VIEWER: "Reads the body’s bids, agreements and returns",
    Role.MEMBER: "Is shown on the body’s page",
}
