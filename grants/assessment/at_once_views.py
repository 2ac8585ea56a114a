"""Assessing a small request on one page, by the officer."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from casework.workflow import Refused
from grants.assessment.at_once import assess_at_once
from grants.assessment.forms import AtOnceForm
from grants.assessment.queries import picture_of, typed_by
from grants.assessment.reading import bid_text
from grants.assessment.views import OnBid
from grants.bids.models import Bid
from grants.bids.states import BidState


class AtOncePage(OnBid):
    """Gates, scores and the declaration of interests together, with the bid's text beside them."""

    reads_scores = True
    title = "Assess this request"
    submit_label = "Save the assessment"
    template_name = "grants/assessment_form.html"

    def check(self, case: Bid) -> None:
        if case.round.assessors != 1:
            raise Http404
        super().check(case)
        if case.state != BidState.ASSESSING:
            raise Refused("Begin the assessment first: from then on the bidder cannot take the bid back.")
        if typed_by(case, self.request.user):
            raise Refused(f"You entered {case.reference} for its sender, so somebody else must assess it.")

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        return [AtOnceForm(data, picture=picture_of(case))]

    def save(self, case: Bid, forms: list[Any]) -> Any:
        form, failed = forms[0], any(not judged.passed for judged in forms[0].results())
        scores = [] if failed else form.scores()
        bid = assess_at_once(bid=case, gates=form.results(), scores=scores, by=self.request.user)
        gone = bid.state == BidState.INELIGIBLE
        self.done = (
            f"A gate is failed, so {bid.reference} is not eligible." if gone else "Assessed. Somebody else decides on it now."
        )
        return bid

    def context(self, case: Bid, forms: list[Any]) -> dict[str, Any]:
        return {"text": bid_text(case)}
