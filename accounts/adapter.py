"""How allauth behaves here: people are invited, they do not sign themselves up."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):
    """Refuses open sign-up; every account is made by an administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
