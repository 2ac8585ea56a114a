"""The questions of a bid on a worksheet: download, upload, look at what it would change, take it over."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render

from casework.workflow import NotPermitted, Refused, Stale
from grants.bids.facts import question_facts
from grants.bids.models import Bid
from grants.bids.opened import closed_sections, opened
from grants.bids.states import EDITABLE
from grants.bids.views.base import BidForm
from grants.bids.worksheets import Change, base_of, changes_in, take
from questionnaires.engine import every_item
from questionnaires.worksheet_pages import WorksheetForm, worksheet_response
from questionnaires.worksheet_reading import read_worksheet

SALT = "grants.bids.worksheet"
VALID_FOR = 24 * 3600
TOO_OLD = "This page was open for too long, so nothing was saved. Select the worksheet again"


class WorksheetPage(BidForm):
    """Judges a worksheet as the form is judged; what it would change is shown before anything is saved."""

    template_name = "grants/bid_worksheet.html"
    title = "Answer on a worksheet"
    submit_label = "Compare with the bid"

    def check(self, case: Bid) -> None:
        if not self.request.user.has_perm("grants.write_bid", case):
            raise NotPermitted(f"{case.reference} is written by the coordinators of {case.applicant}.")
        if case.round.asks.one_page:
            raise Http404
        if case.state not in EDITABLE:
            raise Refused(f"{case.reference} is {case.get_state_display().lower()}, so it cannot be changed now.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        if request.GET.get("download") != "xlsx":
            return super().get(request, *args, **kwargs)
        case = self.get_case()
        if refusal := self._refusal(case):
            return refusal
        version = case.response.version
        return worksheet_response(f"{case.reference}.xlsx", version, every_item(case.response), base=base_of(case))

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [WorksheetForm(data, files)]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        case = self.get_case()
        if refusal := self._refusal(case):
            return refusal
        if "compared" in request.POST:
            return self.take(case)
        return self.compare(case, self.get_forms(case, request.POST, request.FILES))

    def compare(self, case: Bid, shown: list[Any]) -> HttpResponse:
        if not shown[0].is_valid():
            return self.show(case, shown, status=422)
        items, facts = every_item(case.response), question_facts(case)
        try:
            reading = read_worksheet(shown[0].cleaned_data["file"], case.response.version, items, facts=facts, strict=False)
        except ValidationError as error:
            shown[0].add_error("file", error)
            return self.show(case, shown, status=422)
        if reading.errors:
            self.errors = reading.errors
            count = len(reading.errors)
            words = "1 cell cannot be taken" if count == 1 else f"{count} cells cannot be taken"
            shown[0].add_error("file", f"{words}. Correct what is listed below in the worksheet, then select it again")
            return self.show(case, shown, status=422)
        return self.review(case, changes_in(case, reading))

    def review(self, case: Bid, changes: list[Change]) -> HttpResponse:
        closed = set(closed_sections(case, opened(case)))
        rows = [(change, f"questions/{change.section.key}" in closed) for change in changes]
        kept = {change.section.key: [change.version, change.values] for change, is_closed in rows if not is_closed}
        payload = {"bid": case.pk, "by": self.request.user.pk, "sections": kept}
        context = {
            "case": case,
            "reference": case.reference,
            "rows": rows,
            "open": len(kept),
            "compared": signing.dumps(payload, salt=SALT, compress=True),
        }
        return render(self.request, "grants/bid_worksheet_review.html", context)

    def take(self, case: Bid) -> HttpResponse:
        """What was compared comes back signed, so that it is what was shown."""
        try:
            payload = signing.loads(self.request.POST["compared"], salt=SALT, max_age=VALID_FOR)
        except signing.BadSignature:
            payload = {}
        if (payload.get("bid"), payload.get("by")) != (case.pk, self.request.user.pk):
            return self.again(case, TOO_OLD)
        ticked = set(self.request.POST.getlist("take"))
        chosen = {key: (version, values) for key, (version, values) in payload["sections"].items() if key in ticked}
        try:
            done = take(bid=case, chosen=chosen, by=self.request.user)
        except Stale as error:
            words = f"{error.who} changed one of these sections after you had compared, so nothing was saved"
            return self.again(case, f"{words}. Select the worksheet again to compare it with what stands now", status=409)
        except Refused as error:
            return self.again(case, *error.sentences)
        sections = "1 section" if done == 1 else f"{done} sections"
        messages.success(
            self.request, f"The answers of {sections} were taken from the worksheet." if done else "Nothing was taken."
        )
        return HttpResponseRedirect(case.get_absolute_url())

    def again(self, case: Bid, *sentences: str, status: int = 422) -> HttpResponse:
        form = WorksheetForm({}, {})
        form.errors.clear()  # of the file that was not sent along
        for sentence in sentences:
            form.add_error("file", sentence)
        return self.show(case, [form], status=status)

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {"back_url": case.get_absolute_url(), "cells": getattr(self, "errors", [])}
