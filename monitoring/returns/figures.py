"""How figures of several periods make one, and how they read on a page."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from casework.money import pounds
from partnerships.plans.models import Aggregation

Figure = tuple[Decimal, Decimal | None]
"""A value and what it is out of (None unless it is a rate)."""


def cumulative(aggregation: str, values: Iterable[tuple[Decimal | None, Decimal | None]]) -> Figure | None:
    """Periods in order as one figure: a total adds, the latest takes the last given, a rate adds both sides. None: nothing given."""
    given = [(value, out_of) for value, out_of in values if value is not None]
    if not given:
        return None
    if aggregation == Aggregation.LATEST:
        return given[-1]
    added = sum((value for value, _ in given), Decimal(0))
    if aggregation == Aggregation.RATE:
        return added, sum((out_of or Decimal(0) for _, out_of in given), Decimal(0))
    return added, None


def percent(part: Decimal | None, whole: Decimal | None) -> str:
    """−5.6%, to one place; nothing where there is no whole to compare with."""
    if part is None or not whole:
        return ""
    share = (part * 100 / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{'−' if share < 0 else ''}{abs(share):,}%".replace(".0%", "%")


def number(value: Decimal | None) -> str:
    """1,260 or 12.5: a measure's figure without the zeros that its column adds."""
    if value is None:
        return ""
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".")


def figure(value: Decimal | None, out_of: Decimal | None) -> str:
    """12, or for a rate 9 of 12 (75%)."""
    if value is None:
        return ""
    if out_of is None:
        return number(value)
    return f"{number(value)} of {number(out_of)} ({percent(value, out_of)})"


def signed_pounds(amount: Decimal | None) -> str:
    """+£40.00 above, −£40.00 below: a variance always says which way."""
    return f"+{pounds(amount)}" if amount is not None and amount > 0 else pounds(amount)
