"""The states of a return. "Late" is no state: it is the due date compared with today."""

from django.db import models


class ReturnState(models.TextChoices):
    SCHEDULED = "scheduled", "Scheduled"
    OPEN = "open", "Open"
    PREPARED = "prepared", "Prepared"
    SUBMITTED = "submitted", "Submitted"
    QUERIED = "queried", "Queried"
    ACCEPTED = "accepted", "Accepted"
    WAIVED = "waived", "Waived"


S = ReturnState
EDITABLE = [S.OPEN, S.QUERIED]
# Still to come from the partnership for the first time; whether it has been sent before is asked beside it.
AWAITED = [S.SCHEDULED, S.OPEN, S.PREPARED]
CERTIFIED = [S.SUBMITTED, S.ACCEPTED]
SETTLED = [S.ACCEPTED, S.WAIVED]
# Figures that count towards a grant's total: certified once, and not taken back.
COUNTED = [S.SUBMITTED, S.QUERIED, S.ACCEPTED]

COLOURS = {
    "scheduled": "grey",
    "open": "yellow",
    "prepared": "purple",
    "submitted": "blue",
    "queried": "orange",
    "accepted": "green",
    "waived": "grey",
}
