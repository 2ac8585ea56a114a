"""The states of an instalment. "Held" is no state: it is derived from the obligations it depends on."""

from django.db import models


class InstalmentState(models.TextChoices):
    SCHEDULED = "scheduled", "Scheduled"
    CLAIMED = "claimed", "Claimed"
    PREPARED = "prepared", "Prepared"
    APPROVED = "approved", "Approved"
    PAID = "paid", "Paid"
    CANCELLED = "cancelled", "Cancelled"


S = InstalmentState
TO_COME = [S.SCHEDULED, S.CLAIMED, S.PREPARED, S.APPROVED]

COLOURS = {
    "scheduled": "grey",
    "claimed": "light-blue",
    "prepared": "blue",
    "approved": "purple",
    "paid": "green",
    "cancelled": "red",
}
