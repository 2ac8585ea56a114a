"""Many people doing random things to many grants, and what must hold after every one of them.

Whatever happens: pounds are conserved, no state is skipped, no grant is paid above its commitment, nothing is committed above the budget
and what was allowed above it, and the audit chain and the ledger verify.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections import defaultdict
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from casework import clock
from casework.audit.chain import verify
from casework.audit.models import AuditEntry
from casework.workflow import Refused, case_models, definition, perform, transitions_of
from grants.agreements import services as agreements
from grants.assessment import services as assessing
from grants.decisions import services as deciding
from grants.funds import ledger
from grants.funds.services import set_budget
from grants.models import Account, Assessment, Bid, Decision, LedgerEntry, Obligation
from partnerships.organisations.roles import Role
from tests import factories as f

YEAR = 2026
BUDGET = Decimal("20000")
OFFICE = [
    Role.COMMISSIONING_OFFICER,
    Role.COMMISSIONING_OFFICER,
    Role.COMMISSIONER,
    Role.CHIEF_EXECUTIVE,
    Role.CHIEF_FINANCE_OFFICER,
    Role.FINANCE_OFFICER,
    Role.FINANCE_OFFICER,
    Role.ASSESSOR,
    Role.ASSESSOR,
    Role.AUDITOR,
]

USUAL = {
    ("bid", "draft"): ("submit", Role.SIGNATORY),
    ("bid", "returned"): ("submit", Role.SIGNATORY),
    ("bid", "assessing"): ("complete_assessment", Role.COMMISSIONING_OFFICER),
    ("decision", "draft"): ("recommend", Role.COMMISSIONING_OFFICER),
    ("decision", "recommended"): ("make", Role.COMMISSIONER),
    ("decision", "made"): ("publish", Role.COMMISSIONING_OFFICER),
    ("offer", "draft"): ("propose", Role.COORDINATOR),
    ("offer", "queried"): ("propose", Role.COORDINATOR),
    ("offer", "proposed"): ("agree", Role.COMMISSIONING_OFFICER),
    ("agreement", "draft"): ("issue", Role.COMMISSIONING_OFFICER),
    ("agreement", "issued"): ("accept", Role.SIGNATORY),
    ("agreement", "accepted"): ("countersign", Role.CHIEF_EXECUTIVE),
    ("agreement", "suspended"): ("resume", Role.COMMISSIONING_OFFICER),
    ("payment", "scheduled"): ("prepare", Role.FINANCE_OFFICER),
    ("payment", "prepared"): ("approve", Role.CHIEF_FINANCE_OFFICER),
    ("payment", "approved"): ("pay", Role.FINANCE_OFFICER),
    ("return", "scheduled"): ("open", Role.COMMISSIONING_OFFICER),
    ("return", "open"): ("waive", Role.COMMISSIONING_OFFICER),
}


def data_for(name: str, model: type, choice: int) -> dict[str, Any]:
    """What a step asks for beside its reason: something believable for every argument that any step takes."""
    today = clock.today()
    values = {
        "interests": "None",
        "decided_as": "Police and Crime Commissioner",
        "meeting": "",
        "over_budget_reason": "Underspend is expected." if choice % 2 else "",
        "clauses": [{"title": "Purpose", "text": "For the project."}],
        "accept_by": today + dt.timedelta(days=28),
        "declaration": "I have the authority to sign.",
        "ended_as": ("completed", "terminated")[choice % 2],
        "paid_on": today,
        "bacs_reference": f"BACS{choice}",
        "rag": ("green", "amber", "red")[choice % 3],
        "comment": "Seen.",
    }
    wanted = inspect.signature(getattr(model, name)).parameters
    return {key: values[key] for key in wanted if key in values}


class Office(RuleBasedStateMachine):
    """The whole office, two partnerships that share a council, and a fund that is too small for all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.day = dt.date(YEAR, 10, 14)

    @initialize()
    def open_the_office(self) -> None:
        with clock.at(self.day):
            self.people = [f.officer(role) for role in OFFICE]
            self.council = f.OrganisationFactory(council=True)
            self.partners = [f.OrganisationFactory() for _ in range(2)]
            for partner in self.partners:
                self.people.append(f.member(partner, Role.COORDINATOR))
            for role in (Role.SIGNATORY, Role.SIGNATORY, Role.FINANCE_SIGNATORY):
                self.people.append(f.member(self.council, role))
            self.round = f.RoundFactory(fund__code="CDR")
            chief = self.people[4]
            set_budget(fund=self.round.fund, year=YEAR, amount=BUDGET, by=chief, reason="Approved budget")
            f.delegation(chief_executive="10000", commissioning_officer="5000")
            for partner in self.partners:
                f.BidFactory(round=self.round, applicant=partner, accountable_body=self.council)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def cases(self) -> list[Any]:
        return [case for model in case_models() for case in model._default_manager.order_by("pk")]

    @precondition(lambda self: Bid.objects.count() < 4)
    @rule(which=st.integers(0, 1))
    def write_a_bid(self, which: int) -> None:
        with clock.at(self.day):
            f.BidFactory(round=self.round, applicant=self.partners[which], accountable_body=self.council)

    @rule(days=st.sampled_from([1, 30, 120]))
    def let_time_pass(self, days: int) -> None:
        self.day = min(self.day + dt.timedelta(days=days), dt.date(YEAR + 1, 9, 1))

    @rule(who=st.integers(0, 99), what=st.integers(0, 999), step=st.integers(0, 99))
    def try_anything(self, who: int, what: int, step: int) -> None:
        """Anybody tries any step on any case."""
        cases = self.cases()
        case, person = cases[what % len(cases)], self.people[who % len(self.people)]
        offered = [
            name
            for name, method in transitions_of(type(case)).items()
            if next(iter(method._django_fsm.transitions.values())).custom["offered"]
        ]
        self._perform(case, offered[step % len(offered)], person, step)

    @rule(choices=st.lists(st.integers(0, 999), min_size=4, max_size=16))
    def go_on(self, choices: list[int]) -> None:
        """Cases take their usual next step by somebody who usually takes it, one after another, so that grants get somewhere."""
        for choice in choices:
            waiting = [case for case in self.cases() if (case.noun, case.state) in USUAL]
            if waiting:
                case = waiting[choice % len(waiting)]
                name, role = USUAL[case.noun, case.state]
                self._perform(case, name, self._somebody(role, case, choice), choice)

    def _somebody(self, role: str, case: Any, choice: int) -> Any:
        holders = [person for person in self.people if role in person.memberships.values_list("role", flat=True)]
        if role == Role.COORDINATOR:
            holders = [person for person in holders if person.memberships.filter(organisation=case.bid.applicant_id).exists()]
        return holders[choice % len(holders)]

    @precondition(lambda self: Bid.objects.filter(state__in=["submitted", "assessing"]).exists())
    @rule(passes=st.sampled_from([True, True, True, False]), score=st.integers(0, 4))
    def assess(self, passes: bool, score: int) -> None:
        """Assessors are assigned, declare, judge the gates and score; the officer moderates."""
        officer, assessors = self.people[0], self.people[7:9]
        with clock.at(self.day):
            for bid in Bid.objects.filter(state__in=["submitted", "assessing"]):
                with suppress(Refused, ValidationError):
                    self._assess(bid, officer, assessors, passes=passes, score=score)

    def _assess(self, bid: Bid, officer: Any, assessors: list[Any], *, passes: bool, score: int) -> None:
        for assessor in assessors:
            if not bid.assessments.filter(assessor=assessor).exists():
                assessing.assign(bid=bid, assessor=assessor, due=self.day, by=officer)
        for assessment in Assessment.objects.filter(bid=bid, state="assigned"):
            assessing.declare_no_interest(assessment=assessment, by=assessment.assessor)
        results = [
            assessing.Judged(gate.pk, passed=passes, reason="" if passes else "No terms") for gate in bid.round.gates.all()
        ]
        assessing.record_gates(bid=bid, results=results, by=officer)
        for assessment in Assessment.objects.filter(bid=bid, state="assigned"):
            given = [assessing.Scored(row.pk, score=score, reason="Because.") for row in bid.round.criteria.all()]
            assessing.save_scores(assessment=assessment, scores=given, by=assessment.assessor)
            perform(assessment, "submit_scores", by=assessment.assessor)
        assessing.moderate(bid=bid, scores={row.pk: score for row in bid.round.criteria.all()}, reason="Agreed.", by=officer)

    @precondition(
        lambda self: Bid.objects.filter(state="assessed").exists() and Decision.objects.filter(state="draft").count() < 2
    )
    @rule(amounts=st.lists(st.sampled_from([0, 1, 2500, 9000, 11999, 12000, 12001]), min_size=4, max_size=4))
    def draft_a_decision(self, amounts: list[int]) -> None:
        officer = self.people[0]
        with clock.at(self.day), suppress(Refused, ValidationError):
            decision = deciding.create_decision(round=self.round, title="Awards", by=officer)
            deciding.save_details(decision=decision, by=officer, values={"reasons": "It reduces crime.", "summary": "Awards."})
            rows = []
            for bid, amount in zip(Bid.objects.filter(state__in=["assessed", "reserve"]), amounts, strict=False):
                outcome = "decline" if amount == 0 else "full" if amount == bid.amount_requested else "part"
                rows.append(deciding.Given(bid=bid, outcome=outcome, amount=Decimal(amount), reason="As agreed."))
            deciding.save_awards(decision=decision, awards=rows, by=officer)

    @precondition(lambda self: Decision.objects.filter(state="made").exists())
    @rule()
    def tell_the_bidders(self) -> None:
        with clock.at(self.day):
            for decision in Decision.objects.filter(state="made"):
                deciding.tell_bidders(decision=decision, by=self.people[0])

    @precondition(lambda self: Obligation.objects.filter(met_at=None, waived_at=None).exists())
    @rule(what=st.integers(0, 99), waive=st.booleans())
    def settle_an_obligation(self, what: int, waive: bool) -> None:
        owed = list(Obligation.objects.filter(met_at=None, waived_at=None).exclude(kind="return"))
        if owed:
            with clock.at(self.day), suppress(Refused, ValidationError):
                agreements.settle(
                    obligation=owed[what % len(owed)], outcome="waived" if waive else "met", words="Seen it", by=self.people[0]
                )

    def _perform(self, case: Any, name: str, person: Any, choice: int) -> None:
        with clock.at(self.day), suppress(Refused, ValidationError):
            perform(case, name, by=person, reason="A reason.", **data_for(name, type(case), choice))

    @invariant()
    def pounds_are_conserved(self) -> None:
        assert list(ledger.differences()) == []
        entries: dict[tuple[Any, str], Decimal] = defaultdict(Decimal)
        for entry in LedgerEntry.objects.select_related("account"):
            place = "grants" if entry.account.file_id else "fund"
            entries[place, entry.kind] += entry.amount
        for kind in ("committed", "paid", "recovered"):
            assert entries["grants", kind] == entries["fund", kind]

    @invariant()
    def nothing_goes_above_its_limit(self) -> None:
        for account in Account.objects.all():
            assert account.paid - account.recovered <= account.committed
            if account.file_id is None:
                assert account.committed <= account.budget + account.allowance
        for bid in Bid.objects.filter(state="awarded"):
            committed = sum(account.committed for account in Account.objects.filter(file=bid.file))
            assert committed <= bid.amount_awarded <= bid.amount_requested
        for bid in Bid.objects.filter(lapsed_at__isnull=False):
            assert sum(account.committed for account in Account.objects.filter(file=bid.file)) == 0

    @invariant()
    def no_state_is_skipped(self) -> None:
        last: dict[tuple[str, int], str] = {}
        for entry in AuditEntry.objects.exclude(source="").order_by("number"):
            place = (entry.subject, entry.object_id)
            assert last.get(place, entry.source) == entry.source
            last[place] = entry.target
        for case in self.cases():
            moved = last.get((case._meta.label_lower, case.pk))
            assert moved is None or moved == case.state
        self._every_move_is_declared()

    def _every_move_is_declared(self) -> None:
        models = {model._meta.label_lower: model for model in case_models()}
        for subject, verb, source, target in set(
            AuditEntry.objects.exclude(source="").values_list("subject", "verb", "source", "target")
        ):
            step = definition(getattr(models[subject], verb), source)
            assert step is not None
            assert step.target == target

    @invariant()
    def the_chain_holds(self) -> None:
        assert verify() is None


def run(examples: int, steps: int) -> None:
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Office,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=quiet, database=None
        ),
    )


@pytest.mark.django_db
def test_a_few_people_for_a_short_while():
    run(examples=4, steps=30)


@pytest.mark.deep
@pytest.mark.django_db
def test_many_people_for_a_long_while():
    run(examples=40, steps=60)
