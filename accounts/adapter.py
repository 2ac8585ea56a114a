"""How allauth behaves here: people are invited, they do not sign themselves up."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

log = logging.getLogger("house.accounts")


class ClosedAdapter(DefaultAccountAdapter):
    """Refuses open sign-up; every account is made by an administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that does not answer must not show by an error page which addresses have an account."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:
            log.warning("account mail not sent", extra={"error": type(error).__name__})
