"""What lower pages show of higher rooms without importing them: life-line steps, work items, panels, whose notes one reads.

Rooms register here when their app is ready; the pages of this floor and of desk ask.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import models
from django.db.models import QuerySet, Value

from casework.spine import GrantFile


@dataclass(frozen=True)
class WorkItem:
    """Something that waits for this person. `due` sorts it; `sentence` says what to do."""

    title: str
    url: str
    reference: str
    sentence: str
    due: dt.date | None = None


@dataclass(frozen=True)
class Panel:
    """A part of a case's page that another room supplies."""

    title: str
    template: str
    context: dict[str, Any]


@dataclass(frozen=True)
class Lesson:
    """What an earlier grant learned: `figures` are what each measure is called, what was reached, and the target."""

    title: str
    who: str
    until: dt.date
    said: str
    figures: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class LifeStep:
    """One step in the life of a grant: which cases it consists of, and which of their states mean done or stopped.

    `path` leads from the model to the grant file; `shown_to(user)` says whether the step has its words and its link; `among(user)` limits
    the step to the rows that this person may know of; `finished` is the word for "1 of 2 accepted" where several states are done;
    `where_there_is` leaves the step out where there is no such case, because not every grant goes that way.
    """

    order: int
    name: str
    model: type[models.Model]
    done: frozenset[str]
    stopped: frozenset[str] = frozenset()
    path: str = "file"
    shown_to: Callable[[Any], bool] = lambda user: True
    among: Callable[[Any], models.QuerySet[Any]] | None = None
    finished: str = ""
    where_there_is: bool = False


@dataclass
class StepView:
    """A life-line step as the component draws it."""

    name: str
    state_label: str = ""
    status: str = "todo"
    url: str = ""
    date: dt.date | None = None


# A page that lists everything would take minutes in a bad year; what is due first is listed, and the rest as these are done.
MOST_WORK = 50
WorkProvider = Callable[[Any], Iterable[WorkItem]]
LessonProvider = Callable[[Any, Any, int], Iterable[Lesson]]
PanelProvider = Callable[[Any, Any], "Panel | None"]


@dataclass
class _Registry:
    work: list[WorkProvider] = field(default_factory=list)
    steps: list[LifeStep] = field(default_factory=list)
    panels: dict[type[models.Model], list[PanelProvider]] = field(default_factory=lambda: defaultdict(list))
    readers: Callable[[Any, Iterable[Any]], Iterable[Any]] = lambda about, people: people
    lessons: list[LessonProvider] = field(default_factory=list)
    sides: Callable[[Any], tuple[str, set[str]]] = lambda user: ("none", set())
    side_names: Callable[[Any], dict[str, str]] = lambda user: {}
    shared: set[str] = field(default_factory=set)


_registry = _Registry()


def work_provider(provider: WorkProvider) -> WorkProvider:
    """Register a function that lists what waits for a person: a fixed number of queries, of which each reads `first_of` its rows."""
    if provider not in _registry.work:
        _registry.work.append(provider)
    return provider


def first_of(rows: QuerySet[Any]) -> QuerySet[Any]:
    """As many rows as a work provider reads: one more than are listed, which tells that there are more."""
    return rows[: MOST_WORK + 1]


def waiting_for(user: Any) -> tuple[list[WorkItem], bool]:
    """What waits for this person, what is due first on top, and whether a provider had more than is listed."""
    found: list[WorkItem] = []
    more = False
    for provider in _registry.work:
        items = list(islice(provider(user), MOST_WORK + 1))
        more = more or len(items) > MOST_WORK
        found += items[:MOST_WORK]
    return sorted(found, key=lambda item: (item.due is None, item.due or dt.date.max, item.reference)), more


def work_for(user: Any) -> list[WorkItem]:
    """What waits for this person, what is due first on top."""
    return waiting_for(user)[0]


def life_step(step: LifeStep) -> None:
    """Register a step of the life line."""
    if step not in _registry.steps:
        _registry.steps.append(step)
        _registry.steps.sort(key=lambda known: known.order)


def register_readers(readers: Callable[[Any, Iterable[Any]], Iterable[Any]]) -> None:
    """`readers(about, people)`: of these people, those who may know of this case at all. Every message asks."""
    _registry.readers = readers


def readers_among(about: Any, people: Iterable[Any]) -> Iterable[Any]:
    return _registry.readers(about, people)


def lesson_provider(provider: LessonProvider) -> LessonProvider:
    """Register `provider(outcomes, user, without)`: what a person may read of earlier grants on these outcomes (their keys), except
    the grant of the bid with that key; a fixed number of queries."""
    if provider not in _registry.lessons:
        _registry.lessons.append(provider)
    return provider


def lessons_on(outcomes: Any, user: Any, *, without: int) -> list[Lesson]:
    """What was learned on these outcomes, the latest first."""
    found = [lesson for provider in _registry.lessons for lesson in provider(outcomes, user, without)]
    return sorted(found, key=lambda lesson: lesson.until, reverse=True)


def panel(model: type[models.Model]) -> Callable[[PanelProvider], PanelProvider]:
    """Register `provider(case, user)` as a panel on a model's page."""

    def add(provider: PanelProvider) -> PanelProvider:
        if provider not in _registry.panels[model]:
            _registry.panels[model].append(provider)
        return provider

    return add


def panels_for(case: Any, user: Any) -> list[Panel]:
    """The panels that other rooms show on this case's page to this person."""
    found = (provider(case, user) for provider in _registry.panels.get(type(case), []))
    return [shown for shown in found if shown is not None]


def register_sides(sides: Callable[[Any], tuple[str, set[str]]], names: Callable[[Any], dict[str, str]]) -> None:
    """`sides(user)` → whose notes this person writes, and whose they read; `names(user)` → what the sides they read are called.

    The side "office" also reads the whole history.
    """
    _registry.sides, _registry.side_names = sides, names


def sides_of(user: Any) -> tuple[str, set[str]]:
    return _registry.sides(user)


def side_names(user: Any) -> dict[str, str]:
    """The sides whose notes this person reads, by the name a form shows."""
    return _registry.side_names(user)


def share_history(*models_shown: type[models.Model]) -> None:
    """These cases' audit entries are shown to the partner too; everything else in a history is the office's."""
    _registry.shared.update(model._meta.label_lower for model in models_shown)


def shared_subjects() -> set[str]:
    return set(_registry.shared)


def lifeline(file: GrantFile | None, user: Any) -> list[StepView]:
    """Where a grant stands in its whole life: one query for all steps."""
    if file is None:
        return []
    rows: dict[int, list[tuple[str, str]]] = defaultdict(list)
    queries = [
        (step.among(user) if step.among else step.model._default_manager.all())
        .order_by()
        .filter(**{step.path: file})
        .annotate(step=Value(step.order, output_field=models.IntegerField()))
        .values_list("step", "reference", "state")
        for step in _registry.steps
    ]
    if queries:
        for order, reference, state in sorted(queries[0].union(*queries[1:], all=True)):
            rows[order].append((reference, state))
    shown = [step for step in _registry.steps if rows[step.order] or not step.where_there_is]
    views = [_step_view(step, rows[step.order], user) for step in shown]
    return _with_current(views)


def _step_view(step: LifeStep, rows: list[tuple[str, str]], user: Any) -> StepView:
    if not rows:
        return StepView(step.name)
    labels = dict(step.model._meta.get_field("state").flatchoices)  # type: ignore[union-attr]
    done = [row for row in rows if row[1] in step.done]
    open_rows = [row for row in rows if row[1] not in step.done and row[1] not in step.stopped]
    reference, state = open_rows[0] if open_rows else rows[-1]
    label = labels[state] if len(rows) == 1 else f"{len(done)} of {len(rows)} {step.finished or labels[max(step.done)].lower()}"
    status = "current" if open_rows else "done" if done else "stopped"
    base = getattr(step.model, "list_path", "")
    if not step.shown_to(user):
        return StepView(step.name, status="done" if status == "done" else "current")
    return StepView(step.name, label, status, f"/{base}/{reference}/" if base else "")


def _with_current(views: list[StepView]) -> list[StepView]:
    """Only the first unfinished step is current; a later one already under way shows as its own state."""
    for view in views:
        if view.status == "current":
            break
    else:
        following = next((view for view in views if view.status == "todo"), None)
        stopped = any(view.status == "stopped" for view in views)
        if following is not None and not stopped:
            following.status = "current"
    return views
