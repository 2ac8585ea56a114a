"""Copying an earlier bid, and the warnings that stand beside the errors."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from casework.workflow import NotPermitted
from grants.bids.advice import advice
from grants.bids.content import content
from grants.bids.copying import copy_bid, moved
from grants.bids.services import save_details, save_lines, save_measures, save_outcomes
from grants.models import Bid, BidRisk
from partnerships.organisations.roles import Role
from tests.factories import MeasureDefinitionFactory, OrganisationFactory, PlanFactory, RoundFactory, member
from tests.grants.bid_world import asked, complete_bid, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


class TestCopying:
    def test_from_the_page_with_everything_that_fits(self, sign_in):
        place = world()
        old = complete_bid(place, awarded=True, title="Last year's", starts=dt.date(2026, 4, 1), ends=dt.date(2027, 3, 31))
        old.lines.update(confirmed=True)
        client = sign_in(place.coordinator)
        assert f"{old.reference} Last year&#x27;s" in client.get("/bids/new/").content.decode()
        sent = {"round": "CDR-2026", "applicant": str(place.partnership.pk), "title": "This year's", "earlier": old.reference}
        answer = client.post("/bids/new/", sent)
        assert (answer.status_code, answer.url) == (302, "/bids/CDR-2026-001/")
        new = Bid.objects.get(reference="CDR-2026-001")
        assert (new.title, new.state, new.summary, new.category) == ("This year's", "draft", old.summary, old.category)
        assert (new.amount_requested, new.amount_awarded, new.submitted_at, new.terms_accepted) == (
            old.amount_requested,
            None,
            None,
            False,
        )
        assert asked(new) == asked(old)
        assert not new.lines.filter(confirmed=True).exists()
        assert not {line.line_key for line in new.lines.all()} & {line.line_key for line in old.lines.all()}
        assert [each.title for each in new.milestones.all()] == [each.title for each in old.milestones.all()]
        assert list(new.outcomes.all()) == list(old.outcomes.all())
        assert [each.value for each in new.response.answers.all()] == [each.value for each in old.response.answers.all()]
        assert new.response_id != old.response_id

    def test_a_year_later_and_under_another_plan(self):
        place = world()
        old = complete_bid(place, starts=dt.date(2026, 4, 1), ends=dt.date(2027, 3, 31))
        gone = MeasureDefinitionFactory(outcome=place.outcome, name="Repeat calls", unit="calls")
        save_measures(bid=old, by=place.coordinator, rows=[{"definition": gone, "baseline": 9, "target": 3}])
        later = RoundFactory(plan=PlanFactory())
        old.round.opens_at = later.opens_at.replace(year=later.opens_at.year - 1)
        new = copy_bid(source=old, round=later, applicant=place.partnership, title="Again", by=place.coordinator)
        assert (new.starts, new.ends) == (dt.date(2027, 4, 1), dt.date(2028, 3, 31))
        assert new.outcomes.count() == 0
        measure = new.measures.get()
        assert (measure.definition, measure.name, measure.unit, measure.target) == (None, "Repeat calls", "calls", Decimal(3))

    def test_only_by_who_writes_both(self, sign_in):
        place = world()
        other = OrganisationFactory(name="Fenland CSP")
        theirs = complete_bid(place, applicant=other, title="Secret of Fenland")
        with pytest.raises(NotPermitted):
            copy_bid(source=theirs, round=place.round, applicant=place.partnership, title="Ours", by=place.coordinator)
        client = sign_in(place.coordinator)
        assert "Secret of Fenland" not in client.get("/bids/new/").content.decode()
        sent = {"round": "CDR-2026", "applicant": str(place.partnership.pk), "title": "Ours", "earlier": theirs.reference}
        client.post("/bids/new/", sent)
        assert not Bid.objects.filter(summary=theirs.summary, applicant=place.partnership).exists()
        assert member(other, Role.COORDINATOR)

    def test_a_day_that_another_year_does_not_have(self):
        assert moved(dt.date(2028, 2, 29), 1) == dt.date(2029, 2, 28)
        assert moved(dt.date(2028, 2, 29), 4) == dt.date(2032, 2, 29)
        assert moved(None, 1) is None


class TestAdvice:
    def sentences(self, bid):
        return [each.sentence for each in advice(content(Bid.objects.get(pk=bid.pk)), "/bids/X/")]

    def test_a_bid_that_says_everything_has_none(self):
        place = world()
        bid = complete_bid(place)
        row = {
            "category": "staff",
            "description": "Worker",
            "asked": Decimal("12000"),
            "employer": "Us",
            "full_time_equivalent": 1,
        }
        save_lines(bid=bid, by=place.coordinator, rows=[row])
        bid.measures.update(baseline=1, baseline_of=100)
        save_details(bid=bid, by=place.coordinator, when_money_ends="The council pays on.")
        save_outcomes(bid=bid, by=place.coordinator, outcomes=[place.outcome], areas=[place.area], priority="Safe streets")
        BidRisk.objects.create(bid=bid, title="Rain", likelihood="low", impact="low", mitigation="Tents", owner="Manager")
        assert self.sentences(bid) == []

    def test_match_posts_and_measures(self):
        place = world()
        bid = complete_bid(place, delivery_body=None)
        by = place.coordinator
        rows = [
            {"category": "staff", "description": "Worker", "asked": Decimal("12000")},
            {"category": "other", "description": "Hall", "match_in_kind": Decimal("400")},
            {"category": "other", "description": "Tea", "match_cash": Decimal("50"), "funder": "City", "confirmed": True},
            {
                "category": "staff", "description": "Manager", "employer": "Us", "full_time_equivalent": Decimal("0.5"),
                "post_starts": bid.starts - dt.timedelta(days=1),
            },
        ]  # fmt: skip
        save_lines(bid=bid, by=by, rows=rows)
        measures = [
            {"name": "Calls", "unit": "calls", "direction": "down", "aggregation": "total", "baseline": 10, "target": 12},
            {"name": "Visits", "unit": "visits", "direction": "up", "aggregation": "total", "target": 12},
            {
                "name": "Safe", "unit": "%", "direction": "up", "aggregation": "rate",
                "baseline": 50, "baseline_of": 100, "target": 40, "target_of": 50,
            },
        ]  # fmt: skip
        save_measures(bid=bid, by=by, rows=measures)
        assert self.sentences(bid) == [
            "Nobody is named who will do the work",
            "The bid does not say what happens when the money ends",
            "No priority of the countywide agreement or of your plan is named",
            "£400 of the match is not confirmed yet",
            "Nobody is named who gives £400 of the match",
            "“Worker” does not say who employs the post and how much of full time it is",
            "The post “Manager” starts before the project",
            "The target of “Calls” is no better than where it stands now, though lower is better",
            "“Visits” does not say where it stands now, so nobody can show later that it changed",
            "The bid names no risks",
        ]

    def test_it_hinders_nobody(self, sign_in):
        place = world()
        bid = complete_bid(place)
        save_details(bid=bid, by=place.coordinator, delivery_body=None)
        page = sign_in(place.signatory).get(f"/bids/{bid.reference}/check/").content.decode()
        assert "Nobody is named who will do the work" in page
        assert "Continue to submit" in page
