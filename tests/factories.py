"""Boring rows for tests, each in a fixed, named state. No randomness; what a test cares about it says itself."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.models import User
from casework import clock
from casework.snapshots import take_snapshot
from casework.spine import GrantFile
from grants.agreements.states import UNISSUED
from grants.agreements.text import agreement_text
from grants.models import (
    Account,
    Agreement,
    AgreementLine,
    AgreementMeasure,
    AgreementMilestone,
    Assessment,
    Award,
    AwardYear,
    Bid,
    BidLine,
    BidMeasure,
    BidMilestone,
    Decision,
    DelegationLimit,
    DelegationVersion,
    Expression,
    Fund,
    Instalment,
    Obligation,
    Offer,
    OfferLine,
    OfferMeasure,
    Round,
    RoundBudget,
    RoundCriterion,
    RoundGate,
)
from monitoring.models import Return, ReturnLine, ReturnMeasure, ReturnMilestone
from partnerships.models import Area, LegalPower, MeasureDefinition, Membership, Organisation, Outcome, Plan, Theme
from partnerships.organisations.roles import Role
from questionnaires.models import Question, QuestionSet, QuestionSetVersion, Response, Section

LONG_AGO = dt.date(2015, 4, 1)
PASSWORD = "community-safety"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password(PASSWORD)


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = Organisation

    key = factory.Sequence(lambda n: f"body-{n}")
    name = factory.Sequence(lambda n: f"Body {n}")
    short_name = factory.LazyAttribute(lambda o: o.name)
    kind = Organisation.Kind.CSP
    starts = LONG_AGO

    class Params:
        council = factory.Trait(kind=Organisation.Kind.COUNCIL, vendor_number="V1000")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    person = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Role.COORDINATOR
    starts = LONG_AGO


def office() -> Organisation:
    """The one office."""
    return Organisation.objects.get_or_create(
        key="office",
        defaults={
            "name": "Office of the Commissioner",
            "short_name": "The office",
            "kind": Organisation.Kind.OFFICE,
            "starts": LONG_AGO,
        },
    )[0]


def officer(role: str = Role.COMMISSIONING_OFFICER, **person: Any) -> User:
    """Somebody of the office in a role."""
    return MembershipFactory(organisation=office(), role=role, person=UserFactory(**person)).person


def member(organisation: Organisation, role: str = Role.COORDINATOR, **person: Any) -> User:
    """Somebody who serves a body in a role."""
    return MembershipFactory(organisation=organisation, role=role, person=UserFactory(**person)).person


class PlanFactory(DjangoModelFactory):
    class Meta:
        model = Plan

    key = factory.Sequence(lambda n: f"plan-{n}")
    title = "Police and Crime Plan"
    starts = LONG_AGO


class OutcomeFactory(DjangoModelFactory):
    class Meta:
        model = Outcome

    theme = factory.LazyAttribute(
        lambda o: Theme.objects.get_or_create(
            key="communities",
            defaults={"name": "Communities", "plan": Plan.objects.first() or PlanFactory()},
        )[0]
    )
    key = factory.Sequence(lambda n: f"outcome-{n}")
    name = "Communities have confidence in how we respond to their needs"


class MeasureDefinitionFactory(DjangoModelFactory):
    class Meta:
        model = MeasureDefinition

    outcome = factory.SubFactory(OutcomeFactory)
    key = factory.Sequence(lambda n: f"measure-{n}")
    name = "Young people who take part"
    unit = "individuals"
    direction = "up"
    aggregation = "total"


class LegalPowerFactory(DjangoModelFactory):
    class Meta:
        model = LegalPower

    key = factory.Sequence(lambda n: f"power-{n}")
    name = "Crime and disorder reduction grant"
    statute = "Police Reform and Social Responsibility Act 2011, section 9"
    asks = "Why will this secure, or contribute to securing, crime and disorder reduction?"
    publication = "3f"
    starts = LONG_AGO


class FundFactory(DjangoModelFactory):
    class Meta:
        model = Fund

    key = factory.Sequence(lambda n: f"fund-{n}")
    code = factory.Sequence(lambda n: f"F{n}")
    name = factory.Sequence(lambda n: f"Fund {n}")
    source = Fund.Source.CORE
    cost_centre = "CC100"
    gl_code = "4000"


def question_version(key: str = "bid", *, questions: tuple[str, ...] = ("need",), max_words: int = 50) -> QuestionSetVersion:
    """A set with one section of long-text questions."""
    question_set = QuestionSet.objects.get_or_create(
        key=key, defaults={"name": key.capitalize(), "purpose": "return" if key == "return" else "bid"}
    )[0]
    version = QuestionSetVersion.objects.create(question_set=question_set, number=question_set.versions.count() + 1)
    section = Section.objects.create(version=version, key="project", title="Your project")
    for order, name in enumerate(questions):
        Question.objects.create(
            section=section, key=name, kind=Question.Kind.LONG_TEXT, text=f"What is the {name}?", max_words=max_words, order=order
        )
    return version


class RoundFactory(DjangoModelFactory):
    """A published round that takes bids around the pinned clock, with one gate, two criteria and £155,000 for the year."""

    class Meta:
        model = Round
        skip_postgeneration_save = True

    reference = factory.Sequence(lambda n: f"CDR-{1000 + n}")
    created_at = factory.LazyFunction(clock.now)
    title = "Crime and Disorder Reduction Grants"
    fund = factory.SubFactory(FundFactory)
    plan = factory.LazyAttribute(lambda o: Plan.objects.first() or PlanFactory())
    legal_power = factory.SubFactory(LegalPowerFactory)
    question_version = factory.LazyFunction(question_version)
    return_version = factory.LazyFunction(lambda: question_version("return", questions=("progress",)))
    opens_at = factory.LazyFunction(lambda: clock.now() - dt.timedelta(days=7))
    closes_at = factory.LazyFunction(lambda: clock.now() + dt.timedelta(days=28))
    minimum = Decimal("1000")
    maximum = Decimal("60000")
    eligible_kinds = factory.LazyFunction(lambda: ["csp", "delivery_group"])
    state = "published"

    class Params:
        draft = factory.Trait(state="draft")
        expressed = factory.Trait(
            route="expression", expressions_until=factory.LazyFunction(lambda: clock.now() + dt.timedelta(days=7))
        )

    @factory.post_generation
    def parts(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        RoundBudget.objects.create(round=self, year=clock.financial_year(clock.today()), amount=Decimal("155000"))
        RoundGate.objects.create(round=self, text="The partnership has terms of reference")
        RoundCriterion.objects.create(round=self, name="Fit with the plan", maximum=4, weight=2, order=1)
        RoundCriterion.objects.create(round=self, name="Value for money", maximum=4, weight=1, order=2)


class ExpressionFactory(DjangoModelFactory):
    """A complete draft about £12,000 by a CSP, in a round that takes expressions for a week from now; `state` may be given."""

    class Meta:
        model = Expression
        skip_postgeneration_save = True

    round = factory.SubFactory(RoundFactory, expressed=True)
    reference = factory.LazyAttributeSequence(lambda o, n: f"{o.round.reference}-E{n:02d}")
    created_at = factory.LazyFunction(clock.now)
    applicant = factory.SubFactory(OrganisationFactory)
    title = factory.Sequence(lambda n: f"Safer streets {n}")
    summary = "Evening patrols and better light, so that people feel safe on their way home."
    amount = Decimal("12000")
    starts = factory.LazyFunction(lambda: dt.date(clock.financial_year(clock.today()) + 1, 4, 1))
    lead = "The partnership's manager"
    partners = "The parish councils"
    prepared_by = factory.SubFactory(UserFactory)
    state = "draft"

    class Params:
        submitted = factory.Trait(
            state="submitted", submitted_by=factory.SelfAttribute("prepared_by"), submitted_at=factory.LazyFunction(clock.now)
        )

    @factory.post_generation
    def parts(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        self.outcomes.add(Outcome.objects.filter(theme__plan=self.round.plan).first() or OutcomeFactory())
        self.areas.add(AreaFactory())


class AreaFactory(DjangoModelFactory):
    class Meta:
        model = Area
        django_get_or_create = ("key",)

    key = "huntingdonshire"
    name = "Huntingdonshire"
    gss = "E07000011"


class BidFactory(DjangoModelFactory):
    """A complete draft of £12,000 by a CSP, accounted for by a council; `state` and its companions may be given."""

    class Meta:
        model = Bid
        skip_postgeneration_save = True

    round = factory.SubFactory(RoundFactory)
    reference = factory.Sequence(lambda n: f"CDR-2000-{n:03d}")
    file = factory.LazyAttribute(lambda o: GrantFile.objects.create(reference=o.reference, opened_at=clock.now()))
    created_at = factory.LazyFunction(clock.now)
    applicant = factory.SubFactory(OrganisationFactory)
    accountable_body = factory.SubFactory(OrganisationFactory, council=True)
    delivery_body = factory.SelfAttribute("applicant")
    title = "Transforming Lives"
    summary = "Two diversionary programmes for young people."
    category = "demand"
    change = "project"
    starts = factory.LazyFunction(lambda: dt.date(clock.financial_year(clock.today()), 4, 1))
    ends = factory.LazyFunction(lambda: dt.date(clock.financial_year(clock.today()) + 1, 3, 31))
    amount_requested = Decimal("12000")
    response = factory.LazyAttribute(lambda o: Response.objects.create(version=o.round.question_version))
    prepared_by = factory.SubFactory(UserFactory)
    state = "draft"

    class Params:
        submitted = factory.Trait(
            state="submitted",
            submitted_by=factory.SubFactory(UserFactory),
            submitted_at=factory.LazyFunction(clock.now),
            terms_accepted=True,
        )
        assessing = factory.Trait(submitted=True, state="assessing")
        assessed = factory.Trait(submitted=True, state="assessed")
        awarded = factory.Trait(
            submitted=True, state="awarded", amount_awarded=Decimal("9000"), told_at=factory.LazyFunction(clock.now)
        )

    @factory.post_generation
    def parts(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if extracted is False:
            return
        for question in Question.objects.filter(section__version=self.round.question_version):
            self.response.answers.create(question_key=question.key, value="Words that answer the question.")
        self.outcomes.add(Outcome.objects.filter(theme__plan=self.round.plan).first() or OutcomeFactory())
        self.areas.add(AreaFactory())
        BidLine.objects.create(
            bid=self, category="staff", description="Youth worker", asked=Decimal("9000"), match_in_kind=Decimal("2000")
        )
        BidLine.objects.create(bid=self, category="activities", description="Sessions", asked=Decimal("3000"), order=1)
        BidMeasure.objects.create(bid=self, name="Young people who take part", unit="individuals", baseline=0, target=80)
        BidMeasure.objects.create(
            bid=self, name="Young people with improved wellbeing", unit="%", aggregation="rate", target=64, target_of=80, order=1
        )
        BidMilestone.objects.create(bid=self, title="First programme begins", due=self.starts + dt.timedelta(days=90))


class AssessmentFactory(DjangoModelFactory):
    class Meta:
        model = Assessment

    bid = factory.SubFactory(BidFactory, assessing=True)
    file = factory.SelfAttribute("bid.file")
    reference = factory.Sequence(lambda n: f"CDR-2000-000-S{n:02d}")
    created_at = factory.LazyFunction(clock.now)
    assessor = factory.LazyFunction(lambda: officer(Role.ASSESSOR))
    due = factory.LazyFunction(lambda: clock.today() + dt.timedelta(days=14))


def fund_account(fund: Fund, *, budget: str = "155000", year: int | None = None) -> Account:
    """A fund-year's account with a budget, without ledger entries: use the ledger's own `post` where entries matter."""
    year = clock.financial_year(clock.today()) if year is None else year
    return Account.objects.get_or_create(fund=fund, year=year, kind="fund_year", defaults={"budget": Decimal(budget)})[0]


class DecisionFactory(DjangoModelFactory):
    class Meta:
        model = Decision

    reference = factory.Sequence(lambda n: f"D-2000-{n:03d}")
    created_at = factory.LazyFunction(clock.now)
    title = "Crime and Disorder Reduction Grants"
    round = factory.SubFactory(RoundFactory)
    legal_power = factory.SelfAttribute("round.legal_power")
    reasons = "Diversion reduces offending by young people."
    state = "draft"

    class Params:
        made = factory.Trait(
            state="made",
            decided_by=factory.LazyFunction(lambda: officer(Role.COMMISSIONER)),
            decided_as="Police and Crime Commissioner",
            decided_at=factory.LazyFunction(clock.now),
            interests="None",
        )


class AwardFactory(DjangoModelFactory):
    """£9,000 of the £12,000 asked for, from the round's fund this year."""

    class Meta:
        model = Award
        skip_postgeneration_save = True

    decision = factory.SubFactory(DecisionFactory, made=True)
    bid = factory.SubFactory(BidFactory, awarded=True, round=factory.SelfAttribute("..decision.round"))
    outcome = Award.Outcome.PART
    amount = Decimal("9000")
    reason = "A good bid; training is funded elsewhere."

    @factory.post_generation
    def years(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if self.amount:
            AwardYear.objects.create(award=self, account=fund_account(self.decision.round.fund), amount=self.amount)


class OfferFactory(DjangoModelFactory):
    class Meta:
        model = Offer
        skip_postgeneration_save = True

    award = factory.SubFactory(AwardFactory)
    file = factory.SelfAttribute("award.bid.file")
    reference = factory.LazyAttribute(lambda o: f"{o.award.bid.reference}-O")
    created_at = factory.LazyFunction(clock.now)
    starts = factory.SelfAttribute("award.bid.starts")
    ends = factory.SelfAttribute("award.bid.ends")
    state = "draft"

    @factory.post_generation
    def parts(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        OfferLine.objects.create(offer=self, category="staff", description="Youth worker", amount=self.award.amount)
        OfferMeasure.objects.create(offer=self, name="Young people who take part", unit="individuals", baseline=0, target=60)


class AgreementFactory(DjangoModelFactory):
    """An active agreement made from an agreed offer, with the grant's ledger account committed."""

    class Meta:
        model = Agreement
        skip_postgeneration_save = True

    offer = factory.SubFactory(OfferFactory, state="agreed")
    award = factory.SelfAttribute("offer.award")
    file = factory.SelfAttribute("offer.file")
    reference = factory.LazyAttribute(lambda o: f"{o.award.bid.reference}-A")
    created_at = factory.LazyFunction(clock.now)
    amount = factory.SelfAttribute("award.amount")
    starts = factory.SelfAttribute("offer.starts")
    ends = factory.SelfAttribute("offer.ends")
    active_from = factory.LazyFunction(clock.now)
    state = "active"

    @factory.post_generation
    def parts(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        line = self.offer.lines.first()
        AgreementLine.objects.create(
            agreement=self, line_key=line.line_key, category=line.category, description=line.description, amount=line.amount
        )
        measure = self.offer.measures.first()
        AgreementMeasure.objects.create(
            agreement=self,
            measure_key=measure.measure_key,
            name=measure.name,
            unit=measure.unit,
            baseline=0,
            target=measure.target,
        )
        AgreementMilestone.objects.create(agreement=self, title="First programme begins", due=self.starts + dt.timedelta(days=90))
        if self.state not in UNISSUED:
            take_snapshot(self, agreement_text(self), by=self.award.bid.prepared_by)


class ObligationFactory(DjangoModelFactory):
    class Meta:
        model = Obligation

    agreement = factory.SubFactory(AgreementFactory)
    file = factory.SelfAttribute("agreement.file")
    kind = Obligation.Kind.CONDITION
    text = "Safeguarding policy seen"
    cause_ref = factory.Sequence(lambda n: f"condition-{n}")


class InstalmentFactory(DjangoModelFactory):
    """The first of two halves, due in a month, drawn on the grant's account."""

    class Meta:
        model = Instalment

    agreement = factory.SubFactory(AgreementFactory)
    file = factory.SelfAttribute("agreement.file")
    number = factory.Sequence(lambda n: n + 1)
    reference = factory.LazyAttribute(lambda o: f"{o.agreement.award.bid.reference}-P{o.number:02d}")
    created_at = factory.LazyFunction(clock.now)
    due = factory.LazyFunction(lambda: clock.today() + dt.timedelta(days=30))
    amount = Decimal("4500")

    @factory.lazy_attribute
    def account(self) -> Account:
        parent = fund_account(self.agreement.award.decision.round.fund)
        account, made = Account.objects.get_or_create(
            file=self.agreement.file,
            parent=parent,
            defaults={"fund": parent.fund, "year": parent.year, "kind": "grant_year", "committed": self.agreement.amount},
        )
        if made:
            parent.committed += self.agreement.amount
            parent.save()
        return account


def delegation(**limits: str) -> DelegationVersion:
    """delegation(chief_executive="25000") → a scheme in force with these limits for any fund."""
    version = DelegationVersion.objects.create(number=DelegationVersion.objects.count() + 1, starts=LONG_AGO)
    for role, amount in limits.items():
        DelegationLimit.objects.create(version=version, role=role, up_to=Decimal(amount))
    return version


class ReturnFactory(DjangoModelFactory):
    """An open return for April to September with the agreement's rows and nothing in them; `filled=True` makes it complete."""

    class Meta:
        model = Return
        skip_postgeneration_save = True

    agreement = factory.SubFactory(AgreementFactory)
    file = factory.SelfAttribute("agreement.file")
    reference = factory.LazyAttribute(lambda o: f"{o.agreement.award.bid.reference}-R01")
    created_at = factory.LazyFunction(clock.now)
    period_start = factory.LazyFunction(lambda: dt.date(clock.financial_year(clock.today()), 4, 1))
    period_end = factory.LazyAttribute(lambda o: dt.date(o.period_start.year, 9, 30))
    opens_on = factory.LazyAttribute(lambda o: o.period_end + dt.timedelta(days=1))
    due = factory.LazyAttribute(lambda o: dt.date(o.period_start.year, 10, 31))
    response = factory.LazyAttribute(lambda o: Response.objects.create(version=o.agreement.award.bid.round.return_version))
    state = "open"

    class Params:
        prepared = factory.Trait(
            state="prepared", prepared_by=factory.SubFactory(UserFactory), prepared_at=factory.LazyFunction(clock.now)
        )
        submitted = factory.Trait(
            prepared=True,
            state="submitted",
            certified_by=factory.SubFactory(UserFactory),
            certified_at=factory.LazyFunction(clock.now),
            first_submitted_at=factory.LazyFunction(clock.now),
        )
        accepted = factory.Trait(submitted=True, state="accepted", rag="green")

    @factory.post_generation
    def filled(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        """£4,500 of £9,000 spent as profiled, 30 of 60 counted, the milestone reached, the question answered."""
        for line in self.agreement.lines.all():
            ReturnLine.objects.create(
                case=self,
                line_key=line.line_key,
                category=line.category,
                description=line.description,
                budget=line.amount,
                profile=line.amount / 2,
                actual=line.amount / 2 if extracted else None,
                forecast=line.amount if extracted else None,
            )
        for measure in self.agreement.measures.all():
            ReturnMeasure.objects.create(
                case=self,
                measure_key=measure.measure_key,
                name=measure.name,
                unit=measure.unit,
                baseline=measure.baseline,
                target=measure.target,
                value=measure.target / 2 if extracted else None,
            )
        for milestone in self.agreement.milestones.all():
            ReturnMilestone.objects.create(
                case=self,
                milestone_key=milestone.milestone_key,
                title=milestone.title,
                due=milestone.due,
                done_on=milestone.due if extracted else None,
            )
        if extracted:
            for question in Question.objects.filter(section__version=self.response.version):
                self.response.answers.create(question_key=question.key, value="Words that answer the question.")
