"""The edit page of a bid on one page: one form with one Save, and the round's questions on it."""

from __future__ import annotations

from typing import Any

from grants.bids.completeness import REQUEST, asks_summary
from grants.bids.facts import question_facts
from grants.bids.forms_request import RequestForm
from grants.bids.models import Bid
from grants.bids.one_page import request_of, save_request
from grants.bids.views.base import SectionPage
from questionnaires import engine
from questionnaires.files import AnswerFiles, hold_uploads
from questionnaires.forms import page_parts


class RequestPage(SectionPage):
    """“Save and check your answers” judges it as finished, “Save” keeps what is there and stays."""

    key, title = REQUEST, "Your request"
    template_name = "grants/bid_request.html"
    submit_label = "Save and check your answers"

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        items = engine.every_item(case.response)
        initial: dict[str, Any] = {"version": self.version_now}
        if data is None:
            initial |= self._saved(case)
        form = RequestForm(data, initial=initial, bid=case, with_summary=not asks_summary(items), strict=self.strict)
        return [form, *page_parts(data, files, items=items, facts=question_facts(case), strict=self.strict)]

    def _saved(self, case: Bid) -> dict[str, Any]:
        """Before the first save the areas are those of the body that asks."""
        values = request_of(case)
        if self.section is None and not values["areas"]:
            values["areas"] = list(case.applicant.areas.all())
        return values | {"accountable_body": case.accountable_body_id}

    def take_files(self, case: Bid) -> None:
        hold_uploads(self.request, engine.questions_of(case.response.version_id), AnswerFiles(case, self.request.user))

    def store(self, case: Bid, forms: list[Any]) -> Any:
        form, *parts = forms
        return save_request(
            bid=case,
            by=self.request.user,
            version=form.version,
            values={name: value for name, value in form.cleaned_data.items() if name != "version"},
            half=form.half,
            answers={part.section: part.values() for part in parts},
        )

    def success_url(self, case: Any, result: Any) -> str:
        usual = super().success_url(case, result)
        if self.autosaved or self.has_joined:
            return usual
        return f"{case.get_absolute_url()}check/" if self.strict else self.request.path

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {**super().context(case, forms), "multipart": any(part.is_multipart() for part in forms)}
