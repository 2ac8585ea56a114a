"""The states of an offer and of an agreement."""

from django.db import models


class OfferState(models.TextChoices):
    DRAFT = "draft", "With the partner"
    PROPOSED = "proposed", "Proposed"
    QUERIED = "queried", "Queried"
    AGREED = "agreed", "Agreed"
    WITHDRAWN = "withdrawn", "Withdrawn"


class AgreementState(models.TextChoices):
    DRAFT = "draft", "Draft"
    ISSUED = "issued", "Issued"
    ACCEPTED = "accepted", "Accepted"
    ACTIVE = "active", "Active"
    SUSPENDED = "suspended", "Suspended"
    ENDED = "ended", "Ended"
    CLOSED = "closed", "Closed"
    WITHDRAWN = "withdrawn", "Withdrawn"


OFFER_EDITABLE = [OfferState.DRAFT, OfferState.QUERIED]
A = AgreementState
# What only the office sees: not sent yet, or never sent.
UNISSUED = [A.DRAFT, A.WITHDRAWN]
SIGNED = [A.ACTIVE, A.SUSPENDED, A.ENDED, A.CLOSED]
LIVE = [A.ISSUED, A.ACCEPTED, A.ACTIVE, A.SUSPENDED]

OFFER_COLOURS = {"draft": "yellow", "proposed": "blue", "queried": "orange", "agreed": "green", "withdrawn": "grey"}
COLOURS = {
    "draft": "grey",
    "issued": "blue",
    "accepted": "light-blue",
    "active": "green",
    "suspended": "orange",
    "ended": "purple",
    "closed": "grey",
    "withdrawn": "grey",
}
