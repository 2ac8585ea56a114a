"""What an officer types about a round: what bad input gets, and that nothing typed is lost."""

import datetime as dt

import pytest

from casework import clock
from grants.models import Round, RoundExtension
from grants.rounds import services
from tests import factories as f
from tests.grants.typed_rounds import again, date, errors, rows, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(noon):
    return f.officer()


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


def test_a_second_click_makes_no_second_round(officer, sign_in, noon):
    browser, sent = sign_in(officer), typed()
    assert browser.post("/rounds/new/", sent).status_code == 302
    again_sent = browser.post("/rounds/new/", sent)
    assert again_sent.status_code == 422
    words = "There is already a draft with this title: CDR-2026. Go on with it or enter another title"
    assert errors(again_sent) == [("#id_title", words)]
    assert Round.objects.count() == 1
