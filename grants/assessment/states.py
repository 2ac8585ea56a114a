"""The states of one assessor's assessment."""

from django.db import models


class AssessmentState(models.TextChoices):
    ASSIGNED = "assigned", "To be scored"
    CONFLICTED = "conflicted", "Conflict of interest"
    SCORED = "scored", "Scored"


COLOURS = {"assigned": "blue", "conflicted": "orange", "scored": "green"}
