"""The ten kinds of question: the field that asks it, how an answer is kept, and how it reads.

Kept as plain JSON, one way only: text as text, a whole number as a number, money as "1200.50", a percentage as
{"numerator", "denominator"}, a date as "2026-04-01", yes or no as true or false, a choice as its words, several as a list of them in
the order of the question, a file as {"document", "stored", "name"}. Nothing is null, [] or "".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxLengthValidator

from casework.documents.models import Document
from casework.forms import Checkboxes, DateField, PoundsField, Radios, WordLimitedField, plain_text
from casework.forms.fields import LARGEST as MOST_POUNDS
from casework.forms.words import set_words
from casework.templatetags.ui import gov_date, pounds
from questionnaires.fields import FileAnswerField, NumberOfChoicesField, ShareField, WholeNumberField
from questionnaires.models import Question
from questionnaires.row_files import RowFileField

Of = Question.Kind
LONGEST_SHORT = 300
LETTERS_A_WORD = 30
"""No answer is longer than this times its words: a limit in words alone would take a megabyte without a space."""
MANY_CHOICES = 8
YES_NO = {"yes": True, "no": False}


def is_blank(value: Any) -> bool:
    """Whether nothing was answered; zero and False are answers."""
    return value is None or value == [] or value == {} or (isinstance(value, str) and not value.strip())


def _short(question: Question, common: dict[str, Any]) -> forms.Field:
    if question.max_words:
        return _long(question, common, rows=3)
    return forms.CharField(max_length=LONGEST_SHORT, **common)


def _long(question: Question, common: dict[str, Any], rows: int = 0) -> forms.Field:
    limit = question.max_words or 1
    longest = MaxLengthValidator(limit * LETTERS_A_WORD)  # a validator, so that the box itself cuts nothing
    return WordLimitedField(max_words=limit, rows=rows or max(5, min(16, limit // 20)), validators=[longest], **common)


def _number(question: Question, common: dict[str, Any]) -> forms.Field:
    return WholeNumberField(min_value=_int(question.minimum), max_value=_int(question.maximum), **common)


def _money(question: Question, common: dict[str, Any]) -> forms.Field:
    least, most = question.minimum or "0", question.maximum or str(MOST_POUNDS)
    return PoundsField(min_value=Decimal(least), max_value=Decimal(most), **common)


def _share(question: Question, common: dict[str, Any]) -> forms.Field:
    limits = {name: Fraction(getattr(question, name)) for name in ("minimum", "maximum") if getattr(question, name)}
    return ShareField(**limits, **common)


def _date(question: Question, common: dict[str, Any]) -> forms.Field:
    limits = {"not_before": question.minimum, "not_after": question.maximum}
    return DateField(**{name: dt.date.fromisoformat(text) for name, text in limits.items() if text}, **common)


def _chosen(question: Question, common: dict[str, Any], choices: list[tuple[str, str]]) -> forms.Field:
    if len(choices) > MANY_CHOICES:
        return forms.ChoiceField(choices=[("", "Select an answer"), *choices], widget=forms.Select, **common)
    # Radios cannot be unticked: where an answer may be left out, leaving it out is a choice.
    none = [] if common["required"] else [("", "No answer")]
    return forms.ChoiceField(choices=[*choices, *none], widget=Radios, **common)


def _yes_no(question: Question, common: dict[str, Any]) -> forms.Field:
    return _chosen(question, common, [("yes", "Yes"), ("no", "No")])


def _one_of(question: Question, common: dict[str, Any]) -> forms.Field:
    return _chosen(question, common, [(each, each) for each in question.choices])


def _several_of(question: Question, common: dict[str, Any]) -> forms.Field:
    return NumberOfChoicesField(
        choices=[(each, each) for each in question.choices],
        widget=Checkboxes,
        at_least=_int(question.minimum),
        at_most=_int(question.maximum),
        **common,
    )


def _file(question: Question, common: dict[str, Any]) -> forms.Field:
    if question.section_id and question.section.repeats:
        return RowFileField(**common)
    return FileAnswerField(max_length=150, **common)


def _file_words(value: Any) -> str:
    """The name of a file, also of one that is only tried and attached to nothing."""
    return str(value.name if isinstance(value, UploadedFile) else value["name"])


def _int(text: str) -> int | None:
    return int(text) if text else None


def _same(value: Any) -> Any:
    return value


def _share_words(value: Any) -> str:
    numerator, denominator = int(value["numerator"]), int(value["denominator"])
    return f"{numerator:,} out of {denominator:,} ({percent_words(Fraction(numerator * 100, denominator))})"


def percent_words(share: Fraction) -> str:
    """25%, 33.3%: one place at most, rounded half up."""
    tenths = (share * 20 + 1) // 2
    return f"{tenths // 10}%" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}%"


@dataclass(frozen=True)
class KindRules:
    """`field(question, common)`; `keep` makes the kept value of a cleaned one, `show` what the field starts with, `words` reads it."""

    field: Callable[[Question, dict[str, Any]], forms.Field]
    operations: tuple[str, ...]
    keep: Callable[[Any], Any] = _same
    show: Callable[[Any], Any] = _same
    words: Callable[[Any], str] = str
    limits: bool = False


_EQUAL = ("is", "is not", "answered")
_ORDERED = ("is", "is not", "more than", "less than", "answered")
KINDS: dict[str, KindRules] = {
    Of.SHORT_TEXT: KindRules(_short, _EQUAL),
    Of.LONG_TEXT: KindRules(_long, ("answered",)),
    Of.NUMBER: KindRules(_number, _ORDERED, words=lambda value: f"{int(value):,}", limits=True),
    Of.MONEY: KindRules(_money, _ORDERED, keep=str, show=Decimal, words=lambda value: pounds(Decimal(value)), limits=True),
    Of.PERCENTAGE: KindRules(_share, _ORDERED, words=_share_words, limits=True),
    Of.DATE: KindRules(
        _date,
        _ORDERED,
        keep=lambda value: value.isoformat(),
        show=dt.date.fromisoformat,
        words=lambda value: gov_date(dt.date.fromisoformat(value)),
        limits=True,
    ),
    Of.YES_NO: KindRules(
        _yes_no,
        _EQUAL,
        keep=lambda value: YES_NO.get(value),
        show=lambda value: "yes" if value else "no",
        words=lambda value: "Yes" if value else "No",
    ),
    Of.ONE_OF: KindRules(_one_of, _EQUAL),
    Of.SEVERAL_OF: KindRules(_several_of, ("includes", "answered"), words=", ".join, limits=True),
    Of.FILE: KindRules(_file, ("answered",), words=_file_words),
}


def field_of(question: Question, *, required: bool, hint: str = "", value: Any = None) -> forms.Field:
    """The field that asks this question; errors call it by its words."""
    common: dict[str, Any] = {"label": question.text, "help_text": hint or question.hint, "required": required}
    if question.kind == Of.FILE and not is_blank(value):
        common["kept"] = value
    field = KINDS[question.kind].field(question, common)
    field.noun = f"your answer to “{question.text}”"  # type: ignore[attr-defined]
    field.guidance = question.guidance  # type: ignore[attr-defined]
    return field


def kept(question: Question, cleaned: Any) -> Any:
    """The cleaned value of the question's field as it is kept; None for no answer, "" for text left blank."""
    if is_blank(cleaned):
        return "" if question.kind in (Of.SHORT_TEXT, Of.LONG_TEXT) else None
    return KINDS[question.kind].keep(cleaned)


def shown(question: Question, value: Any) -> Any:
    """What the question's field starts with."""
    if is_blank(value):
        return value
    return KINDS[question.kind].show(value)


def told(kind: str, value: Any) -> str:
    """An answer in words; a kind that is not known, as in an old snapshot, is told by what was kept."""
    if kind in KINDS:
        return KINDS[kind].words(value)
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)


def document_value(document: Document) -> dict[str, Any]:
    """How a file that answers a question is kept."""
    return {"document": document.pk, "stored": str(document.stored), "name": document.name}


def document_in(value: Any) -> int | None:
    """The key of the document that a kept answer names; None for every other answer."""
    found = value.get("document") if isinstance(value, dict) else None
    return found if isinstance(found, int) else None


def fault(question: Question, value: Any) -> str:
    """What is wrong with an answer that is kept already, judged by the very field that asks it; "" when nothing is."""
    if question.kind == Of.FILE:
        return "" if isinstance(value, UploadedFile) or document_in(value) else f"Choose a file for “{question.text}”"
    field = field_of(question, required=False)
    set_words(field, question.text)
    try:
        field.clean(_as_sent(field, KINDS[question.kind].show(value)))
    except ValidationError as error:
        return error.messages[0]
    except (ValueError, ArithmeticError, AttributeError, TypeError):
        return f"Your answer to “{question.text}” cannot be read – enter it again"
    return ""


def _as_sent(field: forms.Field, value: Any) -> Any:
    """A value as a browser would send it back."""
    if isinstance(field.widget, forms.MultiWidget):
        return ["" if part is None else str(part) for part in field.widget.decompress(value) or []]
    return value if isinstance(value, list) else plain_text(str(value))
