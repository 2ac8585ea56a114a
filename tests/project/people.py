"""One grant with everybody around it: who stands where when the tables of who may do what are tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.models import User
from casework import clock
from grants.models import Agreement, Bid
from partnerships.organisations.roles import OFFICE_ROLES, Role, Seat
from tests.factories import (
    AssessmentFactory,
    ExpressionFactory,
    InstalmentFactory,
    MembershipFactory,
    OrganisationFactory,
    ReturnFactory,
    UserFactory,
    member,
    office,
    officer,
)

OFFICE_KEYS = {
    "commissioner": Role.COMMISSIONER,
    "chief executive": Role.CHIEF_EXECUTIVE,
    "chief finance officer": Role.CHIEF_FINANCE_OFFICER,
    "officer": Role.COMMISSIONING_OFFICER,
    "assessor": Role.ASSESSOR,
    "finance officer": Role.FINANCE_OFFICER,
    "communications": Role.COMMUNICATIONS,
    "auditor": Role.AUDITOR,
    "administrator": Role.ADMINISTRATOR,
}
PARTNER_KEYS = {
    "coordinator": Role.COORDINATOR,
    "chair": Role.CHAIR,
    "viewer": Role.VIEWER,
    "delivery lead": Role.DELIVERY_LEAD,
    "signatory": Role.SIGNATORY,
    "finance signatory": Role.FINANCE_SIGNATORY,
}
# Where a partner's person may stand to a bid. "body" is the accountable body; "deliverer" delivers and is neither of the others.
PLACES = ("applicant", "body", "deliverer", "other")
EVERYBODY = (
    *OFFICE_KEYS,
    *(f"{place} {role}" for place in PLACES for role in PARTNER_KEYS),
    "stranger",
)


@dataclass(frozen=True)
class World:
    """The cases of one grant and the people by what they are called in the tables."""

    people: dict[str, User]
    cases: dict[str, Any]
    interested: User

    @property
    def bid(self) -> Bid:
        bid: Bid = self.cases["Bid"]
        return bid


def build() -> World:
    """One bid with all that descends from it: applicant, accountable body and delivery body are three bodies; a fourth is a stranger's."""
    bodies = {
        "applicant": OrganisationFactory(name="Applicant"),
        "body": OrganisationFactory(name="Accountable body", council=True),
        "deliverer": OrganisationFactory(name="Deliverer"),
        "other": OrganisationFactory(name="Other"),
    }
    instalment = InstalmentFactory()
    agreement: Agreement = instalment.agreement
    bid = agreement.award.bid
    bid.applicant, bid.accountable_body, bid.delivery_body = bodies["applicant"], bodies["body"], bodies["deliverer"]
    bid.save()
    # Whoever would account for the money has an interest in what the applicant has in mind.
    bodies["applicant"].usual_accountable_body = bodies["body"]
    bodies["applicant"].save()
    people = {key: officer(role) for key, role in OFFICE_KEYS.items()}
    people |= {f"{place} {key}": member(bodies[place], role) for place in PLACES for key, role in PARTNER_KEYS.items()}
    people["stranger"] = UserFactory()
    assessment = AssessmentFactory(bid=bid, assessor=people["assessor"], declared_at=clock.now())
    award = agreement.award
    cases = {
        "Round": bid.round,
        "Expression": ExpressionFactory(applicant=bodies["applicant"], submitted=True),
        "Bid": bid,
        "Assessment": assessment,
        "Decision": award.decision,
        "Offer": agreement.offer,
        "Agreement": agreement,
        "Instalment": instalment,
        "Return": ReturnFactory(agreement=agreement, submitted=True, filled=True),
    }
    return World(people, cases, somebody_with_every_office_role_and_an_interest(bodies["body"]))


def somebody_with_every_office_role_and_an_interest(body: Any) -> User:
    """Serves the accountable body in a seat of their own, and holds every role in the office."""
    person = UserFactory()
    for role in sorted(OFFICE_ROLES):
        MembershipFactory(organisation=office(), role=role, person=person)
    MembershipFactory(organisation=body, role=Role.VIEWER, person=person, seat=Seat.EMPLOYMENT)
    return person
