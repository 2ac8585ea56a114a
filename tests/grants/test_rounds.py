"""Rounds made, changed, published and extended: who may, what is refused, what is kept."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from casework import clock, registry
from casework.audit.models import AuditEntry
from casework.spine import next_reference
from casework.workflow import NotPermitted, Refused, Stale, perform
from grants.models import Round, RoundBudget, RoundCriterion, RoundExtension
from grants.rounds import services
from grants.rounds.queries import bodies_that_may_start, closes_for
from partnerships.organisations.roles import Role
from tests import factories as f

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 10, 14, 11, 0, tzinfo=dt.UTC)  # 12 noon in London, summer time


@pytest.fixture
def officer(noon):
    return f.officer()


def details(**changes):
    """What a complete round is made of; £1,000 to £60,000 from 1 to 30 November 2026."""
    return {
        "title": "Crime and Disorder Reduction Grants",
        "plan": f.PlanFactory(),
        "legal_power": f.LegalPowerFactory(),
        "question_version": f.question_version(),
        "return_version": f.question_version("return"),
        "opens_at": clock.london(dt.date(2026, 11, 1), 9),
        "closes_at": clock.london(dt.date(2026, 11, 30), 12),
        "minimum": Decimal("1000"),
        "maximum": Decimal("60000"),
        "eligible_kinds": ["csp"],
        **changes,
    }


def ready_draft(officer, **changes):
    """A draft with everything that publishing asks for, made through the services."""
    case = services.create_round(fund=f.FundFactory(code="CDR"), year=2026, by=officer, **details(**changes))
    services.replace_budgets(case=case, amounts={2026: Decimal("155000")}, by=officer)
    services.replace_gates(case=case, texts=["The partnership has terms of reference"], by=officer)
    services.replace_criteria(
        case=case, rows=[{"name": "Fit", "guidance": "", "maximum": 4, "weight": 2, "threshold": 2}], by=officer
    )
    case.refresh_from_db()
    return case


def test_the_reference_is_fund_and_year_and_then_lettered(officer):
    fund, other, given = f.FundFactory(code="CDR"), f.FundFactory(code="MCF"), details()
    titles = [{**given, "title": f"Round {number}"} for number in range(3)]
    made = [services.create_round(fund=fund, year=2026, by=officer, **one).reference for one in titles]
    assert made == ["CDR-2026", "CDR-2026B", "CDR-2026C"]
    assert services.create_round(fund=fund, year=2027, by=officer, **given).reference == "CDR-2027"
    assert services.create_round(fund=other, year=2026, by=officer, **given).reference == "MCF-2026"


def test_a_reference_is_not_given_again_after_its_round_is_gone(officer):
    fund, given = f.FundFactory(code="CDR"), details()
    services.create_round(fund=fund, year=2026, by=officer, **given).delete()
    assert services.create_round(fund=fund, year=2026, by=officer, **given).reference == "CDR-2026B"


def test_the_letters_go_on_after_z():
    assert [services._letters(number) for number in (2, 26, 27, 28)] == ["B", "Z", "AA", "AB"]


def test_rounds_and_bids_are_numbered_apart(officer):
    services.create_round(fund=f.FundFactory(code="CDR"), year=2026, by=officer, **details())
    with transaction.atomic():
        assert next_reference("CDR-2026") == "CDR-2026-001"


@pytest.mark.parametrize("role", [Role.FINANCE_OFFICER, Role.ASSESSOR, Role.COMMISSIONER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_only_commissioning_officers_make_rounds(noon, role):
    with pytest.raises(NotPermitted):
        services.create_round(fund=f.FundFactory(), year=2026, by=f.officer(role), **details())
    assert not Round.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"minimum": Decimal("60000.01")}, "The largest request must be the same as or more than the smallest"),
        ({"closes_at": clock.london(dt.date(2026, 11, 1), 9)}, "The closing time must be after the opening time"),
        ({"tier": "small", "maximum": Decimal("5000")}, "Enter the reason for the lighter tier"),
        ({"tier": "small", "tier_reason": "Low risk"}, "The largest request must be £5,000 or less in the small tier"),
        ({"maximum": Decimal("1000000000")}, "Enter an amount of £999,999,999.99 or less"),
        ({"minimum": Decimal("-1")}, "Enter an amount of £0 or more"),
    ],
)
def test_a_round_that_cannot_be_is_refused_with_a_sentence(officer, changes, sentence):
    with pytest.raises(ValidationError) as caught:
        services.create_round(fund=f.FundFactory(), year=2026, by=officer, **details(**changes))
    assert caught.value.messages == [sentence]
    assert not Round.objects.exists()


@pytest.mark.database
@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"minimum": Decimal("60000.01")}, "grants_round_minimum_within_maximum"),
        ({"closes_at": clock.london(dt.date(2026, 10, 1))}, "grants_round_closes_after_opening"),
        ({"tier": "small"}, "grants_round_lighter_tier_has_reason"),
    ],
)
def test_the_database_refuses_it_too(noon, change, name):
    case = f.RoundFactory()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Round.objects.filter(pk=case.pk).update(**change)


@pytest.mark.database
def test_a_threshold_above_the_highest_score_is_refused_twice(officer):
    case = f.RoundFactory(draft=True)
    row = {"name": "Fit", "guidance": "", "maximum": 4, "weight": 1, "threshold": 5}
    with pytest.raises(ValidationError, match="The threshold must be the same as or less than the highest score"):
        services.replace_criteria(case=case, rows=[row], by=officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoundCriterion.objects.filter(round=case).update(threshold=5)
    assert [criterion.name for criterion in case.criteria.all()] == ["Fit with the plan", "Value for money"]


def test_editing_counts_the_version_and_audits_without_words(officer):
    case = f.RoundFactory(draft=True)
    edited = services.edit_round(case=case, by=officer, version=1, title="Safer streets", maximum=Decimal("70000"))
    assert (edited.title, edited.maximum, edited.version) == ("Safer streets", Decimal("70000.00"), 2)
    entry = AuditEntry.objects.latest("number")
    assert (entry.verb, entry.actor_id, entry.reference) == ("changed the round's details", officer.pk, case.reference)
    assert entry.changes["maximum"] == ["60000.00", "70000.00"]
    assert "Safer streets" not in str(entry.changes)


def test_editing_an_older_version_is_stale_and_changes_nothing(officer):
    case = f.RoundFactory(draft=True)
    services.edit_round(case=case, by=f.officer(name="Ada Other"), version=1, title="Hers")
    with pytest.raises(Stale, match="Ada Other"):
        services.edit_round(case=case, by=officer, version=1, title="His")
    case.refresh_from_db()
    assert case.title == "Hers"


@pytest.mark.parametrize("state", ["settled", "cancelled"])
def test_only_a_draft_or_a_published_round_is_changed(officer, state):
    case = f.RoundFactory(state=state)
    attempts = [
        lambda: services.edit_round(case=case, by=officer, title="Other"),
        lambda: services.replace_budgets(case=case, amounts={2026: Decimal(1)}, by=officer),
        lambda: services.replace_gates(case=case, texts=[], by=officer),
        lambda: services.replace_criteria(case=case, rows=[], by=officer),
    ]
    for attempt in attempts:
        with pytest.raises(NotPermitted):
            attempt()
    assert (case.budgets.get().amount, case.gates.count(), case.criteria.count()) == (Decimal("155000.00"), 1, 2)


def test_rows_are_replaced_in_place_and_only_changes_are_audited(officer):
    case = f.RoundFactory(draft=True)
    before = case.gates.get()
    services.replace_gates(case=case, texts=[before.text, "Accounts are in place"], by=officer)
    assert [gate.text for gate in case.gates.all()] == [before.text, "Accounts are in place"]
    assert case.gates.first().pk == before.pk
    services.replace_gates(case=case, texts=["Accounts are in place"], by=officer)
    assert [gate.text for gate in case.gates.all()] == ["Accounts are in place"]
    verbs = list(AuditEntry.objects.filter(subject="grants.roundgate").order_by("number").values_list("verb", flat=True))
    assert verbs == ["added a gate", "changed a gate", "removed a gate"]


def test_budgets_are_kept_by_year(officer):
    case = f.RoundFactory(draft=True)
    services.replace_budgets(case=case, amounts={2027: Decimal("1000.50"), 2026: Decimal("155000")}, by=officer)
    kept = case.budgets.get(year=2026).pk
    services.replace_budgets(case=case, amounts={2026: Decimal("9")}, by=officer)
    budget = case.budgets.get()
    assert (budget.pk, budget.year, budget.amount) == (kept, 2026, Decimal("9.00"))
    with pytest.raises(Refused, match="Enter a financial year between"):
        services.replace_budgets(case=case, amounts={26: Decimal("9")}, by=officer)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda case: case.gates.all().delete(), "Add at least one gate"),
        (lambda case: case.criteria.all().delete(), "Add at least one scored criterion"),
        (lambda case: case.budgets.all().delete(), "Enter how much is available in each financial year"),
        (lambda case: Round.objects.filter(pk=case.pk).update(eligible_kinds=[]), "Choose who may bid, by kind or by name"),
        (
            lambda case: Round.objects.filter(pk=case.pk).update(
                opens_at=NOON - dt.timedelta(days=2), closes_at=NOON - dt.timedelta(days=1)
            ),
            "Enter a closing time that is after the opening time and still to come",
        ),
    ],
)
def test_publishing_says_what_is_missing(officer, spoil, sentence):
    case = ready_draft(officer)
    spoil(case)
    with pytest.raises(Refused) as caught:
        perform(case, "publish", by=officer)
    assert list(caught.value.sentences) == [sentence]


def test_publishing_freezes_the_questions_once(officer):
    case = ready_draft(officer)
    early = NOON - dt.timedelta(days=100)
    type(case.return_version).objects.filter(pk=case.return_version_id).update(frozen_at=early)
    assert perform(case, "publish", by=officer, version=case.version).case.state == "published"
    case.question_version.refresh_from_db()
    case.return_version.refresh_from_db()
    assert (case.question_version.frozen_at, case.return_version.frozen_at) == (NOON, early)


def test_a_second_click_on_publish_changes_nothing(officer):
    case = ready_draft(officer)
    first = perform(case, "publish", by=officer, version=case.version)
    second = perform(case, "publish", by=officer, version=case.version)
    assert (first.already_done, second.already_done) == (False, True)
    assert first.case.version == second.case.version
    with pytest.raises(Stale):
        perform(case, "publish", by=f.officer(), version=case.version)


def test_a_round_is_settled_only_after_it_has_closed(officer):
    case = f.RoundFactory()
    with pytest.raises(Refused, match="Wait until the round has closed"):
        perform(case, "settle", by=officer)
    with clock.at(case.closes_at + dt.timedelta(minutes=1)):
        assert perform(case, "settle", by=officer).case.state == "settled"


def test_one_bidder_gets_more_time_and_the_others_do_not(officer, django_assert_num_queries):
    case, bidder, other = f.RoundFactory(), f.OrganisationFactory(), f.OrganisationFactory()
    later = case.closes_at + dt.timedelta(days=3)
    services.extend(case=case, organisation=bidder, closes_at=later, reason="Flooded", by=officer, version=1)
    with django_assert_num_queries(1):
        assert closes_for(case, bidder) == later
    assert closes_for(case, other) == case.closes_at
    assert closes_for(case, bidder.pk) == later
    case.refresh_from_db()
    assert case.version == 2
    latest = later + dt.timedelta(days=1)
    services.extend(case=case, organisation=bidder, closes_at=latest, reason="Still flooded", by=officer)
    assert closes_for(case, bidder) == latest
    assert RoundExtension.objects.count() == 1


def test_a_rolling_round_closes_for_nobody(noon, django_assert_num_queries):
    case = f.RoundFactory(rolling=True, closes_at=None)
    with django_assert_num_queries(0):
        assert closes_for(case, f.OrganisationFactory.build(pk=7)) is None


@pytest.mark.parametrize(
    ("case", "days", "kind", "sentence"),
    [
        ({}, 28, "csp", "Enter a closing time that is still to come and later than the round's own"),
        ({}, 40, "council", "is not one of those who may bid in this round"),
        ({"rolling": True, "closes_at": None}, 40, "csp", "decided as they arrive"),
    ],
)
def test_an_extension_that_makes_no_sense_is_refused(officer, case, days, kind, sentence):
    row, bidder = f.RoundFactory(**case), f.OrganisationFactory(kind=kind)
    with pytest.raises(Refused, match=sentence):
        services.extend(case=row, organisation=bidder, closes_at=NOON + dt.timedelta(days=days), reason="Ill", by=officer)
    assert not RoundExtension.objects.exists()


def test_an_extension_needs_a_reason_a_published_round_and_an_officer(officer):
    case, bidder = f.RoundFactory(), f.OrganisationFactory()
    later = {"organisation": bidder, "closes_at": NOON + dt.timedelta(days=40)}
    with pytest.raises(ValidationError):
        services.extend(case=case, **later, reason="  ", by=officer)
    with pytest.raises(NotPermitted):
        services.extend(case=case, **later, reason="Ill", by=f.officer(Role.FINANCE_OFFICER))
    with pytest.raises(NotPermitted):
        services.extend(case=f.RoundFactory(draft=True), **later, reason="Ill", by=officer)
    assert not RoundExtension.objects.exists()


def test_a_bid_is_started_while_the_round_takes_bids_or_by_extension(officer):
    case, bidder = f.RoundFactory(), f.OrganisationFactory()
    coordinator, viewer = f.member(bidder), f.member(bidder, Role.VIEWER)
    council = f.member(f.OrganisationFactory(council=True))
    assert bodies_that_may_start(case, coordinator) == [bidder]
    assert bodies_that_may_start(case, viewer) == []
    assert bodies_that_may_start(case, council) == []
    assert bodies_that_may_start(f.RoundFactory(draft=True), coordinator) == []
    with clock.at(case.closes_at):
        assert bodies_that_may_start(case, coordinator) == [bidder]
    services.extend(case=case, organisation=bidder, closes_at=NOON + dt.timedelta(days=40), reason="Ill", by=officer)
    neighbour = f.member(f.OrganisationFactory())
    with clock.at(case.closes_at + dt.timedelta(seconds=1)):
        assert bodies_that_may_start(case, coordinator) == [bidder]
        assert bodies_that_may_start(case, neighbour) == []


def test_work_waits_for_officers_and_for_those_who_write_bids(officer):
    draft, running = f.RoundFactory(draft=True), f.RoundFactory(title="Safer streets")
    f.RoundFactory(opens_at=NOON + dt.timedelta(days=1))
    f.RoundFactory(closes_at=NOON - dt.timedelta(minutes=1))
    f.RoundFactory(eligible_kinds=["voluntary"])
    mine = [item for item in registry.work_for(officer) if item.url.startswith("/rounds/")]
    assert [(item.reference, item.sentence) for item in mine] == [(draft.reference, "Finish this round and publish it")]
    body = f.OrganisationFactory()
    theirs = [item for item in registry.work_for(f.member(body)) if item.url.startswith("/rounds/")]
    words = "Write a bid for Safer streets, closes 11 November 2026 at 11am"
    assert [(item.reference, item.sentence, item.due) for item in theirs] == [(running.reference, words, dt.date(2026, 11, 11))]
    assert [item for item in registry.work_for(f.member(body, Role.VIEWER)) if item.url.startswith("/rounds/")] == []


def test_the_life_line_begins_with_the_round(noon):
    bid = f.BidFactory()
    step = registry.lifeline(bid.file, bid.prepared_by)[0]
    assert (step.name, step.state_label, step.status) == ("Round", "Published", "done")


def test_partners_see_what_was_published(noon):
    draft, published = f.RoundFactory(draft=True), f.RoundFactory()
    partner = f.member(f.OrganisationFactory())
    assert set(Round.objects.visible_to(partner)) == {published}
    assert set(Round.objects.visible_to(f.officer(Role.ASSESSOR))) == {draft, published}
    assert RoundBudget.objects.count() == 2
