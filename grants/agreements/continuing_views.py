"""Naming a grant that goes on."""

from __future__ import annotations

from typing import Any

from django import forms

from casework.forms import HouseForm
from grants.agreements.continuing import continuable, continue_grant
from grants.agreements.models import Agreement
from grants.bids.models import Bid
from grants.bids.views.begun import PUBLISHED, DirectPage
from grants.rounds.models import Round
from grants.rounds.ways import Route


class ContinueForm(HouseForm):
    """Which grant, and what a review of it would destabilise."""

    agreement = forms.ModelChoiceField(
        Agreement.objects.none(), empty_label="Select a grant", to_field_name="reference", label="Which grant goes on?"
    )
    reason = forms.CharField(
        max_length=1000,
        label="Why is it continued?",
        help_text=f"Say what a review or a competition would destabilise. {PUBLISHED}",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    nouns = {"agreement": "the grant", "reason": "why it is continued"}

    def __init__(self, *args: Any, round: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["agreement"]
        field.queryset = continuable(round)
        field.label_from_instance = lambda grant: f"{grant.reference} {grant.bid.title}, {grant.bid.applicant}"


class ContinuePage(DirectPage):
    route = Route.CONTINUATION
    title = "Name a grant to continue"
    intro = (
        "Its bid for the new year begins with what was agreed, moved to that year. The partner confirms or changes the figures, "
        "its signatory submits them, and the Commissioner decides."
    )
    done = "The bid is begun with what was agreed, and the partner is told."

    def get_forms(self, case: Round, data: Any = None, files: Any = None) -> list[Any]:
        return [ContinueForm(data, round=case)]

    def save(self, case: Round, forms: list[Any]) -> Bid:
        given = forms[0].cleaned_data
        return continue_grant(agreement=given["agreement"], round=case, reason=given["reason"], by=self.request.user)

    def success_url(self, case: Round, result: Bid) -> str:
        return result.get_absolute_url()
