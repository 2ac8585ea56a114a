"""The states of a bid, with the groups that lists and rules ask for."""

from django.db import models


class BidState(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    RETURNED = "returned", "Returned for changes"
    ASSESSING = "assessing", "Being assessed"
    INELIGIBLE = "ineligible", "Not eligible"
    ASSESSED = "assessed", "Assessed"
    AWARDED = "awarded", "Awarded"
    RESERVE = "reserve", "On the reserve list"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"


S = BidState
EDITABLE = [S.DRAFT, S.RETURNED]
WITH_OFFICE = [S.SUBMITTED, S.ASSESSING, S.ASSESSED]
# Until a bid is assessed its partners may be asked; what is decided afterwards must not show in it.
NOT_ASSESSED = [*EDITABLE, S.SUBMITTED, S.ASSESSING]
UNDECIDED = [*EDITABLE, *WITH_OFFICE]
DECIDED = [S.AWARDED, S.RESERVE, S.DECLINED, S.INELIGIBLE]
# A bidder sees these only once they were told of them.
TOLD_LATER = [S.AWARDED, S.RESERVE, S.DECLINED]
# What is noted on a bid when its bidder is told: steps of deciding before it are known to them.
TOLD = "told the bidder of the outcome"
# Text submitted once: these states carry the moment and the signatory.
HAVE_BEEN_SUBMITTED = [S.SUBMITTED, S.ASSESSING, S.INELIGIBLE, S.ASSESSED, S.AWARDED, S.RESERVE, S.DECLINED]

COLOURS = {
    "draft": "grey",
    "submitted": "blue",
    "returned": "yellow",
    "assessing": "purple",
    "ineligible": "red",
    "assessed": "light-blue",
    "awarded": "green",
    "reserve": "orange",
    "declined": "red",
    "withdrawn": "grey",
}
