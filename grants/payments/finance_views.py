"""Finance: where each fund's year stands, what is due and what is held, and the workbook."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import View

from casework import clock
from casework.money import total
from casework.views import workbook_response
from casework.workflow import record
from grants.agreements.states import AgreementState
from grants.funds.models import Account
from grants.payments.models import Instalment
from grants.payments.queries import positions, years_with_money
from grants.payments.states import TO_COME
from grants.payments.workbook import file_name, sheets

MOST = 20
HEADERS = ("Fund", "Budget", "Allowance", "Committed", "Paid", "Recovered", "Remaining")


def year_of(text: str | None) -> int:
    """The financial year named in an address or form; the present one when none is named, 404 for what is no year."""
    if not text:
        return clock.financial_year(clock.today())
    try:
        return clock.year_from_label(text)
    except ValueError as error:
        raise Http404 from error


class FinanceMixin:
    """For those who read the office's finances; for everybody else the page does not exist."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not request.user.has_perm("grants.read_finance"):  # type: ignore[union-attr]
            raise Http404
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class FinancePage(FinanceMixin, View):
    """The budget position of one financial year, and the payments that are due or held."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        year = year_of(request.GET.get("year"))
        context = {
            "title": "Finance",
            "year": clock.year_label(year),
            "years": year_links(year),
            "position": position_table(year),
            **payments_ahead(request.user, year),
        }
        return render(request, "grants/finance_page.html", context)


def year_links(year: int) -> list[dict[str, Any]]:
    """The years that have money, the shown and the present one, for the picker; newest first."""
    years = {*years_with_money(), year, clock.financial_year(clock.today())}
    labels = [(one, clock.year_label(one)) for one in sorted(years, reverse=True)]
    return [{"label": label, "url": f"?year={label}", "current": one == year} for one, label in labels]


def position_table(year: int) -> dict[str, Any]:
    """A row for each fund's account of the year, as the money table shows it."""
    rows = [[_name(account), *_figures(account)] for account in positions(year)]
    sums = [total([row[place] for row in rows]) for place in range(1, len(HEADERS))]
    caption = f"Budget position, {clock.year_label(year)}"
    return {"caption": caption, "headers": HEADERS, "rows": rows, "totals": ["Total", *sums]}


def _name(account: Account) -> str:
    reserve = account.kind == Account.Kind.MATCH_RESERVE
    return f"{account.fund}{', match funding held back' if reserve else ''}"


def _figures(account: Any) -> list[Decimal]:
    """Remaining is what of the budget is not committed, the allowance left out: below nothing, the year is over-allocated."""
    spent = [account.sum_budget, account.sum_allowance, account.sum_committed, account.sum_paid, account.sum_recovered]
    return [*spent, account.sum_budget - account.sum_committed]


def payments_ahead(user: Any, year: int) -> dict[str, list[Instalment]]:
    """The soonest payments of the year that can be made, and those that something owed holds back: two queries."""
    payments = Instalment.objects.visible_to(user).with_held().filter(state__in=TO_COME, account__year=year)
    payments = payments.filter(agreement__state__in=[AgreementState.ACTIVE, AgreementState.SUSPENDED])
    payments = payments.select_related("agreement__award__bid__accountable_body").order_by("due", "pk")
    return {"due": list(payments.filter(is_held=False)[:MOST]), "held": list(payments.filter(is_held=True)[:MOST])}


class WorkbookDownload(FinanceMixin, View):
    """The workbook of a year. A POST, because that it was taken is recorded, and a GET writes nothing."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> FileResponse:
        year = year_of(request.POST.get("year"))
        response = workbook_response(sheets(year, request.user), file_name(year))
        record(request.user, "downloaded the finance workbook", by=request.user, changes={"year": year})  # type: ignore[arg-type]
        return response
