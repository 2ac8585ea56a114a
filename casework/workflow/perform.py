"""The one path that changes a case: `perform` for its state, `editing` for its content, `record` for everything beside."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from casework import clock
from casework.audit.chain import Pending, text_hash
from casework.audit.models import AuditEntry
from casework.workflow.case import Case, definition, transition_method
from casework.workflow.errors import NotPermitted, Refused, Stale
from casework.workflow.unit import acts_noted, joined, note_act, unit

C = TypeVar("C", bound=Case)
Effect = Callable[..., None]
_effects: dict[tuple[type[Case], str], list[Effect]] = defaultdict(list)
_last: set[Effect] = set()
_requirements: dict[tuple[type[Case], str, str], Callable[[Any], list[str]]] = {}


@dataclass(frozen=True)
class Result(Generic[C]):
    """`already_done`: this person's last act was the same transition, so a second click changed nothing."""

    case: C
    already_done: bool = False


@dataclass(frozen=True)
class Move:
    """What an effect is told: the case as saved, who did it, from which state, why, and the data the transition was given."""

    case: Any
    by: Any
    source: str
    reason: str
    data: dict[str, Any] = field(default_factory=dict)


def after(model: type[Case], name: str, *, last: bool = False) -> Callable[[Effect], Effect]:
    """Register `effect(move)` to run inside the transaction, after the case is saved. A failure rolls everything back.

    A room uses it for its own other tables, a higher room to answer a lower one's event; both are listed in docs/architecture.md.
    `last` is for what posts to the ledger while other rooms still lock cases: accounts are locked after every case.
    """
    transition_method(model, name)

    def add(effect: Effect) -> Effect:
        found = _effects[(model, name)]
        if last:
            _last.add(effect)
        found.insert(len(found) if last else sum(one not in _last for one in found), effect)
        return effect

    return add


def runs_last(effect: Effect) -> bool:
    """Whether it was registered to run after every other room's."""
    return effect in _last


def effects() -> dict[tuple[type[Case], str], list[Effect]]:
    return dict(_effects)


def require(model: type[Case], name: str, requirement: str, check: Callable[[Any], list[str]]) -> None:
    """Answer a requirement that a transition names, often from a higher room: sentences refuse, an empty list lets it pass."""
    _requirements[(model, name, requirement)] = check


def requirements() -> dict[tuple[type[Case], str, str], Callable[[Any], list[str]]]:
    return dict(_requirements)


def lock(case: C) -> C:
    """The row as it is now, locked until the transaction ends. The caller's own object is left as it was."""
    manager: Any = type(case)._default_manager
    return manager.select_for_update(of=("self",)).get(pk=case.pk)


def perform(case: C, name: str, *, by: Any, version: int | None = None, reason: str = "", **data: Any) -> Result[C]:
    """Run one transition in one transaction.

    Raises Stale when `version` is not the row's, NotPermitted, Refused (with every sentence), or ValidationError from `full_clean`.
    """
    method = transition_method(type(case), name)
    with unit():
        locked = lock(case)
        if version is not None and version != locked.version:
            if _did_it(locked, name, by):
                return Result(locked, already_done=True)
            raise stale(locked, by)
        _check_allowed(locked, method, name, by, reason)
        before, source = values_of(locked), str(locked.state)
        getattr(locked, name)(by=by, **data)
        locked.version += 1
        changes = _cleaned(locked, before)
        locked.save()
        _note(locked, name, by, source=source, changes=changes, reason=reason)
        told = Move(locked, by, source, reason, data)
        for effect in _effects.get((type(locked), name), ()):
            effect(told)
    return Result(locked)


def _check_allowed(case: Case, method: Any, name: str, by: Any, reason: str) -> None:
    step = definition(method, case.state)
    if step is None:
        raise Refused(f"{case.as_it_stands(by)}, so this can no longer be done.")
    if not permitted(case, step, by):
        raise NotPermitted(f"You do not have the role for this step of {case.reference}.")
    sentences = refusals(case, name, step, by)
    if step.custom["reason"] and not reason.strip():
        sentences.append("Enter a reason")
    if sentences:
        raise Refused(*sentences)


def permitted(case: Case, step: Any, by: Any) -> bool:
    """A transition that declares no permission is nobody's; SYSTEM holds only what is declared for it."""
    if by.pk is None:
        return bool(step.custom["system"])
    return bool(step.permission) and by.has_perm(step.permission, case)


def refusals(case: Case, name: str, step: Any, by: Any) -> list[str]:
    """Every sentence that stands against this step now, for this person."""
    found = [condition.sentence for condition in step.conditions if not condition(case)]
    found += [sentence for check in step.custom["checks"] if (sentence := check(case, by))]
    for requirement in step.custom["requires"]:
        answer = _requirements.get((type(case), name, requirement))
        if answer is None:
            raise LookupError(f"Nobody registered the requirement “{requirement}” of {type(case).__name__}.{name}.")
        found += answer(case)
    return found


def _last_entries(case: Case) -> models.QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(subject=case._meta.label_lower, object_id=case.pk).order_by("-number")


def _did_it(case: Case, name: str, by: Any) -> bool:
    """Whether this person's last step of the case was this one; what effects noted beside it is no step."""
    last = _last_entries(case).filter(actor_id=by.pk).exclude(target="").first()
    return last is not None and last.verb == name


def stale(case: Case, by: Any) -> Stale:
    last = _last_entries(case).select_related("actor").first()
    who = str(last.actor) if last is not None and last.actor is not None else "the system"
    if case.keeps_from(by):
        who = "the office"
    return Stale(who=who, at=last.at if last is not None else None)


@contextmanager
def editing(case: C, *, by: Any, permission: str, verb: str, version: int | None = None) -> Iterator[C]:
    """Change a case's content: the locked row is yielded; leaving the block checks, saves, counts the version and audits.

    Rows that hang on the case (lines, answers) are changed inside the block; describe them by `record` or by fields of the case.
    What is recorded on the case itself inside the block is this act, so it is one entry with the changes of both.
    """
    with unit():
        locked = lock(case)
        if version is not None and version != locked.version:
            raise stale(locked, by)
        if not by.has_perm(permission, locked):
            raise NotPermitted(f"{locked.reference} cannot be changed by you as it stands.")
        before, earlier = values_of(locked), len(acts_noted())
        yield locked
        locked.version += 1
        changes = _cleaned(locked, before)
        locked.save()
        said = _said_inside(locked, acts_noted()[earlier:], changes)
        if said is None:
            _note(locked, verb, by, changes=changes)
        else:
            said.version, said.changes = locked.version, {**said.changes, **changes}


def _said_inside(case: Case, acts: Sequence[Pending], changes: dict[str, Any]) -> Pending | None:
    """The act on the case that the block recorded itself: a second entry would tell it twice. None when it tells of the same fields."""
    own = [act for act in acts if (act.subject, act.object_id, act.target) == (case._meta.label_lower, case.pk, "")]
    return own[-1] if own and not changes.keys() & own[-1].changes.keys() else None


def _cleaned(case: Case, before: dict[str, Any]) -> dict[str, Any]:
    """Run every check of the model that a change could break; the changes, as cleaned.

    What is as it was read is not looked up again: each look is a query.
    """
    changes = differences(before, values_of(case))
    columns = case._meta.concrete_fields
    kept = {column.name for column in columns if (column.is_relation or column.unique) and column.name not in changes}
    case.full_clean(exclude={"state", *kept}, validate_constraints=False)
    every = {column.name for column in columns}
    errors: dict[str, Any] = {}
    for constraint in case._meta.constraints:
        named = _named(constraint)
        if "state" in named or named.isdisjoint(changes):
            continue
        try:
            constraint.validate(type(case), case, exclude=every - named)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
    if errors:
        raise ValidationError(errors)
    return differences(before, values_of(case))


def _named(constraint: models.BaseConstraint) -> set[str]:
    """The fields that a constraint is about."""
    condition: Any = getattr(constraint, "condition", None)
    fields = set(getattr(constraint, "fields", ()))
    return fields | (condition.referenced_base_fields if condition is not None else set())


def record(
    obj: models.Model, verb: str, *, by: Any, changes: dict[str, Any] | None = None, reason: str = "", file: Any = None
) -> None:
    """Audit what is not a transition: money lines, memberships, limits, configuration, exports and downloads of personal data."""
    with joined():
        _note(obj, verb, by, changes=changes or {}, reason=reason, file=file)


def _note(obj: Any, verb: str, by: Any, *, changes: dict[str, Any], source: str = "", reason: str = "", file: Any = None) -> None:
    moved = bool(source)
    # A response's or a section's "version" is a question set's, not a count of changes.
    version = getattr(obj, "version", None)
    file_id = file.pk if file is not None else getattr(obj, "file_id", None)
    note_act(
        Pending(
            at=clock.now(),
            actor_id=by.pk,
            verb=verb,
            subject=obj._meta.label_lower,
            object_id=obj.pk,
            reference=str(getattr(obj, "reference", "")),
            file_id=file_id,
            version=version if isinstance(version, int) else None,
            source=source,
            target=str(obj.state) if moved else "",
            changes=changes,
            reason=reason.strip(),
        )
    )


_UNTOLD = {"version", "state", "created_at"}


def values_of(obj: models.Model) -> dict[str, Any]:
    """A row's values as the audit keeps them: ids, amounts, dates and codes as they are, words only as their hash."""
    values: dict[str, Any] = {}
    for column in obj._meta.concrete_fields:
        if column.name not in _UNTOLD and not column.primary_key:
            values[column.name] = plain(getattr(obj, column.attname), column)
    return values


def plain(value: Any, column: models.Field | None = None) -> Any:
    """One value as JSON keeps it."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal | dt.date | dt.datetime):
        return str(value)
    coded = column is None or bool(column.choices) or isinstance(column, models.UUIDField)
    return str(value) if coded else {"sha256": text_hash(str(value))}


def differences(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """{field: [before, after]} of what changed."""
    return {name: [before.get(name), value] for name, value in now.items() if before.get(name) != value}
