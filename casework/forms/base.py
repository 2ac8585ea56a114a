"""The forms that pages are built from, and what a page needs to know of their errors."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet
from django.forms.utils import ErrorDict

from casework.forms.bound import in_row

UNREADABLE = -1
"""A posted version that is no number: it matches no case, so the page counts as changed since it was opened."""

SummaryError = tuple[str, str]


class VersionField(forms.IntegerField):
    """The version of the case that the page was drawn from; None when the form carries none. Never an error by itself."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "required": False})

    def clean(self, value: Any) -> int | None:
        try:
            return super().clean(value)
        except ValidationError:
            return UNREADABLE


class _House:
    """What both kinds of form have in common."""

    use_required_attribute = False
    mark_optional = True
    """Whether answers that may be left out say "(optional)" in their label."""
    nouns: ClassVar[dict[str, str]] = {}
    """What errors call a field whose label does not read well in a sentence: {"email": "your email address"}."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    @property
    def version(self) -> int | None:
        """The case's version as posted, for `perform(version=…)`; None when it was not sent."""
        return getattr(self, "cleaned_data", {}).get("version")

    def refresh_version(self, version: int) -> None:
        """Show the form again over the case's present version, with what was typed kept."""
        self.initial["version"] = version  # type: ignore[attr-defined]
        if self.is_bound:  # type: ignore[attr-defined]
            self.data = self.data.copy()  # type: ignore[has-type]
            self.data[self.add_prefix("version")] = str(version)  # type: ignore[attr-defined]


class HouseForm(_House, forms.Form):  # type: ignore[misc]
    """A form with the case's version; pass it as `initial={"version": case.version}`."""

    version = VersionField()  # type: ignore[assignment]


class HouseModelForm(_House, forms.ModelForm):  # type: ignore[misc,type-arg]
    """A model's form with the version of its instance. `Meta.fields` must be a list."""

    version = VersionField()  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and hasattr(self.instance, "version"):
            self.initial.setdefault("version", self.instance.version)


class FilterForm(forms.Form):
    """`Meta.form` of a FilterSet: nothing in a filter is required, so nothing says "(optional)"."""

    use_required_attribute = False
    blank_choice = "All"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


def _forms_of(*parts: Any) -> list[Any]:
    found: list[Any] = []
    for part in parts:
        if isinstance(part, (list, tuple)):
            found += _forms_of(*part)
        elif part:
            found.append(part)
    return found


def has_errors(*parts: Any) -> bool:
    """Whether any of these forms, formsets or lists of them was sent and refused."""
    return bool(summary_errors(*parts))


def summary_errors(*parts: Any) -> list[SummaryError]:
    """(href, sentence) of every error in page order, for the summary at the top; the href is "" when no field can be reached."""
    found: list[SummaryError] = []
    for part in _forms_of(*parts):
        found += _formset_errors(part) if isinstance(part, BaseFormSet) else _form_errors(part)
    return found


def _form_errors(form: Any) -> list[SummaryError]:
    if not form.errors:
        return []
    shown = form.visible_fields()
    top = f"#{shown[0].focus_id}" if shown else ""
    found = [(top, message) for message in in_row(form, form.non_field_errors())]
    for field in form.hidden_fields():
        found += [(top, message) for message in field.messages]
    for field in shown:
        found += [(f"#{field.focus_id}", message) for message in field.messages]
    return found


def _formset_errors(formset: Any) -> list[SummaryError]:
    if not formset.is_bound:
        return []
    found = [(f"#id_{formset.prefix}-errors", str(message)) for message in formset.non_form_errors()]
    for form in formset.forms:
        found += _form_errors(form)
    return found


def keep_typed(part: Any) -> None:
    """Show what was typed without judging it yet, as when a line is added before the form is finished."""
    if not isinstance(part, BaseFormSet):
        part._errors, part.cleaned_data = ErrorDict(), {}
        return
    rows: Any = part
    rows._errors, rows._non_form_errors = [], rows.error_class()
    for form in rows.forms:
        keep_typed(form)
