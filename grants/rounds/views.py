"""The list of rounds, and the forms and steps of one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.utils.decorators import method_decorator

from casework.forms import HouseForm
from casework.views import FormPage, ListPage, TransitionPage
from casework.workflow import NotPermitted, Refused
from grants.funds.models import Account
from grants.rounds import parts, rows, services
from grants.rounds.filters import RoundFilter
from grants.rounds.forms import ChangeForm, ExtensionForm, NewRoundForm, PublishedRoundForm, RoundForm, copied
from grants.rounds.models import Round
from grants.rounds.queries import with_money
from grants.rounds.states import RoundState
from grants.rounds.tables import EXPORT, RoundTable


@method_decorator(login_not_required, name="dispatch")
class RoundList(ListPage):
    model = Round
    table_class = RoundTable
    filterset_class = RoundFilter
    title = "Rounds"
    noun = "rounds"
    intro = "A round invites bids for a fund's money, between its opening and closing times."
    export_columns = EXPORT

    def get_queryset(self) -> QuerySet[Round]:
        return with_money(super().get_queryset().select_related("fund"))

    def get_action(self) -> dict[str, str] | None:
        may = self.request.user.has_perm("grants.manage_round")
        return {"label": "Make a round", "url": "/rounds/new/"} if may else None


class OfficerForm(FormPage):
    """A form that only officers have, while the round is in the state in which it can be used."""

    model: Any = Round
    states: tuple[RoundState, ...] = tuple(RoundState)
    too_late = ""

    def check(self, case: Any) -> None:
        if not self.request.user.has_perm("grants.manage_round"):
            raise NotPermitted("Rounds are run by commissioning officers.")
        if case is not None and case.state not in self.states:
            raise Refused(f"{case.reference} is {case.get_state_display().lower()}. {self.too_late}")


class RoundNew(OfficerForm):
    model = None
    template_name = "grants/round_form.html"
    title = "Make a round"
    submit_label = "Save draft"
    done = "The draft is saved. It can be published when the parts below are complete."

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [NewRoundForm(data, instance=Round())]

    def save(self, case: Any, forms: list[Any]) -> Round:
        form = forms[0]
        made = {"fund": form.cleaned_data["fund"], "year": form.cleaned_data["year"]}
        return services.create_round(**made, by=self.request.user, **form.details())

    def success_url(self, case: Any, result: Any) -> str:
        return result.get_absolute_url()

    def cancel_url(self, case: Any) -> str:
        return "/rounds/"


class RoundCopy(OfficerForm):
    """A new round from an earlier one of any state. Its dates are entered anew; its rows come along."""

    template_name = "grants/round_form.html"
    title = "Copy into a new round"
    submit_label = "Save draft"
    done = (
        "The draft is saved with the budgets, bidders, gates and criteria of the earlier round. Check each before you publish it."
    )

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [NewRoundForm(data, instance=Round(), initial=copied(case))]

    def save(self, case: Any, forms: list[Any]) -> Round:
        form = forms[0]
        made = {"fund": form.cleaned_data["fund"], "year": form.cleaned_data["year"]}
        return services.copy_round(source=case, **made, by=self.request.user, **form.details())

    def success_url(self, case: Any, result: Any) -> str:
        return result.get_absolute_url()

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {"intro": parts.copy_intro(case)}


class ChangingForm(OfficerForm):
    """Changes a draft in place; of a published round it makes the next version, with a reason."""

    states = (RoundState.DRAFT, RoundState.PUBLISHED)
    too_late = "Only a draft or a published round can be changed."

    def given(self, forms: list[Any]) -> dict[str, Any]:
        """What every service takes besides the change itself."""
        return {"by": self.request.user, "version": forms[0].version, "reason": forms[0].cleaned_data.get("reason", "")}

    def success_url(self, case: Any, result: Any) -> str:
        change = result.changes.first() if result.state == RoundState.PUBLISHED else None
        if change is not None:
            messages.success(self.request, parts.told_in_words(change))
        else:
            messages.success(self.request, "Saved.")
        return result.get_absolute_url()

    done = ""


class RoundEdit(ChangingForm):
    template_name = "grants/round_form.html"
    title = "Change the details"

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        published = case.state == RoundState.PUBLISHED
        return [(PublishedRoundForm if published else RoundForm)(data, instance=case)]

    def save(self, case: Any, forms: list[Any]) -> Round:
        return services.edit_round(case=case, **self.given(forms), **forms[0].details())


class RowsPage(ChangingForm):
    """Rows of a round: the page's form carries the version, the formset the rows."""

    def rows(self, case: Round, data: Any) -> rows.Rows:
        raise NotImplementedError

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        with_reason = ChangeForm if case.state == RoundState.PUBLISHED else HouseForm
        return [with_reason(data, initial={"version": case.version}), self.rows(case, data)]


class RoundBudgets(RowsPage):
    template_name = "grants/round_budgets.html"
    title = "What is available in each year"
    intro = "Enter how much this round may award from each financial year of its fund."

    def rows(self, case: Round, data: Any) -> rows.Rows:
        return rows.budget_rows(case, data)

    def save(self, case: Any, forms: list[Any]) -> Round:
        amounts = {row["year"]: row["amount"] for row in forms[1].kept()}
        return services.replace_budgets(case=case, amounts=amounts, **self.given(forms))

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        accounts = Account.objects.filter(fund=case.fund_id, kind=Account.Kind.FUND_YEAR).select_related("fund").order_by("-year")
        return {"money": parts.fund_money(list(accounts[:5]))}


class RoundBidders(RowsPage):
    title = "Bodies that may bid by name"
    intro = "Besides every body of the kinds that the round is open to. Leave it empty if there are none."

    def rows(self, case: Round, data: Any) -> rows.Rows:
        return rows.bidder_rows(case, data)

    def save(self, case: Any, forms: list[Any]) -> Round:
        bodies = [row["organisation"] for row in forms[1].kept()]
        return services.replace_bidders(case=case, bodies=bodies, **self.given(forms))


class RoundGates(RowsPage):
    title = "Gates"
    intro = "A bid that fails one of these is not eligible and is not scored."

    def rows(self, case: Round, data: Any) -> rows.Rows:
        return rows.gate_rows(case, data)

    def save(self, case: Any, forms: list[Any]) -> Round:
        texts = [row["text"] for row in forms[1].kept()]
        return services.replace_gates(case=case, texts=texts, **self.given(forms))


class RoundCriteria(RowsPage):
    template_name = "grants/round_criteria_form.html"
    title = "Scored criteria"
    intro = "Assessors give each criterion a score from 0 to its highest. The score is multiplied by the weight."

    def rows(self, case: Round, data: Any) -> rows.Rows:
        return rows.criterion_rows(case, data)

    def save(self, case: Any, forms: list[Any]) -> Round:
        return services.replace_criteria(case=case, rows=forms[1].kept(), **self.given(forms))


class RoundExtend(OfficerForm):
    title = "Give one bidder more time"
    intro = "Everybody else keeps the round's closing time. A second extension for the same bidder replaces the first."
    submit_label = "Give more time"
    done = "The bidder has more time, and its coordinators are told by e-mail."
    states = (RoundState.PUBLISHED,)
    too_late = "Only a published round can be extended."

    def check(self, case: Any) -> None:
        super().check(case)
        if case.rolling:
            raise Refused("Bids to this round are decided as they arrive, so it has no closing time to extend.")

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [ExtensionForm(data, initial={"version": case.version}, case=case)]

    def save(self, case: Any, forms: list[Any]) -> Any:
        given = {name: forms[0].cleaned_data[name] for name in ("organisation", "closes_at", "reason")}
        return services.extend(case=case, **given, by=self.request.user, version=forms[0].version)


class RoundTransition(TransitionPage):
    model = Round
    effects = {
        "publish": (
            "Bidders see the round now, and can start bids from its opening time.",
            "Its questions are frozen: later changes to a question set do not reach this round.",
            "Plan, power, tier and questions stay as they are. Other changes are a new version, told to everybody with a draft or a bid.",
        ),
        "unpublish": ("Bidders no longer see the round.", "You can change it and publish it again."),
        "settle": ("Nothing more is awarded from this round.",),
        "reopen": ("More can be decided in this round.",),
        "cancel": (
            "No bids are taken any more.",
            "The round stays in the list, marked as cancelled, with your reason in its history.",
        ),
    }
