"""Several people on one bid: nobody's text is lost, whoever saves first; and the text is saved while it is typed."""

from __future__ import annotations

import json
from decimal import Decimal

import lxml.html
import pytest

from casework import clock
from grants.bids.services import save_answers, save_details, save_lines, save_outcomes
from grants.models import Bid, BidSection
from partnerships.organisations.roles import Role
from questionnaires.models import Question, Section
from tests.factories import member
from tests.grants.bid_world import after_closing, asked, complete_bid, details, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def typed(answer) -> dict[str, list[str]]:
    """What a browser would send from this page's form if nothing were touched."""
    form = lxml.html.fromstring(answer.content.decode()).xpath("//main//form")[0]
    sent: dict[str, list[str]] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return sent


def two_people():
    place = world()
    bid = complete_bid(place)
    return place, bid, member(place.partnership, Role.COORDINATOR, name="Colin Colleague")


def opened(sign_in, place, bid, section):
    """The coordinator's browser with the section's page open: client, address, and what its form would send."""
    client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/{section}/"
    return client, path, typed(client.get(path))


class TestFields:
    def test_different_sections_do_not_disturb_each_other(self, sign_in):
        place, bid, colleague = two_people()
        client, path, sent = opened(sign_in, place, bid, "details")
        save_outcomes(bid=bid, by=colleague, outcomes=[place.outcome], areas=[place.area], version=1)
        assert client.post(path, sent | {"title": "Mine"}).status_code == 302
        assert Bid.objects.get().title == "Mine"
        assert list(BidSection.objects.values_list("key", "version", "saved_by__name")) == [
            ("details", 2, "Cora Coordinator"),
            ("outcomes", 2, "Colin Colleague"),
        ]

    def test_different_fields_of_one_section_are_both_kept(self, sign_in):
        place, bid, colleague = two_people()
        client, path, sent = opened(sign_in, place, bid, "details")
        save_details(bid=bid, by=colleague, summary="Theirs in short.", amount_requested=Decimal("11000"))
        answer = client.post(path, sent | {"title": "Mine", "ends_day": "30"}, follow=True)
        assert "Colin Colleague saved this section while you had it open. Both changes are kept." in answer.content.decode()
        kept = Bid.objects.get()
        assert (kept.title, kept.summary, kept.amount_requested, kept.ends.day) == ("Mine", "Theirs in short.", 11000, 30)

    def test_the_same_field_is_shown_twice_and_chosen(self, sign_in):
        place, bid, colleague = two_people()
        client, path, sent = opened(sign_in, place, bid, "details")
        save_details(bid=bid, by=colleague, title="Theirs", summary="Their summary.")
        answer = client.post(path, sent | {"title": "Mine", "change": "mainstream"})
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "Colin Colleague saved “Details” on 14 October 2026 at 12 noon, after you had opened it" in page
        assert [clash.path for clash, _ in answer.context["clashes"]] == ["title"]
        assert "Theirs" in page
        assert Bid.objects.get().title == "Theirs"
        choosing = typed(answer)
        unanswered = client.post(path, choosing)
        assert unanswered.content.decode().count("Select which to keep for “Title”") == 2
        assert client.post(path, choosing | {"keep_title": "mine"}).status_code == 302
        kept = Bid.objects.get()
        assert (kept.title, kept.summary, kept.change) == ("Mine", "Their summary.", "mainstream")

    def test_the_others_text_can_be_kept_and_mine_elsewhere(self, sign_in):
        place, bid, colleague = two_people()
        client, path, sent = opened(sign_in, place, bid, "details")
        save_details(bid=bid, by=colleague, title="Theirs")
        choosing = typed(client.post(path, sent | {"title": "Mine", "summary": "My summary."}))
        assert client.post(path, choosing | {"keep_title": "theirs"}).status_code == 302
        assert Bid.objects.filter(title="Theirs", summary="My summary.").exists()

    def test_a_third_save_meanwhile_is_asked_about_again(self, sign_in):
        place, bid, colleague = two_people()
        client, path, sent = opened(sign_in, place, bid, "details")
        save_details(bid=bid, by=colleague, title="Theirs")
        choosing = typed(client.post(path, sent | {"title": "Mine"}))
        save_details(bid=bid, by=colleague, title="Theirs again")
        again = client.post(path, choosing | {"keep_title": "mine"})
        assert again.status_code == 409
        assert "Theirs again" in again.content.decode()
        assert client.post(path, typed(again) | {"keep_title": "mine"}).status_code == 302
        assert Bid.objects.get().title == "Mine"

    def test_two_long_texts_can_be_put_together(self, sign_in):
        place, bid, colleague = two_people()
        section = Section.objects.get(version=place.round.question_version)
        key = Question.objects.get(section=section).key
        client, path, sent = opened(sign_in, place, bid, f"questions/{section.key}")
        save_answers(bid=bid, section=section, values={key: "Their need."}, by=colleague)
        choosing = typed(client.post(path, sent | {f"q-{key}": "My need."}))
        answer = client.post(path, choosing | {f"keep_q-{key}": "both"})
        assert (answer.status_code, answer.url) == (302, path)
        assert bid.response.answers.get().value == "Their need.\n\nMy need."

    def test_both_texts_too_long_together_stay_on_the_page(self, sign_in):
        place, bid, colleague = two_people()
        section = Section.objects.get(version=place.round.question_version)
        key = Question.objects.get(section=section).key
        client, path, sent = opened(sign_in, place, bid, f"questions/{section.key}")
        save_answers(bid=bid, section=section, values={key: "theirs " * 40}, by=colleague)
        choosing = typed(client.post(path, sent | {f"q-{key}": "mine " * 40}))
        answer = client.post(path, choosing | {f"keep_q-{key}": "both"})
        assert answer.status_code == 422
        shown = typed(answer)[f"q-{key}"][0]
        assert (shown.count("theirs"), shown.count("mine")) == (40, 40)

    def test_a_page_that_says_nothing_of_what_it_was_opened_with_overwrites_nothing(self, sign_in):
        place, bid, colleague = two_people()
        before = details(bid, title="Mine")
        save_details(bid=bid, by=colleague, version=1, title="Theirs")
        answer = sign_in(place.coordinator).post(f"/bids/{bid.reference}/details/", before)
        assert answer.status_code == 409
        assert Bid.objects.get().title == "Theirs"

    @pytest.mark.parametrize("basis", ["", "[]", "{", '{"title": 3}', "\x00"])
    def test_a_basis_that_cannot_be_read_is_none(self, sign_in, basis):
        place, bid, _ = two_people()
        client, path, sent = opened(sign_in, place, bid, "details")
        answer = client.post(path, sent | {"title": "Mine", "basis": basis})
        assert answer.status_code == 409
        assert Bid.objects.get().title == "Transforming Lives"

    def test_ones_own_other_window_is_named_so(self, sign_in):
        place, bid, _ = two_people()
        client, path, sent = opened(sign_in, place, bid, "details")
        assert client.post(path, sent | {"title": "First window"}).status_code == 302
        answer = client.post(path, sent | {"title": "Second window"})
        assert answer.status_code == 409
        assert "You, in another window, saved “Details”" in answer.content.decode()


class TestRows:
    def line(self, bid, description):
        return bid.lines.get(description=description)

    def rows(self, bid):
        names = ("line_key", "category", "description", "asked", "match_cash", "match_in_kind", "funder", "confirmed")
        return [{name: getattr(line, name) for name in names} for line in bid.lines.order_by("order")]

    def test_a_line_added_by_each_is_kept_and_so_is_a_changed_one(self, sign_in):
        place, bid, colleague = two_people()
        client, path, sent = opened(sign_in, place, bid, "budget")
        theirs = [*self.rows(bid), {"category": "other", "description": "Their hall", "asked": Decimal("0")}]
        save_lines(bid=bid, rows=theirs, by=colleague)
        mine = {
            "lines-TOTAL_FORMS": "3",
            "lines-0-description": "Two youth workers",
            "lines-2-category": "other",
            "lines-2-description": "My van",
            "later": "1",
        }
        assert client.post(path, sent | mine).status_code == 302
        assert [name for name, _ in asked(bid)] == ["Two youth workers", "Sessions", "My van", "Their hall"]

    def test_a_line_that_one_removed_and_the_other_left_goes(self, sign_in):
        place, bid, colleague = two_people()
        client, path, sent = opened(sign_in, place, bid, "budget")
        save_lines(bid=bid, rows=self.rows(bid)[:1], by=colleague)
        assert client.post(path, sent | {"lines-0-asked": "12000", "later": "1"}).status_code == 302
        assert asked(bid) == [("Youth worker", Decimal("12000"))]

    def test_a_line_that_one_removed_and_the_other_changed_is_asked_about(self, sign_in):
        place, bid, colleague = two_people()
        client, path, sent = opened(sign_in, place, bid, "budget")
        sessions = self.line(bid, "Sessions").line_key
        save_lines(bid=bid, rows=self.rows(bid)[:1], by=colleague)
        answer = client.post(path, sent | {"lines-1-asked": "3,500", "later": "1"})
        assert answer.status_code == 409
        assert "Removed" in answer.content.decode()
        assert "3,500" in answer.content.decode()
        kept = client.post(path, typed(answer) | {f"keep_lines_{sessions}": "mine"})
        assert kept.status_code == 302
        assert asked(bid) == [("Youth worker", Decimal("9000")), ("Sessions", Decimal("3500"))]

    def test_a_line_that_both_changed_is_asked_about(self, sign_in):
        place, bid, colleague = two_people()
        client, path, sent = opened(sign_in, place, bid, "budget")
        worker = self.line(bid, "Youth worker").line_key
        changed = self.rows(bid)
        changed[0]["asked"] = Decimal("8000")
        save_lines(bid=bid, rows=changed, by=colleague)
        answer = client.post(path, sent | {"lines-0-asked": "7000", "later": "1"})
        assert answer.status_code == 409
        assert client.post(path, typed(answer) | {f"keep_lines_{worker}": "theirs"}).status_code == 302
        assert asked(bid)[0] == ("Youth worker", Decimal("8000"))


class TestAutosave:
    def test_it_saves_what_is_there_and_tells_the_time(self, sign_in):
        place, bid, _ = two_people()
        client, path, sent = opened(sign_in, place, bid, "details")
        told = client.post(path, sent | {"title": "Half a ti", "summary": "", "autosave": "1"}).json()
        assert told["saved"] == "12 noon"
        assert told["fields"]["version"] == "2"
        assert Bid.objects.filter(title="Half a ti", summary="").exists()
        again = client.post(path, sent | told["fields"] | {"title": "Half a title", "autosave": "1"})
        assert again.json()["fields"]["version"] == "3"

    def test_what_cannot_stand_is_said_and_not_saved(self, sign_in):
        place, bid, _ = two_people()
        client, path, sent = opened(sign_in, place, bid, "details")
        answer = client.post(path, sent | {"ends_day": "41", "autosave": "1"})
        assert (answer.status_code, answer.json()) == (422, {"problem": "The end date must be a real date"})
        assert Bid.objects.get().version == 1

    def test_a_new_line_is_saved_once_and_keeps_its_key(self, sign_in):
        place, bid, _ = two_people()
        client, path, sent = opened(sign_in, place, bid, "budget")
        grown = sent | {"lines-TOTAL_FORMS": "4", "lines-3-category": "other", "lines-3-description": "Hall", "autosave": "1"}
        told = client.post(path, grown).json()
        key = str(bid.lines.get(description="Hall").line_key)
        assert told["fields"]["lines-3-key"] == key
        told = client.post(path, grown | told["fields"] | {"lines-3-description": "Village hall"}).json()
        assert [str(line.line_key) for line in bid.lines.filter(description="Village hall")] == [key]
        assert bid.lines.count() == 3

    def test_a_line_that_comes_twice_is_one_line(self, sign_in):
        """The button and a save while typing may be on their way at once; an empty row has its key from the beginning."""
        place, bid, _ = two_people()
        bid.lines.all().delete()
        client, path, sent = opened(sign_in, place, bid, "budget")
        line = sent | {"lines-0-category": "staff", "lines-0-description": "Worker", "lines-0-asked": "12000"}
        assert client.post(path, line).status_code == 302
        client.post(path, line | {"autosave": "1"})
        assert asked(bid) == [("Worker", Decimal("12000"))]

    def test_what_another_saved_is_neither_overwritten_nor_dropped_by_the_next_one(self, sign_in):
        place, bid, colleague = two_people()
        client, path, sent = opened(sign_in, place, bid, "budget")
        rows = [*TestRows().rows(bid), {"category": "other", "description": "Their hall"}]
        rows[1]["asked"] = Decimal("2500")
        save_lines(bid=bid, rows=rows, by=colleague)
        first = client.post(path, sent | {"lines-0-asked": "9500", "autosave": "1"}).json()
        second = client.post(path, sent | first["fields"] | {"lines-0-asked": "9600", "autosave": "1"}).json()
        client.post(path, sent | second["fields"] | {"lines-0-asked": "9600", "lines-0-funder": "Us", "autosave": "1"})
        assert asked(bid) == [("Youth worker", Decimal("9600")), ("Sessions", Decimal("2500")), ("Their hall", Decimal("0"))]

    def test_a_clash_waits_for_the_button(self, sign_in):
        place, bid, colleague = two_people()
        client, path, sent = opened(sign_in, place, bid, "details")
        save_details(bid=bid, by=colleague, title="Theirs")
        answer = client.post(path, sent | {"title": "Mine", "autosave": "1"})
        assert answer.status_code == 409
        assert answer.json() == {"problem": "Colin Colleague changed the same text. Save the page to see both texts"}
        assert Bid.objects.get().title == "Theirs"

    def test_after_submission_it_says_so(self, sign_in):
        place, bid, _ = two_people()
        client, path, sent = opened(sign_in, place, bid, "details")
        Bid.objects.filter(pk=bid.pk).update(state="submitted", submitted_at=clock.now(), submitted_by=place.signatory)
        answer = client.post(path, sent | {"title": "Late", "autosave": "1"})
        assert answer.status_code == 422
        assert "is submitted, so nothing was saved" in answer.json()["problem"]

    def test_the_deadline_passing_keeps_what_is_typed(self, sign_in):
        place, bid, _ = two_people()
        client, path, sent = opened(sign_in, place, bid, "details")
        with clock.at(after_closing(place)):
            assert client.post(path, sent | {"title": "In the last minute", "autosave": "1"}).status_code == 200
        assert Bid.objects.get().title == "In the last minute"

    def test_nothing_but_the_page_needs_the_script(self, sign_in):
        place, bid, _ = two_people()
        page = sign_in(place.coordinator).get(f"/bids/{bid.reference}/details/").content.decode()
        assert 'casework/autosave.js"></script>' in page
        assert '<p class="govuk-body-s house-quiet" role="status" data-autosave></p>' in page


def test_a_basis_is_small_enough_for_every_page(sign_in):
    place, bid, _ = two_people()
    _, _, sent = opened(sign_in, place, bid, "budget")
    basis = json.loads(sent["basis"][0])
    keys = {f"lines_{line.line_key}" for line in bid.lines.all()}
    assert set(basis) == {"amount_requested", *keys}
