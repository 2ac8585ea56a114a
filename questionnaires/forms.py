"""A section of questions as a form, from the same rows that the check and the printed copy read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator

from casework.forms import WordLimitedField
from casework.forms.draft import DraftForm
from questionnaires.conditions import asked_among, depends_on, is_blank
from questionnaires.engine import Item
from questionnaires.models import Question

PREFIX = "q-"
LONGEST_SHORT = 300
LETTERS_A_WORD = 30
"""No answer is longer than this times its words: a limit in words alone would take a megabyte without a space."""


class SectionForm(DraftForm):
    """`items` are all questions of the version with their answers; the form asks those of one section.

    A question whose rule looks at another of the same page is shown, and needed only if what was typed makes it asked.
    """

    def __init__(self, *args: Any, items: Sequence[Item], section_key: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items, self.section_key = items, section_key
        for item in self._shown():
            name = field_name(item.question)
            self.fields[name] = _field(item.question, always_asked=not self._turns_on_this_page(item.question))
            self.initial.setdefault(name, item.value)

    def _own_keys(self) -> set[str]:
        return {item.question.key for item in self.items if item.section.key == self.section_key}

    def _turns_on_this_page(self, question: Question) -> bool:
        return not depends_on(question).isdisjoint(self._own_keys())

    def _shown(self) -> list[Item]:
        answers = {item.question.key: item.value for item in self.items}
        asked = {question.pk for question in asked_among([item.question for item in self.items], answers)}
        own = [item for item in self.items if item.section.key == self.section_key]
        return [item for item in own if item.question.pk in asked or self._turns_on_this_page(item.question)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        answers = {item.question.key: item.value for item in self.items} | self.values()
        for question in asked_among([item.question for item in self.items], answers):
            field = self.fields.get(field_name(question))
            if field is None or field.required or not question.required or field_name(question) in self.errors:
                continue
            if is_blank(answers.get(question.key)):
                self.late_error(field_name(question), str(field.error_messages["required"]))
        return cleaned

    def values(self) -> dict[str, str]:
        """What was typed, by question key."""
        names = {field_name(item.question): item.question.key for item in self.items}
        return {names[name]: value for name, value in self.cleaned_data.items() if name in names}


def field_name(question: Question) -> str:
    """The name of a question's field; never that of the form's own `version`."""
    return PREFIX + question.key


def _field(question: Question, *, always_asked: bool) -> forms.Field:
    common: dict[str, Any] = {
        "label": question.text,
        "help_text": question.hint,
        "required": question.required and always_asked,
    }
    if question.max_words:
        rows = 3 if question.kind == Question.Kind.SHORT_TEXT else max(5, min(16, question.max_words // 20))
        longest = MaxLengthValidator(question.max_words * LETTERS_A_WORD)  # a validator, so that the box itself cuts nothing
        return WordLimitedField(max_words=question.max_words, rows=rows, validators=[longest], **common)
    return forms.CharField(max_length=LONGEST_SHORT, **common)


def sections_in(items: Iterable[Item]) -> dict[str, str]:
    """The titles of the sections by key, in order."""
    return {item.section.key: item.section.title for item in items}
