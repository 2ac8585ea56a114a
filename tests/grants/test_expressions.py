"""An expression of interest from the round's page to the bid that comes of it, as its people see it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from casework import clock
from casework.outbox import Message
from casework.snapshots import snapshots_of
from casework.workflow import NotPermitted, Refused, perform
from grants.bids.services import create_bid
from grants.models import Bid, Expression, Round
from partnerships.organisations.roles import Role, Seat
from tests import factories as f
from tests.grants.expression_world import UNTIL, begun, expressed, page
from tests.pages import errors_on, opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
REASON = "It is close to what the county funds already. Say what is new, and for whom."


@pytest.fixture
def place():
    return expressed()


def names(browser, case):
    return [option.name for option in browser.get(case.get_absolute_url()).context["next"].options if option.allowed]


def test_a_coordinator_says_what_they_have_in_mind(place, sign_in):
    browser = sign_in(place.coordinator)
    told = opened(browser, place.round.get_absolute_url(), queries=15)
    assert "Tell us first what you have in mind by 28 October 2026 at 12 noon. We then invite full bids." in told
    assert "Bids must be submitted by 11 November 2026 at 12 noon." in told
    assert 'href="/expressions/new/?round=CDR-2026"' in told
    assert "Start a bid" not in told
    started = browser.post(
        "/expressions/new/", {"round": "CDR-2026", "applicant": place.partnership.pk, "title": "Safer ways home"}
    )
    assert started.headers["Location"] == "/expressions/CDR-2026-E01/write/"
    case = Expression.objects.get()
    own = opened(browser, place.round.get_absolute_url(), queries=15)
    assert "Your expressions of interest" in own
    assert f'<a class="govuk-link" href="{case.get_absolute_url()}">CDR-2026-E01 Safer ways home</a>: draft' in own
    later = browser.post(f"{case.get_absolute_url()}write/", {"version": "1", "title": "Safer ways home", "later": "1"})
    assert later.status_code == 302
    unfinished = opened(browser, case.get_absolute_url(), queries=15)
    for words in ("What is left to do", "Enter what you would do", "Select at least one outcome", "Enter who would lead it"):
        assert words in unfinished
    assert names(browser, case) == ["write", "withdraw"]
    assert browser.get(f"{case.get_absolute_url()}submit/").status_code == 409


def test_it_is_submitted_by_a_coordinator_and_kept(place, sign_in):
    case, browser = begun(place, summary="", lead=""), sign_in(place.coordinator)
    refused = browser.post(f"{case.get_absolute_url()}write/", page(case))
    assert errors_on(refused) == ["Enter what you would do", "Enter who would lead it"]
    saved = browser.post(f"{case.get_absolute_url()}write/", page(case, summary="Light and patrols.", lead="The town council"))
    assert saved.headers["Location"] == case.get_absolute_url()
    assert names(browser, case) == ["submit", "write", "withdraw"]
    assert opened(browser, case.get_absolute_url()).count("Changed the expression of interest") == 1
    confirm = opened(browser, f"{case.get_absolute_url()}submit/")
    assert "It binds nobody" not in confirm
    assert "An expression of interest binds nobody, so no signatory is needed" in confirm
    done = browser.post(f"{case.get_absolute_url()}submit/", {"version": "2"})
    assert done.headers["Location"] == f"{case.get_absolute_url()}submitted/"
    receipt = opened(browser, done.headers["Location"])
    assert "Expression of interest submitted" in receipt
    version = snapshots_of(case).get()
    assert version.sha256 in receipt
    assert (version.data["summary"], version.data["amount"], version.data["areas"]) == (
        "Light and patrols.",
        "12000.00",
        ["Huntingdonshire"],
    )
    assert version.sha256 in Message.objects.get(name="expression_receipt", to=place.coordinator).body
    assert "Read it, then invite" in Message.objects.get(name="expression_arrived", to=place.officer).body
    again = browser.post(f"{case.get_absolute_url()}submit/", {"version": "2"}, follow=True)
    assert again.status_code == 200
    assert snapshots_of(case).count() == 1


def test_the_office_invites_and_the_bid_begins_with_what_was_said(place, sign_in):
    case, browser = begun(place, submitted=True), sign_in(place.officer)
    assert names(browser, case) == ["invite", "turn_down"]
    opened(browser, case.get_absolute_url(), queries=15)
    done = browser.post(f"{case.get_absolute_url()}invite/", {"version": "1", "answer": "Say who lights the path."}, follow=True)
    assert "Invited the body to bid" in done.content.decode()
    bid = Bid.objects.get()
    assert (bid.reference, bid.state, bid.expression, bid.applicant) == ("CDR-2026-001", "draft", case, place.partnership)
    assert (bid.title, bid.summary, bid.amount_requested) == (case.title, case.summary, Decimal("12000"))
    assert (bid.starts, bid.prepared_by, bid.accountable_body) == (case.starts, place.coordinator, place.council)
    assert list(bid.outcomes.all()) == [place.outcome]
    assert list(bid.areas.all()) == [place.area]
    told = Message.objects.get(name="bid_invited", to=place.coordinator).body
    assert f"/bids/{bid.reference}/" in told
    assert "Say who lights the path." in told
    assert "by 11 November 2026 at 12 noon" in told
    # The office does not see the draft, and reads so; the body goes on from the same page.
    assert "You can read it once it is submitted" in opened(browser, case.get_absolute_url(), queries=15)
    body = sign_in(place.coordinator)
    assert f'href="/bids/{bid.reference}/"' in opened(body, case.get_absolute_url(), queries=15)
    shown = opened(body, bid.get_absolute_url())
    assert f'href="{case.get_absolute_url()}"' in shown
    assert "Say who lights the path." in shown
    assert "Invited to bid" in shown  # on its life line
    signatory = sign_in(place.signatory)
    assert f'href="{case.get_absolute_url()}"' in opened(signatory, bid.get_absolute_url())
    assert signatory.get(case.get_absolute_url()).status_code == 200


def test_where_the_bid_is_asked_for_a_summary_it_is_answered(sign_in):
    """In a round of one page too: the words are there when the bid is opened, and the office has not been asked for them twice."""
    asked = f.question_version("with-summary", questions=("summary", "need"))
    small = {"tier": "small", "tier_reason": "Low risk", "minimum": Decimal(100), "maximum": Decimal(5000)}
    place = expressed(question_version=asked, **small)
    case = begun(place, submitted=True, amount=Decimal(900))
    perform(case, "invite", by=place.officer)
    bid = Bid.objects.get()
    assert dict(bid.response.answers.values_list("question_key", "value")) == {"summary": case.summary}
    shown = opened(sign_in(place.coordinator), f"{bid.get_absolute_url()}request/")
    assert case.summary in shown
    assert 'value="900' in shown


def test_the_line_of_a_bid_of_another_round_has_no_such_step(place, sign_in):
    bid = f.BidFactory(applicant=place.partnership)
    assert "Interest" not in opened(sign_in(place.coordinator), bid.get_absolute_url())


def test_nobody_begins_a_bid_without_an_invitation(place, sign_in):
    with pytest.raises(Refused, match="a bid begins with our invitation"):
        create_bid(round=place.round, applicant=place.partnership, title="Ours", by=place.coordinator)
    browser = sign_in(place.coordinator)
    assert "No round takes bids from your body now" in opened(browser, "/bids/new/")
    answer = browser.post("/bids/new/", {"round": "CDR-2026", "applicant": place.partnership.pk, "title": "Ours"})
    assert answer.status_code == 422
    assert Bid.objects.count() == 0


def test_who_is_not_invited_reads_why_and_the_office_can_look_again(place, sign_in):
    case, browser = begun(place, submitted=True), sign_in(place.officer)
    address = f"{case.get_absolute_url()}turn-down/"
    assert errors_on(browser.post(address, {"version": "1", "reason": " "})) == ["Enter why the body is not invited"]
    browser.post(address, {"version": "1", "reason": REASON})
    assert REASON in Message.objects.get(name="expression_turned_down", to=place.coordinator).body
    assert REASON in opened(sign_in(place.coordinator), case.get_absolute_url(), queries=15)
    assert names(sign_in(place.coordinator), case) == []
    browser.post(f"{case.get_absolute_url()}reopen/", {"version": "2", "reason": "The county's scheme ends."})
    case = Expression.objects.get()
    assert (case.state, case.answer, case.answered_at) == ("submitted", "", None)
    assert "The county's scheme ends." in Message.objects.get(name="expression_reopened", to=place.coordinator).body
    perform(case, "invite", by=place.officer, version=3)
    assert Bid.objects.get().expression == case


def test_two_officers_answer_at_once(place, sign_in):
    case = begun(place, submitted=True)
    sign_in(place.officer).post(f"{case.get_absolute_url()}turn-down/", {"version": "1", "reason": REASON})
    second = sign_in(f.officer()).post(f"{case.get_absolute_url()}invite/", {"version": "1", "answer": "Good idea"})
    assert second.status_code == 409
    assert "This was changed by Olive Officer" in second.content.decode()
    assert "Good idea" in second.content.decode()
    assert Bid.objects.count() == 0
    twice = sign_in(place.officer).post(f"{case.get_absolute_url()}turn-down/", {"version": "1", "reason": REASON}, follow=True)
    assert "This was already done." in twice.content.decode()


@pytest.mark.parametrize("serves", ["partnership", "council"])
def test_nobody_answers_their_own_body(place, sign_in, serves):
    """Nor that of the council which would account for the money. A seat held for the office is no conflict."""
    case, seated = begun(place, submitted=True), f.officer()
    f.MembershipFactory(organisation=getattr(place, serves), role=Role.VIEWER, person=place.officer)
    f.MembershipFactory(organisation=place.partnership, role=Role.VIEWER, person=seated, seat=Seat.OFFICE_SEAT)
    assert names(sign_in(place.officer), case) == []
    with pytest.raises(NotPermitted):
        perform(case, "invite", by=place.officer)
    assert names(sign_in(seated), case) == ["invite", "turn_down"]


def test_after_the_closing_nothing_is_sent_and_nothing_is_lost(place, sign_in):
    """The closing is noon by the clocks of London, an hour after the noon of summer time."""
    case, late = begun(place, summary=""), "Expressions of interest closed on 28 October 2026 at 12 noon."
    browser = sign_in(place.coordinator)
    with clock.at(UNTIL):
        assert perform(begun(place, title="Another"), "submit", by=place.coordinator).case.state == "submitted"
    with clock.at(UNTIL + dt.timedelta(seconds=1)):
        assert late in opened(browser, f"{case.get_absolute_url()}write/")
        assert browser.post(f"{case.get_absolute_url()}write/", page(case, summary="Kept.")).status_code == 302
        assert Expression.objects.get(pk=case.pk).summary == "Kept."
        told = opened(browser, case.get_absolute_url(), queries=15)
        assert f"{late} What you wrote stays in the draft. Contact the office if something kept you from sending it." in told
        refused = browser.post(f"{case.get_absolute_url()}submit/", {"version": "2"})
        assert refused.status_code == 422
        assert late in refused.content.decode()
        assert names(browser, case) == ["write", "withdraw"]
        round_page = opened(browser, place.round.get_absolute_url(), queries=15)
        assert f"{late} Those who are invited write full bids." in round_page
        assert "/expressions/new/" not in round_page
        assert "No round takes expressions" in opened(browser, "/expressions/new/")
        # What was sent can be withdrawn, and no longer be taken back to change.
        sent = Expression.objects.get(title="Another")
        assert names(browser, sent) == ["withdraw"]
        with pytest.raises(Refused, match="can no longer be taken back"):
            perform(sent, "recall", by=place.coordinator)


def test_it_is_taken_back_withdrawn_and_brought_back(place, sign_in):
    case, browser = begun(place), sign_in(place.coordinator)
    perform(case, "submit", by=place.coordinator)
    browser.post(f"{case.get_absolute_url()}recall/", {"version": "2"})
    assert "taken back" in Message.objects.get(name="expression_taken_back", to=place.officer).body
    assert sign_in(place.officer).get(case.get_absolute_url()).status_code == 404
    browser.post(f"{case.get_absolute_url()}submit/", {"version": "3"})
    browser.post(f"{case.get_absolute_url()}withdraw/", {"version": "4"})
    assert Message.objects.filter(name="expression_taken_back", subject__startswith="Withdrawn").exists()
    browser.post(f"{case.get_absolute_url()}bring-back/", {"version": "5"})
    assert Expression.objects.get().state == "draft"
    assert snapshots_of(case).count() == 2


def test_an_invitation_too_late_is_refused(place, sign_in):
    case, browser = begun(place, submitted=True), sign_in(place.officer)
    with clock.at(place.round.closes_at + dt.timedelta(minutes=1)):
        assert "The round closed on 11 November 2026 at 12 noon, so no bid can follow." in opened(
            browser, case.get_absolute_url()
        )
        answer = browser.post(f"{case.get_absolute_url()}invite/", {"version": "1"})
        assert answer.status_code == 422
        place.round.extensions.create(
            organisation=place.partnership,
            closes_at=place.round.closes_at + dt.timedelta(days=7),
            reason="Ill",
            by=place.officer,
            at=clock.now(),
        )
        assert "invite" in names(browser, case)
        perform(case, "turn_down", by=place.officer, reason=REASON, answer=REASON)


@pytest.mark.parametrize("gone", ["kind", "ended"])
def test_a_body_that_may_no_longer_bid_is_not_invited(place, gone):
    case = begun(place, submitted=True)
    if gone == "kind":
        Round.objects.update(eligible_kinds=["delivery_group"])
    else:
        type(place.partnership).objects.filter(pk=place.partnership.pk).update(ends=dt.date(2026, 10, 1))
    with pytest.raises(Refused, match="Huntingdonshire CSP may no longer bid in this round"):
        perform(case, "invite", by=place.officer)


def test_a_bid_on_paper_needs_an_invitation_too(place, sign_in):
    browser = sign_in(place.officer)
    assert "received on paper" not in opened(browser, place.round.get_absolute_url())
    assert "a bid begins with our invitation" in opened(browser, f"/bids/received/{place.round.reference}/", status=409)
