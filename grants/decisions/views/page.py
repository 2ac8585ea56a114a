"""The list of decisions, a decision's page and its notice."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.views.generic import TemplateView

from casework.forms.text import plain_text
from casework.snapshots import snapshots_of
from casework.views import CaseMixin, CasePage, FormPage, ListPage
from casework.workflow import NotPermitted, Option, options
from grants.decisions import services
from grants.decisions.checks import awaits_recommendation, no_own_letters
from grants.decisions.forms import NewDecisionForm
from grants.decisions.models import Award, Decision, PublicationHold
from grants.decisions.queries import money_of, positions, with_totals
from grants.decisions.tables import EXPORT, DecisionFilter, DecisionTable
from grants.decisions.views.base import OnDecision, S, table_of
from grants.rounds.models import Round
from partnerships.organisations.standing import standing_of


class DecisionList(ListPage):
    model = Decision
    table_class = DecisionTable
    filterset_class = DecisionFilter
    title = "Decisions"
    noun = "decisions"
    export_columns = EXPORT

    def get_queryset(self) -> Any:
        """Nobody outside the office has such a page: 404, not an empty list."""
        if not standing_of(self.request.user).is_caseworker:
            raise Http404
        return with_totals(Decision.objects.visible_to(self.request.user)).select_related("round__fund").order_by("-pk")

    def get_action(self) -> dict[str, str] | None:
        may = self.request.user.has_perm("grants.create_decision")
        return {"label": "Write a decision", "url": f"{self.request.path}new/"} if may else None


class NewDecision(FormPage):
    title = "Write a decision"
    submit_label = "Continue"
    done = "The draft is begun. Next, set what is decided on each bid."

    def check(self, case: Any) -> None:
        if not standing_of(self.request.user).is_caseworker:
            raise Http404
        if not self.request.user.has_perm("grants.create_decision"):
            raise NotPermitted("Only a commissioning officer writes a decision.")

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        asked = Round.objects.filter(reference=plain_text(self.request.GET.get("round", ""))).first()
        return [NewDecisionForm(data, initial={"round": asked, "title": asked.title if asked else ""})]

    def save(self, case: Any, forms: list[Any]) -> Decision:
        given = forms[0].cleaned_data
        return services.create_decision(round=given["round"], title=given["title"], by=self.request.user)

    def success_url(self, case: Any, result: Decision) -> str:
        return f"{result.get_absolute_url()}awards/"

    def cancel_url(self, case: Any) -> str:
        return "/decisions/"


class DecisionPage(OnDecision, CasePage):
    """The paper: awards against the budget, reasons, declaration, what is held back."""

    template_name = "grants/decision_case.html"
    with_documents = False
    with_notes = False

    def title(self, case: Decision) -> str:
        return case.title

    def sentence(self, case: Decision) -> str:
        if case.state == S.MADE:
            untold = [award for award in case.all_awards() if award.told_at is None]
            if untold:
                return "An officer tells the bidders. The decision can be published when every bidder is told."
            return "Every bidder is told. An officer or a communications officer publishes the decision."
        return {
            S.DRAFT: "An officer sets what is decided on each bid, writes the reasons and recommends the decision.",
            S.RECOMMENDED: "The decision maker reads the recommendation, declares interests and decides.",
            S.PUBLISHED: "This decision is published. Its awards are in the public register.",
            S.WITHDRAWN: "This decision was withdrawn. Its bids can be decided again.",
        }[S(case.state)]

    def steps(self, case: Decision) -> Sequence[Option]:
        user, base = self.request.user, case.get_absolute_url()
        own = []
        if user.has_perm("grants.change_decision", case):
            own.append(Option("awards", "Set the awards", f"{base}awards/", True, (), False))
            own.append(Option("details", "Write the reasons", f"{base}details/", True, (), False))
        untold = case.state == S.MADE and any(award.told_at is None for award in case.all_awards())
        if untold and user.has_perm("grants.tell_bidders", case) and not no_own_letters(case, user):
            own.append(Option("tell", "Tell the bidders", f"{base}tell/", True, (), False))
        hidden = {"make"} if awaits_recommendation(case) else set()
        moves = [option for option in options(case, user) if option.name not in hidden]
        ready = any(option.name == "recommend" and option.allowed for option in moves)
        return [*moves, *own] if ready else [*own, *moves]

    def summary(self, case: Decision) -> list[dict[str, Any]]:
        editable = self.request.user.has_perm("grants.change_decision", case)
        href = f"{case.get_absolute_url()}details/" if editable else ""
        written = [
            ("Legal power", f"{case.legal_power.name}: {case.legal_power.statute}"),
            ("Executive summary", case.summary),
            ("Reasons", case.reasons),
            ("Recommendation", case.recommendation),
            ("Meeting, paper and minute", case.meeting),
        ]
        if case.over_budget_reason:
            written.append(("Reason for awarding above the budget", case.over_budget_reason))
        rows: list[dict[str, Any]] = [
            {"label": "Round", "value": str(case.round)},
            {"label": "How money is given", "value": case.round.get_route_display()},
        ]
        rows += [
            {"label": f"{case.round.way.why}: {award.bid.reference}", "value": award.bid.route_reason}
            for award in case.all_awards()
            if award.bid.begun_by_office
        ]
        rows += [{"label": label, "value": value, "href": href} for label, value in written]
        if case.recommended_by:
            rows.append({"label": "Recommended by", "value": str(case.recommended_by)})
        if case.decided_by:
            rows.append({"label": "Decided by", "value": f"{case.decided_by}, {case.decided_as}"})
            rows += [
                {"label": "Decided", "value": case.decided_at},
                {"label": "Declaration of interests", "value": case.interests},
                {"label": "Published", "value": case.published_at or "Not yet"},
            ]
        return rows

    def money(self, case: Decision) -> dict[str, Any]:
        return money_of(case, positions(case))

    def extra(self, case: Decision) -> dict[str, Any]:
        user = self.request.user
        holds = PublicationHold.objects.filter(award__decision=case, lifted_at=None).select_related("award__bid", "approved_by")
        return {
            **table_of(case, user),
            "editable": user.has_perm("grants.change_decision", case),
            "holds": list(holds.order_by("pk")),
            "may_hold": case.state != S.WITHDRAWN and user.has_perm("grants.hold_publication", case),
            "has_notice": case.decided_at is not None,
        }


class NoticePage(OnDecision, CaseMixin, TemplateView):
    """The notice as it was last frozen: as made, and once published as published."""

    template_name = "grants/decision_notice.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case = self.get_case()
        frozen = snapshots_of(case).last()
        if frozen is None:
            raise Http404
        return super().get_context_data(**kwargs) | {"case": case, "frozen": frozen, "notice": _readable(frozen.data)}


def _readable(notice: dict[str, Any]) -> dict[str, Any]:
    """The frozen codes in words."""
    for award in notice["awards"]:
        award["outcome_label"] = Award.Outcome(award["outcome"]).label
        award["pounds"] = Decimal(award["amount"])
        award["kind_label"] = Award.Kind(award["kind"]).label
        award["held_back"] = [
            {"part": PublicationHold.Part(held["part"]).label, "ground": held["ground"]} for held in award["held_back"]
        ]
    return notice
