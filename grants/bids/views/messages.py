"""Writing a message to the other side, with what was written before beneath the form; who only reads the bid reads that alone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from casework.forms import HouseForm
from casework.views import FormPage
from casework.workflow import NotPermitted
from grants.bids.messages import may_write, send_message, writes_for_office
from grants.bids.messages_models import BidMessage
from grants.bids.models import Bid


class MessageForm(HouseForm):
    text = forms.CharField(
        label="Your message",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "Enter your message"},
    )
    nouns = {"text": "your message"}


class MessagePage(FormPage):
    model = Bid
    title = "Write a message"
    submit_label = "Send message"
    done = "The message is sent. The other side is told by e-mail that it is here."
    template_name = "grants/bid_message_form.html"

    def cases(self) -> QuerySet[Bid]:
        return Bid.objects.visible_to(self.request.user).select_related("applicant", "accountable_body", "file")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        case = self.get_case()
        if may_write(request.user, case):
            return super().get(request, *args, **kwargs)
        context = {"case": case, "letters": letters_of(case), "back_url": case.get_absolute_url()}
        return render(request, "grants/bid_messages_read.html", context)

    def check(self, case: Bid) -> None:
        if not may_write(self.request.user, case):
            raise NotPermitted(f"You do not have the role to write messages about {case.reference}.")

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        return [MessageForm(data)]

    def save(self, case: Bid, forms: list[Any]) -> BidMessage:
        return send_message(bid=case, text=forms[0].cleaned_data["text"], by=self.request.user)

    def context(self, case: Bid, forms: list[Any]) -> dict[str, Any]:
        reader = "the bidder" if writes_for_office(self.request.user, case) else "the office"
        return {"reader": reader, "letters": letters_of(case), "back_url": case.get_absolute_url()}


def letters_of(bid: Bid) -> QuerySet[BidMessage]:
    return BidMessage.objects.filter(bid=bid).select_related("by")
