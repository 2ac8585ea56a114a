"""The list of bodies, a body's page, and the administrator's forms for its people."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView

from casework import clock, registry
from casework.views import FormPage, ListPage, listed_notes
from partnerships.organisations.forms import CoverForm, EndForm, MembershipForm, OrganisationFilter
from partnerships.organisations.models import Membership, Organisation
from partnerships.organisations.queries import authorities_of, people_of, sees_addresses, successions_of
from partnerships.organisations.roles import Seat
from partnerships.organisations.services import PERMISSION, add_membership, appoint_cover, end_membership, roles_in
from partnerships.organisations.tables import EXPORT, OrganisationTable


class OrganisationList(ListPage):
    """Every body that has to do with grants, present and past."""

    model = Organisation
    table_class = OrganisationTable
    filterset_class = OrganisationFilter
    title = "Organisations"
    noun = "organisations"
    export_columns = EXPORT

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("usual_accountable_body").prefetch_related("areas")


class OrganisationPage(TemplateView):
    """What a body is, who serves it, and what it has to do with others."""

    template_name = "partnerships/organisation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        bodies = Organisation.objects.visible_to(user).select_related("usual_accountable_body")
        body = get_object_or_404(bodies, key=self.kwargs["key"])
        _, sides = registry.sides_of(user)
        authorities, successions = list(authorities_of(body)), list(successions_of(body))
        context = {
            "body": body,
            "areas": list(body.areas.all()),
            "identifiers": list(body.identifiers.order_by("scheme", "value")),
            "people": people_of(body),
            "with_addresses": sees_addresses(user, body),
            "may_manage": user.has_perm(PERMISSION),
            "authorities": [row for row in authorities if row.partnership_id == body.pk],
            "authority_in": [row for row in authorities if row.organisation_id == body.pk],
            "predecessors": [row for row in successions if row.successor_id == body.pk],
            "successors": [row for row in successions if row.predecessor_id == body.pk],
            "accountable_for": list(body.accountable_for.order_by("name", "pk")),
            "notes": listed_notes(body, sides) if sides else None,
            "note_url": f"{body.get_absolute_url()}notes/",
            "office_seat": Seat.OFFICE_SEAT,
            "today": clock.today(),
        }
        return super().get_context_data(**kwargs) | context


class PeoplePage(FormPage):
    """A form about a body's people, for administrators; nobody else learns that it is there."""

    model = Organisation

    def get_case(self) -> Organisation:
        if not self.request.user.has_perm(PERMISSION):
            raise Http404
        body = get_object_or_404(Organisation.objects.visible_to(self.request.user), key=self.kwargs["key"])
        if "membership" in self.kwargs:
            people = Membership.objects.select_related("person", "organisation")
            self.membership = get_object_or_404(people, organisation=body, pk=self.kwargs["membership"])
        return body

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {"caption": case.name, "back_url": case.get_absolute_url()}


class MembershipAdd(PeoplePage):
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
    submit_label = "End role"
    done = "The role ends on the day you gave."

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        self.title = f"End the role of {self.membership.person} as {self.membership.get_role_display().lower()}"
        return [EndForm(data, initial={"on": clock.today()})]

    def save(self, case: Any, forms: list[Any]) -> Any:
        return end_membership(membership=self.membership, on=forms[0].cleaned_data["on"], by=self.request.user)


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
