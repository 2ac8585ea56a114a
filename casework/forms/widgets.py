"""The widgets that Django has no equal of. Django's own are drawn in GOV.UK markup by the renderer."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms

PARTS = ("day", "month", "year")


class DateInput(forms.MultiWidget):
    """A date as three boxes, named `x_day`, `x_month` and `x_year`; their ids end in _0, _1 and _2."""

    template_name = "govuk/widgets/date.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        box = {"class": "govuk-input govuk-date-input__input", "inputmode": "numeric", "autocomplete": "off"}
        super().__init__({part: forms.TextInput(attrs=dict(box)) for part in PARTS}, attrs)

    def decompress(self, value: Any) -> list[Any]:
        if isinstance(value, dt.date):
            return [value.day, value.month, value.year]
        return [None, None, None]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        attrs = dict(attrs or {})
        wrong = attrs.pop("error_parts", ())
        for unwanted in ("class", "aria-invalid", "aria-describedby"):
            attrs.pop(unwanted, None)
        context = super().get_context(name, value, attrs)
        for part, box in zip(PARTS, context["widget"]["subwidgets"], strict=True):
            width = "4" if part == "year" else "2"
            error = " govuk-input--error" if part in wrong else ""
            classes = f"govuk-input govuk-date-input__input govuk-input--width-{width}{error}"
            box["label"] = part.capitalize()
            box["attrs"] = {**box["attrs"], "class": classes, **({"aria-invalid": "true"} if error else {})}
        return context


class PoundsInput(forms.TextInput):
    """An amount with the £ in front of the box; no spin buttons, which change amounts by accident."""

    template_name = "govuk/widgets/pounds.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        defaults = {"inputmode": "decimal", "spellcheck": "false", "autocomplete": "off", "class": "govuk-input--width-10"}
        super().__init__({**defaults, **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        """1200.00 is shown as 1,200 and 1200.50 as 1,200.50; what somebody typed is shown as typed."""
        if isinstance(value, Decimal) and value.is_finite():
            return f"{value:,.2f}".removesuffix(".00")
        return super().format_value(value)


class _Hinted:
    """Options with a hint under each: `hints={value: sentence}`."""

    hints: dict[str, str]

    def __init__(self, *args: Any, hints: dict[Any, str] | None = None, **kwargs: Any) -> None:
        self.hints = {str(value): hint for value, hint in (hints or {}).items()}
        super().__init__(*args, **kwargs)

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)  # type: ignore[misc]
        option["hint"] = self.hints.get(str(value), "")
        return option


class Radios(_Hinted, forms.RadioSelect):
    """Radios that may carry a hint per option."""


class Checkboxes(_Hinted, forms.CheckboxSelectMultiple):
    """Checkboxes that may carry a hint per option."""
