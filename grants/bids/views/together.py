"""Several people on one bid: what each changed in a section is kept, and what two changed differently is shown side by side.

Autosave comes the same way as the Save button, with `autosave` in the form; it is answered in JSON.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render

from casework import clock
from casework.forms import HouseForm, Radios, summary_errors
from casework.forms.merging import BASIS, BOTH, CLASH, KEEP, MINE, THEIRS, Basis, Clash, basis_after, basis_of, merge, read_basis
from casework.templatetags.ui import gov_moment, gov_time
from casework.workflow import Stale
from grants.bids.models import Bid
from grants.bids.models_parts import BidSection, section_of, version_of
from grants.bids.states import BidState
from grants.bids.timing import submit_in_time

AUTOSAVE = "autosave"
LATER = "later"
"""The name of the button that saves what is there, finished or not."""
NEVER_CARRIED = {"csrfmiddlewaretoken", CLASH, AUTOSAVE}


class ChoiceForm(HouseForm):
    """Which of two texts to keep, one question for each."""

    version = None  # type: ignore[assignment]

    def __init__(self, data: Any, *, clashes: list[Clash], who: str) -> None:
        super().__init__(data)
        for clash in clashes:
            choices = [(THEIRS, f"What {who} saved"), (MINE, "What you typed")]
            if clash.can_join:
                choices.append((BOTH, "Both, one below the other, so that you can make one text of them"))
            label = f"Which do you want to keep for “{clash.label}”?"
            words = {"required": f"Select which to keep for “{clash.label}”"}
            self.fields[f"{KEEP}{clash.path}"] = forms.ChoiceField(
                choices=choices, widget=Radios, label=label, error_messages=words
            )


class Together:
    """What a section's page does when others may have saved it too. The page gives `get_forms`, `keep` and `context`."""

    key = ""
    request: Any
    kwargs: dict[str, Any]
    moved = False
    """Whether somebody saved between reading and saving: then it is tried once more."""

    @property
    def autosaved(self) -> bool:
        return AUTOSAVE in self.request.POST

    @property
    def has_joined(self) -> bool:
        """Whether two texts were put together, which somebody should now read."""
        return any(name.startswith(KEEP) and value == BOTH for name, value in self.request.POST.items())

    @cached_property
    def section(self) -> BidSection | None:
        """Who last saved this section; read once for a page."""
        return section_of(self.kwargs["reference"], self.key)

    @property
    def version_now(self) -> int:
        return version_of(self.section)

    def keep_together(self) -> HttpResponse:
        """Bring what was typed together with what is saved now, then judge and save it."""
        data, files = self.request.POST, self.request.FILES
        version = self.version_now  # read before what it counts: a save in between is then noticed
        case = self.get_case()  # type: ignore[attr-defined]
        refusal = self._refusal(case)  # type: ignore[attr-defined]
        if refusal is not None:
            return refusal
        saved = self.get_forms(case)  # type: ignore[attr-defined]
        basis = self._basis(case, data, saved)
        merged = merge(data, self.get_forms(case, data, files), saved, basis)  # type: ignore[attr-defined]
        if merged.clashes:
            return self.answer_clash(case, merged.clashes, merged.data)
        merged.data["version"] = str(version)
        shown = self.get_forms(case, merged.data, files)  # type: ignore[attr-defined]
        answer = self.keep(case, shown)  # type: ignore[attr-defined]
        if isinstance(answer, JsonResponse):
            return answer
        if self.autosaved:
            return self.told(case, shown, answer, basis, merged.taken)
        if merged.taken and answer.status_code == 302 and CLASH not in data:
            said = f"{_who(self.section, self.request.user)} saved this section while you had it open. Both changes are kept."
            messages.info(self.request, said)
        return answer

    def _basis(self, case: Bid, data: QueryDict, saved: list[Any]) -> dict[str, str]:
        """What the page was opened with. A form without it is judged by the section's version alone."""
        if BASIS in data:
            return read_basis(data)
        return basis_of(saved) if data.get("version", "") in ("", str(self.version_now)) else {}

    def show_stale(self, case: Bid, shown: list[Any], error: Stale) -> HttpResponse:
        """Somebody saved in this very moment: look at what stands now."""
        if self.moved:
            shown[0].add_error(None, str(error))
            return self.show(case, shown, status=409)  # type: ignore[attr-defined]
        self.moved = True
        del self.section
        return self.keep_together()

    def answer_clash(self, case: Bid, clashes: list[Clash], data: QueryDict) -> HttpResponse:
        """Both texts side by side. Everything typed travels along, so that nothing depends on this page being finished soon."""
        section = self.section
        who = _who(section, self.request.user)
        if self.autosaved:
            return JsonResponse({"problem": f"{who} changed the same text. Save the page to see both texts"}, status=409)
        asked_before = CLASH in data
        form = ChoiceForm(data if asked_before else None, clashes=clashes, who=who)
        carried = [(name, value) for name, values in data.lists() if _is_carried(name) for value in values]
        context = {
            "case": case,
            "form": form,
            "title": "Choose what to keep",
            "section_title": self.title,  # type: ignore[attr-defined]
            "caption": f"{case.reference} · {case.title}",
            "reference": case.reference,
            "who": who,
            "when": gov_moment(section.saved_at) if section is not None else "",
            "clashes": [(clash, form[f"{KEEP}{clash.path}"]) for clash in clashes],
            "carried": [*carried, ("version", str(self.version_now))],
            "submit_label": "Save what you chose",
        }
        return render(self.request, "grants/bid_choose.html", context, status=409)

    def told(self, case: Bid, shown: list[Any], answer: HttpResponse, basis: Basis, taken: set[str]) -> JsonResponse:
        """The answer to an autosave: when it was saved and what the open page must now carry, or why it was not."""
        if answer.status_code != 302:
            problems = [sentence for _, sentence in summary_errors(*shown)]
            return JsonResponse({"problem": problems[0] if problems else "Try again"}, status=answer.status_code)
        del self.section
        case = self.get_case()  # type: ignore[attr-defined]
        fields = self.new_keys(case, shown)
        data = self.request.POST.copy()
        for name, key in fields.items():
            data[name] = key
        marks = basis_after(self.get_forms(case, data), self.get_forms(case), basis, taken)  # type: ignore[attr-defined]
        fields |= {BASIS: json.dumps(marks, separators=(",", ":")), "version": str(self.version_now)}
        late = submit_in_time(case) if case.state == BidState.DRAFT else []
        return JsonResponse({"saved": gov_time(clock.now()), "fields": fields, **({"note": " ".join(late)} if late else {})})

    def new_keys(self, case: Bid, shown: list[Any]) -> dict[str, str]:
        """The lasting keys of rows that were saved for the first time, by the name of their hidden field on the open page."""
        return {}

    def together_context(self, case: Bid, shown: list[Any]) -> dict[str, Any]:
        form = shown[0]
        basis = form.data.get(BASIS) if form.is_bound else None
        section = self.section
        return {
            "basis": basis if basis is not None else json.dumps(basis_of(shown) if not form.is_bound else {}),
            "last_saved": section,
            "autosave": True,
        }


def _is_carried(name: str) -> bool:
    return name not in NEVER_CARRIED and name != "version" and not name.startswith(KEEP)


def _who(section: BidSection | None, user: Any) -> str:
    """Whose text stands there; one's own from another window is said so."""
    if section is None:
        return "Somebody else"
    return "You, in another window," if section.saved_by_id == user.pk else str(section.saved_by)
