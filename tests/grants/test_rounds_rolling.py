"""A rolling round takes bids until its money runs out, and says so."""

from decimal import Decimal

import pytest

from casework import clock
from casework.workflow import Refused, perform
from grants.bids.services import create_bid
from grants.decisions import services as decisions
from grants.decisions.rolling import left_in
from grants.decisions.services import Given
from grants.funds.ledger import Posting, fund_year, post
from grants.models import Bid, Round
from grants.rounds import services
from grants.rounds.queries import open_to
from partnerships.organisations.roles import Role
from tests import factories as f

pytestmark = pytest.mark.django_db
OUT = "All the money of this round has been awarded, so it takes no more bids."


@pytest.fixture
def officer(noon):
    return f.officer()


@pytest.fixture
def case(officer):
    """£12,000 in all, £1,000 at least: one award of £11,500 leaves too little."""
    row = f.RoundFactory(rolling=True, closes_at=None)
    row.budgets.update(amount=Decimal("12000"))
    post([Posting(fund_year(row.fund, 2026), "budget", Decimal("155000"))], cause="budget", key="budget", by=officer)
    return row


def decided(case, officer, amount):
    """A decision of one award, made and not yet told."""
    bid = f.BidFactory(assessed=True, round=case)
    decision = decisions.create_decision(round=case, title="Grants", by=officer)
    decisions.save_details(decision=decision, values={"reasons": "Less crime."}, by=officer)
    given = Given(Bid.objects.get(pk=bid.pk), "part", Decimal(amount), "A good bid.")
    decisions.save_awards(decision=decision, awards=[given], by=officer)
    perform(decision, "recommend", by=officer)
    return decisions.make_decision(decision=decision, interests="None", by=f.officer(Role.COMMISSIONER)).case


def awarded(case, amount):
    """An award whose bidder knows of it, as the database holds it; then the round looks at its money."""
    from_decision = f.BidFactory(round=case, awarded=True, amount_requested=Decimal("12000"))
    Bid.objects.filter(pk=from_decision.pk).update(amount_awarded=Decimal(amount))
    return Bid.objects.get(pk=from_decision.pk)


def look(case, officer):
    """A change to the round makes it look at its money."""
    services.edit_round(case=case, by=officer, guidance=f"Words {case.version} {clock.now()}", reason="To say more")
    case.refresh_from_db()
    return case


def test_what_is_left_counts_awards_that_bidders_know_of(case):
    assert left_in(case) == Decimal("12000")
    bid = awarded(case, "4000")
    assert left_in(case) == Decimal("8000")
    Bid.objects.filter(pk=bid.pk).update(told_at=None)
    assert left_in(case) == Decimal("12000")
    awarded(case, "12000")
    awarded(case, "12000")
    assert left_in(case) == Decimal(0)


def test_it_closes_itself_when_less_than_the_smallest_request_is_left(case, officer, client):
    awarded(case, "11000")
    assert look(case, officer).money_out_at is None
    awarded(case, "0.01")
    case = look(case, officer)
    assert case.money_out_at == clock.now()
    assert (case.takes_bids(), case.state_tag) == (False, ("Closed", "purple"))
    body = f.OrganisationFactory()
    assert open_to([body]) == []
    assert list(Round.objects.open_at(clock.now())) == []
    page = client.get(case.get_absolute_url()).content.decode()
    assert (OUT in page, "Start a bid" in page, "start a bid" in page) == (True, False, False)
    with pytest.raises(Refused, match="takes no bids now"):
        create_bid(round=case, applicant=body, title="Late", by=f.member(body))


def test_it_closes_when_the_bidder_is_told_and_opens_when_the_decision_is_withdrawn(case, officer):
    decision = decided(case, officer, "11500")
    case.refresh_from_db()
    assert case.money_out_at is None
    decisions.tell_bidders(decision=decision, by=officer)
    case.refresh_from_db()
    assert case.money_out_at == clock.now()
    perform(decision, "withdraw", by=officer, reason="Wrong paper.")
    case.refresh_from_db()
    assert case.money_out_at is None


def test_a_draft_is_told_why_it_cannot_be_submitted(case, officer):
    bid = f.BidFactory(round=case)
    signatory = f.member(bid.accountable_body, Role.SIGNATORY)
    awarded(case, "12000")
    look(case, officer)
    with pytest.raises(Refused, match=OUT):
        perform(Bid.objects.get(pk=bid.pk), "submit", by=signatory)


def test_it_opens_again_when_money_comes_back(case, officer):
    bid = awarded(case, "12000")
    assert look(case, officer).money_out_at is not None
    Bid.objects.filter(pk=bid.pk).update(amount_awarded=Decimal("9000"))
    assert look(case, officer).money_out_at is None
    assert case.takes_bids()


def test_more_money_opens_it_again(case, officer):
    awarded(case, "12000")
    look(case, officer)
    services.replace_budgets(case=case, amounts={2026: Decimal("20000")}, by=officer, reason="More from the fund")
    case.refresh_from_db()
    assert (case.money_out_at, left_in(case)) == (None, Decimal("8000"))


def test_a_round_with_a_closing_time_never_closes_by_its_money(officer):
    case = f.RoundFactory()
    awarded(case, "12000")
    case.budgets.update(amount=Decimal("12000"))
    assert look(case, officer).money_out_at is None


def test_everybody_reads_what_is_left(case, client):
    awarded(case, "4000")
    page = client.get(case.get_absolute_url()).content.decode()
    assert "£8,000.00 can still be awarded" in page
    assert "can still be awarded" not in client.get(f.RoundFactory().get_absolute_url()).content.decode()
