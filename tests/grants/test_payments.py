"""Instalments: planned, held and freed, prepared, approved and paid by three people, and reversed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from casework import clock
from casework.workflow import NotPermitted, Refused, perform
from grants.agreements.services import issue_agreement, meet, unmeet, waive
from grants.funds.ledger import Posting, differences, post
from grants.models import Account, Instalment, LedgerEntry
from grants.payments.schedule import propose
from grants.payments.services import Planned, depends, instalments_after, save_plan
from grants.payments.work import waiting
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants import granted as g

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
NINE = Decimal("9000.00")
HALF = Decimal("4500.00")


def dates(**kwargs):
    values = {"starts": dt.date(2026, 4, 1), "today": dt.date(2026, 3, 10), "small": False}
    return [(one.place, str(one.due), str(one.amount)) for one in propose(**{**values, **kwargs})]


class TestUsualPlan:
    def test_halves_the_second_after_the_report_on_the_half_year(self):
        assert dates(years=[(2026, NINE)]) == [(0, "2026-04-01", "4500.00"), (0, "2026-11-21", "4500.00")]
        assert dates(years=[(2026, Decimal("0.01"))]) == [(0, "2026-04-01", "0.01")]

    def test_a_late_start_is_paid_next_month_and_after_the_winter_report(self):
        late = {"starts": dt.date(2026, 4, 1), "today": dt.date(2026, 12, 3)}
        assert dates(years=[(2026, NINE)], **late) == [(0, "2027-01-01", "4500.00"), (0, "2027-05-21", "4500.00")]

    def test_later_years_follow_both_reports(self):
        assert dates(years=[(2026, NINE), (2027, Decimal("100.01"))]) == [
            (0, "2026-04-01", "4500.00"),
            (0, "2026-11-21", "4500.00"),
            (1, "2027-05-21", "50.01"),
            (1, "2027-11-21", "50.00"),
        ]

    def test_a_small_grant_is_paid_once(self):
        assert dates(years=[(2026, NINE)], small=True) == [(0, "2026-04-01", "9000.00")]
        penny = [(2026, Decimal("0.01")), (2027, Decimal(0))]
        assert dates(years=penny, small=True) == [(0, "2026-04-01", "0.01")]


class TestPlan:
    def row(self, grant, amount, due=dt.date(2026, 12, 1), **kwargs):
        account = Account.objects.get(file=grant.bid.file).pk
        return Planned(due=due, amount=Decimal(amount), account=account, **kwargs)

    def test_the_draft_begins_with_the_usual_instalments(self):
        grant = g.agreed()
        plan = [(one.reference[-4:], one.number, one.due, one.amount) for one in grant.agreement.instalments.all()]
        assert plan == [("-P01", 1, dt.date(2026, 11, 1), HALF), ("-P02", 2, dt.date(2027, 5, 21), HALF)]
        assert {one.account.file for one in grant.agreement.instalments.all()} == {grant.bid.file}

    def test_it_must_add_up_before_the_agreement_is_issued(self):
        grant = g.agreed()
        save_plan(agreement=grant.agreement, rows=[self.row(grant, "8000")], by=grant.officer)
        with pytest.raises(Refused, match=r"add up to £8,000\.00: make them £9,000\.00"):
            issue_agreement(agreement=grant.agreement, by=grant.officer)
        other = Account.objects.get(file=g.agreed().bid.file).pk
        rows = [Planned(due=dt.date(2026, 12, 1), amount=NINE, account=other)]
        with pytest.raises(Refused, match="a year that this award is paid from"):
            save_plan(agreement=grant.agreement, rows=rows, by=grant.officer)
        with pytest.raises(ValidationError):
            save_plan(agreement=grant.agreement, rows=[self.row(grant, "-1")], by=grant.officer)

    def test_more_than_a_years_commitment_is_refused(self):
        grant = g.agreed()
        Account.objects.filter(file=grant.bid.file).update(committed=Decimal("8000"))
        with pytest.raises(Refused, match=r"no more than £8,000\.00 is committed"):
            issue_agreement(agreement=grant.agreement, by=grant.officer)

    def test_no_instalment_is_cancelled_before_both_sides_have_signed(self):
        """Brought back later, it would stand beside the one that took its place."""
        for grant in (g.agreed(), g.issued(), g.accepted()):
            with pytest.raises(Refused, match="take it back to draft and change its instalments instead"):
                perform(grant.first, "cancel", by=grant.officer, reason="Not needed.")

    def test_numbers_follow_the_dates_and_references_are_never_used_again(self):
        grant = g.agreed()
        first, second = grant.first, grant.second
        rows = [
            self.row(grant, "1000", dt.date(2026, 12, 1), instalment=second.pk, purchase_order="PO7"),
            self.row(grant, "8000", dt.date(2026, 11, 5)),
        ]
        save_plan(agreement=grant.agreement, rows=rows, by=grant.officer)
        plan = [(one.number, one.reference[-3:], one.amount, one.purchase_order) for one in grant.agreement.instalments.all()]
        assert plan == [(1, "P03", Decimal("8000.00"), ""), (2, "P02", Decimal("1000.00"), "PO7")]
        assert not Instalment.objects.filter(pk=first.pk).exists()

    def test_conditions_before_payment_hold_whatever_is_planned(self):
        grant = g.agreed(conditions=("Send the policy",))
        save_plan(agreement=grant.agreement, rows=[self.row(grant, "9000")], by=grant.officer)
        assert [need.text for need in grant.first.needs.all()] == ["Send the policy"]

    def test_the_plan_is_closed_once_issued(self, sign_in):
        grant = g.issued()
        with pytest.raises(NotPermitted):
            save_plan(agreement=grant.agreement, rows=[], by=grant.officer)
        assert sign_in(grant.officer).get(f"/agreements/{grant.agreement.reference}/instalments/").status_code == 403

    def test_the_page_keeps_what_was_typed_and_saves(self, sign_in):
        grant = g.agreed()
        client, url = sign_in(grant.officer), f"/agreements/{grant.agreement.reference}/instalments/"
        page = client.get(url).text
        assert "£9,000.00" in page
        account = Account.objects.get(file=grant.bid.file).pk
        data = {"instalments-TOTAL_FORMS": "2", "instalments-INITIAL_FORMS": "2", "version": grant.agreement.version}
        for index, (one, amount) in enumerate([(grant.first, "6,000"), (grant.second, "0")]):
            place = f"instalments-{index}-"
            data |= {f"{place}instalment": one.pk, f"{place}amount": amount, f"{place}account": account}
            data |= {
                f"{place}due_day": "1",
                f"{place}due_month": "12",
                f"{place}due_year": "2026",
                f"{place}purchase_order": "=1",
            }
        response = client.post(url, data)
        assert response.status_code == 422
        assert "Instalment 2: the amount must be more than £0" in response.text
        assert 'value="6,000"' in response.text
        data["instalments-1-amount"] = "3000"
        assert client.post(url, data).status_code == 302
        assert [str(one.amount) for one in grant.agreement.instalments.all()] == ["6000.00", "3000.00"]
        assert client.post(url, data).status_code == 409


class TestHeld:
    def test_until_the_condition_is_met(self, sign_in):
        grant = g.active(conditions=("Send the safeguarding policy",))
        finance = grant.who(Role.FINANCE_OFFICER, "one")
        owed = grant.agreement.obligations.get(kind="condition")
        with pytest.raises(Refused, match="Waiting for: Send the safeguarding policy"):
            perform(grant.first, "prepare", by=finance)
        page = sign_in(finance).get(grant.first.get_absolute_url()).text
        assert "Holds this payment" in page
        assert "Not yet: Prepare payment" in page
        meet(obligation=owed, by=grant.officer, evidence="Seen")
        perform(grant.first, "prepare", by=finance)
        unmeet(obligation=owed, by=grant.officer, reason="Withdrawn policy")
        with pytest.raises(Refused, match="Waiting for"):
            perform(grant.first, "approve", by=grant.who(Role.CHIEF_FINANCE_OFFICER))
        waive(obligation=owed, by=grant.officer, reason="Not needed")
        assert perform(grant.first, "approve", by=grant.who(Role.CHIEF_FINANCE_OFFICER)).case.state == "approved"

    def test_while_the_agreement_is_not_active(self):
        grant = g.active()
        perform(grant.agreement, "suspend", by=grant.officer, reason="A complaint.")
        with pytest.raises(Refused, match="The agreement is suspended, not active"):
            perform(grant.first, "prepare", by=grant.who(Role.FINANCE_OFFICER, "one"))
        with pytest.raises(Refused, match="not active"):
            perform(grant.first, "claim", by=grant.coordinator)

    def test_the_return_of_the_half_year_holds_the_second(self):
        grant = g.active()
        assert [need.kind for need in grant.first.needs.all()] == []
        assert [need.kind for need in grant.second.needs.all()] == ["return"]
        assert [one.pk for one in instalments_after(grant.agreement, dt.date(2027, 4, 30))] == [grant.second.pk]

    def test_only_what_its_own_agreement_asks_for(self):
        grant = g.active()
        with pytest.raises(Refused, match="its own agreement"):
            depends(grant.first, f.ObligationFactory(), by=grant.officer)

    def test_the_list_names_the_first_thing_owed_and_counts_the_rest(self, sign_in):
        grant = g.active(conditions=("Send the policy", "Name the lead"))
        shown = Instalment.objects.with_held().get(pk=grant.first.pk)
        assert (shown.is_held, shown.held_for, shown.held_by) == (True, "Send the policy", 2)
        client = sign_in(grant.coordinator)
        assert "Send the policy and 1 more" in client.get("/payments/?show=held").text
        assert grant.first.reference not in client.get("/payments/?show=due").text
        assert list(waiting(grant.coordinator)) == []
        with clock.at(dt.date(2026, 10, 20)):
            (item,) = waiting(grant.coordinator)
        assert item.sentence == "£4,500.00 cannot be paid yet. Waiting for: Send the policy and 1 more"


class TestThreePeople:
    def test_each_step_needs_another(self):
        grant = g.active()
        one, two = grant.who(Role.FINANCE_OFFICER, "one"), grant.who(Role.FINANCE_OFFICER, "two")
        pay = {"paid_on": dt.date(2026, 10, 14), "bacs_reference": "B1"}
        perform(grant.first, "prepare", by=one)
        with pytest.raises(Refused, match="somebody else must approve"):
            perform(grant.first, "approve", by=one)
        perform(grant.first, "approve", by=two)
        for person in (one, two):
            with pytest.raises(Refused, match="somebody else must record"):
                perform(grant.first, "pay", by=person, **pay)
        perform(grant.first, "pay", by=grant.who(Role.FINANCE_OFFICER, "three"), **pay)
        assert grant.first.state == "paid"

    @pytest.mark.parametrize("name", ["approved_by", "paid_by"])
    def test_the_database_refuses_it_too(self, name):
        grant = g.paid()
        with pytest.raises(IntegrityError), transaction.atomic():
            Instalment.objects.filter(pk=grant.first.pk).update(**{name: grant.first.prepared_by})

    def test_nobody_of_the_partner_and_no_officer_pays(self):
        grant = g.active()
        for person in (grant.coordinator, grant.finance_signatory, grant.officer, grant.chief):
            with pytest.raises(NotPermitted):
                perform(grant.first, "prepare", by=person)

    def test_what_waits_for_whom(self):
        grant = g.prepared()
        one, two = grant.who(Role.FINANCE_OFFICER, "one"), grant.who(Role.FINANCE_OFFICER, "two")
        assert [item.reference for item in waiting(one)] == []
        assert [item.reference for item in waiting(two)] == [grant.first.reference]
        perform(grant.first, "approve", by=grant.who(Role.CHIEF_FINANCE_OFFICER))
        assert [item.sentence for item in waiting(two)] == ["Pay and record £4,500.00"]


class TestLedger:
    def entries(self, grant):
        rows = LedgerEntry.objects.filter(kind="paid", account__file=grant.bid.file).order_by("pk")
        return [(str(row.amount), row.on, row.cause, row.bank_reference) for row in rows]

    def test_a_payment_is_entered_with_its_own_date(self):
        grant = g.approved()
        third = grant.who(Role.FINANCE_OFFICER, "two")
        perform(grant.first, "pay", by=third, paid_on=dt.date(2026, 10, 14), bacs_reference="B1")
        assert self.entries(grant) == [("4500.00", dt.date(2026, 10, 14), grant.first.reference, "B1")]
        assert list(differences()) == []

    def test_a_reversal_is_the_opposite_entry_and_it_is_due_again(self):
        grant = g.paid()
        perform(grant.first, "reverse", by=grant.who(Role.FINANCE_OFFICER, "two"), reason="The account was closed.")
        assert [row[0] for row in self.entries(grant)] == ["4500.00", "-4500.00"]
        assert {row[3] for row in self.entries(grant)} == {"BACS0001"}
        first = grant.first
        assert (first.state, first.prepared_by, first.paid_on, first.bacs_reference) == ("scheduled", None, None, "")
        perform(first, "prepare", by=grant.who(Role.FINANCE_OFFICER, "one"))
        perform(first, "approve", by=grant.who(Role.CHIEF_FINANCE_OFFICER))
        third = grant.who(Role.FINANCE_OFFICER, "two")
        perform(first, "pay", by=third, paid_on=dt.date(2026, 10, 14), bacs_reference="B2")
        assert [row[0] for row in self.entries(grant)] == ["4500.00", "-4500.00", "4500.00"]
        assert list(differences()) == []

    def test_a_payment_of_a_closed_grant_is_not_reversed_before_it_is_reopened(self):
        grant = g.paid()
        finance = grant.who(Role.FINANCE_OFFICER, "one")
        perform(grant.second, "cancel", by=grant.officer, reason="Not needed.")
        for owed in grant.agreement.obligations.all():
            waive(obligation=owed, by=grant.officer, reason="Over.")
        perform(grant.agreement, "end", by=grant.officer, reason="Over.", ended_as="completed")
        perform(grant.agreement, "close", by=finance)
        with pytest.raises(Refused, match="The grant is closed: reopen it before you reverse a payment"):
            perform(grant.first, "reverse", by=finance, reason="The bank sent it back.")
        perform(grant.agreement, "reopen", by=finance, reason="The bank sent it back.")
        assert perform(grant.first, "reverse", by=finance, reason="The bank sent it back.").case.state == "scheduled"
        with pytest.raises(Refused, match="is still to be paid or cancelled"):
            perform(grant.agreement, "close", by=finance)

    def test_nothing_is_paid_above_the_commitment(self):
        grant = g.approved()
        account = Account.objects.get(file=grant.bid.file)
        post([Posting(account, "committed", Decimal("-6000"))], cause="test", key="less", by=grant.chief)
        third = grant.who(Role.FINANCE_OFFICER, "two")
        with pytest.raises(Refused, match=r"£1,500\.00 more than is committed"):
            perform(grant.first, "pay", by=third, paid_on=dt.date(2026, 10, 14), bacs_reference="B1")
        assert (grant.first.state, self.entries(grant)) == ("approved", [])

    def test_a_second_click_pays_once(self, sign_in):
        grant = g.approved()
        client, url = sign_in(grant.who(Role.FINANCE_OFFICER, "two")), f"{grant.first.get_absolute_url()}pay/"
        data = {"paid_on_day": "14", "paid_on_month": "10", "paid_on_year": "2026", "bacs_reference": "B1"}
        data["version"] = grant.first.version
        assert client.post(url, data).status_code == 302
        assert "This was already done." in client.post(url, data, follow=True).text
        assert len(self.entries(grant)) == 1

    @pytest.mark.parametrize(
        ("day", "month", "sentence"),
        [
            ("15", "10", "must be the same as or before 14 October 2026"),
            ("13", "10", "the same as or after the day the agreement became active"),
            ("31", "9", "must be a real date"),
            ("", "", "Enter the date paid"),
        ],
    )
    def test_a_date_that_cannot_be_gets_a_sentence(self, sign_in, day, month, sentence):
        grant = g.approved()
        client, url = sign_in(grant.who(Role.FINANCE_OFFICER, "two")), f"{grant.first.get_absolute_url()}pay/"
        year = "2026" if day else ""
        data = {"paid_on_day": day, "paid_on_month": month, "paid_on_year": year, "bacs_reference": "B1"}
        response = client.post(url, {**data, "version": grant.first.version})
        assert response.status_code == 422
        assert sentence in response.text
        assert 'value="B1"' in response.text
        assert grant.first.state == "approved"


def sheet_of(response):
    return list(load_workbook(BytesIO(b"".join(response.streaming_content))).active.values)


class TestPages:
    def test_the_partner_sees_payments_from_the_day_of_issue(self, sign_in):
        grant = g.agreed()
        client, url = sign_in(grant.coordinator), grant.first.get_absolute_url()
        assert client.get(url).status_code == 404
        assert grant.first.reference not in client.get("/payments/").text
        issue_agreement(agreement=grant.agreement, by=grant.officer)
        assert client.get(url).status_code == 200
        assert grant.first.reference in client.get("/payments/").text

    def test_what_a_draft_agreement_plans_is_no_payment_yet(self, sign_in):
        grant = g.agreed()
        client = sign_in(f.officer(Role.FINANCE_OFFICER))
        for query in ("", "?show=held", "?state=scheduled"):
            assert grant.first.reference not in client.get(f"/payments/{query}").text
        assert grant.first.reference not in str(sheet_of(client.get("/payments/?export=xlsx")))
        assert client.get(grant.first.get_absolute_url()).status_code == 200, "the agreement's page leads to it"
        issue_agreement(agreement=grant.agreement, by=grant.officer)
        assert grant.first.reference in client.get("/payments/").text
        assert grant.first.reference in str(sheet_of(client.get("/payments/?export=xlsx")))

    def test_a_stranger_finds_nothing(self, sign_in):
        grant = g.active()
        stranger = f.member(f.OrganisationFactory(council=True), Role.FINANCE_SIGNATORY)
        client = sign_in(stranger)
        for page in ("", "claim/", "pay/"):
            assert client.get(grant.first.get_absolute_url() + page).status_code == 404
        assert grant.first.reference not in client.get("/payments/").text

    @pytest.mark.parametrize("count", [1, 60])
    def test_the_list_costs_eight_queries_at_any_length(self, sign_in, count):
        agreement = f.AgreementFactory()
        for _ in range(count):
            payment = f.InstalmentFactory(agreement=agreement)
            payment.needs.add(f.ObligationFactory(agreement=agreement))
        client = sign_in(f.officer(Role.FINANCE_OFFICER))
        client.get("/payments/")
        with CaptureQueriesContext(connection) as queries:
            response = client.get("/payments/")
        assert f"{count} payments" in response.text
        assert len(queries) <= 8
        assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]

    @pytest.mark.parametrize("stage", [g.issued, g.active, g.paid])
    @pytest.mark.parametrize("who", ["finance", "coordinator"])
    def test_a_page_costs_fifteen_queries_at_most(self, sign_in, stage, who):
        grant = stage()
        person = grant.coordinator if who == "coordinator" else grant.who(Role.FINANCE_OFFICER, "one")
        client, url = sign_in(person), grant.second.get_absolute_url()
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        assert len(queries) <= 15, [query["sql"][:150] for query in queries]
        assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]

    @pytest.mark.parametrize("shown", ["held", "due", "late"])
    def test_filters_that_are_no_choice_show_everything(self, sign_in, shown):
        grant = g.active()
        client = sign_in(grant.who(Role.FINANCE_OFFICER, "one"))
        assert client.get(f"/payments/?show={shown}&year=2026").status_code == 200
        assert client.get("/payments/?year=x&state=y").status_code == 200
        assert grant.first.reference in client.get("/payments/?year=2026&state=scheduled").text
