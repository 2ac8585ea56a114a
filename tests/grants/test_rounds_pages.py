"""The pages of rounds: what each role sees, what bad input gets, and what they cost."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from casework import clock
from casework.forms import summary_errors
from grants.models import Round, RoundBudget, RoundExtension
from grants.rounds import services
from partnerships.organisations.roles import Role
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(noon):
    return f.officer()


@pytest.fixture
def coordinator(noon):
    return f.member(f.OrganisationFactory(name="Huntingdonshire CSP"))


def date(name, day, month, year):
    return {f"{name}_day": day, f"{name}_month": month, f"{name}_year": year}


def typed(**changes):
    """A complete new round as the browser sends it."""
    return {
        "fund": f.FundFactory(code="CDR").pk,
        "year": "2026",
        "title": "Crime and Disorder Reduction Grants",
        "plan": f.PlanFactory().pk,
        "legal_power": f.LegalPowerFactory().pk,
        "tier": "standard",
        "tier_reason": "",
        **date("opens_on", "1", "november", "2026"),
        "opens_time": "9am",
        **date("closes_on", "30", "11", "2026"),
        "closes_time": "12 noon",
        "minimum": "1,000",
        "maximum": "£60,000",
        "match_rule": "welcome",
        "eligible_kinds": ["csp", "delivery_group"],
        "guidance": "Bids for work that keeps people out of crime.",
        "terms": "",
        "question_version": f.question_version().pk,
        "return_version": f.question_version("return").pk,
        **changes,
    }


def again(case, **changes):
    """An existing draft's details as its form sends them."""
    sent = {key: value for key, value in typed(**changes).items() if key not in ("fund", "year")}
    return {"version": case.version, **sent}


def rows(*entries, initial=0, **extra):
    data = {"rows-TOTAL_FORMS": len(entries), "rows-INITIAL_FORMS": initial, **extra}
    for number, entry in enumerate(entries):
        data |= {f"rows-{number}-{name}": value for name, value in entry.items()}
    return data


def errors(response):
    """(href, sentence) of the error summary."""
    return summary_errors(response.context["form"], response.context.get("formsets"))


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


def test_strangers_sign_in_first(client, noon):
    assert client.get("/rounds/").headers["Location"].startswith("/accounts/login/")


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


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (date("opens_on", "31", "2", "2026"), [("#id_opens_on_0", "Opening date must be a real date")]),
        (date("closes_on", "30", "", "2026"), [("#id_closes_on_1", "Closing date must include a month")]),
        (date("closes_on", "", "", ""), [("#id_closes_on_0", "Enter the closing date")]),
        (date("closes_on", "31", "10", "2026"), [("#id_closes_on_0", "The closing time must be after the opening time")]),
        ({"closes_time": "noonish"}, [("#id_closes_time", "Closing time must be a time like 12 noon, 5pm or 17:30")]),
        ({"closes_time": ""}, [("#id_closes_time", "Enter the closing time")]),
        (
            {**date("opens_on", "28", "3", "2027"), "opens_time": "1:30am", **date("closes_on", "1", "5", "2027")},
            [("#id_opens_time", "Opening time does not exist on 28 March 2027, because the clocks go forward")],
        ),
        (
            {"minimum": "60,000.01"},
            [("#id_maximum", "The largest request must be the same as or more than the smallest")],
        ),
        ({"minimum": "-5"}, [("#id_minimum", "Smallest request must be £0 or more")]),
        ({"maximum": "100.005"}, [("#id_maximum", "Largest request must be in pounds and whole pence, like 1,200.50")]),
        ({"maximum": "9" * 30}, [("#id_maximum", "Largest request must be £999,999,999.99 or less")]),
        ({"maximum": "NaN"}, [("#id_maximum", "Largest request must be an amount of money, like 1,200 or 1,200.50")]),
        ({"eligible_kinds": []}, [("#id_eligible_kinds_0", "Select the kinds of body that may bid")]),
        ({"eligible_kinds": ["office"]}, [("#id_eligible_kinds_0", "Select the kinds of body that may bid from the list")]),
        ({"fund": "77777"}, [("#id_fund", "Select the fund from the list")]),
        ({"title": " "}, [("#id_title", "Enter the title")]),
        ({"title": "x" * 141}, [("#id_title", "The title must be 140 characters or less")]),
        (
            {"tier": "small"},
            [
                ("#id_tier_reason", "Enter the reason for the lighter tier"),
                ("#id_maximum", "The largest request must be £5,000 or less in the small tier"),
            ],
        ),
        (
            {"fund": "", "title": "", "minimum": "x", **date("opens_on", "31", "2", "2026")},
            [
                ("#id_fund", "Select the fund"),
                ("#id_title", "Enter the title"),
                ("#id_opens_on_0", "Opening date must be a real date"),
                ("#id_minimum", "Smallest request must be an amount of money, like 1,200 or 1,200.50"),
            ],
        ),
        ({"tier": "small", "maximum": "5000"}, [("#id_tier_reason", "Enter the reason for the lighter tier")]),
        (
            {"rolling": "on"},
            [("#id_closes_on_0", "Leave the closing date empty, or do not tick that bids are decided as they arrive")],
        ),
    ],
)
def test_bad_input_gets_a_sentence_at_its_field(officer, sign_in, changes, expected):
    answer = sign_in(officer).post("/rounds/new/", typed(**changes))
    assert answer.status_code == 422
    assert errors(answer) == expected
    page = answer.content.decode()
    for href, sentence in expected:
        assert f'id="{href[1:]}"' in page
        assert page.count(sentence) >= 2
    assert "Bids for work that keeps people out of crime." in page
    assert not Round.objects.exists()


def test_a_rolling_round_needs_no_closing_date(officer, sign_in):
    answer = sign_in(officer).post("/rounds/new/", typed(rolling="on", **date("closes_on", "", "", "")))
    assert answer.status_code == 302
    assert Round.objects.get().closes_at is None


def test_control_characters_pasted_in_are_dropped(officer, sign_in):
    assert sign_in(officer).post("/rounds/new/", typed(title="Safer\x00 streets\x1f")).status_code == 302
    assert Round.objects.get().title == "Safer streets"
    assert sign_in(officer).get("/rounds/?search=%00safer").status_code == 200
    assert sign_in(officer).get("/rounds/CDR-2026%00/").status_code == 404


def test_the_edit_form_shows_what_is_there_and_sends_it_back_unchanged(officer, sign_in):
    case = f.RoundFactory(draft=True, closes_at=clock.london(dt.date(2026, 11, 30), 17))
    page = sign_in(officer).get(f"/rounds/{case.reference}/edit/").content.decode()
    for part in ('value="5pm"', 'value="30"', 'value="11"', 'value="60,000"', f'value="{case.version}"'):
        assert part in page


def test_two_people_edit_and_the_second_keeps_what_was_typed(officer, sign_in):
    case = f.RoundFactory(draft=True)
    sent = again(case, title="Mine")
    services.edit_round(case=case, by=f.officer(name="Ada Other"), title="Hers")
    answer = sign_in(officer).post(f"/rounds/{case.reference}/edit/", sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Ada Other" in page
    assert 'value="Mine"' in page
    assert 'name="version" value="2"' in page
    case.refresh_from_db()
    assert case.title == "Hers"
    assert sign_in(officer).post(f"/rounds/{case.reference}/edit/", {**sent, "version": 2}).status_code == 302
    case.refresh_from_db()
    assert case.title == "Mine"


def test_stale_rows_keep_what_was_typed(officer, sign_in):
    case = f.RoundFactory(draft=True)
    services.replace_gates(case=case, texts=["Hers"], by=f.officer(name="Ada Other"))
    answer = sign_in(officer).post(f"/rounds/{case.reference}/gates/", rows({"text": "Mine"}, version=1))
    assert answer.status_code == 409
    assert 'value="Mine"' in answer.content.decode()
    assert [gate.text for gate in case.gates.all()] == ["Hers"]


def test_a_published_round_is_not_changed_and_says_why(officer, sign_in):
    case, browser = f.RoundFactory(), sign_in(officer)
    for place in ("edit", "budgets", "gates", "criteria"):
        answer = browser.get(f"/rounds/{case.reference}/{place}/")
        assert answer.status_code == 409
        assert "Only a draft can be changed." in answer.content.decode()
    sent = again(case, title="Other")
    assert browser.post(f"/rounds/{case.reference}/edit/", sent).status_code == 409
    case.refresh_from_db()
    assert case.title == "Crime and Disorder Reduction Grants"


def test_a_line_is_added_without_javascript_and_nothing_is_judged_or_saved(officer, sign_in):
    case = f.RoundFactory(draft=True)
    answer = sign_in(officer).post(
        f"/rounds/{case.reference}/gates/", rows({"text": "A new one"}, {"text": ""}, initial=1, version=1, add_row="rows")
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="rows-2-text"' in page
    assert 'value="A new one"' in page
    assert "There is a problem" not in page
    assert [gate.text for gate in case.gates.all()] == ["The partnership has terms of reference"]


@pytest.mark.parametrize(
    ("place", "entries", "expected"),
    [
        (
            "budgets",
            [{"year": "2026", "amount": "5"}, {"year": "2026", "amount": "6"}],
            [("#id_rows-1-year", "Year 2: 2026-27 is entered twice: put its amount on one line")],
        ),
        ("budgets", [{"year": "2026", "amount": "0"}], [("#id_rows-0-amount", "Year 1: available must be more than £0")]),
        ("budgets", [{"year": "", "amount": "5"}], [("#id_rows-0-year", "Year 1: select financial year")]),
        ("gates", [{"text": "x" * 301}], [("#id_rows-0-text", "Gate 1: gate must be 300 characters or less")]),
        (
            "criteria",
            [{"name": "Fit", "weight": "1", "maximum": "4", "threshold": "5"}],
            [
                (
                    "#id_rows-0-threshold",
                    "Criterion 1: lowest score that passes must be the same as or less than the highest score",
                )
            ],
        ),
        (
            "criteria",
            [{"name": "Fit", "weight": "x", "maximum": "0", "threshold": ""}],
            [
                ("#id_rows-0-weight", "Criterion 1: weight must be a whole number, like 12"),
                ("#id_rows-0-maximum", "Criterion 1: highest score must be 1 or more"),
            ],
        ),
    ],
)
def test_bad_rows_say_which_line(officer, sign_in, place, entries, expected):
    case = f.RoundFactory(draft=True)
    answer = sign_in(officer).post(f"/rounds/{case.reference}/{place}/", rows(*entries, version=1))
    assert answer.status_code == 422
    assert errors(answer) == expected
    page = answer.content.decode()
    assert [href for href, _ in expected if f'id="{href[1:]}"' not in page] == []
    case.refresh_from_db()
    assert case.version == 1


def test_rows_are_removed_and_empty_ones_count_for_nothing(officer, sign_in):
    case = f.RoundFactory(draft=True)
    sent = rows({"text": "Old", "DELETE": "on"}, {"text": "New"}, {"text": ""}, initial=1, version=1)
    assert sign_in(officer).post(f"/rounds/{case.reference}/gates/", sent).status_code == 302
    assert [gate.text for gate in case.gates.all()] == ["New"]
    broken = sign_in(officer).post(f"/rounds/{case.reference}/gates/", {"version": 2})
    assert broken.status_code == 422
    assert [gate.text for gate in case.gates.all()] == ["New"]


def test_an_empty_added_criterion_with_its_suggested_figures_counts_for_nothing(officer, sign_in):
    case = f.RoundFactory(draft=True)
    empty = {"name": "", "guidance": "", "weight": "1", "maximum": "4", "threshold": ""}
    sent = rows({"name": "Fit", "weight": "2", "maximum": "4"}, empty, version=1)
    assert sign_in(officer).post(f"/rounds/{case.reference}/criteria/", sent).status_code == 302
    assert [(row.name, row.weight, row.maximum, row.threshold) for row in case.criteria.all()] == [("Fit", 2, 4, None)]


def test_one_bidder_is_given_more_time(officer, sign_in):
    case, bidder, council = f.RoundFactory(), f.OrganisationFactory(), f.OrganisationFactory(council=True)
    address, browser = f"/rounds/{case.reference}/extend/", sign_in(officer)
    good = {
        "version": 1,
        "organisation": bidder.pk,
        **date("closes_on", "20", "11", "2026"),
        "closes_time": "5pm",
        "reason": "Ill",
    }
    bad = [
        ({"organisation": council.pk}, "#id_organisation", "Select the bidder from the list"),
        (date("closes_on", "10", "11", "2026"), "#id_closes_on_0", "The new closing time must be later than the round's own"),
        ({"reason": ""}, "#id_reason", "Enter the reason"),
    ]
    for change, href, sentence in bad:
        answer = browser.post(address, {**good, **change})
        assert (answer.status_code, errors(answer)) == (422, [(href, sentence)])
    assert browser.post(address, good).status_code == 302
    extension = RoundExtension.objects.get()
    assert (extension.organisation, extension.closes_at) == (bidder, dt.datetime(2026, 11, 20, 17, tzinfo=dt.UTC))
    assert "20 November 2026 at 5pm" in browser.get(case.get_absolute_url()).content.decode()
    assert browser.post(address, good).status_code == 409


@pytest.mark.parametrize("case", [{"draft": True}, {"rolling": True, "closes_at": None}, {"state": "settled"}])
def test_more_time_is_refused_with_a_sentence(officer, sign_in, case):
    assert sign_in(officer).get(f"/rounds/{f.RoundFactory(**case).reference}/extend/").status_code == 409


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
    few = [queries_of(staff, address) for address in addresses]
    few_partner = [queries_of(partner, address) for address in addresses[:2]]
    for number in range(59):
        f.RoundFactory(title=f"Round {number}", question_version=case.question_version, return_version=case.return_version)
    services.replace_gates(case=draft, texts=[f"Gate {number}" for number in range(20)], by=officer)
    for number in range(5):
        until = clock.now() + dt.timedelta(days=40)
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
