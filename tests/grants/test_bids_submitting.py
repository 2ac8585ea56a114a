"""From draft to submitted and back: completeness, closing time, the frozen text, receipts, second clicks."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from decimal import Decimal

import pytest

from casework import clock
from casework.outbox import Message
from casework.registry import lifeline, work_for
from casework.snapshots import snapshots_of
from casework.workflow import NotPermitted, Refused, perform
from grants.bids import work
from grants.bids.completeness import problems
from grants.bids.services import attach_file, save_details, save_lines, save_outcomes
from grants.models import Bid, Round, RoundExtension
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of
from tests.factories import BidFactory, member
from tests.grants.bid_world import after_closing, complete_bid, details, pdf, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
AGREED = {"declaration": "on", "terms": "on"}


def submit(bid, by):
    return perform(bid, "submit", by=by).case


def give_time(place, *, until):
    RoundExtension.objects.create(
        round=place.round, organisation=place.partnership, closes_at=until, reason="Flood", by=place.officer, at=clock.now()
    )


class TestCompleteness:
    def test_a_complete_bid_has_no_problem(self):
        assert problems(complete_bid(world())) == []

    def test_an_empty_draft_names_every_section(self):
        place = world()
        bid = BidFactory(
            round=place.round,
            applicant=place.partnership,
            accountable_body=None,
            parts=False,
            summary="",
            category="",
            change="",
            starts=None,
            ends=None,
            amount_requested=None,
        )
        told = [(problem.section, problem.sentence) for problem in problems(bid)]
        assert told == [
            ("details", "Enter a summary"),
            ("details", "Select the category of the bid"),
            ("details", "Select whether this is a project or a change to a mainstream service"),
            ("details", "Enter the start date"),
            ("details", "Enter the end date"),
            ("details", "Select the accountable body, which submits the bid, signs for the grant and is paid"),
            ("details", "Enter the amount requested"),
            ("outcomes", "Select at least one outcome of the plan"),
            ("outcomes", "Select at least one area"),
            ("questions/project", "Answer “What is the need?”"),
            ("budget", "Add at least one budget line"),
            ("measures", "Add at least one measure with its target"),
            ("milestones", "Add at least one milestone"),
        ]
        assert problems(bid)[0].url == f"/bids/{bid.reference}/details/"

    @pytest.mark.parametrize(
        ("spoil", "sentence"),
        [
            (
                lambda bid: bid.lines.filter(order=1).update(asked=2500),
                "The lines add up to £11,500; the amount requested is £12,000",
            ),
            (lambda bid: bid.lines.filter(order=1).update(category="capital"), "This round does not pay for capital items"),
            (lambda bid: bid.milestones.update(due=dt.date(2030, 1, 1)), "Every milestone must be due between the start date"),
            (lambda bid: bid.response.answers.update(value="word " * 51), "must be 50 words or less: it has 1 word too many"),
            (lambda bid: bid.response.answers.update(value="  "), "Answer “What is the need?”"),
            (lambda bid: Bid.objects.filter(pk=bid.pk).update(amount_requested=Decimal("60000.01")), "must be £60,000 or less"),
            (
                lambda bid: Bid.objects.filter(pk=bid.pk).update(starts=dt.date(2015, 3, 31)),
                "must be the same as or after 1 April 2015",
            ),
            (
                lambda bid: Round.objects.update(match_rule="required") and bid.lines.update(match_in_kind=0),
                "This round asks for match",
            ),
            (lambda bid: bid.accountable_body.memberships.all().delete(), "has no signatory here who could submit the bid"),
        ],
    )
    def test_what_cannot_stand_is_said_and_submitting_refused(self, spoil, sentence):
        place = world()
        bid = complete_bid(place)
        spoil(bid)
        fresh = Bid.objects.get(pk=bid.pk)
        assert any(sentence in problem.sentence for problem in problems(fresh))
        signatory = place.signatory if place.council.memberships.exists() else member(place.council, Role.FINANCE_SIGNATORY)
        with pytest.raises(Refused):
            submit(fresh, signatory)
        assert Bid.objects.get(pk=bid.pk).state == "draft"


class TestSubmitting:
    def test_the_snapshot_holds_exactly_what_was_submitted(self):
        place = world()
        bid = complete_bid(place)
        document = attach_file(bid=bid, upload=pdf(), kind="Quote", by=place.coordinator)
        done = submit(bid, place.signatory)
        assert (done.state, done.submitted_by, done.terms_accepted) == ("submitted", place.signatory, True)
        version = snapshots_of(bid).get()
        assert version.number == 1
        assert hashlib.sha256(version.body.encode()).hexdigest() == version.sha256
        assert version.declaration == (
            "What this bid says is right as far as I know, and I am authorised to submit it for Huntingdonshire District Council. "
            "We accept the terms of this round.\n\nThe grant is spent on the project alone."
        )
        data = json.loads(version.body)
        lines = list(bid.lines.order_by("order"))
        assert data["title"] == "Transforming Lives"
        assert data["applicant"] == {"key": place.partnership.key, "name": "Huntingdonshire CSP"}
        assert data["amount_requested"] == "12000.00"
        assert data["areas"] == [{"key": "huntingdonshire", "name": "Huntingdonshire"}]
        assert [outcome["key"] for outcome in data["outcomes"]] == [place.outcome.key]
        assert [(answer["key"], answer["answer"]) for answer in data["answers"]] == [("need", "Words that answer the question.")]
        assert [(line["line_key"], line["asked"], line["match_in_kind"]) for line in data["lines"]] == [
            (str(lines[0].line_key), "9000.00", "2000.00"),
            (str(lines[1].line_key), "3000.00", "0.00"),
        ]
        assert [(measure["target"], measure["target_of"]) for measure in data["measures"]] == [
            ("80.00", None),
            ("64.00", "80.00"),
        ]
        assert [milestone["due"] for milestone in data["milestones"]] == ["2026-06-30"]
        assert [(file["name"], file["sha256"]) for file in data["attachments"]] == [("quote.pdf", document.sha256)]

    def test_the_page_asks_for_declaration_and_terms(self, sign_in):
        place = world()
        bid = complete_bid(place)
        client, path = sign_in(place.signatory), f"/bids/{bid.reference}/submit/"
        page = client.get(path).content.decode()
        assert "The grant is spent on the project alone." in page
        assert "authorised to submit it for Huntingdonshire District Council" in page
        refused = client.post(path, {"version": "1"})
        assert refused.status_code == 422
        assert refused.content.decode().count("Accept the terms to submit the bid") == 2
        assert Bid.objects.get().state == "draft"
        done = client.post(path, {"version": "1", **AGREED}, follow=True)
        assert done.redirect_chain == [(f"/bids/{bid.reference}/submitted/", 302)]
        receipt = done.content.decode()
        assert "Bid submitted" in receipt
        assert snapshots_of(bid).get().sha256 in receipt

    def test_a_second_click_submits_once(self, sign_in):
        place = world()
        bid = complete_bid(place)
        client, path = sign_in(place.signatory), f"/bids/{bid.reference}/submit/"
        for _ in range(2):
            answer = client.post(path, {"version": "1", **AGREED})
            assert (answer.status_code, answer.url) == (302, f"/bids/{bid.reference}/submitted/")
        assert snapshots_of(bid).count() == 1
        assert Message.objects.filter(name="bid_receipt", to=place.signatory).count() == 1

    def test_receipts_and_the_officers_message(self):
        place = world()
        bid = complete_bid(place)
        submit(bid, place.signatory)
        sent = {(message.name, message.to) for message in Message.objects.all()}
        assert sent == {
            ("bid_receipt", place.signatory),
            ("bid_receipt", place.coordinator),
            ("bid_arrived", place.officer),
        }
        receipt = Message.objects.get(name="bid_receipt", to=place.coordinator)
        assert receipt.subject == f"Receipt: {bid.reference} submitted"
        assert snapshots_of(bid).get().sha256 in receipt.body

    def test_only_a_signatory_of_the_accountable_body(self, sign_in):
        place = world()
        bid = complete_bid(place)
        for stranger in (place.coordinator, place.officer, member(place.partnership, Role.SIGNATORY)):
            with pytest.raises(NotPermitted):
                submit(bid, stranger)

    def test_what_changes_after_a_return_is_the_second_version(self):
        place = world()
        bid = complete_bid(place)
        submitted = submit(bid, place.signatory)
        perform(submitted, "return_for_changes", by=place.officer, reason="Say who the young people are.")
        told = {message.to for message in Message.objects.filter(name="bid_returned")}
        assert told == {place.coordinator, place.signatory}
        assert "Say who the young people are." in Message.objects.filter(name="bid_returned").first().body
        save_details(bid=bid, by=place.coordinator, title="Transforming More Lives")
        submit(bid, place.signatory)
        assert [(version.number, version.data["title"]) for version in snapshots_of(bid)] == [
            (1, "Transforming Lives"),
            (2, "Transforming More Lives"),
        ]

    def test_a_submitted_bid_cannot_be_changed_and_what_was_typed_stays_on_the_page(self, sign_in):
        place = world()
        bid = complete_bid(place)
        client, path = sign_in(place.coordinator), f"/bids/{bid.reference}/details/"
        opened = details(bid, summary="Written while the signatory pressed submit")
        submit(bid, place.signatory)
        answer = client.post(path, opened)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert f"{bid.reference} is submitted, so nothing was saved." in page
        assert "Written while the signatory pressed submit" in page
        assert Bid.objects.get().summary == "Two diversionary programmes for young people."
        assert client.get(path).status_code == 409

    def test_taken_back_and_submitted_again(self):
        place = world()
        bid = complete_bid(place)
        submit(bid, place.signatory)
        assert perform(bid, "recall", by=place.coordinator).case.state == "draft"
        assert Message.objects.get(name="bid_taken_back").to == place.officer
        submit(bid, place.signatory)
        assert [version.number for version in snapshots_of(bid)] == [1, 2]

    def test_withdrawing_a_draft_troubles_nobody(self):
        place = world()
        bid = complete_bid(place)
        withdrawn = perform(bid, "withdraw", by=place.coordinator, reason="Funded elsewhere").case
        assert not Message.objects.exists()
        assert perform(withdrawn, "bring_back", by=place.coordinator).case.state == "draft"


class TestClosing:
    def test_after_closing_the_text_stays_in_the_draft(self, sign_in):
        place = world()
        bid = complete_bid(place)
        client, path = sign_in(place.signatory), f"/bids/{bid.reference}/submit/"
        assert client.get(path).status_code == 200
        with clock.at(after_closing(place)):
            answer = client.post(path, {"version": "1", **AGREED})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "The round closed on 11 November 2026 at 12 noon. What you wrote stays in the draft. Contact the office" in page
        assert Bid.objects.get().state == "draft"

    def test_typed_while_it_closed_is_saved_and_says_so(self, sign_in):
        place = world()
        bid = complete_bid(place)
        client = sign_in(place.coordinator)
        sent = details(bid, summary="Typed at the last minute")
        with clock.at(after_closing(place)):
            answer = client.post(f"/bids/{bid.reference}/details/", sent, follow=True)
            page = answer.content.decode()
        assert "The round closed on 11 November 2026 at 12 noon." in page
        assert Bid.objects.get().summary == "Typed at the last minute"

    def test_what_arrived_in_time_counts_however_long_it_takes(self):
        place = world()
        bid = complete_bid(place)
        with clock.at(place.round.closes_at), clock.request_arrived(), clock.at(after_closing(place, minutes=3)):
            done = submit(bid, place.signatory)
        assert (done.state, done.submitted_at) == ("submitted", place.round.closes_at)

    def test_a_moment_too_late_is_too_late(self):
        place = world()
        bid = complete_bid(place)
        with clock.at(place.round.closes_at + dt.timedelta(microseconds=1)), pytest.raises(Refused):
            submit(bid, place.signatory)

    def test_more_time_is_for_one_bidder(self):
        place = world()
        mine = complete_bid(place)
        other = world(reference="CDR-2027", title="Other")
        theirs = complete_bid(other, round=place.round)
        give_time(place, until=after_closing(place, minutes=60))
        with clock.at(after_closing(place, minutes=30)):
            assert submit(mine, place.signatory).state == "submitted"
            with pytest.raises(Refused):
                submit(theirs, other.signatory)

    def test_a_returned_bid_is_submitted_again_after_closing_but_not_taken_back(self):
        place = world()
        bid = complete_bid(place)
        submit(bid, place.signatory)
        perform(bid, "return_for_changes", by=place.officer, reason="One figure is missing.")
        with clock.at(after_closing(place)):
            submit(bid, place.signatory)
            with pytest.raises(Refused, match="can no longer be taken back"):
                perform(bid, "recall", by=place.coordinator)
            perform(bid, "withdraw", by=place.coordinator, reason="Funded elsewhere")
            with pytest.raises(Refused, match="can no longer be brought back"):
                perform(bid, "bring_back", by=place.coordinator)

    def test_a_rolling_round_has_no_closing(self):
        place = world(rolling=True, closes_at=None)
        bid = complete_bid(place)
        with clock.at(dt.date(2026, 12, 24)):
            assert submit(bid, place.signatory).state == "submitted"

    def test_a_cancelled_round_takes_nothing(self):
        place = world()
        complete_bid(place)
        Round.objects.filter(pk=place.round.pk).update(state="cancelled")
        with pytest.raises(Refused, match="has been cancelled"):
            submit(Bid.objects.get(), place.signatory)


class TestRoundsAsk:
    def test_a_round_with_bids_is_not_unpublished(self):
        place = world()
        complete_bid(place)
        with pytest.raises(Refused, match="1 bid has been begun in this round"):
            perform(place.round, "unpublish", by=place.officer)

    def test_a_round_is_settled_when_every_bid_is_decided(self):
        place = world()
        complete_bid(place)  # a draft asks for nothing
        waiting = complete_bid(place, submitted=True)
        with clock.at(after_closing(place)):
            with pytest.raises(Refused, match="1 bid is not decided yet"):
                perform(place.round, "settle", by=place.officer)
            Bid.objects.filter(pk=waiting.pk).update(state="declined")
            assert perform(place.round, "settle", by=place.officer).case.state == "settled"


class TestWork:
    def test_who_has_what_to_do(self):
        place = world()
        ready, unready = complete_bid(place), complete_bid(place, title="Unready", summary="")
        mine = [(item.reference, item.due) for item in work.drafts_to_finish(place.coordinator)]
        assert mine == [(ready.reference, dt.date(2026, 11, 11)), (unready.reference, dt.date(2026, 11, 11))]
        assert [item.reference for item in work.bids_to_submit(place.signatory)] == [ready.reference]
        assert ready.reference in {item.reference for item in work_for(place.signatory)}
        submit(ready, place.signatory)
        assert [item.reference for item in work.bids_to_begin(place.officer)] == [ready.reference]
        assert list(work.bids_to_submit(place.signatory)) == []
        with clock.at(after_closing(place)):
            assert list(work.drafts_to_finish(place.coordinator)) == []

    def test_the_number_of_queries_does_not_grow(self, django_assert_num_queries):
        place = world()
        for _ in range(3):
            complete_bid(place)
        forms = ((work.drafts_to_finish, place.coordinator, 1), (work.bids_to_submit, place.signatory, 3))
        for provider, person, number in forms:
            standing_of(person)
            with django_assert_num_queries(number):
                assert len(list(provider(person))) == 3

    def test_the_life_line_names_the_bid(self):
        place = world()
        bid = complete_bid(place)
        step = next(view for view in lifeline(bid.file, place.coordinator) if view.name == "Bid")
        assert (step.state_label, step.status, step.url) == ("Draft", "current", f"/bids/{bid.reference}/")
        submit(bid, place.signatory)
        step = next(view for view in lifeline(bid.file, place.coordinator) if view.name == "Bid")
        assert (step.state_label, step.status) == ("Submitted", "done")


def test_saving_counts_the_version_once():
    place = world()
    bid = complete_bid(place)
    rows = [{"category": "staff", "description": "Worker", "asked": Decimal("12000")}]
    save_lines(bid=bid, rows=rows, by=place.coordinator, version=1)
    save_outcomes(bid=bid, outcomes=[place.outcome], areas=[place.area], by=place.coordinator, version=1)
    assert Bid.objects.get().version == 3
