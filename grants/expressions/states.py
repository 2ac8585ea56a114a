"""The states of an expression of interest, with the groups that lists and rules ask for."""

from django.db import models


class ExpressionState(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waiting for an answer"
    INVITED = "invited", "Invited to bid"
    NOT_INVITED = "not_invited", "Not invited"
    WITHDRAWN = "withdrawn", "Withdrawn"


S = ExpressionState
# What the body may still come to: those who wrote it are told of changes to the round.
LIVE = [S.DRAFT, S.SUBMITTED]
HAVE_BEEN_SUBMITTED = [S.SUBMITTED, S.INVITED, S.NOT_INVITED]
ANSWERED = [S.INVITED, S.NOT_INVITED]

COLOURS = {"draft": "grey", "submitted": "blue", "invited": "green", "not_invited": "red", "withdrawn": "grey"}
