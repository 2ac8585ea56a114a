"""The plan in force, for everybody; older plans stay readable."""

from __future__ import annotations

import datetime as dt

import pytest

from partnerships.models import MeasureDefinition, Objective, Outcome, Plan, Theme
from tests.pages import opened

pytestmark = pytest.mark.django_db


def plan(key, starts, ends=None, themes=1) -> Plan:
    made = Plan.objects.create(key=key, title=f"Police and Crime Plan {key}", starts=starts, ends=ends)
    for number in range(themes):
        theme = Theme.objects.create(plan=made, key=f"{key}-t{number}", name=f"Theme {number} of {key}", aim="Safer communities")
        Objective.objects.create(theme=theme, text=f"Objective {number} of {key}")
        outcome = Outcome.objects.create(theme=theme, key=f"{key}-o{number}", name=f"Outcome {number} of {key}")
        MeasureDefinition.objects.create(
            outcome=outcome,
            key=f"{key}-m{number}",
            name=f"Measure {number} of {key}",
            unit="people",
            direction="up",
            aggregation="total",
        )
    return made


def test_the_plan_in_force_is_shown_to_everybody(client, noon):
    plan("2017", dt.date(2017, 4, 1), dt.date(2026, 3, 31))
    plan("2026", dt.date(2026, 4, 1))
    plan("2028", dt.date(2028, 4, 1))
    text = opened(client, "/plan/", queries=8)
    for words in ("Theme 0 of 2026", "Safer communities", "Objective 0 of 2026", "Outcome 0 of 2026", "Measure 0 of 2026"):
        assert words in text, words
    assert "Theme 0 of 2017" not in text
    assert 'href="/plan/2017/"' in text
    older = opened(client, "/plan/2017/", queries=8)
    assert "Theme 0 of 2017" in older
    assert "no longer in force" in older


def test_between_two_plans_the_last_one_stands(client, noon):
    plan("2017", dt.date(2017, 4, 1), dt.date(2026, 3, 31))
    assert "Theme 0 of 2017" in opened(client, "/plan/")


def test_a_large_plan_costs_no_more(client, noon):
    plan("2026", dt.date(2026, 4, 1), themes=20)
    opened(client, "/plan/", queries=8)


def test_without_a_plan_the_page_says_so(client, noon):
    assert "No plan is in force yet." in opened(client, "/plan/")
    opened(client, "/plan/2017/", status=404)
