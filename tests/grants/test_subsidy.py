"""Subsidy control: asked of enterprises alone, and the award is held until a signatory confirms."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from casework.audit.models import AuditEntry
from casework.outbox import Message
from casework.registry import work_for
from casework.workflow import NotPermitted, Refused
from grants.agreements.services import issue_agreement
from grants.agreements.subsidy import confirm, confirmed
from grants.agreements.subsidy_models import SubsidyConfirmation
from grants.bids.models import Bid
from grants.decisions.models import Decision
from grants.decisions.services import tell_bidders
from grants.models import Agreement
from partnerships.organisations.activity import set_economic_activity
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.pages import errors_on, opened
from tests.project.test_garbage import send_rubbish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def draft_for(kind: str) -> Agreement:
    """An agreement that could be issued, of a £9,000 award to a body of this kind."""
    agreement: Agreement = f.AgreementFactory(state="draft")
    f.InstalmentFactory(agreement=agreement, amount=Decimal("9000"))
    body = agreement.bid.accountable_body
    body.kind = kind
    body.save()
    return Agreement.objects.get()


def test_nobody_but_an_enterprise_is_asked(sign_in: Any) -> None:
    agreement = draft_for("council")
    bid = agreement.bid
    signatory = sign_in(f.member(bid.accountable_body, Role.SIGNATORY))
    assert confirmed(agreement) == []
    assert signatory.get(f"/subsidy-control/{bid.reference}/").status_code == 404
    assert "Subsidy control" not in opened(signatory, f"/bids/{bid.reference}/", queries=15)


def test_the_agreement_is_held_until_a_signatory_confirms(sign_in: Any) -> None:
    agreement = draft_for("voluntary")
    bid, officer = agreement.bid, f.officer()
    person = f.member(bid.accountable_body, Role.SIGNATORY, name="Sig Natory")
    held = f"{bid.accountable_body} must first confirm subsidy control. Its signatories find it in their work"
    with pytest.raises(Refused) as refused:
        issue_agreement(agreement=agreement, by=officer)
    assert held in refused.value.sentences
    assert "Confirm subsidy control: the award is held until then" in [item.sentence for item in work_for(person)]
    client, path = sign_in(person), f"/subsidy-control/{bid.reference}/"
    page = opened(client, f"/bids/{bid.reference}/", queries=15)
    assert "The award is held" in page
    assert "2024-25, 2025-26 and 2026-27 so far" in opened(client, path)
    assert errors_on(client.post(path, {})) == ["Enter how much it received, or 0", "Select that you confirm it"]
    send_rubbish(client, path)
    over = client.post(path, {"received": "306,000.01", "agreed": "on"})
    assert "would receive more than £315,000.00" in errors_on(over)[0]
    assert client.post(path, {"received": "306,000", "agreed": "on"}).status_code == 302
    kept = SubsidyConfirmation.objects.get()
    assert (str(kept.received), str(kept.given), kept.by) == ("306000.00", "9000.00", person)
    assert "Confirmed by Sig Natory" in opened(sign_in(officer), f"/bids/{bid.reference}/")
    assert confirmed(Agreement.objects.get()) == []
    confirm(bid=bid, received=kept.received, by=person)
    entry = AuditEntry.objects.get(verb="confirmed subsidy control")
    assert entry.changes == {"received": "306000.00", "given": "9000.00"}
    issue_agreement(agreement=agreement, by=officer)
    given = Message.objects.get(name="subsidy_given", to=person)
    assert "Kind: grant\nDate: 14 October 2026\nGross value: £9,000.00" in given.body


def test_only_a_signatory_of_the_recipient_confirms() -> None:
    bid = draft_for("voluntary").bid
    for person in (f.member(bid.applicant), f.member(bid.accountable_body, Role.FINANCE_SIGNATORY), f.officer()):
        with pytest.raises(NotPermitted):
            confirm(bid=Bid.objects.get(), received=bid.amount_awarded, by=person)


def test_signatories_are_asked_when_they_are_told_and_not_before(sign_in: Any) -> None:
    decision = f.DecisionFactory(made=True)
    bid = f.BidFactory(awarded=True, round=decision.round, told_at=None, accountable_body__kind="voluntary")
    f.AwardFactory(decision=decision, bid=bid)
    person = f.member(bid.accountable_body, Role.SIGNATORY)
    assert sign_in(person).get(f"/subsidy-control/{bid.reference}/").status_code == 404
    assert work_for(person) == []
    tell_bidders(decision=Decision.objects.get(), by=f.officer())
    asked = Message.objects.get(name="subsidy_asked")
    assert (asked.to, "£315,000" in asked.body) == (person, True)
    assert [item.reference for item in work_for(person)] == [bid.reference]


@pytest.mark.parametrize(
    ("kind", "found", "asked"), [("council", True, True), ("voluntary", False, False), ("voluntary", None, True)]
)
def test_what_the_office_found_counts_before_the_kind(sign_in: Any, kind: str, found: bool | None, asked: bool) -> None:
    agreement = draft_for(kind)
    body = agreement.bid.accountable_body
    signatory = f.member(body, Role.SIGNATORY)
    set_economic_activity(organisation=body, found=found, by=f.officer())
    agreement = Agreement.objects.get()
    assert [bool(confirmed(agreement)), bool(work_for(signatory))] == [asked, asked]
    page = opened(sign_in(signatory), f"/bids/{agreement.bid.reference}/", queries=15)
    assert ("Subsidy control" in page) == asked
