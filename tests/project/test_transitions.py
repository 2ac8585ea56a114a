"""Every case keeps the house's rules about transitions, and nothing goes past `perform`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.template.loader import get_template

from casework.workflow import Case, case_models, effects, move, requirements, transitions_of
from tests.factories import UserFactory
from tests.project.tree import ROOT, modules, named, tree_of

KEYS = set(move("label", past="past"))
WHO_MAY_CALL = ("casework/workflow/",)


def steps() -> list[tuple[type[Case], str, str, Any]]:
    """(case, transition, source, django-fsm's Transition)."""
    return [
        (model, name, source, step)
        for model in case_models()
        for name, method in transitions_of(model).items()
        for source, step in method._django_fsm.transitions.items()
    ]


def test_there_are_cases() -> None:
    assert {"Round", "Bid", "Assessment", "Decision", "Offer", "Agreement", "Instalment"} <= {m.__name__ for m in case_models()}


@pytest.mark.parametrize("model", case_models(), ids=lambda model: model.__name__)
def test_a_case_has_a_place_a_name_and_a_guarded_state(model: type[Case]) -> None:
    field: Any = model._meta.get_field("state")
    assert field.protected
    assert not field.editable
    assert model.list_path
    assert model.noun != "case"
    values = {value for value, _ in field.flatchoices}
    reached = {str(step.target) for case, _, _, step in steps() if case is model} | {str(field.get_default())}
    left = {source for case, _, source, _ in steps() if case is model}
    assert reached == values, "a state that nothing leads to, or a target that is no state"
    assert left <= values


@pytest.mark.django_db
@pytest.mark.parametrize("model", case_models(), ids=lambda model: model.__name__)
def test_a_case_says_who_sees_it_and_starts_from_nothing(model: type[Case]) -> None:
    queryset: Any = model._default_manager.all()
    assert "visible_to" in vars(type(queryset)), f"{model.__name__} has no visible_to of its own"
    for nobody in (AnonymousUser(), UserFactory(is_active=False)):
        assert not queryset.visible_to(nobody).exists()


def test_every_transition_says_who_and_in_which_words() -> None:
    for model, name, source, step in steps():
        where = f"{model.__name__}.{name}"
        assert source not in {"*", "+"}, where
        assert set(step.custom) == KEYS, f"{where} is not made with move()"
        assert step.permission or step.custom["system"], f"{where} is nobody's"
        assert step.permission is None or re.fullmatch(r"[a-z]+\.[a-z_]+", step.permission), where
        assert step.custom["label"][0].isupper(), where
        assert step.custom["past"][0].islower(), where


def test_every_permission_is_a_rule() -> None:
    import rules

    unknown = {
        f"{m.__name__}.{n}: {s.permission}" for m, n, _, s in steps() if s.permission and not rules.perm_exists(s.permission)
    }
    assert unknown == set()


def test_every_condition_has_its_sentence() -> None:
    dumb = {condition.__name__ for *_, step in steps() for condition in step.conditions if not getattr(condition, "sentence", "")}
    assert dumb == set()


def test_every_requirement_is_answered_and_every_answer_is_asked_for() -> None:
    named_by = {(model, name, requirement) for model, name, _, step in steps() for requirement in step.custom["requires"]}
    assert named_by == set(requirements())


def test_every_effect_belongs_to_a_transition() -> None:
    assert {(m.__name__, n) for m, n in effects()} <= {(m.__name__, n) for m, n, *_ in steps()}


def calls() -> Iterator[tuple[Path, ast.Call]]:
    for path in modules():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                yield path, node


def keywords(call: ast.Call) -> set[str | None]:
    return {keyword.arg for keyword in call.keywords}


def calls_of_transitions() -> set[str]:
    """`something.submit(by=…)` where a case has a transition of that name: each takes `by`. A room's own verb is called by its module."""
    known = {name for _, name, *_ in steps()}
    return {
        f"{named(path)}:{call.lineno} {call.func.attr}"
        for path, call in calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in known
        and "by" in keywords(call)
        and not names_a_module(call.func, path)
        and not named(path).startswith(WHO_MAY_CALL)
    }


def names_a_module(called: ast.Attribute, path: Any) -> bool:
    """services.submit(by=…) calls the room's verb."""
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom | ast.Import)
        for alias in node.names
    }
    return isinstance(called.value, ast.Name) and called.value.id in imported and called.value.id.islower()


def test_transitions_run_only_through_perform() -> None:
    assert calls_of_transitions() == set()


def test_no_state_is_written_past_the_workflow() -> None:
    """No `update(state=…)` and no `case.state = …` in the service."""
    written = {
        f"{named(path)}:{call.lineno}"
        for path, call in calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"update", "update_or_create"} and "state" in keywords(call)
    }
    assigned = {
        f"{named(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Attribute) and t.attr == "state" for t in node.targets)
    }
    assert written | assigned == set()


def first_words(function: str, position: int) -> dict[str, str]:
    """What calls of this function are given as text at this position, and where."""
    return {
        str(argument.value): f"{named(path)}:{call.lineno}"
        for path, call in calls()
        if getattr(call.func, "id", getattr(call.func, "attr", "")) == function and len(call.args) > position
        if isinstance(argument := call.args[position], ast.Constant)
    }


def test_perform_is_given_names_of_transitions() -> None:
    """A misspelt name would only be found by the person who presses the button."""
    unknown = set(first_words("perform", 1)) - {name for _, name, *_ in steps()}
    assert unknown == set()


def test_every_message_has_words_and_a_subject() -> None:
    """The first line of a message's template is its subject."""
    for name, where in first_words("queue", 0).items():
        assert get_template(f"messages/{name}.txt") is not None, where
    for path in (ROOT / "templates" / "messages").glob("*.txt"):
        source = re.sub(r"^(\{#.*?#\}|\{% (load|autoescape)[^%]*%\}|\s)*", "", path.read_text())
        subject, _, body = source.partition("\n")
        plain = re.sub(r"\{[{%].*?[%}]\}", "", subject).strip()
        assert 5 <= len(plain) <= 90, f"{path.name}: {subject!r}"
        assert "{{ link }}" in body, f"{path.name} does not lead anywhere"


def test_apps_gather_every_table_of_their_rooms() -> None:
    """A room's models that its app's models.py does not import would have no migration."""
    for path in modules():
        if path.name == "models.py" and path.parent.parent != ROOT:
            label, module = path.relative_to(ROOT).parts[0], ".".join(path.relative_to(ROOT).with_suffix("").parts)
            defined = {
                node.name
                for node in tree_of(path).body
                if isinstance(node, ast.ClassDef)
                and any(getattr(b, "id", "") == "Case" or getattr(b, "attr", "") == "Model" for b in node.bases)
            }
            known = {model.__name__ for model in apps.get_app_config(label).get_models() if model.__module__ == module}
            abstract = {
                node.name
                for node in tree_of(path).body
                if isinstance(node, ast.ClassDef) and "abstract = True" in ast.unparse(node)
            }
            assert defined - abstract <= known, module
