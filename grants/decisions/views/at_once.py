"""Deciding a small request on one page."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from casework.views import FormPage
from casework.workflow import NotPermitted, Refused
from grants.assessment.queries import with_agreed_points
from grants.assessment.reading import bid_text
from grants.bids.models import Bid
from grants.bids.states import BidState
from grants.decisions.at_once import assessed_by, decide_at_once, entered_by
from grants.decisions.forms import AtOnceForm
from grants.decisions.models import Award, Decision
from grants.decisions.states import DecisionState
from partnerships.organisations.standing import standing_of


class AtOncePage(FormPage):
    """An officer decides within the scheme of delegation; the bid stands beside the form."""

    model = Bid
    template_name = "grants/assessment_form.html"
    title = "Decide this request"
    submit_label = "Decide and tell the bidder"
    done = "Decided. The bidder is told, and an award goes out with its offer letter."

    def cases(self) -> Any:
        """Nobody outside the office has such a page."""
        if not standing_of(self.request.user).is_caseworker:
            return Bid.objects.none()
        bids = Bid.objects.visible_to(self.request.user).select_related("round", "applicant", "accountable_body", "file")
        return with_agreed_points(bids, self.request.user)

    def check(self, case: Bid) -> None:
        if case.round.asks.recommended or case.round.way.commissioner:
            raise Http404
        if not (self.request.user.has_perm("grants.create_decision") and self.request.user.has_perm("grants.decide_bid", case)):
            raise NotPermitted("Only a commissioning officer without an interest in it decides a request at once.")
        if case.state != BidState.ASSESSED:
            raise Refused(f"{case.reference} is {case.get_state_display().lower()}, so this can no longer be done.")
        if assessed_by(case, self.request.user):
            raise Refused(f"You assessed {case.reference}, so somebody else must decide.")
        if entered_by(case, self.request.user):
            raise Refused(f"You entered {case.reference}, so somebody else must decide.")
        if Award.objects.filter(bid=case).exclude(decision__state=DecisionState.WITHDRAWN).exists():
            raise Refused(f"A decision about {case.reference} is being written. Go on with it under Decisions.")

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        return [AtOnceForm(data, bid=case)]

    def save(self, case: Bid, forms: list[Any]) -> Decision:
        given = forms[0].cleaned_data
        return decide_at_once(
            bid=case, outcome=given["outcome"], amount=given["amount"], reason=given["reason"], by=self.request.user
        )

    def context(self, case: Bid, forms: list[Any]) -> dict[str, Any]:
        return {"text": bid_text(case)}
