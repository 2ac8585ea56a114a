"""A place on the reserve list that a later decision takes up, and what its bidder knows meanwhile."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from casework import clock
from casework.workflow import perform
from grants.decisions import services
from grants.decisions.services import Given
from grants.funds.ledger import Posting, fund_year, post
from grants.models import Bid
from partnerships.organisations.roles import Role
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
NEXT_DAY = dt.date(2026, 10, 15)


@pytest.fixture
def people():
    return f.officer(), f.officer(Role.COMMISSIONER)


@pytest.fixture
def bid():
    bid = f.BidFactory(assessed=True, amount_requested=Decimal("12000"))
    account = fund_year(bid.round.fund, 2026)
    post([Posting(account, "budget", Decimal("155000"))], cause="budget", key="budget", by=f.officer())
    return bid


def made(bid, people, outcome, amount="0"):
    officer, commissioner = people
    decision = services.create_decision(round=bid.round, title="Grants", by=officer)
    services.save_details(decision=decision, values={"reasons": "Less crime."}, by=officer)
    given = Given(Bid.objects.get(pk=bid.pk), outcome, Decimal(amount), "A good bid.")
    services.save_awards(decision=decision, awards=[given], by=officer)
    perform(decision, "recommend", by=officer)
    return services.make_decision(decision=decision, interests="None", by=commissioner).case


def as_read(bid):
    """The bid as its coordinator reads it."""
    seen = Bid.objects.visible_to(f.member(bid.applicant)).get(pk=bid.pk)
    return seen.state, seen.amount_awarded


def test_telling_of_the_reserve_list_gives_no_later_award_away(bid, people):
    first = made(bid, people, "reserve")
    with clock.at(NEXT_DAY):
        second = made(bid, people, "part", "9000")
        services.tell_bidders(decision=first, by=people[0])
        assert as_read(bid) == ("assessed", None)
        services.tell_bidders(decision=second, by=people[0])
        assert as_read(bid) == ("awarded", Decimal("9000"))


def test_a_place_told_before_is_known_again_when_the_later_decision_is_withdrawn(bid, people):
    services.tell_bidders(decision=made(bid, people, "reserve"), by=people[0])
    assert as_read(bid) == ("reserve", None)
    with clock.at(NEXT_DAY):
        second = made(bid, people, "decline")
        perform(second, "withdraw", by=people[0], reason="Wrong paper.")
    assert as_read(bid) == ("reserve", None)
