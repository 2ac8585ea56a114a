"""The agreement: issued, accepted, countersigned, and what is owed under it; closed to the penny and reopened."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework import clock
from casework.audit.models import AuditEntry
from casework.outbox import Message
from casework.snapshots import snapshots_of
from casework.workflow import NotPermitted, Refused, perform
from grants.agreements.services import add_obligation, issue_agreement, meet, settle, unmeet, waive
from grants.agreements.work import waiting
from grants.funds.ledger import differences, fund_year
from grants.models import Account, Agreement, Instalment, Obligation, Signature
from grants.payments.services import hold_until
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants import granted as g

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
WRITES = ("INSERT", "UPDATE", "DELETE")


def grant_account(grant) -> Account:
    return Account.objects.get(file=grant.bid.file)


def fund_account(grant) -> Account:
    return fund_year(grant.bid.round.fund, 2026)


class TestIssuing:
    def test_the_clauses_are_fixed_and_the_text_frozen(self):
        grant = g.issued(conditions=("Send the safeguarding policy",))
        agreement = grant.agreement
        titles = [clause["title"] for clause in agreement.clauses]
        assert titles[:4] == ["Representatives", "Funding period", "Amount", "Purpose"]
        assert {"Records", "Underspend", "Overpayment", "Repayment", "Ending", "No carry-over or virement"} <= set(titles)
        assert "not more than £9,000.00" in agreement.clauses[2]["text"]
        assert str(grant.coordinator) in agreement.clauses[0]["text"]
        text = snapshots_of(agreement).get().data
        assert (text["amount"], text["recipient"]) == ("9000.00", str(grant.bid.accountable_body))
        assert [payment["amount"] for payment in text["payments"]] == ["4500.00", "4500.00"]
        assert [condition["text"] for condition in text["conditions"]] == ["Send the safeguarding policy"]
        assert agreement.accept_by == dt.date(2026, 11, 11)
        assert Message.objects.filter(name="agreement_issued", to=grant.signatory).count() == 1

    def test_a_date_to_accept_by_in_the_past_is_refused(self, sign_in):
        grant = g.agreed()
        with pytest.raises(Refused, match="today or in the future"):
            issue_agreement(agreement=grant.agreement, by=grant.officer, accept_by=dt.date(2026, 10, 13))
        data = {"accept_by_day": "13", "accept_by_month": "10", "accept_by_year": "2026", "version": grant.agreement.version}
        response = sign_in(grant.officer).post(f"/agreements/{grant.agreement.reference}/issue/", data)
        assert response.status_code == 422
        assert "must be the same as or after 14 October 2026" in response.text

    def test_it_is_not_issued_while_the_offer_is_being_changed(self):
        grant = g.agreed()
        perform(grant.offer, "reopen", by=grant.officer, reason="Wrong line.")
        with pytest.raises(Refused, match="agree it again first"):
            issue_agreement(agreement=grant.agreement, by=grant.officer)


class TestWhoSeesIt:
    def test_the_partner_sees_it_from_the_day_it_is_issued(self, sign_in):
        grant = g.agreed()
        url = f"/agreements/{grant.agreement.reference}/"
        pages = ("", "document/", "agreement.pdf")
        client = sign_in(grant.signatory)
        assert [client.get(url + page).status_code for page in pages] == [404, 404, 404]
        assert grant.agreement.reference not in client.get("/agreements/").text
        assert f"/agreements/{grant.agreement.reference}/" not in client.get(f"/offers/{grant.offer.reference}/").text
        issue_agreement(agreement=grant.agreement, by=grant.officer)
        assert [client.get(url + page).status_code for page in pages] == [200, 200, 200]
        assert grant.agreement.reference in client.get("/agreements/").text

    def test_taken_back_to_draft_it_is_hidden_again(self, sign_in):
        grant = g.issued()
        perform(grant.agreement, "recall", by=grant.officer, reason="A wrong date.")
        assert sign_in(grant.signatory).get(f"/agreements/{grant.agreement.reference}/").status_code == 404

    def test_a_signatory_of_another_council_finds_nothing_and_cannot_accept(self, sign_in):
        grant = g.issued()
        stranger = f.member(f.OrganisationFactory(council=True), Role.SIGNATORY)
        client, url = sign_in(stranger), f"/agreements/{grant.agreement.reference}/"
        for page in ("", "document/", "agreement.pdf", "accept/", "instalments/"):
            assert client.get(url + page).status_code == 404
        assert client.post(f"{url}accept/", {"declaration": "on"}).status_code == 404
        with pytest.raises(NotPermitted):
            perform(grant.agreement, "accept", by=stranger, declaration="I accept.")
        assert grant.agreement.reference not in client.get("/agreements/?export=xlsx").headers["Content-Disposition"]
        assert Agreement.objects.visible_to(stranger).count() == 0


class TestSigning:
    def test_both_signatures_are_bound_to_the_frozen_text(self):
        grant = g.active()
        frozen = snapshots_of(grant.agreement).get()
        signatures = list(grant.agreement.signatures.all())
        assert [(one.part, one.person, one.snapshot) for one in signatures] == [
            ("accepted", grant.signatory, frozen),
            ("countersigned", grant.chief, frozen),
        ]
        assert signatures[0].capacity == f"Signatory, {grant.bid.accountable_body}"
        assert signatures[0].declaration == "I accept."
        told = set(Message.objects.filter(name="agreement_active").values_list("to", flat=True))
        assert {grant.coordinator.pk, grant.finance_signatory.pk} <= told

    def test_whoever_issued_it_does_not_countersign_it(self):
        grant = g.agreed()
        f.MembershipFactory(organisation=f.office(), role=Role.COMMISSIONING_OFFICER, person=grant.chief)
        issue_agreement(agreement=grant.agreement, by=grant.chief)
        perform(grant.agreement, "accept", by=grant.signatory, declaration="I accept.")
        with pytest.raises(Refused, match="You issued this agreement"):
            perform(grant.agreement, "countersign", by=grant.chief, declaration="I countersign.")
        commissioner = grant.who(Role.COMMISSIONER)
        assert perform(grant.agreement, "countersign", by=commissioner, declaration="I do.").case.state == "active"

    def test_a_signature_on_an_earlier_text_stays_with_it_and_does_not_count(self, sign_in):
        grant = g.accepted()
        perform(grant.agreement, "recall", by=grant.officer, reason="A wrong date.")
        issue_agreement(agreement=grant.agreement, by=grant.officer)
        old, new = snapshots_of(grant.agreement)
        assert Signature.objects.get().snapshot == old
        assert grant.agreement.state == "issued"
        assert "Earlier text, no longer counts" in sign_in(grant.officer).get(grant.agreement.get_absolute_url()).text
        assert "Not signed yet." in sign_in(grant.officer).get(f"/agreements/{grant.agreement.reference}/document/").text
        perform(grant.agreement, "accept", by=grant.signatory, declaration="I accept.")
        assert Signature.objects.last().snapshot == new

    def test_the_time_to_accept_passes(self):
        grant = g.issued()
        with clock.at(dt.date(2026, 11, 12)), pytest.raises(Refused, match="has passed"):
            perform(grant.agreement, "accept", by=grant.signatory, declaration="I accept.")

    def test_the_declaration_must_be_ticked_and_its_words_are_kept(self, sign_in):
        grant = g.issued()
        client, url = sign_in(grant.signatory), f"/agreements/{grant.agreement.reference}/accept/"
        frozen = snapshots_of(grant.agreement).get()
        assert frozen.sha256 in client.get(url).text
        response = client.post(url, {"version": grant.agreement.version})
        assert response.status_code == 422
        assert "Confirm that you are authorised to sign" in response.text
        data = {"version": grant.agreement.version, "declaration": "on"}
        assert client.post(url, data).status_code == 302
        assert "This was already done." in client.post(url, data, follow=True).text
        assert Signature.objects.get().declaration.startswith("I am authorised to sign for ")

    def test_the_text_signed_stays_the_text_shown(self, sign_in):
        grant = g.active()
        grant.agreement.lines.update(amount=1)
        text = sign_in(grant.coordinator).get(f"/agreements/{grant.agreement.reference}/document/").text
        assert "£6,750.00" in text
        assert "£0.01" not in text
        assert snapshots_of(grant.agreement).get().holds()


def test_page_and_pdf_come_from_the_same_text(sign_in):
    grant = g.active(conditions=("Send the <b>safeguarding</b> policy",))
    client, url = sign_in(grant.signatory), f"/agreements/{grant.agreement.reference}/"
    page = client.get(f"{url}document/").text
    for words in ("£9,000.00", "£2,250.00", "1 November 2026", "64 out of 80 (80%)", "six years", str(grant.chief)):
        assert words in page
    assert "&lt;b&gt;" in page
    assert "style=" not in page
    response = client.get(f"{url}agreement.pdf")
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")


class TestObligations:
    def make(self, grant, **kwargs):
        values = {"kind": "evidence", "text": "Receipts", "due": None, "cause_ref": "receipts", "by": grant.officer}
        return add_obligation(agreement=grant.agreement, **{**values, **kwargs})

    def test_asking_twice_makes_one_and_brings_it_up_to_date(self):
        grant = g.active()
        first = self.make(grant)
        assert self.make(grant).pk == first.pk
        assert self.make(grant, due=dt.date(2027, 1, 1)).due == dt.date(2027, 1, 1)
        assert Obligation.objects.filter(cause_ref="receipts").count() == 1

    def test_met_waived_and_owed_again(self):
        grant = g.active()
        owed = self.make(grant)
        met = meet(obligation=owed, by=grant.officer, evidence="Seen on 1 October")
        assert (met.settled, met.met_by, met.evidence) == (True, grant.officer, "Seen on 1 October")
        assert meet(obligation=owed, by=grant.chief).met_by == grant.officer
        assert not unmeet(obligation=owed, by=grant.officer).settled
        with pytest.raises(Refused, match="Enter a reason"):
            waive(obligation=owed, by=grant.officer, reason=" ")
        assert waive(obligation=owed, by=grant.officer, reason="Not needed").waived_reason == "Not needed"

    def test_only_an_officer_settles_a_condition_and_nobody_a_return_by_hand(self):
        grant = g.active()
        owed = self.make(grant)
        with pytest.raises(NotPermitted):
            settle(obligation=owed, outcome="met", words="Yes", by=grant.coordinator)
        report = self.make(grant, kind="return", cause_ref="R09")
        with pytest.raises(Refused, match="own page"):
            settle(obligation=report, outcome="met", words="Yes", by=grant.officer)

    def test_a_second_click_changes_nothing(self):
        grant = g.active()
        owed = self.make(grant)
        first = settle(obligation=owed, outcome="met", words="Seen", by=grant.officer)
        acts = AuditEntry.objects.count()
        again = settle(obligation=owed, outcome="met", words="Seen", by=f.officer())
        assert (again.met_by, again.met_at, AuditEntry.objects.count()) == (grant.officer, first.met_at, acts)

    def test_what_a_closed_grant_met_stays_met(self):
        grant = g.active()
        owed = self.make(grant)
        settle(obligation=owed, outcome="met", words="Seen", by=grant.officer)
        Agreement.objects.filter(pk=grant.agreement.pk).update(state="closed", ended_as="completed")
        with pytest.raises(Refused, match="is closed, so this can no longer be changed"):
            settle(obligation=owed, outcome="owed", words="", by=grant.officer)

    def test_the_page_asks_for_the_evidence_or_the_reason(self, sign_in):
        grant = g.active(conditions=("Send the safeguarding policy",))
        owed = grant.agreement.obligations.get(kind="condition")
        url = f"/agreements/{grant.agreement.reference}/obligations/{owed.pk}/"
        client = sign_in(grant.officer)
        for outcome, sentence in (("met", "Enter what showed"), ("waived", "Enter the reason"), ("", "Select the state")):
            response = client.post(url, {"outcome": outcome})
            assert response.status_code == 422
            assert sentence in response.text
        assert client.post(url, {"outcome": "met", "words": "Policy of May 2026 seen"}).status_code == 302
        owed.refresh_from_db()
        assert owed.evidence == "Policy of May 2026 seen"
        assert "Policy of May 2026 seen" in sign_in(grant.coordinator).get(grant.agreement.get_absolute_url()).text
        assert sign_in(grant.coordinator).get(url).status_code == 403
        other = g.active(conditions=("Another",)).agreement.obligations.get(kind="condition")
        assert client.get(f"/agreements/{grant.agreement.reference}/obligations/{other.pk}/").status_code == 404


class TestEndAndClose:
    def end(self, grant):
        perform(grant.agreement, "end", by=grant.officer, reason="Lead body dissolved.", ended_as="terminated")

    def settle_all(self, grant):
        for payment in Instalment.objects.filter(agreement=grant.agreement, state="scheduled"):
            perform(payment, "cancel", by=grant.officer, reason="Ended.")
        for owed in grant.agreement.obligations.all():
            waive(obligation=owed, by=grant.officer, reason="Ended.")

    def test_it_closes_only_when_money_and_obligations_are_settled(self):
        grant = g.paid()
        finance = grant.who(Role.FINANCE_OFFICER, "one")
        self.end(grant)
        assert grant.agreement.ended_as == "terminated"
        with pytest.raises(Refused) as refused:
            perform(grant.agreement, "close", by=finance)
        sentences = " ".join(refused.value.sentences)
        assert f"Payment {grant.second.reference} is still to be paid or cancelled" in sentences
        assert "Still to be met or waived" in sentences

    def test_closing_gives_back_what_was_not_paid_and_reopening_takes_it_again(self):
        grant = g.paid()
        finance = grant.who(Role.FINANCE_OFFICER, "one")
        self.end(grant)
        self.settle_all(grant)
        perform(grant.agreement, "close", by=finance)
        assert (grant_account(grant).committed, grant_account(grant).paid) == (Decimal("4500.00"), Decimal("4500.00"))
        assert fund_account(grant).committed == Decimal("4500.00")
        perform(grant.agreement, "reopen", by=finance, reason="A late invoice.")
        assert grant_account(grant).committed == fund_account(grant).committed == Decimal("9000.00")
        perform(grant.agreement, "close", by=finance)
        assert fund_account(grant).committed == Decimal("4500.00")
        assert list(differences()) == []

    def test_it_is_not_reopened_when_the_budget_has_gone_elsewhere(self):
        grant = g.paid(budget="9000")
        finance = grant.who(Role.FINANCE_OFFICER, "one")
        self.end(grant)
        self.settle_all(grant)
        perform(grant.agreement, "close", by=finance)
        Account.objects.filter(pk=fund_account(grant).pk).update(committed=Decimal("7000"))
        with pytest.raises(Refused, match=r"£2,500\.00 more than its budget"):
            perform(grant.agreement, "reopen", by=finance, reason="A late invoice.")

    def test_an_ending_is_undone(self):
        grant = g.active()
        self.end(grant)
        assert perform(grant.agreement, "undo_end", by=grant.officer, reason="Wrong grant.").case.ended_as == ""

    def test_the_form_asks_how_it_ended(self, sign_in):
        grant = g.active()
        url = f"/agreements/{grant.agreement.reference}/end/"
        response = sign_in(grant.officer).post(url, {"reason": "Over.", "version": grant.agreement.version})
        assert response.status_code == 422
        assert "Select how it ended" in response.text
        assert "Over." in response.text


class TestQueries:
    @pytest.mark.parametrize("count", [1, 60])
    def test_the_list_costs_eight_queries_at_any_length(self, sign_in, count):
        for _ in range(count):
            f.AgreementFactory()
        client = sign_in(f.officer())
        client.get("/agreements/")
        with CaptureQueriesContext(connection) as queries:
            response = client.get("/agreements/")
        assert f"{count} agreements" in response.text
        assert len(queries) <= 8
        assert not [query for query in queries if query["sql"].startswith(WRITES)]

    @pytest.mark.parametrize("stage", [g.agreed, g.issued, g.accepted, g.active, g.paid])
    @pytest.mark.parametrize("who", ["officer", "signatory"])
    def test_a_page_costs_fifteen_queries_at_most(self, sign_in, stage, who):
        grant = stage(conditions=("Send the safeguarding policy",)) if stage is not g.paid else stage()
        if stage is g.agreed and who == "signatory":
            return
        client, url = sign_in(getattr(grant, who)), grant.agreement.get_absolute_url()
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        assert len(queries) <= 15, [query["sql"][:150] for query in queries]
        assert not [query for query in queries if query["sql"].startswith(WRITES)]

    @pytest.mark.parametrize("part", ["document/", "agreement.pdf", "end/", "instalments/"])
    def test_no_get_writes(self, sign_in, part):
        grant = g.active()
        client = sign_in(grant.officer)
        client.get("/agreements/")
        with CaptureQueriesContext(connection) as queries:
            client.get(grant.agreement.get_absolute_url() + part)
        assert not [query for query in queries if query["sql"].startswith(WRITES)]


def test_the_page_says_what_holds_a_payment(sign_in):
    grant = g.active(conditions=("Send the safeguarding policy",))
    text = sign_in(grant.coordinator).get(grant.agreement.get_absolute_url()).text
    assert text.count("Send the safeguarding policy") >= 3
    owed = add_obligation(
        agreement=grant.agreement, kind="evidence", text="Receipts", due=None, cause_ref="receipts", by=grant.officer
    )
    hold_until(owed, instalments=[grant.second], by=grant.officer)
    assert list(grant.first.needs.values_list("text", flat=True)) == ["Send the safeguarding policy"]
    assert "Receipts" in sign_in(grant.coordinator).get(grant.agreement.get_absolute_url()).text


def test_what_waits_for_whom():
    grant = g.agreed()
    commissioner = grant.who(Role.COMMISSIONER)

    def work_of(user):
        return [(item.reference, item.due) for item in waiting(user)]

    reference = grant.agreement.reference
    assert work_of(grant.officer) == [(reference, None)]
    assert work_of(grant.signatory) == []
    issue_agreement(agreement=grant.agreement, by=grant.officer)
    assert work_of(grant.officer) == []
    assert work_of(grant.signatory) == [(reference, dt.date(2026, 11, 11))]
    perform(grant.agreement, "accept", by=grant.signatory, declaration="I accept.")
    assert work_of(grant.signatory) == []
    assert work_of(commissioner) == work_of(grant.chief) == [(reference, None)]


def test_a_second_click_is_known_although_effects_noted_more():
    """Countersigning makes the returns, whose obligations are noted on the agreement too."""
    grant = g.accepted()
    version = grant.agreement.version
    answers = [
        perform(grant.agreement, "countersign", by=grant.chief, version=version, declaration="I countersign.") for _ in range(2)
    ]
    assert [answer.already_done for answer in answers] == [False, True]


def test_a_page_without_signatures_costs_fifteen_queries_too(sign_in):
    agreement = f.AgreementFactory()
    client = sign_in(f.officer())
    client.get(agreement.get_absolute_url())
    with CaptureQueriesContext(connection) as queries:
        client.get(agreement.get_absolute_url())
    assert len(queries) <= 15
