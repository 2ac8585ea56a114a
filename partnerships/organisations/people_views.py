"""The forms for a body's people: giving a role, ending it, and appointing cover."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.html import format_html

from casework import clock
from casework.views import FormPage
from partnerships.organisations.forms import CoverForm, EndForm, MembershipForm
from partnerships.organisations.leaving import warnings_for
from partnerships.organisations.models import Membership, Organisation
from partnerships.organisations.roles import Seat
from partnerships.organisations.services import (
    LOOK_AFTER,
    PERMISSION,
    add_membership,
    appoint_cover,
    end_membership,
    may_change,
    roles_in,
)


class PeoplePage(FormPage):
    """A form about a body's people, for administrators and its chair; nobody else learns that it is there."""

    model: Any = Organisation
    permission = LOOK_AFTER

    def get_case(self) -> Organisation:
        body = get_object_or_404(Organisation.objects.visible_to(self.request.user), key=self.kwargs["key"])
        if not self.request.user.has_perm(self.permission, body):
            raise Http404
        if "membership" in self.kwargs:
            people = Membership.objects.select_related("person", "organisation")
            self.membership = get_object_or_404(people, organisation=body, pk=self.kwargs["membership"])
            if not may_change(self.membership, self.request.user):
                raise Http404
        return body

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {"caption": case.name, "back_url": case.get_absolute_url()}


class MembershipAdd(PeoplePage):
    permission = PERMISSION
    title = "Give somebody a role"
    intro = "A person who is new here gets no password from you: they choose “Forgotten your password?” when they sign in."
    submit_label = "Give role"
    done = "The role is given."

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        start = {"starts": clock.today(), "seat": Seat.EMPLOYMENT}
        return [MembershipForm(data, roles=roles_in(case), initial=start)]

    def save(self, case: Any, forms: list[Any]) -> Any:
        given = {name: value for name, value in forms[0].cleaned_data.items() if name != "version"}
        return add_membership(organisation=case, by=self.request.user, **given)


class MembershipEnd(PeoplePage):
    template_name = "casework/confirm.html"
    submit_label = "End role"
    done = "The role ends on the day you gave."

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        self.title = f"End the role of {self.membership.person} as {self.membership.get_role_display().lower()}"
        return [EndForm(data, initial={"on": clock.today()})]

    def save(self, case: Any, forms: list[Any]) -> Any:
        return end_membership(membership=self.membership, on=forms[0].cleaned_data["on"], by=self.request.user)

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        page = f"{case.get_absolute_url()}people/{self.membership.person_id}/leaving/"
        link = format_html('<a class="govuk-link" href="{}">leaver’s page</a>', page)
        intro = format_html("If they leave altogether, use their {}: it hands over what they hold and ends every role.", link)
        return super().context(case, forms) | {"warnings": warnings_for(self.membership), "intro": intro}


class CoverAdd(PeoplePage):
    submit_label = "Appoint cover"
    done = "The cover is appointed."
    intro = "The person who covers acts in their own name, and never on what they prepared themselves."

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        self.title = f"Appoint cover for {self.membership.person}, {self.membership.get_role_display().lower()}"
        return [CoverForm(data, initial={"starts": clock.today()})]

    def save(self, case: Any, forms: list[Any]) -> Any:
        given = {name: value for name, value in forms[0].cleaned_data.items() if name != "version"}
        return appoint_cover(membership=self.membership, by=self.request.user, **given)
