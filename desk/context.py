"""What every page needs: the navigation for this person and the office's name today."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from casework import clock
from partnerships.organisations.models import OfficeIdentity, on_date
from partnerships.organisations.roles import CASEWORKERS, OFFICE_ROLES, Role
from partnerships.organisations.standing import standing_of

# (label, address, office roles that see it; None: everybody signed in)
MENU: tuple[tuple[str, str, frozenset[str] | None], ...] = (
    ("Your work", "/", None),
    ("Rounds", "/rounds/", None),
    ("Questions", "/questions/", frozenset(OFFICE_ROLES)),
    ("Bids", "/bids/", None),
    (
        "Assessments",
        "/assessments/",
        frozenset({Role.ASSESSOR, Role.COMMISSIONING_OFFICER, Role.AUDITOR, Role.COMMISSIONER, Role.CHIEF_EXECUTIVE}),
    ),
    ("Decisions", "/decisions/", CASEWORKERS),
    ("Agreements", "/agreements/", None),
    ("Returns", "/returns/", None),
    ("Payments", "/payments/", None),
    (
        "Finance",
        "/finance/",
        frozenset({Role.FINANCE_OFFICER, Role.CHIEF_FINANCE_OFFICER, Role.COMMISSIONING_OFFICER, Role.AUDITOR}),
    ),
    ("Organisations", "/organisations/", None),
    ("Plan", "/plan/", None),
    ("Audit", "/audit/", frozenset({Role.AUDITOR})),
    ("Register", "/register/", None),
)
BELONGS = {"/offers/": "/agreements/", "/expressions/": "/rounds/"}
"""Pages without an entry of their own, and the entry that they stand under."""
PUBLIC = (
    ("Rounds", "/rounds/"),
    ("Register of awards", "/register/"),
    ("Police and Crime Plan", "/plan/"),
    ("Sign in", "/accounts/login/"),
)


def house(request: HttpRequest) -> dict[str, Any]:
    """`nav` and `office` for the base template. Error pages without a user get the public menu."""
    user = getattr(request, "user", None)
    identity = OfficeIdentity.objects.filter(on_date(clock.today())).order_by("-starts").first()
    if user is None or not user.is_authenticated:
        entries = list(PUBLIC)
    else:
        held = standing_of(user).office
        entries = [(label, url) for label, url, roles in MENU if roles is None or not held.isdisjoint(roles)]
    nav = [{"label": label, "url": url, "current": _is_current(request.path, url)} for label, url in entries]
    return {"nav": nav, "office": identity}


def _is_current(path: str, url: str) -> bool:
    own = next((entry for beginning, entry in BELONGS.items() if path.startswith(beginning)), path)
    return own == url if url == "/" else own.startswith(url)
