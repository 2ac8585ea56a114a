"""A return from the signature of its agreement to its acceptance, and every way back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from casework import clock
from casework.audit.models import AuditEntry
from casework.outbox import Message
from casework.reminders import remind
from casework.snapshots import snapshots_of, take_snapshot
from casework.workflow import SYSTEM, NotPermitted, Refused, Stale, perform
from grants.models import Agreement, Award
from grants.payments.models import Instalment
from monitoring.models import Return
from monitoring.returns.completeness import missing
from monitoring.returns.forms import DECLARATION
from monitoring.returns.making import make_returns
from monitoring.returns.services import save_reply, save_spend
from monitoring.returns.timers import open_due_returns
from partnerships.organisations.roles import Role
from tests.factories import AgreementFactory, InstalmentFactory, MembershipFactory, ReturnFactory, member, officer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def people(case: Any) -> tuple[Any, Any, Any]:
    """Coordinator, finance signatory and officer of a case."""
    bid = case.bid
    return member(bid.applicant), member(bid.accountable_body, Role.FINANCE_SIGNATORY), officer()


def submitted(case: Return) -> Return:
    coordinator, certifier, _ = people(case)
    perform(case, "prepare", by=coordinator)
    return perform(case, "submit", by=certifier, declaration=DECLARATION).case


def signed() -> Agreement:
    """An agreement of April to March with payments on 21 November and 21 May."""
    agreement = AgreementFactory()
    for number, due in ((1, dt.date(2026, 6, 1)), (2, dt.date(2026, 11, 21)), (3, dt.date(2027, 5, 21))):
        InstalmentFactory(agreement=agreement, number=number, due=due, amount=Decimal(3000))
    return agreement


def test_an_agreement_in_force_owes_two_returns_that_hold_the_payments_after_them() -> None:
    agreement = signed()
    one = officer()
    make_returns(agreement=agreement, by=one)

    first, second = agreement.returns.order_by("period_start")
    reference = agreement.bid.reference
    assert (first.reference, first.period_end, first.due, first.state) == (
        f"{reference}-R01",
        dt.date(2026, 9, 30),
        dt.date(2026, 10, 31),
        "open",
    )
    assert (second.reference, second.opens_on, second.due, second.state) == (
        f"{reference}-R02",
        dt.date(2027, 4, 1),
        dt.date(2027, 4, 30),
        "scheduled",
    )
    waits = {
        instalment.due: [obligation.cause_ref for obligation in instalment.needs.all()]
        for instalment in agreement.instalments.all()
    }
    assert waits == {
        dt.date(2026, 6, 1): [],
        dt.date(2026, 11, 21): [first.reference],
        dt.date(2027, 5, 21): [second.reference],
    }
    held = AuditEntry.objects.filter(verb="made the payment depend on an obligation")
    assert [act.actor for act in held] == [one, one], "the history names who acted, not the system"
    assert [line.profile for line in first.lines.all()] == [Decimal("4512.33")]
    assert [line.profile for line in second.lines.all()] == [Decimal("9000.00")]
    assert [row.line_key for row in first.lines.all()] == [row.line_key for row in agreement.lines.all()]


def test_countersigning_makes_them_and_once_only() -> None:
    agreement = AgreementFactory(state="accepted", active_from=None)
    take_snapshot(agreement, {"text": "as issued"}, by=officer())
    chief = officer(Role.CHIEF_EXECUTIVE)
    perform(agreement, "countersign", by=chief, declaration="I sign.")
    assert agreement.returns.count() == 2
    assert make_returns(agreement=agreement, by=chief) == []
    assert agreement.returns.count() == 2
    assert agreement.obligations.filter(kind="return").count() == 2


def test_a_small_grant_has_one_end_report() -> None:
    agreement = AgreementFactory()
    round = agreement.bid.round
    round.tier, round.tier_reason = "small", "Up to £5,000"
    round.save()
    (case,) = make_returns(agreement=agreement, by=officer())
    assert (case.kind, case.period_end, case.due) == ("end_report", dt.date(2027, 3, 31), dt.date(2027, 4, 30))
    assert "Attach the receipts" in missing(case)


def test_a_contribution_has_no_return_of_its_own() -> None:
    agreement = AgreementFactory()
    Award.objects.filter(pk=agreement.award_id).update(kind="contribution", kind_reason="A shared service")
    agreement = Agreement.objects.get(pk=agreement.pk)
    assert make_returns(agreement=agreement, by=officer()) == []


def test_it_opens_on_its_day_and_an_officer_may_open_it_early_and_undo_that() -> None:
    case = ReturnFactory(state="scheduled", opens_on=dt.date(2026, 11, 1))
    _, _, one = people(case)
    assert open_due_returns(dt.date(2026, 10, 31)) == 0
    with pytest.raises(Refused, match="opens on 1 November 2026"):
        perform(case, "open", by=SYSTEM, reason="Too soon")
    perform(case, "open", by=one, reason="The coordinator leaves in October")
    assert perform(case, "unopen", by=one, reason="They stay after all").case.state == "scheduled"
    with clock.at(dt.date(2026, 11, 1)):
        assert open_due_returns(clock.today()) == 1
        assert open_due_returns(clock.today()) == 0
        with pytest.raises(Refused, match="so the return stays open"):
            perform(case, "unopen", by=one, reason="Again")


def test_an_incomplete_return_is_not_prepared_and_every_gap_is_named() -> None:
    case = ReturnFactory()
    coordinator, _, _ = people(case)
    with pytest.raises(Refused) as refused:
        perform(case, "prepare", by=coordinator)
    assert list(refused.value.sentences) == [
        "Enter what was spent on “Youth worker”",
        "Enter a figure for “Young people who take part”, or say why there is none",
        "Say when “First programme begins” was reached, or give its new date and the reason",
        "Answer “What is the progress?”",
    ]


def test_who_prepared_it_does_not_certify_it() -> None:
    case = ReturnFactory(filled=True)
    both_roles = member(case.bid.applicant)
    MembershipFactory(organisation=case.bid.accountable_body, role=Role.FINANCE_SIGNATORY, person=both_roles)
    perform(case, "prepare", by=both_roles)
    with pytest.raises(Refused, match="You prepared this return, so somebody else must certify it"):
        perform(case, "submit", by=both_roles, declaration=DECLARATION)


@pytest.mark.database
def test_the_database_refuses_a_return_certified_by_its_preparer() -> None:
    case = ReturnFactory(submitted=True)
    with pytest.raises(IntegrityError, match="certified_by_another"), transaction.atomic():
        Return.objects.filter(pk=case.pk).update(certified_by=case.prepared_by)
    with pytest.raises(IntegrityError, match="accepted_has_rating"), transaction.atomic():
        Return.objects.filter(pk=case.pk).update(state="accepted")


def test_certifying_freezes_the_return_under_its_declaration_and_sends_the_receipt() -> None:
    case = submitted(ReturnFactory(filled=True))
    (copy,) = snapshots_of(case)
    assert copy.declaration == DECLARATION
    assert copy.data["lines"][0]["actual"] == "4500.00"
    assert copy.data["measures"][0]["so_far"] == ["30.00", None]
    assert copy.data["narrative"][0]["answer"] == "Words that answer the question."
    receipts = Message.objects.filter(name="return_submitted")
    assert receipts.count() == 2
    assert all(copy.sha256 in message.body for message in receipts)


def test_queried_once_then_accepted_the_obligation_is_met_and_the_held_payment_is_free() -> None:
    agreement = signed()
    make_returns(agreement=agreement, by=officer())
    case = agreement.returns.get(due=dt.date(2026, 10, 31))
    fill(case)
    coordinator, certifier, one = people(case)
    perform(case, "prepare", by=coordinator)
    perform(case, "submit", by=certifier, declaration=DECLARATION)

    perform(case, "query", by=one, reason="How many came twice?")
    with pytest.raises(Refused, match="Answer the office’s question"):
        perform(case, "prepare", by=coordinator)
    save_reply(case=case, query=case.queries.get().pk, reply="Eleven of them.", by=coordinator)
    perform(case, "prepare", by=coordinator)
    perform(case, "submit", by=certifier, declaration=DECLARATION)
    assert held(agreement) == {dt.date(2026, 6, 1): False, dt.date(2026, 11, 21): True, dt.date(2027, 5, 21): True}

    done = perform(case, "accept", by=one, rag="amber", rag_comment="A slow start").case
    assert (done.state, done.rag) == ("accepted", "amber")
    obligation = agreement.obligations.get(cause_ref=case.reference)
    assert obligation.met_at is not None
    assert held(agreement) == {dt.date(2026, 6, 1): False, dt.date(2026, 11, 21): False, dt.date(2027, 5, 21): True}
    assert snapshots_of(case).count() == 2

    perform(case, "reopen", by=one, reason="The total was wrong")
    assert held(agreement)[dt.date(2026, 11, 21)] is True
    assert [query.text for query in case.queries.all()] == ["How many came twice?", "The total was wrong"]


def test_a_waiver_frees_the_payment_and_its_undoing_holds_it_again() -> None:
    agreement = signed()
    make_returns(agreement=agreement, by=officer())
    case = agreement.returns.get(due=dt.date(2026, 10, 31))
    one = officer()
    with pytest.raises(Refused, match="Enter a reason"):
        perform(case, "waive", by=one)
    perform(case, "waive", by=one, reason="The project began in October")
    assert held(agreement)[dt.date(2026, 11, 21)] is False
    perform(case, "unwaive", by=one, reason="It began in September after all")
    assert held(agreement)[dt.date(2026, 11, 21)] is True
    assert Return.objects.get(pk=case.pk).state == "open"


def test_the_partnership_takes_it_back_until_the_office_acts() -> None:
    case = submitted(ReturnFactory(filled=True))
    coordinator, _, one = people(case)
    taken = perform(case, "recall", by=coordinator).case
    assert (taken.state, taken.certified_by) == ("prepared", None)
    opened = perform(case, "unprepare", by=coordinator).case
    assert (opened.state, opened.prepared_by) == ("open", None)
    case = submitted(case)
    perform(case, "accept", by=one, rag="green")
    with pytest.raises(Refused):
        perform(case, "recall", by=coordinator)


def test_nothing_changes_while_it_is_prepared() -> None:
    case = ReturnFactory(filled=True)
    coordinator, _, _ = people(case)
    perform(case, "prepare", by=coordinator)
    line = case.lines.get()
    with pytest.raises(NotPermitted):
        save_spend(case=case, rows={line.pk: {"actual": Decimal(1)}}, by=coordinator)
    with pytest.raises(Stale):
        save_spend(case=case, rows={line.pk: {"actual": Decimal(1)}}, by=coordinator, version=1)
    assert case.lines.get().actual == Decimal("4500.00")


def test_an_officer_does_not_decide_on_a_body_they_serve_themselves() -> None:
    case = submitted(ReturnFactory(filled=True))
    one = officer()
    MembershipFactory(organisation=case.bid.applicant, role=Role.VIEWER, person=one)
    with pytest.raises(NotPermitted):
        perform(case, "accept", by=one, rag="green")


def test_a_return_that_was_sent_in_time_and_queried_is_not_late() -> None:
    case = submitted(ReturnFactory(filled=True))
    coordinator, _, one = people(case)
    perform(case, "query", by=one, reason="How many?")
    with clock.at(dt.date(2026, 11, 20)):
        save_reply(case=case, query=case.queries.get().pk, reply="Eleven.", by=coordinator)
        again = perform(case, "prepare", by=coordinator).case
        assert Return.objects.overdue().count() == 0
        assert (again.days_late, again.is_overdue(clock.today())) == (0, False)
    other = ReturnFactory()
    with clock.at(dt.date(2026, 11, 12)):
        assert list(Return.objects.overdue()) == [other]
        assert other.days_late == 12


def test_reminders_are_sent_once_each_and_go_to_who_must_act() -> None:
    case = ReturnFactory(filled=True)
    coordinator, certifier, _ = people(case)
    sent = Message.objects.filter(name="reminders").order_by("pk")
    assert reminded_on(dt.date(2026, 10, 16)) == 0
    assert reminded_on(dt.date(2026, 10, 17)) == 1
    assert reminded_on(dt.date(2026, 10, 18)) == 0
    assert reminded_on(dt.date(2026, 10, 29)) == 1
    perform(case, "prepare", by=coordinator)
    assert reminded_on(dt.date(2026, 11, 7)) == 1
    assert [(message.to_id, message.subject.split(": ")[1]) for message in sent] == [
        (coordinator.pk, "return due on 31 October 2026"),
        (coordinator.pk, "return due on 31 October 2026"),
        (certifier.pk, "return late"),
    ]
    perform(case, "submit", by=certifier, declaration=DECLARATION)
    assert reminded_on(dt.date(2026, 12, 25)) == 0


def reminded_on(day: dt.date) -> int:
    """How many e-mails the timer writes at noon of a day."""
    with clock.at(day):
        return remind()


def fill(case: Return) -> None:
    """Complete a return made from its agreement, as profiled."""
    for line in case.lines.all():
        line.actual, line.forecast = line.profile, line.budget
        line.save()
    case.measures.update(value=Decimal(10))
    case.milestones.update(done_on=dt.date(2026, 7, 1))
    case.response.answers.create(question_key="progress", value="It went well.")


def held(agreement: Agreement) -> dict[dt.date, bool]:
    return {row.due: row.is_held for row in Instalment.objects.filter(agreement=agreement).with_held()}
