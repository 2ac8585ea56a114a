"""The pages of rounds: what each role sees, and what they cost."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from casework import clock
from grants.models import Round, RoundBudget
from grants.rounds import services
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants.typed_rounds import again, rows, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(noon):
    return f.officer()


@pytest.fixture
def coordinator(noon):
    return f.member(f.OrganisationFactory(name="Huntingdonshire CSP"))


def test_an_officer_makes_and_publishes_a_round_in_the_browser(officer, sign_in):
    browser = sign_in(officer)
    made = browser.post("/rounds/new/", typed())
    assert (made.status_code, made.headers["Location"]) == (302, "/rounds/CDR-2026/")
    case = Round.objects.get()
    assert case.opens_at == dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC)
    assert case.closes_at == dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
    assert (case.minimum, case.maximum, case.eligible_kinds) == (Decimal(1000), Decimal(60000), ["csp", "delivery_group"])
    page = browser.get("/rounds/CDR-2026/").content.decode()
    assert "Not yet: Publish round" in page
    assert "Add at least one gate" in page
    assert 'href="/rounds/CDR-2026/gates/"' in page
    steps = [
        ("budgets", rows({"year": "2026", "amount": "155,000"}, version=1)),
        ("gates", rows({"text": "The partnership has terms of reference"}, version=2)),
        ("criteria", rows({"name": "Fit", "guidance": "", "weight": "2", "maximum": "4", "threshold": "2"}, version=3)),
    ]
    for place, data in steps:
        assert browser.post(f"/rounds/CDR-2026/{place}/", data).status_code == 302, place
    assert browser.get("/rounds/CDR-2026/publish/").status_code == 200
    assert browser.post("/rounds/CDR-2026/publish/", {"version": 4}).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.version) == ("published", 5)
    second = browser.post("/rounds/CDR-2026/publish/", {"version": 4}, follow=True)
    assert "This was already done." in second.content.decode()


def test_a_draft_is_nowhere_for_a_partner(officer, coordinator, sign_in):
    draft, published = f.RoundFactory(draft=True, title="Not yet told"), f.RoundFactory(title="Safer streets")
    browser = sign_in(coordinator)
    listed = browser.get("/rounds/").content.decode()
    assert ("Safer streets" in listed, "Not yet told" in listed) == (True, False)
    assert browser.get(published.get_absolute_url()).status_code == 200
    for place in ("", "edit/", "budgets/", "gates/", "criteria/", "extend/", "publish/"):
        assert browser.get(f"/rounds/{draft.reference}/{place}").status_code == 404, place
        if place:
            assert browser.post(f"/rounds/{draft.reference}/{place}").status_code == 404, place
    book = load_workbook(io.BytesIO(b"".join(browser.get("/rounds/?export=xlsx").streaming_content)))
    assert [row[0].value for row in book.active.iter_rows(min_row=2)] == [published.reference]
    assert "Not yet told" in sign_in(officer).get("/rounds/").content.decode()


@pytest.mark.parametrize("role", [Role.FINANCE_OFFICER, Role.ASSESSOR, Role.COMMISSIONER, Role.AUDITOR])
def test_others_of_the_office_read_and_change_nothing(noon, sign_in, role):
    draft, published = f.RoundFactory(draft=True), f.RoundFactory()
    browser = sign_in(f.officer(role))
    page = browser.get(draft.get_absolute_url())
    assert page.status_code == 200
    assert "/edit/" not in page.content.decode()
    assert "Publish round" not in page.content.decode()
    assert "Make a round" not in browser.get("/rounds/").content.decode()
    refused = [f"/rounds/{draft.reference}/{place}/" for place in ("edit", "budgets", "gates", "criteria", "publish")]
    for address in [*refused, "/rounds/new/", f"/rounds/{published.reference}/extend/"]:
        assert browser.get(address).status_code == 403, address


def test_strangers_read_what_is_published_and_nothing_else(client, noon):
    published, draft = f.RoundFactory(title="Safer streets"), f.RoundFactory(draft=True, title="Not yet told")
    listed = client.get("/rounds/").content.decode()
    assert ("Safer streets" in listed, "Not yet told" in listed) == (True, False)
    page = client.get(published.get_absolute_url()).content.decode()
    assert "Sign in to start a bid" in page
    for place in ("", "dates.ics", "questions/"):
        assert client.get(f"{published.get_absolute_url()}{place}").status_code == 200, place
        assert client.get(f"{draft.get_absolute_url()}{place}").status_code == 404, place
    for place in ("preview/", "change/", "edit/", "copy/", "extend/", "questions/ask/", "questions/1/", "settle/"):
        answer = client.get(f"{published.get_absolute_url()}{place}")
        assert (answer.status_code, answer.headers.get("Location", "")[:16]) == (302, "/accounts/login/"), place


def test_bidders_read_what_they_need(coordinator, sign_in):
    case = f.RoundFactory(guidance="Bring **match**.", terms="Two returns a year.", maximum=Decimal("60000"))
    page = sign_in(coordinator).get(case.get_absolute_url()).content.decode()
    said = [
        "Bids must be submitted by 11 November 2026 at 11am.",
        "£155,000.00",
        "£60,000.00",
        "Community Safety Partnership<br>Delivery Group",
        "Bring **match**.",
        "The partnership has terms of reference",
        "Fit with the plan",
        "The highest total is 12.",
        "What is the need? – up to 50 words",
        "Two returns a year.",
        f'href="/bids/new/?round={case.reference}"',
    ]
    assert [words for words in said if words not in page] == []
    assert "Change" not in page


def test_a_bid_is_started_only_while_it_can_be(officer, coordinator, sign_in):
    closed = f.RoundFactory(closes_at=clock.now() - dt.timedelta(minutes=1))
    later = f.RoundFactory(opens_at=clock.now() + dt.timedelta(minutes=1))
    browser = sign_in(coordinator)
    for case in (closed, later):
        assert "Start a bid" not in browser.get(case.get_absolute_url()).content.decode()
    until = clock.london(dt.date(2026, 10, 20), 12)
    body = coordinator.memberships.get().organisation
    services.extend(case=closed, organisation=body, closes_at=until, reason="Flooded", by=officer)
    page = browser.get(closed.get_absolute_url()).content.decode()
    assert "Start a bid" in page
    assert "Bids must be submitted by 20 October 2026 at 12 noon." in page
    assert "Flooded" not in page
    assert "Start a bid" not in sign_in(officer).get(closed.get_absolute_url()).content.decode()


def test_a_settled_round_is_not_changed_and_says_why(officer, sign_in):
    case, browser = f.RoundFactory(state="settled"), sign_in(officer)
    for place in ("edit", "budgets", "bidders", "gates", "criteria"):
        answer = browser.get(f"/rounds/{case.reference}/{place}/")
        assert answer.status_code == 409
        assert "Only a draft or a published round can be changed." in answer.content.decode()
    sent = again(case, title="Other")
    assert browser.post(f"/rounds/{case.reference}/edit/", sent).status_code == 409
    case.refresh_from_db()
    assert case.title == "Crime and Disorder Reduction Grants"


def test_the_list_is_searched_and_filtered(officer, sign_in):
    now = clock.now()
    day = dt.timedelta(days=1)
    made = {
        "draft": f.RoundFactory(draft=True),
        "open": f.RoundFactory(title="Safer streets"),
        "later": f.RoundFactory(opens_at=now + day),
        "closed": f.RoundFactory(closes_at=now - day),
        "settled": f.RoundFactory(state="settled"),
        "cancelled": f.RoundFactory(state="cancelled"),
    }
    rolling = f.RoundFactory(rolling=True, closes_at=None, opens_at=now - 90 * day)
    RoundBudget.objects.filter(round=made["closed"]).update(year=2024)
    browser = sign_in(officer)

    def listed(query):
        return {row.record.pk for row in browser.get(f"/rounds/?{query}").context["table"].rows}

    for state, case in made.items():
        assert listed(f"state={state}") == {case.pk, rolling.pk} if state == "open" else {case.pk}, state
    assert listed("search=SAFER") == {made["open"].pk}
    assert listed(f"search={made['later'].reference}") == {made["later"].pk}
    assert listed("year=2024") == {made["closed"].pk}
    assert len(listed("year=nonsense")) == 7
    assert listed("search=nothing+like+it") == set()
    workbook = browser.get("/rounds/?year=2024&export=xlsx")
    sheet = load_workbook(io.BytesIO(b"".join(workbook.streaming_content))).active
    [row] = list(sheet.iter_rows(min_row=2, values_only=True))
    assert row[0] == made["closed"].reference
    assert (row[3], row[4], row[5]) == ("Closed", "2024-25", 155000)


def test_the_years_of_a_round_of_two_years(officer, sign_in):
    case = f.RoundFactory()
    RoundBudget.objects.create(round=case, year=2027, amount=Decimal("45000"))
    page = sign_in(officer).get("/rounds/").content.decode()
    assert "2026‑27 to 2027‑28" in page
    assert "£200,000.00" in page


def queries_of(browser, address):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = browser.get(address)
    assert answer.status_code == 200
    answer.getvalue()
    writes = [row["sql"] for row in captured if row["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert writes == []
    return len(captured)


def test_lists_and_pages_cost_the_same_at_any_length(officer, coordinator, sign_in):
    case = f.RoundFactory()
    draft = f.RoundFactory(draft=True)
    staff, partner = sign_in(officer), sign_in(coordinator)
    addresses = ["/rounds/", case.get_absolute_url(), draft.get_absolute_url(), "/rounds/?export=xlsx"]
    until = clock.now() + dt.timedelta(days=40)
    services.extend(case=case, organisation=f.OrganisationFactory(), closes_at=until, reason="The first", by=officer)
    few = [queries_of(staff, address) for address in addresses]
    few_partner = [queries_of(partner, address) for address in addresses[:2]]
    for number in range(59):
        f.RoundFactory(title=f"Round {number}", question_version=case.question_version, return_version=case.return_version)
    services.replace_gates(case=draft, texts=[f"Gate {number}" for number in range(20)], by=officer)
    for number in range(5):
        services.extend(case=case, organisation=f.OrganisationFactory(), closes_at=until, reason=f"{number}", by=officer)
    assert [queries_of(staff, address) for address in addresses] == few
    assert [queries_of(partner, address) for address in addresses[:2]] == few_partner
    assert few[0] <= 8
    assert few_partner[0] <= 8
    assert max(few[1:3] + few_partner[1:]) <= 15


@pytest.mark.parametrize("place", ["edit", "budgets", "gates", "criteria", "publish", "cancel"])
def test_opening_a_form_writes_nothing(officer, sign_in, place):
    case = f.RoundFactory(draft=True)
    assert queries_of(sign_in(officer), f"/rounds/{case.reference}/{place}/") <= 15
