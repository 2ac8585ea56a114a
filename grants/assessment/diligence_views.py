"""The pages of due diligence: the sheet of a bid on the screen and as a PDF, recording a check, and what a round wants done first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView, View

from casework import clock
from casework.documents.checks import TYPES, check_upload
from casework.forms import Checkboxes, DateField, HouseForm, Radios
from casework.pdf import draw
from casework.views import CaseMixin, FormPage
from casework.workflow import NotPermitted
from grants.assessment.diligence import checked_body, name_checks, record_check, standings_of
from grants.assessment.diligence_models import CheckKind, DueCheck
from grants.assessment.diligence_sheet import sheet
from grants.assessment.effects import SIGHT
from grants.bids.models import Bid
from grants.rounds.models import Round
from partnerships.organisations.standing import standing_of

STYLE_SHEET = "grants/bid.css"


class CheckedBid(CaseMixin):
    """A bid for those of the office who may know what was looked into; for everybody else there is no such page."""

    model = Bid

    def cases(self) -> QuerySet[Bid]:
        user = self.request.user
        if not standing_of(user).is_caseworker:
            raise Http404
        return Bid.objects.visible_to(user).select_related("round", "applicant", "accountable_body", "file")

    def get_case(self) -> Bid:
        case: Bid = super().get_case()
        if not self.request.user.has_perm("grants.read_checks", case):
            raise Http404
        return case


def sheet_context(case: Bid, user: Any) -> dict[str, Any]:
    """What the sheet's template takes, on the screen and on paper."""
    return {
        "case": case,
        "reference": case.reference,
        "body": checked_body(case),
        "rows": sheet(case, user),
        "standings": standings_of(case),
        "may_check": user.has_perm("grants.check_bidder", case),
        "drawn": clock.now(),
    }


class DiligencePage(CheckedBid, TemplateView):
    template_name = "grants/diligence_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | sheet_context(self.get_case(), self.request.user)


class DiligencePaper(CheckedBid, View):
    """The same sheet as a PDF."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        case = self.get_case()
        context = sheet_context(case, request.user) | {"may_check": False}
        body = draw("grants/diligence_document.html", context, style_sheet=STYLE_SHEET)
        headers = {"Content-Disposition": f'attachment; filename="{case.reference} due diligence.pdf"'}
        return HttpResponse(body, content_type="application/pdf", headers=headers)


class CheckForm(HouseForm):
    """What was looked into, when, with which result, and the evidence."""

    outcome = forms.ChoiceField(
        label="What is the result?",
        choices=DueCheck.Outcome.choices,
        widget=Radios,
        error_messages={"required": "Select the result of the check"},
    )
    on = DateField(
        label="When was it checked?", not_after=clock.today, error_messages={"required": "Enter the date of the check"}
    )
    valid_until = DateField(
        label="Until when is it good?",
        required=False,
        help_text="Leave this empty if it does not run out. For example, 31 3 2027",
    )
    found = forms.CharField(
        label="What was found?",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Say what the problem is, or why the check is not needed. The bidder never sees this.",
    )
    kept = forms.CharField(
        label="Where is the evidence kept?",
        required=False,
        max_length=200,
        help_text="For example, finance folder, supplier 10023",
    )
    upload = forms.FileField(label="Attach the evidence", required=False, max_length=150)
    nouns = {"on": "the date of the check", "valid_until": "the date until which it is good"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["upload"].help_text = f"{TYPES[:1].upper()}{TYPES[1:]} file, smaller than {settings.UPLOAD_LIMIT_MB}MB."

    def clean_upload(self) -> Any:
        if upload := self.cleaned_data.get("upload"):
            check_upload(upload)
        return upload

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        outcome = given.get("outcome")
        if outcome == DueCheck.Outcome.DONE and not (given.get("kept") or given.get("upload") or "upload" in self.errors):
            self.add_error("kept", "Enter where the evidence is kept, or attach it")
        if outcome in (DueCheck.Outcome.NOT_NEEDED, DueCheck.Outcome.PROBLEM) and not given.get("found", "").strip():
            self.add_error("found", "Enter what was found, or why the check is not needed")
        if given.get("valid_until") and given.get("on") and given["valid_until"] < given["on"]:
            self.add_error("valid_until", "The date until which it is good must be the same as or after the date of the check")
        return given


class RecordCheck(CheckedBid, FormPage):
    submit_label = "Save check"
    done = "The check is recorded."
    intro = "The check is kept for the body, and counts for its other bids too unless it is about this bid alone."

    def check(self, case: Bid) -> None:
        if self.kwargs["kind"] not in CheckKind.values:
            raise Http404
        self.title = CheckKind(self.kwargs["kind"]).label
        if not self.request.user.has_perm("grants.check_bidder", case):
            raise NotPermitted("Checks are recorded by commissioning officers and finance officers.")

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        return [CheckForm(data, files, initial={"on": clock.today()})]

    def save(self, case: Bid, forms: list[Any]) -> DueCheck:
        given = {name: value for name, value in forms[0].cleaned_data.items() if name != "version"}
        return record_check(
            bid=case, kind=self.kwargs["kind"], by=self.request.user, **(given | {"upload": given["upload"] or None})
        )

    def success_url(self, case: Bid, result: DueCheck) -> str:
        return result.get_absolute_url()

    def cancel_url(self, case: Bid) -> str:
        return f"{case.get_absolute_url()}checks/"


class RoundChecksForm(HouseForm):
    kinds = forms.MultipleChoiceField(
        label="Which checks must be done before an award?",
        choices=CheckKind.choices,
        required=False,
        widget=Checkboxes,
        help_text="A decision that awards a grant cannot be made while one of these is open. The others are a warning only.",
    )
    mark_optional = False


class RoundChecksPage(FormPage):
    """What the office asks of itself; bidders do not see it, so it may change while the round is open."""

    model = Round
    title = "Checks before an award"
    done = "The checks before an award are saved."

    def cases(self) -> QuerySet[Round]:
        if not standing_of(self.request.user).in_office(*SIGHT):
            raise Http404
        return Round.objects.visible_to(self.request.user)

    def get_case(self) -> Round:
        return get_object_or_404(self.cases(), reference=self.kwargs["reference"])

    def check(self, case: Round) -> None:
        if not self.request.user.has_perm("grants.manage_round", case):
            raise NotPermitted("Rounds are run by commissioning officers.")

    def get_forms(self, case: Round, data: Any = None, files: Any = None) -> list[Any]:
        return [RoundChecksForm(data, initial={"kinds": case.wanted_checks})]

    def save(self, case: Round, forms: list[Any]) -> None:
        name_checks(round=case, kinds=forms[0].cleaned_data["kinds"], by=self.request.user)
