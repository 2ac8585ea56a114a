"""The pages on which commissioning officers build question sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView

from casework.forms import HouseForm
from casework.views import FormPage
from casework.workflow import NotPermitted, Refused
from questionnaires import building
from questionnaires.building_forms import CheckFields, QuestionFields, SectionFields, SetForm, rules_from
from questionnaires.conditions import parts_of
from questionnaires.engine import questions_of
from questionnaires.faults import faults
from questionnaires.models import Question, QuestionSet, QuestionSetVersion, Section
from questionnaires.rule_forms import ahead_of_question, ahead_of_section, anything, condition_rows
from questionnaires.telling import Texts, kind_words, rule_words, texts_among
from questionnaires.totals import Total, place_words, totals_among

WHEN = "When it is asked"
ALWAYS = "Leave this empty if it is always asked. A condition can look at what comes earlier in the form."


class SetList(TemplateView):
    """Every set with its versions."""

    template_name = "questionnaires/set_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if not self.request.user.has_perm("questionnaires.read_sets"):
            raise Http404
        sets = QuestionSet.objects.visible_to(self.request.user).prefetch_related("versions")
        return {**super().get_context_data(**kwargs), "sets": sets, "may_build": self.request.user.has_perm(building.MANAGE)}


def version_for(user: Any, key: str, number: int) -> QuestionSetVersion:
    """The version at an address, for those who may read it; 404 for everybody else."""
    found = QuestionSetVersion.objects.visible_to(user).select_related("question_set")
    version: QuestionSetVersion = get_object_or_404(found, question_set__key=key, number=number)
    return version


class VersionPage(TemplateView):
    """A version with its sections, questions and checks, and the buttons that change a draft."""

    template_name = "questionnaires/version.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = version_for(self.request.user, self.kwargs["key"], self.kwargs["number"])
        questions = list(questions_of(version))
        may_build = self.request.user.has_perm(building.MANAGE)
        texts, totals = texts_among(questions), totals_among(questions)
        return {
            **super().get_context_data(**kwargs),
            "version": version,
            "reference": version.reference,
            "sections": _sections(version, questions, texts),
            "checks": [
                {
                    "message": check["message"],
                    "wrong": rule_words(check["wrong"], texts),
                    "at": place_of(check["at"], texts, totals),
                }
                for check in version.checks
            ],
            "faults": faults(questions, version.checks),
            "asks": bool(questions),
            "may_build": may_build,
            "may_change": may_build and version.frozen_at is None,
        }


def place_of(at: str, texts: Texts, totals: Mapping[str, Total]) -> str:
    """Where a check is said."""
    return place_words(at, totals) if at in totals else texts.get(at, (f"“{at}”",))[0]


def _sections(version: QuestionSetVersion, questions: Sequence[Question], texts: Texts) -> list[dict[str, Any]]:
    return [
        {
            "section": section,
            "when": rule_words(section.rules, texts),
            "questions": [
                {"question": each, "kind": kind_words(each), "when": rule_words(each.rules, texts)}
                for each in questions
                if each.section_id == section.pk
            ],
        }
        for section in version.sections.all()
    ]


class BuilderPage(FormPage):
    """A form of the builder. A POST is judged by the service, so that what was typed stays when the version was frozen meanwhile."""

    model = None
    template_name = "casework/form.html"

    def get_case(self) -> QuestionSetVersion | None:
        return version_for(self.request.user, self.kwargs["key"], self.kwargs["number"])

    def check(self, case: Any) -> None:
        if not self.request.user.has_perm(building.MANAGE):
            raise NotPermitted("Question sets are built by commissioning officers.")
        if case is not None and case.frozen_at is not None and self.request.method != "POST":
            raise Refused(building.frozen_sentence(case))

    def success_url(self, case: Any, result: Any) -> str:
        return case.get_absolute_url()

    def questions(self, case: QuestionSetVersion) -> list[Question]:
        return list(questions_of(case))

    def save(self, case: Any, forms: list[Any]) -> Any:
        try:
            return self.store(case, forms)
        except ValidationError as error:
            # A model's error at a column that the form has no field for is said at the top.
            raise error if not hasattr(error, "error_dict") else ValidationError(error.message_dict) from error

    def store(self, case: Any, forms: list[Any]) -> Any:
        raise NotImplementedError

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {"back_url": self.cancel_url(case)}


class SetNew(BuilderPage):
    title = "Make a question set"
    submit_label = "Make the set"
    done = "The set is made. Add its first section."

    def get_case(self) -> None:
        if not self.request.user.has_perm("questionnaires.read_sets"):
            raise Http404
        return

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [SetForm(data)]

    def store(self, case: Any, forms: list[Any]) -> QuestionSetVersion:
        given = forms[0].cleaned_data
        return building.create_set(name=given["name"], purpose=given["purpose"], by=self.request.user)

    def success_url(self, case: Any, result: Any) -> str:
        return result.get_absolute_url()

    def cancel_url(self, case: Any) -> str:
        return "/questions/"


class SetEdit(BuilderPage):
    """The name and the purpose, which a version in use does not hold fast."""

    title = "Change the name or purpose"

    def check(self, case: Any) -> None:
        if not self.request.user.has_perm(building.MANAGE):
            raise NotPermitted("Question sets are built by commissioning officers.")

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [SetForm(data, initial={"name": case.question_set.name, "purpose": case.question_set.purpose})]

    def store(self, case: Any, forms: list[Any]) -> Any:
        given = forms[0].cleaned_data
        return building.change_set(
            question_set=case.question_set, name=given["name"], purpose=given["purpose"], by=self.request.user
        )


class VersionCopy(BuilderPage):
    """A new version, whether or not this one is in use."""

    template_name = "casework/confirm.html"
    title = "Make a new version"
    submit_label = "Make a new version"
    done = "The new version is made. Change it here; rounds use it when they choose it."

    def check(self, case: Any) -> None:
        if not self.request.user.has_perm(building.MANAGE):
            raise NotPermitted("Question sets are built by commissioning officers.")

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [HouseForm(data)]

    def store(self, case: Any, forms: list[Any]) -> QuestionSetVersion:
        return building.copy_version(source=case, by=self.request.user)

    def success_url(self, case: Any, result: Any) -> str:
        return result.get_absolute_url()

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {
            "effects": [
                "Sections, questions and checks are copied.",
                "Rounds, bids and returns that use the present version keep it.",
            ]
        }


class SectionEdit(BuilderPage):
    """A new section, or one that is changed."""

    @property
    def title(self) -> str:  # type: ignore[override]
        return "Change the section" if "section" in self.kwargs else "Add a section"

    @property
    def done(self) -> str:  # type: ignore[override]
        return "Saved." if "section" in self.kwargs else "The section is added. Add its questions."

    def section(self, case: QuestionSetVersion) -> Section | None:
        return get_object_or_404(case.sections, pk=self.kwargs["section"]) if "section" in self.kwargs else None

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        section = self.section(case)
        names = ("title", "intro", "repeats", "row_noun", "min_rows", "max_rows")
        initial = {name: getattr(section, name) for name in names} if section else {}
        join, tests = _parts(section)
        among = ahead_of_section(self.questions(case), section)
        return [
            SectionFields(data, initial={"version": case.edits, "join": join, **initial}),
            condition_rows(data, among=among, tests=tests, legend=WHEN, hint=ALWAYS),
        ]

    def store(self, case: Any, forms: list[Any]) -> Section:
        form, rows = forms
        values = {**form.values(), "rules": rules_from(form.cleaned_data["join"], rows.tests())}
        return building.save_section(
            version=case, section=self.section(case), values=values, by=self.request.user, edits=form.version
        )


class QuestionEdit(BuilderPage):
    """A new question of a section, or one that is changed."""

    @property
    def title(self) -> str:  # type: ignore[override]
        return "Change the question" if "question" in self.kwargs else "Add a question"

    def section(self, case: QuestionSetVersion) -> Section:
        return get_object_or_404(case.sections, pk=self.kwargs["section"])

    def question(self, case: QuestionSetVersion) -> Question | None:
        own = Question.objects.filter(section__version=case, section=self.kwargs["section"])
        return get_object_or_404(own, pk=self.kwargs["question"]) if "question" in self.kwargs else None

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        section, question = self.section(case), self.question(case)
        names = ("text", "kind", "required", "hint", "guidance", "max_words", "minimum", "maximum")
        initial = {name: getattr(question, name) for name in names} if question else {}
        initial |= {"choices": "\n".join(question.choices)} if question else {}
        join, tests = _parts(question)
        among = ahead_of_question(self.questions(case), section, question)
        return [
            QuestionFields(data, new=question is None, initial={"version": case.edits, "join": join, **initial}),
            condition_rows(data, among=among, tests=tests, legend=WHEN, hint=ALWAYS),
        ]

    def store(self, case: Any, forms: list[Any]) -> Question:
        form, rows = forms
        return building.save_question(
            version=case,
            section=self.section(case),
            question=self.question(case),
            values={**form.values(), "rules": rules_from(form.cleaned_data["join"], rows.tests())},
            by=self.request.user,
            edits=form.version,
        )


def _parts(thing: Section | Question | None) -> tuple[str, list[dict[str, Any]]]:
    return parts_of(thing.rules) if thing is not None and thing.rules else ("all", [])


class CheckEdit(BuilderPage):
    """A new check across questions, or one that is changed."""

    @property
    def title(self) -> str:  # type: ignore[override]
        return "Change the check" if "place" in self.kwargs else "Add a check"

    def kept(self, case: QuestionSetVersion) -> dict[str, Any] | None:
        if "place" not in self.kwargs:
            return None
        if self.kwargs["place"] > len(case.checks) or not self.kwargs["place"]:
            raise Http404
        return dict(case.checks[self.kwargs["place"] - 1])

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        check = self.kept(case)
        join, tests = parts_of(check["wrong"]) if check else ("all", [])
        initial = {"message": check["message"], "at": check["at"]} if check else {}
        questions = self.questions(case)
        hint = "The message is shown when this is so, and what rows add up to with it. Nothing is said while one of the answers is missing."
        return [
            CheckFields(data, questions=questions, initial={"version": case.edits, "join": join, **initial}),
            condition_rows(
                data, among=anything(questions), tests=tests, comparing=True, legend="The answers are wrong when", hint=hint
            ),
        ]

    def store(self, case: Any, forms: list[Any]) -> QuestionSetVersion:
        form, rows = forms
        given, tests = form.cleaned_data, rows.tests()
        if not tests:
            raise ValidationError("Enter at least one condition: when are the answers wrong?")
        check = {"at": given["at"], "wrong": rules_from(given["join"], tests), "message": given["message"]}
        checks = list(case.checks)
        if self.kept(case) is None:
            checks.append(check)
        else:
            checks[self.kwargs["place"] - 1] = check
        return building.save_checks(version=case, checks=checks, by=self.request.user, edits=form.version)
