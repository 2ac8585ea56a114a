"""The list of returns, a return's page, and the partnership's steps."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from casework import clock
from casework.money import pounds, total
from casework.views import CasePage, ListPage, TransitionPage
from monitoring.returns.completeness import tasks_of
from monitoring.returns.content import content_of
from monitoring.returns.filters import ReturnFilter
from monitoring.returns.forms import CertifyForm
from monitoring.returns.models import Return
from monitoring.returns.queries import certified_in_words, days_in_words, next_in_words, with_spending
from monitoring.returns.states import ReturnState
from monitoring.returns.tables import EXPORT, ReturnTable
from monitoring.returns.told import measure_rows, milestone_rows, spend_table
from questionnaires.engine import told


class ReturnList(ListPage):
    """Every return a person may see, what is due first on top."""

    model = Return
    table_class = ReturnTable
    filterset_class = ReturnFilter
    title = "Returns"
    noun = "returns"
    export_columns = EXPORT

    def get_queryset(self) -> QuerySet[Return]:
        seen = Return.objects.visible_to(self.request.user).with_grant()
        if self.request.GET.get("export"):
            return with_spending(seen)
        return seen


class ReturnPage(CasePage):
    """The task list while it is filled in, and the return as it is told."""

    model = Return
    template_name = "monitoring/return_page.html"

    def cases(self) -> QuerySet[Return]:
        return Return.objects.visible_to(self.request.user).with_grant().select_related("response", "prepared_by", "certified_by")

    def title(self, case: Return) -> str:
        return case.title

    def sentence(self, case: Return) -> str:
        return next_in_words(case, clock.today())

    def summary(self, case: Return) -> list[dict[str, Any]]:
        bid = case.bid
        rows: list[dict[str, Any]] = [
            {"label": "Project", "value": bid.title},
            {"label": "Partnership", "value": bid.applicant.name},
            {"label": "Accountable body", "value": bid.accountable_body.name if bid.accountable_body else ""},
            {"label": "Period", "value": case.period},
            {"label": "Due", "value": case.due},
        ]
        if case.days_late:
            rows.append({"label": "Late by", "value": days_in_words(case.days_late)})
        for label, who, when in (
            ("Prepared", case.prepared_by, case.prepared_at),
            ("Certified", case.certified_by, case.certified_at),
        ):
            if who is not None and when is not None:
                rows.append({"label": label, "value": f"{clock.local_date(when):%-d %B %Y} by {who}"})
        if case.rag:
            rows.append({"label": "Rating", "value": case.get_rag_display()})
        if case.rag_comment:
            rows.append({"label": "The office’s comment", "value": case.rag_comment})
        return rows

    def extra(self, case: Return) -> dict[str, Any]:
        content = content_of(case)
        writes = self.request.user.has_perm("monitoring.change_return", case)
        return {
            "caption": case.bid.title,
            "tasks": tasks_of(case) if writes else [],
            "told": case.state != ReturnState.SCHEDULED,
            "uncertified": certified_in_words(case),
            "spend": spend_table(case, content),
            "explained": [line for line in content.lines if line.explanation],
            "measures": measure_rows(content),
            "milestones": milestone_rows(case, content),
            "narrative": told(content.items),
            "documents_url": f"{case.get_absolute_url()}attachments/" if writes else "",
        }


def _what_is_certified(case: Return) -> str:
    """The few figures that a finance signatory looks for first."""
    spent = total([line.actual for line in content_of(case).lines])
    who = f" by {case.prepared_by}" if case.prepared_by else ""
    return (
        f"{case.title}, prepared{who}. Spent to date: {pounds(spent)} of {pounds(case.agreement.amount)}. "
        f"Forecast underspend: {pounds(case.forecast_underspend) or 'not known'}."
    )


class ReturnStep(TransitionPage):
    """The partnership's steps, each with what it does."""

    model = Return
    forms = {"submit": CertifyForm}
    effects = {
        "prepare": (
            "The return can no longer be changed.",
            "The finance signatory of the accountable body is asked to certify it. That must be somebody else than you.",
        ),
        "unprepare": ("The coordinator can change the return again. It has to be prepared again before it is certified.",),
        "submit": (
            "The return goes to the office, frozen as it stands, with your declaration.",
            "You and the coordinator get a receipt by e-mail.",
        ),
        "recall": ("The return comes back from the office. It has to be certified again.",),
    }

    def context(self, case: Return, forms: list[Any]) -> dict[str, Any]:
        intro = {"intro": _what_is_certified(case)} if self.name == "submit" else {}
        return {**super().context(case, forms), **intro}
