"""What people see of returns, what they do not, and what each page costs."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from casework import clock
from casework.documents.services import attach
from casework.registry import lifeline, work_for
from casework.workflow import perform
from monitoring.models import Return, ReturnQuery
from monitoring.returns.figures import cumulative, figure, number, percent
from partnerships.organisations.roles import Role
from tests.casework.files import PNG
from tests.factories import (
    AgreementFactory,
    BidFactory,
    MembershipFactory,
    OrganisationFactory,
    ReturnFactory,
    UserFactory,
    member,
    officer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def page_of(case: Return) -> str:
    return f"/returns/{case.reference}/"


def queries_of(client: Any, url: str) -> list[str]:
    """The statements of a second visit: the first one fills caches that every later one has."""
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def writes(statements: list[str]) -> list[str]:
    return [sql for sql in statements if sql.lstrip().split(" ")[0].upper() in {"INSERT", "UPDATE", "DELETE"}]


@pytest.mark.parametrize("rows", [1, 60])
def test_the_list_costs_the_same_at_any_length(sign_in: Any, rows: int) -> None:
    agreement = AgreementFactory()
    for index in range(rows):
        start = dt.date(2000, 1, 1) + dt.timedelta(days=index)
        ReturnFactory(
            agreement=agreement, reference=f"{agreement.bid.reference}-R{index:02d}", period_start=start, period_end=start
        )
    statements = queries_of(sign_in(officer()), "/returns/")
    assert len(statements) == 6
    assert not writes(statements)


def test_a_full_page_costs_at_most_fifteen_queries(sign_in: Any) -> None:
    earlier = ReturnFactory(accepted=True, filled=True)
    one = officer()
    case = ReturnFactory(
        agreement=earlier.agreement,
        submitted=True,
        filled=True,
        reference=f"{earlier.bid.reference}-R02",
        period_start=dt.date(2026, 10, 1),
        period_end=dt.date(2027, 3, 31),
    )
    ReturnQuery.objects.create(case=case, text="How many?", asked_by=one, asked_at=clock.now())
    attach(case, SimpleUploadedFile("hall.png", PNG), kind="Photo", by=one)
    finance = member(case.bid.accountable_body, Role.FINANCE_SIGNATORY)
    for user in (one, member(case.bid.applicant), finance):
        for url in (page_of(case), page_of(earlier)):
            statements = queries_of(sign_in(user), url)
            assert len(statements) <= 15, len(statements)
            assert not writes(statements)


def test_no_page_of_a_return_writes_when_it_is_looked_at(sign_in: Any) -> None:
    case = ReturnFactory()
    client = sign_in(member(case.bid.applicant))
    for part in ("", "spend/", "measures/", "milestones/", "narrative/", "attachments/"):
        statements = queries_of(client, page_of(case) + part)
        assert not writes(statements), part
        assert len(statements) <= 15, part


ADDRESSES = ("", "spend/", "measures/", "milestones/", "narrative/", "attachments/", "prepare/", "submit/", "accept/", "waive/")


def test_others_do_not_find_a_return_by_its_address(sign_in: Any, django_capture_on_commit_callbacks: Any) -> None:
    case = ReturnFactory(filled=True)
    with django_capture_on_commit_callbacks(execute=True):
        document = attach(case, SimpleUploadedFile("hall.png", PNG), kind="Photo", by=officer())
    deliverer = OrganisationFactory()
    case.bid.delivery_body = deliverer
    case.bid.save()
    strangers = [
        UserFactory(),
        member(OrganisationFactory()),
        member(deliverer),
        member(case.bid.accountable_body, Role.COORDINATOR),
        officer(Role.ADMINISTRATOR),
    ]
    own = sign_in(member(case.bid.applicant))
    assert own.get(page_of(case)).status_code == 200
    assert own.get(document.get_absolute_url()).status_code == 200
    for stranger in strangers:
        client = sign_in(stranger)
        for part in ADDRESSES:
            assert client.get(page_of(case) + part).status_code == 404, part
            assert client.post(page_of(case) + part, {}).status_code in {404, 405}, part
        assert client.get(document.get_absolute_url()).status_code == 404
        assert case.reference not in client.get("/returns/").content.decode()


def test_a_council_that_serves_two_partnerships_sees_only_the_returns_that_name_it(sign_in: Any) -> None:
    council = OrganisationFactory(council=True)
    named = ReturnFactory(agreement__offer__award__bid=BidFactory(awarded=True, accountable_body=council))
    other = ReturnFactory(agreement__offer__award__bid=BidFactory(awarded=True, applicant=OrganisationFactory()))
    client = sign_in(member(council, Role.FINANCE_SIGNATORY))
    assert client.get(page_of(named)).status_code == 200
    assert client.get(page_of(other)).status_code == 404
    book = load_workbook(io.BytesIO(b"".join(client.get("/returns/?export=xlsx").streaming_content)))
    references = [row[0] for row in book.active.iter_rows(min_row=2, values_only=True)]
    assert references == [named.reference]


def test_the_workbook_of_the_list_names_nobody(sign_in: Any, django_user_model: Any) -> None:
    """Anybody who sees the list may take it with a GET, and what names people is recorded when it is taken."""
    case = ReturnFactory(filled=True)
    preparer = member(case.bid.applicant, name="Priya Preparer")
    perform(case, "prepare", by=preparer)
    perform(
        Return.objects.get(),
        "submit",
        by=member(case.bid.accountable_body, Role.FINANCE_SIGNATORY, name="Sig Natory"),
        declaration="I",
    )
    book = load_workbook(io.BytesIO(b"".join(sign_in(officer()).get("/returns/?export=xlsx").streaming_content)))
    header, row = list(book.active.iter_rows(values_only=True))
    told = dict(zip(header, row, strict=True))
    assert told["Prepared"].date() == told["Certified"].date() == dt.date(2026, 10, 14)
    assert not {user.name for user in django_user_model.objects.all()} & set(map(str, row))


def test_the_list_finds_what_is_late_and_the_workbook_has_the_same_rows(sign_in: Any) -> None:
    late = ReturnFactory(due=dt.date(2026, 10, 2), filled=True)
    ReturnFactory(agreement__offer__award__bid=BidFactory(awarded=True, title="Night-time welfare"))
    client = sign_in(officer())
    page = client.get("/returns/?due=late").content.decode()
    assert late.reference in page
    assert "12 days late" in page
    assert "Night-time welfare" not in page
    book = load_workbook(io.BytesIO(b"".join(client.get("/returns/?due=late&export=xlsx").streaming_content)))
    header, row = list(book.active.iter_rows(values_only=True))
    told = dict(zip(header, row, strict=True))
    assert (told["Reference"], told["Days late"], told["Spent to date (£)"], told["Forecast (£)"]) == (
        late.reference,
        12,
        4500,
        9000,
    )
    assert "Night-time welfare" in client.get("/returns/?search=welfare").content.decode()


def test_what_waits_for_whom(sign_in: Any) -> None:
    case = ReturnFactory(filled=True, due=dt.date(2026, 10, 2))
    bid = case.bid
    coordinator, certifier, one = member(bid.applicant), member(bid.accountable_body, Role.FINANCE_SIGNATORY), officer()

    def waiting(user: Any) -> list[str]:
        return [item.sentence for item in work_for(user) if item.reference == case.reference]

    period = "1 April to 30 September 2026"
    late = "12 days late: it was due on 2 October 2026."
    assert waiting(coordinator) == [f"Fill in the half-yearly return for {period}. {late}"]
    assert waiting(certifier) == []
    assert waiting(one) == [f"The return of {bid.applicant} for {period} is 12 days late: ask for it."]
    perform(case, "prepare", by=coordinator)
    assert waiting(coordinator) == []
    assert waiting(certifier) == [f"Certify the half-yearly return for {period}. {late}"]
    perform(case, "submit", by=certifier, declaration="I certify.")
    assert waiting(certifier) == []
    assert [item.due for item in work_for(one) if item.reference == case.reference] == [None]
    assert waiting(one) == [f"Read the return of {bid.applicant} for {period}, then accept it or ask a question."]
    MembershipFactory(organisation=bid.applicant, role=Role.VIEWER, person=one)
    assert waiting(type(one).objects.get(pk=one.pk)) == []


def test_the_life_line_counts_settled_returns() -> None:
    case = ReturnFactory(accepted=True)
    ReturnFactory(
        agreement=case.agreement,
        reference=f"{case.bid.reference}-R02",
        state="scheduled",
        period_start=dt.date(2026, 10, 1),
        period_end=dt.date(2027, 3, 31),
    )
    (step,) = [step for step in lifeline(case.file, officer()) if step.name == "Returns"]
    assert (step.state_label, step.status) == ("1 of 2 settled", "current")


def test_a_measure_adds_up_over_the_grants_returns_by_its_kind() -> None:
    pairs = [(Decimal(9), Decimal(12)), (None, None), (Decimal(10), Decimal(12))]
    assert cumulative("total", pairs) == (Decimal(19), None)
    assert cumulative("latest", pairs) == (Decimal(10), Decimal(12))
    assert cumulative("rate", pairs) == (Decimal(19), Decimal(24))
    assert cumulative("total", [(None, None)]) is None
    assert cumulative("total", [(Decimal(0), None)]) == (Decimal(0), None)
    assert figure(Decimal("19.00"), Decimal("24.00")) == "19 of 24 (79.2%)"
    assert number(Decimal("1260.50")) == "1,260.5"
    assert number(Decimal("100.00")) == "100"
    assert percent(Decimal(-5), Decimal(90)) == "−5.6%"
    assert percent(Decimal(1), Decimal(0)) == ""


def test_the_page_tells_cumulative_figures_and_milestones_reached_before(sign_in: Any) -> None:
    earlier = ReturnFactory(accepted=True, filled=True)
    case = ReturnFactory(
        agreement=earlier.agreement,
        reference=f"{earlier.bid.reference}-R02",
        period_start=dt.date(2026, 10, 1),
        period_end=dt.date(2027, 3, 31),
    )
    case.measures.update(value=Decimal(25))
    page = " ".join(sign_in(member(case.bid.applicant)).get(page_of(case)).content.decode().split())
    assert "55<br>91.7% of target" in page
    assert "Reached" in page
    assert "These figures are not certified and may still change." in page
    form = sign_in(member(case.bid.applicant)).get(page_of(case) + "milestones/").content.decode()
    assert "There is nothing to fill in here." in form
    spend = sign_in(member(case.bid.applicant)).get(page_of(case) + "spend/").content.decode()
    assert "At the return before: £4,500.00 spent." in spend


def test_an_uncertified_earlier_return_does_not_count(sign_in: Any) -> None:
    earlier = ReturnFactory(filled=True)
    case = ReturnFactory(
        agreement=earlier.agreement,
        reference=f"{earlier.bid.reference}-R02",
        period_start=dt.date(2026, 10, 1),
        period_end=dt.date(2027, 3, 31),
    )
    page = sign_in(member(case.bid.applicant)).get(page_of(case) + "spend/").content.decode()
    assert "At the return before" not in page
