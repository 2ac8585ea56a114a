"""Brings one grant as far as a test needs it, through the services and the ledger, with a person for every step."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from casework import clock
from casework.workflow import perform
from grants.agreements.making import make_offer
from grants.agreements.services import issue_agreement
from grants.funds.ledger import Posting, fund_year, grant_year, post
from grants.models import Agreement, Award, AwardCondition, AwardYear, Bid, Instalment, Offer
from partnerships.organisations.roles import Role
from tests import factories as f


@dataclass
class Grant:
    """The people and cases of one grant of £9,000 out of £12,000 asked."""

    bid: Bid
    award: Award
    coordinator: Any
    signatory: Any
    finance_signatory: Any
    people: dict[str, Any] = field(default_factory=dict)

    @property
    def offer(self) -> Offer:
        return Offer.objects.get(award=self.award)

    @property
    def agreement(self) -> Agreement:
        return Agreement.objects.get(award=self.award)

    @property
    def first(self) -> Instalment:
        return Instalment.objects.get(agreement__award=self.award, number=1)

    @property
    def second(self) -> Instalment:
        return Instalment.objects.get(agreement__award=self.award, number=2)

    def who(self, role: str, name: str = "") -> Any:
        """Somebody of the office, the same one each time for a role and name."""
        key = f"{role}{name}"
        if key not in self.people:
            self.people[key] = f.officer(role)
        return self.people[key]

    @property
    def officer(self) -> Any:
        return self.who(Role.COMMISSIONING_OFFICER)

    @property
    def chief(self) -> Any:
        return self.who(Role.CHIEF_EXECUTIVE)


def awarded(*, amount: str = "9000", budget: str = "155000", conditions: tuple[str, ...] = (), **bid: Any) -> Grant:
    """A bid awarded in part from this year's budget for the half-year from October, committed in the ledger; its bidder knows."""
    applicant = bid.pop("applicant", None) or f.OrganisationFactory(short_name="Huntingdonshire CSP")
    council = bid.pop("accountable_body", None) or f.OrganisationFactory(council=True)
    year = clock.financial_year(clock.today())
    bid = {"starts": dt.date(year, 10, 1), "ends": dt.date(year + 1, 3, 31), **bid}
    bid_row = f.BidFactory(awarded=True, applicant=applicant, accountable_body=council, amount_awarded=Decimal(amount), **bid)
    decision = f.DecisionFactory(made=True, round=bid_row.round)
    account = fund_year(bid_row.round.fund, year)
    award = Award.objects.create(
        decision=decision, bid=bid_row, outcome="part", amount=Decimal(amount), reason="A good bid.", told_at=clock.now()
    )
    AwardYear.objects.create(award=award, account=account, amount=Decimal(amount))
    for text in conditions:
        AwardCondition.objects.create(award=award, when=AwardCondition.When.BEFORE_PAYMENT, text=text)
    by = decision.decided_by
    post([Posting(account, "budget", Decimal(budget))], cause="budget", key=f"budget:{bid_row.pk}", by=by)
    post(
        [Posting(grant_year(bid_row.file, account), "committed", Decimal(amount))],
        cause=decision.reference,
        key=f"award:{award.pk}",
        by=by,
    )
    return Grant(
        bid_row,
        award,
        f.member(applicant, Role.COORDINATOR),
        f.member(council, Role.SIGNATORY),
        f.member(council, Role.FINANCE_SIGNATORY),
    )


def offered(**kwargs: Any) -> Grant:
    grant = awarded(**kwargs)
    make_offer(award=grant.award, by=grant.award.decision.decided_by)
    return grant


def agreed(**kwargs: Any) -> Grant:
    grant = offered(**kwargs)
    perform(grant.offer, "propose", by=grant.coordinator)
    perform(grant.offer, "agree", by=grant.officer)
    return grant


def issued(**kwargs: Any) -> Grant:
    grant = agreed(**kwargs)
    issue_agreement(agreement=grant.agreement, by=grant.officer)
    return grant


def accepted(**kwargs: Any) -> Grant:
    grant = issued(**kwargs)
    perform(grant.agreement, "accept", by=grant.signatory, declaration="I accept.")
    return grant


def active(**kwargs: Any) -> Grant:
    grant = accepted(**kwargs)
    perform(grant.agreement, "countersign", by=grant.chief, declaration="I countersign.")
    return grant


def prepared(**kwargs: Any) -> Grant:
    grant = active(**kwargs)
    perform(grant.first, "prepare", by=grant.who(Role.FINANCE_OFFICER, "one"))
    return grant


def approved(**kwargs: Any) -> Grant:
    grant = prepared(**kwargs)
    perform(grant.first, "approve", by=grant.who(Role.CHIEF_FINANCE_OFFICER))
    return grant


def paid(**kwargs: Any) -> Grant:
    grant = approved(**kwargs)
    by = grant.who(Role.FINANCE_OFFICER, "two")
    perform(grant.first, "pay", by=by, paid_on=clock.today(), bacs_reference="BACS0001")
    return grant
