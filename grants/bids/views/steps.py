"""The steps of a bid. Submitting has a declaration of its own and ends on a receipt."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect

from casework.templatetags.ui import gov_moment
from casework.views import TransitionPage
from casework.workflow import Stale, perform
from grants.bids.forms_details import ReturnForm, SubmitForm
from grants.bids.models import Bid
from grants.bids.queries import with_parties
from grants.bids.states import BidState


class BidTransition(TransitionPage):
    model = Bid
    forms = {"submit": SubmitForm, "return_for_changes": ReturnForm}
    effects = {
        "submit": (
            "The bid is frozen as it stands and a receipt is e-mailed to you and to the coordinators.",
            "The office is told that it has arrived.",
            "While the round is open and the office has not begun, you can take it back to change it.",
        ),
        "recall": (
            "The bid becomes a draft again. It must be submitted once more before the round closes.",
            "What was submitted stays on record as its own version.",
        ),
        "return_for_changes": (
            "The bidder can change these sections and submit the bid again, also after the round has closed.",
            "Your words are e-mailed to the coordinators and signatories and shown on the bid and in its history.",
            "You will see what changed between the two versions, word by word.",
        ),
        "begin_assessment": ("The bidder can no longer take the bid back.",),
        "withdraw": ("The office no longer considers the bid.", "It can be brought back as a draft while the round takes bids."),
        "lapse": (
            "What was committed for the award goes back to the fund.",
            "The offer, and the agreement if there is one, no longer count. They can still be read.",
            "The decision stays published. The register shows the award as not taken up.",
            "Your reason is e-mailed to the coordinators and signatories and shown in the bid's history.",
        ),
        "bring_back": ("The bid becomes a draft again and must be submitted before the round closes.",),
        "reinstate": ("The bid goes on as if it had passed its gates.",),
        "complete_assessment": ("The bid can be recommended for a decision.",),
        "reopen_assessment": ("Scores can be changed again. The bid can be recommended once the assessment is complete.",),
    }

    def cases(self) -> QuerySet[Bid]:
        return with_parties(super().cases())

    @property
    def template_name(self) -> str:  # type: ignore[override]
        return "grants/bid_submit.html" if self.name == "submit" else "casework/confirm.html"

    def carry_out(self, case: Any, version: int | None, reason: str, data: dict[str, Any]) -> Any:
        """The form has seen to declaration and terms; the transition itself takes neither."""
        if self.name == "submit":
            return perform(case, "submit", by=self.request.user, version=version)
        return super().carry_out(case, version, reason, data)

    def show_stale(self, case: Any, shown: list[Any], error: Stale) -> HttpResponse:
        """Two signatories in the same minute: the second reads that it is done and by whom, not that something is wrong."""
        case.refresh_from_db()
        if self.name != "submit" or case.state != BidState.SUBMITTED:
            return super().show_stale(case, shown, error)
        who, when = case.submitted_by or "Its sender", gov_moment(case.submitted_at)
        words = f"{who} submitted this bid on {when}, before you did. There is nothing left to do."
        messages.info(self.request, words)
        return HttpResponseRedirect(f"{case.get_absolute_url()}submitted/")

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        """What the office entered as it was received is not taken back by its bidder."""
        context = super().context(case, forms)
        if self.name == "submit" and case.received_at is not None:
            context["effects"] = self.effects["submit"][:2]
        return context

    def success_url(self, case: Any, result: Any) -> str:
        if self.name == "submit":
            return f"{case.get_absolute_url()}submitted/"
        return super().success_url(case, result)
