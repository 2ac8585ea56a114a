"""The pages of confidential bids: naming who may know, opening one again to everybody, and an auditor's way in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import View

from casework.forms import Checkboxes, HouseForm
from casework.views import FormPage
from casework.views.forms import ReasonForm
from casework.workflow import NotPermitted, Refused
from grants.bids.confidence import keep_confidential, lift_confidence, open_as_auditor, who_can_be_named
from grants.bids.models import Bid
from grants.bids.queries import with_parties
from grants.bids.readers import readers_now
from grants.bids.states import NOT_ASSESSED
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of


class ConfidenceForm(HouseForm):
    """Who may know of the bid, by body, and why."""

    reason = forms.CharField(
        max_length=500,
        label="Why is the bid confidential?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The named people read this. For example, it names the place of a refuge.",
    )
    nouns = {"reason": "why the bid is confidential"}
    mark_optional = False

    def __init__(self, *args: Any, groups: dict[str, list[tuple[int, str]]], named: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = [f"people_{place}" for place in range(len(groups))]
        for name, (title, people) in zip(self.groups, groups.items(), strict=True):
            self.fields[name] = forms.TypedMultipleChoiceField(
                choices=people, coerce=int, widget=Checkboxes, required=False, label=title, initial=named
            )

    def people(self) -> set[int]:
        return {key for name in self.groups for key in self.cleaned_data[name]}


class ConfidencePage(FormPage):
    model = Bid
    title = "Who may know of this bid?"
    intro = (
        "Only the people you select can open the bid, find it in a list or get e-mails about it, and so with everything that follows from "
        "it. Everybody else sees totals. You are one of them. An auditor can open it, and that is recorded."
    )
    done = "Only the named people know of the bid now."

    def cases(self) -> Any:
        return with_parties(super().cases())

    def check(self, case: Bid) -> None:
        if not self.request.user.has_perm("grants.keep_confidential", case):
            raise NotPermitted("Coordinators of the applicant and commissioning officers say who may know of a bid.")
        if not case.is_confidential and case.state not in NOT_ASSESSED and self.request.method != "POST":
            raise Refused("A bid can be made confidential until its assessment is complete.")

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        kept = case.readers.filter(until=None).values_list("person", flat=True)
        named: list[Any] = list(kept) or [self.request.user.pk]
        initial = {"version": case.version, "reason": case.confidential_reason}
        return [ConfidenceForm(data, initial=initial, groups=who_can_be_named(case), named=named)]

    def save(self, case: Bid, forms: list[Any]) -> Bid:
        form = forms[0]
        reason = form.cleaned_data["reason"]
        return keep_confidential(bid=case, people=form.people(), reason=reason, by=self.request.user, version=form.version)


class LiftConfidencePage(FormPage):
    model = Bid
    template_name = "casework/confirm.html"
    title = submit_label = "Make the bid open again"
    done = "Everybody whose role it is can see the bid again."

    def check(self, case: Bid) -> None:
        if not self.request.user.has_perm("grants.keep_confidential", case):
            raise NotPermitted("Coordinators of the applicant and commissioning officers say who may know of a bid.")
        if not case.is_confidential:
            raise Refused(f"{case.reference} is not confidential.")

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        return [ReasonForm(data, initial={"version": case.version})]

    def save(self, case: Bid, forms: list[Any]) -> Bid:
        return lift_confidence(bid=case, reason=forms[0].cleaned_data["reason"], by=self.request.user, version=forms[0].version)

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {
            "danger": True,
            "effects": [
                "Everything that was written while it was confidential can be read by everybody whose role shows them the bid."
            ],
        }


class ConfidentialBids(View):
    """For auditors: the references of confidential bids, and opening one on the record. To everybody else it is not there."""

    http_method_names = ["get", "post", "head", "options"]

    def bids(self) -> Any:
        if not standing_of(self.request.user).in_office(Role.AUDITOR):
            raise Http404
        return Bid.objects.filter(is_confidential=True)

    def get(self, request: HttpRequest) -> HttpResponse:
        bids = self.bids().select_related("round").order_by("-pk")
        mine = set(readers_now().filter(person=request.user.pk).values_list("bid", flat=True))
        return render(request, "grants/bids_confidential.html", {"bids": [(bid, bid.pk in mine) for bid in bids]})

    def post(self, request: HttpRequest) -> HttpResponse:
        bid = get_object_or_404(self.bids(), reference=request.POST.get("reference", "")[:60].replace("\x00", ""))
        open_as_auditor(bid=bid, by=request.user)
        messages.success(request, f"It is recorded that you opened {bid.reference}. It stays open to you until midnight.")
        return redirect(bid.get_absolute_url())
