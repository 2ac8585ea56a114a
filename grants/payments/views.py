"""Payments: list, page, steps, and the instalments of a draft agreement."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from casework.forms import HouseForm
from casework.registry import Panel
from casework.templatetags.ui import gov_date
from casework.views import CasePage, FormPage, ListPage, TransitionPage
from casework.workflow import NotPermitted
from grants.agreements.agreement_views import AgreementMixin
from grants.agreements.models import Agreement
from grants.agreements.states import AgreementState
from grants.payments.filters import PaymentFilter
from grants.payments.forms import InstalmentRows, PayForm
from grants.payments.models import Instalment, reasons_held
from grants.payments.services import accounts_of, instalments_add_up, plan_of, save_plan
from grants.payments.states import TO_COME, InstalmentState
from grants.payments.tables import EXPORT, PaymentTable

S = InstalmentState
RELATED = (
    "file",
    "account__fund",
    "agreement__award__bid__applicant",
    "agreement__award__bid__accountable_body",
    "prepared_by",
    "approved_by",
    "paid_by",
)


class PaymentList(ListPage):
    """Payments that somebody was told of: what a draft agreement plans is on its own page, where it can still change."""

    model = Instalment
    table_class = PaymentTable
    filterset_class = PaymentFilter
    title = "Payments"
    noun = "payments"
    export_columns = EXPORT

    def get_queryset(self) -> QuerySet[Instalment]:
        payments = Instalment.objects.visible_to(self.request.user).with_held().exclude(agreement__state=AgreementState.DRAFT)
        return payments.select_related("account__fund", "agreement__award__bid__accountable_body")


class PaymentMixin:
    model = Instalment

    def cases(self) -> QuerySet[Instalment]:
        payments = Instalment.objects.visible_to(self.request.user).with_held()  # type: ignore[attr-defined]
        return payments.select_related(*RELATED).prefetch_related("needs")


class PaymentPage(PaymentMixin, CasePage):
    """One payment: who has prepared, approved and paid it, what holds it and why."""

    def title(self, case: Instalment) -> str:
        return f"Payment {case.number} for {case.bid.title}"

    def sentence(self, case: Instalment) -> str:
        if case.state in TO_COME and reasons_held(case):
            return "This payment is held. What holds it is listed below."
        return {
            S.SCHEDULED: f"A finance officer prepares the payment. It is due on {gov_date(case.due)}.",
            S.CLAIMED: "The recipient has claimed it. A finance officer prepares the payment.",
            S.PREPARED: "Somebody else in finance approves the payment.",
            S.APPROVED: "A third person pays it and records the date and the BACS reference.",
            S.PAID: "Nothing more: this was paid.",
            S.CANCELLED: "This will not be paid.",
        }[case.state]

    def summary(self, case: Instalment) -> list[dict[str, Any]]:
        bid = case.bid
        rows = [
            {"label": "Amount", "value": case.amount},
            {"label": "Due", "value": case.due},
            {"label": "Payee", "value": bid.accountable_body},
            {"label": "Vendor number", "value": bid.accountable_body.vendor_number},
            {"label": "Partnership", "value": bid.applicant},
            {"label": "Agreement", "value": case.agreement.reference},
            {"label": "Paid from", "value": str(case.account)},
            {"label": "Purchase order", "value": case.purchase_order},
            {"label": "Prepared by", "value": case.prepared_by},
            {"label": "Approved by", "value": case.approved_by},
            {"label": "Recorded as paid by", "value": case.paid_by},
            {"label": "Paid on", "value": case.paid_on},
            {"label": "BACS reference", "value": case.bacs_reference},
        ]
        return [row for row in rows if row["value"]]

    def panels(self, case: Instalment) -> list[Panel]:
        context = {"needs": case.needs.all(), "agreement": case.agreement, "waiting": case.state in TO_COME}
        return [Panel("What it depends on", "grants/payment_needs.html", context), *super().panels(case)]


class PaymentTransition(PaymentMixin, TransitionPage):
    forms = {"pay": PayForm}
    effects = {
        "prepare": ["Somebody else in finance is asked to approve it."],
        "approve": ["A third person pays it and records it."],
        "pay": ["The payment is entered in the ledger with its date.", "The recipient is told."],
        "reverse": [
            "The opposite entry is made in the ledger, with today’s date.",
            "The payment is due again and passes through three people as before.",
            "The recipient is told.",
        ],
        "cancel": ["It is not paid. The commitment falls when the grant is closed."],
        "send_back": ["The payment starts again with a finance officer who prepares it."],
    }


class InstalmentsPage(AgreementMixin, FormPage):
    """The plan of payments of a draft agreement."""

    title = "Instalments"
    template_name = "grants/payment_plan.html"

    def check(self, case: Agreement) -> None:
        if not self.request.user.has_perm("grants.change_instalments", case):
            raise NotPermitted("The instalments are set by a commissioning officer while the agreement is a draft.")

    def get_forms(self, case: Agreement, data: Any = None, files: Any = None) -> list[Any]:
        rows = [
            {
                "instalment": one.pk,
                "due": one.due,
                "amount": one.amount,
                "account": one.account_id,
                "purchase_order": one.purchase_order,
            }
            for one in plan_of(case)
            if one.state != S.CANCELLED
        ]
        kwargs = {"accounts": accounts_of(case)}
        plan = InstalmentRows(data, initial=rows, prefix="instalments", form_kwargs=kwargs)
        return [HouseForm(data, initial={"version": case.version}), plan]

    def context(self, case: Agreement, forms: list[Any]) -> dict[str, Any]:
        return {"formset": forms[1], "amount": case.amount, "why": instalments_add_up(case)}

    def save(self, case: Agreement, forms: list[Any]) -> None:
        rows = [row.planned() for row in forms[1].forms if row.has_changed() or row.initial if not row.cleaned_data["DELETE"]]
        save_plan(agreement=case, rows=rows, by=self.request.user, version=forms[0].version)
