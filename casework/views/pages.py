"""A case's page, and finding the case that a page is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView

from casework import registry
from casework.audit.chain import entries_of
from casework.documents.models import documents_of
from casework.history import told, visible_entries
from casework.notes import notes_on
from casework.workflow import Case, options

HISTORY_ON_PAGE = 12


class CaseMixin:
    """Finds the case among what this person may see; anything else is 404."""

    model: type[Case]
    request: HttpRequest
    kwargs: dict[str, Any]

    def cases(self) -> models.QuerySet[Any]:
        """What the page needs of the case, joined; override to select_related."""
        return self.model.objects.visible_to(self.request.user)

    def get_case(self) -> Any:
        return get_object_or_404(self.cases(), reference=self.kwargs["reference"])


@dataclass(frozen=True)
class Next:
    """What happens next, and the buttons."""

    sentence: str
    options: Sequence[Any]


class CasePage(CaseMixin, TemplateView):
    """Life line, what happens next, summary, money, panels of other rooms, documents, notes, history: 15 queries at most."""

    template_name = "casework/case.html"
    with_documents = True
    with_notes = True

    def title(self, case: Any) -> str:
        return str(getattr(case, "title", case))

    def sentence(self, case: Any) -> str:
        """Who must do what by when."""
        return ""

    def steps(self, case: Any) -> Sequence[Any]:
        """The buttons: the case's transitions, unless a page puts forms of its own before them."""
        return options(case, self.request.user)

    def summary(self, case: Any) -> list[dict[str, Any]]:
        """Rows of {"label", "value"} and, with a Change link, "href"."""
        return []

    def money(self, case: Any) -> Any:
        return None

    def panels(self, case: Any) -> list[registry.Panel]:
        return registry.panels_for(case, self.request.user)

    def extra(self, case: Any) -> dict[str, Any]:
        return {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case, user = self.get_case(), self.request.user
        side, sides = registry.sides_of(user)
        context = {
            "case": case,
            "reference": case.reference,
            "title": self.title(case),
            "state": case.state_tag,
            "lifeline": registry.lifeline(case.file if case.file_id else None, user),
            "next": Next(self.sentence(case), self.steps(case)),
            "summary": self.summary(case),
            "money": self.money(case),
            "panels": self.panels(case),
            "documents": listed_documents(case) if self.with_documents else None,
            "notes": listed_notes(case, sides) if self.with_notes and sides else None,
            "note_url": f"{case.get_absolute_url()}notes/" if self.with_notes and side != "none" else "",
            "timeline": self.timeline(case),
            "timeline_url": f"/audit/{case.file.reference}/" if case.file_id and "office" in sides else "",
        }
        return super().get_context_data(**kwargs) | context | self.extra(case)

    def timeline(self, case: Any) -> list[Any]:
        entries = visible_entries(entries_of(obj=case), self.request.user)
        return told(entries.order_by("-number")[:HISTORY_ON_PAGE])


def listed_documents(case: Any) -> list[dict[str, Any]]:
    return [
        {
            "pk": document.pk,
            "name": document.name,
            "kind": document.kind,
            "url": document.get_absolute_url(),
            "size": document.size,
            "added": document.at,
            "by": document.by,
            "withheld": document.withheld,
        }
        for document in documents_of(case)
    ]


def listed_notes(case: Any, sides: set[str]) -> list[dict[str, Any]]:
    return [
        {"kind": "", "subject": note.get_kind_display(), "text": note.text, "when": note.on, "who": note.by}
        for note in notes_on(case, sides)
    ]
