"""The pages on which a partnership fills in a return, part by part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from casework.documents.models import documents_of
from casework.forms import HouseForm
from casework.unfinished import unfinished_sentence
from casework.views import FormPage, listed_documents
from casework.workflow import NotPermitted, Refused
from grants.bids.rules import coordinates_applicant
from monitoring.returns import services
from monitoring.returns.content import Content, content_of
from monitoring.returns.facts import return_facts
from monitoring.returns.figures import figure
from monitoring.returns.forms import ChangeRequestForm, EvidenceForm, MeasureRow, MilestoneRow, ReplyForm, RowForm, SpendRow
from monitoring.returns.models import Return
from monitoring.returns.states import EDITABLE
from questionnaires.engine import every_item, questions_of
from questionnaires.files import AnswerFiles, hold_uploads, sends_files
from questionnaires.forms import page_parts


class EditPage(FormPage):
    """A part of a return. A POST is judged by the service, so that what was typed is kept when the return has moved on."""

    model = Return
    template_name = "monitoring/return_rows.html"
    submit_label = "Save and continue"
    drafts = True
    following = ""
    """The part that comes next, as the last piece of its address; empty for the return's own page."""

    def cases(self) -> QuerySet[Return]:
        return Return.objects.visible_to(self.request.user).with_grant().select_related("response")

    def check(self, case: Return) -> None:
        if not coordinates_applicant(self.request.user, case):
            raise NotPermitted(f"Only the coordinators of {case.bid.applicant.name} fill in this return.")
        if self.request.method != "POST" and case.state not in EDITABLE:
            raise Refused(f"{case.reference} is {case.get_state_display().lower()}, so it cannot be changed.")

    @property
    def strict(self) -> bool:
        """Whether what is missing is an error: not when it is saved to come back to later."""
        return "later" not in self.request.POST

    def first(self, case: Return, data: Any) -> HouseForm:
        """The form that carries the version."""
        return HouseForm(data, initial={"version": case.version})

    def success_url(self, case: Return, result: Any) -> str:
        following = f"{self.following}/" if self.following and self.strict else ""
        return f"{case.get_absolute_url()}{following}"

    def cancel_url(self, case: Return) -> str:
        return ""

    def context(self, case: Return, forms: list[Any]) -> dict[str, Any]:
        caption = f"{case.reference} · {case.period}"
        return {"case": case, "drafts": self.drafts, "back_url": case.get_absolute_url(), "caption": caption}


class RowsPage(EditPage):
    """A part with one small form for each of its rows."""

    part = ""
    row_form: type[RowForm]
    verb: Any

    def rows(self, content: Content) -> Sequence[Any]:
        raise NotImplementedError

    def facts(self, content: Content, row: Any) -> dict[str, Any]:
        return {}

    def get_forms(self, case: Return, data: Any = None, files: Any = None) -> list[Any]:
        content = content_of(case)
        self.half = content.half(self.part) if data is None else {}
        return [self.first(case, data), *(self._row(data, content, row) for row in self.rows(content))]

    def _row(self, data: Any, content: Content, row: Any) -> RowForm:
        typed = self.half.get(row.pk)
        return self.row_form(data, row=row, typed=typed, strict=self.strict, **self.facts(content, row))

    def save(self, case: Return, forms: list[Any]) -> Return:
        rows = {form.row.pk: form.entered() for form in forms[1:] if not form.unfinished}
        half = {form.row.pk: form.unfinished for form in forms[1:] if form.unfinished}
        return self.verb(case=case, rows=rows, half=half, by=self.request.user, version=forms[0].version)

    def context(self, case: Return, forms: list[Any]) -> dict[str, Any]:
        names = [f"“{form.row_name}”" for form in forms[1:] if form.row.pk in self.half]
        return {**super().context(case, forms), "unfinished": unfinished_sentence(names)}


class SpendPage(RowsPage):
    title = "Spending"
    part = "spend"
    intro = "Give figures from the start of the grant, not only for this period."
    row_form = SpendRow
    verb = staticmethod(services.save_spend)
    following = "measures"
    done = "The spending is saved."

    def rows(self, content: Content) -> Sequence[Any]:
        return content.lines

    def facts(self, content: Content, row: Any) -> dict[str, Any]:
        return {"before": content.spent_before.get(row.line_key)}


class MeasuresPage(RowsPage):
    title = "Measures"
    part = "measures"
    intro = "Give what was counted in this period alone. Enter 0 if nothing happened; leave the box empty if you do not know."
    row_form = MeasureRow
    verb = staticmethod(services.save_measures)
    following = "milestones"
    done = "The measures are saved."

    def rows(self, content: Content) -> Sequence[Any]:
        return content.measures

    def facts(self, content: Content, row: Any) -> dict[str, Any]:
        before = content.before(row)
        return {"so_far": figure(*before) if before else ""}


class MilestonesPage(RowsPage):
    title = "Milestones"
    part = "milestones"
    intro = "Say what became of each milestone. Those that fall due after this period can stay empty."
    row_form = MilestoneRow
    verb = staticmethod(services.save_milestones)
    following = "narrative"
    done = "The milestones are saved."

    def rows(self, content: Content) -> Sequence[Any]:
        return content.still_open


class NarrativePage(EditPage):
    """The round's own questions, a form for each section, and what the partnership asks to change."""

    template_name = "monitoring/return_narrative.html"
    title = "What happened"
    done = "Your answers are saved."
    following = "attachments"

    def get_forms(self, case: Return, data: Any = None, files: Any = None) -> list[Any]:
        items = every_item(case.response)
        shown: list[Any] = [self.first(case, data)]
        shown += page_parts(data, files, items=items, facts=return_facts(case), strict=self.strict)
        change = ChangeRequestForm(data, prefix="change", initial={"change_request": case.change_request})
        del change.fields["version"]
        return [*shown, change]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A browser sends a file once, so those in rows are taken before anything can send the page back."""
        if sends_files(request):
            case = self.get_case()
            if self._refusal(case) is None and case.state in EDITABLE:
                hold_uploads(request, questions_of(case.response.version_id), AnswerFiles(case, request.user))
        return super().post(request, *args, **kwargs)

    def save(self, case: Return, forms: list[Any]) -> Return:
        return services.save_narrative(
            case=case,
            answers={part.section: part.values() for part in forms[1:-1]},
            change_request=forms[-1].cleaned_data["change_request"],
            by=self.request.user,
            version=forms[0].version,
        )

    def context(self, case: Return, forms: list[Any]) -> dict[str, Any]:
        return {**super().context(case, forms), "multipart": any(part.is_multipart() for part in forms)}


class ReplyPage(EditPage):
    """The latest question of the office and the partnership's answer."""

    template_name = "monitoring/return_reply.html"
    title = "Answer the office’s question"
    submit_label = "Save answer"
    done = "Your answer is saved. Send the return to be certified when it is ready."
    drafts = False

    def get_case(self) -> Return:
        case = super().get_case()
        if not content_of(case).queries:
            raise Http404
        return case

    def get_forms(self, case: Return, data: Any = None, files: Any = None) -> list[Any]:
        self.asked = content_of(case).queries[-1]
        return [ReplyForm(data, initial={"version": case.version, "reply": self.asked.reply})]

    def save(self, case: Return, forms: list[Any]) -> Return:
        form = forms[0]
        reply = form.cleaned_data["reply"]
        return services.save_reply(case=case, query=self.asked.pk, reply=reply, by=self.request.user, version=form.version)

    def context(self, case: Return, forms: list[Any]) -> dict[str, Any]:
        return {**super().context(case, forms), "asked": self.asked}


class EvidencePage(EditPage):
    """The files of a return, and the form for the next."""

    template_name = "monitoring/return_evidence.html"
    title = "Evidence"
    submit_label = "Attach file"
    done = "The file is attached."
    drafts = False

    def get_forms(self, case: Return, data: Any = None, files: Any = None) -> list[Any]:
        return [EvidenceForm(data, files, initial={"version": case.version})]

    def save(self, case: Return, forms: list[Any]) -> Any:
        given = forms[0].cleaned_data
        return services.attach_evidence(
            case=case, upload=given["upload"], kind=given["kind"], by=self.request.user, version=forms[0].version
        )

    def success_url(self, case: Return, result: Any) -> str:
        return f"{case.get_absolute_url()}attachments/"

    def context(self, case: Return, forms: list[Any]) -> dict[str, Any]:
        shown = listed_documents(case)
        for listed, document in zip(shown, documents_of(case), strict=True):
            listed["remove_url"] = f"{case.get_absolute_url()}attachments/{document.pk}/remove/"
        return {**super().context(case, forms), "documents": shown, "multipart": True}


class RemoveEvidencePage(EditPage):
    """Asks before a file is taken off."""

    template_name = "casework/confirm.html"
    title = "Remove a file"
    submit_label = "Remove file"
    done = "The file is removed."
    drafts = False

    def get_forms(self, case: Return, data: Any = None, files: Any = None) -> list[Any]:
        self.document = documents_of(case).filter(pk=self.kwargs["document"]).first()
        if self.document is None:
            raise Http404
        return [self.first(case, data)]

    def save(self, case: Return, forms: list[Any]) -> None:
        services.remove_evidence(case=case, document=self.kwargs["document"], by=self.request.user, version=forms[0].version)

    def success_url(self, case: Return, result: Any) -> str:
        return f"{case.get_absolute_url()}attachments/"

    def cancel_url(self, case: Return) -> str:
        return f"{case.get_absolute_url()}attachments/"

    def context(self, case: Return, forms: list[Any]) -> dict[str, Any]:
        name = self.document.name if self.document else ""
        return {
            **super().context(case, forms),
            "danger": True,
            "effects": [f"“{name}” is no longer listed with this return and cannot be opened any more."],
        }
