"""The due-diligence sheet: what those who look into bodies ask for, by the names of the Cabinet Office's Spotlight template."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q

from casework.exports import Column
from casework.money import pounds
from grants.assessment.diligence import checked_body
from grants.bids.models import Bid
from grants.bids.states import BidState
from partnerships.organisations.models import Identifier

CHARITY, COMPANY = ("GB-CHC", "GB-NIC", "GB-SC"), ("GB-COH",)
"""The registers by their names at org-id.guide."""
FIELDS: Sequence[tuple[str, str]] = (
    ("Application number", "The reference of the bid"),
    ("Organisation name", "The body that signs and is paid"),
    ("Address street", "Optional in the template; the service does not hold it"),
    ("Address town", "Optional in the template; the service does not hold it"),
    ("Address county", "Optional in the template; the service does not hold it"),
    ("Address postcode", "The body's postcode"),
    ("Application amount", "What is asked of the Commissioner"),
    ("Charity Commission registration number", "Required if the body is a charity"),
    ("Companies House registration number", "Required if the body is a company"),
    ("Similarities to other applications", "Other bids of the same bodies in the round"),
)
Row = dict[str, Any]


def sheet(bid: Bid, reader: Any) -> list[tuple[str, str]]:
    """One bid's, in words. Compared with it are the bids of the round that the reader sees."""
    seen = Bid.objects.visible_to(reader).filter(round=bid.round_id).exclude(state=BidState.DRAFT)
    others = seen.filter(Q(applicant__in=_bodies(bid)) | Q(accountable_body__in=_bodies(bid))).order_by("reference")
    row = sheets_of([bid], others)[0]
    return [(name, _words(row[name])) for name, _ in FIELDS]


def _words(value: Any) -> str:
    return pounds(value) if isinstance(value, Decimal) else str(value or "")


def _bodies(bid: Bid) -> set[int]:
    """Who asks and who is paid."""
    return {body for body in (bid.applicant_id, bid.accountable_body_id) if body}


def sheets_of(bids: Sequence[Bid], among: Iterable[Bid] | None = None) -> list[Row]:
    """The sheet of each bid, compared with each other or with the bids `among`: one query for the numbers, however many bids."""
    numbers: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for body, scheme, value in (
        Identifier.objects.filter(organisation__in={checked_body(bid).pk for bid in bids})
        .order_by("pk")
        .values_list("organisation_id", "scheme", "value")
    ):
        numbers[body].append((scheme, value))
    of_body: dict[int, list[Bid]] = defaultdict(list)
    for bid in bids if among is None else among:
        for key in _bodies(bid):
            of_body[key].append(bid)
    return [_row(bid, numbers[checked_body(bid).pk], of_body) for bid in bids]


def _row(bid: Bid, numbers: Sequence[tuple[str, str]], of_body: dict[int, list[Bid]]) -> Row:
    body = checked_body(bid)
    near = {other.pk: other for key in _bodies(bid) for other in of_body[key]}
    near.pop(bid.pk, None)
    similar = "; ".join(f"{other.reference} {other.title}" for other in sorted(near.values(), key=lambda other: other.reference))
    values = (bid.reference, body.name, "", "", "", body.postcode, bid.amount_requested)
    named = (_number(numbers, CHARITY), _number(numbers, COMPANY), similar)
    return dict(zip((name for name, _ in FIELDS), (*values, *named), strict=True))


def _number(numbers: Iterable[tuple[str, str]], schemes: Sequence[str]) -> str:
    return ", ".join(value for scheme, value in numbers if scheme in schemes)


def _value(name: str) -> Callable[[Row], Any]:
    return lambda row: row[name]


def diligence_columns() -> list[Column]:
    """The sheet's columns, in the template's order and words."""
    money = {"Application amount": "£"}
    return [Column(name, _value(name), 24, about, money.get(name, ""), "The bid and its body") for name, about in FIELDS]
