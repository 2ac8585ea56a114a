"""A round's calendar file, and the questions about it with the office's answers: the answered ones are for everybody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView, View

from casework.forms import HouseForm, Radios
from casework.views import CaseMixin, FormPage
from casework.workflow import NotPermitted, Refused
from grants.rounds import clarifications
from grants.rounds.clarifications import Clarification
from grants.rounds.dates_file import calendar_file
from grants.rounds.models import Round
from partnerships.organisations.models import Organisation
from partnerships.organisations.standing import standing_of


@method_decorator(login_not_required, name="dispatch")
class RoundDates(CaseMixin, View):
    """The round's dates for people's own calendars."""

    model = Round

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        case = self.get_case()
        answer = HttpResponse(calendar_file(case), content_type="text/calendar; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="{case.reference}.ics"'
        return answer


@method_decorator(login_not_required, name="dispatch")
class RoundQuestions(CaseMixin, TemplateView):
    """What was asked and answered; the office sees besides what waits and who asked, a bidder their own questions that wait."""

    model = Round
    template_name = "grants/round_clarifications.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case, user = self.get_case(), self.request.user
        officer = user.has_perm("grants.amend_round", case)
        office = standing_of(user).is_caseworker
        rows = clarifications.waiting(case).select_related("organisation", "asked_by")
        mine = rows if office else rows.filter(asked_by=user.pk) if user.pk else []
        return super().get_context_data(**kwargs) | {
            "case": case,
            "answered": clarifications.answered(case),
            "waiting": mine,
            "office": office,
            "officer": officer,
            "may_ask": bool(clarifications.bodies_that_may_ask(case, user)),
            "taken": clarifications.takes_questions(case),
        }


class AskForm(HouseForm):
    """One question for one of the person's bodies."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), widget=Radios, empty_label=None, label="Which body are you asking for?"
    )
    text = forms.CharField(
        label="Your question",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="The office publishes the question with its answer to everybody, without your name or your body's",
    )
    nouns = {"organisation": "the body you are asking for", "text": "your question"}

    def __init__(self, *args: Any, bodies: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["organisation"]
        field.queryset = Organisation.objects.filter(pk__in=[body.pk for body in bodies]).order_by("name", "pk")
        if len(bodies) == 1:
            field.initial, field.widget = bodies[0].pk, forms.HiddenInput()


class AskPage(FormPage):
    model = Round
    title = "Ask a question about this round"
    submit_label = "Send the question"
    done = "The office has your question. You get an e-mail when it is answered."

    def check(self, case: Any) -> None:
        self.bodies = clarifications.bodies_that_may_ask(case, self.request.user)
        if not clarifications.takes_questions(case):
            raise Refused("The time for questions about this round has passed. Contact the office instead.")
        if not self.bodies:
            raise NotPermitted(f"Questions about {case.reference} are asked by those who may bid in it.")

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [AskForm(data, bodies=self.bodies)]

    def save(self, case: Any, forms: list[Any]) -> Any:
        given = forms[0].cleaned_data
        return clarifications.ask(case=case, organisation=given["organisation"], text=given["text"], by=self.request.user)

    def success_url(self, case: Any, result: Any) -> str:
        return f"{case.get_absolute_url()}questions/"

    def cancel_url(self, case: Any) -> str:
        return f"{case.get_absolute_url()}questions/"


class AnswerForm(HouseForm):
    question = forms.CharField(
        label="The question as it is published",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Take out what tells who asked",
    )
    words = forms.CharField(label="Answer", max_length=4000, widget=forms.Textarea(attrs={"rows": 8}))
    nouns = {"question": "the question as it is published", "words": "the answer"}


class AnswerPage(FormPage):
    model = Round
    title = "Answer a question"
    submit_label = "Publish question and answer"
    done = "Question and answer are published. Everybody with a draft or an undecided bid, and who asked, is told by e-mail."
    template_name = "grants/round_answer.html"

    def check(self, case: Any) -> None:
        self.row: Clarification = get_object_or_404(
            case.clarifications.select_related("organisation", "asked_by"), number=self.kwargs["number"]
        )
        if not self.request.user.has_perm("grants.manage_round"):
            raise NotPermitted("Questions are answered by commissioning officers.")
        if not self.request.user.has_perm("grants.amend_round", case):
            raise Refused("Questions are answered while the round is published.")

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        shown = {"question": self.row.question or self.row.asked, "words": self.row.answer, "version": case.version}
        return [AnswerForm(data, initial=shown)]

    def save(self, case: Any, forms: list[Any]) -> Any:
        given = forms[0].cleaned_data
        return clarifications.answer(
            row=self.row, question=given["question"], words=given["words"], by=self.request.user, version=given["version"]
        )

    def success_url(self, case: Any, result: Any) -> str:
        return f"{case.get_absolute_url()}questions/"

    def cancel_url(self, case: Any) -> str:
        return f"{case.get_absolute_url()}questions/"

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {"row": self.row}
