"""The offer's page, and the pages on which the partner fits it to the award."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet

from casework.forms import HouseForm
from casework.money import total
from casework.registry import Panel
from casework.views import CasePage, FormPage, TransitionPage
from casework.workflow import NotPermitted, Option, definition, options, transition_method
from grants.agreements.forms import DetailsForm, LinesForm, MilestoneRows, TargetsForm
from grants.agreements.models import Agreement, Offer
from grants.agreements.services import save_details, save_lines, save_milestones, save_targets, short_of
from grants.agreements.states import OFFER_EDITABLE, SIGNED, OfferState
from grants.agreements.text import parts_of, readable
from grants.bids.models import Bid, BidLine

SENTENCES = {
    OfferState.DRAFT: "{applicant} fits the budget lines, targets and milestones to the award and sends them to the office.",
    OfferState.PROPOSED: "The office agrees the proposal or asks for changes.",
    OfferState.QUERIED: "{applicant} makes the changes the office asked for and sends the proposal again.",
    OfferState.AGREED: "The agreement is made from this. The office issues it next.",
    OfferState.WITHDRAWN: "The decision was withdrawn, so this offer no longer counts.",
}

AS_DECIDED = "The offer letter says what was decided. It goes out when the bidder is told."


def steps_of_award(bid: Bid, agreement: Agreement | None, user: Any) -> list[Option]:
    """What may become of the award itself while nothing is in force: that it is not taken up is recorded on the bid. The agreement
    is at hand, so the page asks nothing more of the database."""
    step = definition(transition_method(Bid, "lapse"), bid.state)
    signed = agreement is not None and agreement.state in SIGNED
    if step is None or signed or bid.is_untold or not user.has_perm(step.permission, bid):
        return []
    return [Option("lapse", step.custom["label"], f"{bid.get_absolute_url()}lapse/", True, (), True)]


class OfferMixin:
    model = Offer

    def cases(self) -> QuerySet[Offer]:
        offers = Offer.objects.visible_to(self.request.user)  # type: ignore[attr-defined]
        related = ("file", "agreement", "award__decision", "award__bid__applicant", "award__bid__accountable_body")
        return offers.select_related(*related).prefetch_related("lines", "measures", "milestones")


class OfferPage(OfferMixin, CasePage):
    """What is proposed under an award, beside what was asked for."""

    template_name = "grants/offer_page.html"

    def title(self, case: Offer) -> str:
        return case.bid.title

    def sentence(self, case: Offer) -> str:
        if case.bid.lapsed_at is not None:
            return "The award was not taken up, so this offer no longer counts."
        as_decided = case.state == OfferState.AGREED and not case.bid.round.asks.fitted
        words = AS_DECIDED if as_decided else SENTENCES[case.state].format(applicant=case.bid.applicant)
        short = short_of(case) if case.state in OFFER_EDITABLE else ""
        return f"{words} {short}".strip()

    def steps(self, case: Offer) -> Sequence[Option]:
        """The forms are offered before sending: the lines share the award by themselves, and what was asked for may fit it badly."""
        user = self.request.user
        moves = [*options(case, user), *steps_of_award(case.bid, getattr(case, "agreement", None), user)]
        if not self.request.user.has_perm("grants.change_offer", case):
            return moves
        base = case.get_absolute_url()
        own = [
            Option("lines", "Fit the budget to the award", f"{base}lines/", True, (), False),
            Option("targets", "Change the targets", f"{base}targets/", True, (), False),
        ]
        untouched = case.version == 1
        return [*own, *moves] if untouched or short_of(case) else [*moves, *own]

    def summary(self, case: Offer) -> list[dict[str, Any]]:
        bid, change = case.bid, ""
        if self.request.user.has_perm("grants.change_offer", case):
            change = f"{case.get_absolute_url()}details/"
        return [
            {"label": "Partnership", "value": bid.applicant},
            {"label": "Accountable body", "value": bid.accountable_body},
            {"label": "Asked for", "value": bid.amount_requested},
            {"label": "Award", "value": case.award.amount},
            {"label": "Reason given", "value": case.award.reason},
            {"label": "Starts", "value": case.starts, "href": change, "hidden": "start date"},
            {"label": "Ends", "value": case.ends, "href": change, "hidden": "end date"},
            {"label": "Comment to the office", "value": case.comment or "None", "href": change},
        ]

    def money(self, case: Offer) -> dict[str, Any]:
        asked = asked_lines(case)
        rows = [
            [
                f"{line.get_category_display()}: {line.description}",
                asked[line.line_key].asked if line.line_key in asked else None,
                line.amount,
                line.match_cash,
                line.match_in_kind,
            ]
            for line in case.lines.all()
        ]
        sums = [total([row[place] for row in rows]) for place in range(1, 5)]
        heads = ["Line", "Asked", "Within the award", "Match in cash", "Match in kind"]
        return {"caption": "Budget lines", "headers": heads, "rows": rows, "totals": ["Total", *sums]}

    def panels(self, case: Offer) -> list[Panel]:
        context = {"parts": readable(parts_of(case))}
        return [Panel("Targets and milestones", "grants/agreement_parts.html", context), *super().panels(case)]

    def extra(self, case: Offer) -> dict[str, Any]:
        may = self.request.user.has_perm("grants.change_offer", case)
        return {"change_url": case.get_absolute_url() if may else ""}


def asked_lines(offer: Offer) -> dict[Any, BidLine]:
    """The bid's lines by the key that the offer's share."""
    return {line.line_key: line for line in BidLine.objects.filter(bid=offer.award.bid_id)}


class OfferFormPage(OfferMixin, FormPage):
    """A part of the offer that the coordinator may change before it is sent."""

    def check(self, case: Offer) -> None:
        if self.request.method == "GET" and not self.request.user.has_perm("grants.change_offer", case):
            raise NotPermitted(f"{case.reference} cannot be changed by you as it stands.")


class OfferLinesPage(OfferFormPage):
    title = "Fit the budget to the award"
    template_name = "grants/offer_lines.html"
    done = ""

    def get_forms(self, case: Offer, data: Any = None, files: Any = None) -> list[Any]:
        return [LinesForm(data, offer=case, asked=asked_lines(case), initial={"version": case.version})]

    def context(self, case: Offer, forms: list[Any]) -> dict[str, Any]:
        return {"award": case.award.amount, "short": short_of(case)}

    def save(self, case: Offer, forms: list[Any]) -> None:
        save_lines(offer=case, amounts=forms[0].amounts(), by=self.request.user, version=forms[0].version)

    def success_url(self, case: Offer, result: Any) -> str:
        """Lines that do not add up are saved all the same, and the notice says how far they are."""
        short = short_of(Offer.objects.select_related("award").get(pk=case.pk))
        messages.success(self.request, f"Saved. {short}" if short else "Saved. The lines add up to the award.")
        return super().success_url(case, result)


class OfferTargetsPage(OfferFormPage):
    title = "Change the targets"
    intro = "Set what you will reach with the award. The measures themselves stay as they are in your bid."

    def get_forms(self, case: Offer, data: Any = None, files: Any = None) -> list[Any]:
        return [TargetsForm(data, offer=case, initial={"version": case.version})]

    def save(self, case: Offer, forms: list[Any]) -> None:
        save_targets(offer=case, targets=forms[0].targets(), by=self.request.user, version=forms[0].version)


class OfferMilestonesPage(OfferFormPage):
    title = "Change the milestones"
    template_name = "casework/formset.html"

    def get_forms(self, case: Offer, data: Any = None, files: Any = None) -> list[Any]:
        rows = [{"milestone": row.pk, "title": row.title, "due": row.due} for row in case.milestones.all()]
        return [HouseForm(data, initial={"version": case.version}), MilestoneRows(data, initial=rows, prefix="milestones")]

    def context(self, case: Offer, forms: list[Any]) -> dict[str, Any]:
        return {"formset": forms[1]}

    def save(self, case: Offer, forms: list[Any]) -> None:
        rows = [row.cleaned_data for row in forms[1].forms if row.cleaned_data.get("title") and not row.cleaned_data["DELETE"]]
        save_milestones(offer=case, rows=rows, by=self.request.user, version=forms[0].version)


class OfferDetailsPage(OfferFormPage):
    title = "Dates and comment"

    def get_forms(self, case: Offer, data: Any = None, files: Any = None) -> list[Any]:
        start = {"version": case.version, "starts": case.starts, "ends": case.ends, "comment": case.comment}
        return [DetailsForm(data, initial=start)]

    def save(self, case: Offer, forms: list[Any]) -> None:
        given = {name: forms[0].cleaned_data[name] for name in ("starts", "ends", "comment")}
        save_details(offer=case, by=self.request.user, version=forms[0].version, **given)


class OfferTransition(OfferMixin, TransitionPage):
    effects = {
        "propose": ["The office is told and answers.", "You can take it back until it has answered."],
        "agree": ["A draft agreement is made from these lines, targets and milestones.", "The coordinator is told."],
        "query": ["The coordinator is told your reason and can change the proposal."],
        "reopen": ["The coordinator can change the proposal again.", "The draft agreement waits until it is agreed."],
    }
