"""The pages that change a draft decision."""

from __future__ import annotations

from typing import Any

from casework.forms import HouseForm
from casework.money import ZERO
from casework.views import FormPage
from casework.workflow import NotPermitted
from grants.assessment.queries import as_read, with_agreed_points
from grants.bids.readers import known_to
from grants.decisions import services
from grants.decisions.awards import decidable
from grants.decisions.forms import AwardForm, ConditionFormSet, DetailsForm, TermsForm
from grants.decisions.models import Decision
from grants.decisions.queries import as_written, money_of, positions
from grants.decisions.views.base import OnAward, OnDecision


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
        found = (
            with_agreed_points(decidable(case.round).filter(known_to(self.request.user)), self.request.user)
            .select_related("applicant")
            .order_by("reference")
        )
        bids = sorted(as_read(found), key=lambda bid: -(bid.points or 0))
        rows = [AwardForm(data, bid=bid, award=kept.get(bid.pk)) for bid in bids]
        return [HouseForm(data, initial={"version": case.version}), *rows]

    def save(self, case: Decision, forms: list[Any]) -> Any:
        awards = [given for form in forms[1:] if (given := form.given()) is not None]
        return services.save_awards(decision=case, awards=awards, by=self.request.user, version=forms[0].version)

    def context(self, case: Decision, forms: list[Any]) -> dict[str, Any]:
        return {"money": money_of(case, positions(case))}


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
