"""A version as an applicant sees it, filled in without saving, and on paper."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views import View
from django.views.generic import TemplateView

from casework.forms import HouseForm, keep_typed, with_added_row
from questionnaires import kinds
from questionnaires.building_views import version_for
from questionnaires.engine import Item, items_of, only_asked, questions_of
from questionnaires.facts import Facts, offered_facts
from questionnaires.forms import page_parts, with_typed
from questionnaires.judging import judge
from questionnaires.models import Question, QuestionSetVersion
from questionnaires.telling import check_notes, exported, rule_words, texts_of
from questionnaires.totals import rows_of
from questionnaires.worksheet_pages import WorksheetForm, worksheet_response
from questionnaires.worksheet_reading import read_worksheet


class FactsForm(HouseForm):
    """What a case would tell its questions."""

    version = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = [
            Question(key=fact.key, text=fact.text, kind=fact.kind, choices=list(fact.choices))
            for fact in offered_facts().values()
        ]
        for question in self.asked:
            self.fields[question.key] = kinds.field_of(question, required=False)

    def facts(self) -> Facts:
        """What was typed; nothing where it was refused."""
        if not self.is_bound:
            return {}
        self.is_valid()
        return {question.key: kinds.kept(question, self.cleaned_data.get(question.key)) or None for question in self.asked} | {
            question.key: kinds.kept(question, self.cleaned_data.get(question.key))
            for question in self.asked
            if question.kind == Question.Kind.YES_NO
        }


class PreviewPage(TemplateView):
    """Every question with its box, also those that are asked only sometimes; nothing can be sent."""

    template_name = "questionnaires/preview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = version_for(self.request.user, self.kwargs["key"], self.kwargs["number"])
        items = items_of(questions_of(version), {})
        parts = page_parts(None, items=items, everything=True)
        return {**super().get_context_data(**kwargs), "version": version, "parts": parts, "reference": version.reference}


class TryPage(View):
    """Filling a version in without saving: what is asked, what must be answered, what counts."""

    http_method_names = ["get", "post", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(self.find(), None)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        version = self.find()
        if "add_row" in request.POST:
            return self.show(version, with_added_row(request.POST, request.POST["add_row"]), judged=False)
        return self.show(version, request.POST)

    def find(self) -> QuestionSetVersion:
        return version_for(self.request.user, self.kwargs["key"], self.kwargs["number"])

    def show(self, version: QuestionSetVersion, data: Any, *, judged: bool = True) -> HttpResponse:
        items = items_of(questions_of(version), {})
        facts_form = FactsForm(data, prefix="fact")
        facts = facts_form.facts()
        parts = page_parts(data, self.request.FILES if data is not None else None, items=items, facts=facts)
        result = None
        if data is not None and judged:
            for part in parts:
                items = with_typed(items, part.section.key, part.values())
            result = result_of(items, facts)
        elif data is not None:
            for part in [facts_form, *parts]:
                keep_typed(part)
        context = {
            "version": version,
            "reference": version.reference,
            "form": facts_form,
            "formsets": parts,
            "result": result,
            "multipart": any(part.is_multipart() for part in parts),
        }
        return render(self.request, "questionnaires/try.html", context)


def result_of(items: list[Item], facts: Facts) -> dict[str, Any]:
    """What questionnaires/_result.html takes."""
    told = exported(items, facts)
    return {
        "rows": [
            {
                "question": each.item.name,
                "asked": each.asked,
                "required": each.asked and each.item.question.required and not each.item.spare,
                "words": each.words,
                "counts": each.counts,
            }
            for each in told
        ],
        "problems": [problem.sentence for problem in judge(only_asked(items, facts), facts)],
    }


class WorksheetPage(View):
    """The set as an Excel worksheet, and what becomes of one that is filled in: it is judged and not kept."""

    http_method_names = ["get", "post", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        version = self.find()
        if request.GET.get("download") == "xlsx":
            name = f"{version.question_set.key}-{version.number}.xlsx"
            return worksheet_response(name, version, items_of(questions_of(version), {}))
        return self.show(version, WorksheetForm())

    def find(self) -> QuestionSetVersion:
        return version_for(self.request.user, self.kwargs["key"], self.kwargs["number"])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        version, form = self.find(), WorksheetForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(version, form, status=422)
        items = items_of(questions_of(version), {})
        try:
            reading = read_worksheet(form.cleaned_data["file"], version, items)
        except ValidationError as error:
            form.add_error("file", error)
            return self.show(version, form, status=422)
        for section, values in reading.answers.items():
            items = with_typed(items, section.key, values)
        return self.show(version, WorksheetForm(), errors=reading.errors, result=result_of(items, {}))

    def show(self, version: QuestionSetVersion, form: HouseForm, status: int = 200, **more: Any) -> HttpResponse:
        context = {"version": version, "reference": version.reference, "form": form, **more}
        return render(self.request, "questionnaires/worksheet.html", context, status=status)


class PrintPage(TemplateView):
    """The form on paper: every question with room to write, and when it is asked."""

    template_name = "questionnaires/print.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = version_for(self.request.user, self.kwargs["key"], self.kwargs["number"])
        context = {"version": version, "reference": version.reference, **printed(items_of(questions_of(version), {}))}
        return {**super().get_context_data(**kwargs), **context}


def printed(items: list[Item], facts: Facts | None = None) -> dict[str, Any]:
    """What questionnaires/_printed.html takes: a set that is empty, or filled in when the items have answers."""
    filled = any(item.answered for item in items)
    texts = texts_of(items)
    sections: dict[str, dict[str, Any]] = {}
    for each in exported(items, facts or {}):
        section = each.item.section
        question, checks = each.item.question, section.version.checks
        part = sections.setdefault(
            section.key,
            {
                "section": section,
                "when": rule_words(section.rules, texts),
                "notes": check_notes(checks, rows_of(section)),
                "items": [],
            },
        )
        part["items"].append(
            {
                "item": each.item,
                "question": question,
                "label": each.item.name if question.required else f"{each.item.name} (optional)",
                "when": rule_words(question.rules, texts),
                "notes": check_notes(checks, question.key),
                "words": each.words if filled else "",
                "choices": ["Yes", "No"] if question.kind == Question.Kind.YES_NO else question.choices,
                "room": "tall" if question.kind == Question.Kind.LONG_TEXT else "low",
            }
        )
    return {"sections": list(sections.values()), "filled": filled}
