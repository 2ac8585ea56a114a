"""A form that can be saved before it is finished: the same fields, judged in full or as a draft."""

from __future__ import annotations

from typing import Any, ClassVar

from casework.forms.base import HouseForm


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
