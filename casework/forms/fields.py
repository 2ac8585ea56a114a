"""Fields for dates, pounds and long text, with errors in the GOV.UK Design System's words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from casework.forms.widgets import PARTS, DateInput, PoundsInput
from casework.forms.words import noun_of, upper_first

DateLimit = dt.date | Callable[[], dt.date]
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
LARGEST = Decimal("999999999.99")
LONGEST_KEY = 18
"""Digits: every such number fits a BIGINT."""
_AMOUNT = re.compile(r"(?P<sign>[-−])?£?(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.(?P<pence>[0-9]+))?")


def _subject(field: forms.Field) -> str:
    return upper_first(noun_of(field, str(field.label or "This")))


def _gov(date: dt.date) -> str:
    return f"{date.day} {date:%B %Y}"


class DateField(forms.Field):
    """A day, month and year in three boxes; the month may be 1, 01, jan or january.

    Errors come in the design system's order: what is missing, then what cannot be, then what is out of bounds. Each carries in
    `params["parts"]` the boxes it is about, so that they are marked and the summary's link reaches the first of them.
    """

    widget = DateInput

    def __init__(self, *, not_before: DateLimit | None = None, not_after: DateLimit | None = None, **kwargs: Any) -> None:
        self.not_before, self.not_after = not_before, not_after
        super().__init__(**kwargs)

    def clean(self, value: Any) -> dt.date | None:
        if isinstance(value, (list, tuple)):
            value = [(part or "").strip() for part in value]
            if any(value):
                return self._within_limits(self._real_date(value))
            value = None
        if value is None and self.required:
            raise ValidationError(self.error_messages["required"], code="required", params={"parts": PARTS})
        return value if isinstance(value, dt.date) else None

    def _refuse(self, words: str, code: str, *parts: str) -> ValidationError:
        return ValidationError(f"{_subject(self)} {words}", code=code, params={"parts": parts or PARTS})

    def _real_date(self, boxes: list[str]) -> dt.date:
        missing = [part for part, text in zip(PARTS, boxes, strict=True) if not text]
        if missing:
            raise self._refuse(f"must include a {' and '.join(missing)}", "incomplete", *missing)
        day, month, year = _number(boxes[0]), _month(boxes[1]), _number(boxes[2])
        wrong = [
            part for part, number, top in (("day", day, 31), ("month", month, 12)) if number is None or not 1 <= number <= top
        ]
        if wrong or year is None:
            parts = wrong + (["year"] if year is None else [])
            raise self._refuse("must be a real date", "impossible", *(parts if len(parts) == 1 else ()))
        if len(boxes[2]) != 4:
            raise ValidationError("Year must include 4 numbers", code="year", params={"parts": ("year",)})
        try:
            return dt.date(year, month or 0, day or 0)
        except ValueError as error:
            raise self._refuse("must be a real date", "impossible") from error

    def _within_limits(self, date: dt.date) -> dt.date:
        earliest = self.not_before() if callable(self.not_before) else self.not_before
        latest = self.not_after() if callable(self.not_after) else self.not_after
        if date.year < 1900 or date.year > 2199:
            raise self._refuse("must be a real date", "impossible", "year")
        if earliest and date < earliest:
            raise self._refuse(f"must be the same as or after {_gov(earliest)}", "too_early")
        if latest and date > latest:
            raise self._refuse(f"must be the same as or before {_gov(latest)}", "too_late")
        return date

    def has_changed(self, initial: Any, data: Any) -> bool:
        typed = [(part or "").strip() for part in data or []]
        try:
            return self._real_date(typed) != initial if any(typed) else initial is not None
        except ValidationError:
            return True


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _month(text: str) -> int | None:
    word = text.lower().rstrip(".")
    named = [index for index, name in enumerate(MONTHS, 1) if name == word or name[:3] == word or (word == "sept" and index == 9)]
    return named[0] if named else _number(text)


class PoundsField(forms.Field):
    """An amount as people write it ("£1,200.50", "1200") as Decimal pounds with two places.

    Refused with a sentence: less than `min_value` (0 unless told; None allows negatives), more than `max_value`, parts of a
    penny, commas in the wrong place ("1,20"), and everything that is not plain digits (1e5, NaN, Infinity).
    """

    widget = PoundsInput

    def __init__(
        self,
        *,
        min_value: Decimal | int | None = 0,
        max_value: Decimal | int = LARGEST,
        more_than_zero: bool = False,
        **kwargs: Any,
    ) -> None:
        self.min_value = None if min_value is None else Decimal(min_value)
        self.max_value, self.more_than_zero = Decimal(max_value), more_than_zero
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        text = re.sub(r"\s", "", str(value))
        if not text:
            return None
        match = _AMOUNT.fullmatch(text)
        if not match or not (match["whole"] or match["pence"]):
            raise self._refuse("must be an amount of money, like 1,200 or 1,200.50", "amount")
        if len(match["pence"] or "") > 2:
            raise self._refuse("must be in pounds and whole pence, like 1,200.50", "pence")
        digits = (match["whole"] or "0").replace(",", "")
        if len(digits.lstrip("0")) > 15:
            raise self._refuse(f"must be £{self.max_value:,.2f} or less", "max_value")
        amount = Decimal(f"{digits}.{match['pence'] or '00'}").quantize(Decimal("0.01"))
        return -amount if match["sign"] and amount else amount

    def validate(self, value: Decimal | None) -> None:
        super().validate(value)
        if value is None:
            return
        if self.more_than_zero and value <= 0:
            raise self._refuse("must be more than £0", "min_value")
        if self.min_value is not None and value < self.min_value:
            raise self._refuse(f"must be £{self.min_value:,} or more", "min_value")
        if abs(value) > self.max_value:
            raise self._refuse(f"must be £{self.max_value:,.2f} or less".replace(".00 ", " "), "max_value")

    def _refuse(self, words: str, code: str) -> ValidationError:
        return ValidationError(self.error_messages.get(code) or f"{_subject(self)} {words}", code=code)


def count_words(text: str) -> int:
    """Words as the page counts them while somebody types: runs of anything but white space."""
    return len(text.split())


class WordLimitedField(forms.CharField):
    """Long text with a limit in words. The count under the box never cuts what is typed; passing the limit is an error."""

    widget = forms.Textarea

    def __init__(self, *, max_words: int, rows: int = 8, **kwargs: Any) -> None:
        self.max_words = max_words
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(**kwargs)

    def validate(self, value: str) -> None:
        super().validate(value)
        if count_words(value) > self.max_words:
            raise ValidationError(f"{_subject(self)} must be {self.max_words:,} words or less", code="max_words")


class SeveralField(forms.ModelMultipleChoiceField):
    """Several rows by their keys. A key longer than any row's is not in the list, where the database would fail on it."""

    def _check_values(self, value: Any) -> Any:
        if any(len(str(key)) > LONGEST_KEY for key in value):
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super()._check_values(value)
