"""What a round must have before a step, each in a sentence. Nobody competes for some money: then there are neither bidders nor criteria."""

from __future__ import annotations

from typing import Any

from casework import clock
from casework.workflow import says


@says("Add at least one gate")
def has_gates(case: Any) -> bool:
    return bool(case.gates.exists())


@says("Add at least one scored criterion")
def has_criteria(case: Any) -> bool:
    return bool(not case.way.competed or case.criteria.exists())


@says("Enter how much is available in each financial year")
def has_budget(case: Any) -> bool:
    return bool(case.budgets.exists())


@says("Choose who may bid, by kind or by name")
def has_bidders(case: Any) -> bool:
    return bool(not case.way.competed or bool(case.eligible_kinds) or case.bidders.exists())


@says("Enter a closing time that is after the opening time and still to come")
def closes_later(case: Any) -> bool:
    return bool(case.rolling or (case.closes_at is not None and case.closes_at > clock.now()))


@says("Enter a closing time for expressions of interest that is still to come")
def expressions_close_later(case: Any) -> bool:
    return bool(not case.way.expressed or (case.expressions_until is not None and case.expressions_until > clock.now()))


@says("Wait until the round has closed")
def has_closed(case: Any) -> bool:
    return bool(case.rolling or (case.closes_at is not None and case.closes_at < clock.now()))
