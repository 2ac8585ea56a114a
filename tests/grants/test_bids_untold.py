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
