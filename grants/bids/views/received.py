"""Bids that came on paper or by e-mail: entering one, having it confirmed, and the page on which its sender answers."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from casework import clock
from casework.forms import HouseForm
from casework.snapshots import snapshots_of
from casework.views import FormPage
from casework.workflow import NotPermitted, Refused, Stale
from grants.bids.completeness import REQUEST, problems
from grants.bids.content import content, files, told
from grants.bids.forms_received import SECOND, EnterForm, ReceiptForm, SenderAnswerForm, SignedForm
from grants.bids.models import Bid
from grants.bids.models_received import SenderConfirmation
from grants.bids.queries import with_facts
from grants.bids.received import (
    NOT_WHILE_INCOMPLETE,
    answer_as_sender,
    ask_sender,
    asked_by_link,
    change_receipt,
    enter_received,
    record_signed,
    text_hash,
    why_closed,
)
from grants.bids.states import EDITABLE, BidState
from grants.bids.timing import submit_in_time
from grants.bids.views.by_link import ByLink
from grants.rounds.models import Round
from grants.rounds.queries import may_bid
from grants.rounds.states import RoundState
from grants.rounds.times import local_parts


class EnterPage(FormPage):
    """On a round's way to a bid that reached the office outside this service."""

    model: Any = Round
    template_name = "grants/received_form.html"
    title = "Enter a bid received on paper or by e-mail"
    intro = "You enter what the original says next. Then its sender is asked to confirm that it is what they sent."
    submit_label = "Continue"
    done = "The bid is begun and the body is told that you have it. Enter what the original says."

    def check(self, case: Round) -> None:
        if not self.request.user.has_perm("grants.begin_bid"):
            raise NotPermitted("Bids that were received on paper or by e-mail are entered by commissioning officers.")
        if not case.way.open:
            raise Refused(case.way.invites)
        if case.state != RoundState.PUBLISHED or case.opens_at > clock.arrived():
            raise Refused("This round has not opened, or it is over, so no bid is entered in it.")

    def get_forms(self, case: Round, data: Any = None, files: Any = None) -> list[Any]:
        return [EnterForm(data, files, bodies=may_bid(case).order_by("name", "pk"))]

    def save(self, case: Round, forms: list[Any]) -> Bid:
        given = {name: forms[0].cleaned_data[name] for name in ("applicant", "title", "original")}
        return enter_received(round=case, receipt=forms[0].receipt(), by=self.request.user, **given)

    def success_url(self, case: Round, result: Bid) -> str:
        return f"{result.get_absolute_url()}{REQUEST}/" if case.asks.one_page else result.get_absolute_url()


class OnReceived(FormPage):
    """A page about a bid that the office entered, until it is confirmed."""

    model = Bid

    def cases(self) -> QuerySet[Bid]:
        return with_facts(super().cases())

    def check(self, case: Bid) -> None:
        if case.received_at is None:
            raise Http404
        if not self.request.user.has_perm("grants.confirm_received_bid", case):
            raise NotPermitted(f"{case.reference} is entered and confirmed by commissioning officers.")
        if case.state not in EDITABLE:
            raise Refused(f"{case.reference} is {case.get_state_display().lower()}, so this can no longer be done.")

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {"caption": f"{case.reference} · {case.title}", "back_url": case.get_absolute_url()}


class ReceiptPage(OnReceived):
    """Putting right how it came and from whom."""

    template_name = "grants/received_form.html"
    title = "How the bid was received"
    done = "Saved. A link that was sent before can no longer be used."

    def check(self, case: Bid) -> None:
        super().check(case)
        if case.state != BidState.DRAFT:
            raise Refused("The bid was confirmed once, so how it was received stays as it is.")

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        received, (day, time) = case.received, local_parts(case.received_at)
        which = SECOND if case.received_at and case.received_at.astimezone(clock.LONDON).fold else "first"
        initial = {"version": case.version, "received_on": day, "received_time": time, "which": which}
        initial |= {name: getattr(received, name) for name in ("how", "sender_name", "sender_role", "sender_email")}
        return [ReceiptForm(data, files, initial=initial, kept=received.original.name)]

    def save(self, case: Bid, forms: list[Any]) -> Bid:
        form = forms[0]
        original = form.cleaned_data["original"]
        return change_receipt(bid=case, receipt=form.receipt(), original=original, by=self.request.user, version=form.version)


class ToConfirm(OnReceived):
    """A step towards the sender's word, which is about a bid in which nothing is missing."""

    def check(self, case: Bid) -> None:
        super().check(case)
        if late := submit_in_time(case):
            raise Refused(*late)
        if problems(case):
            raise Refused(NOT_WHILE_INCOMPLETE)


class AskSenderPage(ToConfirm):
    template_name = "casework/confirm.html"
    title = "Ask the sender to confirm"
    submit_label = "Send the e-mail"
    done = "The e-mail is on its way. The bid is submitted once its sender has confirmed it."

    def check(self, case: Bid) -> None:
        super().check(case)
        if not case.received.sender_email:
            raise Refused("There is no e-mail address of the sender. Enter it, or attach a confirmation that they signed.")

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        return [HouseForm(data, initial={"version": case.version})]

    def save(self, case: Bid, forms: list[Any]) -> SenderConfirmation:
        return ask_sender(bid=case, by=self.request.user, version=forms[0].version)

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        received = case.received
        effects = [
            f"{received.sender_name} is sent a link to {received.sender_email}, which works for 14 days and for one answer.",
            "It shows the whole bid as it is entered here. Nobody has to sign in.",
            "If they confirm it, the bid is submitted at once and they are sent a receipt. If something is wrong, you read what.",
            "Links that were sent before can no longer be used.",
        ]
        return super().context(case, forms) | {"effects": effects}


class SignedPage(ToConfirm):
    title = "Attach a signed confirmation"
    intro = (
        "Use this where the sender cannot answer by e-mail. They read the bid as it is entered here, sign that it is what they sent "
        "and that they accept the terms, and you attach what they signed. The bid is submitted then."
    )
    submit_label = "Attach it and submit the bid"
    done = "The confirmation is attached and the bid is submitted."

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        return [SignedForm(data, files, initial={"version": case.version})]

    def save(self, case: Bid, forms: list[Any]) -> Bid:
        values = forms[0].cleaned_data
        return record_signed(
            bid=case, name=values["name"], upload=values["signed"], by=self.request.user, version=forms[0].version
        )


class SenderAnswerPage(ByLink):
    """The whole bid as it was typed, for whoever sent it and holds the link."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        asked = asked_by_link(token)
        if asked is None:
            return self.no_such_link(request)
        if asked.answer:
            return self.answered(request, asked)
        if closed := why_closed(asked):
            return self.closed(request, closed)
        return self.show(request, asked)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        asked = asked_by_link(token)
        if asked is None:
            return self.no_such_link(request)
        if asked.answer:  # a second click finds what the first one did
            return redirect(request.path)
        form = SenderAnswerForm(request.POST, bid=asked.received.bid)
        if not why_closed(asked) and not form.is_valid():
            return self.show(request, asked, form, status=422)
        values = form.cleaned_data if form.is_valid() else {}
        given = {name: values.get(name, "") for name in ("answer", "seen", "name", "said")}
        try:
            answer_as_sender(asked=asked, **given)
        except Stale:
            return self.show(request, asked, form, status=409)
        except Refused as error:
            return self.closed(request, *error.sentences)
        return redirect(request.path)

    def show(
        self, request: HttpRequest, asked: SenderConfirmation, form: SenderAnswerForm | None = None, status: int = 200
    ) -> HttpResponse:
        bid = with_facts(Bid.objects.filter(pk=asked.received.bid_id)).get()
        if problems(bid):
            return self.closed(request, "The office is changing the bid. Come back later: this link still works.")
        data = content(bid)
        seen = text_hash(data)
        if form is None:
            form = SenderAnswerForm(None, bid=bid, initial={"seen": seen})
        elif status == 409:
            form.read_again(seen)
        context = {
            "asked": asked,
            "bid": bid,
            "received": bid.received,
            "blocks": told(data),
            "attachments": [{**each, "url": ""} for each in files(data)],
            "changed": seen != asked.text_sha256,
            "form": form,
            "title": "Confirm the bid that you sent",
        }
        return self.private(render(request, "grants/sender_answer.html", context, status=status))

    def answered(self, request: HttpRequest, asked: SenderConfirmation) -> HttpResponse:
        confirmed = asked.answer == SenderConfirmation.Answer.CONFIRMED
        receipt = snapshots_of(asked.received.bid).filter(at__gte=asked.answered_at).first() if confirmed else None
        context = {"asked": asked, "bid": asked.received.bid, "receipt": receipt}
        return self.private(render(request, "grants/sender_answered.html", context))
