"""Two people who decide at the same moment, on a database that lets them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from casework import clock
from casework.workflow import Refused, perform
from grants.bids.models import Bid
from grants.decisions import services
from grants.decisions.models import Decision
from grants.decisions.services import Given
from grants.funds.ledger import OverBudget, Posting, differences, fund_year, post
from grants.funds.models import Account
from partnerships.organisations.roles import Role
from tests import factories as f

pytestmark = [
    pytest.mark.database,
    pytest.mark.usefixtures("committed", "noon"),
    pytest.mark.postgresql,
]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run acts in threads that start together; each one's answer, or the refusal it met."""
    barrier = threading.Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def run(index: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=30)
            answers[index] = act()
        except Exception as error:  # noqa: BLE001 - the test looks at what was raised
            answers[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index, act)) for index, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def round_with(amount: str):
    round_ = f.RoundFactory()
    account = fund_year(round_.fund, 2026)
    post([Posting(account, "budget", Decimal(amount))], cause="budget", key="budget", by=f.officer())
    return round_


def drafted(round_, *awards):
    officer = f.officer()
    decision = services.create_decision(round=round_, title="Grants", by=officer)
    services.save_details(decision=decision, values={"reasons": "Less crime."}, by=officer)
    services.save_awards(decision=decision, awards=awards, by=officer)
    return decision


def test_two_awards_that_together_pass_the_budget(noon):
    round_ = round_with("155000")
    bids = [f.BidFactory(assessed=True, round=round_, amount_requested=Decimal("100000")) for _ in range(2)]
    decisions = [drafted(round_, Given(bid, "full", Decimal("100000"), "Good.")) for bid in bids]
    for decision in decisions:
        perform(decision, "recommend", by=f.officer())
    deciders = [f.officer(Role.COMMISSIONER), f.officer(Role.COMMISSIONER)]

    def make(decision, by):
        with clock.at(noon):
            return services.make_decision(decision=decision, interests="None", by=by).case.state

    answers = at_once(*(lambda d=d, by=by: make(d, by) for d, by in zip(decisions, deciders, strict=True)))
    assert "made" in answers, answers
    assert [type(answer) for answer in answers if answer != "made"] == [OverBudget], answers
    assert sorted(Decision.objects.values_list("state", flat=True)) == ["made", "recommended"]
    assert sorted(Bid.objects.values_list("state", flat=True)) == ["assessed", "awarded"]
    assert Account.objects.get(kind="fund_year").committed == Decimal("100000.00")
    assert list(differences()) == []


def test_two_recommendations_of_the_same_bid(noon):
    round_ = round_with("155000")
    bid = f.BidFactory(assessed=True, round=round_)
    first = drafted(round_, Given(bid, "decline", reason="No."))
    second = drafted(round_, Given(bid, "full", Decimal("12000"), "Yes."))
    people = [f.officer(), f.officer()]

    def recommend(decision, by):
        return perform(decision, "recommend", by=by).case.state

    answers = at_once(*(lambda d=d, by=by: recommend(d, by) for d, by in zip((first, second), people, strict=True)))
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == 1, answers
    assert f"{bid.reference} is also in" in refused[0].sentences[0]
    assert sorted(Decision.objects.values_list("state", flat=True)) == ["draft", "recommended"]
