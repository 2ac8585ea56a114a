"""Pounds are right to the penny: in Python, in the database, and when an amount is split."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from casework.money import ZERO, PoundsField, allocate, from_pence, pounds, sum_pounds, to_pence, total
from grants.models import BidLine
from tests import factories as f

PENCE = st.integers(min_value=-(10**13), max_value=10**13)
WEIGHTS = st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=12).filter(any)


@given(PENCE)
def test_pence_come_back_from_pounds(pence):
    assert to_pence(from_pence(pence)) == pence


@given(PENCE, WEIGHTS)
def test_a_split_amount_adds_up_exactly(pence, weights):
    amount = from_pence(pence)
    assert sum(allocate(amount, weights), ZERO) == amount


@given(st.integers(min_value=0, max_value=10**11), WEIGHTS)
def test_no_share_is_a_penny_or_more_from_its_exact_part(pence, weights):
    for part, weight in zip(allocate(from_pence(pence), weights), weights, strict=True):
        assert abs(to_pence(part) - Decimal(pence) * weight / sum(weights)) < 1


def test_the_odd_penny_goes_to_the_largest_remainder_and_the_first_on_a_tie():
    assert allocate(Decimal("100"), [1, 1, 1]) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert allocate(Decimal("0.05"), [1, 9]) == [Decimal("0.01"), Decimal("0.04")]
    assert allocate(Decimal("10"), [0, 1]) == [Decimal("0.00"), Decimal("10.00")]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_a_split_needs_weights(weights):
    with pytest.raises(ValueError, match="at least one weight"):
        allocate(Decimal("1"), weights)


@pytest.mark.parametrize("value", ["0.005", "1e-3", "NaN", "Infinity", "twelve", "", 0.1])
def test_what_is_no_whole_number_of_pence_is_refused(value):
    with pytest.raises(ValueError, match=r"pence|pounds|money"):
        to_pence(value)


def test_a_field_says_what_it_takes():
    field = PoundsField("amount")
    assert field.to_python("1200.5") == Decimal("1200.50")
    assert field.to_python("") is None
    with pytest.raises(ValidationError, match="Amount must be an amount in pounds and whole pence"):
        field.to_python("0.005")
    with pytest.raises(ValidationError, match="£0 or more"):
        field.run_validators(Decimal("-0.01"))
    with pytest.raises(ValidationError, match=r"£999,999,999\.99 or less"):
        field.run_validators(Decimal("1000000000"))


def test_amounts_in_words():
    assert pounds(Decimal("1200.5")) == "£1,200.50"
    assert pounds(Decimal("-5")) == "−£5.00"
    assert pounds(None) == ""
    assert total([Decimal("0.10"), None, Decimal("0.20")]) == Decimal("0.30")


@pytest.mark.database
@pytest.mark.django_db
def test_the_database_adds_and_sums_pounds(noon):
    bid = f.BidFactory(parts=False)
    BidLine.objects.create(bid=bid, category="staff", description="A", asked=Decimal("0.10"), match_cash=Decimal("0.20"))
    BidLine.objects.create(bid=bid, category="staff", description="B", asked=Decimal("0.20"), order=1)
    lines = BidLine.objects.filter(bid=bid)
    costs = lines.annotate(cost=F("asked") + F("match_cash"), double=F("asked") * 2).order_by("order")
    assert [(line.cost, line.double) for line in costs] == [
        (Decimal("0.30"), Decimal("0.20")),
        (Decimal("0.20"), Decimal("0.40")),
    ]
    assert lines.aggregate(asked=sum_pounds("asked")) == {"asked": Decimal("0.30")}
    assert lines.filter(asked=Decimal("0.10") + Decimal("0.10")).count() == 1
    assert BidLine.objects.filter(pk=None).aggregate(asked=sum_pounds("asked")) == {"asked": ZERO}
    assert lines.filter(asked__gt=Decimal("0.1")).get().description == "B"
