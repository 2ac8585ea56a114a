"""Expressions of interest: the list, beginning and writing one, its page, its steps and its receipt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.generic import TemplateView

from casework import clock
from casework.audit.chain import entries_of
from casework.forms import summary_errors
from casework.forms.text import plain_text
from casework.history import in_runs, told, visible_entries
from casework.snapshots import snapshots_of
from casework.templatetags.ui import gov_time
from casework.views import HISTORY_ON_PAGE, CaseMixin, CasePage, FormPage, ListPage, TransitionPage
from casework.workflow import NotPermitted, Option, Refused, perform
from grants.expressions import content, sentences, timing
from grants.expressions.filters import ExpressionFilter
from grants.expressions.forms import ExpressionForm, InviteForm, NewExpressionForm, TurnDownForm
from grants.expressions.models import Expression
from grants.expressions.services import begin_expression, save_expression
from grants.expressions.states import HAVE_BEEN_SUBMITTED, ExpressionState
from grants.expressions.tables import EXPORT, ExpressionTable
from grants.rounds import expressing
from grants.rounds.models import Round
from grants.rounds.queries import admitted, bodies_bidding, running_for
from partnerships.organisations.models import Organisation

AUTOSAVE, LATER = "autosave", "later"
NONE_NOW = "No round takes expressions of interest from your body now."


class ExpressionList(ListPage):
    model = Expression
    table_class = ExpressionTable
    filterset_class = ExpressionFilter
    title, noun, export_name = "Expressions of interest", "expressions of interest", "expressions of interest"
    export_columns = EXPORT

    def get_queryset(self) -> QuerySet[Expression]:
        return super().get_queryset().select_related("round", "applicant")

    def get_filterset(self, filterset_class: Any) -> Any:
        """Outcomes and areas are read for the file alone."""
        found = super().get_filterset(filterset_class)
        if self.request.GET.get("export"):
            found.queryset = found.queryset.prefetch_related("outcomes", "areas")
        return found

    def get_action(self) -> dict[str, str] | None:
        if self.request.user.has_perm("grants.begin_expression"):
            return {"label": "Start an expression of interest", "url": "/expressions/new/"}
        return None


class NewExpressionPage(FormPage):
    """Chooses round and body where there is a choice; the round comes from the address of a round's own button."""

    title = "Start an expression of interest"
    submit_label = "Continue"
    done = ""

    def check(self, case: Any) -> None:
        if not self.request.user.has_perm("grants.begin_expression"):
            raise NotPermitted("Expressions of interest are written by the coordinators of a partnership or group.")

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        bodies = bodies_bidding(self.request.user)
        self.taking = [row for row, _ in running_for(bodies) if expressing.takes_expressions(row)]
        rounds = Round.objects.filter(pk__in=[row.pk for row in self.taking]).order_by("expressions_until", "pk")
        able = admitted(self.taking, bodies)
        asked = plain_text(self.request.GET.get("round", "")[:60])
        initial = {
            "round": self.taking[0].reference if len(self.taking) == 1 else asked,
            "applicant": able[0].pk if len(able) == 1 else None,
        }
        applicants = Organisation.objects.filter(pk__in=[body.pk for body in able])
        return [NewExpressionForm(data, initial=initial, rounds=rounds, bodies=applicants)]

    def save(self, case: Any, forms: list[Any]) -> Expression:
        values = forms[0].cleaned_data
        return begin_expression(by=self.request.user, **{name: values[name] for name in ("round", "applicant", "title")})

    def success_url(self, case: Any, result: Expression) -> str:
        return f"{result.get_absolute_url()}{content.EDIT}"

    def cancel_url(self, case: Any) -> str:
        return "/expressions/"

    def show(self, case: Any, shown: list[Any], status: int = 200) -> HttpResponse:
        """Nothing to choose from is said instead of shown. What was typed when a round closed meanwhile stays on the page."""
        if self.taking or self.request.method == "POST":
            return super().show(case, shown, status)
        sentences = [NONE_NOW, "The page of rounds says when the next one opens."]
        link = {"label": "Look at the rounds", "url": "/rounds/"}
        return render(self.request, "casework/message.html", {"title": self.title, "sentences": sentences, "link": link})

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {"intro": expressing.NO_SIGNATORY if self.taking else NONE_NOW, "back_url": "/expressions/"}


class ExpressionPage(CasePage):
    """What was written, what the office answered, and the steps."""

    model = Expression
    template_name = "grants/expression_page.html"
    with_documents = False
    with_notes = False

    def cases(self) -> QuerySet[Expression]:
        joined = super().cases().select_related("round", "applicant", "submitted_by")
        return joined.prefetch_related("outcomes", "areas")

    def summary(self, case: Any) -> list[dict[str, Any]]:
        around = [
            ("Round", str(case.round)),
            ("Body", case.applicant.name),
            ("Expressions of interest until", case.round.expressions_until),
        ]
        editable = self.request.user.has_perm("grants.change_expression", case)
        return [{"label": label, "value": value, "href": ""} for label, value in around] + content.summary(
            case, editable=editable
        )

    def steps(self, case: Any) -> Sequence[Option]:
        """A draft is gone on with first; what it lacks is said once, above."""
        found = [option for option in super().steps(case) if option.allowed or case.state != ExpressionState.DRAFT]
        if not self.request.user.has_perm("grants.change_expression", case):
            return found
        write = Option("write", "Go on writing", f"{case.get_absolute_url()}{content.EDIT}", True, (), False)
        return sorted([*found, write], key=lambda option: (option.danger, option.name != "submit"))

    def extra(self, case: Any) -> dict[str, Any]:
        draft = case.state == ExpressionState.DRAFT
        late = timing.late(case) if draft else []
        lacks = content.missing(case) if draft and not late else []
        return {
            "late": late,
            "missing": lacks,
            "crumbs": [
                {"label": str(case.round), "url": case.round.get_absolute_url()},
                {"label": "Expressions of interest", "url": f"/expressions/?round={case.round_id}"},
            ],
            "caption": case.round.reference,
        }

    def timeline(self, case: Any) -> list[Any]:
        return told(in_runs(visible_entries(entries_of(obj=case), self.request.user), HISTORY_ON_PAGE))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        words = sentences.next_sentence(context["case"], self.request.user, context["missing"])
        return context | {"next": type(context["next"])(words, context["next"].options)}


class WritePage(FormPage):
    """One page: "Save and check" judges it as finished, "Save and come back later" and typing keep what is there."""

    model = Expression
    template_name = "grants/expression_form.html"
    title = "What you have in mind"
    submit_label = "Save and check"

    @property
    def autosaved(self) -> bool:
        return AUTOSAVE in self.request.POST

    @property
    def done(self) -> str:  # type: ignore[override]
        return "" if self.autosaved else "Saved."

    def cases(self) -> QuerySet[Expression]:
        return super().cases().select_related("round", "applicant")

    def check(self, case: Expression) -> None:
        """Whose expression was sent meanwhile keeps what they typed: the service refuses it."""
        if not self.request.user.has_perm("grants.write_expression", case):
            raise NotPermitted(f"{case.reference} is written by the coordinators of {case.applicant}.")
        if case.state != ExpressionState.DRAFT and self.request.method != "POST":
            raise Refused(f"{case.reference} is {case.get_state_display().lower()}, so it cannot be changed now.")

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        initial = {name: getattr(case, name) for name in content.FIELDS} | {"version": case.version}
        initial |= {"outcomes": list(case.outcomes.all()), "areas": list(case.areas.all())}
        strict = not self.autosaved and LATER not in self.request.POST
        return [ExpressionForm(data, initial=initial, case=case, strict=strict)]

    def save(self, case: Any, forms: list[Any]) -> Expression:
        values = {name: value for name, value in forms[0].cleaned_data.items() if name != "version"}
        return save_expression(case=case, by=self.request.user, version=forms[0].version, **values)

    def keep(self, case: Any, shown: list[Any]) -> HttpResponse:
        answer = super().keep(case, shown)
        return self._told(case, shown, answer) if self.autosaved else answer

    def _told(self, case: Expression, shown: list[Any], answer: HttpResponse) -> JsonResponse:
        """The answer to an autosave: when it was saved and the version that the open page now carries, or why it was not."""
        if answer.status_code != 302:
            problems = [sentence for _, sentence in summary_errors(*shown)]
            return JsonResponse({"problem": problems[0].rstrip(".") if problems else "Try again"}, status=answer.status_code)
        case.refresh_from_db()
        note = {"note": " ".join(late)} if (late := timing.late(case)) else {}
        return JsonResponse({"saved": gov_time(clock.now()), "fields": {"version": str(case.version)}, **note})

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        late = timing.late(case)
        caption = f"{case.reference} · {case.round.title}"
        closes = case.round.expressions_until
        return {"warnings": late, "closes": None if late else closes, "caption": caption, "back_url": case.get_absolute_url()}

    def cancel_url(self, case: Any) -> str:
        return ""


class ExpressionTransition(TransitionPage):
    model = Expression
    forms = {"invite": InviteForm, "turn_down": TurnDownForm}
    effects = {
        "submit": (
            expressing.NO_SIGNATORY,
            "The office reads it and tells you by e-mail whether it invites you to write a bid.",
            "You can take it back to change it until expressions of interest close, as long as the office has not answered.",
        ),
        "recall": ("It becomes a draft again, and must be submitted once more before expressions of interest close.",),
        "withdraw": ("The office no longer considers it. It can be brought back until expressions of interest close.",),
        "bring_back": ("It becomes a draft again, and must be submitted before expressions of interest close.",),
        "invite": (
            "A draft bid is begun for the body, with the title, words, outcomes, places, amount and start date of this page.",
            "The body's coordinators are told by e-mail and can write the bid until the round closes.",
            "An invitation cannot be taken back: the bid is judged as any other.",
        ),
        "turn_down": (
            "Your words are e-mailed to the body's coordinators and shown here.",
            "You can look at it again as long as the round takes bids.",
        ),
        "reopen": (
            "It waits for an answer again.",
            "Your words are e-mailed to the body's coordinators and shown in its history.",
        ),
    }

    def cases(self) -> QuerySet[Expression]:
        return super().cases().select_related("round", "applicant")

    def carry_out(self, case: Any, version: int | None, reason: str, data: dict[str, Any]) -> Any:
        """The reason for not inviting is the body's answer as well."""
        if self.name == "turn_down":
            data = {"answer": reason}
        return perform(case, self.name, by=self.request.user, version=version, reason=reason, **data)

    def success_url(self, case: Any, result: Any) -> str:
        return f"{case.get_absolute_url()}submitted/" if self.name == "submit" else super().success_url(case, result)


class SubmittedPage(CaseMixin, TemplateView):
    """The receipt: it was done, under this reference, and what happens next."""

    model = Expression
    template_name = "grants/expression_submitted.html"

    def cases(self) -> QuerySet[Expression]:
        sent = super().cases().filter(state__in=HAVE_BEEN_SUBMITTED)
        return sent.select_related("round", "submitted_by")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case = self.get_case()
        receipt = snapshots_of(case).last()
        return super().get_context_data(**kwargs) | {"case": case, "reference": case.reference, "receipt": receipt}
