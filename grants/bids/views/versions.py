"""What was submitted, version by version, on the screen and on paper."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView, View

from casework import clock
from casework.pdf import draw
from casework.snapshots import Snapshot, snapshots_of
from casework.workflow import Refused
from grants.bids.changes import changes
from grants.bids.completeness import sheet_of
from grants.bids.content import content, files, told
from grants.bids.models import Bid
from grants.bids.queries import with_facts
from grants.bids.sealing import SEALED, is_sealed, on_bidders_side
from grants.bids.states import EDITABLE
from grants.bids.views.page import Sealed

STYLE_SHEET = "grants/bid.css"


class VersionMixin(Sealed):
    """One of the bid's versions, by the number in the address."""

    def get_version(self, case: Bid) -> Snapshot:
        """Refused where the office has not opened it yet; what it opened before stays open to it."""
        versions = snapshots_of(case).select_related("by")
        version = get_object_or_404(versions, number=self.kwargs["number"])
        if is_sealed(self.request.user, case) and version == versions.last():
            raise Refused(*SEALED)
        return version


class VersionPage(VersionMixin, TemplateView):
    """One version as it was submitted, with its fingerprint."""

    template_name = "grants/bid_version.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case = self.get_case()
        version = self.get_version(case)
        data = version.data
        shown = {"version": version, "blocks": told(data), "attachments": files(data)}
        return super().get_context_data(**kwargs) | {"case": case, "reference": case.reference, **shown}


class ChangesPage(VersionMixin, TemplateView):
    """A version against the one before it, word by word."""

    template_name = "grants/bid_changes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case = self.get_case()
        version = self.get_version(case)
        before = get_object_or_404(snapshots_of(case).select_related("by"), number=version.number - 1)
        between = case.asked_changes.filter(at__gte=before.at, at__lte=version.at).last()
        return super().get_context_data(**kwargs) | {
            "case": case,
            "reference": case.reference,
            "version": version,
            "before": before,
            "asked": between,
            "blocks": changes(before.data, version.data),
        }


class VersionPaper(VersionMixin, View):
    """A version as a PDF."""

    def get(self, request: HttpRequest, reference: str, number: int) -> HttpResponse:
        case = self.get_case()
        version = self.get_version(case)
        return paper(case, version.data, version=version, name=f"{case.reference} version {version.number}")


class BidPaper(Sealed, View):
    """The bid as it stands, as a PDF: a draft for the bidder's side, what was submitted for everybody who sees it."""

    def cases(self) -> QuerySet[Bid]:
        return with_facts(super().cases())

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        case = self.get_case()
        version = snapshots_of(case).select_related("by").last()
        if on_bidders_side(request.user, case) and (case.state in EDITABLE or version is None):
            return paper(case, content(case, sheet_of(case)), version=None, name=f"{case.reference} draft")
        if version is None:
            raise Http404
        if is_sealed(request.user, case):
            raise Refused(*SEALED)
        return paper(case, version.data, version=version, name=f"{case.reference} version {version.number}")


def paper_context(case: Bid, data: dict[str, Any], version: Snapshot | None) -> dict[str, Any]:
    """What the document's template takes."""
    return {"case": case, "version": version, "blocks": told(data), "attachments": files(data), "drawn": clock.now()}


def paper(case: Bid, data: dict[str, Any], *, version: Snapshot | None, name: str) -> HttpResponse:
    body = draw("grants/bid_document.html", paper_context(case, data, version), style_sheet=STYLE_SHEET)
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return HttpResponse(body, content_type="application/pdf", headers=headers)
