"""The Police and Crime Plan, for everybody: it is a public document."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch
from django.http import Http404
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from casework import clock
from partnerships.organisations.models import on_date
from partnerships.plans.models import Outcome, Plan


@method_decorator(login_not_required, name="dispatch")
class PlanPage(TemplateView):
    """One plan with everything in it; without a key the one in force today."""

    template_name = "partnerships/plan.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plans = list(Plan.objects.order_by("-starts", "-pk"))
        plan = self.chosen(plans)
        if plan is None and self.kwargs.get("key"):
            raise Http404
        return super().get_context_data(**kwargs) | {
            "plan": plan,
            "themes": _themes(plan) if plan is not None else [],
            "others": [other for other in plans if plan is None or other.pk != plan.pk],
            "today": clock.today(),
        }

    def chosen(self, plans: list[Plan]) -> Plan | None:
        key = self.kwargs.get("key")
        if key:
            return next((plan for plan in plans if plan.key == key), None)
        in_force = Plan.objects.filter(on_date(clock.today())).order_by("-starts", "-pk").first()
        return in_force or next((plan for plan in plans if plan.starts <= clock.today()), None)


def _themes(plan: Plan) -> list[Any]:
    outcomes = Outcome.objects.prefetch_related("measures")
    return list(plan.themes.prefetch_related("objectives", Prefetch("outcomes", queryset=outcomes)))
