"""The one path that changes a case: permissions, stale tabs, second clicks, units of work and the state's protection."""

from __future__ import annotations

import threading
from importlib import import_module

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from casework import clock
from casework.audit.chain import verify
from casework.audit.models import AuditEntry
from casework.workflow import SYSTEM, NotPermitted, Refused, Stale, definition, editing, options, perform, record, unit
from grants.models import Bid
from tests import factories as f

STEP = "begin_assessment"


@pytest.fixture
def workflow(monkeypatch):
    """The workflow's tables of effects and requirements, emptied: what other rooms hang on a bid is not this file's matter."""
    module = import_module("casework.workflow.perform")
    monkeypatch.setattr(module, "_effects", {})
    monkeypatch.setattr(module, "_requirements", dict(module._requirements))
    return module


@pytest.fixture
def bid(db, noon, workflow):
    return f.BidFactory(submitted=True)


@pytest.fixture
def step(bid):
    """django-fsm's record of "begin assessment" from submitted."""
    return definition(Bid.begin_assessment, "submitted")


@pytest.fixture
def officer(bid):
    return f.officer()


def verbs() -> list[str]:
    return list(AuditEntry.objects.order_by("number").values_list("verb", flat=True))


def test_a_step_changes_the_row_counts_the_version_and_is_audited(bid, officer):
    result = perform(bid, STEP, by=officer, version=1)
    assert not result.already_done
    assert (result.case.state, result.case.version) == ("assessing", 2)
    assert bid.state == "submitted", "the caller's own object is left as it was"
    entry = AuditEntry.objects.get()
    told = (entry.verb, entry.source, entry.target, entry.actor, entry.reference, entry.version, entry.file)
    assert told == (STEP, "submitted", "assessing", officer, bid.reference, 2, bid.file)


def test_who_has_no_permission_is_refused(bid):
    for stranger in (f.UserFactory(), f.member(bid.applicant), f.officer("finance_officer")):
        with pytest.raises(NotPermitted, match="You do not have the role"):
            perform(bid, STEP, by=stranger)
    assert verbs() == []


def test_a_step_that_declares_no_permission_is_nobodys(bid, officer, step, monkeypatch):
    monkeypatch.setattr(step, "permission", None)
    with pytest.raises(NotPermitted):
        perform(bid, STEP, by=officer)
    assert [option.name for option in options(bid, officer)].count(STEP) == 0


def test_the_system_does_only_what_is_declared_for_it(bid, step, monkeypatch):
    with pytest.raises(NotPermitted):
        perform(bid, STEP, by=SYSTEM)
    monkeypatch.setitem(step.custom, "system", True)
    assert perform(bid, STEP, by=SYSTEM).case.state == "assessing"
    assert AuditEntry.objects.get().actor is None


def test_from_another_state_the_sentence_says_where_it_stands(bid, officer):
    perform(bid, STEP, by=officer)
    with pytest.raises(Refused, match=f"{bid.reference} is .*, so this can no longer be done"):
        perform(bid, STEP, by=officer)


def test_what_is_no_step_is_a_lookup_error(bid, officer):
    for name in ("save", "delete", "launch", "bodies"):
        with pytest.raises(LookupError, match="has no transition"):
            perform(bid, name, by=officer)


def test_a_second_click_changes_nothing(bid, officer):
    perform(bid, STEP, by=officer, version=1)
    again = perform(bid, STEP, by=officer, version=1)
    assert again.already_done
    assert again.case.version == 2
    assert verbs() == [STEP]


def test_somebody_elses_change_in_between_is_stale(bid, officer):
    other = f.officer(name="Joanna Whitfield")
    perform(bid, STEP, by=other, version=1)
    with pytest.raises(Stale, match="This was changed by Joanna Whitfield after you opened the page") as told:
        perform(bid, STEP, by=officer, version=1)
    assert told.value.at == clock.now()


def test_ones_own_other_act_in_between_is_stale_too(bid, officer):
    perform(bid, "return_for_changes", by=officer, version=1, reason="The lines do not add up")
    with pytest.raises(Stale):
        perform(bid, STEP, by=officer, version=1)


def test_a_reason_is_asked_for_and_kept_beside_the_chain(bid, officer):
    with pytest.raises(Refused, match="Enter a reason"):
        perform(bid, "return_for_changes", by=officer, reason="  ")
    perform(bid, "return_for_changes", by=officer, reason=" The lines do not add up ")
    assert AuditEntry.objects.get().statement.text == "The lines do not add up"


def test_a_requirement_that_nobody_registered_is_a_lookup_error(bid, officer, step, monkeypatch):
    monkeypatch.setitem(step.custom, "requires", ["nobody_answers"])
    with pytest.raises(LookupError, match="nobody_answers"):
        perform(bid, STEP, by=officer)


def test_every_sentence_that_stands_against_a_step_is_told(bid, officer, step, workflow, monkeypatch):
    monkeypatch.setitem(step.custom, "requires", ["first", "second"])
    monkeypatch.setitem(step.custom, "checks", (lambda case, by: "You may not",))
    workflow.require(Bid, STEP, "first", lambda case: ["One thing is missing", "Another is wrong"])
    workflow.require(Bid, STEP, "second", lambda case: [])
    with pytest.raises(Refused) as refused:
        perform(bid, STEP, by=officer)
    assert list(refused.value.sentences) == ["You may not", "One thing is missing", "Another is wrong"]
    offered = next(option for option in options(bid, officer) if option.name == STEP)
    assert not offered.allowed
    assert list(offered.why) == list(refused.value.sentences)


def test_an_effect_runs_in_the_transaction_and_is_told_of_the_move(bid, officer, workflow, monkeypatch):
    moves = []
    monkeypatch.setattr(workflow, "_effects", {(Bid, STEP): [moves.append]})
    perform(bid, STEP, by=officer, reason="Now")
    (move,) = moves
    assert (move.case.state, move.by, move.source, move.reason, move.data) == ("assessing", officer, "submitted", "Now", {})


def test_an_effect_that_fails_takes_everything_back(bid, officer, workflow, monkeypatch):
    def writes_and_fails(move):
        record(move.case, "did something more", by=move.by)
        f.OrganisationFactory(key="made-by-the-effect")
        raise ValueError("no")

    monkeypatch.setattr(workflow, "_effects", {(Bid, STEP): [writes_and_fails]})
    with pytest.raises(ValueError, match="no"):
        perform(bid, STEP, by=officer)
    row = Bid.objects.get(pk=bid.pk)
    assert (row.state, row.version) == ("submitted", 1)
    assert verbs() == []
    assert not bid.applicant._meta.model.objects.filter(key="made-by-the-effect").exists()


def test_what_the_model_refuses_is_not_saved(bid, officer):
    Bid.objects.filter(pk=bid.pk).update(title="")
    with pytest.raises(ValidationError):
        perform(bid, STEP, by=officer)
    assert Bid.objects.get(pk=bid.pk).state == "submitted"


def test_entries_are_appended_at_the_end_in_their_order(bid, officer):
    with unit():
        record(bid, "one", by=officer)
        with unit():
            record(bid, "two", by=officer)
            assert verbs() == [], "nothing is appended before the outermost unit ends"
        record(bid, "three", by=officer)
    assert verbs() == ["one", "two", "three"]
    assert verify() is None


def test_an_inner_unit_that_fails_takes_its_own_entries_alone(bid, officer):

    def inner():
        with unit():
            record(bid, "lost", by=officer)
            Bid.objects.filter(pk=bid.pk).update(title="Lost")
            raise ValueError("inner")

    with unit():
        record(bid, "kept", by=officer)
        with pytest.raises(ValueError, match="inner"):
            inner()
        record(bid, "kept too", by=officer)
    assert verbs() == ["kept", "kept too"]
    assert Bid.objects.get(pk=bid.pk).title == "Transforming Lives"


def test_an_outer_unit_that_fails_takes_everything(bid, officer):
    def outer():
        with unit():
            record(bid, "lost", by=officer)
            with unit():
                perform(bid, STEP, by=officer)
            raise ValueError("outer")

    with pytest.raises(ValueError, match="outer"):
        outer()
    assert verbs() == []
    assert Bid.objects.get(pk=bid.pk).state == "submitted"
    record(bid, "a new unit begins afresh", by=officer)
    assert verbs() == ["a new unit begins afresh"]


def test_what_is_recorded_on_the_case_while_editing_it_is_one_entry_with_both_changes(db, noon, workflow):
    bid = f.BidFactory()
    writer = f.member(bid.applicant)
    with editing(bid, by=writer, permission="grants.change_bid", verb="changed the attachments") as row:
        record(row, "attached a file", by=writer, changes={"document": 7})
        record(bid.response, "counted", by=writer)
        row.title = "Changing Lives"
    told = [(entry.verb, entry.version, set(entry.changes)) for entry in AuditEntry.objects.order_by("number")]
    assert told == [("attached a file", 2, {"document", "title"}), ("counted", None, set())]
    with editing(bid, by=writer, permission="grants.change_bid", verb="changed the project") as row:
        record(row, "named it", by=writer, changes={"title": [1, 2]})
        row.title = "Ending Lives"
    assert verbs()[2:] == ["named it", "changed the project"], "neither's changes are lost when both name a field"


def test_editing_counts_the_version_and_names_what_changed_without_its_words(db, noon, workflow):
    bid = f.BidFactory()
    coordinator = f.member(bid.applicant)
    with editing(bid, by=coordinator, permission="grants.change_bid", verb="changed the project", version=1) as row:
        row.title = "Changing Lives"
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.version, set(entry.changes)) == ("changed the project", 2, {"title"})
    assert "Changing Lives" not in str(entry.changes)
    with (
        pytest.raises(Stale),
        editing(bid, by=coordinator, permission="grants.change_bid", verb="changed the project", version=1) as row,
    ):
        row.title = "Lost"
    with (
        pytest.raises(NotPermitted),
        editing(bid, by=f.officer(), permission="grants.change_bid", verb="changed the project") as row,
    ):
        row.title = "Lost"
    assert Bid.objects.get(pk=bid.pk).title == "Changing Lives"


def test_the_state_cannot_be_set_by_hand(bid):
    with pytest.raises(AttributeError):
        bid.state = "awarded"


def test_a_refresh_reads_the_state_again(bid, officer):
    perform(bid, STEP, by=officer)
    bid.refresh_from_db(fields=["title"])
    assert bid.state == "submitted"
    bid.refresh_from_db()
    assert bid.state == "assessing"
    with pytest.raises(AttributeError):
        bid.state = "awarded"


@pytest.mark.database
def test_the_state_stays_protected_while_other_threads_refresh(committed, noon):
    """django-fsm's own refresh_from_db switches the protection off for the whole class while it runs."""
    bid = f.BidFactory(submitted=True)
    others = [Bid.objects.get(pk=bid.pk) for _ in range(3)]
    done = threading.Event()

    def refresh(mine: Bid) -> None:
        try:
            while not done.is_set():
                mine.refresh_from_db()
        finally:
            connection.close()

    threads = [threading.Thread(target=refresh, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    went_through = 0
    try:
        for _ in range(3000):
            try:
                bid.state = "awarded"
            except AttributeError:
                continue
            went_through += 1
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert went_through == 0
