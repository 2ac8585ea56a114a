"""The stage before the first round: bodies, plans, question sets, funds and the scheme of delegation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from casework.workflow import record
from desk.demo.calendar import Calendar
from desk.demo.facts import Facts
from grants.models import DelegationLimit, DelegationVersion, Fund
from partnerships.models import (
    Area,
    Identifier,
    LegalPower,
    MeasureDefinition,
    Objective,
    OfficeIdentity,
    Organisation,
    Outcome,
    Plan,
    ResponsibleAuthority,
    Succession,
    Theme,
)
from questionnaires.models import Question, QuestionSet, QuestionSetVersion, Section

SECTION = ("key", "title", "repeats", "row_noun", "min_rows", "max_rows")
QUESTION = ("key", "kind", "hint", "required", "max_words", "choices", "minimum", "maximum", "rules")


@dataclass
class Setting:
    """What stories look up by the keys of the seed facts."""

    areas: dict[str, Area] = field(default_factory=dict)
    bodies: dict[str, Organisation] = field(default_factory=dict)
    powers: dict[str, LegalPower] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    measures: dict[str, MeasureDefinition] = field(default_factory=dict)
    questions: dict[str, QuestionSetVersion] = field(default_factory=dict)
    usual_answers: dict[int, dict[str, Any]] = field(default_factory=dict)
    funds: dict[str, Fund] = field(default_factory=dict)


def keep(row: models.Model) -> Any:
    """Check and save one row of configuration. What nobody may change by a page has no service of its own."""
    row.full_clean()
    row.save()
    return row


def set_bodies(setting: Setting, facts: Facts, calendar: Calendar) -> None:
    """Areas, bodies with their numbers and successors, the office's names and the law it acts under."""
    known = facts["organisations"]
    for row in known["areas"]:
        setting.areas[row["key"]] = keep(Area(key=row["key"], name=row["name"], gss=row["gss"]))
    for row in known["organisations"]:
        setting.bodies[row["key"]] = keep(
            Organisation(
                key=row["key"],
                name=row["name"],
                short_name=row["short_name"],
                kind=row["kind"],
                starts=row["starts"],
                ends=row.get("ends"),
                vendor_number=row.get("vendor_number", ""),
                postcode=row.get("postcode", ""),
            )
        )
    for row in known["organisations"]:
        _relate(setting, row)
    _set_duties(setting, known)
    _set_office(setting, known["office"])


def _relate(setting: Setting, row: dict[str, Any]) -> None:
    body = setting.bodies[row["key"]]
    body.areas.set([setting.areas[key] for key in row["areas"]])
    if "usual_accountable_body" in row:
        body.usual_accountable_body = setting.bodies[row["usual_accountable_body"]]
        body.save()
    for identifier in row.get("identifiers", ()):
        # The office and its force share a code of the Office for National Statistics; a number belongs to one body here.
        if not Identifier.objects.filter(**identifier).exists():
            keep(Identifier(organisation=body, **identifier))


def _set_duties(setting: Setting, known: dict[str, Any]) -> None:
    """Responsible authorities of each partnership (Crime and Disorder Act 1998, section 5), and who followed whom."""
    partnerships = {
        area: body
        for body in setting.bodies.values()
        if body.kind == Organisation.Kind.CSP
        for area in _areas_of(known, body.key)
    }
    for row in known["responsible_authorities"]:
        for area in row["areas"]:
            body = setting.bodies[row["organisation"]]
            keep(
                ResponsibleAuthority(
                    partnership=partnerships[area], organisation=body, starts=row["starts"], ends=row.get("ends")
                )
            )
    for row in known["succession"]:
        before, after = setting.bodies[row["predecessor"]], setting.bodies[row["successor"]]
        keep(Succession(predecessor=before, successor=after, on=row["on_date"], note=row["reason"]))


def _areas_of(known: dict[str, Any], key: str) -> Iterable[str]:
    return next(row["areas"] for row in known["organisations"] if row["key"] == key)


def _set_office(setting: Setting, office: dict[str, Any]) -> None:
    for row in office["identities"]:
        keep(
            OfficeIdentity(
                organisation=setting.bodies[office["organisation"]],
                name=row["name"],
                decision_maker_title=row["decision_maker_title"],
                open_data_prefix=row["open_data_prefix"],
                starts=row["starts"],
                ends=row["ends"],
            )
        )
    for row in office["legal_powers"]:
        setting.powers[row["key"]] = keep(
            LegalPower(
                key=row["key"],
                name=row["name"],
                statute=row["statute"],
                asks=row["asks_reasons"],
                publication=row["publication"].removeprefix("specified_information_"),
                starts=row["starts"],
            )
        )


def set_plans(setting: Setting, facts: Facts, calendar: Calendar) -> None:
    """Plans with their themes, objectives and outcomes, and the library of measures."""
    for row in facts["plans"]["plans"]:
        ends = calendar.date(row["ends"]) if row["ends"] else None
        plan = keep(Plan(key=row["key"], title=row["name"], starts=calendar.date(row["starts"]), ends=ends))
        setting.plans[plan.key] = plan
        for order, theme in enumerate(row["themes"]):
            _set_theme(setting, plan, theme, order)
    for row in facts["plans"]["measures"]:
        setting.measures[row["key"]] = keep(
            MeasureDefinition(
                outcome=setting.outcomes[row["outcome"]],
                key=row["key"],
                name=row["name"],
                unit=row["unit"],
                direction=row["direction"],
                aggregation=row["aggregation"],
            )
        )


def _set_theme(setting: Setting, plan: Plan, row: dict[str, Any], order: int) -> None:
    theme = keep(Theme(plan=plan, key=row["key"], name=row["name"], aim=row["aim"], order=order))
    for number, text in enumerate(row["objectives"]):
        keep(Objective(theme=theme, text=text, order=number))
    for number, outcome in enumerate(row["outcomes"]):
        kept = keep(Outcome(theme=theme, key=outcome["key"], name=outcome["name"], order=number))
        setting.outcomes[kept.key] = kept


def set_questions(setting: Setting, facts: Facts) -> None:
    """Question sets as data; a version freezes when a round uses it."""
    sets: dict[str, QuestionSet] = {}
    for row in facts["question_sets"]["question_sets"]:
        if "set" not in row:
            sets[row["key"]] = keep(QuestionSet(key=row["key"], name=row["name"], purpose=row["purpose"]))
        checks = row.get("checks", [])
        version = keep(QuestionSetVersion(question_set=sets[row.get("set", row["key"])], number=row["version"], checks=checks))
        setting.questions[row["key"]] = version
        setting.usual_answers[version.pk] = row.get("usual", {})
        for order, part in enumerate(row["sections"]):
            section = keep(Section(version=version, order=order, **_named(part, SECTION)))
            for number, question in enumerate(part["questions"]):
                keep(Question(section=section, text=question["label"], order=number, **_named(question, QUESTION)))


def _named(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names if name in row}


def set_funds(setting: Setting, facts: Facts, calendar: Calendar, *, by: Any) -> None:
    """Funds with their codes, and the dated versions of the scheme of delegation."""
    for row in facts["funds"]["funds"]:
        fund = keep(
            Fund(
                key=row["key"],
                code=row["code"],
                name=row["name"],
                source=row["funder_source"],
                restricted=row["restricted"],
                cost_centre=row["cost_centre"],
                gl_code=row["gl_code"],
            )
        )
        setting.funds[fund.key] = fund
        record(fund, "added a fund", by=by, changes={"code": fund.code})
    for row in facts["funds"]["scheme_of_delegation"]:
        ends = calendar.date(row["ends"]) if "ends" in row else None
        version = keep(DelegationVersion(number=row["number"], starts=calendar.date(row["starts"]), ends=ends))
        for limit in row["limits"]:
            fund = setting.funds[limit["fund"]] if "fund" in limit else None
            kept = keep(DelegationLimit(version=version, role=limit["role"], fund=fund, up_to=limit["up_to"]))
            record(kept, "set a limit of delegation", by=by, changes={"role": kept.role, "up_to": str(kept.up_to)})
