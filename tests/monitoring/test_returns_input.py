"""What bad input to a return gets: a sentence at the field and in the summary, and what was typed is kept."""

from __future__ import annotations

import datetime as dt
import html
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import lxml.html
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from casework.documents.models import documents_of
from casework.models import Unfinished
from casework.workflow import perform
from grants.agreements.models import Obligation
from monitoring.models import Return, ReturnMeasure
from monitoring.returns.completeness import missing
from partnerships.organisations.roles import Role
from questionnaires.models import Response
from tests.casework.files import PNG
from tests.factories import ObligationFactory, ReturnFactory, member, officer
from tests.questionnaires.sets import version_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def case() -> Return:
    return ReturnFactory()


@pytest.fixture
def client(case: Return, sign_in: Any) -> Any:
    return sign_in(member(case.bid.applicant))


def post(client: Any, case: Return, part: str, data: dict[str, Any], *, version: int | None = None) -> Any:
    return client.post(f"/returns/{case.reference}/{part}/", {"version": version or case.version, **data})


def text(response: Any) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


def spend(case: Return, **values: str) -> dict[str, str]:
    row = f"row-{case.lines.get().pk}"
    given = {"actual": "4500", "accrual": "", "forecast": "9000", "explanation": ""} | values
    return {f"{row}-{name}": value for name, value in given.items()}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"actual": "-1"}, "Spent to date must be £0 or more"),
        ({"actual": "4500.005"}, "Spent to date must be in pounds and whole pence, like 1,200.50"),
        ({"actual": "1e5"}, "Spent to date must be an amount of money, like 1,200 or 1,200.50"),
        ({"actual": "99999999999"}, "Spent to date must be £999,999,999.99 or less"),
        ({"accrual": "-0.01"}, "Owed but not yet paid must be £0 or more"),
        ({"forecast": "about nine thousand"}, "Forecast for the whole grant must be an amount of money"),
        ({"actual": ""}, "Enter what was spent to date, or 0"),
        ({"forecast": ""}, "Enter what you expect to spend in the whole grant, or 0"),
        ({"actual": "4050"}, "Enter an explanation: the variance of −£450.00 is 10% or more of the profile"),
        ({"accrual": "450"}, "Enter an explanation: the variance of +£450.00 is 10% or more of the profile"),
    ],
)
def test_a_wrong_amount_is_said_at_its_field_and_kept(case: Return, client: Any, values: dict[str, str], sentence: str) -> None:
    response = post(client, case, "spend", spend(case, **values))
    page = text(response)
    assert response.status_code == 422
    row = f"row-{case.lines.get().pk}"
    lower = sentence[0].lower() + sentence[1:]
    assert page.count(f"Youth worker: {lower}") == 2
    for name, value in values.items():
        assert value in page, name
        assert f"id_{row}-{name}" in page
    assert case.lines.get().actual is None


def test_just_under_a_tenth_needs_no_explanation(case: Return, client: Any) -> None:
    response = post(client, case, "spend", spend(case, actual="4050.01", forecast="8950"))
    assert response.status_code == 302
    assert response.url == f"/returns/{case.reference}/measures/"
    line = case.lines.get()
    assert (line.actual, line.accrual, line.variance) == (Decimal("4050.01"), Decimal("0.00"), Decimal("-449.99"))
    assert Return.objects.get(pk=case.pk).forecast_underspend == Decimal("50.00")


def test_half_a_page_is_saved_to_come_back_to_and_its_nonsense_is_not(case: Return, client: Any) -> None:
    response = post(client, case, "spend", {**spend(case, actual="4000", forecast=""), "later": "1"})
    assert response.url == f"/returns/{case.reference}/"
    line = case.lines.get()
    assert (line.actual, line.forecast, line.explanation) == (Decimal("4000.00"), None, "")
    assert "Enter the forecast for “Youth worker”" in text(client.get(f"/returns/{case.reference}/"))
    again = Return.objects.get(pk=case.pk)
    assert post(client, again, "spend", {**spend(case, actual="x"), "later": "1"}).status_code == 422


def test_half_a_rate_is_kept_as_typed_until_it_is_finished(case: Return, client: Any) -> None:
    case.measures.update(aggregation="rate", target_of=80)
    row = case.measures.get()
    response = post(client, case, "measures", {**measure(row, value="9", comment="So far."), "later": "1"})
    assert response.url == f"/returns/{case.reference}/"
    assert (case.measures.get().value, case.measures.get().comment) == (None, "")
    assert f"Finish what you entered for “{row.name}”" in text(client.get(f"/returns/{case.reference}/"))
    page = text(client.get(f"/returns/{case.reference}/measures/"))
    assert f"Not finished: “{row.name}”. What you typed is kept as it is and counts once it is finished." in page
    assert f'name="row-{row.pk}-value" value="9"' in page
    assert "So far." in page
    assert f"Finish what you entered for “{row.name}”" in missing(Return.objects.get(pk=case.pk))
    again = Return.objects.get(pk=case.pk)
    assert post(client, again, "measures", measure(row, value="9")).status_code == 422
    assert post(client, again, "measures", {**measure(row, value="9", value_of="8"), "later": "1"}).status_code == 422
    assert post(client, again, "measures", measure(row, value="9", value_of="12")).status_code == 302
    assert case.measures.get().value == 9
    assert "Not finished" not in text(client.get(f"/returns/{case.reference}/measures/"))
    assert not Unfinished.objects.exists()


def test_a_new_date_without_its_reason_is_kept_as_typed(case: Return, client: Any) -> None:
    for number, values in enumerate(({"expected_on": ("1", "12", "2026")}, {"done_on": ("1", "", "2026")})):
        again = Return.objects.get(pk=case.pk)
        assert post(client, again, "milestones", {**milestone(case, **values), "later": "1"}).status_code == 302, number
        assert case.milestones.get().expected_on is None
        page = text(client.get(f"/returns/{case.reference}/milestones/"))
        assert "Not finished: “First programme begins”." in page
        assert 'value="2026"' in page
    assert "Finish what you entered for “First programme begins”" in missing(Return.objects.get(pk=case.pk))


def test_less_spent_than_in_the_return_before_is_explained(case: Return, client: Any) -> None:
    ReturnFactory(
        agreement=case.agreement,
        accepted=True,
        filled=True,
        reference=f"{case.bid.reference}-R00",
        period_start=dt.date(2025, 10, 1),
        period_end=dt.date(2026, 3, 31),
    )
    response = post(client, case, "spend", spend(case, actual="4499"))
    assert response.status_code == 422
    assert "enter an explanation: less was spent to date than in the return before" in text(response)


def measure(row: ReturnMeasure, **values: str) -> dict[str, str]:
    return {f"row-{row.pk}-{name}": value for name, value in ({"value": "", "value_of": "", "comment": ""} | values).items()}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"value": "13", "value_of": "12"}, "the figure must be the same as or less than the 12 it is out of"),
        ({"value": "9", "value_of": "0"}, "enter the number that the figure is out of. It must be more than 0"),
        ({"value": "9"}, "enter the number that the figure is out of. It must be more than 0"),
        ({"value_of": "12"}, "enter how many of the 12"),
        ({"value": "-1", "value_of": "12"}, "the figure must be 0 or more"),
        ({"value": "many", "value_of": "12"}, "the figure must be a number, like 12.5"),
        ({"value": "1.005", "value_of": "12"}, "the figure must have 2 decimal places or less"),
        ({"value": "NaN", "value_of": "12"}, "the figure must be a number, like 12.5"),
        ({"value": "99999999999999", "value_of": "12"}, "the figure must be 12 digits or less"),
        ({}, "enter a figure, or say in the comment why there is none"),
    ],
)
def test_a_rate_is_so_many_out_of_so_many(case: Return, client: Any, values: dict[str, str], sentence: str) -> None:
    case.measures.update(aggregation="rate", target_of=80)
    row = case.measures.get()
    response = post(client, case, "measures", measure(row, **values))
    assert response.status_code == 422
    assert f"{row.name}: {sentence}" in text(response)
    assert case.measures.get().value is None


def test_zero_is_a_figure_and_a_missing_one_has_its_reason(case: Return, client: Any) -> None:
    row = case.measures.get()
    assert post(client, case, "measures", measure(row, value="0")).status_code == 302
    assert case.measures.get().value == 0
    case.refresh_from_db()
    assert post(client, case, "measures", measure(row, comment="The survey is in May.")).status_code == 302
    assert case.measures.get().value is None
    case.refresh_from_db()
    assert post(client, case, "measures", measure(row, value="1,260")).status_code == 302
    assert case.measures.get().value == 1260


def milestone(case: Return, **values: Any) -> dict[str, str]:
    row, data = f"row-{case.milestones.get().pk}", {}
    for name in ("done_on", "expected_on"):
        day, month, year = values.get(name, ("", "", ""))
        data |= {f"{row}-{name}_day": day, f"{row}-{name}_month": month, f"{row}-{name}_year": year}
    return data | {f"{row}-reason": values.get("reason", "")}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"done_on": ("31", "6", "2026")}, "the date it was reached must be a real date"),
        ({"done_on": ("15", "10", "2026")}, "the date it was reached must be the same as or before 14 October 2026"),
        ({"done_on": ("1", "", "2026")}, "the date it was reached must include a month"),
        ({"expected_on": ("1", "12", "2026")}, "enter the reason for the delay"),
        ({"expected_on": ("30", "9", "2026"), "reason": "Rain"}, "the new date must be after 30 September 2026"),
        (
            {"done_on": ("1", "7", "2026"), "expected_on": ("1", "12", "2026")},
            "enter either the date it was reached or a new date, not both",
        ),
        ({}, "enter the date it was reached, or a new date and the reason"),
    ],
)
def test_impossible_dates_of_milestones(case: Return, client: Any, values: dict[str, Any], sentence: str) -> None:
    response = post(client, case, "milestones", milestone(case, **values))
    assert response.status_code == 422
    assert f"First programme begins: {sentence}" in text(response)


def test_a_delay_with_its_reason_is_kept(case: Return, client: Any) -> None:
    data = milestone(case, expected_on=("1", "december", "2026"), reason="The hall is closed.")
    assert post(client, case, "milestones", data).status_code == 302
    assert case.milestones.get().expected_on == dt.date(2026, 12, 1)


def test_the_word_limit_and_control_characters(case: Return, client: Any) -> None:
    name = "project-q-progress"
    response = post(client, case, "narrative", {name: "word " * 51})
    assert response.status_code == 422
    assert "must be 50 words or less" in text(response)
    assert "word word word" in text(response)
    data = {name: "It went\x00 well\x07.", "change-change_request": "Move £400"}
    assert post(client, case, "narrative", data).status_code == 302
    assert case.response.answers.get().value == "It went well."
    assert Return.objects.get(pk=case.pk).change_request == "Move £400"


def test_a_file_in_a_row_stays_when_a_row_is_added(case: Return, client: Any, settings: Any, tmp_path: Any) -> None:
    settings.DOCUMENT_ROOT = tmp_path
    plan = {"key": "plan", "kind": "file", "text": "Its plan"}
    version = version_of(
        places={"repeats": True, "row_noun": "Place", "questions": [{"key": "name", "kind": "short_text"}, plan]}
    )
    Return.objects.filter(pk=case.pk).update(response=Response.objects.create(version=version))
    data = {"places-TOTAL_FORMS": "1", "places-INITIAL_FORMS": "0", "places-0-q-name": "Hall", "change-change_request": ""}
    chosen = SimpleUploadedFile("plan.png", PNG)
    grown = post(client, case, "narrative", {**data, "places-0-q-plan_file": chosen, "add_row": "places"})
    assert "plan.png" in text(grown)
    assert not documents_of(case).exists()
    token = lxml.html.fromstring(grown.content).xpath("//input[@name='places-0-q-plan']/@value")[0]
    assert post(client, case, "narrative", {**data, "places-0-q-plan": token}).status_code == 302
    assert [document.name for document in documents_of(case)] == ["plan.png"]


def test_a_file_that_is_not_what_its_name_says(case: Return, client: Any) -> None:
    false = SimpleUploadedFile("receipt.pdf", b"MZ not a PDF")
    response = post(client, case, "attachments", {"kind": "Receipt", "upload": false})
    assert response.status_code == 422
    assert "this one is not what its name says" in text(response)
    assert not documents_of(case).exists()
    assert post(client, case, "attachments", {"kind": "Photo", "upload": SimpleUploadedFile("a.png", PNG)}).status_code == 302
    (document,) = documents_of(case)
    case.refresh_from_db()
    assert post(client, case, f"attachments/{document.pk}/remove", {}).status_code == 302
    assert not documents_of(case).exists()
    assert client.get(document.get_absolute_url()).status_code == 404


def test_a_stale_tab_keeps_what_was_typed(case: Return, client: Any) -> None:
    old = case.version
    assert post(client, case, "spend", spend(case)).status_code == 302
    response = post(client, case, "spend", spend(case, actual="4444"), version=old)
    assert response.status_code == 409
    assert "4444" in text(response)
    assert "This was changed by" in text(response)
    assert case.lines.get().actual == Decimal("4500.00")


def test_what_was_typed_while_a_colleague_prepared_the_return_is_kept(sign_in: Any) -> None:
    case = ReturnFactory(filled=True)
    coordinator = member(case.bid.applicant)
    perform(case, "prepare", by=coordinator)
    client = sign_in(coordinator)
    response = post(client, case, "spend", spend(case, actual="4321"))
    assert response.status_code == 409
    assert "4321" in text(response)
    again = post(client, Return.objects.get(pk=case.pk), "spend", spend(case, actual="4321"))
    assert again.status_code == 422
    assert "4321" in text(again)
    page = client.get(f"/returns/{case.reference}/spend/")
    assert page.status_code == 409
    assert "is prepared, so it cannot be changed" in text(page)


def test_a_viewer_of_the_partnership_reads_and_does_not_write(case: Return, sign_in: Any) -> None:
    client = sign_in(member(case.bid.applicant, Role.VIEWER))
    assert "Fill in the return" not in text(client.get(f"/returns/{case.reference}/"))
    assert client.get(f"/returns/{case.reference}/spend/").status_code == 403
    assert post(client, case, "spend", spend(case)).status_code == 403
    assert case.lines.get().actual is None


def test_a_session_that_ended_brings_the_text_back(case: Return, client: Any, sign_in: Any) -> None:
    client.logout()
    response = post(client, case, "narrative", {"project-q-progress": "A long text."})
    assert response.status_code == 302
    assert not case.response.answers.exists()
    back = response.url.split("next=")[1]
    client.force_login(member(case.bid.applicant), backend="allauth.account.auth_backends.AuthenticationBackend")
    page = text(client.get(unquote(back)))
    assert "A long text." in page
    assert "Your session had ended" in page


def test_certifying_needs_the_declaration_and_a_second_click_changes_nothing(sign_in: Any) -> None:
    case = ReturnFactory(filled=True)
    perform(case, "prepare", by=member(case.bid.applicant))
    case = Return.objects.get(pk=case.pk)
    client = sign_in(member(case.bid.accountable_body, Role.FINANCE_SIGNATORY))
    page = text(client.get(f"/returns/{case.reference}/submit/"))
    assert "Spent to date: £4,500.00 of £9,000.00" in page
    response = post(client, case, "submit", {})
    assert response.status_code == 422
    assert "Confirm the declaration to certify the return" in text(response)
    assert post(client, case, "submit", {"declaration": "on"}).status_code == 302
    second = client.post(f"/returns/{case.reference}/submit/", {"version": case.version, "declaration": "on"}, follow=True)
    assert "This was already done." in text(second)
    assert Return.objects.get(pk=case.pk).version == case.version + 1


def test_the_office_asks_accepts_and_waives_in_its_own_forms(sign_in: Any) -> None:
    case = ReturnFactory(filled=True)
    coordinator, one = member(case.bid.applicant), officer()
    perform(case, "prepare", by=coordinator)
    perform(case, "submit", by=member(case.bid.accountable_body, Role.FINANCE_SIGNATORY), declaration="I certify.")
    case = Return.objects.get(pk=case.pk)
    client = sign_in(one)
    assert post(client, case, "query", {"reason": ""}).status_code == 422
    response = post(client, case, "accept", {"rag": "purple"})
    assert response.status_code == 422
    assert post(client, case, "accept", {}).status_code == 422
    assert post(client, case, "query", {"reason": "How many came twice?"}).status_code == 302
    asked = sign_in(coordinator).get(f"/returns/{case.reference}/reply/")
    assert "How many came twice?" in text(asked)
    case.refresh_from_db()
    assert post(sign_in(coordinator), case, "reply", {"reply": "Eleven."}).status_code == 302
    assert case.queries.get().reply == "Eleven."
    case.refresh_from_db()
    ObligationFactory(agreement=case.agreement, kind=Obligation.Kind.RETURN, cause_ref=case.reference)
    assert post(client, case, "waive", {"reason": "x" * 501}).status_code == 422
    assert post(client, case, "waive", {"reason": "The project has ended."}).status_code == 302
    assert Obligation.objects.get(cause_ref=case.reference).waived_reason == "The project has ended."
