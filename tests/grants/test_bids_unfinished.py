"""Rows that are only partly filled in: kept as typed when they are saved for later, never half counted, and refused when it matters."""

from __future__ import annotations

import html
from decimal import Decimal
from typing import Any

import pytest

from casework.models import Unfinished
from casework.workflow import Refused, perform
from grants.bids.models import Bid
from grants.bids.services import save_lines
from tests.grants.bid_world import asked, budget, complete_bid, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
WARNING = "What you typed is kept as it is and counts once it is finished."


def text(response: Any) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


def rows(prefix: str, bid: Bid, *given: dict[str, str], later: bool = True) -> dict[str, str]:
    """What a browser sends from a page of rows."""
    kept = sum(1 for row in given if row.get("key"))
    sent = {"version": str(Bid.objects.get(pk=bid.pk).version)}
    sent |= {f"{prefix}-TOTAL_FORMS": str(len(given)), f"{prefix}-INITIAL_FORMS": str(kept)}
    for index, row in enumerate(given):
        sent |= {f"{prefix}-{index}-{name}": value for name, value in row.items()}
    return sent | ({"later": "1"} if later else {})


@pytest.fixture
def place():
    return world()


@pytest.fixture
def bid(place):
    return complete_bid(place)


@pytest.fixture
def client(place, sign_in):
    return sign_in(place.coordinator)


FIRST = {"category": "staff", "description": "Worker", "asked": "12000"}
HALF = {"category": "", "description": "", "asked": "1,200.5", "match_cash": "40", "confirmed": "on"}


def test_a_half_filled_line_is_kept_as_typed_and_does_not_count(bid, client):
    path = f"/bids/{bid.reference}/budget/"
    answer = client.post(path, budget(bid, FIRST, HALF) | {"later": "1"}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/bids/{bid.reference}/"
    assert "Finish or remove the budget lines that are only partly filled in" in text(answer)
    assert asked(bid) == [("Worker", Decimal("12000"))], "no half-saved money"
    page = text(client.get(path))
    assert f"Not finished: Line 2. {WARNING}" in page
    assert 'name="lines-1-asked" value="1,200.5"' in page
    assert 'name="lines-1-match_cash" value="40"' in page
    again = budget(Bid.objects.get(), FIRST, HALF)
    refused = client.post(path, again)
    assert refused.status_code == 422
    assert "Line 2: enter what the line is for" in text(refused)
    assert Unfinished.objects.count() == 1


def test_what_is_not_finished_stands_in_the_way_of_submitting(bid, client, place):
    assert client.get(f"/bids/{bid.reference}/check/").status_code == 200
    client.post(f"/bids/{bid.reference}/budget/", budget(bid, FIRST, HALF) | {"later": "1"})
    bid.refresh_from_db()
    with pytest.raises(Refused, match="Finish or remove the budget lines that are only partly filled in"):
        perform(bid, "submit", by=place.signatory)
    worker = str(bid.lines.get().line_key)
    client.post(f"/bids/{bid.reference}/budget/", budget(bid, {**FIRST, "key": worker}))
    assert not Unfinished.objects.exists()
    perform(Bid.objects.get(), "submit", by=place.signatory)


def test_finishing_it_saves_it_once_in_its_place(bid, client):
    path = f"/bids/{bid.reference}/budget/"
    client.post(path, budget(bid, HALF, FIRST) | {"later": "1"})
    page = text(client.get(path))
    assert "Not finished: Line 1." in page
    assert 'name="lines-INITIAL_FORMS" value="2"' in page
    worker = str(bid.lines.get().line_key)
    finished = {"key": "", "category": "other", "description": "Hall", "asked": "0", "match_cash": "40", "funder": "Council"}
    sent = budget(Bid.objects.get(), finished, {**FIRST, "key": worker}) | {"lines-INITIAL_FORMS": "2"}
    assert client.post(path, sent).status_code == 302
    assert asked(bid) == [("Hall", Decimal("0")), ("Worker", Decimal("12000"))]
    assert not Unfinished.objects.exists()
    assert "Not finished" not in text(client.get(path))


def test_a_saved_line_whose_change_is_not_finished_stays_as_it_was(bid, client):
    worker, sessions = (str(line.line_key) for line in bid.lines.order_by("order"))
    half = {"key": worker, "category": "staff", "description": "", "asked": "9,999"}
    kept = {"key": sessions, "category": "staff", "description": "Sessions", "asked": "3000"}
    client.post(f"/bids/{bid.reference}/budget/", budget(bid, half, kept) | {"later": "1"})
    assert sorted(asked(bid)) == [("Sessions", Decimal("3000")), ("Youth worker", Decimal("9000"))]
    page = text(client.get(f"/bids/{bid.reference}/budget/"))
    assert "Not finished: Line 1." in page
    assert 'value="9,999"' in page
    assert 'name="lines-TOTAL_FORMS" value="2"' in page, "the saved line stands once"


def test_a_half_filled_line_can_be_removed_or_emptied(bid, client):
    path = f"/bids/{bid.reference}/budget/"
    for last in ({**HALF, "DELETE": "on"}, {"key": "", "category": "", "description": "", "asked": ""}):
        client.post(path, rows("lines", bid, FIRST, HALF) | {"amount_requested": "12000"})
        assert Unfinished.objects.count() == 1
        sent = rows("lines", bid, FIRST, last) | {"amount_requested": "12000", "lines-INITIAL_FORMS": "2"}
        assert client.post(path, sent).status_code == 302
        assert not Unfinished.objects.exists()
        assert asked(bid) == [("Worker", Decimal("12000"))]


def test_nonsense_is_refused_even_for_later(bid, client):
    for wrong in ({"asked": "12x"}, {"asked": "-1"}, {"description": "x" * 141}):
        answer = client.post(f"/bids/{bid.reference}/budget/", budget(bid, FIRST, {**HALF, **wrong}) | {"later": "1"})
        assert answer.status_code == 422
        assert "Line 2: " in text(answer)
    assert not Unfinished.objects.exists()


def test_half_a_date_of_a_milestone_is_kept(bid, client):
    path = f"/bids/{bid.reference}/milestones/"
    half = {"title": "Hall open", "due_day": str(bid.ends.day), "due_month": "", "due_year": str(bid.ends.year)}
    answer = client.post(path, rows("milestones", bid, half), follow=True)
    assert "Finish or remove the milestones that are only partly filled in" in text(answer)
    page = text(client.get(path))
    for name in ("title", "due_day", "due_year"):
        assert f'name="milestones-0-{name}" value="{half[name]}"' in page, name
    assert not bid.milestones.exists()
    assert "must include a month" in text(client.post(path, rows("milestones", bid, half, later=False)))
    whole = {**half, "due_month": str(bid.ends.month)}
    assert client.post(path, rows("milestones", bid, whole, later=False)).status_code == 302
    assert bid.milestones.get().due == bid.ends


@pytest.mark.parametrize(
    ("half", "sentence"),
    [
        ({"name": "Young people reached"}, "enter the target"),
        ({"target": "80"}, "select a measure from the library or propose a new one"),
        ({"name": "Share", "unit": "people", "aggregation": "rate", "target": "6"}, "enter the number that the target is out of"),
    ],
)
def test_half_a_measure_is_kept(bid, client, half, sentence):
    path = f"/bids/{bid.reference}/measures/"
    assert client.post(path, rows("measures", bid, half)).status_code == 302
    page = text(client.get(path))
    assert "Not finished: Measure 1." in page
    for name, value in half.items():
        shown = f'value="{value}" selected' if name == "aggregation" else f'name="measures-0-{name}" value="{value}"'
        assert shown in page, shown
    assert sentence in text(client.post(path, rows("measures", bid, half, later=False)))


def test_a_rate_above_its_whole_is_nonsense(bid, client):
    wrong = {"name": "Share", "unit": "people", "aggregation": "rate", "target": "9", "target_of": "8"}
    assert client.post(f"/bids/{bid.reference}/measures/", rows("measures", bid, wrong)).status_code == 422


@pytest.mark.parametrize("part", ["budget", "measures", "milestones"])
def test_what_is_wrong_with_the_rows_as_a_whole_is_said_at_the_rows_and_the_summary_leads_there(bid, client, part):
    prefix = "lines" if part == "budget" else part
    empty = {"direction": "up", "aggregation": "total"} if part == "measures" else {}
    answer = client.post(f"/bids/{bid.reference}/{part}/", rows(prefix, bid, empty, later=False) | {"amount_requested": "12000"})
    page = text(answer)
    assert answer.status_code == 422
    assert page.count("Add at least one ") == 2
    assert f'<a href="#id_{prefix}-errors">' in page
    assert page.count(f'id="id_{prefix}-errors"') == 1
    assert page.index("<form method") < page.index(f'id="id_{prefix}-errors"')


def test_a_stale_page_keeps_nothing_unfinished(bid, client, place):
    old = budget(bid, FIRST, HALF) | {"later": "1"}
    save_lines(bid=bid, rows=[{**FIRST, "asked": Decimal("12000")}], by=place.coordinator)
    answer = client.post(f"/bids/{bid.reference}/budget/", old)
    assert answer.status_code == 409
    assert 'value="1,200.5"' in text(answer)
    assert not Unfinished.objects.exists()
