"""The first page after signing in, and the statements in the footer."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from desk.work import advice_for, covered_by, grouped, open_rounds, served_by


class YourWork(TemplateView):
    """What waits for this person, what is due, what is late; and the bodies they serve."""

    template_name = "desk/work.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        groups, more = grouped(user)
        return super().get_context_data(**kwargs) | {
            "groups": groups,
            "count": sum(group.count for group in groups),
            "at_least": more,
            "served": served_by(user),
            "covered": covered_by(user),
            "advice": [] if groups else advice_for(user),
            "rounds": open_rounds(user),
        }


@method_decorator(login_not_required, name="dispatch")
class PublicPage(TemplateView):
    """A page of words for everybody."""
