"""The whole play: the stage is set, every story is added, and they run together to the present moment."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections

from casework import clock
from casework.outbox import discard_waiting
from casework.workflow import unit
from desk.demo.beside import stories_beside
from desk.demo.calendar import Calendar
from desk.demo.expressing import expression_story
from desk.demo.facts import read_facts
from desk.demo.people import cover_story, invitation_story
from desk.demo.plots import read_plots
from desk.demo.reporting import chasing_story
from desk.demo.rounds import budget_story, reserve_story, round_story
from desk.demo.script import Script
from desk.demo.setting import set_bodies, set_funds, set_plans, set_questions
from desk.demo.stage import Stage
from desk.demo.stories import bid_story, decision_stories, pace_of
from grants.rounds.reminding import set_reminder_days

YEARS = (-2, -1, 0, 1)


def play(*, password: str) -> Stage:
    """Play everything up to now, as one unit: all of it or nothing, with its audit chain appended in one go."""
    with unit(), in_haste():
        return _play(password)


@contextmanager
def in_haste() -> Iterator[None]:
    """Look for garbage less often, and leave out the log of queries that a developer's settings keep: a third of the whole time."""
    usual, connection = gc.get_threshold(), connections[DEFAULT_DB_ALIAS]
    gc.set_threshold(100_000, 50, 100)
    connection.make_debug_cursor = connection.make_cursor  # type: ignore[assignment, method-assign]
    try:
        yield
    finally:
        del connection.make_debug_cursor
        gc.set_threshold(*usual)


def _play(password: str) -> Stage:
    calendar = Calendar(clock.now())
    stage = Stage(read_facts(), calendar, Script(calendar.now))
    with clock.at(calendar.moment({"fy": -3, "day": "04-01"}, 9)):
        _set(stage, password)
    script = stage.script
    for year in YEARS:
        script.add(budget_story(stage, year))
    for row in stage.facts["rounds"]["rounds"]:
        script.add(round_story(stage, row))
    for row in stage.facts["expressions"]["expressions"]:
        script.add(expression_story(stage, row))
    plots = read_plots(stage.facts, calendar)
    for spread, row in enumerate(plots):
        script.add(bid_story(stage, row, spread))
    for story in decision_stories(stage, [(row, pace_of(stage, row, spread)) for spread, row in enumerate(plots)]):
        script.add(story)
    for story in stories_beside(stage):
        script.add(story)
    script.add(chasing_story(stage))
    for row in stage.facts["funds"]["match_reserve"]:
        script.add(reserve_story(stage, row))
    for row in stage.facts["people"]["invitations"]:
        script.add(invitation_story(stage, row))
    for row in stage.facts["people"]["covers"]:
        script.add(cover_story(stage, row))
    script.play()
    discard_waiting()
    return stage


def _set(stage: Stage, password: str) -> None:
    set_bodies(stage.setting, stage.facts, stage.calendar)
    set_plans(stage.setting, stage.facts, stage.calendar)
    set_questions(stage.setting, stage.facts)
    stage.cast.admit(stage.facts["people"], calendar=stage.calendar, bodies=stage.setting.bodies, password=password)
    set_funds(stage.setting, stage.facts, stage.calendar, by=stage.cast.office("admin"))
    set_reminder_days(days=stage.facts["rounds"]["reminder_days"], by=stage.cast.office("grants"))
