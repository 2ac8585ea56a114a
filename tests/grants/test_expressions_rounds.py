"""An officer builds a round that asks for expressions of interest first: its dates, what everybody reads, and what can change."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from casework import clock
from casework.outbox import Message
from casework.snapshots import snapshots_of
from casework.workflow import Refused, perform
from grants.models import Round
from grants.rounds import services
from grants.rounds.dates_file import calendar_file
from grants.rounds.parts import told_in_words
from tests import factories as f
from tests.grants.expression_world import UNTIL, begun, expressed
from tests.grants.typed_rounds import again, date, errors, typed
from tests.pages import opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
EXPRESSED = {"route": "expression", **date("expressions_on", "15", "11", "2026"), "expressions_time": "12 noon"}


@pytest.fixture
def officer():
    return f.officer()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (date("expressions_on", "", "", ""), [("#id_expressions_on_0", "Enter the last date for expressions of interest")]),
        ({"expressions_time": ""}, [("#id_expressions_time", "Enter the last time for expressions of interest")]),
        (
            date("expressions_on", "1", "11", "2026") | {"expressions_time": "9am"},
            [("#id_expressions_on_0", "Expressions of interest must close after the opening time")],
        ),
        (
            date("expressions_on", "30", "11", "2026"),
            [("#id_expressions_on_0", "Expressions of interest must close before the closing time for bids")],
        ),
        (
            {"route": "open"},
            [("#id_expressions_on_0", "Leave this date empty, or choose expression of interest first")],
        ),
        (
            {"expression_words": "a few"},
            [("#id_expression_words", "Words of an expression of interest must be a number between 50 and 500")],
        ),
        (
            {"expression_words": "49"},
            [("#id_expression_words", "Words of an expression of interest must be a number between 50 and 500")],
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_field(officer, sign_in, changes, said):
    answer = sign_in(officer).post("/rounds/new/", typed(**{**EXPRESSED, **changes}))
    assert answer.status_code == 422
    assert errors(answer) == said
    assert Round.objects.count() == 0


def test_the_clocks_go_back_between_opening_and_closing(officer, sign_in):
    """Noon in winter time; a time that comes twice is refused."""
    dates = {**date("opens_on", "20", "10", "2026"), **date("expressions_on", "25", "10", "2026")}
    sent = typed(**{**EXPRESSED, **dates})
    answer = sign_in(officer).post("/rounds/new/", sent | {"expressions_time": "1:30am"})
    assert "comes twice on 25 October 2026" in errors(answer)[0][1]
    sign_in(officer).post("/rounds/new/", sent)
    case = Round.objects.get()
    assert (case.opens_at, case.expressions_until) == (
        dt.datetime(2026, 10, 20, 8, tzinfo=dt.UTC),
        dt.datetime(2026, 10, 25, 12, tzinfo=dt.UTC),
    )
    assert case.expression_words == 300


def test_it_is_previewed_published_and_read_by_everybody(officer, sign_in, client):
    browser = sign_in(officer)
    browser.post("/rounds/new/", typed(**EXPRESSED, expression_words="150"))
    case = Round.objects.get()
    preview = opened(browser, f"{case.get_absolute_url()}preview/", queries=15)
    assert "Tell us first what you have in mind by 15 November 2026 at 12 noon. We then invite full bids." in preview
    assert "What you would do is said in 150 words or fewer." in preview
    assert "An expression of interest binds nobody" in preview
    shown = opened(browser, case.get_absolute_url())
    assert f"{case.get_absolute_url()}edit/#id_expressions_on_0" in shown
    services.replace_budgets(case=case, amounts={2026: 100000}, by=officer)
    services.replace_gates(case=case, texts=["It has terms of reference"], by=officer)
    services.replace_criteria(
        case=case, rows=[{"name": "Fit", "guidance": "", "maximum": 4, "weight": 1, "threshold": None}], by=officer
    )
    with clock.at(dt.datetime(2026, 11, 16, tzinfo=dt.UTC)):
        assert "nobody could send one in time" in opened(browser, case.get_absolute_url())
        with pytest.raises(Refused, match="Enter a closing time for expressions of interest that is still to come"):
            perform(case, "publish", by=officer)
    perform(case, "publish", by=officer)
    kept = snapshots_of(case).get().data
    assert (kept["expressions_until"], kept["expression_words"]) == ("2026-11-15T12:00:00+00:00", 150)
    assert "Expressions of interest can be written from 1 November 2026 at 9am." in opened(client, case.get_absolute_url())
    with clock.at(dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)):
        shown = opened(client, case.get_absolute_url())
        assert "Tell us first what you have in mind by 15 November 2026 at 12 noon. We then invite full bids." in shown
        assert "Sign in to start an expression of interest" in shown
        assert "%2Fexpressions%2Fnew%2F%3Fround%3DCDR-2026" in shown
        listed = opened(client, "/rounds/", queries=8)
        assert "Expressions of interest 15 November 2026 at 12 noon; bids 30 November 2026 at 12 noon" in listed
    told = calendar_file(case).decode().replace("\r\n ", "")
    assert "SUMMARY:Crime and Disorder Reduction Grants last moment for expressions of interest" in told
    assert "DTSTART:20261115T120000Z" in told


def test_a_later_moment_is_told_and_an_earlier_one_refused(sign_in):
    place = expressed()
    begun(place)
    browser, address = sign_in(place.officer), f"{place.round.get_absolute_url()}edit/"
    shown = opened(browser, address)
    assert "id_expression_words" not in shown  # what bidders rely on from the first day
    change = opened(browser, f"{place.round.get_absolute_url()}change/", queries=15)
    assert "1 expression of interest in draft or waiting for an answer" in change
    assert "The length of an expression of interest" in change
    given = again(place.round, route="expression", **date("closes_on", "11", "11", "2026"), expressions_time="12 noon")
    given |= {"plan": place.round.plan_id, "reason": "The schools are closed."}
    early = browser.post(address, given | date("expressions_on", "27", "10", "2026"))
    words = "Bidders rely on the closing time of expressions of interest since the round opened: it can be later, not earlier."
    assert words in early.content.decode()
    later = browser.post(address, given | date("expressions_on", "2", "11", "2026"), follow=True)
    assert (
        "It reaches 1 expression of interest, 0 drafts and 0 submitted bids. Their coordinators are told"
        in later.content.decode()
    )
    case = Round.objects.get()
    assert case.expressions_until == dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)
    assert case.expressions_until > UNTIL
    assert "2 November 2026 at 12 noon. Before: 28 October 2026 at 12 noon." in case.changes.get().words
    message = Message.objects.get(name="round_changed")
    assert message.to == place.coordinator
    assert "Expressions of interest until: 2 November 2026 at 12 noon" in message.body
    assert told_in_words(case.changes.get()).startswith("Version 1 is published.")


@pytest.mark.database
def test_the_database_keeps_the_order_of_the_moments():
    for wrong in (
        {"route": "expression", "expressions_until": None},
        {"route": "open", "expressions_until": clock.now() + dt.timedelta(days=7)},
        {"route": "expression", "expressions_until": clock.now() - dt.timedelta(days=8)},
        {"route": "expression", "expressions_until": clock.now() + dt.timedelta(days=28)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            f.RoundFactory(**wrong)


def test_a_copy_asks_for_its_own_dates(sign_in):
    place = expressed()
    shown = sign_in(place.officer).get(f"{place.round.get_absolute_url()}copy/").context["form"]
    assert shown["expressions_on"].value() in (None, ["", "", ""])
    assert shown["route"].value() == "expression"
    assert str(shown["expressions_time"].value()) in ("12:00:00", "12 noon")
