"""How one field meets the page: labels, hints, errors and ids in the GOV.UK Design System's form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from casework.forms.text import plain_text
from casework.forms.widgets import PARTS, DateInput
from casework.forms.words import BLANK_CHOICE, lower_first, set_words

_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.Textarea, "govuk-textarea"),
    (forms.CheckboxSelectMultiple, "govuk-checkboxes__input"),  # before RadioSelect, which it descends from
    (forms.RadioSelect, "govuk-radios__input"),
    (forms.CheckboxInput, "govuk-checkboxes__input"),
    (forms.Select, "govuk-select"),
    (forms.FileInput, "govuk-file-upload"),
    (forms.widgets.Input, "govuk-input"),
)
_WITHOUT_ERROR_CLASS = ("govuk-radios__input", "govuk-checkboxes__input")


def in_row(form: Any, messages: Iterable[Any]) -> list[str]:
    """ "Enter a description" → "Line 2: enter a description" where the form is a row among others."""
    row = getattr(form, "row_name", "")
    return [f"{row}: {lower_first(str(message))}" if row else str(message) for message in messages]


class GovukBoundField(BoundField):
    """Used by every form through the renderer, also those of libraries, so words and cleaning are the same everywhere."""

    def __init__(self, form: Any, field: forms.Field, name: str) -> None:
        super().__init__(form, field, name)
        if field.label is None:
            field.label = self.label
        if name in getattr(form, "nouns", {}):
            field.noun = form.nouns[name]  # type: ignore[attr-defined]
        set_words(field, str(self.label), blank_choice=getattr(form, "blank_choice", BLANK_CHOICE))

    @property
    def data(self) -> Any:
        """What was sent, without control characters and on one line where the box has one; a password is left exactly as typed."""
        sent = super().data
        if isinstance(self.field.widget, forms.PasswordInput):
            return sent
        text = plain_text(sent)
        return text.replace("\n", " ") if isinstance(text, str) and isinstance(self.field.widget, forms.TextInput) else text

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        if widget.is_hidden:
            return attrs
        if isinstance(widget, DateInput):
            return {**attrs, "error_parts": self.error_parts}
        base = next((name for kind, name in _CLASSES if isinstance(widget, kind)), "")
        classes = [base, widget.attrs.get("class", ""), attrs.get("class", "")]
        if self.errors and base not in _WITHOUT_ERROR_CLASS:
            classes.append(f"{base}--error")
        if self.max_words:
            classes.append("govuk-js-character-count")
        return {**attrs, "class": " ".join(filter(None, classes)), "placeholder": False}

    @property
    def aria_describedby(self) -> str:
        """The ids of hint, error and word count, in the order in which they are read."""
        present = (("hint", self.help_text), ("error", self.errors), ("info", self.max_words))
        return " ".join(f"{self.auto_id}-{part}" for part, there in present if there)

    @property
    def messages(self) -> list[str]:
        """The errors as the field and the summary both say them; a row of a formset says which row it is."""
        return in_row(self.form, self.errors)

    @property
    def max_words(self) -> int | None:
        """The limit that the page counts down from, if the field has one."""
        return getattr(self.field, "max_words", None)

    @property
    def guidance(self) -> str:
        """Longer help that stays folded until somebody wants it."""
        return getattr(self.field, "guidance", "")

    @property
    def shown_label(self) -> str:
        """The label, with "(optional)" where the form says which answers may be left out."""
        needed = getattr(self.field, "needed", self.field.required)  # one that other answers make needed is not optional
        optional = getattr(self.form, "mark_optional", False) and not needed and not self.is_single_checkbox
        return f"{self.label} (optional)" if optional else str(self.label)

    @property
    def is_single_checkbox(self) -> bool:
        """One tick box, whose label stands beside it."""
        return isinstance(self.field.widget, forms.CheckboxInput)

    @property
    def module(self) -> str:
        """The design system's component, if any, that wraps the question: its class and its data-module."""
        if isinstance(self.field.widget, forms.PasswordInput):
            return "govuk-password-input"
        return "govuk-character-count" if self.max_words else ""

    @property
    def error_parts(self) -> Iterable[str]:
        """Which of a date's boxes the first error is about."""
        if not self.errors:
            return ()
        first = self.form.errors[self.name].as_data()[0]
        return (first.params or {}).get("parts") or PARTS

    @property
    def focus_id(self) -> str:
        """The id of the control that an error summary's link must reach: the first radio, the first wrong box of a date."""
        if isinstance(self.field.widget, DateInput):
            parts = list(self.error_parts) or list(PARTS)
            return f"{self.auto_id}_{PARTS.index(parts[0])}"
        if isinstance(self.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple, forms.MultiWidget)):
            return f"{self.auto_id}_0"
        return str(self.field.widget.attrs.get("id") or self.auto_id)
