"""Asking a bid's partners to confirm what they bring, and the page on which a partner answers without signing in."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from casework.views import FormPage
from casework.workflow import NotPermitted, Refused
from grants.bids.forms_parts import AnswerForm, AskForm
from grants.bids.models import Bid
from grants.bids.models_parts import BidPartner, PartnerConfirmation
from grants.bids.partners import WAITING, answer_as_partner, ask_partners, asked_by_link, may_be_asked, standings, why_closed
from grants.bids.queries import with_parties
from grants.bids.views.by_link import ByLink


class AskPartnersPage(FormPage):
    """Which partners are written to; those who were not asked yet are selected."""

    model = Bid
    template_name = "grants/bid_ask_partners.html"
    title = "Ask partners to confirm"
    submit_label = "Send the e-mails"

    def cases(self) -> QuerySet[Bid]:
        return with_parties(super().cases())

    def check(self, case: Bid) -> None:
        if not self.request.user.has_perm("grants.ask_partners", case):
            raise NotPermitted(
                f"Partners of {case.reference} are asked by the coordinators of {case.applicant} until it is assessed."
            )

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        self.found = standings(case)
        able = [each for each in self.found if may_be_asked(each)]
        choices = [(each.partner.pk, f"{each.partner.name} ({each.partner.email})") for each in able]
        fresh = [each.partner.pk for each in able if each.state != WAITING]
        return [AskForm(data, initial={"partners": fresh}, choices=choices)]

    def save(self, case: Bid, forms: list[Any]) -> list[BidPartner]:
        return ask_partners(bid=case, partners=forms[0].cleaned_data["partners"], by=self.request.user)

    def success_url(self, case: Any, result: list[BidPartner]) -> str:
        return case.get_absolute_url()

    done = "The e-mails are on their way. You are told when a partner answers."

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {
            "back_url": case.get_absolute_url(),
            "caption": f"{case.reference} · {case.title}",
            "partners": self.found,
            "can_ask": any(may_be_asked(each) for each in self.found),
            "edit_url": f"{case.get_absolute_url()}partners/" if self.request.user.has_perm("grants.change_bid", case) else "",
        }


class PartnerAnswerPage(ByLink):
    """What a bid says of a partner, for whoever holds the link that was sent to them."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        asked = asked_by_link(token)
        if asked is None:
            return self.no_such_link(request)
        if not asked.answer and (closed := why_closed(asked)):
            return self.closed(request, closed)
        return self.show(request, asked, AnswerForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        asked = asked_by_link(token)
        if asked is None:
            return self.no_such_link(request)
        form = AnswerForm(request.POST)
        if not asked.answer and not why_closed(asked) and not form.is_valid():
            return self.show(request, asked, form, status=422)
        try:
            values = form.cleaned_data if form.is_valid() else {"answer": "", "said": ""}
            answer_as_partner(asked=asked, answer=values["answer"], said=values["said"])
        except Refused as error:
            return self.closed(request, *error.sentences)
        return redirect(request.path)

    def show(self, request: HttpRequest, asked: PartnerConfirmation, form: AnswerForm, status: int = 200) -> HttpResponse:
        context = {"asked": asked, "bid": asked.partner.bid, "form": form, "title": "Confirm what you bring to a project"}
        return self.private(render(request, "grants/partner_answer.html", context, status=status))
