"""Rows of a form, such as budget lines: each row names itself in its errors, and a row can be added without JavaScript."""

from __future__ import annotations

from typing import Any, ClassVar

from django.forms.formsets import DELETION_FIELD_NAME, BaseFormSet
from django.forms.models import BaseInlineFormSet, BaseModelFormSet
from django.forms.utils import ErrorDict
from django.http import QueryDict

ROWS_BEYOND = 20


class _HouseRows:
    """What formsets of plain forms, models and inline models have in common."""

    row_noun = "Line"
    max_num: int
    legend = ""
    hint = ""
    add_label = "Add another line"
    default_error_messages: ClassVar[dict[str, str]] = {
        "missing_management_form": "The lines could not be read – try again",
        "too_many_forms": "Enter %(num)d lines or fewer",
        "too_few_forms": "Enter at least %(num)d lines",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Rows beyond the most are shown, so that they can be taken out again; thousands are not: a made-up count would cost a minute."""
        super().__init__(*args, **kwargs)
        self.absolute_max: int = min(self.absolute_max, self.max_num + ROWS_BEYOND)  # type: ignore[has-type]

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.row_name = f"{self.row_noun} {i + 1}"
        form.use_required_attribute = False
        return form

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)  # type: ignore[misc]
        if DELETION_FIELD_NAME in form.fields:
            form.fields[DELETION_FIELD_NAME].label = f"Remove this {self.row_noun.lower()}"

    def full_clean(self) -> None:
        """A row that is to be removed has nothing left to correct."""
        super().full_clean()  # type: ignore[misc]
        if self.is_bound and self.can_delete:  # type: ignore[attr-defined]
            for form in self.forms:  # type: ignore[attr-defined]
                if form._errors and self._should_delete_form(form):  # type: ignore[attr-defined]
                    form._errors = ErrorDict()


class HouseFormSet(_HouseRows, BaseFormSet):  # type: ignore[misc,type-arg]
    """Rows of a plain form: `formset_factory(LineForm, formset=HouseFormSet, can_delete=True)`."""


class HouseModelFormSet(_HouseRows, BaseModelFormSet):  # type: ignore[misc,type-arg]
    """Rows of a model's form."""


class HouseInlineFormSet(_HouseRows, BaseInlineFormSet):  # type: ignore[misc,type-arg]
    """Rows that belong to one parent."""


def with_added_row(data: QueryDict, prefix: str) -> QueryDict:
    """The posted data with one empty row more, for the button named `add_row`; what was typed stays."""
    grown = data.copy()
    name = f"{prefix}-TOTAL_FORMS"
    typed = grown.get(name, "")
    grown[name] = str(min(int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0, 999) + 1)
    return grown
