"""A leaver's page, and ending a cover."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from casework import clock
from casework.forms import DateField, HouseForm
from casework.workflow import Refused
from partnerships.organisations.forms import CoverEndForm
from partnerships.organisations.leaving import (
    Part,
    colleagues_of,
    covers_of,
    hand_over,
    leave,
    left_without,
    parts_of,
    roles_of,
)
from partnerships.organisations.models import Cover, Organisation
from partnerships.organisations.people_views import PeoplePage
from partnerships.organisations.services import end_cover, may_change

NOBODY_YET = "nobody"


class LeavingForm(HouseForm):
    """The last day, and who takes over each thing that is held in the leaver's own name."""

    on = DateField(
        label="Last day",
        help_text="They can act in their roles until the end of this day. What you hand over passes at once.",
        error_messages={"required": "Enter the last day"},
    )
    nouns = {"on": "the last day"}

    def __init__(self, *args: Any, parts: list[Part], ends_roles: bool, leaver: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ends_roles:
            del self.fields["on"]
        for part in (part for part in parts if part.to_hand_over):
            for item in part.items:
                self.fields[part.field(item)] = _taker(part, f"{item.reference} {item.title}".strip(), leaver)

    def to(self) -> dict[str, int]:
        """Field name → key of who takes it over."""
        chosen = {name: value for name, value in self.cleaned_data.items() if name not in ("on", "version")}
        return {name: int(value) for name, value in chosen.items() if value != NOBODY_YET}


def _taker(part: Part, name: str, leaver: User) -> forms.ChoiceField:
    people = [(str(user.pk), user.name) for user in part.colleagues]
    return forms.ChoiceField(
        label=f"Who takes over {name}?",
        choices=[("", "Select a person"), *people, (NOBODY_YET, f"Nobody yet: it stays with {leaver}")],
        initial="" if people else NOBODY_YET,
        error_messages={"required": f"Select who takes over {name}"},
    )


class LeaverPage(PeoplePage):
    """What somebody holds in a body, handed to colleagues, and the end of their roles. In the office an officer hands cases over."""

    permission = "partnerships.see_leaver"
    template_name = "partnerships/leaver.html"

    def get_case(self) -> Organisation:
        body = super().get_case()
        self.leaver = get_object_or_404(User, pk=self.kwargs["person"])
        self.roles = roles_of(self.leaver, body)
        if not self.roles:
            raise Http404
        self.ends_roles = any(may_change(row, self.request.user) for row in self.roles)
        self.colleagues = colleagues_of(self.leaver, body)
        self.parts = parts_of(self.leaver, body, self.request.user, self.colleagues)
        return body

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        start = {"on": clock.today()}
        return [LeavingForm(data, initial=start, parts=self.parts, ends_roles=self.ends_roles, leaver=self.leaver)]

    def check(self, case: Organisation) -> None:
        if not self.ends_roles and not any(part.to_hand_over for part in self.parts):
            raise Refused(
                f"{self.leaver} holds nothing here that you hand over. An administrator of the office ends these roles."
            )

    def save(self, case: Any, forms: list[Any]) -> Any:
        form, by = forms[0], self.request.user
        if self.ends_roles:
            return leave(person=self.leaver, body=case, on=form.cleaned_data["on"], to=form.to(), by=by)
        return hand_over(person=self.leaver, body=case, to=form.to(), by=by)

    done = ""

    def success_url(self, case: Any, result: Any) -> str:
        if self.ends_roles:
            messages.success(self.request, f"{self.leaver} leaves {case} at the end of the day that you gave.")
            for sentence in self.warnings(case):
                messages.warning(self.request, sentence)
        else:
            messages.success(self.request, "Handed over." if result else "Nothing was handed over.")
        return case.get_absolute_url()

    def warnings(self, case: Organisation) -> list[str]:
        return left_without(case, [row.role for row in self.roles], self.colleagues)

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return super().context(case, forms) | {
            "title": f"{self.leaver} leaves",
            "submit_label": "End roles" if self.ends_roles else "Hand over",
            "leaver": self.leaver,
            "roles": self.roles,
            "parts": self.parts,
            "covers": covers_of(self.leaver, case),
            "warnings": self.warnings(case),
            "ends_roles": self.ends_roles,
        }


class CoverEnd(PeoplePage):
    template_name = "casework/confirm.html"
    submit_label = "End cover"
    done = "The cover ends on the day you gave."
    intro = "A cover that has not begun by then never begins."

    def get_case(self) -> Organisation:
        body = super().get_case()
        rows = Cover.objects.select_related("person", "membership__person", "membership__organisation")
        self.cover = get_object_or_404(rows, pk=self.kwargs["cover"], membership__organisation=body)
        if not may_change(self.cover.membership, self.request.user):
            raise Http404
        return body

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        row = self.cover
        self.title = f"End the cover of {row.person} for {row.membership.person}, {row.membership.get_role_display().lower()}"
        return [CoverEndForm(data, initial={"on": clock.today()})]

    def save(self, case: Any, forms: list[Any]) -> Any:
        return end_cover(cover=self.cover, on=forms[0].cleaned_data["on"], by=self.request.user)
