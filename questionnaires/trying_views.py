"""A version as an applicant sees it, filled in without saving, and on paper."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View
from django.views.generic import TemplateView

from casework.forms import HouseForm, keep_typed, with_added_row
from questionnaires import kinds
from questionnaires.building_views import version_for
from questionnaires.engine import Item, items_of, questions_of
from questionnaires.facts import Facts, offered_facts
from questionnaires.forms import page_parts, with_typed
from questionnaires.judging import judge
from questionnaires.models import Question, QuestionSetVersion
from questionnaires.telling import exported, only_asked, rule_words, texts_of


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
            result = self.result(items, facts)
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

    def result(self, items: list[Item], facts: Facts) -> dict[str, Any]:
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
        part = sections.setdefault(section.key, {"section": section, "when": rule_words(section.rules, texts), "items": []})
        question = each.item.question
        part["items"].append(
            {
                "item": each.item,
                "question": question,
                "when": rule_words(question.rules, texts),
                "words": each.words if filled else "",
                "choices": ["Yes", "No"] if question.kind == Question.Kind.YES_NO else question.choices,
                "room": question.kind == Question.Kind.LONG_TEXT,
            }
        )
    return {"sections": list(sections.values()), "filled": filled}
