"""Telling, holding back and the steps of a decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.shortcuts import get_object_or_404

from casework.forms import HouseForm
from casework.views import FormPage, TransitionPage
from casework.workflow import NotPermitted
from grants.decisions import services
from grants.decisions.checks import no_own_letters
from grants.decisions.diligence import open_checks
from grants.decisions.forms import HoldForm, MakeForm
from grants.decisions.models import Decision, PublicationHold
from grants.decisions.queries import AS_WRITTEN, as_written, money_of, positions
from grants.decisions.views.base import OnAward, OnDecision, table_of
from grants.funds.ledger import OverBudget


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
        if self.name in {"recommend", "make", "publish"}:
            sentence = as_written(case)
            checks = open_checks(case, self.request.user) if self.name != "publish" else []
            own["warnings"] = [*([sentence] if sentence else []), *checks]
        return super().context(case, forms) | own
