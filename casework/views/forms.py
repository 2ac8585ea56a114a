"""A form that changes a case and keeps what was typed; any transition by its own form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.views.generic import View

from casework.forms.base import HouseForm, keep_typed
from casework.forms.formsets import with_added_row
from casework.parking import parked_data, say_parked
from casework.views.pages import CaseMixin
from casework.workflow import NotPermitted, Refused, Stale, definition, options, perform, transition_method

UPLOADING = "X-Upload"
IN_USE = "What you removed is used by other records by now, so nothing was saved. Open the page again to see what can be changed."
THERE_ALREADY = "There is such a record already. Open the page again to see it."
DOES_NOT_FIT = "What you entered does not go together. Check the amounts, the dates and what you selected."
TAKEN = {"unique": THERE_ALREADY, "unique_together": THERE_ALREADY}
"""A model's error at something that the form has no field for, by its code."""


class FormPage(CaseMixin, View):
    """A form on a case: keeps what was typed on every error, on a stale version, and across a session that ended.

    Subclasses give `get_forms` (the form and its formsets) and `save`. Leave `model` out for a page that makes a new case.
    """

    http_method_names = ["get", "post", "head", "options"]
    template_name = "casework/form.html"
    model: Any = None
    title = ""
    intro = ""
    submit_label = "Save"
    done = "Saved."

    def get_case(self) -> Any:
        return super().get_case() if self.model is not None else None

    def check(self, case: Any) -> None:
        """Raise Http404 or Refused when this person has no business here now."""

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        """The form first, then any formsets, bound when data is given."""
        raise NotImplementedError

    def save(self, case: Any, forms: list[Any]) -> Any:
        """Do it through a service; what it returns goes to `success_url`."""
        raise NotImplementedError

    def success_url(self, case: Any, result: Any) -> str:
        return case.get_absolute_url()

    def cancel_url(self, case: Any) -> str:
        return case.get_absolute_url() if case is not None else "/"

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        case = self.get_case()
        refusal = self._refusal(case)
        if refusal is not None:
            return refusal
        parked = parked_data(request)
        if parked is None:
            return self.show(case, self.get_forms(case))
        shown = self.get_forms(case, parked)
        for part in shown:
            keep_typed(part)
        say_parked(request)
        return self.show(case, shown)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        case = self.get_case()
        refusal = self._refusal(case)
        if refusal is not None:
            return refusal
        if "add_row" in request.POST:
            return self.show(case, self._with_added_row(case))
        return self.keep(case, self.get_forms(case, request.POST, request.FILES))

    def keep(self, case: Any, shown: list[Any]) -> HttpResponse:
        """Judge and save what was sent; what stands in the way is said on the same page, with everything typed kept."""
        if not all([part.is_valid() for part in shown]):
            return self.show(case, shown, status=422)
        try:
            result = self.save(case, shown)
        except Stale as error:
            return self.show_stale(case, shown, error)
        except Refused as error:
            for sentence in error.sentences:
                shown[0].add_error(None, sentence)
            return self.show(case, shown, status=422)
        except ValidationError as error:
            add_errors(shown[0], error)
            return self.show(case, shown, status=422)
        except models.ProtectedError:
            shown[0].add_error(None, IN_USE)
            return self.show(case, shown, status=409)
        if self.done:
            messages.success(self.request, self.done)
        onward = self.success_url(case, result)
        # A script that shows how far an upload is goes on by itself: it would swallow the message on the next page.
        return JsonResponse({"url": onward}) if UPLOADING in self.request.headers else HttpResponseRedirect(onward)

    def show_stale(self, case: Any, shown: list[Any], error: Stale) -> HttpResponse:
        """Somebody changed the case since the page was opened: the form again, over what stands now."""
        shown[0].add_error(None, str(error))
        case.refresh_from_db()
        shown[0].refresh_version(case.version)
        return self.show(case, shown, status=409)

    def _with_added_row(self, case: Any) -> list[Any]:
        """One row more in the formset that asked for it, with everything typed kept and nothing judged or saved yet."""
        data = with_added_row(self.request.POST, self.request.POST["add_row"])
        shown = self.get_forms(case, data, self.request.FILES)
        for part in shown:
            keep_typed(part)
        return shown

    def _refusal(self, case: Any) -> HttpResponse | None:
        try:
            self.check(case)
        except Refused as error:
            return refused_page(self.request, case, error)
        return None

    def show(self, case: Any, shown: list[Any], status: int = 200) -> HttpResponse:
        context = {
            "case": case,
            "form": shown[0],
            "formsets": shown[1:],
            "title": self.title,
            "intro": self.intro,
            "submit_label": self.submit_label,
            "cancel_url": self.cancel_url(case),
            "caption": case.reference if case is not None else "",
            "reference": case.reference if case is not None else "",
        }
        return render(self.request, self.template_name, context | self.context(case, shown), status=status)


def add_errors(form: Any, error: ValidationError) -> None:
    """Put a model's errors at the form's fields where it has them, else at the top; in the field's words where it has some for them."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for name, errors in by_field.items():
        field = form.fields.get(name)
        for each in errors:
            words: dict[Any, Any] = field.error_messages if field is not None else TAKEN
            if each.message == models.BaseConstraint.default_violation_error_message:
                each.message = DOES_NOT_FIT
            elif each.code in words:
                each.message = words[each.code]
            form.add_error(name if field is not None else None, each.messages)


def refused_page(request: HttpRequest, case: Any, error: Refused) -> HttpResponse:
    """A page that says why a step cannot be taken, with the way back to the case."""
    link = {"label": f"Back to {case.reference}", "url": case.get_absolute_url()} if case is not None else None
    context = {"title": "This cannot be done now", "sentences": error.sentences, "link": link}
    return render(request, "casework/message.html", context, status=403 if isinstance(error, NotPermitted) else 409)


class ReasonForm(HouseForm):
    """The reason for a step, in the person's own words."""

    reason = forms.CharField(label="Reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    nouns: ClassVar = {"reason": "the reason"}


class TransitionPage(FormPage):
    """Any transition of a case: GET says what it does, POST does it. `forms` gives a step its own form, by the step's name.

    The form's cleaned data is passed on: `reason` to `perform`, the rest to the transition.
    """

    template_name = "casework/confirm.html"
    forms: dict[str, type[HouseForm]] = {}
    effects: dict[str, Sequence[str]] = {}

    @property
    def name(self) -> str:
        return self.kwargs["transition"].replace("-", "_")

    def step(self, case: Any) -> Any:
        """django-fsm's own record of the step from the case's state; 404 for what is no step or never offered."""
        try:
            method = transition_method(self.model, self.name)
        except LookupError as error:
            raise Http404 from error
        custom = next(iter(method._django_fsm.transitions.values())).custom
        if not custom["offered"]:
            raise Http404
        return definition(method, case.state)

    def custom(self) -> dict[str, Any]:
        return next(iter(transition_method(self.model, self.name)._django_fsm.transitions.values())).custom

    def check(self, case: Any) -> None:
        """A POST is judged by `perform`, which knows a second click; a GET must find the step open."""
        step = self.step(case)
        if self.request.method == "POST":
            return
        if step is None:
            raise Refused(f"{case.reference} is {case.get_state_display().lower()}, so this step is not open.")
        option = next((found for found in options(case, self.request.user) if found.name == self.name), None)
        if option is None:
            raise NotPermitted(f"You do not have the role for this step of {case.reference}.")
        if option.why:
            raise Refused(*option.why)

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        plain = ReasonForm if self.custom()["reason"] else HouseForm
        form_class = self.forms.get(self.name, plain)
        extra = {"case": case} if getattr(form_class, "needs_case", False) else {}
        return [form_class(data, files, initial={"version": case.version, **self.initial(case)}, **extra)]

    def initial(self, case: Any) -> dict[str, Any]:
        """What the step's own form starts with."""
        return {}

    def save(self, case: Any, forms: list[Any]) -> Any:
        data = {name: value for name, value in forms[0].cleaned_data.items() if name != "version"}
        reason = data.pop("reason", "")
        return self.carry_out(case, forms[0].version, reason, data)

    def carry_out(self, case: Any, version: int | None, reason: str, data: dict[str, Any]) -> Any:
        return perform(case, self.name, by=self.request.user, version=version, reason=reason, **data)

    def success_url(self, case: Any, result: Any) -> str:
        already = getattr(result, "already_done", False)
        words = "This was already done." if already else f"Done: {self.custom()['past']}."
        messages.success(self.request, words[:1].upper() + words[1:])
        return case.get_absolute_url()

    done = ""

    def show(self, case: Any, shown: list[Any], status: int = 200) -> HttpResponse:
        custom = self.custom()
        self.title, self.submit_label = custom["label"], custom["label"]
        return super().show(case, shown, status)

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {"danger": self.custom()["danger"], "effects": self.effects.get(self.name, ())}
