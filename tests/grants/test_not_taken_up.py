"""A published award whose partner never signs, or says no: the money goes back, the record stays."""

from __future__ import annotations

from decimal import Decimal

import pytest

from casework.outbox import Message
from casework.workflow import NotPermitted, Refused, perform
from grants.decisions import services
from grants.decisions.services import Given
from grants.funds.ledger import Posting, differences, fund_year, post
from grants.models import Account, Agreement, Award, Bid, Decision, LedgerEntry
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants import granted as g

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
WHY = "The council found other money."


def lapse(grant, by=None):
    return perform(Bid.objects.get(pk=grant.bid.pk), "lapse", by=by or grant.officer, reason=WHY).case


def committed(bid):
    """On the grant's account and on the fund's."""
    account = Account.objects.get(file=bid.file)
    return account.committed, account.parent.committed


@pytest.mark.parametrize("so_far", [g.offered, g.agreed, g.issued, g.accepted])
def test_what_was_committed_goes_back_by_new_entries_and_nothing_counts_any_longer(so_far):
    grant = so_far()
    assert committed(grant.bid) == (Decimal("9000"), Decimal("9000"))
    before = list(LedgerEntry.objects.values_list("pk", "amount"))
    bid = lapse(grant)
    assert (bid.state, bid.amount_awarded) == ("withdrawn", None)
    assert committed(bid) == (0, 0)
    assert list(differences()) == []
    assert list(LedgerEntry.objects.values_list("pk", "amount"))[: len(before)] == before
    added = LedgerEntry.objects.exclude(pk__in=[pk for pk, _ in before])
    assert sorted((row.kind, row.amount, row.account.year, bool(row.file_id)) for row in added) == [
        ("committed", Decimal("-9000"), 2026, False),
        ("committed", Decimal("-9000"), 2026, True),
    ]
    assert grant.offer.state == "withdrawn"
    assert set(Agreement.objects.values_list("state", flat=True)) <= {"withdrawn"}
    assert Decision.objects.get().state == "made"


def test_each_year_gets_back_what_came_from_it_and_the_allowance_above_the_budget_too():
    officer, commissioner = f.officer(), f.officer(Role.COMMISSIONER)
    round_ = f.RoundFactory()
    for year, amount in ((2026, "5000"), (2027, "3000")):
        account = fund_year(round_.fund, year)
        post([Posting(account, "budget", Decimal(amount))], cause="budget", key=f"budget:{year}", by=officer)
        round_.budgets.get_or_create(year=year, defaults={"amount": Decimal(amount)})
    bids = [f.BidFactory(round=round_, assessed=True) for _ in range(2)]
    decision = services.create_decision(round=round_, title="Grants", by=officer)
    services.save_details(decision=decision, values={"reasons": "Less crime."}, by=officer)
    given = [Given(bid, "part", Decimal(amount), "Good.") for bid, amount in zip(bids, ("7000", "1500"), strict=True)]
    services.save_awards(decision=decision, awards=given, by=officer)
    terms = {"kind": "grant", "kind_reason": "", "conditions": [], "by": officer}
    services.save_terms(award=decision.awards.get(bid=bids[0]), years={2026: Decimal("4000"), 2027: Decimal("3000")}, **terms)
    perform(decision, "recommend", by=officer)
    services.make_decision(decision=decision, interests="None", over_budget_reason="Underspend.", by=commissioner)

    def stand():
        return {row.year: (row.committed, row.allowance) for row in Account.objects.filter(fund=round_.fund, kind="fund_year")}

    assert stand() == {2026: (Decimal("5500"), Decimal("500")), 2027: (Decimal("3000"), Decimal("0"))}
    services.tell_bidders(decision=decision, by=officer)
    perform(Bid.objects.get(pk=bids[0].pk), "lapse", by=officer, reason=WHY)
    assert stand() == {2026: (Decimal("1500"), Decimal("0")), 2027: (Decimal("0"), Decimal("0"))}
    # Withdrawing the decision takes back the rest, and writes nobody that the award which lapsed is decided again.
    perform(decision, "withdraw", by=officer, reason="The wrong paper.")
    assert stand() == {2026: (Decimal("0"), Decimal("0")), 2027: (Decimal("0"), Decimal("0"))}
    assert list(differences()) == []
    assert [Bid.objects.get(pk=bid.pk).state for bid in bids] == ["withdrawn", "assessed"]


def test_the_partner_is_told_with_the_reason_and_reads_it_plainly(sign_in):
    grant = g.issued()
    lapse(grant)
    letters = Message.objects.filter(name="award-not-taken-up")
    assert {letter.to for letter in letters} == {grant.coordinator, grant.signatory}
    assert WHY in letters[0].body
    assert "£9,000.00" in letters[0].body
    client = sign_in(grant.coordinator)
    page = client.get(f"/bids/{grant.bid.reference}/").text
    assert "A grant was awarded and not taken up, so nothing is committed for it." in page
    assert "Recorded that the award was not taken up" in page
    assert "Not taken up" in page
    offer = client.get(f"/offers/{grant.offer.reference}/")
    assert "The award was not taken up, so this offer no longer counts." in offer.text
    agreement = client.get(f"/agreements/{grant.agreement.reference}/")
    assert agreement.status_code == 200
    assert "The award was not taken up, so this agreement does not count." in agreement.text
    assert client.get(f"/agreements/{grant.agreement.reference}/document/").status_code == 200


def test_a_draft_agreement_that_was_never_sent_stays_the_offices(sign_in):
    grant = g.agreed()
    lapse(grant)
    assert sign_in(grant.coordinator).get(f"/agreements/{grant.agreement.reference}/").status_code == 404
    assert sign_in(grant.officer).get(f"/agreements/{grant.agreement.reference}/").status_code == 200


def test_an_agreement_in_force_is_ended_instead(sign_in):
    grant = g.active()
    with pytest.raises(Refused, match=f"Agreement {grant.agreement.reference} is signed by both sides: end it instead"):
        lapse(grant)
    assert committed(grant.bid) == (Decimal("9000"), Decimal("9000"))
    for url in (f"/bids/{grant.bid.reference}/", f"/agreements/{grant.agreement.reference}/"):
        assert "Record as not taken up" not in sign_in(grant.officer).get(url).text


def test_who_does_not_know_of_the_award_yet_cannot_have_declined_it():
    grant = g.offered()
    Bid.objects.filter(pk=grant.bid.pk).update(told_at=None)
    with pytest.raises(Refused, match="The bidder does not know of the award yet"):
        lapse(grant)


def test_a_reason_and_somebody_without_an_interest():
    grant = g.offered()
    with pytest.raises(Refused, match="Enter a reason"):
        perform(grant.bid, "lapse", by=grant.officer)
    interested = f.officer(Role.COMMISSIONING_OFFICER)
    f.MembershipFactory(organisation=grant.bid.accountable_body, role=Role.VIEWER, person=interested)
    for person in (interested, grant.coordinator, grant.who(Role.FINANCE_OFFICER)):
        with pytest.raises(NotPermitted):
            lapse(grant, by=person)


@pytest.mark.parametrize("so_far", [g.offered, g.issued])
def test_the_offer_and_the_agreement_lead_to_the_step(sign_in, so_far):
    grant = so_far()
    case = Agreement.objects.filter(award=grant.award).first() or grant.offer
    client, step = sign_in(grant.officer), f"/bids/{grant.bid.reference}/lapse/"
    assert step in client.get(case.get_absolute_url()).text
    assert step not in sign_in(grant.coordinator).get(case.get_absolute_url()).text
    assert "goes back to the fund" in client.get(step).text
    assert client.post(step, {"reason": " "}).status_code == 422
    done = client.post(step, {"reason": WHY, "version": grant.bid.version}, follow=True)
    assert "Done: recorded that the award was not taken up." in done.text
    assert step not in client.get(case.get_absolute_url()).text


def test_the_decision_stays_and_says_so(sign_in):
    grant = g.offered()
    lapse(grant)
    page = sign_in(grant.officer).get(grant.award.decision.get_absolute_url()).text
    assert "Recorded as not taken up on" in page
    assert Award.objects.get().amount == Decimal("9000")


def test_the_bid_is_not_brought_back(sign_in):
    grant = g.offered()
    lapse(grant)
    with pytest.raises(Refused, match="begin a new bid"):
        perform(Bid.objects.get(pk=grant.bid.pk), "bring_back", by=grant.coordinator)


@pytest.mark.parametrize("held", [False, True])
def test_the_register_keeps_it_with_nothing_committed(client, held):
    grant = g.offered()
    Decision.objects.update(state="published", published_at="2026-10-14T12:00:00Z")
    other = f.AwardFactory(
        decision=grant.award.decision, bid=f.BidFactory(awarded=True, round=grant.bid.round), told_at="2026-10-14T12:00:00Z"
    )
    assert "2 awards, £18,000.00" in client.get("/register/").text
    lapse(grant)
    if held:
        grant.award.holds.create(part="all", ground="Safety", approved_by=grant.chief, at="2026-10-14T12:00:00Z")
    listed = client.get("/register/").text
    assert ("1 award, £9,000.00" if held else "2 awards, £9,000.00") in listed
    assert ("1 award withheld, £0.00" in listed) is held
    assert ("Not taken up" in listed) is not held
    page = client.get(f"/register/{grant.bid.reference}/")
    assert page.status_code == (404 if held else 200)
    assert ("Not taken up: recorded on 14 October 2026, so nothing is committed" in page.text) is not held
    assert "Not taken up:" not in client.get(f"/register/{other.bid.reference}/").text
