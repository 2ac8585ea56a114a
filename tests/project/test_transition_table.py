"""The hand-written table of transitions against the code: nothing missing, nothing more, and exactly these people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from casework.workflow import SYSTEM, NotPermitted, case_models, definition, perform, transition_method, transitions_of
from casework.workflow.perform import permitted
from tests.project.people import EVERYBODY, World, build
from tests.project.transition_table import TABLE, Row

ROWS = [(case, name, row) for case, rows in TABLE.items() for name, row in rows.items()]
MODELS = {model.__name__: model for model in case_models()}
ids = [f"{case}.{name}" for case, name, _ in ROWS]


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Built once: asking who may do something writes nothing."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


def in_state(world: World, case: str, state: str) -> Any:
    """The case as if it were in this state: the table asks for permissions, which look at it and at nothing stored."""
    found = world.cases[case]
    found.__dict__["state"] = state
    return found


def test_every_declared_transition_is_in_the_table() -> None:
    declared = {(name, step) for name, model in MODELS.items() for step in transitions_of(model)}
    assert declared == {(case, name) for case, name, _ in ROWS}


@pytest.mark.parametrize(("case", "name", "row"), ROWS, ids=ids)
def test_it_goes_from_these_states_to_that_one(case: str, name: str, row: Row) -> None:
    sources, target, _ = row
    moves = transition_method(MODELS[case], name)._django_fsm.transitions
    assert {(str(source), str(step.target)) for source, step in moves.items()} == {(source, target) for source in sources}


@pytest.mark.django_db
@pytest.mark.parametrize(("case", "name", "row"), ROWS, ids=ids)
def test_exactly_these_people_may(world: World, case: str, name: str, row: Row) -> None:
    sources, _, who = row
    assert set(who) <= {*EVERYBODY, "SYSTEM"}
    for source in sources:
        found = in_state(world, case, source)
        step = definition(transition_method(MODELS[case], name), source)
        assert step is not None
        people = {**world.people, "SYSTEM": SYSTEM}
        assert {key for key, person in people.items() if permitted(found, step, person)} == set(who), source


# A round belongs to no body; taking a recommendation back and publishing a decision decide nothing; a decision that is withdrawn takes
# its offers and agreements with it, and is stopped where its bids are: Bid.undo_decision.
NOBODYS = {("Decision", "revise"), ("Decision", "publish"), *((case, "withdraw") for case in ("Decision", "Offer", "Agreement"))}
FROM_A_BID = [(case, name, row) for case, name, row in ROWS if case != "Round" and (case, name) not in NOBODYS]


@pytest.mark.django_db
@pytest.mark.parametrize(("case", "name", "row"), FROM_A_BID, ids=[f"{case}.{name}" for case, name, _ in FROM_A_BID])
def test_nobody_acts_on_their_own_bodys_case(world: World, case: str, name: str, row: Row) -> None:
    """Every office role at once does not help a person who serves one of the bid's bodies."""
    for source in row[0]:
        step, found = definition(transition_method(MODELS[case], name), source), in_state(world, case, source)
        sentences = [check(found, world.interested) for check in step.custom["checks"]]
        assert not permitted(found, step, world.interested) or any("You serve a body" in str(words) for words in sentences), (
            source
        )


@pytest.mark.django_db
@pytest.mark.parametrize("person", ["auditor", "administrator", "applicant viewer", "deliverer delivery lead", "stranger"])
def test_perform_asks_the_same_question(person: str) -> None:
    """What the table says of permissions holds where it counts: the case is as it was, and a sentence tells why."""
    world = build()
    before = type(world.cases["Agreement"]).objects.get(pk=world.cases["Agreement"].pk)
    with pytest.raises(NotPermitted, match="You do not have the role"):
        perform(before, "suspend", by=world.people[person], reason="It is late")
    after = type(before).objects.get(pk=before.pk)
    assert (after.state, after.version) == ("active", before.version)
