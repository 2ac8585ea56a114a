"""A form that can be saved before it is finished: the same fields, judged in full or as a draft."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.utils import ErrorDict

from casework.forms.base import HouseForm

GAP = "gap"
_GAPS = {GAP, "required", "incomplete"}
LONGEST_KEPT = 500
"""Characters of a box of an unfinished row; every box of a row holds less."""


class DraftForm(HouseForm):
    """`strict=False` lets what is still missing pass: only what was typed is judged. `always` names what is needed even so.

    `late_error` is for a rule that a finished form must meet and a draft need not.
    """

    always: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, strict: bool = True, **kwargs: Any) -> None:
        self.strict = strict
        super().__init__(*args, **kwargs)

    def add_error(self, field: str | None, error: Any) -> None:
        codes = {each.code for each in error.error_list} if hasattr(error, "error_list") else set()
        if not self.strict and field in self.fields and field not in self.always and codes == {"required"}:
            self.cleaned_data[field] = self.fields[field].to_python(None)  # type: ignore[index]
            return
        super().add_error(field, error)

    def late_error(self, field: str | None, sentence: str) -> None:
        """Say it at the field unless the form is only saved as a draft."""
        if self.strict:
            self.add_error(field, sentence)


class KeepsUnfinished:
    """A row that a page saved for later takes as it is: where something is only missing, `unfinished` holds what was typed.

    Such a row passes without a value, so it is kept as text (casework.unfinished) and not saved. Nonsense is an error even so.
    """

    strict: bool
    unfinished: dict[str, Any] | None = None

    def gap(self, field: str, sentence: str) -> None:
        """Say at the field that something is missing."""
        self.add_error(field, ValidationError(sentence, code=GAP))  # type: ignore[attr-defined]

    def full_clean(self) -> None:
        super().full_clean()  # type: ignore[misc]
        form: Any = self
        if not form.is_bound or self.strict or not form._errors or self._is_removed():
            return
        codes = {error.code for errors in form._errors.as_data().values() for error in errors}
        if codes <= _GAPS:
            self.unfinished = {name: _cut(form[name].data) for name in form.fields if name != DELETION_FIELD_NAME}
            form._errors, form.cleaned_data = ErrorDict(), {}

    def _is_removed(self) -> bool:
        form: Any = self
        return DELETION_FIELD_NAME in form.fields and bool(form[DELETION_FIELD_NAME].data)


def _cut(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_cut(each) for each in value]
    return value[:LONGEST_KEPT] if isinstance(value, str) else value
