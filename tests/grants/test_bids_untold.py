"""Between a decision and its letters nobody outside the office learns what was decided."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from casework.workflow import perform
from grants.decisions import services
from grants.models import Bid
from tests import factories as f

pytestmark = pytest.mark.django_db
SECRET = "Training is funded from elsewhere already"


@pytest.fixture
def decided(noon):
    """One bid awarded in part and one declined by a decision that is made, with real effects, and nobody told."""
    officer, commissioner = f.officer(), f.officer("commissioner")
    case = f.RoundFactory()
    f.fund_account(case.fund)
    won, lost = (f.BidFactory(round=case, assessed=True) for _ in range(2))
    for bid in (won, lost):
        f.member(bid.accountable_body, "signatory")
    decision = services.create_decision(round=case, title="Awards", by=officer)
    services.save_details(decision=decision, values={"reasons": "It reduces crime.", "summary": "Awards."}, by=officer)
    awards = [services.Given(won, "part", 9000, SECRET), services.Given(lost, "decline", 0, SECRET)]
    services.save_awards(decision=decision, awards=awards, by=officer)
    perform(decision, "recommend", by=officer)
    services.make_decision(decision=decision, interests="None", by=commissioner)
    return decision, won, lost, officer


def test_the_bidder_reads_the_bid_as_assessed_until_told(decided, sign_in):
    _, won, lost, officer = decided
    assert Bid.objects.get(pk=won.pk).state == "awarded"
    for bid in (won, lost):
        coordinator = sign_in(f.member(bid.applicant))
        page = coordinator.get(f"/bids/{bid.reference}/").content.decode()
        assert "Assessed" in page
        for word in (SECRET, "Awarded", "Declined", "9,000", "With the partner"):
            assert word not in page, word
        listed = coordinator.get("/bids/").content.decode()
        assert bid.reference in listed
        assert ">Awarded</strong>" not in listed
        assert ">Declined</strong>" not in listed
        assert bid.reference in coordinator.get("/bids/?state=assessed").content.decode()
        for state in ("awarded", "declined"):
            assert bid.reference not in coordinator.get(f"/bids/?state={state}").content.decode()
    assert SECRET in sign_in(officer).get(f"/bids/{won.reference}/").content.decode()


def test_the_excel_file_hides_it_too(decided, sign_in):
    _, won, _, _ = decided
    answer = sign_in(f.member(won.applicant)).get("/bids/?export=xlsx")
    heads, row = list(load_workbook(BytesIO(b"".join(answer.streaming_content))).worksheets[0].values)[:2]
    told = dict(zip(heads, row, strict=True))
    assert told["Reference"] == won.reference
    assert told["State"] == "Assessed"
    assert not {9000, "9000"}.intersection(row)


def test_once_told_both_read_their_outcome(decided, sign_in):
    decision, won, lost, officer = decided
    services.tell_bidders(decision=decision, by=officer)
    assert SECRET in sign_in(f.member(won.applicant)).get(f"/bids/{won.reference}/").content.decode()
    coordinator = sign_in(f.member(lost.applicant))
    assert SECRET in coordinator.get(f"/bids/{lost.reference}/").content.decode()
    assert lost.reference in coordinator.get("/bids/?state=declined").content.decode()


@pytest.fixture
def reserved(decided):
    """A third bid of the same bidder as the first, put on the reserve list and not told either."""
    _, won, _, officer = decided
    bid = f.BidFactory(round=won.round, applicant=won.applicant, accountable_body=won.accountable_body, assessed=True)
    decision = services.create_decision(round=won.round, title="Reserve", by=officer)
    services.save_details(decision=decision, values={"reasons": "It reduces crime."}, by=officer)
    services.save_awards(decision=decision, awards=[services.Given(bid, "reserve", 0, SECRET)], by=officer)
    perform(decision, "recommend", by=officer)
    services.make_decision(decision=decision, interests="None", by=f.officer("commissioner"))
    return bid


def test_withdrawing_is_answered_alike_whatever_was_decided(decided, reserved, sign_in):
    _, won, lost, _ = decided
    for bid in (won, lost, reserved):
        seen = Bid.objects.visible_to(f.member(bid.applicant)).get(pk=bid.pk)
        answer = sign_in(f.member(bid.applicant)).post(f"/bids/{bid.reference}/withdraw/", {"reason": "We changed our mind."})
        assert answer.status_code == 422
        body = answer.content.decode()
        assert f"{bid.reference} is being decided, so this can no longer be done." in body
        for word in ("awarded", "declined", "reserve"):
            assert word not in body.lower(), word
        assert seen.state == "assessed"
    assert Bid.objects.get(pk=reserved.pk).state == "reserve"


def test_a_page_opened_before_the_decision_names_nobody_who_decided(decided, sign_in):
    decision, won, _, _ = decided
    decision.refresh_from_db()
    body = {"reason": "We changed our mind.", "version": "1"}
    answer = sign_in(f.member(won.applicant)).post(f"/bids/{won.reference}/withdraw/", body)
    assert answer.status_code == 409
    assert "This was changed by the office after you opened the page" in answer.content.decode()
    assert str(decision.decided_by) not in answer.content.decode()
    assert answer.context["case"].state == "assessed"


def test_a_form_posted_late_is_answered_alike_too(decided, sign_in):
    _, won, _, _ = decided
    answer = sign_in(f.member(won.applicant)).post(
        f"/bids/{won.reference}/milestones/", {"milestones-TOTAL_FORMS": "0", "milestones-INITIAL_FORMS": "0", "later": "1"}
    )
    body = answer.content.decode()
    assert f"{won.reference} is being decided, so nothing was saved." in body
    assert "awarded" not in body.lower()


@pytest.mark.parametrize("column", ["state", "-state", "amount_awarded", "-amount_awarded"])
def test_sorting_the_list_tells_nothing(decided, reserved, sign_in, column):
    _, won, _, _ = decided
    f.BidFactory(round=won.round, applicant=won.applicant, accountable_body=won.accountable_body, assessed=True)

    def order(sort):
        page = sign_in(f.member(won.applicant)).get(f"/bids/{sort}")
        return [row.record.reference for row in page.context["table"].rows]

    assert len(order("")) == 3
    assert order(f"?sort={column}") == order("")


def test_a_decision_withdrawn_before_it_was_told_leaves_no_trace_for_the_bidder(decided, sign_in):
    decision, won, _, officer = decided
    perform(decision, "withdraw", by=officer, reason="The paper named the wrong year.")
    page = sign_in(f.member(won.applicant)).get(f"/bids/{won.reference}/").content.decode()
    for words in ("Awarded the grant", "Undid the decision", "wrong year"):
        assert words not in page, words
        assert words in sign_in(officer).get(f"/bids/{won.reference}/").content.decode()


def test_a_decision_withdrawn_after_it_was_told_is_in_the_bidders_history(decided, sign_in):
    decision, won, _, officer = decided
    services.tell_bidders(decision=decision, by=officer)
    perform(decision, "withdraw", by=officer, reason="The paper named the wrong year.")
    page = sign_in(f.member(won.applicant)).get(f"/bids/{won.reference}/").content.decode()
    for words in ("Awarded the grant", "Told the bidder of the outcome", "Undid the decision"):
        assert words in page, words
