"""Adding a note of a call, visit, meeting or e-mail to any case or organisation: one page for all of them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import forms
from django.apps import apps
from django.db.models import Model
from django.http import Http404
from django.shortcuts import get_object_or_404

from casework import clock, registry
from casework.forms import DateField, HouseForm, Radios
from casework.notes import Note, add_note
from casework.views import FormPage, listed_notes


@lru_cache
def owner_model(list_path: str) -> type[Model] | None:
    """The model whose pages lie below this path: it names its `list_path`, and says by `visible_to` who sees a row."""
    return next((model for model in apps.get_models() if getattr(model, "list_path", "") == list_path), None)


class NoteForm(HouseForm):
    """What kind of contact, when, what was said; and for whom, when the person serves several bodies."""

    kind = forms.ChoiceField(
        label="What kind of contact was it?",
        choices=Note.Kind.choices,
        widget=Radios,
        error_messages={"required": "Select what kind of contact it was"},
    )
    on = DateField(
        label="When was it?",
        not_after=clock.today,
        help_text="For example, 31 3 2026",
        error_messages={"required": "Enter the date of the contact"},
    )
    text = forms.CharField(
        label="What was said?",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "Enter what was said"},
    )
    side = forms.ChoiceField(
        label="Which body is this note for?", widget=Radios, error_messages={"required": "Select which body this note is for"}
    )
    nouns = {"on": "the date"}

    def __init__(self, *args: Any, sides: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(sides) > 1:
            self.fields["side"].choices = list(sides.items())  # type: ignore[attr-defined]
        else:
            del self.fields["side"]


class NotePage(FormPage):
    """The notes that one's own side has on something, and the form for the next. Never shown to the other side."""

    template_name = "casework/note_form.html"
    title = "Add a note"
    intro = "Only people of your own side see this note. The other side does not."
    submit_label = "Save note"
    done = "The note is saved."

    def get_case(self) -> Any:
        self.sides = registry.side_names(self.request.user)
        model: Any = owner_model(self.kwargs["list_path"])
        if model is None or not self.sides:
            raise Http404
        field = getattr(model, "reference_field", "reference")
        return get_object_or_404(model.objects.visible_to(self.request.user), **{field: self.kwargs["reference"]})

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [NoteForm(data, sides=self.sides, initial={"on": clock.today()})]

    def save(self, case: Any, forms: list[Any]) -> Note:
        given = forms[0].cleaned_data
        side = given.get("side") or next(iter(self.sides))
        return add_note(case, kind=given["kind"], on=given["on"], text=given["text"], side=side, by=self.request.user)

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {"notes": listed_notes(case, set(self.sides)), "back_url": self.cancel_url(case)}
