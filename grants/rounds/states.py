"""The states of a round. "Open" is published and between its moments, not a state."""

from django.db import models


class RoundState(models.TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    SETTLED = "settled", "Settled"
    CANCELLED = "cancelled", "Cancelled"


COLOURS = {"draft": "grey", "published": "blue", "settled": "green", "cancelled": "red"}
