"""The ledger of pounds: totals worked out by hand, what is refused by a sentence, and what the database refuses behind it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from casework import clock
from casework.audit.models import AuditEntry
from casework.spine import open_file
from casework.workflow import NotPermitted, Refused
from grants.funds.ledger import OverBudget, Posting, differences, fund_year, grant_year, post
from grants.funds.services import move_to_match_reserve, set_budget
from grants.models import Account, LedgerEntry
from partnerships.organisations.roles import Role
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(noon):
    return f.officer()


@pytest.fixture
def fund(noon):
    return f.FundFactory(code="CDR", name="Crime and Disorder Reduction Grant fund")


def budgeted(fund, officer, amount, year=2026):
    return set_budget(fund=fund, year=year, amount=Decimal(amount), by=officer, reason="Agreed with the budget")


def grant(account, officer, amount, reference="CDR-2026-014"):
    """A grant's account with this much committed to it."""
    made = grant_year(open_file(reference), account)
    post([Posting(made, "committed", Decimal(amount))], cause=reference, key=f"award:{reference}", by=officer)
    made.refresh_from_db()
    return made


def move(account, kind, amount, officer, key):
    return post([Posting(account, kind, Decimal(amount))], cause="CDR-2026-014", key=key, by=officer)


def totals(account):
    account = Account.objects.get(pk=account.pk)
    return {kind: str(getattr(account, kind)) for kind in ("budget", "committed", "paid", "recovered")}


def test_one_grant_by_hand(fund, officer):
    pot = budgeted(fund, officer, "155000")
    first = grant(pot, officer, "9000.10", "CDR-2026-001")
    second = grant(pot, officer, "12000.20", "CDR-2026-002")
    move(first, "paid", "4500.05", officer, "paid:1")
    move(first, "recovered", "100.01", officer, "recovered:1")
    move(second, "committed", "-2000.20", officer, "variation:1")
    assert totals(first) == {"budget": "0.00", "committed": "9000.10", "paid": "4500.05", "recovered": "100.01"}
    assert totals(second) == {"budget": "0.00", "committed": "10000.00", "paid": "0.00", "recovered": "0.00"}
    # 9,000.10 + 12,000.20 - 2,000.20 = 19,000.10 on the pot that both draw on.
    assert totals(pot) == {"budget": "155000.00", "committed": "19000.10", "paid": "4500.05", "recovered": "100.01"}
    assert list(differences()) == []
    assert LedgerEntry.objects.count() == 11  # the budget, and five movements each on the grant and on its parent


def test_a_repeated_call_posts_nothing_more(fund, officer):
    account = grant(budgeted(fund, officer, "155000"), officer, "9000")
    first = move(account, "paid", "4500", officer, "paid:1")
    again = move(account, "paid", "4500", officer, "paid:1")
    assert [entry.pk for entry in again] == [entry.pk for entry in first]
    assert totals(account)["paid"] == "4500.00"
    assert totals(account.parent)["paid"] == "4500.00"


def test_what_falls_on_one_account_is_one_entry(fund, officer):
    pot = budgeted(fund, officer, "155000")
    one, two = grant_year(open_file("CDR-2026-001"), pot), grant_year(open_file("CDR-2026-002"), pot)
    both = [Posting(one, "committed", Decimal("9000")), Posting(two, "committed", Decimal("0.01"))]
    post(both, cause="D-2026-001", key="decision:1", by=officer)
    assert sorted((entry.account_id, entry.amount) for entry in LedgerEntry.objects.filter(kind="committed")) == sorted(
        [(one.pk, Decimal("9000.00")), (two.pk, Decimal("0.01")), (pot.pk, Decimal("9000.01"))]
    )


def test_commitments_above_the_budget_are_refused_with_a_sentence(fund, officer):
    pot = budgeted(fund, officer, "155000")
    grant(pot, officer, "150000", "CDR-2026-001")
    with pytest.raises(OverBudget) as caught:
        grant(pot, officer, "5000.01", "CDR-2026-002")
    assert caught.value.sentences[0].startswith(
        "This would commit £0.01 more than the budget of Crime and Disorder Reduction Grant fund 2026-27 (£155,000.00)."
    )
    assert totals(pot)["committed"] == "150000.00"
    post([Posting(pot, "allowance", Decimal("0.01"))], cause="D-2026-002", key="allowance:1", by=officer)
    grant(pot, officer, "5000.01", "CDR-2026-003")
    assert totals(pot)["committed"] == "155000.01"


def test_no_grant_is_paid_above_its_commitment(fund, officer):
    account = grant(budgeted(fund, officer, "155000"), officer, "9000")
    move(account, "paid", "9000", officer, "paid:1")
    with pytest.raises(Refused, match=r"This would pay £0\.01 more than is committed for"):
        move(account, "paid", "0.01", officer, "paid:2")
    with pytest.raises(Refused, match=r"This would recover £0\.01 more than was paid for"):
        move(account, "recovered", "9000.01", officer, "recovered:0")
    move(account, "recovered", "500", officer, "recovered:1")
    move(account, "paid", "500", officer, "paid:3")
    assert totals(account) == {"budget": "0.00", "committed": "9000.00", "paid": "9500.00", "recovered": "500.00"}


def test_a_commitment_is_not_taken_below_what_was_paid_or_below_nothing(fund, officer):
    account = grant(budgeted(fund, officer, "155000"), officer, "9000")
    move(account, "paid", "4500", officer, "paid:1")
    with pytest.raises(Refused, match="This would pay"):
        move(account, "committed", "-4500.01", officer, "variation:1")
    with pytest.raises(Refused, match="below nothing"):
        move(account, "paid", "-4500.01", officer, "paid:2")
    move(account, "committed", "-4500", officer, "variation:2")
    assert totals(account.parent)["committed"] == "4500.00"


@pytest.mark.database
@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"paid": Decimal("9000.01")}, "grants_account_paid_within_committed"),
        ({"budget": Decimal("-0.01")}, "grants_account_totals_not_negative"),
        ({"recovered": Decimal("0.01")}, "grants_account_recovered_within_paid"),
    ],
)
def test_behind_the_service_the_grants_account_refuses(fund, officer, change, name):
    account = grant(budgeted(fund, officer, "155000"), officer, "9000")
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Account.objects.filter(pk=account.pk).update(**change)
    assert list(differences()) == []


@pytest.mark.database
def test_behind_the_service_the_fund_refuses_what_passes_its_budget(fund, officer):
    pot = budgeted(fund, officer, "155000")
    with pytest.raises(IntegrityError, match="grants_account_committed_within_budget"), transaction.atomic():
        Account.objects.filter(pk=pot.pk).update(committed=Decimal("155000.01"))


@pytest.mark.database
def test_an_entry_of_nothing_and_an_entry_twice_are_refused(fund, officer):
    pot = budgeted(fund, officer, "155000")
    entry = LedgerEntry.objects.get()
    copied = {"account": pot, "kind": "budget", "on": entry.on, "cause": entry.cause, "by": officer, "at": entry.at}
    with pytest.raises(IntegrityError, match="grants_ledgerentry_not_zero"), transaction.atomic():
        LedgerEntry.objects.bulk_create([LedgerEntry(**copied, key="other", amount=Decimal(0))])
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.bulk_create([LedgerEntry(**copied, key=entry.key, amount=Decimal(1))])


def test_a_tampered_total_is_found(fund, officer):
    pot = budgeted(fund, officer, "155000")
    grant(pot, officer, "9000")
    assert list(differences()) == []
    Account.objects.filter(pk=pot.pk).update(committed=Decimal("8999.99"))
    [sentence] = differences()
    assert sentence.endswith("committed is £8,999.99, its entries add up to £9,000.00.")


def test_entries_say_when_why_and_who(fund, officer):
    account = grant(budgeted(fund, officer, "155000"), officer, "9000")
    post([Posting(account, "paid", Decimal(1))], cause="CDR-2026-014-P01", key="p", by=officer, on=dt.date(2026, 10, 1))
    paid = LedgerEntry.objects.get(account=account, kind="paid")
    assert (paid.cause, paid.by, paid.on, paid.file) == ("CDR-2026-014-P01", officer, dt.date(2026, 10, 1), account.file)
    committed = LedgerEntry.objects.get(account=account, kind="committed")
    assert (committed.on, committed.at) == (dt.date(2026, 10, 14), clock.now())


def test_a_budget_is_set_by_posting_the_difference(fund, officer):
    for amount in ("155000", "155000", "120000.50", "160000"):
        budgeted(fund, officer, amount)
    entries = LedgerEntry.objects.order_by("pk")
    assert [str(entry.amount) for entry in entries] == ["155000.00", "-34999.50", "39999.50"]
    assert {entry.cause for entry in entries} == {"CDR 2026-27"}
    assert totals(fund_year(fund, 2026))["budget"] == "160000.00"
    assert list(differences()) == []
    said = AuditEntry.objects.latest("number")
    assert (said.verb, said.changes["budget"], said.statement.text) == (
        "set the budget",
        ["120000.50", "160000.00"],
        "Agreed with the budget",
    )


def test_a_budget_is_not_set_below_what_is_committed(fund, officer):
    grant(budgeted(fund, officer, "155000"), officer, "9000")
    with pytest.raises(Refused, match=r"£9,000\.00 of .* is already committed, so its budget cannot be less than £9,000\.00\."):
        budgeted(fund, officer, "8999.99")
    assert totals(budgeted(fund, officer, "9000"))["budget"] == "9000.00"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"amount": Decimal("-1")}, "Enter an amount of £0 or more"),
        ({"amount": Decimal("0.005")}, "Amount must be an amount in pounds and whole pence"),
        ({"amount": Decimal("1000000000")}, "Enter an amount of £999,999,999.99 or less"),
        ({"reason": " "}, "Enter a reason"),
        ({"year": 26}, "Enter a financial year between 2000-01 and 2098-99"),
    ],
)
def test_a_budget_that_cannot_be_is_refused(fund, officer, changes, sentence):
    given = {"amount": Decimal("155000"), "reason": "Agreed", "year": 2026, **changes}
    with pytest.raises(Refused) as caught:
        set_budget(fund=fund, by=officer, **given)
    assert caught.value.sentences == (sentence,)
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.CHIEF_FINANCE_OFFICER, True),
        (Role.COMMISSIONING_OFFICER, True),
        (Role.FINANCE_OFFICER, False),
        (Role.COMMISSIONER, False),
        (Role.CHIEF_EXECUTIVE, False),
        (Role.AUDITOR, False),
        (Role.ADMINISTRATOR, False),
    ],
)
def test_who_sets_budgets(fund, officer, role, may):
    budgeted(fund, officer, "1000")
    person = f.officer(role)
    for act in (
        lambda: budgeted(fund, person, "155000"),
        lambda: move_to_match_reserve(fund=fund, year=2026, amount=Decimal(1), by=person, reason="Match"),
    ):
        if may:
            act()
        else:
            with pytest.raises(NotPermitted):
                act()


def test_what_is_not_awarded_is_kept_as_match(fund, officer):
    """Spring 2018: £155,000, just under half awarded (here £76,468), the rest held as match."""
    pot = budgeted(fund, officer, "155000")
    grant(pot, officer, "76468")
    given = {"fund": fund, "year": 2026, "by": officer, "reason": "Match for the Early Intervention Youth Fund"}
    with pytest.raises(Refused, match=r"Only £78,532\.00 of .* is not committed\."):
        move_to_match_reserve(**given, amount=Decimal("78532.01"))
    for _ in range(2):
        reserve = move_to_match_reserve(**given, amount=Decimal("78532"), key="form-1")
    assert (reserve.kind, str(reserve.budget)) == ("match_reserve", "78532.00")
    assert totals(pot)["budget"] == "76468.00"
    with pytest.raises(Refused, match=r"Only £0\.00 of"):
        move_to_match_reserve(**given, amount=Decimal("0.01"), key="form-2")
    matched = grant(reserve, officer, "10000", "CDR-2026-099")
    assert totals(matched.parent)["committed"] == "10000.00"
    assert totals(pot)["committed"] == "76468.00"
    assert list(differences()) == []


def test_the_worked_carry_forward(fund, officer):
    """A partnership's published figures for 2012/13: what its ledger must come to."""
    old = budgeted(fund, officer, "88343", year=2012)
    approved = grant(old, officer, "78532")
    move(approved, "committed", "-755", officer, "underspend")
    old.refresh_from_db()
    left = old.budget - old.committed
    assert left == Decimal("10566.00")
    new = budgeted(fund, officer, "45820", year=2013)
    carried = [Posting(old, "budget", -left), Posting(new, "budget", left)]
    post(carried, cause="CDR 2013-14", key="carried:2012", by=officer)
    post(carried, cause="CDR 2013-14", key="carried:2012", by=officer)
    assert totals(new)["budget"] == "56386.00"
    assert totals(old) == {"budget": "77777.00", "committed": "77777.00", "paid": "0.00", "recovered": "0.00"}
    assert list(differences()) == []
