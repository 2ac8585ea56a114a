"""A small grant after its decision: an offer letter that one person accepts, one payment, one end report."""

from decimal import Decimal

import pytest

from casework import clock
from casework.outbox import Message
from casework.workflow import SYSTEM, NotPermitted, Refused, perform
from grants.models import Agreement, Signature
from monitoring.models import Return
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants import granted

pytestmark = pytest.mark.django_db


@pytest.fixture
def small(noon):
    """A £900 award of a small round, with its letter sent."""
    case = f.RoundFactory(tier="small", tier_reason="Low risk", minimum=Decimal("500"), maximum=Decimal("5000"))
    return granted.issued(round=case, amount="900", amount_requested=Decimal("900"))


def test_one_person_accepts_the_letter_and_it_is_in_force(small):
    f.officer(Role.COMMISSIONER)
    perform(small.agreement, "accept", by=small.signatory, declaration="I accept.")
    letter = small.agreement
    assert (letter.state, letter.active_from) == ("active", clock.now())
    assert [(signature.part, signature.person) for signature in Signature.objects.all()] == [("accepted", small.signatory)]
    assert not Message.objects.filter(name="agreement_accepted").exists()
    told = Message.objects.filter(name="agreement_active")
    assert {small.signatory, small.coordinator} <= {message.to for message in told}
    assert "has been accepted and is in force" in told[0].body


def test_it_is_paid_once_and_reported_on_once(small):
    perform(small.agreement, "accept", by=small.signatory, declaration="I accept.")
    payment = small.agreement.instalments.get()
    assert payment.amount == Decimal("900")
    report = Return.objects.get(agreement=small.agreement)
    assert (report.kind, report.period_start, report.period_end) == ("end_report", small.agreement.starts, small.agreement.ends)
    perform(payment, "prepare", by=small.who(Role.FINANCE_OFFICER, "one"))
    perform(small.first, "approve", by=small.who(Role.CHIEF_FINANCE_OFFICER))
    paid = {"paid_on": clock.today(), "bacs_reference": "BACS0001"}
    assert perform(small.first, "pay", by=small.who(Role.FINANCE_OFFICER, "two"), **paid).case.state == "paid"


def test_the_letter_says_what_it_is(small, sign_in):
    browser = sign_in(small.signatory)
    text = browser.get(f"{small.agreement.get_absolute_url()}document/").content.decode()
    assert "<h1>Offer letter</h1>" in text
    assert "once this offer letter has been accepted" in text
    assert "signed by both sides" not in text
    step = browser.get(f"{small.agreement.get_absolute_url()}accept/").content.decode()
    assert "The offer letter is in force at once." in step
    assert "countersigns" not in step


def test_an_agreement_still_waits_for_its_countersignature(noon):
    grant = granted.accepted()
    assert grant.agreement.state == "accepted"
    with pytest.raises(Refused, match="Only an offer letter is in force as soon as it is accepted"):
        perform(grant.agreement, "take_effect", by=SYSTEM)
    with pytest.raises(NotPermitted):
        perform(grant.agreement, "take_effect", by=grant.chief)
    assert Agreement.objects.get().active_from is None
