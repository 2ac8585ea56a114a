"""Entering a direct award: which body, what for, and why there is no competition."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404

from casework.forms import HouseForm
from casework.views import FormPage
from casework.workflow import NotPermitted, Refused
from grants.bids.begun import begin_for_body
from grants.bids.completeness import REQUEST
from grants.bids.models import Bid
from grants.rounds.models import Round
from grants.rounds.queries import BIDDER_KINDS
from grants.rounds.ways import Route
from partnerships.organisations.models import Organisation

PUBLISHED = "It is published with the award, so name no person in it"


class DirectForm(HouseForm):
    """Enough to begin; the figures follow on the bid's own pages."""

    applicant = forms.ModelChoiceField(Organisation.objects.none(), empty_label="Select a body", label="Which body?")
    title = forms.CharField(max_length=140, label="What is it for?", help_text="The project's name")
    reason = forms.CharField(
        max_length=1000, label="Why is there no competition?", help_text=PUBLISHED, widget=forms.Textarea(attrs={"rows": 4})
    )
    nouns = {"applicant": "the body", "title": "what it is for", "reason": "why there is no competition"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bodies = Organisation.objects.current().filter(kind__in=BIDDER_KINDS).order_by("name", "pk")
        self.fields["applicant"].queryset = bodies  # type: ignore[attr-defined]


class DirectPage(FormPage):
    model: Any = Round
    route = Route.DIRECT
    title = "Enter a direct award"
    intro = (
        "You enter the body's figures next. Its coordinator can put them right, and its signatory confirms them by submitting."
    )
    submit_label = "Continue"
    done = "The bid is begun and the body is told. Enter its figures."

    def check(self, case: Round) -> None:
        if case.route != self.route:
            raise Http404
        if not self.request.user.has_perm("grants.begin_bid"):
            raise NotPermitted("Awards without competition are entered by commissioning officers.")
        if not case.takes_bids():
            raise Refused("This round takes no bids now.")

    def get_forms(self, case: Round, data: Any = None, files: Any = None) -> list[Any]:
        return [DirectForm(data)]

    def save(self, case: Round, forms: list[Any]) -> Bid:
        given = {name: forms[0].cleaned_data[name] for name in ("applicant", "title", "reason")}
        return begin_for_body(round=case, by=self.request.user, **given)

    def success_url(self, case: Round, result: Bid) -> str:
        return f"{result.get_absolute_url()}{REQUEST}/" if case.asks.one_page else result.get_absolute_url()
