"""The boxes that only questions have: a whole number, a share of a whole, a file that may already be there."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from casework.documents.checks import check_upload
from casework.forms.words import noun_of, upper_first

LARGEST = 999_999_999_999
_WHOLE = re.compile(r"(?P<sign>[-−])?(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)")
PARTS = ("numerator", "denominator")


def _subject(field: forms.Field) -> str:
    return upper_first(noun_of(field, str(field.label or "This")))


def whole_number(text: str) -> int | None:
    """ "1,200" → 1200; None for what is no whole number in plain digits."""
    match = _WHOLE.fullmatch(re.sub(r"\s", "", text))
    if match is None or len(match["digits"]) > 400:
        return None
    number = int(match["digits"].replace(",", ""))
    return -number if match["sign"] else number


def date_boxes(text: str) -> list[str]:
    """ "1 April 2026", "1/4/2026" and "2026-04-01" as day, month and year; nothing where there are fewer."""
    parts = [part for part in re.split(r"[\s/.-]+", text.strip()) if part][:3]
    parts += [""] * (3 - len(parts))
    return parts[::-1] if re.fullmatch(r"[0-9]{4}", parts[0]) else parts


class WholeNumberField(forms.Field):
    """A whole number as people write it ("1,200"), 0 or more unless `min_value` says otherwise."""

    def __init__(self, *, min_value: int | None = 0, max_value: int | None = None, **kwargs: Any) -> None:
        self.min_value, self.max_value = 0 if min_value is None else min_value, LARGEST if max_value is None else max_value
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-10"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        number = whole_number(text)
        if number is None:
            raise ValidationError(f"{_subject(self)} must be a whole number, like 12", code="invalid")
        return number

    def validate(self, value: int | None) -> None:
        super().validate(value)
        if value is None:
            return
        if value < self.min_value:
            raise ValidationError(f"{_subject(self)} must be {self.min_value:,} or more", code="min_value")
        if value > self.max_value:
            raise ValidationError(f"{_subject(self)} must be {self.max_value:,} or less", code="max_value")


class ShareInput(forms.MultiWidget):
    """How many, and out of how many, in two boxes named `x_numerator` and `x_denominator`."""

    template_name = "govuk/widgets/date.html"
    use_fieldset = True
    labels = ("How many", "Out of")

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({part: forms.TextInput(attrs={"inputmode": "numeric"}) for part in PARTS}, attrs)

    def decompress(self, value: Any) -> list[Any]:
        return [value.get(part) for part in PARTS] if isinstance(value, dict) else [None, None]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        kept = {key: each for key, each in (attrs or {}).items() if key not in ("class", "aria-invalid", "aria-describedby")}
        error = " govuk-input--error" if "--error" in str((attrs or {}).get("class", "")) else ""
        context = super().get_context(name, value, kept)
        for label, box in zip(self.labels, context["widget"]["subwidgets"], strict=True):
            classes = f"govuk-input govuk-date-input__input govuk-input--width-5{error}"
            box["label"] = label
            box["attrs"] = {**box["attrs"], "class": classes, **({"aria-invalid": "true"} if error else {})}
        return context


class ShareField(forms.Field):
    """A percentage asked as it was counted: how many out of how many. `minimum` and `maximum` are per cent.

    Both numbers are kept, because 50% of 4 and of 400 are not the same news.
    """

    widget = ShareInput

    def __init__(self, *, minimum: Fraction | None = None, maximum: Fraction | None = None, **kwargs: Any) -> None:
        self.minimum, self.maximum = minimum, Fraction(100) if maximum is None else maximum
        super().__init__(**kwargs)

    def clean(self, value: Any) -> dict[str, int] | None:
        boxes = [str(part if part is not None else "").strip() for part in (value or [None, None])]
        if not any(boxes):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if not all(boxes):
            raise self._refuse("must say how many, and out of how many")
        numbers = [whole_number(text) for text in boxes]
        if any(number is None or number > LARGEST or number < 0 for number in numbers):
            raise self._refuse("must be two whole numbers, like 12 out of 48")
        numerator, denominator = (number or 0 for number in numbers)
        if denominator == 0:
            raise self._refuse("must be out of 1 or more")
        share = Fraction(numerator * 100, denominator)
        if self.minimum is not None and share < self.minimum:
            raise self._refuse(f"must be {float(self.minimum):g}% or more")
        if share > self.maximum:
            if self.maximum == 100:
                raise self._refuse("must not be more than it is out of")
            raise self._refuse(f"must be {float(self.maximum):g}% or less")
        return {"numerator": numerator, "denominator": denominator}

    def _refuse(self, words: str) -> ValidationError:
        return ValidationError(f"{_subject(self)} {words}", code="share")

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = ShareInput().decompress(initial)
        return [str(part or "").strip() for part in data or ["", ""]] != ["" if part is None else str(part) for part in before]


class FileAnswerField(forms.FileField):
    """A file that answers a question. `kept` is what is attached already: leaving the box empty keeps it."""

    def __init__(self, *, kept: dict[str, Any] | None = None, **kwargs: Any) -> None:
        if kept:
            now = format_html('Now attached: <a class="govuk-link" href="/documents/{}/">{}</a>.', kept["stored"], kept["name"])
            kwargs["help_text"] = format_html("{} {} Choose another file to replace it.", kwargs.get("help_text", ""), now)
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        try:
            cleaned = super().clean(data, initial)
            if cleaned is not None and cleaned is not initial:
                check_upload(cleaned)
        except ValidationError as error:
            # A page may ask for several files: the sentence says which one is meant.
            raise ValidationError([self._named(each) for each in error.error_list]) from error
        return cleaned or None

    def _named(self, error: ValidationError) -> ValidationError:
        words = str(error.message).replace("The selected file ", f"The selected file for “{self.label}” ", 1)
        return ValidationError(words, code=error.code, params=error.params)


class NumberOfChoicesField(forms.MultipleChoiceField):
    """Several of a list, at least and at most so many."""

    def __init__(self, *, at_least: int | None = None, at_most: int | None = None, **kwargs: Any) -> None:
        self.at_least, self.at_most = at_least, at_most
        super().__init__(**kwargs)

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        if value and self.at_least and len(value) < self.at_least:
            raise ValidationError(f"Select at least {self.at_least} for {noun_of(self, str(self.label))}", code="at_least")
        if self.at_most and len(value) > self.at_most:
            raise ValidationError(f"Select {self.at_most} or fewer for {noun_of(self, str(self.label))}", code="at_most")
