"""Pounds that are right to the penny on every database.

Decimals are floating point on SQLite, where CHECK (total = a + b) refuses 0.10 + 0.20 = 0.30. So the column holds whole pence and
Python sees Decimal pounds. This is its own Field, not a BigIntegerField, whose F() + F() would come back as pence.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Sum, Value
from django.db.models.expressions import Combinable, register_combinable_fields
from django.db.models.functions import Coalesce

from casework.forms.fields import PoundsField as PoundsFormField

ZERO = Decimal("0.00")
PENNY = Decimal("0.01")
LARGEST = Decimal("999999999.99")


def to_pence(value: Decimal | int | str) -> int:
    """Whole pence of an amount in pounds; half a penny, NaN and floats are ValueErrors."""
    if isinstance(value, float):
        raise ValueError("Floating-point numbers are not money.")
    try:
        pence = Decimal(value) * 100
    except InvalidOperation as error:
        raise ValueError(f"“{value}” is not an amount in pounds.") from error
    if not pence.is_finite() or pence != pence.to_integral_value():
        raise ValueError(f"“{value}” is not a whole number of pence.")
    return int(pence)


def from_pence(pence: int | Decimal) -> Decimal:
    """Pounds with two places from whole pence."""
    return (Decimal(pence) / 100).quantize(PENNY)


class PoundsField(models.Field):
    """An amount in pounds: Decimal with two places in Python, whole pence in a BIGINT."""

    description = "An amount in pounds and pence"
    empty_strings_allowed = False
    default_error_messages = {"pence": "%(label)s must be an amount in pounds and whole pence"}

    def __init__(self, *args: Any, minimum: Decimal | int | None = 0, **kwargs: Any) -> None:
        self.minimum = None if minimum is None else Decimal(minimum)
        super().__init__(*args, **kwargs)

    @property
    def validators(self) -> list[Any]:  # type: ignore[override]
        bounds: list[Any] = [MaxValueValidator(LARGEST, "Enter an amount of £999,999,999.99 or less")]
        if self.minimum is not None:
            bounds.append(MinValueValidator(self.minimum, f"Enter an amount of £{self.minimum:,} or more"))
        return [*super().validators, *bounds]

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.minimum != 0:
            kwargs["minimum"] = self.minimum
        return name, path, args, kwargs

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or value == "":
            return None
        try:
            return from_pence(to_pence(value))
        except (ValueError, TypeError) as error:
            message = self.error_messages["pence"]
            raise ValidationError(message, code="pence", params={"label": str(self.verbose_name).capitalize()}) from error

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if value is None or hasattr(value, "resolve_expression") else to_pence(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else from_pence(value)

    def formfield(self, **kwargs: Any) -> Any:
        """The form field that reads amounts as people write them."""
        return super().formfield(**{"form_class": PoundsFormField, "min_value": self.minimum, **kwargs})

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))


for _operation in (Combinable.ADD, Combinable.SUB):
    register_combinable_fields(PoundsField, _operation, PoundsField, PoundsField)
for _operation in (Combinable.ADD, Combinable.SUB, Combinable.MUL, Combinable.DIV):
    register_combinable_fields(PoundsField, _operation, models.IntegerField, PoundsField)


def pounds_value(amount: Decimal | int) -> Value:
    """A constant amount for use in a query expression."""
    return Value(Decimal(amount), output_field=PoundsField())


def sum_pounds(path: str, **kwargs: Any) -> Coalesce:
    """SUM over a PoundsField, £0.00 when there are no rows; takes Sum's own keywords such as `filter`."""
    return Coalesce(Sum(path, output_field=PoundsField(minimum=None), **kwargs), pounds_value(0))


def total(amounts: Sequence[Decimal | None]) -> Decimal:
    """The sum of amounts, nothing counted for None."""
    return sum((amount for amount in amounts if amount is not None), ZERO)


def pounds(amount: Decimal | None) -> str:
    """An amount in words people read: £1,200.50, −£5.00; nothing for None."""
    if amount is None:
        return ""
    sign = "−" if amount < 0 else ""
    return f"{sign}£{abs(amount):,.2f}"


def allocate(amount: Decimal, weights: Sequence[int | Decimal]) -> list[Decimal]:
    """Split an amount in proportion to weights, to the penny, by the largest remainder (first comes first on a tie)."""
    if not weights or any(weight < 0 for weight in weights) or not any(weights):
        raise ValueError("Splitting an amount needs at least one weight above zero.")
    if amount < 0:
        return [-part for part in allocate(-amount, weights)]
    pence, whole = to_pence(amount), sum(Decimal(weight) for weight in weights)
    exact = [Decimal(weight) * pence / whole for weight in weights]
    parts = [int(share) for share in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for index in order[: pence - sum(parts)]:
        parts[index] += 1
    return [from_pence(part) for part in parts]
