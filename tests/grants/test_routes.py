"""Money without competition: a direct award, and grants that go on. Each has a published reason and passes every step that others pass."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from casework import clock
from casework.outbox import Message
from casework.snapshots import snapshots_of
from casework.workflow import NotPermitted, Refused, perform
from grants.agreements.continuing import continue_grant
from grants.assessment.services import Judged, record_gates
from grants.bids.begun import begin_for_body
from grants.bids.services import create_bid
from grants.decisions import services as deciding
from grants.decisions.services import Given
from grants.funds.ledger import OverBudget, Posting, differences, fund_year, post
from grants.models import Agreement, Bid, Decision, LedgerEntry, Offer
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants import granted
from tests.grants.bid_world import complete_bid, details, world
from tests.pages import opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
WHY = "No other body can reach these residents before the winter."


def budget(round_: Any, amount: str = "20000") -> None:
    by = f.officer(Role.CHIEF_FINANCE_OFFICER)
    post([Posting(fund_year(round_.fund, 2026), "budget", Decimal(amount))], cause="budget", key="budget", by=by)


@pytest.fixture
def place():
    made = world(route="direct", eligible_kinds=[])
    made.round.criteria.all().delete()
    budget(made.round)
    return made


def entered(place: Any, **values: Any) -> Bid:
    """Begun by the officer and filled with figures."""
    given = {"round": place.round, "applicant": place.partnership, "title": "Winter watch", "reason": WHY}
    bid = begin_for_body(by=place.officer, **(given | values))
    full = complete_bid(place)
    for name in ("summary", "category", "change", "starts", "ends", "amount_requested"):
        setattr(bid, name, getattr(full, name))
    bid.save()
    bid.outcomes.set(full.outcomes.all())
    bid.areas.set(full.areas.all())
    for rows in (full.lines, full.measures, full.milestones):
        rows.update(bid=bid)
    full.response.answers.update(response=bid.response)
    return Bid.objects.get(pk=bid.pk)


def gates(bid: Bid, by: Any) -> Bid:
    bid = perform(bid, "begin_assessment", by=by).case
    record_gates(bid=bid, results=[Judged(gate.pk, True) for gate in bid.round.gates.all()], by=by)
    return perform(Bid.objects.get(pk=bid.pk), "complete_assessment", by=by).case


def recommended(bid: Bid, by: Any, *, amount: str = "12000") -> Decision:
    decision = deciding.create_decision(round=bid.round, title=bid.title, by=by)
    deciding.save_details(decision=decision, values={"reasons": "Fewer burglaries."}, by=by)
    deciding.save_awards(decision=decision, awards=[Given(bid, "full", Decimal(amount), "It is needed.")], by=by)
    return perform(decision, "recommend", by=by).case


def test_an_officer_begins_a_direct_award_and_both_sides_write_it(place, sign_in):
    browser = sign_in(place.officer)
    page = opened(browser, place.round.get_absolute_url())
    assert "No bids are invited" in page
    assert f"/bids/direct/{place.round.reference}/" in page
    path = f"/bids/direct/{place.round.reference}/"
    given = {"applicant": place.partnership.pk, "title": "Winter watch", "reason": ""}
    refused = browser.post(path, given)
    assert refused.status_code == 422
    assert 'href="#id_reason"' in refused.content.decode()
    begun = browser.post(path, given | {"reason": WHY})
    bid = Bid.objects.get()
    assert begun.headers["Location"] == bid.get_absolute_url()
    assert (bid.applicant, bid.route_reason, bid.prepared_by) == (place.partnership, WHY, place.officer)
    assert WHY in Message.objects.get(to=place.coordinator).body
    assert WHY in opened(browser, bid.get_absolute_url(), queries=18)
    saved = browser.post(
        f"{bid.get_absolute_url()}details/",
        details(bid, summary="Watch.", category="demand", change="project", amount_requested="12000"),
    )
    assert saved.status_code == 302
    assert Bid.objects.get().summary == "Watch."
    assert sign_in(place.coordinator).get(f"{bid.get_absolute_url()}details/").status_code == 200


def test_it_passes_the_steps_that_others_pass(place, sign_in):
    bid = entered(place)
    assert "submit" not in [option.name for option in sign_in(place.officer).get(bid.get_absolute_url()).context["next"].options]
    bid = perform(bid, "submit", by=place.signatory).case
    assert snapshots_of(bid).get().data["route"] == {
        "name": "Direct award",
        "why": "Why there was no competition",
        "reason": WHY,
        "continues": "",
    }
    bid = gates(bid, place.officer)
    assert bid.state == "assessed"
    decision = recommended(bid, place.officer)
    made = deciding.make_decision(decision=decision, interests="None", by=f.officer(Role.COMMISSIONER)).case
    entries = LedgerEntry.objects.filter(cause=made.reference, account__kind="grant_year")
    assert [(entry.kind, entry.amount) for entry in entries] == [("committed", Decimal("12000"))]
    assert Offer.objects.get().state == "draft"
    deciding.tell_bidders(decision=made, by=place.officer)
    perform(made, "publish", by=place.officer)
    notice = sign_in(place.officer).get(f"{made.get_absolute_url()}notice/").content.decode()
    assert "Why there was no competition" in notice
    public = sign_in(place.coordinator).get(f"/register/{bid.reference}/").content.decode()
    assert "Direct award" in public
    assert WHY in public
    assert list(differences()) == []


def test_what_is_held_back_keeps_its_reason_back(place, sign_in):
    bid = gates(perform(entered(place), "submit", by=place.signatory).case, place.officer)
    commissioner = f.officer(Role.COMMISSIONER)
    made = deciding.make_decision(decision=recommended(bid, place.officer), interests="None", by=commissioner).case
    deciding.tell_bidders(decision=made, by=place.officer)
    deciding.hold_publication(award=made.awards.get(), part="recipient", ground="A refuge", by=commissioner)
    perform(Decision.objects.get(), "publish", by=place.officer)
    public = sign_in(place.coordinator).get(f"/register/{bid.reference}/").content.decode()
    assert "Direct award" in public
    assert WHY not in public


def test_the_budget_holds_for_a_direct_award_too(place):
    bids = [
        gates(perform(entered(place, title=f"Watch {n}"), "submit", by=place.signatory).case, place.officer) for n in range(2)
    ]
    commissioner = f.officer(Role.COMMISSIONER)
    deciding.make_decision(decision=recommended(bids[0], place.officer), interests="None", by=commissioner)
    with pytest.raises(OverBudget):
        deciding.make_decision(decision=recommended(bids[1], place.officer), interests="None", by=commissioner)


def test_nobody_else_begins_a_bid_there(place, sign_in):
    with pytest.raises(Refused, match="No bids are invited"):
        create_bid(round=place.round, applicant=place.partnership, title="Ours", by=place.coordinator)
    with pytest.raises(NotPermitted):
        begin_for_body(round=place.round, applicant=place.partnership, title="Ours", reason=WHY, by=place.coordinator)
    own = f.officer()
    f.MembershipFactory(person=own, organisation=place.partnership, role=Role.VIEWER)
    with pytest.raises(NotPermitted, match="You serve Huntingdonshire"):
        begin_for_body(round=place.round, applicant=place.partnership, title="Ours", reason=WHY, by=own)
    with pytest.raises(Refused, match="Bidders begin their own bids"):
        begin_for_body(round=f.RoundFactory(), applicant=place.partnership, title="Ours", reason=WHY, by=place.officer)
    page = sign_in(place.coordinator).get(place.round.get_absolute_url()).content.decode()
    assert "Start a bid" not in page
    assert "Nobody: the office begins each bid" in page


def test_a_draft_that_the_office_began_is_seen_by_both_sides_alone(place, sign_in):
    bid, other = entered(place), f.member(f.OrganisationFactory())
    assert sign_in(other).get(bid.get_absolute_url()).status_code == 404
    own_draft = complete_bid(place, title="A bid of their own")
    assert sign_in(place.officer).get(own_draft.get_absolute_url()).status_code == 404
    assert sign_in(place.officer).get(bid.get_absolute_url()).status_code == 200


@pytest.fixture
def going_on():
    """A grant of last year in force, and a round that continues grants into 2026."""
    with clock.at(dt.date(2025, 10, 14)):
        grant = granted.active()
    made = f.RoundFactory(reference="CON-2026", route="continuation", eligible_kinds=[], plan=grant.bid.round.plan)
    budget(made)
    return grant, made


def test_a_named_grant_goes_on_with_what_was_agreed(going_on, sign_in):
    grant, made = going_on
    officer, browser = grant.officer, sign_in(grant.officer)
    path = f"/agreements/continue/{made.reference}/"
    assert path in opened(browser, made.get_absolute_url())
    why = "A review this year would close the service before it is read."
    done = browser.post(path, {"agreement": grant.agreement.reference, "reason": why})
    bid = Bid.objects.get(round=made)
    assert done.headers["Location"] == bid.get_absolute_url()
    agreed = [(line.description, line.amount) for line in grant.agreement.lines.all()]
    assert [(line.description, line.asked) for line in bid.lines.all()] == agreed
    assert (bid.amount_requested, bid.starts, bid.ends) == (Decimal("9000"), dt.date(2026, 10, 1), dt.date(2027, 3, 31))
    assert [measure.target for measure in bid.measures.all()] == [measure.target for measure in grant.agreement.measures.all()]
    assert bid.continues == grant.bid
    with pytest.raises(Refused, match="is already continued in CON-2026"):
        continue_grant(agreement=grant.agreement, round=made, reason=why, by=officer)
    bid = gates(perform(bid, "submit", by=grant.signatory).case, officer)
    decision = recommended(bid, officer, amount="9000")
    f.delegation(chief_executive="50000")
    with pytest.raises(Refused, match="Commissioner decides on a continuation of named grants"):
        deciding.make_decision(decision=decision, interests="None", by=f.officer(Role.CHIEF_EXECUTIVE))
    decided = deciding.make_decision(decision=decision, interests="None", by=f.officer(Role.COMMISSIONER)).case
    deciding.tell_bidders(decision=decided, by=officer)
    perform(decided, "publish", by=officer)
    public = sign_in(grant.coordinator).get(f"/register/{bid.reference}/").content.decode()
    assert f"Continuation of named grants of {grant.bid.reference}" in public
    assert why in public
    assert Agreement.objects.count() == 1
    assert list(differences()) == []


def test_whoever_entered_a_small_award_does_not_decide_on_it():
    made = world(route="direct", tier="small", tier_reason="Low risk", minimum=Decimal(100), maximum=Decimal(5000))
    budget(made.round)
    f.delegation(commissioning_officer="5000")
    bid = f.BidFactory(
        assessed=True,
        round=made.round,
        applicant=made.partnership,
        route_reason=WHY,
        prepared_by=made.officer,
        amount_requested=Decimal("900"),
    )
    decision = f.DecisionFactory(round=made.round)
    deciding.save_awards(decision=decision, awards=[Given(bid, "full", Decimal("900"), "Good.")], by=made.officer)
    with pytest.raises(Refused, match=r"You entered .*, so somebody else must decide"):
        deciding.make_decision(decision=decision, interests="None", by=made.officer)
    assert deciding.make_decision(decision=decision, interests="None", by=f.officer()).case.state == "made"
