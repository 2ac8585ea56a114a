"""Question sets as data. A set has versions; a version freezes when it is first used; answers hang on a response."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q


class QuestionSet(models.Model):
    """A form that the office owns, whatever its versions."""

    key = models.SlugField(unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class QuestionSetVersion(models.Model):
    """One wording of a set. Frozen when a round or an agreement first uses it."""

    question_set = models.ForeignKey(QuestionSet, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["question_set", "-number"]
        constraints = [models.UniqueConstraint(fields=["question_set", "number"], name="questionnaires_version_once")]

    def __str__(self) -> str:
        return f"{self.question_set} (version {self.number})"


class Section(models.Model):
    """A page of questions."""

    version = models.ForeignKey(QuestionSetVersion, on_delete=models.CASCADE, related_name="sections")
    key = models.SlugField()
    title = models.CharField(max_length=120)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["version", "key"], name="questionnaires_section_once")]

    def __str__(self) -> str:
        return self.title


class Question(models.Model):
    """One question. `rules` holds when it is asked: {"all"|"any": [{"question", "op", "value"}]}, earlier questions only."""

    class Kind(models.TextChoices):
        SHORT_TEXT = "short_text", "Short text"
        LONG_TEXT = "long_text", "Long text with a word limit"

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="questions")
    key = models.SlugField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    text = models.CharField(max_length=300)
    hint = models.CharField(max_length=500, blank=True)
    required = models.BooleanField(default=True)
    max_words = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    rules = models.JSONField(default=dict, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["section__order", "section", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["section", "key"], name="questionnaires_question_once"),
            models.CheckConstraint(
                condition=Q(kind="short_text") | Q(max_words__gte=1), name="questionnaires_longtext_has_limit"
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
    """What was answered. `repeat` counts the rows of a repeating group; a missing row is unanswered, an empty value is left blank."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="answers")
    question_key = models.SlugField()
    repeat = models.PositiveSmallIntegerField(default=0)
    value = models.JSONField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["response", "question_key", "repeat"]
        constraints = [
            models.UniqueConstraint(fields=["response", "question_key", "repeat"], name="questionnaires_answer_once"),
        ]

    def __str__(self) -> str:
        return self.question_key
