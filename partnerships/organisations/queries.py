"""What a body's page shows, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from casework import clock
from casework.outbox import could_not_be_sent
from partnerships.organisations.models import Cover, Membership, Organisation, ResponsibleAuthority, Succession
from partnerships.organisations.models_invitations import MAIL, Invitation
from partnerships.organisations.standing import standing_of


@dataclass(frozen=True)
class People:
    """Who serves a body now or from a later day, and who did; the covers that are over."""

    present: list[Membership]
    former: list[Membership]
    covered: list[Cover]


def people_of(body: Organisation) -> People:
    """Memberships, each with `live_covers`: those that have not ended."""
    today = clock.today()
    covers = Cover.objects.select_related("person", "membership__person").order_by("starts", "pk")
    rows = (
        Membership.objects.filter(organisation=body)
        .select_related("person", "organisation")
        .prefetch_related(Prefetch("covers", queryset=covers))
        .order_by("role", "starts", "pk")
    )
    present: list[Membership] = []
    former: list[Membership] = []
    over: list[Cover] = []
    for row in rows:
        row.live_covers = [cover for cover in row.covers.all() if cover.ends >= today]  # type: ignore[attr-defined]
        over += [cover for cover in row.covers.all() if cover.ends < today]
        (former if row.ends is not None and row.ends < today else present).append(row)
    former.sort(key=lambda row: row.ends or today, reverse=True)
    return People(present, former, sorted(over, key=lambda cover: cover.ends, reverse=True))


def open_invitations(body: Organisation) -> list[Invitation]:
    """Nobody has taken these up yet; `unsent` where the last e-mail could not be sent."""
    times = Concat(Value("sent:"), Cast(OuterRef("sends"), TextField()), output_field=TextField())
    unsent = could_not_be_sent(MAIL, about=Invitation, key=OuterRef("pk"), cause=times)
    rows = Invitation.objects.open().filter(organisation=body).select_related("invited_by").annotate(unsent=unsent)
    return list(rows.order_by("email", "role", "pk"))


def sees_addresses(user: Any, body: Organisation) -> bool:
    """E-mail addresses are for the office and for the body's own people."""
    standing = standing_of(user)
    return bool(standing.office) or body.pk in standing.bodies


def successions_of(body: Organisation) -> QuerySet[Succession]:
    """What passed to and from it, oldest first."""
    rows = Succession.objects.filter(Q(predecessor=body) | Q(successor=body))
    return rows.select_related("predecessor", "successor").order_by("on", "pk")


def authorities_of(body: Organisation) -> QuerySet[ResponsibleAuthority]:
    """Its responsible authorities, and the partnerships it is one of."""
    rows = ResponsibleAuthority.objects.filter(Q(partnership=body) | Q(organisation=body))
    return rows.select_related("partnership", "organisation").order_by("starts", "organisation__name", "pk")
