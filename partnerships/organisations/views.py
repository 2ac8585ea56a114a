"""The list of bodies, and a body's page."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.views.generic import TemplateView

from casework import clock, registry
from casework.views import ListPage, listed_notes
from partnerships.organisations.activity import PERMISSION as CLASSIFY
from partnerships.organisations.activity import activity_words
from partnerships.organisations.forms import OrganisationFilter
from partnerships.organisations.models import Organisation
from partnerships.organisations.queries import authorities_of, open_invitations, people_of, sees_addresses, successions_of
from partnerships.organisations.roles import Seat
from partnerships.organisations.services import LOOK_AFTER, PERMISSION, may_change
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
        classifies = user.has_perm(CLASSIFY, body)
        authorities, successions = list(authorities_of(body)), list(successions_of(body))
        context = {
            "body": body,
            "areas": list(body.areas.all()),
            "identifiers": list(body.identifiers.order_by("scheme", "value")),
            "people": (people := people_of(body)),
            "changeable": {row.pk for row in people.present if may_change(row, user)},
            "with_addresses": sees_addresses(user, body),
            "may_manage": user.has_perm(PERMISSION),
            "activity": activity_words(body) if (sides or classifies) and body.kind != Organisation.Kind.OFFICE else "",
            "activity_url": f"{body.get_absolute_url()}subsidy-control/" if classifies else "",
            "looks_after": (looks_after := user.has_perm(LOOK_AFTER, body)),
            "sees_leavers": looks_after or user.has_perm("partnerships.see_leaver", body),
            "invitations": open_invitations(body) if looks_after else None,
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
