"""The list of bids, and beginning one."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from casework.forms.text import plain_text
from casework.money import ZERO, pounds
from casework.views import FormPage, ListPage
from casework.workflow import NotPermitted
from grants.bids.completeness import REQUEST
from grants.bids.confidence import kept_from
from grants.bids.copying import copy_bid
from grants.bids.exports import COLUMNS
from grants.bids.filters import BidFilter
from grants.bids.forms_details import NewBidForm
from grants.bids.models import Bid
from grants.bids.ranking import rank_as_read
from grants.bids.readers import known_to
from grants.bids.services import create_bid
from grants.bids.tables import BidTable
from grants.rounds.models import Round
from grants.rounds.queries import admitted, bodies_bidding, open_to
from partnerships.organisations.models import Organisation
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of


class BidList(ListPage):
    model = Bid
    table_class = BidTable
    filterset_class = BidFilter
    title, noun, export_name = "Bids", "bids", "bids"
    export_columns = COLUMNS

    def get_queryset(self) -> QuerySet[Bid]:
        bids = super().get_queryset().select_related("round", "applicant", "accountable_body", "received")
        return bids.annotate(rank=rank_as_read(self.request.user))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"intro": self._kept()}

    def _kept(self) -> str:
        """For the office, what its list does not show: the totals are right only with it."""
        standing = standing_of(self.request.user)
        number, asked = kept_from(self.request.user) if standing.is_caseworker else (0, ZERO)
        if not number:
            return ""
        bids = "1 confidential bid, which asks" if number == 1 else f"{number} confidential bids, which together ask"
        return f"Besides these there {'is' if number == 1 else 'are'} {bids} for {pounds(asked)}."

    def get_action(self) -> dict[str, str] | None:
        if self.request.user.has_perm("grants.create_bid"):
            return {"label": "Start a bid", "url": "/bids/new/"}
        if standing_of(self.request.user).in_office(Role.AUDITOR):
            return {"label": "Confidential bids", "url": "/bids/confidential/"}
        return None


class NewBidPage(FormPage):
    """Chooses round and body where there is a choice; the round comes from the address of a round's own button."""

    title = "Start a bid"
    submit_label = "Start the bid"
    done = ""

    def check(self, case: Any) -> None:
        if not self.request.user.has_perm("grants.create_bid"):
            raise NotPermitted("Bids are written by the coordinators of a partnership or group.")

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        bodies = bodies_bidding(self.request.user)
        self.open_rounds = [row for row, _ in open_to(bodies)]
        rounds = Round.objects.filter(pk__in=[row.pk for row in self.open_rounds]).order_by("closes_at", "pk")
        able = admitted(self.open_rounds, bodies)
        initial = {"round": self._asked(self.request), "applicant": able[0].pk if len(able) == 1 else None}
        if len(self.open_rounds) == 1:
            initial["round"] = self.open_rounds[0].reference
        applicants = Organisation.objects.filter(pk__in=[body.pk for body in able])
        mine = standing_of(self.request.user).serving(Role.COORDINATOR)
        earlier = Bid.objects.filter(known_to(self.request.user), applicant__in=mine).order_by("-pk")
        return [NewBidForm(data, initial=initial, rounds=rounds, bodies=applicants, earlier=earlier)]

    @staticmethod
    def _asked(request: HttpRequest) -> str:
        return plain_text(request.GET.get("round", "")[:60])

    def save(self, case: Any, forms: list[Any]) -> Bid:
        values = forms[0].cleaned_data
        begun = {name: values[name] for name in ("round", "applicant", "title")}
        if values.get("earlier"):
            return copy_bid(source=values["earlier"], by=self.request.user, **begun)
        return create_bid(by=self.request.user, **begun)

    def success_url(self, case: Any, result: Bid) -> str:
        """A bid on one page opens on it."""
        return f"{result.get_absolute_url()}{REQUEST}/" if result.round.asks.one_page else result.get_absolute_url()

    def cancel_url(self, case: Any) -> str:
        return "/bids/"

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        self_evident = (
            "" if self.open_rounds else "No round takes bids from your body now. The page of rounds says when the next one opens."
        )
        return {"intro": self_evident, "back_url": "/bids/"}
