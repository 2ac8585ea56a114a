"""The budget of a bid: revenue and capital, posts, volunteers' hours, and its totals by category and by who pays."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from grants.bids.budgets import budget_rows, budget_totals
from grants.bids.completeness import problems
from grants.bids.content import content
from grants.bids.services import save_lines
from grants.models import Bid
from tests.grants.bid_world import budget, complete_bid, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
WORKER = {"category": "staff", "description": "Youth worker", "asked": "12000"}


def post(sign_in, place, bid, *rows, **changed):
    return sign_in(place.coordinator).post(f"/bids/{bid.reference}/budget/", budget(bid, *rows, **changed))


class TestPosts:
    def test_who_employs_whom_from_when(self, sign_in):
        place = world()
        bid = complete_bid(place)
        row = WORKER | {
            "employer": "Groundwork East",
            "full_time_equivalent": "0.6",
            "post_starts_day": "1",
            "post_starts_month": "5",
            "post_starts_year": "2026",
            "on_costs": "2,100",
        }
        assert post(sign_in, place, bid, row).status_code == 302
        line = bid.lines.get()
        assert (line.employer, line.full_time_equivalent, line.post_starts, line.on_costs) == (
            "Groundwork East",
            Decimal("0.60"),
            dt.date(2026, 5, 1),
            Decimal("2100"),
        )
        page = sign_in(place.coordinator).get(f"/bids/{bid.reference}/check/").content.decode()
        assert "Employed by Groundwork East; 0.6 full-time equivalent; from 1 May 2026; £2,100.00 of on-costs" in page

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"on_costs": "12000.01"}, "Line 1: the on-costs must be the same as or less than what the line costs"),
            ({"full_time_equivalent": "full"}, "Line 1: full-time equivalent must be a number, like 12.5"),
            ({"full_time_equivalent": "100"}, "Line 1: full-time equivalent must be 99 or less"),
            ({"post_starts_day": "1"}, "Line 1: start of the post must include a month and year"),
            (
                {"post_starts_day": "1", "post_starts_month": "4", "post_starts_year": "2028"},
                "Line 1: the start of the post must be the same as or before 31 March 2027, when the project ends",
            ),
        ],
    )
    def test_what_cannot_be_is_said_at_the_line(self, sign_in, changed, sentence):
        place = world()
        bid = complete_bid(place)
        answer = post(sign_in, place, bid, WORKER | changed)
        assert answer.status_code == 422
        assert answer.content.decode().count(sentence) >= 2


class TestCapital:
    def test_refused_where_the_round_does_not_pay_for_it(self, sign_in):
        place = world()
        bid = complete_bid(place)
        answer = post(sign_in, place, bid, WORKER | {"category": "equipment", "spending": "capital"})
        assert answer.content.decode().count("Line 1: this round does not pay for capital items") == 2
        save_lines(
            bid=bid,
            by=place.coordinator,
            rows=[{"category": "equipment", "description": "Van", "asked": Decimal("12000"), "spending": "capital"}],
        )
        told = [problem.sentence for problem in problems(Bid.objects.get())]
        assert told == ["This round does not pay for capital items. Remove the line or pay for it from somewhere else"]

    def test_taken_where_it_does_and_capital_items_are_capital(self, sign_in):
        place = world(capital_allowed=True)
        bid = complete_bid(place)
        assert post(sign_in, place, bid, WORKER | {"category": "capital", "spending": "revenue"}).status_code == 302
        assert bid.lines.get().spending == "capital"


class TestVolunteers:
    def test_hours_count_at_the_rounds_rate(self, sign_in):
        place = world(volunteer_rate=Decimal("12.50"))
        bid = complete_bid(place)
        helpers = {"category": "other", "description": "Helpers", "volunteer_hours": "40", "match_in_kind": "3", "funder": "Us"}
        page = sign_in(place.coordinator).get(f"/bids/{bid.reference}/budget/").content.decode()
        assert "At £12.50 an hour; match in kind is worked out from them" in page
        assert post(sign_in, place, bid, WORKER, helpers).status_code == 302
        line = bid.lines.get(description="Helpers")
        assert (line.volunteer_hours, line.match_in_kind) == (40, Decimal("500"))
        assert budget_rows(content(Bid.objects.get())["lines"]) == [
            {"label": "Match for helpers", "value": "Us, not confirmed yet; 40 hours of volunteers"}
        ]

    def test_not_asked_where_the_round_has_no_rate(self, sign_in):
        place = world()
        bid = complete_bid(place)
        page = sign_in(place.coordinator).get(f"/bids/{bid.reference}/budget/").content.decode()
        assert "Volunteer hours" not in page


def test_totals_by_category_and_by_funder(sign_in):
    place = world()
    bid = complete_bid(place)
    rows = [
        {"category": "staff", "description": "Worker", "asked": Decimal("9000")},
        {"category": "staff", "description": "Manager", "match_cash": Decimal("1500"), "funder": "City", "confirmed": True},
        {
            "category": "other",
            "description": "Hall",
            "asked": Decimal("3000"),
            "match_in_kind": Decimal("400.50"),
            "funder": "City",
        },
        {"category": "other", "description": "Tea", "match_in_kind": Decimal("20")},
    ]
    save_lines(bid=bid, rows=rows, by=place.coordinator)
    by_category, by_funder = budget_totals(content(Bid.objects.get())["lines"])
    D = Decimal
    assert by_category["rows"] == [
        ["Staff", D("9000"), D("1500"), D("0"), D("10500")],
        ["Other", D("3000"), D("0"), D("420.50"), D("3420.50")],
    ]
    assert by_category["totals"] == ["Total", D("12000"), D("1500"), D("420.50"), D("13920.50")]
    assert by_funder["rows"] == [
        ["City", D("1500"), D("400.50"), D("1900.50"), D("1500")],
        ["Funder not named", D("0"), D("20"), D("20"), D("0")],
    ]
    page = sign_in(place.coordinator).get(f"/bids/{bid.reference}/budget/").content.decode()
    assert "Totals by category" in page
    assert "£13,920.50" in page


def test_an_older_version_is_still_read(sign_in):
    """A snapshot from before lines told revenue from capital."""
    line = {
        "line_key": "1", "category": {"key": "staff", "name": "Staff"}, "description": "Worker", "asked": "1.00",
        "match_cash": "0.00", "match_in_kind": "2.00", "funder": "", "confirmed": False,
    }  # fmt: skip
    assert budget_rows([line]) == [{"label": "Match for worker", "value": "Funder not named, not confirmed yet"}]
    assert [table["caption"] for table in budget_totals([line])] == ["Match by funder"]
