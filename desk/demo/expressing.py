"""What bodies have in mind, in the round that asks for it first: written, sent, and answered once expressions have closed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from casework.workflow import perform
from desk.demo.script import Story
from desk.demo.stage import Row, Stage
from grants.expressions.services import begin_expression, save_expression


def expression_story(stage: Stage, row: Row) -> Story:
    facts, around = stage.facts["expressions"], stage.round_facts(row["round"])
    sent = stage.calendar.moment(around["opens"], 11) + dt.timedelta(days=facts["sent_after"])
    yield sent
    setting, applicant = stage.setting, stage.setting.bodies[row["applicant"]]
    by, office = stage.cast.coordinator(applicant), stage.cast.office("grants")
    case = begin_expression(round=stage.rounds[row["round"]], applicant=applicant, title=row["title"], by=by)
    case = save_expression(
        case=case,
        by=by,
        outcomes=[setting.outcomes[key] for key in row["outcomes"]],
        areas=[setting.areas[key] for key in row["areas"]],
        summary=row["summary"],
        amount=None if row["amount"] is None else Decimal(row["amount"]),
        starts=stage.calendar.date(row["starts"]) if row["starts"] else None,
        lead=row["lead"],
        partners=row["partners"],
    )
    if row["story"] == "draft":
        return
    case = perform(case, "submit", by=by).case
    yield stage.calendar.moment(around["expressions"], 14) + dt.timedelta(days=facts["answered_after"])
    if row["story"] == "withdrawn":
        perform(case, "withdraw", by=by)
    elif row["story"] == "invited":
        perform(case, "invite", by=office, answer=row["answer"])
    elif row["story"] == "not_invited":
        perform(case, "turn_down", by=office, reason=row["answer"], answer=row["answer"])
