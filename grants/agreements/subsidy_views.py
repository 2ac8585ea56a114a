"""The page on which a recipient's signatory confirms subsidy control; only an enterprise has it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404

from casework.forms import HouseForm, PoundsField
from casework.views import FormPage
from casework.workflow import NotPermitted, Refused
from grants.agreements.subsidy import MOST, confirm, confirmation_of, is_asked, years
from grants.agreements.subsidy_models import SubsidyConfirmation
from grants.bids.models import Bid


class SubsidyForm(HouseForm):
    received = PoundsField(label="", error_messages={"required": "Enter how much it received, or 0"})
    agreed = forms.BooleanField(error_messages={"required": "Select that you confirm it"})
    nouns = {"received": "how much it received"}

    def __init__(self, *args: Any, bid: Bid, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["received"].label = f"How much did {bid.accountable_body} receive in {years()}?"
        self.fields[
            "received"
        ].help_text = "Minimal financial assistance and comparable subsidies, from anybody. Enter 0 if none."
        self.fields["agreed"].label = "I confirm this for the body, and that it agrees to receive this award in that way"


class SubsidyPage(FormPage):
    model = Bid
    title = "Confirm subsidy control"
    submit_label = "Confirm"
    done = "The confirmation is kept. The office can now issue the agreement."
    template_name = "grants/subsidy_form.html"

    def cases(self) -> QuerySet[Bid]:
        return Bid.objects.visible_to(self.request.user).select_related("round", "applicant", "accountable_body", "file")

    def check(self, case: Bid) -> None:
        if not is_asked(case):
            raise Http404
        if not self.request.user.has_perm("grants.confirm_subsidy", case):
            raise NotPermitted(f"A signatory of {case.accountable_body} gives this confirmation.")
        if self.request.method == "GET" and confirmation_of(case) is not None:
            raise Refused(f"{case.accountable_body} has confirmed subsidy control already.")

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        return [SubsidyForm(data, bid=case)]

    def save(self, case: Bid, forms: list[Any]) -> SubsidyConfirmation:
        return confirm(bid=case, received=forms[0].cleaned_data["received"], by=self.request.user)

    def context(self, case: Bid, forms: list[Any]) -> dict[str, Any]:
        return {"most": MOST}
