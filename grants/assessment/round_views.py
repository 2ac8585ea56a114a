"""All bids of a round in one table, the views of it that people saved, and the round as an Excel file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404

from casework import clock
from casework.forms import HouseForm
from casework.saved_views import SavedView, delete_view, filters_in, save_view
from casework.views import FormPage, ListPage, workbook_response
from casework.workflow import Refused, record
from grants.assessment.effects import SIGHT
from grants.assessment.round_export import sheets
from grants.assessment.round_rows import RoundBid, bids_of, read_texts, rows_of, totals
from grants.assessment.round_tables import RoundBidFilter, RoundBidTable
from grants.bids.models import Bid
from grants.rounds.models import Round
from partnerships.organisations.standing import standing_of

PAGE = "grants:round-bids"


class OfRound:
    """A page about the bids of one round, for those who run and read assessments; for everybody else it does not exist."""

    request: HttpRequest
    kwargs: dict[str, Any]
    round: Round

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not standing_of(request.user).in_office(*SIGHT):
            raise Http404
        self.round = get_object_or_404(Round.objects.visible_to(request.user), reference=kwargs["reference"])
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    @property
    def list_url(self) -> str:
        return f"{self.round.get_absolute_url()}bids/"


class RoundBids(OfRound, ListPage):
    """Eight queries, however many bids: the rank counts the whole round, so all of it is read and what is filtered out left away.

    The Excel file holds what people wrote, so it is sent for by POST and the sending is recorded.
    """

    model = Bid
    table_class = RoundBidTable
    filterset_class = RoundBidFilter
    template_name = "grants/round_bids.html"
    noun = "bids"
    paginate_by = 50

    def get_queryset(self) -> QuerySet[Bid]:
        return bids_of(self.round, self.request.user)

    def found(self, filtered: QuerySet[Bid]) -> list[RoundBid]:
        shown = Exists(filtered.order_by().filter(pk=OuterRef("pk")))
        every = rows_of(self.get_queryset().annotate(is_shown=shown), self.request.user)
        return [row for row in every if row.bid.is_shown]

    def get_table_data(self) -> list[RoundBid]:
        self.rows = self.found(self.object_list)  # type: ignore[has-type]
        return self.rows

    def get_table(self, **kwargs: Any) -> Any:
        table = super().get_table(**kwargs)
        read_texts([row.record for row in table.paginated_rows])
        return table

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        context = super().get_context_data(**kwargs)
        query = filters_in(self.request.GET)
        views = list(SavedView.objects.visible_to(user).filter(page=PAGE).select_related("owner"))
        return context | {
            "title": f"Bids of {self.round.reference}",
            "round": self.round,
            "totals": totals(self.rows) if self.rows else None,
            "views": [{"view": view, "mine": view.owner_id == user.pk, "current": view.query == query} for view in views],
            "query": query,
            "save_url": f"{self.list_url}views/new/?{query}" if query else "",
            "crumbs": [
                {"label": "Rounds", "url": "/rounds/"},
                {"label": self.round.reference, "url": self.round.get_absolute_url()},
            ],
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> FileResponse:
        filterset = self.get_filterset(self.get_filterset_class())
        rows = self.found(filterset.qs)
        response = workbook_response(sheets(self.round, rows), f"{self.round.reference} bids {clock.today():%Y-%m-%d}.xlsx")
        changes = {"round": self.round.pk, "rows": len(rows)}
        record(request.user, "downloaded the bids of a round", by=request.user, changes=changes)  # type: ignore[arg-type]
        return response


class SavedViewForm(HouseForm):
    """A name for the filters, and for whom they are."""

    name = forms.CharField(
        label="Name of the view",
        max_length=60,
        help_text="For example, Gates to record",
        error_messages={"required": "Enter a name"},
    )
    shared = forms.BooleanField(label="Show it to everybody in the office", required=False)
    nouns = {"name": "the name"}


class SaveViewPage(OfRound, FormPage):
    """Names the filters of this page's own address; the view serves every round."""

    title = "Save these filters as a view"
    intro = (
        "The view keeps the filters and the order, and is shown above the bids of every round. It shows what is there on the day."
    )
    submit_label = "Save view"
    done = "The view is saved."

    def check(self, case: Any) -> None:
        if not filters_in(self.request.GET):
            raise Refused("Nothing is filtered or sorted. Filter the list first, then save the filters as a view.")

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [SavedViewForm(data)]

    def save(self, case: Any, forms: list[Any]) -> SavedView:
        given = forms[0].cleaned_data
        query = filters_in(self.request.GET)
        return save_view(page=PAGE, name=given["name"], query=query, shared=given["shared"], by=self.request.user)

    def success_url(self, case: Any, result: SavedView) -> str:
        return f"{self.list_url}?{result.query}"

    def cancel_url(self, case: Any) -> str:
        return f"{self.list_url}?{filters_in(self.request.GET)}"


class DeleteViewPage(OfRound, FormPage):
    """Asks before a view goes; whoever it was shared with no longer has it either."""

    template_name = "casework/confirm.html"
    submit_label = "Delete view"
    done = "The view is deleted. The bids stay as they are."

    def get_case(self) -> None:
        mine = SavedView.objects.filter(owner=self.request.user, page=PAGE)  # type: ignore[misc]
        self.view = get_object_or_404(mine, pk=self.kwargs["view"])
        self.title = f"Delete the view “{self.view}”"

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [HouseForm(data)]

    def save(self, case: Any, forms: list[Any]) -> None:
        delete_view(view=self.view, by=self.request.user)

    def success_url(self, case: Any, result: Any) -> str:
        return self.list_url

    def cancel_url(self, case: Any) -> str:
        return self.list_url

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        others = ["Everybody in the office loses this view."] if self.view.shared else []
        return {"danger": True, "effects": [*others, "The bids stay as they are."]}
