"""The agreement: list, page, its text as a page and as a PDF, its steps, and what is owed under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.generic import View

from casework.registry import Panel
from casework.snapshots import Snapshot
from casework.templatetags.ui import gov_date
from casework.views import CaseMixin, CasePage, FormPage, ListPage, TransitionPage
from casework.workflow import NotPermitted, Option
from grants.agreements.filters import AgreementFilter
from grants.agreements.forms import AcceptForm, CountersignForm, EndForm, IssueForm, SettleForm
from grants.agreements.models import Agreement, Obligation, Signature
from grants.agreements.offer_views import steps_of_award
from grants.agreements.pdf import as_pdf
from grants.agreements.services import issue_agreement, settle
from grants.agreements.states import UNISSUED, AgreementState
from grants.agreements.tables import EXPORT, AgreementTable
from grants.agreements.text import agreement_text, latest_snapshot, parts_of, readable

S = AgreementState
RELATED = (
    "file",
    "offer",
    "issued_by",
    "award__decision__legal_power",
    "award__bid__applicant",
    "award__bid__accountable_body",
    "award__bid__delivery_body",
    "award__bid__round__fund",
)


class AgreementList(ListPage):
    model = Agreement
    table_class = AgreementTable
    filterset_class = AgreementFilter
    title = "Agreements"
    noun = "agreements"
    export_columns = EXPORT

    def get_queryset(self) -> QuerySet[Agreement]:
        return super().get_queryset().select_related("award__bid__applicant", "award__bid__accountable_body")


class AgreementMixin:
    model = Agreement

    def cases(self) -> QuerySet[Agreement]:
        return Agreement.objects.visible_to(self.request.user).select_related(*RELATED)  # type: ignore[attr-defined]


class AgreementPage(AgreementMixin, CasePage):
    """Parties, money, project, what is owed, payments and signatures."""

    def cases(self) -> QuerySet[Agreement]:
        return super().cases().prefetch_related("obligations")

    def title(self, case: Agreement) -> str:
        return case.bid.title

    def get_case(self) -> Agreement:
        case: Agreement = super().get_case()
        self.signatures = list(case.signatures.select_related("person", "snapshot")) if case.was_sent else []
        self.frozen = self._frozen(case)
        self.text = readable(self.frozen.data if self.frozen else parts_of(case))
        return case

    def _frozen(self, case: Agreement) -> Snapshot | None:
        """What is signed or waits to be. From acceptance on it is the text of the last signature, already read."""
        if not case.was_sent:
            return None
        if self.signatures and case.state not in {S.ISSUED, S.WITHDRAWN}:
            return self.signatures[-1].snapshot
        return latest_snapshot(case)

    def sentence(self, case: Agreement) -> str:
        return {
            S.DRAFT: "The office sets the instalments and issues the agreement.",
            S.ISSUED: f"A signatory of {case.bid.accountable_body} accepts the agreement by {gov_date(case.accept_by)}.",
            S.ACCEPTED: "The Commissioner or the chief executive countersigns it.",
            S.ACTIVE: "Payments and returns follow their dates.",
            S.SUSPENDED: "Payments stop until the office resumes the agreement. Returns stay due.",
            S.ENDED: "Finance closes the grant when everything is paid, returned and met.",
            S.CLOSED: "Nothing more: the grant is closed to the penny.",
            S.WITHDRAWN: "The award was not taken up, so this agreement does not count."
            if case.bid.lapsed_at
            else "The decision was withdrawn, so this draft no longer counts.",
        }[case.state]

    def steps(self, case: Agreement) -> Sequence[Option]:
        return [*super().steps(case), *steps_of_award(case.bid, case, self.request.user)]

    def summary(self, case: Agreement) -> list[dict[str, Any]]:
        bid = case.bid
        rows = [
            {"label": "Recipient", "value": bid.accountable_body},
            {"label": "Partnership", "value": bid.applicant},
            {"label": "Delivered by", "value": bid.delivery_body},
            {"label": "Not more than", "value": case.amount},
            {"label": "Funding period", "value": f"{gov_date(case.starts)} to {gov_date(case.ends)}"},
            {"label": "Fund", "value": bid.round.fund},
            {"label": "Accept by", "value": case.accept_by},
            {"label": "In force since", "value": case.active_from},
            {"label": "Ended as", "value": case.get_ended_as_display()},
        ]
        return [row for row in rows if row["value"]]

    def money(self, case: Agreement) -> dict[str, Any]:
        lines = self.text["lines"]
        rows = [
            [f"{line['category']}: {line['description']}", line["amount"], line["match_cash"], line["match_in_kind"]]
            for line in lines
        ]
        sums = [sum((row[place] for row in rows), start=0) for place in (1, 2, 3)]
        heads = ["Line", "Grant", "Match in cash", "Match in kind"]
        return {"caption": "Budget lines", "headers": heads, "rows": rows, "totals": ["Total", *sums]}

    def panels(self, case: Agreement) -> list[Panel]:
        user = self.request.user
        owed = [obligation for obligation in case.obligations.all() if obligation.kind != Obligation.Kind.RETURN]
        settling = user.has_perm("grants.settle_obligation", case) and case.state not in UNISSUED
        signatures = {"signatures": self.signatures, "frozen": self.frozen, "drafted": not case.was_sent}
        return [
            Panel("Targets and milestones", "grants/agreement_parts.html", {"parts": self.text}),
            Panel("Conditions", "grants/agreement_owed.html", {"owed": owed, "settling": settling}),
            *super().panels(case),
            Panel("Agreement and signatures", "grants/agreement_signatures.html", signatures),
        ]


class DocumentView(AgreementMixin, CaseMixin, View):
    """The text: a draft from the tables, an issued agreement from what was frozen and is signed."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        case = self.get_case()
        return self.answer(request, case, document_context(case))

    def answer(self, request: HttpRequest, case: Agreement, context: dict[str, Any]) -> HttpResponse:
        return render(request, "grants/agreement_document.html", {**context, "case": case, "on_screen": True})


class PdfView(DocumentView):
    def answer(self, request: HttpRequest, case: Agreement, context: dict[str, Any]) -> HttpResponse:
        body = as_pdf("grants/agreement_document.html", {**context, "case": case, "on_screen": False})
        name = f"{case.reference}.pdf"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(body, content_type="application/pdf", headers=headers)


def document_context(case: Agreement) -> dict[str, Any]:
    """What the text's template takes, for the page and the PDF alike."""
    frozen = latest_snapshot(case) if case.was_sent else None
    text = frozen.data if frozen else agreement_text(case)
    signatures = Signature.objects.filter(snapshot=frozen).select_related("person") if frozen else []
    return {"text": readable(text), "frozen": frozen, "signatures": signatures}


LETTER_EFFECTS = (
    "You sign the text as it was issued, by its hash.",
    "The offer letter is in force at once.",
    "One end report is scheduled.",
)


class AgreementTransition(AgreementMixin, TransitionPage):
    """Steps of the agreement. Issuing goes through its service, which fixes the clauses."""

    forms = {"issue": IssueForm, "accept": AcceptForm, "countersign": CountersignForm, "end": EndForm}
    template_name = "grants/agreement_step.html"
    effects = {
        "issue": [
            "The text is fixed as it stands now and kept with its hash.",
            "The signatory of the accountable body is told and can accept it.",
        ],
        "recall": ["The text can be changed again.", "A signature already given does not count for the new text."],
        "accept": ["You sign the text as it was issued, by its hash.", "The office is told and countersigns."],
        "countersign": ["The agreement is in force.", "The returns of its funding period are scheduled.", "Both sides are told."],
        "suspend": ["No payment can be prepared, approved or recorded.", "Returns stay due.", "The recipient is told."],
        "end": ["No more payments are made.", "The recipient is told."],
        "close": ["What was committed and not paid goes back to the fund."],
        "reopen": ["What closing gave back to the fund is committed again."],
    }

    def carry_out(self, case: Agreement, version: int | None, reason: str, data: dict[str, Any]) -> Any:
        if self.name == "issue":
            return issue_agreement(agreement=case, by=self.request.user, accept_by=data["accept_by"], version=version)
        return super().carry_out(case, version, reason, data)

    def context(self, case: Agreement, forms: list[Any]) -> dict[str, Any]:
        signing = self.name in {"accept", "countersign"}
        told = {"effects": LETTER_EFFECTS} if self.name == "accept" and case.is_letter else {}
        return {**super().context(case, forms), **told, "frozen": latest_snapshot(case) if signing else None}


class SettlePage(AgreementMixin, FormPage):
    """Say of a condition that it is met, waived or still owed."""

    title = "Condition"
    submit_label = "Save"

    def obligation(self, case: Agreement) -> Obligation:
        owed = case.obligations.exclude(kind=Obligation.Kind.RETURN)
        return get_object_or_404(owed, pk=self.kwargs["obligation"])

    def check(self, case: Agreement) -> None:
        if not self.request.user.has_perm("grants.settle_obligation", case):
            raise NotPermitted("You do not have the role to say whether this is met.")
        if case.state in UNISSUED:
            raise Http404

    def get_forms(self, case: Agreement, data: Any = None, files: Any = None) -> list[Any]:
        obligation = self.obligation(case)
        self.title = obligation.text
        return [SettleForm(data, initial={"version": case.version, **SettleForm.start(obligation)})]

    def save(self, case: Agreement, forms: list[Any]) -> None:
        given = forms[0].cleaned_data
        settle(obligation=self.obligation(case), outcome=given["outcome"], words=given["words"], by=self.request.user)
