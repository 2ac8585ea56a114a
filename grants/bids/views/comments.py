"""The page on which the lead of a Delivery Group reads a bid and comments on it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from casework.forms import HouseForm
from casework.snapshots import snapshots_of
from casework.views import FormPage
from grants.bids.comments import DeliveryGroupComment, bids_to_comment, comment_as_lead, comment_on
from grants.bids.content import told
from grants.bids.models import Bid
from grants.bids.states import DECIDED, BidState


class CommentForm(HouseForm):
    version = None  # type: ignore[assignment]
    text = forms.CharField(
        max_length=4000,
        label="Your group's comment",
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="The office and the assessors read it now, the bidder when they are told of the decision.",
    )
    nouns = {"text": "your comment"}


class CommentPage(FormPage):
    """The bid as submitted, without its files, and the comment. To everybody else it is not there."""

    model = Bid
    template_name = "grants/bid_comment.html"
    title = "Comment on a bid"
    submit_label = "Save the comment"
    done = "The comment is saved. You can change it until the assessment is complete."

    def cases(self) -> QuerySet[Bid]:
        """What was typed while the assessment was completed is not lost: it is refused on the same page."""
        states = [BidState.ASSESSING] if self.request.method != "POST" else [BidState.ASSESSING, BidState.ASSESSED, *DECIDED]
        return bids_to_comment(self.request.user, states).select_related("round", "applicant", "delivery_group", "file")

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        kept = comment_on(case)
        return [CommentForm(data, initial={"text": kept.text if kept is not None else ""})]

    def save(self, case: Bid, forms: list[Any]) -> DeliveryGroupComment:
        return comment_as_lead(bid=case, text=forms[0].cleaned_data["text"], by=self.request.user)

    def success_url(self, case: Any, result: Any) -> str:
        return self.request.path

    def cancel_url(self, case: Any) -> str:
        return "/"

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        version = snapshots_of(case).last()
        return {
            "attachments": None,
            "back_url": "/",
            "caption": case.reference,
            "bid": case,
            "blocks": told(version.data) if version is not None else [],
        }
