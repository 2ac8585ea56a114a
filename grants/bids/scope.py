"""Who sees which bid, and as what: outside the office a bid looks as its bidder was last told that it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.query import ModelIterable

from casework.workflow import CaseQuerySet
from grants.bids.readers import known_to
from grants.bids.states import TOLD_LATER
from grants.bids.states import BidState as S
from partnerships.organisations.roles import PARTNER_ROLES, Role
from partnerships.organisations.standing import standing_of


def bid_scope(user: Any, prefix: str = "") -> Q:
    """Which bids, and what descends from them, a person may see; `prefix` is the path to the bid, such as "bid__".

    The office sees what has been submitted and what it began or entered itself; an auditor sees drafts too. The applicant's people see
    all of their bids; of the accountable body only signatory and finance signatory, and only the bids that name it. Delivering gives
    no sight. Of a confidential bid they must be a reader besides: see readers.
    """
    standing, known = standing_of(user), known_to(user, prefix)
    if standing.in_office(Role.AUDITOR):
        return known
    seen = Q(pk__in=[])
    if standing.is_caseworker:
        if "award" in prefix:  # of a bid that was submitted, so that its state need not be looked at
            return known
        began = ~Q(**{f"{prefix}route_reason": ""}) | Q(**{f"{prefix}received_at__isnull": False})
        seen |= ~Q(**{f"{prefix}state": S.DRAFT}) | began
    if applicants := standing.serving(*PARTNER_ROLES):
        seen |= Q(**{f"{prefix}applicant__in": applicants})
    if accountable := standing.serving(Role.SIGNATORY, Role.FINANCE_SIGNATORY):
        seen |= Q(**{f"{prefix}accountable_body__in": accountable})
    return seen & known


class _BeforeTold(ModelIterable):
    """Rows as a bidder reads them: what was decided stays hidden until they are told of it."""

    def __iter__(self) -> Iterator[Any]:
        for bid in super().__iter__():
            bid.hide_untold_outcome()
            yield bid


UNTOLD = Q(state__in=TOLD_LATER, told_at=None) | ~Q(known_as="")
KNOWN = models.Case(models.When(known_as="", then=Value(S.ASSESSED)), default=F("known_as"))


class BidQuerySet(CaseQuerySet):
    def visible_to(self, user: Any) -> BidQuerySet:
        """Which bids a person sees. Outside the office a decision shows only once its bidder was told: see `in_state` for filters."""
        seen = self.filter(bid_scope(user))
        if not standing_of(user).is_caseworker:
            seen._iterable_class = _BeforeTold
        return seen

    def ordered_by_outcome(self, column: str, *, descending: bool) -> BidQuerySet:
        """In the order of `state` or `amount_awarded` as these rows are read: an order would tell as much as a value."""
        known: Any = F(column)
        if self._iterable_class is _BeforeTold:
            before = KNOWN if column == "state" else Value(None)
            untold = models.When(UNTOLD, then=before)
            shape: Any = self.model._meta.get_field(column)
            known = models.Case(untold, default=known, output_field=shape)
        found = self.annotate(known_outcome=known)
        return found.order_by(F("known_outcome").desc() if descending else F("known_outcome").asc(), "-pk")

    def in_state(self, state: str, user: Any) -> BidQuerySet:
        """The bids that this person sees in a state."""
        if standing_of(user).is_caseworker:
            return self.filter(state=state)
        known = Q(known_as__in=["", state] if state == S.ASSESSED else [state])
        return self.filter((Q(state=state) & ~UNTOLD) | (UNTOLD & known))
