"""The states of a decision and the outcomes of an award."""

from django.db import models


class DecisionState(models.TextChoices):
    DRAFT = "draft", "Draft"
    RECOMMENDED = "recommended", "Recommended"
    MADE = "made", "Made"
    PUBLISHED = "published", "Published"
    WITHDRAWN = "withdrawn", "Withdrawn"


S = DecisionState
IN_FORCE = [S.MADE, S.PUBLISHED]
LIVE = [S.RECOMMENDED, *IN_FORCE]

COLOURS = {"draft": "grey", "recommended": "blue", "made": "purple", "published": "green", "withdrawn": "grey"}
