"""The edit pages of a bid's details, outcomes and answers."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from grants.bids.completeness import SUMMARY_KEY
from grants.bids.facts import question_facts
from grants.bids.forms_details import DetailsForm, OutcomesForm
from grants.bids.models import Bid
from grants.bids.services import AIMS, DETAILS, save_answers, save_details, save_outcomes
from grants.bids.views.base import SectionPage
from questionnaires import engine
from questionnaires.files import AnswerFiles, hold_uploads
from questionnaires.forms import answers_in, section_forms
from questionnaires.models import Question, Section


class DetailsPage(SectionPage):
    key, title = "details", "Details"

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        initial = {name: getattr(case, name) for name in DETAILS} | {"version": self.version_now}
        initial |= {"accountable_body": case.accountable_body_id, "delivery_body": case.delivery_body_id}
        return [DetailsForm(data, initial=initial, bid=case, with_summary=self.with_summary, strict=self.strict)]

    @cached_property
    def with_summary(self) -> bool:
        """Unless the round's own questions ask for it."""
        asking = Question.objects.filter(key=SUMMARY_KEY, section__version__responses__bid__reference=self.kwargs["reference"])
        return not asking.exists()

    def store(self, case: Bid, forms: list[Any]) -> Any:
        values = {name: value for name, value in forms[0].cleaned_data.items() if name in DETAILS}
        return save_details(bid=case, by=self.request.user, version=forms[0].version, **values)


class OutcomesPage(SectionPage):
    key, title = "outcomes", "Outcomes and areas"
    with_lessons = True

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        initial: dict[str, Any] = {"version": self.version_now, **{name: getattr(case, name) for name in AIMS}}
        initial["delivery_group"] = case.delivery_group_id
        if data is None:
            initial |= {"outcomes": list(case.outcomes.all()), "areas": list(case.areas.all())}
        return [OutcomesForm(data, initial=initial, bid=case, strict=self.strict)]

    def store(self, case: Bid, forms: list[Any]) -> Any:
        values = forms[0].cleaned_data
        return save_outcomes(
            bid=case,
            by=self.request.user,
            version=forms[0].version,
            outcomes=values["outcomes"],
            areas=values["areas"],
            **{name: values[name] for name in AIMS},
        )


class QuestionsPage(SectionPage):
    with_lessons = True

    @property
    def key(self) -> str:  # type: ignore[override]
        return f"questions/{self.kwargs['section']}"

    @cached_property
    def part(self) -> Section:
        """The section among those of the bid's own questions; any other is 404."""
        bids = Bid.objects.visible_to(self.request.user).filter(reference=self.kwargs["reference"])
        return get_object_or_404(Section, version__responses__bid__in=bids, key=self.kwargs["section"])

    @property
    def title(self) -> str:  # type: ignore[override]
        return self.part.title

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        items = engine.every_item(case.response)
        if not any(item.section.pk == self.part.pk for item in items):
            raise Http404
        facts, version = question_facts(case), self.version_now
        return section_forms(data, files, items=items, section=self.part, facts=facts, strict=self.strict, version=version)

    def take_files(self, case: Bid) -> None:
        hold_uploads(self.request, self.part.questions.select_related("section"), AnswerFiles(case, self.request.user))

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {**super().context(case, forms), "multipart": any(part.is_multipart() for part in forms)}

    def store(self, case: Bid, forms: list[Any]) -> Any:
        return save_answers(bid=case, by=self.request.user, version=forms[0].version, section=self.part, values=answers_in(forms))
