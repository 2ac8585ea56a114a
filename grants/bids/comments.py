"""What the lead of the Delivery Group whose strategy a bid serves thinks of it.

The bid names the group; its chair or coordinator may comment from the moment the office has opened the bid until its assessment is
complete. Before that the bidder may take the bid back unread, and afterwards the comment could no longer be weighed. The office and the
assessors read it. The bidder reads it when they are told of the decision: before that it would be a voice in a decision that is not made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import models

from casework import clock
from casework.outbox import queue
from casework.registry import Panel, WorkItem, first_of
from casework.workflow import Move, NotPermitted, Refused, lock, record, unit
from casework.workflow.perform import differences, values_of
from grants.bids.models import Bid
from grants.bids.readers import known_to
from grants.bids.states import DECIDED, BidState
from partnerships.organisations.models import Organisation
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with, standing_of

LEADS = (Role.CHAIR, Role.COORDINATOR)
"""Who speaks for a Delivery Group."""


class DeliveryGroupComment(models.Model):
    """One group's view of one bid; changed as long as the bid is being assessed."""

    bid = models.ForeignKey(Bid, on_delete=models.CASCADE, related_name="comments")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    text = models.TextField("comment", max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["bid", "organisation"], name="grants_deliverygroupcomment_once")]

    def __str__(self) -> str:
        return f"Comment of {self.organisation_id}"


def led_by(user: Any) -> set[int]:
    return standing_of(user).serving(*LEADS)


def bids_to_comment(user: Any, states: Sequence[str] = (BidState.ASSESSING,)) -> models.QuerySet[Bid]:
    """Bids whose group this person leads, once the office has opened them; none in which they have an interest of their own.

    They read the bid by it, and no other page of the bid opens for them.
    """
    groups, own = led_by(user), standing_of(user).own
    open_to_them = Bid.objects.filter(known_to(user), delivery_group__in=groups, state__in=states)
    for body in ("applicant", "accountable_body", "delivery_body"):
        open_to_them = open_to_them.exclude(**{f"{body}__in": own})
    return open_to_them


def comment_on(bid: Bid) -> DeliveryGroupComment | None:
    """The comment of the group that the bid names now."""
    said = DeliveryGroupComment.objects.filter(bid=bid, organisation=bid.delivery_group_id)
    return said.select_related("by", "organisation").first()


def comment_as_lead(*, bid: Bid, text: str, by: Any) -> DeliveryGroupComment:
    """Keep the group's comment, in place of an earlier one. Raises NotPermitted for others, and Refused when it is too late."""
    with unit():
        locked = lock(bid)
        if locked.delivery_group_id not in led_by(by) or not standing_of(by).own.isdisjoint(locked.bodies()):
            raise NotPermitted("The chair or coordinator of the Delivery Group that the bid names comments on it.")
        if locked.state != BidState.ASSESSING:
            raise Refused(
                "The bid is no longer being assessed, so the comment was not saved. Copy what you typed if you need it."
            )
        row = DeliveryGroupComment.objects.filter(bid=locked, organisation=locked.delivery_group_id).first()
        before = values_of(row) if row is not None else {}
        row = row or DeliveryGroupComment(bid=locked, organisation_id=locked.delivery_group_id)
        row.text, row.by, row.at = text.strip(), by, clock.now()
        row.full_clean()
        row.save()
        # On the comment itself: the bid's own history is shown to the bidder.
        record(row, "commented on the bid", by=by, changes=differences(before, values_of(row)), file=locked.file)
    return row


def ask_lead(move: Move) -> None:
    """When the office has opened a bid, the leads of its Delivery Group are told that they may comment."""
    bid = move.case
    if bid.delivery_group_id is None or bid.delivery_group_id in bid.bodies():
        return
    people: dict[int, Any] = {}
    for role in LEADS:
        people |= {person.pk: person for person in people_with(role, [bid.delivery_group_id])}
    readers = [person for person in people.values() if standing_of(person).own.isdisjoint(bid.bodies())]
    queue("comment_asked", to=readers, about=bid, cause=f"comment:{bid.version}", group=bid.delivery_group)


def comments_to_write(user: Any) -> Iterator[WorkItem]:
    if not led_by(user):
        return
    said = DeliveryGroupComment.objects.filter(bid=models.OuterRef("pk"), organisation=models.OuterRef("delivery_group"))
    waiting = bids_to_comment(user).filter(~models.Exists(said)).select_related("applicant", "delivery_group").order_by("pk")
    for bid in first_of(waiting):
        words = f"Comment for {bid.delivery_group} on this bid of {bid.applicant.short_name}, if you want to."
        yield WorkItem(bid.title, f"{bid.get_absolute_url()}comment/", bid.reference, words, None)


def may_read_comment(user: Any, bid: Bid) -> bool:
    """The office always, the bidder once they know of the decision."""
    return standing_of(user).is_caseworker or (bid.state in DECIDED and not bid.is_untold)


COLUMNS = {"comment_text": "text", "comment_by": "by__name", "comment_at": "at"}


def with_comment(bids: models.QuerySet[Bid]) -> models.QuerySet[Bid]:
    """Adds the comment of the group that each bid names now within the same query, for the one page that shows it."""
    said = DeliveryGroupComment.objects.filter(bid=models.OuterRef("pk"), organisation=models.OuterRef("delivery_group"))
    return bids.annotate(**{name: models.Subquery(said.values(column)[:1]) for name, column in COLUMNS.items()})


def comment_panel(bid: Any, user: Any) -> Panel | None:
    """Once it has been opened; the comment is read here where the bid was not read with it."""
    if not hasattr(bid, "comment_text"):
        bid = with_comment(Bid.objects.filter(pk=bid.pk)).get()
    if bid.comment_text is None or bid.state in (BidState.DRAFT, BidState.SUBMITTED) or not may_read_comment(user, bid):
        return None
    comment = {"text": bid.comment_text, "by": bid.comment_by, "at": bid.comment_at, "organisation": bid.delivery_group}
    return Panel("What the Delivery Group says", "grants/comment_panel.html", {"comment": comment})
