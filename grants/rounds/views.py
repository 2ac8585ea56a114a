"""The pages of rounds."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from casework.forms import HouseForm
from casework.views import CasePage, FormPage, ListPage, Next, TransitionPage
from casework.workflow import NotPermitted, Refused
from casework.workflow.options import Option
from grants.funds.models import Account
from grants.rounds import parts, rows, services
from grants.rounds.filters import RoundFilter
from grants.rounds.forms import ExtensionForm, NewRoundForm, RoundForm
from grants.rounds.models import Round
from grants.rounds.queries import bodies_that_may_start, closes_for, with_money
from grants.rounds.states import RoundState
from grants.rounds.tables import EXPORT, RoundTable
from questionnaires.models import Question


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


class RoundPage(CasePage):
    """What bidders see; officers besides have links that change a draft, and what stands against publishing it."""

    model = Round
    template_name = "grants/round_page.html"
    with_documents = False
    with_notes = False

    def cases(self) -> QuerySet[Round]:
        joined = super().cases().select_related("fund", "plan", "legal_power", "question_version", "return_version")
        return joined.prefetch_related("budgets", "gates", "criteria")

    def link(self, case: Round, place: str) -> str:
        """Where a part of a draft is changed, for those who may."""
        return case.get_absolute_url() + place if self.request.user.has_perm("grants.change_round", case) else ""

    def summary(self, case: Round) -> list[dict[str, Any]]:
        return parts.summary(case, lambda place: self.link(case, place))

    def money(self, case: Round) -> Any:
        return parts.money(case)

    def panels(self, case: Round) -> list[Any]:
        asked = Question.objects.filter(section__version_id=case.question_version_id).select_related("section")
        own = parts.panels(case, list(asked), lambda place: self.link(case, place))
        return [*own, *super().panels(case)]

    def extra(self, case: Round) -> dict[str, Any]:
        officer = self.request.user.has_perm("grants.manage_round")
        bodies = bodies_that_may_start(case, self.request.user)
        return {
            "may_extend": self.request.user.has_perm("grants.extend_round", case) and not case.rolling,
            "extensions": case.extensions.select_related("organisation").order_by("organisation__name") if officer else [],
            "tasks": parts.tasks(case) if self.link(case, "") else None,
            "start": bodies,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The button for bidders comes before the office's steps."""
        context = super().get_context_data(**kwargs)
        case, bodies = context["case"], context.pop("start")
        until = closes_for(case, bodies[0]) if len(bodies) == 1 and not case.takes_bids() else None
        words = parts.sentence(case, may_change=bool(context["tasks"]), closes=until)
        start = [Option("start", "Start a bid", f"/bids/new/?round={case.reference}", True, (), False)] if bodies else []
        return context | {"next": Next(words, [*start, *context["next"].options])}


class OfficerForm(FormPage):
    """A form that only officers have, while the round is in the state in which it can be used."""

    model: Any = Round
    state = RoundState.DRAFT
    too_late = "Only a draft can be changed. Take the round back to draft first, if nobody has begun a bid."

    def check(self, case: Any) -> None:
        if not self.request.user.has_perm("grants.manage_round"):
            raise NotPermitted("Rounds are run by commissioning officers.")
        if case is not None and case.state != self.state:
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


class RoundEdit(OfficerForm):
    template_name = "grants/round_form.html"
    title = "Change the details"

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [RoundForm(data, instance=case)]

    def save(self, case: Any, forms: list[Any]) -> Round:
        return services.edit_round(case=case, by=self.request.user, version=forms[0].version, **forms[0].details())


class RowsPage(OfficerForm):
    """Rows of a draft: the page's form carries the version, the formset the rows."""

    def rows(self, case: Round, data: Any) -> rows.Rows:
        raise NotImplementedError

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [HouseForm(data, initial={"version": case.version}), self.rows(case, data)]


class RoundBudgets(RowsPage):
    template_name = "grants/round_budgets.html"
    title = "What is available in each year"
    intro = "Enter how much this round may award from each financial year of its fund."

    def rows(self, case: Round, data: Any) -> rows.Rows:
        return rows.budget_rows(case, data)

    def save(self, case: Any, forms: list[Any]) -> Round:
        amounts = {row["year"]: row["amount"] for row in forms[1].kept()}
        return services.replace_budgets(case=case, amounts=amounts, by=self.request.user, version=forms[0].version)

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        accounts = Account.objects.filter(fund=case.fund_id, kind=Account.Kind.FUND_YEAR).select_related("fund").order_by("-year")
        return {"money": parts.fund_money(list(accounts[:5]))}


class RoundGates(RowsPage):
    title = "Gates"
    intro = "A bid that fails one of these is not eligible and is not scored."

    def rows(self, case: Round, data: Any) -> rows.Rows:
        return rows.gate_rows(case, data)

    def save(self, case: Any, forms: list[Any]) -> Round:
        texts = [row["text"] for row in forms[1].kept()]
        return services.replace_gates(case=case, texts=texts, by=self.request.user, version=forms[0].version)


class RoundCriteria(RowsPage):
    template_name = "grants/round_criteria_form.html"
    title = "Scored criteria"
    intro = "Assessors give each criterion a score from 0 to its highest. The score is multiplied by the weight."

    def rows(self, case: Round, data: Any) -> rows.Rows:
        return rows.criterion_rows(case, data)

    def save(self, case: Any, forms: list[Any]) -> Round:
        return services.replace_criteria(case=case, rows=forms[1].kept(), by=self.request.user, version=forms[0].version)


class RoundExtend(OfficerForm):
    title = "Give one bidder more time"
    intro = "Everybody else keeps the round's closing time. A second extension for the same bidder replaces the first."
    submit_label = "Give more time"
    done = "The bidder has more time."
    state = RoundState.PUBLISHED
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
            "Gates, criteria, dates and amounts can no longer be changed, unless you take the round back to draft.",
        ),
        "unpublish": ("Bidders no longer see the round.", "You can change it and publish it again."),
        "settle": ("Nothing more is awarded from this round.",),
        "reopen": ("More can be decided in this round.",),
        "cancel": (
            "No bids are taken any more.",
            "The round stays in the list, marked as cancelled, with your reason in its history.",
        ),
    }
