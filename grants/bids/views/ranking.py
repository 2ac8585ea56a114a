"""The page on which a body puts its own bids of a round in order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404
from django.shortcuts import get_object_or_404

from casework import clock
from casework.forms import DateField, HouseForm
from casework.views import FormPage
from casework.workflow import Refused
from grants.bids.models import Bid
from grants.bids.ranking import RANKERS, Meeting, Ranking, latest_ranking, needs_reason, own_bids, rank_bids, why_no_order
from grants.bids.readers import known_to
from grants.rounds.models import Round
from partnerships.organisations.models import Organisation
from partnerships.organisations.standing import standing_of

CHANGED, LATE = "Why is the order changed?", "Why do you put them in order only now?"


class RankingForm(HouseForm):
    """A number for each bid, and the meeting that decided it."""

    version = None  # type: ignore[assignment]
    met_on = DateField(label="When did you meet?", not_after=clock.today)
    minutes = forms.CharField(max_length=300, label="Where are the minutes?", help_text="An address or a file reference")
    left = forms.CharField(
        max_length=2000,
        required=False,
        label="Who declared an interest and left the room?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Name and body, one a line. Your own people and the office read this.",
    )
    nouns = {"met_on": "the date of the meeting", "minutes": "where the minutes are"}

    def __init__(self, *args: Any, bids: list[Bid], why: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bids = bids
        places = [(number, str(number)) for number in range(1, len(bids) + 1)]
        ranks: dict[str, forms.Field] = {
            f"rank_{bid.pk}": forms.TypedChoiceField(
                choices=[("", "Select"), *places],
                coerce=int,
                initial=getattr(bid, "rank", None),
                label=f"{bid.reference} {bid.title}",
                error_messages={"required": f"Select the place of {bid.reference}"},
            )
            for bid in bids
        }
        self.fields = {**ranks, **self.fields}
        if why:
            self.fields["reason"] = forms.CharField(
                max_length=500,
                label=why,
                help_text="One of the bids has been submitted. An earlier order stays on record.",
                widget=forms.Textarea(attrs={"rows": 3}),
                error_messages={"required": "Enter the reason"},
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        taken: dict[int, Bid] = {}
        for bid in self.bids:
            rank = cleaned.get(f"rank_{bid.pk}")
            if rank and rank in taken:
                self.add_error(
                    f"rank_{bid.pk}",
                    f"{taken[rank].reference} is in place {rank} already: select another place for {bid.reference}",
                )
            elif rank:
                taken[rank] = bid
        return cleaned

    def order(self) -> list[int]:
        return [bid.pk for bid in sorted(self.bids, key=lambda bid: self.cleaned_data[f"rank_{bid.pk}"])]


class RankingPage(FormPage):
    """For the coordinators and the chair of the body; to everybody else it is not there."""

    model: Any = Round
    title = "Put your bids in order"
    intro = "Give the bid that matters most to you place 1. The office and the assessors see the places when they assess."
    submit_label = "Save the order"
    done = "The order is saved."

    def get_case(self) -> Any:
        self.body = get_object_or_404(Organisation, key=self.kwargs["organisation"])
        if not standing_of(self.request.user).holds(self.body.pk, *RANKERS):
            raise Http404
        return super().get_case()

    def bids(self, case: Round) -> list[Bid]:
        return list(own_bids(case, self.body.pk).filter(known_to(self.request.user)))

    def check(self, case: Round) -> None:
        if self.request.method != "POST" and (sentence := why_no_order(self.bids(case))):
            raise Refused(sentence)

    def get_forms(self, case: Round, data: Any = None, files: Any = None) -> list[Any]:
        bids = self.bids(case)
        last = latest_ranking(case, self.body.pk)
        why = "" if not needs_reason(bids) else CHANGED if last is not None else LATE
        initial = {"met_on": last.met_on, "minutes": last.minutes, "left": last.left} if last is not None else {}
        return [RankingForm(data, initial=initial, bids=bids, why=why)]

    def save(self, case: Round, forms: list[Any]) -> Ranking:
        form = forms[0]
        given = form.cleaned_data
        meeting = Meeting(given["met_on"], given["minutes"], given["left"])
        reason = given.get("reason", "")
        return rank_bids(
            round=case, organisation=self.body, order=form.order(), meeting=meeting, by=self.request.user, reason=reason
        )

    def success_url(self, case: Any, result: Any) -> str:
        return f"/bids/?round={case.pk}"

    def cancel_url(self, case: Any) -> str:
        return f"/bids/?round={case.pk}"

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {"back_url": case.get_absolute_url(), "caption": f"{case.reference} · {self.body}"}
