"""A bid that the office returns: what it opens, what stays, and what changed between the two versions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from casework.outbox import Message
from casework.snapshots import snapshots_of
from casework.workflow import Refused, perform
from grants.bids.changes import changes, word_by_word
from grants.bids.opened import opened
from grants.bids.services import attach_file, save_details, save_lines, save_outcomes
from grants.models import Bid
from partnerships.organisations.models import Membership
from partnerships.organisations.roles import Role
from tests.factories import officer
from tests.grants.bid_world import asked, complete_bid, details, pdf, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
REASON = "The hall costs more than the quote says."


def returned(*sections):
    place = world()
    bid = complete_bid(place)
    perform(bid, "submit", by=place.signatory)
    perform(bid, "begin_assessment", by=place.officer)
    perform(bid, "return_for_changes", by=place.officer, reason=REASON, sections=list(sections))
    return place, Bid.objects.get(pk=bid.pk)


class TestWhatIsOpen:
    def test_the_office_names_sections_and_says_why(self, sign_in):
        place = world()
        bid = complete_bid(place, submitted=True)
        client, path = sign_in(place.officer), f"/bids/{bid.reference}/return-for-changes/"
        page = client.get(path).content.decode()
        for title in ("Details", "Outcomes and areas", "Budget", "Measures", "Milestones", "Attachments"):
            assert title in page
        refused = client.post(path, {"version": "1"})
        assert refused.status_code == 422
        for sentence in ("Select at least one section", "Enter what they should change, and why"):
            assert refused.content.decode().count(sentence) == 2
        assert client.post(path, {"version": "1", "sections": ["nonsense"], "reason": REASON}).status_code == 422
        assert client.post(path, {"version": "1", "sections": ["budget", "attachments"], "reason": REASON}).status_code == 302
        kept = bid.asked_changes.get()
        assert (kept.sections, kept.reason, kept.by) == (["budget", "attachments"], REASON, place.officer)
        letter = Message.objects.get(name="bid_returned", to=place.coordinator).body
        assert "These sections are open for changes: “Budget” and “Attachments”." in letter
        assert REASON in letter

    def test_only_those_can_be_changed(self, sign_in):
        place, bid = returned("budget")
        with pytest.raises(Refused, match="The office asked for changes to “Budget” only"):
            save_details(bid=bid, by=place.coordinator, title="Another title")
        with pytest.raises(Refused):
            save_outcomes(bid=bid, by=place.coordinator, outcomes=[place.outcome], areas=[])
        with pytest.raises(Refused):
            attach_file(bid=bid, upload=pdf(), kind="Quote", by=place.coordinator)
        save_lines(
            bid=bid, rows=[{"category": "staff", "description": "Worker", "asked": Decimal("12000")}], by=place.coordinator
        )
        assert asked(bid) == [("Worker", Decimal("12000"))]
        client = sign_in(place.coordinator)
        assert client.get(f"/bids/{bid.reference}/budget/").status_code == 200
        closed = client.get(f"/bids/{bid.reference}/details/")
        assert closed.status_code == 409
        assert "this section stays as it was submitted" in closed.content.decode()
        kept = client.post(f"/bids/{bid.reference}/details/", details(bid, title="Typed in an old window"))
        assert kept.status_code == 422
        assert "Typed in an old window" in kept.content.decode()
        assert Bid.objects.get().title == "Transforming Lives"

    def test_the_task_list_and_the_check_page_link_to_those_alone(self, sign_in):
        place, bid = returned("budget")
        client = sign_in(place.coordinator)
        page = client.get(f"/bids/{bid.reference}/")
        assert [task.key for task in page.context["tasks"] if task.url] == ["budget"]
        assert REASON in page.content.decode()
        checked = client.get(f"/bids/{bid.reference}/check/").content.decode()
        assert f"/bids/{bid.reference}/budget/?from=check" in checked
        assert f"/bids/{bid.reference}/details/?from=check" not in checked

    def test_saving_leads_to_the_next_open_one(self, sign_in):
        place, bid = returned("details", "milestones")
        answer = sign_in(place.coordinator).post(f"/bids/{bid.reference}/details/", details(bid, title="A better title"))
        assert answer.url == f"/bids/{bid.reference}/milestones/"

    def test_what_now_keeps_it_from_being_submitted_is_open_too(self):
        place, bid = returned("budget")
        assert opened(bid) == {"budget"}
        Membership.objects.filter(person=place.signatory).delete()
        assert opened(bid) == {"budget", "details"}

    def test_without_named_sections_everything_is_open(self):
        place, bid = returned()
        save_details(bid=bid, by=place.coordinator, title="Another title")
        assert Bid.objects.get().title == "Another title"

    def test_the_next_return_opens_its_own(self):
        place, bid = returned("budget")
        perform(bid, "submit", by=place.signatory)
        perform(bid, "return_for_changes", by=place.officer, reason="And the title.", sections=["details"])
        assert opened(Bid.objects.get()) == {"details"}

    def test_a_section_that_is_none_is_a_mistake(self):
        place = world()
        bid = complete_bid(place, submitted=True)
        with pytest.raises(ValueError, match="nonsense"):
            perform(bid, "return_for_changes", by=place.officer, reason=REASON, sections=["nonsense"])


class TestOpening:
    """The bidder may take the bid back until the office has opened it: until then the office has not read it."""

    def test_the_office_reads_nothing_until_it_begins(self, sign_in):
        place = world()
        bid = complete_bid(place, summary="Words that nobody has read.")
        perform(bid, "submit", by=place.signatory)
        client, path = sign_in(place.officer), f"/bids/{bid.reference}/"
        assert "Words that nobody has read." not in client.get(path).content.decode()
        for page in ("check/", "versions/1/", "bid.pdf", "versions/1/bid.pdf"):
            answer = client.get(f"{path}{page}")
            assert answer.status_code == 409, page
            assert "Begin the assessment to read it" in answer.content.decode()
        assert "Words that nobody" in sign_in(officer(Role.AUDITOR)).get(path).content.decode()
        assert "Words that nobody" in sign_in(place.coordinator).get(path).content.decode()
        perform(bid, "begin_assessment", by=place.officer)
        assert "Words that nobody" in client.get(path).content.decode()
        with pytest.raises(Refused):
            perform(bid, "recall", by=place.coordinator)

    def test_what_it_opened_before_stays_open_to_it(self, sign_in):
        place, bid = returned("details")
        save_details(bid=bid, by=place.coordinator, title="Second thoughts")
        perform(bid, "submit", by=place.signatory)
        client = sign_in(place.officer)
        assert client.get(f"/bids/{bid.reference}/versions/1/").status_code == 200
        assert client.get(f"/bids/{bid.reference}/versions/2/").status_code == 409
        assert client.get(f"/bids/{bid.reference}/versions/2/changes/").status_code == 409


class TestChanges:
    def test_words_that_went_and_came_are_told_apart(self):
        assert word_by_word("We run two halls in Ramsey.", "We run three halls in Ramsey and Yaxley.") == [
            ("same", "We run "),
            ("out", "two"),
            ("in", "three"),
            ("same", " halls in "),
            ("out", "Ramsey."),
            ("in", "Ramsey and Yaxley."),
        ]
        assert word_by_word("", "New") == [("in", "New")]
        assert word_by_word("Old", "") == [("out", "Old")]
        assert word_by_word("Same", "Same") == [("same", "Same")]

    def test_two_versions_side_by_side(self, sign_in, django_capture_on_commit_callbacks):
        place, bid = returned()
        by = place.coordinator
        save_details(bid=bid, by=by, summary="Three diversionary programmes for young people.", amount_requested=Decimal("13000"))
        rows = [
            {"line_key": line.line_key, "category": line.category, "description": line.description, "asked": line.asked}
            for line in bid.lines.all()
        ]
        rows[0]["asked"] = Decimal("10000")
        save_lines(bid=bid, rows=rows, by=by)
        with django_capture_on_commit_callbacks(execute=True):
            attach_file(bid=bid, upload=pdf("new.pdf"), kind="Quote", by=by)
        perform(bid, "submit", by=place.signatory)
        perform(bid, "begin_assessment", by=place.officer)
        first, second = snapshots_of(bid)
        told = {block.title: [change.label for change in block.changes] for block in changes(first.data, second.data)}
        assert told == {
            "Details": ["Summary", "Amount requested"],
            "Budget": ["Youth worker (staff)", "Total"],
            "Attachments": ["new.pdf"],
        }
        page = sign_in(place.officer).get(f"/bids/{bid.reference}/versions/2/changes/").content.decode()
        assert '<del class="house-out"><span class="govuk-visually-hidden">[taken out: </span>Two<span' in page
        assert '<ins class="house-in"><span class="govuk-visually-hidden">[put in: </span>Three<span' in page
        assert "£12,000.00" in page
        assert REASON in page
        assert "Outcomes and areas" not in page
        assert sign_in(place.officer).get(f"/bids/{bid.reference}/versions/1/changes/").status_code == 404

    def test_nothing_changed(self, sign_in):
        place, bid = returned()
        perform(bid, "submit", by=place.signatory)
        page = sign_in(place.coordinator).get(f"/bids/{bid.reference}/versions/2/changes/").content.decode()
        assert "Nothing changed between the two versions." in page

    def test_the_page_of_the_bid_leads_there(self, sign_in):
        place, bid = returned()
        perform(bid, "submit", by=place.signatory)
        page = sign_in(place.coordinator).get(f"/bids/{bid.reference}/").content.decode()
        assert f'href="/bids/{bid.reference}/versions/2/changes/">What changed since version 1</a>' in page
