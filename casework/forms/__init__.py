"""Forms in the GOV.UK Design System's markup and words. Import fields and forms from here."""

from casework.forms.base import FilterForm, HouseForm, HouseModelForm, has_errors, keep_typed, summary_errors
from casework.forms.fields import DateField, PoundsField, SeveralField, WordLimitedField, count_words
from casework.forms.formsets import HouseFormSet, HouseInlineFormSet, HouseModelFormSet, with_added_row
from casework.forms.renderer import GovukRenderer
from casework.forms.text import plain_text
from casework.forms.widgets import Checkboxes, DateInput, PoundsInput, Radios

__all__ = [
    "Checkboxes",
    "DateField",
    "DateInput",
    "FilterForm",
    "GovukRenderer",
    "HouseForm",
    "HouseFormSet",
    "HouseInlineFormSet",
    "HouseModelForm",
    "HouseModelFormSet",
    "PoundsField",
    "PoundsInput",
    "Radios",
    "SeveralField",
    "WordLimitedField",
    "count_words",
    "has_errors",
    "keep_typed",
    "plain_text",
    "summary_errors",
    "with_added_row",
]
