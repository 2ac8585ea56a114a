"""The pages of deciding: the office's own papers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView

from casework.forms import HouseForm
from casework.forms.text import plain_text
from casework.money import ZERO, total
from casework.snapshots import snapshots_of
from casework.views import CaseMixin, CasePage, FormPage, ListPage, TransitionPage
from casework.workflow import NotPermitted, Option, options
from grants.assessment.queries import as_read, with_agreed_points
from grants.decisions import services
from grants.decisions.awards import decidable
from grants.decisions.checks import no_own_letters
from grants.decisions.forms import AwardForm, ConditionFormSet, DetailsForm, HoldForm, MakeForm, NewDecisionForm, TermsForm
from grants.decisions.models import Award, Decision, PublicationHold
from grants.decisions.queries import AS_WRITTEN, as_written, money_of, positions, with_totals
from grants.decisions.states import DecisionState
from grants.decisions.tables import EXPORT, DecisionFilter, DecisionTable
from grants.funds.ledger import OverBudget
from grants.rounds.models import Round
from partnerships.organisations.standing import standing_of

WITH_ROUND = ("round__fund", "round__plan", "legal_power", "recommended_by", "decided_by")
S = DecisionState


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


class OnDecision:
    """Loads a decision with what its pages show, for callers that are CaseMixin pages."""

    model = Decision
    request: Any

    def cases(self) -> Any:
        return super().cases().select_related(*WITH_ROUND)  # type: ignore[misc]

    def get_case(self) -> Any:
        case = super().get_case()  # type: ignore[misc]
        case.all_awards(reader=self.request.user)
        return case


def table_of(decision: Decision, user: Any, *, untold: bool = False) -> dict[str, Any]:
    """What the table of awards takes: the best scored first, as far as this person may know, and what they add up to."""
    awards = as_read(award for award in decision.all_awards(reader=user) if not (untold and award.told_at))
    return {
        "awards": sorted(awards, key=lambda award: (-(award.points or 0), award.bid.reference)),  # type: ignore[attr-defined]
        "totals": {
            "requested": total([award.bid.amount_requested for award in awards]),
            "awarded": total([award.amount for award in awards]),
        },
    }


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
        moves = options(case, user)
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
        rows: list[dict[str, Any]] = [{"label": "Round", "value": str(case.round)}]
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


class OnDraft(OnDecision, FormPage):
    """A form on a draft decision."""

    def check(self, case: Decision) -> None:
        if not self.request.user.has_perm("grants.change_decision", case):
            raise NotPermitted("Only a commissioning officer changes a decision, and only while it is a draft.")
        self.intro = as_written(case)


class DetailsPage(OnDraft):
    title = "Write the reasons"

    def get_forms(self, case: Decision, data: Any = None, files: Any = None) -> list[Any]:
        return [DetailsForm(data, instance=Decision.objects.select_related("legal_power").get(pk=case.pk))]

    def save(self, case: Decision, forms: list[Any]) -> Any:
        form = forms[0]
        values = {name: form.cleaned_data[name] for name in DetailsForm.Meta.fields}
        return services.save_details(decision=case, values=values, by=self.request.user, version=form.version)


class AwardsPage(OnDraft):
    title = "Set the awards"
    submit_label = "Save the awards"
    template_name = "grants/decision_awards.html"

    def get_forms(self, case: Decision, data: Any = None, files: Any = None) -> list[Any]:
        kept = {award.bid_id: award for award in case.all_awards()}
        found = with_agreed_points(decidable(case.round), self.request.user).select_related("applicant").order_by("reference")
        bids = sorted(as_read(found), key=lambda bid: -(bid.points or 0))
        rows = [AwardForm(data, bid=bid, award=kept.get(bid.pk)) for bid in bids]
        return [HouseForm(data, initial={"version": case.version}), *rows]

    def save(self, case: Decision, forms: list[Any]) -> Any:
        awards = [given for form in forms[1:] if (given := form.given()) is not None]
        return services.save_awards(decision=case, awards=awards, by=self.request.user, version=forms[0].version)

    def context(self, case: Decision, forms: list[Any]) -> dict[str, Any]:
        return {"money": money_of(case, positions(case))}


class OnAward(FormPage):
    """A form on one award of a decision, found by its bid's reference."""

    def award(self, case: Decision) -> Award:
        return get_object_or_404(
            Award.objects.filter(decision=case).select_related("decision__round", "bid__file"), bid__reference=self.kwargs["bid"]
        )

    def context(self, case: Decision, forms: list[Any]) -> dict[str, Any]:
        return {"award": self.award(case)}


class TermsPage(OnDraft, OnAward):
    title = "Conditions, years and route"
    submit_label = "Save"
    template_name = "grants/decision_terms.html"

    def get_forms(self, case: Decision, data: Any = None, files: Any = None) -> list[Any]:
        award = self.award(case)
        kept = {row.account.year: row.amount for row in award.years.select_related("account")}
        years = {budget.year: ZERO for budget in case.round.budgets.all()} | kept
        conditions = [{"when": row.when, "text": row.text, "due": row.due} for row in award.conditions.all()]
        return [
            TermsForm(data, initial={"version": case.version}, award=award, years=dict(sorted(years.items()))),
            ConditionFormSet(data, initial=conditions, prefix="conditions"),
        ]

    def save(self, case: Decision, forms: list[Any]) -> Any:
        form, conditions = forms
        return services.save_terms(
            award=self.award(case),
            kind=form.cleaned_data["kind"],
            kind_reason=form.cleaned_data["kind_reason"],
            years=form.split(),
            conditions=conditions.conditions(),
            by=self.request.user,
            version=form.version,
        )


class HoldPage(OnDecision, OnAward):
    title = "Hold back publication"
    intro = AS_WRITTEN
    submit_label = "Hold back"
    done = "It is held back from publication."

    def check(self, case: Decision) -> None:
        if not self.request.user.has_perm("grants.hold_publication", case):
            raise NotPermitted("You do not have the role to hold back publication.")

    def get_forms(self, case: Decision, data: Any = None, files: Any = None) -> list[Any]:
        return [HoldForm(data, initial={"version": case.version})]

    def save(self, case: Decision, forms: list[Any]) -> Any:
        given = forms[0].cleaned_data
        award = self.award(case)
        return services.hold_publication(award=award, part=given["part"], ground=given["ground"], by=self.request.user)


class LiftPage(HoldPage):
    title = "Publish what is held back"
    intro = ""
    submit_label = "Lift the hold"
    done = "The hold is lifted."
    template_name = "casework/confirm.html"

    def hold(self, case: Decision) -> PublicationHold:
        holds = PublicationHold.objects.select_related("award__decision", "award__bid__file")
        return get_object_or_404(holds, award=self.award(case), pk=self.kwargs["hold"])

    def get_forms(self, case: Decision, data: Any = None, files: Any = None) -> list[Any]:
        self.hold(case)
        return [HouseForm(data)]

    def save(self, case: Decision, forms: list[Any]) -> Any:
        return services.lift_hold(hold=self.hold(case), by=self.request.user)


class TellPage(OnDecision, FormPage):
    """Sends the outcome letters. A step of its own, so that a decision can be made before anybody is told."""

    title = "Tell the bidders"
    submit_label = "Send the letters"
    template_name = "grants/decision_tell.html"
    done = ""

    def check(self, case: Decision) -> None:
        if not self.request.user.has_perm("grants.tell_bidders", case):
            raise NotPermitted("Only a commissioning officer tells the bidders.")
        if own := no_own_letters(case, self.request.user):
            raise NotPermitted(own)

    def get_forms(self, case: Decision, data: Any = None, files: Any = None) -> list[Any]:
        return [HouseForm(data, initial={"version": case.version})]

    def save(self, case: Decision, forms: list[Any]) -> int:
        return services.tell_bidders(decision=case, by=self.request.user, version=forms[0].version)

    def success_url(self, case: Decision, result: int) -> str:
        words = f"{result} bidder{'s are' if result != 1 else ' is'} told." if result else "Every bidder was already told."
        messages.success(self.request, words)
        return case.get_absolute_url()

    def context(self, case: Decision, forms: list[Any]) -> dict[str, Any]:
        return table_of(case, self.request.user, untold=True)


class DecisionTransition(OnDecision, TransitionPage):
    effects = {
        "recommend": ["The decision maker can decide. You can take the recommendation back until then."],
        "make": [
            "Each bid below takes its outcome and the money is committed.",
            "Nobody outside the office is told yet: an officer sends the outcome letters as the next step.",
        ],
        "publish": ["The awards appear in the public register, without what is held back."],
        "withdraw": [
            "Bids go back to where they stood before the decision, and what was committed is taken back.",
            "Bidders who were told are told that it was withdrawn.",
        ],
    }

    template_name = "grants/decision_confirm.html"

    def get_forms(self, case: Decision, data: Any = None, files: Any = None) -> list[Any]:
        if self.name != "make":
            return super().get_forms(case, data, files)
        over = any(row.left < 0 for row in positions(case)) and not case.over_budget_reason
        asked = over and self.request.user.has_perm("grants.over_allocate", case)
        return [MakeForm(data, initial={"version": case.version, "meeting": case.meeting}, over_budget=asked)]

    def save(self, case: Decision, forms: list[Any]) -> Any:
        """Where the money went elsewhere after this page was shown, the refused form itself asks for the reason."""
        try:
            return super().save(case, forms)
        except OverBudget:
            if self.name == "make" and self.request.user.has_perm("grants.over_allocate", case):
                forms[0] = MakeForm(self.request.POST, over_budget=True)
                forms[0].full_clean()
            raise

    def carry_out(self, case: Decision, version: int | None, reason: str, data: dict[str, Any]) -> Any:
        if self.name == "make":
            return services.make_decision(decision=case, by=self.request.user, version=version, **data)
        return super().carry_out(case, version, reason, data)

    def context(self, case: Decision, forms: list[Any]) -> dict[str, Any]:
        own = table_of(case, self.request.user) | {"money": money_of(case, positions(case))}
        if self.name in {"recommend", "make", "publish"} and (sentence := as_written(case)):
            own["warnings"] = [sentence]
        return super().context(case, forms) | own
