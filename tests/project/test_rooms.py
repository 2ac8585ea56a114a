"""The rooms: who points at whom, and the ways up."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import connection, models

from casework.appendonly import append_only_models, check_triggers, present_triggers, trigger_names
from casework.workflow import effects
from casework.workflow.perform import runs_last
from scripts import architecture
from tests.project.tree import FLOORS, ROOT, modules

OUR_MODELS = [model for model in apps.get_models() if model.__module__.split(".")[0] in FLOORS]


def test_the_order_of_the_floors_is_the_contracts() -> None:
    assert tuple(architecture.floors()) == FLOORS
    assert architecture.rooms("grants") == [
        "funds",
        "rounds",
        "expressions",
        "bids",
        "assessment",
        "decisions",
        "agreements",
        "payments",
    ]
    assert architecture.place("grants.bids.models") > architecture.place("grants.rounds.models")
    assert architecture.place("monitoring.schedule.effects") > architecture.place("grants.payments.models")
    assert architecture.place("grants.urls") > architecture.place("grants.payments.urls")


def test_no_key_points_to_a_higher_room() -> None:
    """Also where the other table is named as text, which import-linter does not see."""
    upward = {
        f"{model.__name__}.{field.name} → {field.related_model.__module__}"
        for model in OUR_MODELS
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField)
        and field.related_model.__module__.split(".")[0] in FLOORS
        and architecture.place(field.related_model.__module__) > architecture.place(model.__module__)
    }
    assert upward == set()


def test_no_room_names_a_higher_rooms_table_as_text() -> None:
    """A key may name its table as "app.Model"; a lower floor's code must not name a higher one that way."""
    found = set()
    for path in modules():
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for label in re.findall(rf"\"((?:{'|'.join(FLOORS)})\.[A-Z]\w+)\"", path.read_text()):
            if label.split(".")[0] not in FLOORS[: architecture.place(module)[0] + 1]:
                found.add(f"{module}: {label}")
    assert found == set()


def test_the_architecture_is_drawn_as_the_code_is() -> None:
    text = architecture.DOCUMENT.read_text()
    assert architecture.renewed(text) == text, "Run scripts/architecture.py"


def test_every_room_has_its_marks_in_the_architecture() -> None:
    text = architecture.DOCUMENT.read_text()
    assert {name for floor in FLOORS for name in architecture.rooms(floor) if f"`{name}`" not in text} == set()
    assert {floor for floor in FLOORS if f"`{floor}/`" not in text} == set()


def test_effects_run_from_the_lowest_room_up() -> None:
    """What a higher room does may stand on what the case's own room did before it."""
    for (model, name), registered in effects().items():
        order = [(runs_last(effect), architecture.place(effect.__module__)) for effect in registered]
        assert order == sorted(order), f"{model.__name__}.{name}"
        places = [place for _, place in order]
        assert all(place >= architecture.place(model.__module__) for place in places), f"{model.__name__}.{name}"


@pytest.mark.database
@pytest.mark.django_db
def test_tables_that_only_grow_are_guarded_by_the_database() -> None:
    tables = {model._meta.db_table for model in append_only_models()}
    assert {"casework_auditentry", "casework_snapshot", "grants_ledgerentry"} <= tables
    wanted = {name for table in tables for name in trigger_names(table, connection.vendor)}
    assert wanted <= present_triggers("default")
    assert check_triggers(databases=["default"]) == []


@pytest.mark.django_db
def test_what_belongs_to_somebody_starts_from_nothing() -> None:
    """Every manager with `visible_to` gives a visitor nothing but what is public."""
    public = {"transparency"}
    asked = [model for model in OUR_MODELS if hasattr(model._default_manager.all(), "visible_to")]
    assert asked, "no model says who may see it"
    for model in asked:
        if model._meta.app_label not in public:
            assert not model._default_manager.all().visible_to(AnonymousUser()).exists(), model.__name__  # type: ignore[attr-defined]
