"""Question sets as data. A set has versions; a version freezes when it is first used; answers hang on a response."""

from __future__ import annotations

from typing import Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

MOST_ROWS = 50
"""No repeating section takes more rows than this; a section may allow fewer."""


class Visible(models.QuerySet[Any]):
    """Question sets belong to the office: whoever may read one may read all. The rooms above say who that is."""

    def visible_to(self, user: Any) -> Self:
        return self.all() if user.has_perm("questionnaires.read_sets") else self.none()


class QuestionSet(models.Model):
    """A form that the office owns, whatever its versions."""

    class Purpose(models.TextChoices):
        BID = "bid", "Bids"
        RETURN = "return", "Returns"

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.BID)

    objects = Visible.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class QuestionSetVersion(models.Model):
    """One wording of a set. Frozen when a round or an agreement first uses it.

    `checks` are rules across questions with their own message: [{"at": key, "wrong": rules, "message": sentence}], where `rules` are
    written as those of a question and say when the answers are wrong. `edits` counts the changes to a draft, so that two people who
    change it at once are told.
    """

    question_set = models.ForeignKey(QuestionSet, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    checks = models.JSONField(default=list, blank=True)
    edits = models.PositiveIntegerField(default=0)
    frozen_at = models.DateTimeField(null=True, blank=True)

    objects = Visible.as_manager()

    class Meta:
        ordering = ["question_set", "-number"]
        constraints = [models.UniqueConstraint(fields=["question_set", "number"], name="questionnaires_version_once")]

    def __str__(self) -> str:
        return f"{self.question_set} (version {self.number})"

    def get_absolute_url(self) -> str:
        return f"/questions/{self.question_set.key}/{self.number}/"

    @property
    def reference(self) -> str:
        """What pages and refusals call it."""
        return str(self)

    @property
    def version(self) -> int:
        """The count of changes, by the name that every form of the house posts."""
        return self.edits


class Section(models.Model):
    """A page of questions. One that repeats is asked once for each row, as for each partner of a project."""

    version = models.ForeignKey(QuestionSetVersion, on_delete=models.CASCADE, related_name="sections")
    key = models.SlugField()
    title = models.CharField(max_length=120)
    intro = models.CharField(max_length=500, blank=True)
    repeats = models.BooleanField(default=False)
    row_noun = models.CharField(max_length=40, blank=True)
    min_rows = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(MOST_ROWS)])
    max_rows = models.PositiveSmallIntegerField(
        default=MOST_ROWS, validators=[MinValueValidator(1), MaxValueValidator(MOST_ROWS)]
    )
    rules = models.JSONField(default=dict, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="questionnaires_section_once"),
            models.CheckConstraint(condition=Q(min_rows__lte=models.F("max_rows")), name="questionnaires_rows_in_order"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def noun(self) -> str:
        """What one row is called, "Partner" of "Partner 2"."""
        return self.row_noun or "Row"


class Question(models.Model):
    """One question. `rules` holds when it is asked: {"all"|"any": [{"question", "op", "value"}]}, earlier questions only.

    `minimum` and `maximum` are written as an answer of the kind is kept: "5", "5.00", "2026-04-01"; of a percentage they are per cent,
    of several choices how many. Empty is no limit.
    """

    class Kind(models.TextChoices):
        SHORT_TEXT = "short_text", "Short text"
        LONG_TEXT = "long_text", "Long text with a word limit"
        NUMBER = "number", "Whole number"
        MONEY = "money", "Amount of money"
        PERCENTAGE = "percentage", "Percentage: how many out of how many"
        DATE = "date", "Date"
        YES_NO = "yes_no", "Yes or no"
        ONE_OF = "one_of", "One of a list"
        SEVERAL_OF = "several_of", "Several of a list"
        FILE = "file", "File"

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="questions")
    key = models.SlugField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    text = models.CharField(max_length=300)
    hint = models.CharField(max_length=500, blank=True)
    guidance = models.TextField(max_length=4000, blank=True)
    required = models.BooleanField(default=True)
    max_words = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(10_000)])
    choices = models.JSONField(default=list, blank=True)
    minimum = models.CharField(max_length=20, blank=True)
    maximum = models.CharField(max_length=20, blank=True)
    rules = models.JSONField(default=dict, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["section__order", "section", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["section", "key"], name="questionnaires_question_once"),
            models.CheckConstraint(
                condition=~Q(kind="long_text") | Q(max_words__gte=1), name="questionnaires_longtext_has_limit"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Response(models.Model):
    """One filled-in copy of a version; a bid or a return points to it."""

    version = models.ForeignKey(QuestionSetVersion, on_delete=models.PROTECT, related_name="responses")

    def __str__(self) -> str:
        return f"Response {self.pk}"


class Answer(models.Model):
    """What was answered. `repeat` counts the rows of a repeating section from 0; a missing row is unanswered, an empty value is left
    blank. How each kind is kept stands in kinds.py."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="answers")
    question_key = models.SlugField()
    repeat = models.PositiveSmallIntegerField(default=0)
    value = models.JSONField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["response", "question_key", "repeat"]
        constraints = [
            models.UniqueConstraint(fields=["response", "question_key", "repeat"], name="questionnaires_answer_once"),
        ]

    def __str__(self) -> str:
        return self.question_key
