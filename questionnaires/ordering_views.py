"""Taking sections, questions and checks out of a draft, and putting sections and questions in order without dragging."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views import View

from casework.forms import HouseForm
from casework.views import refused_page
from casework.workflow import Refused
from questionnaires import building
from questionnaires.building_views import BuilderPage, version_for
from questionnaires.models import Question, QuestionSetVersion, Section


class RemovePage(BuilderPage):
    """Asks before a section, a question or a check is taken out."""

    template_name = "casework/confirm.html"
    submit_label = "Remove"
    done = "It is removed."

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Remove “{self.name}”"

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        self.thing: Any = thing_of(case, self.kwargs)
        self.name = self.thing["message"] if isinstance(self.thing, dict) else str(self.thing)
        return [HouseForm(data, initial={"version": case.edits})]

    def store(self, case: Any, forms: list[Any]) -> None:
        given = {"version": case, "by": self.request.user, "edits": forms[0].version}
        if isinstance(self.thing, dict):
            place = self.kwargs["pk"] - 1
            building.save_checks(checks=[*case.checks[:place], *case.checks[place + 1 :]], **given)
        else:
            building.remove(thing=self.thing, **given)

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        goes = [f"Its {count} questions go with it." if count != 1 else "Its question goes with it."] if (
            isinstance(self.thing, Section) and (count := self.thing.questions.count())
        ) else []  # fmt: skip
        return {"danger": True, "effects": goes}


def thing_of(case: QuestionSetVersion, kwargs: dict[str, Any]) -> Section | Question | dict[str, Any]:
    """The section, question or check that an address names."""
    if kwargs["what"] == "checks":
        if not 0 < kwargs["pk"] <= len(case.checks):
            raise Http404
        return dict(case.checks[kwargs["pk"] - 1])
    if kwargs["what"] == "sections":
        return get_object_or_404(case.sections, pk=kwargs["pk"])
    if kwargs["what"] != "questions":
        raise Http404
    return get_object_or_404(Question, section__version=case, pk=kwargs["pk"])


class MovePage(View):
    """Takes the POST of a “Move up” or “Move down” button; whoever comes here otherwise is sent to the version."""

    http_method_names = ["get", "post", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(version_for(request.user, self.kwargs["key"], self.kwargs["number"]).get_absolute_url())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        case = version_for(request.user, self.kwargs["key"], self.kwargs["number"])
        thing = thing_of(case, self.kwargs)
        form = HouseForm(request.POST)
        form.is_valid()
        if isinstance(thing, dict):
            raise Http404
        try:
            building.move(
                version=case,
                thing=thing,
                up=request.POST.get("to") == "up",
                by=request.user,
                edits=form.cleaned_data.get("version"),
            )
        except ValidationError as error:
            messages.warning(request, " ".join(error.messages))
        except Refused as error:
            return refused_page(request, case, error)
        return HttpResponseRedirect(f"{case.get_absolute_url()}#{self.kwargs['what']}-{self.kwargs['pk']}")
