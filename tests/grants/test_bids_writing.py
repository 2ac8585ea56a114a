"""Writing a bid: beginning, saving each section, what bad input gets, and that nothing typed is lost."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from casework import clock
from casework.audit.models import AuditEntry
from casework.workflow import NotPermitted, Refused
from grants.bids.models import Bid
from grants.bids.services import create_bid, save_answers, save_lines
from grants.models import RoundExtension
from questionnaires.models import Section
from tests.factories import MeasureDefinitionFactory, OrganisationFactory
from tests.grants.bid_world import after_closing, asked, budget, complete_bid, details, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


class TestBeginning:
    def test_takes_the_rounds_number_and_the_usual_accountable_body(self):
        place = world()
        first = create_bid(round=place.round, applicant=place.partnership, title="Transforming Lives", by=place.coordinator)
        second = create_bid(round=place.round, applicant=place.partnership, title="Street wardens", by=place.coordinator)
        assert (first.reference, second.reference) == ("CDR-2026-001", "CDR-2026-002")
        assert first.file.reference == "CDR-2026-001"
        assert first.accountable_body == place.council
        assert first.state == "draft"
        assert first.response.version == place.round.question_version
        assert AuditEntry.objects.get(object_id=first.pk, subject="grants.bid").verb == "began the bid"

    def test_only_for_a_body_that_one_coordinates(self):
        place = world()
        with pytest.raises(NotPermitted):
            create_bid(round=place.round, applicant=OrganisationFactory(), title="Theirs", by=place.coordinator)
        with pytest.raises(NotPermitted):
            create_bid(round=place.round, applicant=place.partnership, title="Ours", by=place.signatory)

    def test_only_by_kinds_that_may_bid(self):
        place = world(eligible_kinds=["delivery_group"])
        with pytest.raises(ValidationError) as refused:
            create_bid(round=place.round, applicant=place.partnership, title="Ours", by=place.coordinator)
        assert refused.value.message_dict == {
            "applicant": ["Huntingdonshire CSP may not bid in this round. It is open to a Delivery Group"]
        }

    def test_only_while_the_round_takes_bids_or_with_more_time(self):
        place = world()
        late = after_closing(place)
        with clock.at(late), pytest.raises(Refused):
            create_bid(round=place.round, applicant=place.partnership, title="Late", by=place.coordinator)
        RoundExtension.objects.create(
            round=place.round,
            organisation=place.partnership,
            closes_at=late + dt.timedelta(days=1),
            reason="Flood",
            by=place.officer,
            at=clock.now(),
        )
        with clock.at(late):
            assert create_bid(round=place.round, applicant=place.partnership, title="Late", by=place.coordinator).pk

    def test_a_second_click_begins_no_second_bid(self, sign_in):
        place = world()
        sent = {"round": "CDR-2026", "applicant": str(place.partnership.pk), "title": "Transforming Lives"}
        client = sign_in(place.coordinator)
        first, second = client.post("/bids/new/", sent), client.post("/bids/new/", sent)
        assert (first.status_code, first.url) == (302, "/bids/CDR-2026-001/")
        assert second.status_code == 422
        assert "You have already begun a bid with this title: CDR-2026-001" in second.content.decode()
        assert Bid.objects.count() == 1

    def test_the_page_offers_own_bodies_and_open_rounds_alone(self, sign_in):
        place = world()
        other = OrganisationFactory(name="Fenland CSP")
        page = sign_in(place.coordinator).get("/bids/new/?round=CDR-2026").content.decode()
        assert "Huntingdonshire CSP" in page
        assert "Fenland CSP" not in page
        guessed = {"round": "CDR-2026", "applicant": str(other.pk), "title": "Theirs"}
        assert sign_in(place.coordinator).post("/bids/new/", guessed).status_code == 422
        assert not Bid.objects.exists()


class TestDetails:
    def test_saves_and_goes_on(self, sign_in):
        place = world()
        bid = complete_bid(place)
        sent = details(bid, title="Safer streets", category="risk", amount_requested="15,000.50")
        answer = sign_in(place.coordinator).post(f"/bids/{bid.reference}/details/", sent)
        assert (answer.status_code, answer.url) == (302, f"/bids/{bid.reference}/outcomes/")
        bid.refresh_from_db()
        assert (bid.title, bid.category, bid.amount_requested, bid.version) == (
            "Safer streets",
            "risk",
            Decimal("15000.50"),
            2,
        )

    @pytest.mark.parametrize(
        ("changed", "sentence", "anchor"),
        [
            ({"starts_day": "31", "starts_month": "6"}, "The start date must be a real date", "#id_starts_0"),
            ({"starts_day": "30", "starts_month": "feb"}, "The start date must be a real date", "#id_starts_0"),
            ({"ends_year": "2026"}, "The end date must be after the start date", "#id_ends_0"),
            ({"amount_requested": "-5"}, "The amount requested must be more than £0", "#id_amount_requested"),
            ({"amount_requested": "10.005"}, "must be in pounds and whole pence", "#id_amount_requested"),
            ({"amount_requested": "99999999999999999999"}, "must be £999,999,999.99 or less", "#id_amount_requested"),
            ({"amount_requested": "61000"}, "must be £60,000 or less, which is the most", "#id_amount_requested"),
            ({"amount_requested": "999"}, "The amount requested must be £1,000 or more", "#id_amount_requested"),
            ({"title": ""}, "Enter a title", "#id_title"),
            ({"category": ""}, "Select the category", "#id_category_0"),
            ({"accountable_body": ""}, "Select the accountable body", "#id_accountable_body"),
            ({"title": "x" * 141}, "must be 140 characters or less", "#id_title"),
            ({"summary": "word " * 251}, "must be 250 words or less", "#id_summary"),
        ],
    )
    def test_bad_input_is_told_at_the_field_and_in_the_summary(self, sign_in, changed, sentence, anchor):
        place = world()
        bid = complete_bid(place)
        sent = details(bid, **{"title": "Kept as typed", **changed})
        answer = sign_in(place.coordinator).post(f"/bids/{bid.reference}/details/", sent)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert page.count(sentence) >= 2
        assert f'href="{anchor}"' in page
        assert f'id="{anchor[1:]}"' in page
        for typed in changed.values():
            assert typed.strip()[:200] in page
        bid.refresh_from_db()
        assert (bid.title, bid.version) == ("Transforming Lives", 1)

    def test_a_draft_may_be_saved_with_gaps_but_not_with_nonsense(self, sign_in):
        place = world()
        bid = complete_bid(place)
        client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/details/"
        gaps = details(bid, summary="", category="", amount_requested="", starts_day="", starts_month="", starts_year="")
        answer = client.post(path, gaps | {"later": "1"})
        assert (answer.status_code, answer.url) == (302, f"/bids/{bid.reference}/")
        bid.refresh_from_db()
        assert (bid.category, bid.amount_requested, bid.starts) == ("", None, None)
        assert client.post(path, details(bid, ends_day="41") | {"later": "1"}).status_code == 422

    def test_control_characters_are_dropped(self, sign_in):
        place = world()
        bid = complete_bid(place)
        sent = details(bid, title="Sa\x00fer\x0bstreets", summary="One\x00 line\r\nTwo\x07")
        assert sign_in(place.coordinator).post(f"/bids/{bid.reference}/details/", sent).status_code == 302
        bid.refresh_from_db()
        assert (bid.title, bid.summary) == ("Safer streets", "One line\nTwo")


class TestBudget:
    ROWS = (
        {"category": "staff", "description": "Worker", "asked": "8,500"},
        {"category": "training", "description": "Course", "asked": "3000"},
    )

    def test_lines_that_do_not_add_up_are_told_at_the_amount_and_nothing_is_saved(self, sign_in):
        place = world()
        bid = complete_bid(place)
        answer = sign_in(place.coordinator).post(f"/bids/{bid.reference}/budget/", budget(bid, *self.ROWS))
        page = answer.content.decode()
        sentence = "The lines add up to £11,500; the amount requested is £12,000. Change one of them so that they agree"
        assert answer.status_code == 422
        assert page.count(sentence) == 2
        assert '<a href="#id_amount_requested">' in page
        assert 'value="8,500"' in page
        assert asked(bid) == [("Youth worker", Decimal("9000")), ("Sessions", Decimal("3000"))]

    def test_they_can_be_saved_for_later_and_stand_in_the_way_of_submitting(self, sign_in):
        place = world()
        bid = complete_bid(place)
        client = sign_in(place.coordinator)
        answer = client.post(f"/bids/{bid.reference}/budget/", budget(bid, *self.ROWS) | {"later": "1"}, follow=True)
        assert "The lines add up to £11,500; the amount requested is £12,000." in answer.content.decode()
        assert asked(bid) == [("Worker", Decimal("8500")), ("Course", Decimal("3000"))]
        assert "There is a problem" in client.get(f"/bids/{bid.reference}/").content.decode()
        assert "The lines add up to £11,500" in client.get(f"/bids/{bid.reference}/budget/").content.decode()

    def test_a_line_keeps_its_key_when_changed(self, sign_in):
        place = world()
        bid = complete_bid(place)
        worker = bid.lines.get(description="Youth worker")
        rows = (
            {"key": str(worker.line_key), "category": "staff", "description": "Two youth workers", "asked": "12000"},
            {"category": "other", "description": "Hall", "match_in_kind": "400"},
        )
        assert sign_in(place.coordinator).post(f"/bids/{bid.reference}/budget/", budget(bid, *rows)).status_code == 302
        assert bid.lines.get(description="Two youth workers").line_key == worker.line_key
        assert asked(bid) == [("Two youth workers", Decimal("12000")), ("Hall", Decimal("0"))]
        removed = AuditEntry.objects.get(verb="removed a budget line")
        assert removed.file_id == bid.file_id
        assert removed.changes["asked"] == [None, "3000.00"]

    def test_another_bids_line_is_not_touched_by_its_key(self):
        place = world()
        mine, theirs = complete_bid(place), complete_bid(place)
        key = theirs.lines.first().line_key
        rows = [{"line_key": str(key), "category": "staff", "description": "Taken", "asked": Decimal("12000")}]
        save_lines(bid=mine, rows=rows, by=place.coordinator)
        assert asked(theirs) == [("Youth worker", Decimal("9000")), ("Sessions", Decimal("3000"))]
        assert mine.lines.get().line_key != key

    @pytest.mark.parametrize(
        ("row", "sentence"),
        [
            ({"asked": "-1"}, "Line 1: asked for must be £0 or more"),
            ({"asked": "0.005"}, "Line 1: asked for must be in pounds and whole pence, like 1,200.50"),
            ({"asked": "1e9"}, "Line 1: asked for must be an amount of money, like 1,200 or 1,200.50"),
            ({"asked": "9999999999"}, "Line 1: asked for must be £999,999,999.99 or less"),
            ({"description": ""}, "Line 1: enter what the line is for"),
            ({"match_cash": "10"}, "Line 1: enter who gives the match"),
            ({"category": "capital"}, "Line 1: this round does not pay for capital items"),
        ],
    )
    def test_a_bad_line_names_itself(self, sign_in, row, sentence):
        place = world()
        bid = complete_bid(place)
        sent = budget(bid, {"category": "staff", "description": "Worker", "asked": "12000", **row})
        answer = sign_in(place.coordinator).post(f"/bids/{bid.reference}/budget/", sent)
        assert answer.status_code == 422
        assert answer.content.decode().count(sentence) >= 2
        assert bid.lines.count() == 2

    def test_a_row_is_added_without_losing_what_was_typed(self, sign_in):
        place = world()
        bid = complete_bid(place)
        sent = budget(bid, {"category": "staff", "description": "Half typed", "asked": "abc"}, add_row="lines")
        answer = sign_in(place.coordinator).post(f"/bids/{bid.reference}/budget/", sent)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "Half typed" in page
        assert 'value="abc"' in page
        assert 'name="lines-1-description"' in page
        assert "There is a problem" not in page
        assert bid.lines.count() == 2

    def test_a_removed_line_is_not_judged(self, sign_in):
        place = world()
        bid = complete_bid(place)
        rows = (
            {"category": "staff", "description": "Worker", "asked": "12000"},
            {"description": "", "asked": "x", "DELETE": "on"},
        )
        assert sign_in(place.coordinator).post(f"/bids/{bid.reference}/budget/", budget(bid, *rows)).status_code == 302
        assert asked(bid) == [("Worker", Decimal("12000"))]

    def test_a_broken_management_form_is_an_error_not_a_crash(self, sign_in):
        place = world()
        bid = complete_bid(place)
        answer = sign_in(place.coordinator).post(f"/bids/{bid.reference}/budget/", {"version": "1", "amount_requested": "12000"})
        assert answer.status_code == 422
        assert "The lines could not be read" in answer.content.decode()


class TestOtherSections:
    def test_outcomes_and_areas(self, sign_in):
        place = world()
        bid = complete_bid(place)
        client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/outcomes/"
        empty = client.post(path, {"version": "1"})
        assert empty.status_code == 422
        assert empty.content.decode().count("Select at least one outcome") == 2
        sent = {"version": "1", "outcomes": [place.outcome.pk], "areas": [place.area.pk]}
        assert client.post(path, sent).url == f"/bids/{bid.reference}/questions/project/"

    def test_answers_of_one_section(self, sign_in):
        place = world()
        bid = complete_bid(place)
        client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/questions/project/"
        too_long = client.post(path, {"version": "1", "q-need": "word " * 51})
        assert too_long.status_code == 422
        assert too_long.content.decode().count("must be 50 words or less") == 2
        assert client.post(path, {"version": "1", "q-need": "Three short words"}).status_code == 302
        assert bid.response.answers.get().value == "Three short words"
        assert client.get(f"/bids/{bid.reference}/questions/none/").status_code == 404

    def test_the_answer_that_summarises_is_the_bids_summary(self):
        place = world()
        bid = complete_bid(place)
        section = Section.objects.get(version=place.round.question_version)
        section.questions.update(key="summary")
        save_answers(bid=bid, section=section, values={"summary": "In short."}, by=place.coordinator)
        bid.refresh_from_db()
        assert bid.summary == "In short."

    def test_a_measure_from_the_library_and_one_of_their_own(self, sign_in):
        place = world()
        bid = complete_bid(place)
        known = MeasureDefinitionFactory(outcome=place.outcome, name="Young people helped", aggregation="rate", unit="%")
        sent = {
            "version": "1",
            "measures-TOTAL_FORMS": "2",
            "measures-INITIAL_FORMS": "0",
            "measures-0-definition": str(known.pk),
            "measures-0-target": "64",
            "measures-0-direction": "up",
            "measures-0-aggregation": "total",
            "measures-1-name": "Repeat calls",
            "measures-1-unit": "calls",
            "measures-1-direction": "down",
            "measures-1-aggregation": "total",
            "measures-1-baseline": "30",
            "measures-1-target": "10",
        }
        client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/measures/"
        refused = client.post(path, sent)
        assert refused.content.decode().count("Measure 1: enter the number that the target is out of") == 2
        assert client.post(path, sent | {"measures-0-target_of": "80"}).status_code == 302
        told = [(m.name, m.unit, m.aggregation, m.target, m.target_of) for m in bid.measures.order_by("order")]
        assert told == [("Young people helped", "%", "rate", 64, 80), ("Repeat calls", "calls", "total", 10, None)]

    def test_a_milestone_lies_within_the_project(self, sign_in):
        place = world()
        bid = complete_bid(place)
        sent = {
            "version": "1",
            "milestones-TOTAL_FORMS": "1",
            "milestones-INITIAL_FORMS": "0",
            "milestones-0-title": "First session",
            "milestones-0-due_day": "1",
            "milestones-0-due_month": "4",
            "milestones-0-due_year": "2027",
        }
        client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/milestones/"
        refused = client.post(path, sent)
        assert refused.status_code == 422
        assert (
            "Milestone 1: the date must be the same as or before 31 March 2027, when the project ends" in refused.content.decode()
        )
        assert client.post(path, sent | {"milestones-0-due_year": "2026"}).status_code == 302
        assert [(m.title, m.due) for m in bid.milestones.all()] == [("First session", dt.date(2026, 4, 1))]
