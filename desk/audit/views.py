"""What auditors read: all acts as a list, and one grant's whole history."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView

from casework import clock
from casework.audit.models import AuditEntry
from casework.exports import Sheet
from casework.views import ListPage, workbook_response
from casework.workflow import record
from desk.audit.filters import AuditFilter
from desk.audit.history import events_at, places_in
from desk.audit.tables import EXPORT, AuditTable
from grants.bids.models import Bid
from grants.bids.readers import kept_bids
from grants.decisions.models import Award, Decision
from partnerships.organisations.standing import standing_of

EVENTS_ON_PAGE = 50


class AuditList(ListPage):
    """Every act, newest first. It names people, so its Excel file is sent for by POST and the sending is an act itself."""

    model = AuditEntry
    table_class = AuditTable
    filterset_class = AuditFilter
    template_name = "desk/audit_list.html"
    title = "Audit"
    noun = "entries"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm("casework.read_audit"):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        return entries_for(self.request.user).select_related("actor", "statement", "file").order_by("-number")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> FileResponse:
        rows = self.get_filterset(self.get_filterset_class()).qs
        record(request.user, "downloaded the audit list", by=request.user, changes={"rows": rows.count()})  # type: ignore[arg-type]
        name = f"audit {clock.today():%Y-%m-%d}.xlsx"
        return workbook_response([Sheet("Audit", EXPORT, rows.iterator(chunk_size=1000))], name)


def entries_for(user: Any) -> Any:
    """Without what happened in confidential bids that the auditor has not opened today: even reasons and references tell of them."""
    hidden = kept_bids(user)
    decisions = Award.objects.filter(bid__in=hidden).order_by().values("decision")
    of_decisions = Q(subject=Decision._meta.label_lower, object_id__in=decisions)
    kept = Q(file__in=hidden.order_by().values("file")) & Q(file__isnull=False)
    return AuditEntry.objects.exclude(kept | of_decisions)


class GrantHistory(TemplateView):
    """Everything that happened in one grant, oldest first; `?show=all` gives it on one page, for printing."""

    template_name = "desk/history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        if not standing_of(user).is_caseworker:
            raise Http404
        bids = Bid.objects.visible_to(user).select_related("file", "applicant")
        bid = get_object_or_404(bids, file__reference=self.kwargs["reference"])
        places = places_in(bid.file)
        paginator = Paginator(places, max(places.count(), 1) if self.request.GET.get("show") == "all" else EVENTS_ON_PAGE)
        page = paginator.get_page(self.request.GET.get("page"))
        return super().get_context_data(**kwargs) | {
            "bid": bid,
            "reference": bid.file.reference,
            "events": events_at(list(page.object_list)),
            # The pagination component reads these three names of a django-tables2 table.
            "table": SimpleNamespace(paginator=paginator, page=page, prefixed_page_field="page"),
        }
