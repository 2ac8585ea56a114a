"""Returns: filled in by the coordinator, certified by the council's finance signatory, queried or accepted by an officer."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from casework import clock
from casework.reminders import remind
from casework.workflow import perform
from desk.demo.files import letter
from desk.demo.plots import value
from desk.demo.script import Story
from desk.demo.stage import Row, Stage
from grants.models import Agreement
from monitoring.models import Return
from monitoring.returns import services as returns
from monitoring.returns.content import content_of
from monitoring.returns.forms import DECLARATION
from monitoring.returns.timers import open_due_returns
from questionnaires.models import Section

DAY = dt.timedelta(days=1)
# How many days before today the last step towards each state was taken.
STEPS = ("open", "prepared", "submitted", "queried", "accepted")
QUESTION = "The figure for the first measure is higher than the number of people who started. Which of the two is right?"
ANSWER = "The number who started was typed in the wrong box. The figure for the measure is right."
UNDERSPENT = "The amount follows the dates on which the work was done; the rest is spent in the next period."


def return_stories(stage: Stage, row: Row, agreement: Agreement) -> None:
    made = list(agreement.returns.order_by("period_start"))
    for half, case in enumerate(made, 1):
        latest = case.opens_on <= stage.calendar.today and all(later.opens_on > stage.calendar.today for later in made[half:])
        stage.script.add(return_story(stage, row, case, half, latest=latest, last=half == len(made)))


def return_story(stage: Stage, row: Row, case: Return, half: int, *, latest: bool, last: bool) -> Story:
    """The latest return stands where `latest` of returns.yaml says; earlier ones are accepted; `late` ones never came."""
    facts = stage.facts["returns"]
    yield clock.london(case.opens_on, 0, 2)
    open_due_returns(clock.today())
    until = facts["latest"].get(row["key"], "") if latest else "accepted"
    if half > facts["late"].get(row["key"], {}).get("last_submitted_half", 99):
        until = "open"
    days = _days(stage, case, until)
    if until == "waived":
        yield next(days)
        perform(case, "waive", by=stage.cast.office("grants"), reason=facts["waiver"])
        return
    if until == "open" or Return.objects.get(pk=case.pk).state == "waived":
        return
    told: Row = next((one for one in facts["returns"].get(row["key"], ()) if one["half"] == half), {})
    yield next(days)
    _fill(stage, row, case, told, last=last)
    case = perform(case, "prepare", by=stage.cast.coordinator(case.bid.applicant)).case
    if until == "prepared":
        return
    yield next(days)
    case = _certify(stage, case)
    if until == "submitted":
        return
    if "query" in told or until == "queried":
        yield next(days)
        case = _query(stage, case, told.get("query", {}).get("question", QUESTION))
        if until == "queried":
            return
        yield next(days)
        _answer(stage, case, told["query"]["answer"])
        case = _certify(stage, perform(case, "prepare", by=stage.cast.coordinator(case.bid.applicant)).case)
    yield next(days)
    perform(case, "accept", by=stage.cast.office("grants2"), rag="green", rag_comment="Thank you. The work is on track.")


def _days(stage: Stage, case: Return, until: str) -> Story:
    """The moments of the steps: round the due date where it is long over, in the last days where it is in hand just now."""
    if until and until != "accepted":
        for ago in (6, 4, 2):
            yield stage.calendar.recently(ago, after=case.opens_on, hour=11)
    else:
        for offset in (-13, -8, -3, 2, 6):
            yield clock.london(case.due + offset * DAY, 11, case.pk % 60)


def _fill(stage: Stage, row: Row, case: Return, told: Row, *, last: bool) -> None:
    by, usual = stage.cast.coordinator(case.bid.applicant), stage.facts["returns"]["defaults"]
    content = content_of(case)
    # On one page the lines and measures of the facts became one each.
    keys = [line.get("key") for line in row["lines"][: len(content.lines)]]
    spent = {}
    for line, key in zip(content.lines, keys, strict=True):
        share = told.get("spent", {}).get(key, usual["spent"])
        before = content.spent_before.get(line.line_key, Decimal(0))
        actual = line.budget if last and not told else min(before + line.budget * share / 100, line.budget)
        line.actual = actual = actual.quantize(Decimal("0.01"))
        why = told.get("explanation", {}).get(key, UNDERSPENT) if line.unexplained else ""
        spent[line.pk] = {"actual": actual, "forecast": actual if last else line.budget, "explanation": why}
    returns.save_spend(case=case, rows=spent, by=by)
    counted = {
        measure.pk: _figure(measure, told.get("measures", {}).get(facts["measure"]), usual["measure_share"])
        for measure, facts in zip(content.measures, row["measures"][: len(content.measures)], strict=True)
    }
    returns.save_measures(case=case, rows=counted, by=by)
    reached = {
        milestone.pk: {"done_on": min(milestone.due, clock.today())}
        for milestone in content.still_open
        if milestone.due <= case.period_end
    }
    returns.save_milestones(case=case, rows=reached, by=by)
    _narrate(case, {**usual["answers"], **told.get("answers", {})}, by)
    if case.kind == Return.Kind.END_REPORT:
        returns.attach_evidence(case=case, upload=letter("Receipts", row["title"]), kind="Receipt", by=by)


def _figure(measure: Any, told: Any, share: int) -> Row:
    """As the facts say, else a share of the target (of what is counted and of what it is out of alike)."""
    if told is not None:
        figure = value(told)
        return {"value": figure["value"], "value_of": figure["of"]}
    if measure.is_rate:
        return {"value": int(measure.target * share / 100), "value_of": int(measure.target_of * share / 100)}
    return {"value": int(measure.target if measure.aggregation == "latest" else measure.target * share / 100), "value_of": None}


def _narrate(case: Return, answers: dict[str, str | None], by: Any) -> None:
    sections = Section.objects.filter(version=case.response.version_id).prefetch_related("questions")
    words = {
        section: {question.key: answers[question.key] for question in section.questions.all() if answers.get(question.key)}
        for section in sections
    }
    returns.save_narrative(case=case, answers=words, change_request="", by=by)


def _certify(stage: Stage, case: Return) -> Return:
    by = stage.cast.finance(case.bid.accountable_body)
    return perform(case, "submit", by=by, declaration=DECLARATION).case


def _query(stage: Stage, case: Return, question: str) -> Return:
    return perform(case, "query", by=stage.cast.office("grants2"), reason=question).case


def _answer(stage: Stage, case: Return, words: str) -> None:
    by = stage.cast.coordinator(case.bid.applicant)
    for query in case.queries.filter(reply=""):
        returns.save_reply(case=case, query=query.pk, reply=words, by=by)


def chasing_story(stage: Stage) -> Story:
    """The timer reminds of drafts and of what does not come; here once a fortnight, as it would after standing still."""
    day = stage.calendar.date({"fy": -2, "day": "10-01"})
    while True:
        yield clock.london(day, 7)
        remind()
        day += 14 * DAY
