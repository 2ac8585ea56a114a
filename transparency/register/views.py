"""The public register of awards: no sign-in, no writes, nothing that is held back."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from casework.views import ListPage
from grants.decisions.models import Award
from transparency.register import shown
from transparency.register.filters import RegisterFilter
from transparency.register.queries import Totals, register, totals, with_details
from transparency.register.tables import EXPORT, RegisterTable


class CountedPaginator(Paginator):
    """A paginator that is told the count: the totals' query has counted already."""

    def __init__(self, *args: Any, total: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = total  # type: ignore[misc]


@method_decorator(login_not_required, name="dispatch")
class RegisterList(ListPage):
    """Every published award; the totals tell of those that are withheld in whole."""

    model = Award
    table_class = RegisterTable
    filterset_class = RegisterFilter
    template_name = "transparency/register.html"
    title = "Register of awards"
    noun = "awards"
    export_name = "register of awards"
    export_columns = EXPORT

    def get_queryset(self) -> Any:
        return with_details(register()) if "export" in self.request.GET else register()

    def get_totals(self, filterset: RegisterFilter) -> Totals:
        chosen = filterset.chosen()
        year = int(chosen["year"]) if "year" in chosen else None
        return totals(filterset.qs, year=year, with_withheld=not chosen.keys() - {"year"})

    def get_table_pagination(self, table: Any) -> dict[str, Any]:
        self.totals = self.get_totals(self.filterset)
        paginated = super().get_table_pagination(table)
        return paginated | {"paginator_class": CountedPaginator, "total": self.totals.shown}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {"totals": self.totals, "narrowed": self.filterset.chosen().keys() - {"year"}}


@method_decorator(login_not_required, name="dispatch")
class RegisterPage(TemplateView):
    """One award: what the law asks to be published of it. 404 for what is not public."""

    template_name = "transparency/award.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        award = with_details(register()).filter(bid__reference=self.kwargs["reference"]).first()
        if award is None:
            raise Http404
        rows = [
            ("Recipient", shown.recipient(award)),
            ("Purpose", shown.purpose(award)),
            ("Amount awarded", award.amount),
            ("Date of decision", shown.decided_on(award)),
            ("Decision", award.decision.reference),
            ("Decided by", award.decision.decided_as),
            ("Kind of award", award.get_kind_display()),
            ("Fund", award.decision.round.fund.name),
            ("How money was given", shown.route(award)),
            ("Legal power", shown.legal_power(award)),
            ("Category", award.bid.get_category_display()),
            ("Areas", shown.areas(award)),
        ]
        if why := shown.route_reason(award):
            rows.insert(9, (award.decision.round.way.why, why))
        if standing := shown.standing(award):
            rows.insert(3, ("Standing", standing))
        return super().get_context_data(**kwargs) | {
            "award": award,
            "reference": award.bid.reference,
            "title": shown.title(award),
            "rows": [{"label": label, "value": value} for label, value in rows],
            "conditions": shown.conditions(award),
            "asked": award.decision.legal_power.asks,
            "reasons": award.decision.reasons,
        }
