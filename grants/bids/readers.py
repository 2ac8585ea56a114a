"""Who may know of a confidential bid: named people, and an auditor on the day on which they recorded that they opened it.

Design, section 5: an auditor reads everything, and each opening of a confidential case is recorded. Recording is a write and no GET
writes, so an auditor opens such a bid by a form; that makes them its reader until midnight.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet

from casework import clock


class BidReader(models.Model):
    """A person who may know of a confidential bid. `until` is the last day of an auditor's opening; empty for a named person."""

    bid = models.ForeignKey("grants.Bid", on_delete=models.CASCADE, related_name="readers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    until = models.DateField("last day", null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["bid", "person"], condition=Q(until=None), name="grants_bidreader_named_once"),
            models.UniqueConstraint(
                fields=["bid", "person", "until"], condition=Q(until__isnull=False), name="grants_bidreader_opened_once_a_day"
            ),
        ]
        indexes = [models.Index(fields=["person", "bid"])]

    def __str__(self) -> str:
        return f"{self.person_id} of {self.bid_id}"


def readers_now() -> QuerySet[BidReader]:
    return BidReader.objects.filter(Q(until=None) | Q(until__gte=clock.today()))


def kept_bids(user: Any) -> QuerySet[Any]:
    """The confidential bids whose reader this person is not: few, and found by an index of their own."""
    bids: Any = BidReader._meta.get_field("bid").related_model
    hidden = bids._base_manager.filter(is_confidential=True)
    if user is None or user.pk is None:
        return hidden
    return hidden.exclude(pk__in=readers_now().filter(person=user.pk).order_by().values("bid"))


def known_to(user: Any, prefix: str = "") -> Q:
    """What a person may know of; `prefix` is the path to the bid, such as "bid__". Looked up once a query, not once a row.

    To be put to every look at bids and what descends from them that does not start from `visible_to`.
    """
    return ~Q(**{f"{prefix}pk__in": kept_bids(user).order_by().values("pk")})


def knows_of(user: Any, bid: Any) -> bool:
    """One query for a confidential bid, however often this object is asked about the person; none for any other."""
    if not bid.is_confidential:
        return True
    kept: dict[Any, bool] = bid.__dict__.setdefault("_known_to", {})
    if user.pk not in kept:
        kept[user.pk] = readers_now().filter(bid=bid.pk, person=user.pk).exists()
    return kept[user.pk]


def found_by(user: Any, bid: Any) -> None:
    """This object came to the person out of `visible_to`, so nobody needs to ask again whether they know of it."""
    bid.__dict__["_known_to"] = {user.pk: True}


def only_readers(bid: Any, people: Any) -> list[Any]:
    """Of these people, those who may know of the bid."""
    found = list(people)
    if not bid.is_confidential:
        return found
    named = set(readers_now().filter(bid=bid.pk).values_list("person", flat=True))
    return [person for person in found if person.pk in named]
