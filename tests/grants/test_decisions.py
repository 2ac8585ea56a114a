"""Deciding: awards that add up, who may decide, what it does to bids and ledger, telling, publishing, withdrawing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from casework import clock
from casework.audit.models import AuditEntry
from casework.outbox import Message
from casework.registry import work_for
from casework.snapshots import snapshots_of
from casework.workflow import NotPermitted, Refused, perform
from grants.assessment.models import GateResult
from grants.bids.models import Bid
from grants.decisions import services
from grants.decisions.models import Award, AwardYear, Decision, PublicationHold
from grants.decisions.services import Condition, Given
from grants.funds.ledger import OverBudget, Posting, differences, fund_year, post
from grants.funds.models import Account, LedgerEntry
from partnerships.organisations.models import OfficeIdentity
from partnerships.organisations.roles import Role, Seat
from partnerships.organisations.standing import forget_standing
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
REASONS = "Diversion reduces offending by young people."


@pytest.fixture
def officer():
    return f.officer()


@pytest.fixture
def commissioner():
    return f.officer(Role.COMMISSIONER)


@pytest.fixture
def round_(officer):
    """A published round whose fund has £155,000 this year in the ledger."""
    made = f.RoundFactory()
    budget(made.fund, "155000", officer)
    return made


def budget(fund, amount, by, year=2026):
    account = fund_year(fund, year)
    post([Posting(account, "budget", Decimal(amount))], cause="budget", key=f"budget:{account.pk}", by=by)
    return account


def assessed(round_, requested="12000", **values):
    return f.BidFactory(assessed=True, round=round_, amount_requested=Decimal(requested), **values)


def part(bid, amount="9000"):
    return Given(bid, "part", Decimal(amount), "Training is funded elsewhere.")


def decline(bid):
    return Given(bid, "decline", reason="It serves no outcome of the plan.")


def drafted(round_, officer, *awards, reasons=REASONS):
    decision = services.create_decision(round=round_, title="Grants of the year", by=officer)
    services.save_details(decision=decision, values={"reasons": reasons}, by=officer)
    services.save_awards(decision=decision, awards=awards, by=officer)
    return decision


def recommended(round_, officer, *awards):
    decision = drafted(round_, officer, *awards)
    return perform(decision, "recommend", by=officer).case


def made(round_, officer, commissioner, *awards, **values):
    decision = recommended(round_, officer, *awards)
    return services.make_decision(decision=decision, interests="None", by=commissioner, **values).case


def state_of(bid):
    return Bid.objects.get(pk=bid.pk).state


def committed(fund, year=2026):
    return Account.objects.get(fund=fund, year=year, kind="fund_year").committed


def test_one_decision_awards_in_part_declines_and_keeps_in_reserve(round_, officer, commissioner):
    OfficeIdentity.objects.create(
        organisation=f.office(), name="Office", decision_maker_title="Police and Crime Commissioner", starts=f.LONG_AGO
    )
    funded, refused, spare = assessed(round_), assessed(round_), assessed(round_)
    decision = made(round_, officer, commissioner, part(funded), decline(refused), Given(spare, "reserve", reason="Good, later."))
    assert decision.reference == "D-2026-001"
    assert (decision.state, decision.decided_by, decision.decided_as) == ("made", commissioner, "Police and Crime Commissioner")
    funded.refresh_from_db()
    assert (funded.state, funded.amount_awarded) == ("awarded", Decimal("9000.00"))
    assert funded.outcome_reason == "Training is funded elsewhere."
    assert (state_of(refused), state_of(spare)) == ("declined", "reserve")
    assert committed(round_.fund) == Decimal("9000.00")
    grant = Account.objects.get(file=funded.file)
    assert (grant.kind, grant.year, grant.committed) == ("grant_year", 2026, Decimal("9000.00"))
    entry = LedgerEntry.objects.get(account=grant)
    assert (entry.cause, entry.key) == ("D-2026-001", f"decision:{decision.pk}:v{decision.version}")
    notice = snapshots_of(decision).get()
    assert {award["amount"] for award in notice.data["awards"]} == {"9000.00", "0.00"}
    assert notice.declaration == "None"
    assert list(differences()) == []
    assert not Message.objects.filter(name="award-outcome").exists()


def test_an_award_in_full_is_the_amount_asked_for(round_, officer):
    bid = assessed(round_)
    decision = services.create_decision(round=round_, title="Grants", by=officer)
    with pytest.raises(Refused, match=r"the amount must be the £12,000.00 asked for, or choose to award in part"):
        services.save_awards(decision=decision, awards=[Given(bid, "full", Decimal("11000"), "Good.")], by=officer)
    services.save_awards(decision=decision, awards=[Given(bid, "full", Decimal("12000"), "Good.")], by=officer)
    assert Award.objects.get().years.get().amount == Decimal("12000.00")


@pytest.mark.parametrize("amount", ["0", "12000", "12000.01"])
def test_an_award_in_part_is_more_than_nothing_and_less_than_asked(round_, officer, amount):
    decision = services.create_decision(round=round_, title="Grants", by=officer)
    with pytest.raises(Refused, match=r"more than £0 and less than the £12,000.00 asked for"):
        services.save_awards(decision=decision, awards=[part(assessed(round_), amount)], by=officer)
    assert not Award.objects.exists()


def test_what_cannot_be_decided_is_refused_with_every_sentence(round_, officer):
    early, other = f.BidFactory(submitted=True, round=round_), assessed(f.RoundFactory())
    decision = services.create_decision(round=round_, title="Grants", by=officer)
    with pytest.raises(Refused) as refusal:
        services.save_awards(decision=decision, awards=[part(early), decline(other), Given(early, "decline")], by=officer)
    assert list(refusal.value.sentences) == [
        f"{early.reference}: “Award in part” cannot be decided for a bid that is submitted",
        f"{other.reference}: this bid is in another round",
        f"{early.reference}: “Decline” cannot be decided for a bid that is submitted",
        f"{early.reference}: enter the reason given to the bidder",
    ]


def test_an_ineligible_bid_can_only_be_declined(round_, officer, commissioner):
    bid = assessed(round_, state="ineligible")
    GateResult.objects.create(bid=bid, gate=round_.gates.get(), passed=False, reason="None seen.", by=officer, at=clock.now())
    decision = services.create_decision(round=round_, title="Grants", by=officer)
    with pytest.raises(Refused, match="cannot be decided for a bid that is not eligible"):
        services.save_awards(decision=decision, awards=[part(bid)], by=officer)
    done = made(round_, officer, commissioner, decline(bid))
    assert state_of(bid) == "declined"
    perform(done, "withdraw", by=officer, reason="The panel asks again.")
    again = services.create_decision(round=round_, title="Again", by=officer)
    with pytest.raises(Refused, match="“Award in part” cannot be decided"):
        services.save_awards(decision=again, awards=[part(bid)], by=officer)


def test_leaving_a_bid_out_and_changing_an_amount_are_audited(round_, officer):
    one, two = assessed(round_), assessed(round_)
    decision = drafted(round_, officer, part(one), decline(two))
    services.save_awards(decision=decision, awards=[part(one, "8000")], by=officer)
    assert [award.bid for award in Award.objects.all()] == [one]
    assert AwardYear.objects.get().amount == Decimal("8000.00")
    entries = AuditEntry.objects.filter(subject="grants.award").order_by("number")
    assert [entry.verb for entry in entries] == ["set the award", "set the award", "left the bid out", "set the award"]
    assert entries.last().changes["award"] == [["part", "9000.00"], ["part", "8000.00"]]


def test_years_are_split_as_asked_and_must_add_up(round_, officer, commissioner):
    budget(round_.fund, "50000", officer, year=2027)
    round_.budgets.create(year=2027, amount=Decimal("50000"))
    bid = assessed(round_)
    decision = drafted(round_, officer, part(bid, "9000.01"))
    award = decision.awards.get()
    terms = {"award": award, "kind": "grant", "kind_reason": "", "conditions": [], "by": officer}
    with pytest.raises(Refused, match="must add up to the award"):
        services.save_terms(**terms, years={2026: Decimal("5000"), 2027: Decimal("4000")})
    services.save_terms(**terms, years={2026: Decimal("5000"), 2027: Decimal("4000.01")})
    services.save_awards(decision=decision, awards=[part(bid, "4500")], by=officer)
    assert [row.amount for row in award.years.all()] == [Decimal("2500.00"), Decimal("2000.00")]
    perform(decision, "recommend", by=officer)
    services.make_decision(decision=decision, interests="None", by=commissioner)
    assert (committed(round_.fund, 2026), committed(round_.fund, 2027)) == (Decimal("2500.00"), Decimal("2000.00"))


def test_years_that_no_longer_add_up_stop_the_recommendation(round_, officer):
    decision = drafted(round_, officer, part(assessed(round_)))
    AwardYear.objects.update(amount=Decimal("8999.99"))
    with pytest.raises(Refused, match=r"the financial years add up to £8,999.99, not to the award of £9,000.00"):
        perform(decision, "recommend", by=officer)


def test_a_contribution_needs_its_reason_and_is_committed_alike(round_, officer, commissioner):
    bid = assessed(round_)
    decision = drafted(round_, officer, part(bid))
    award = decision.awards.get()
    years = {2026: Decimal("9000")}
    services.save_terms(
        award=award,
        kind="contribution",
        kind_reason="Two councils fund the same service.",
        years=years,
        conditions=[Condition("at_event", "The forum meets.", dt.date(2026, 12, 1))],
        by=officer,
    )
    perform(decision, "recommend", by=officer)
    services.make_decision(decision=decision, interests="None", by=commissioner)
    award.refresh_from_db()
    assert (award.kind, award.conditions.get().due) == ("contribution", dt.date(2026, 12, 1))
    assert committed(round_.fund) == Decimal("9000.00")


def test_a_decision_needs_reasons_and_a_bid(round_, officer):
    empty = services.create_decision(round=round_, title="Grants", by=officer)
    with pytest.raises(Refused) as refusal:
        perform(empty, "recommend", by=officer)
    assert list(refusal.value.sentences) == [
        "Add at least one bid to decide on",
        "Enter the reasons why this will secure, or contribute to securing, crime and disorder reduction",
    ]


def test_only_a_draft_is_changed_and_only_by_an_officer(round_, officer, commissioner):
    with pytest.raises(NotPermitted):
        services.create_decision(round=round_, title="Grants", by=commissioner)
    decision = recommended(round_, officer, part(assessed(round_)))
    with pytest.raises(NotPermitted):
        services.save_details(decision=decision, values={"reasons": "Others."}, by=officer)
    perform(decision, "revise", by=officer)
    services.save_details(decision=decision, values={"reasons": "Others."}, by=officer)


def test_an_officer_decides_within_their_limit_only(round_, officer):
    f.delegation(chief_executive="25000", commissioning_officer="5000")
    chief = f.officer(Role.CHIEF_EXECUTIVE)
    small, large = assessed(round_), assessed(round_, "40000")
    decision = recommended(round_, officer, part(small), Given(large, "full", Decimal("40000"), "Good."))
    with pytest.raises(Refused) as refusal:
        services.make_decision(decision=decision, interests="None", by=chief)
    assert list(refusal.value.sentences) == [
        "The scheme of delegation lets a chief executive decide awards of up to £25,000. "
        f"The award to {large.reference} is £40,000: ask the Commissioner to decide."
    ]
    assert (state_of(small), committed(round_.fund)) == ("assessed", Decimal("0.00"))
    perform(decision, "revise", by=officer)
    services.save_awards(decision=decision, awards=[part(small)], by=officer)
    perform(decision, "recommend", by=officer)
    assert services.make_decision(decision=decision, interests="None", by=chief).case.decided_as == "Chief executive"


def test_a_limit_for_the_fund_comes_before_one_for_any_fund_and_dates_count(round_, officer):
    scheme = f.delegation(chief_executive="25000")
    scheme.limits.create(role="chief_executive", fund=round_.fund, up_to=Decimal("1000"))
    chief = f.officer(Role.CHIEF_EXECUTIVE)
    decision = recommended(round_, officer, part(assessed(round_)))
    with pytest.raises(Refused, match="up to £1,000"):
        services.make_decision(decision=decision, interests="None", by=chief)
    scheme.ends = dt.date(2026, 10, 13)
    scheme.save()
    with pytest.raises(Refused, match="gives a chief executive no limit"):
        services.make_decision(decision=decision, interests="None", by=chief)


def test_a_finance_officer_decides_nothing(round_, officer):
    f.delegation(finance_officer="25000")
    decision = recommended(round_, officer, part(assessed(round_)))
    with pytest.raises(NotPermitted):
        services.make_decision(decision=decision, interests="None", by=f.officer(Role.FINANCE_OFFICER))


def test_whoever_recommended_does_not_decide(round_, officer):
    f.MembershipFactory(person=officer, organisation=f.office(), role=Role.COMMISSIONER)
    officer = type(officer).objects.get(pk=officer.pk)
    decision = recommended(round_, officer, part(assessed(round_)))
    with pytest.raises(Refused, match="You recommended this decision, so somebody else must make it"):
        services.make_decision(decision=decision, interests="None", by=officer)


def test_nobody_decides_for_a_body_they_serve(round_, officer, commissioner):
    bid = assessed(round_)
    decision = recommended(round_, officer, part(bid))
    f.MembershipFactory(person=commissioner, organisation=bid.applicant, role=Role.CHAIR, seat=Seat.CO_OPTED)
    commissioner = type(commissioner).objects.get(pk=commissioner.pk)
    with pytest.raises(Refused, match=f"You serve a body that {bid.reference} is for"):
        services.make_decision(decision=decision, interests="Chair", by=commissioner)
    commissioner.memberships.filter(role=Role.CHAIR).update(seat=Seat.OFFICE_SEAT)
    commissioner = type(commissioner).objects.get(pk=commissioner.pk)
    assert services.make_decision(decision=decision, interests="Chair", by=commissioner).case.state == "made"


def test_two_people_cannot_decide_the_same_bid(round_, officer, commissioner):
    bid = assessed(round_)
    first = drafted(round_, officer, part(bid))
    second = drafted(round_, f.officer(), decline(bid))
    perform(first, "recommend", by=officer)
    with pytest.raises(Refused, match=f"{bid.reference} is also in D-2026-001, which is recommended"):
        perform(second, "recommend", by=f.officer())
    Decision.objects.filter(pk=second.pk).update(state="recommended")
    with pytest.raises(Refused, match="is also in"):
        services.make_decision(decision=first, interests="None", by=commissioner)
    Decision.objects.filter(pk=second.pk).update(state="draft")
    services.make_decision(decision=first, interests="None", by=commissioner)
    with pytest.raises(Refused, match="“Decline” cannot be decided for a bid that is awarded"):
        perform(second, "recommend", by=f.officer())
    assert (state_of(bid), committed(round_.fund)) == ("awarded", Decimal("9000.00"))


def test_a_second_click_decides_nothing_twice(round_, officer, commissioner):
    decision = recommended(round_, officer, part(assessed(round_)))
    again = [
        services.make_decision(decision=decision, interests="None", by=commissioner, version=decision.version) for _ in range(2)
    ]
    assert [result.already_done for result in again] == [False, True]
    assert LedgerEntry.objects.filter(cause=decision.reference).count() == 2
    assert snapshots_of(decision).count() == 1


def test_passing_the_budget_needs_a_reason_and_the_permission(officer, commissioner):
    round_ = f.RoundFactory()
    budget(round_.fund, "10000", officer)
    f.delegation(chief_finance_officer="50000")
    one, two = assessed(round_), assessed(round_)
    decision = recommended(round_, officer, part(one, "8000"), part(two, "4000"))
    with pytest.raises(OverBudget, match=r"would commit £2,000.00 more than the budget"):
        services.make_decision(decision=decision, interests="None", by=commissioner)
    assert (state_of(one), Decision.objects.get().state, LedgerEntry.objects.count()) == ("assessed", "recommended", 1)
    given = {"interests": "None", "over_budget_reason": "Underspend is expected."}
    with pytest.raises(OverBudget):
        services.make_decision(decision=decision, by=f.officer(Role.CHIEF_FINANCE_OFFICER), **given)
    services.make_decision(decision=decision, by=commissioner, **given)
    account = Account.objects.get(fund=round_.fund, kind="fund_year")
    assert (account.committed, account.allowance) == (Decimal("12000.00"), Decimal("2000.00"))
    assert list(differences()) == []


def test_withdrawing_undoes_bids_and_ledger_by_new_entries(officer, commissioner):
    round_ = f.RoundFactory()
    budget(round_.fund, "10000", officer)
    funded, refused = assessed(round_), assessed(round_)
    decision = made(
        round_, officer, commissioner, part(funded, "11000"), decline(refused), over_budget_reason="Underspend is expected."
    )
    f.member(funded.applicant)
    services.tell_bidders(decision=decision, by=officer)
    told_at = Award.objects.get(bid=funded).told_at
    perform(decision, "withdraw", by=commissioner, reason="A figure was wrong.")
    funded.refresh_from_db()
    assert (funded.state, funded.amount_awarded, funded.outcome_reason) == ("assessed", None, "")
    assert state_of(refused) == "assessed"
    account = Account.objects.get(fund=round_.fund, kind="fund_year")
    assert (account.committed, account.allowance) == (Decimal("0.00"), Decimal("0.00"))
    assert sorted(entry.amount for entry in LedgerEntry.objects.filter(account=account, kind="committed")) == [-11000, 11000]
    assert list(differences()) == []
    assert Award.objects.get(bid=funded).told_at == told_at
    assert Message.objects.filter(name="award-withdrawn").count() == 1
    again = made(round_, officer, commissioner, part(funded, "5000"))
    assert again.state == "made"
    assert committed(round_.fund) == Decimal("5000.00")


def test_a_place_on_the_reserve_list_is_taken_up_and_given_back(round_, officer, commissioner):
    bid = assessed(round_)
    reserve = made(round_, officer, commissioner, Given(bid, "reserve", reason="Good, but the money is gone."))
    with clock.at(clock.now() + dt.timedelta(days=30)):
        award = made(round_, officer, commissioner, part(bid))
        with pytest.raises(Refused, match=f"has since been decided by {award.reference}"):
            perform(reserve, "withdraw", by=officer, reason="Tidying up.")
        perform(award, "withdraw", by=officer, reason="The project cannot start.")
    bid.refresh_from_db()
    assert (bid.state, bid.outcome_reason) == ("reserve", "Good, but the money is gone.")


def test_bidders_are_told_once_and_before_publication(round_, officer, commissioner):
    bid = assessed(round_)
    coordinator = f.member(bid.applicant)
    signatory = f.member(bid.accountable_body, Role.SIGNATORY)
    viewer = f.member(bid.applicant, Role.VIEWER)
    decision = drafted(round_, officer, part(bid))
    services.save_terms(
        award=decision.awards.get(),
        kind="grant",
        kind_reason="",
        years={2026: Decimal("9000")},
        conditions=[Condition("before_payment", "Safeguarding policy & insurance seen")],
        by=officer,
    )
    with pytest.raises(Refused, match="is draft, so there is nothing to tell yet"):
        services.tell_bidders(decision=decision, by=officer)
    perform(decision, "recommend", by=officer)
    decision = services.make_decision(decision=decision, interests="None", by=commissioner).case
    with pytest.raises(Refused, match=f"Tell the bidders first: {bid.reference}"):
        perform(decision, "publish", by=officer)
    with pytest.raises(NotPermitted):
        services.tell_bidders(decision=decision, by=commissioner)
    assert services.tell_bidders(decision=decision, by=officer, version=decision.version) == 1
    assert services.tell_bidders(decision=decision, by=officer, version=decision.version) == 0
    letters = Message.objects.filter(name="award-outcome")
    assert {letter.to for letter in letters} == {coordinator, signatory}
    assert viewer not in {letter.to for letter in letters}
    body = letters.first().body
    for words in ("award in part", "£9,000.00 of the £12,000.00", "Safeguarding policy & insurance seen (before payment)"):
        assert words in body
    assert f"/bids/{bid.reference}/" in body
    published = perform(decision, "publish", by=f.officer(Role.COMMUNICATIONS)).case
    assert published.published_at == clock.now()
    assert snapshots_of(decision).count() == 2


def test_publication_is_held_back_with_ground_and_approver(round_, officer, commissioner):
    bid = assessed(round_)
    decision = made(round_, officer, commissioner, part(bid))
    award = decision.awards.get()
    with pytest.raises(NotPermitted):
        services.hold_publication(award=award, part="place", ground="A refuge.", by=officer)
    hold = services.hold_publication(award=award, part="place", ground="A refuge.", by=commissioner)
    assert services.hold_publication(award=award, part="place", ground="A refuge.", by=commissioner) == hold
    with pytest.raises(Refused, match="Place: this is already held back"):
        services.hold_publication(award=award, part="place", ground="Another ground.", by=commissioner)
    serving = f.officer(Role.COMMISSIONER)
    f.MembershipFactory(organisation=bid.applicant, role=Role.VIEWER, person=serving)
    forget_standing(serving)
    for act in (
        lambda: services.hold_publication(award=award, part="all", ground="A refuge.", by=serving),
        lambda: services.lift_hold(hold=hold, by=serving),
    ):
        with pytest.raises(NotPermitted, match="You serve a body that"):
            act()
    services.tell_bidders(decision=decision, by=officer)
    perform(decision, "publish", by=officer)
    notice = snapshots_of(decision).last().data
    assert notice["awards"][0]["held_back"] == [{"part": "place", "ground": "A refuge."}]
    services.lift_hold(hold=hold, by=commissioner)
    assert PublicationHold.objects.get().lifted_at == clock.now()
    entry = AuditEntry.objects.get(verb="held back publication")
    assert (entry.reference, entry.statement.text) == (decision.reference, "A refuge.")
    assert services.hold_publication(award=award, part="place", ground="Again.", by=commissioner).pk != hold.pk


def test_a_recommended_bid_is_not_reassessed_and_its_round_not_cancelled(round_, officer):
    bid = assessed(round_)
    decision = recommended(round_, officer, part(bid))
    with pytest.raises(Refused, match="is recommended in D-2026-001"):
        perform(bid, "reopen_assessment", by=officer, reason="A figure was wrong.")
    with pytest.raises(Refused, match=r"D-2026-001 is recommended\. Withdraw it first"):
        perform(round_, "cancel", by=officer, reason="No money.")
    perform(decision, "revise", by=officer)
    assert perform(bid, "reopen_assessment", by=officer, reason="A figure was wrong.").case.state == "assessing"


def test_decisions_wait_for_the_right_people(round_, officer, commissioner):
    def steps(user):
        return [item.sentence for item in work_for(user) if item.reference in {"D-2026-001", round_.reference}]

    f.delegation(chief_executive="5000")
    chief = f.officer(Role.CHIEF_EXECUTIVE)
    bid = assessed(round_)
    assert steps(officer) == ["1 bid is assessed: write a decision"]
    decision = drafted(round_, officer, part(bid))
    assert steps(officer) == ["Complete the draft and recommend it"]
    perform(decision, "recommend", by=officer)
    assert (steps(officer), steps(chief)) == ([], [])
    assert steps(commissioner) == ["Read the recommendation and decide"]
    decision = services.make_decision(decision=decision, interests="None", by=commissioner).case
    assert steps(officer) == ["Tell the bidders: 1 not told yet"]
    services.tell_bidders(decision=decision, by=officer)
    assert steps(officer) == ["Publish the decision"]
    assert steps(f.officer(Role.COMMUNICATIONS)) == ["Publish the decision"]


@pytest.mark.database
def test_the_database_keeps_decisions_sound(round_, officer):
    decision = drafted(round_, officer, part(assessed(round_)))
    award = decision.awards.get()
    for broken in (
        lambda: Decision.objects.filter(pk=decision.pk).update(state="made"),
        lambda: Decision.objects.filter(pk=decision.pk).update(state="published"),
        lambda: Award.objects.filter(pk=award.pk).update(amount=0),
        lambda: Award.objects.filter(pk=award.pk).update(outcome="decline"),
        lambda: Award.objects.filter(pk=award.pk).update(kind="contribution"),
        lambda: Award.objects.create(decision=decision, bid=award.bid, outcome="decline", reason="Again."),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            broken()
