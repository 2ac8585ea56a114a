"""The words of the commonest errors, as the GOV.UK Design System wants them: say what to do, name the field, blame nobody."""

from __future__ import annotations

from typing import Any

from django import forms

EMAIL = "Enter an email address in the correct format, like name@example.com"
WEB_ADDRESS = "Enter a web address in the correct format, like https://www.example.org"
BLANK_LABELS = {"---------"}
BLANK_CHOICE = "Select an option"
_CHOSEN = (forms.Select, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.FileInput)


def lower_first(text: str) -> str:
    """ "Amount requested" → "amount requested", but "CSP name" stays: its first word is an abbreviation."""
    first = text.split(" ", 1)[0]
    stays = first == "I" or sum(letter.isupper() for letter in first) > 1
    return text if stays else text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """ "amount requested" → "Amount requested" at the start of a sentence."""
    return text[:1].upper() + text[1:]


def noun_of(field: forms.Field, label: str) -> str:
    """What errors call the field: its own `noun` when it has one, else its label; a question is quoted."""
    own: str = getattr(field, "noun", "")
    label = str(label).strip()
    return own or (f"your answer to “{label}”" if label.endswith("?") else lower_first(label))


def _defaults(field: forms.Field) -> dict[str, Any]:
    messages: dict[str, Any] = {}
    for cls in reversed(type(field).__mro__):
        messages.update(getattr(cls, "default_error_messages", {}))
    return messages


def _file_messages() -> dict[str, str]:
    failed = "The selected file could not be uploaded – try again"
    return {
        "invalid": failed,
        "missing": failed,
        "empty": "The selected file is empty – choose another file",
        "max_length": "The name of the selected file must be %(max)d characters or less",
    }


def _number_messages(subject: str, *, whole: bool) -> dict[str, str]:
    return {
        "invalid": f"{subject} must be a {'whole number, like 12' if whole else 'number, like 12.5'}",
        "max_value": f"{subject} must be %(limit_value)s or less",
        "min_value": f"{subject} must be %(limit_value)s or more",
        "max_digits": f"{subject} must be %(max)s digits or less",
        "max_decimal_places": f"{subject} must have %(max)s decimal places or less",
    }


def _choice_messages(noun: str) -> dict[str, str]:
    words = f"Select {noun} from the list"  # noqa: S608 - a sentence, not SQL
    return {"invalid_choice": words, "invalid_pk_value": words, "invalid_list": words}


def _verb(field: forms.Field) -> str:
    if isinstance(field.widget, forms.CheckboxInput):
        return "Confirm that"
    return "Select" if isinstance(field.widget, _CHOSEN) else "Enter"


def _house_messages(field: forms.Field, noun: str) -> dict[str, str]:
    safe = noun.replace("%", "%%")
    subject = upper_first(safe)
    words = {"required": f"{_verb(field)} {noun}", "unique": f"{subject} is used already – {_verb(field).lower()} another"}
    if isinstance(field, forms.FileField):
        words |= _file_messages()
    elif isinstance(field, (forms.ChoiceField, forms.ModelChoiceField)):
        words |= _choice_messages(safe)
    elif isinstance(field, forms.IntegerField):
        words |= _number_messages(subject, whole=not isinstance(field, (forms.FloatField, forms.DecimalField)))
    elif isinstance(field, forms.CharField):
        words["max_length"] = f"{subject} must be %(limit_value)d characters or less"
        words["min_length"] = f"{subject} must be %(limit_value)d characters or more"
        words["null_characters_not_allowed"] = f"{subject} must not have characters that cannot be seen"
        words |= {"invalid": EMAIL} if isinstance(field, forms.EmailField) else {}
        words |= {"invalid": WEB_ADDRESS} if isinstance(field, forms.URLField) else {}
    elif isinstance(field, (forms.DateField, forms.DateTimeField)):
        words["invalid"] = f"{subject} must be a real date"
    return words


def set_words(field: forms.Field, label: str, *, blank_choice: str = BLANK_CHOICE) -> None:
    """Replace the library's own messages on this field; what an author wrote for it stays."""
    defaults = _defaults(field)
    for code, words in _house_messages(field, noun_of(field, label)).items():
        if field.error_messages.get(code) == defaults.get(code):
            field.error_messages[code] = words
    _name_blank_choice(field, blank_choice)


def _name_blank_choice(field: forms.Field, words: str) -> None:
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label in BLANK_LABELS:
            field.empty_label = words
    elif isinstance(field, forms.ChoiceField) and isinstance(field.widget, forms.Select):
        choices = list(field.widget.choices)
        if choices and choices[0][0] in ("", None) and str(choices[0][1]) in BLANK_LABELS:
            field.widget.choices = [("", words), *choices[1:]]
