"""Assessors declare interests and score; an officer records gates, the agreed scores and the end of the assessment."""

from __future__ import annotations

import datetime as dt
from typing import Any

from casework import clock
from casework.workflow import perform
from desk.demo.stage import Row, Stage
from grants.assessment import services as assessing
from grants.assessment.services import Judged, Scored
from grants.models import Assessment, Bid

OFFICER = "grants"
DAYS_TO_SCORE = 14


def assessors_of(stage: Stage, row: Row) -> list[str]:
    """As many as the round's tier asks for, and none where nobody competes."""
    if not stage.rounds[row["round"]].way.competed:
        return []
    alone = stage.rounds[row["round"]].asks.assessors == 1
    if "assessors" in row:
        return list(row["assessors"])
    return ["assessor2" if len(row["title"]) % 3 == 0 else "assessor1"] if alone else ["assessor1", "assessor2"]


def begin(stage: Stage, bid: Bid, row: Row) -> None:
    """Give the bid to its assessors and record its gates; a failed one ends it."""
    officer, due = stage.cast.office(OFFICER), clock.today() + dt.timedelta(days=DAYS_TO_SCORE)
    if not bid.round.way.competed:
        bid = perform(bid, "begin_assessment", by=officer).case
    for name in assessors_of(stage, row):
        assessing.assign(bid=bid, assessor=stage.cast.office(name), due=due, by=officer)
    failed = row.get("gates", {})
    if row["story"] == "ineligible" and not failed:
        failed = {"failed": "in-purpose", "reason": "Most of the money would be spent on equipment, which is capital."}
    gates = zip(bid.round.gates.all(), stage.round_facts(row["round"])["gates"], strict=True)
    judged = [
        Judged(gate.pk, facts["key"] != failed.get("failed"), failed["reason"] if facts["key"] == failed.get("failed") else "")
        for gate, facts in gates
    ]
    assessing.record_gates(bid=bid, results=judged, by=officer)


def step_aside(stage: Stage, bid: Bid, row: Row) -> None:
    """An assessor who knows somebody in it declares a conflict."""
    conflict = row["conflict"]
    assessor = stage.cast.office(conflict["assessor"])
    due = clock.today() + dt.timedelta(days=DAYS_TO_SCORE)
    assessment = assessing.assign(bid=bid, assessor=assessor, due=due, by=stage.cast.office(OFFICER))
    assessing.declare_conflict(assessment=assessment, reason=conflict["reason"], by=assessor)


def score(stage: Stage, bid: Bid, row: Row) -> None:
    """Every assessor whose marks the facts give declares no interest and scores, unseen by the other."""
    criteria = stage.round_facts(row["round"])["criteria"]
    for assessment in Assessment.objects.filter(bid=bid, state="assigned").select_related("assessor").order_by("pk"):
        marks = _marks(row, assessment.assessor.email.partition("@")[0])
        if marks is None:
            continue
        by = stage.cast[assessment.assessor.email]
        assessing.declare_no_interest(assessment=assessment, by=by)
        given = [
            Scored(criterion.pk, mark, _reason(facts["reasons"], mark))
            for criterion, facts, mark in zip(bid.round.criteria.all(), criteria, marks, strict=True)
        ]
        assessing.save_scores(assessment=assessment, scores=given, by=by)
        perform(assessment, "submit_scores", by=by)


def _marks(row: Row, name: str) -> list[int] | None:
    """An assessor without marks of their own in a finished assessment gave those that were agreed."""
    scores = row["scores"]
    return scores.get(name, scores.get("agreed"))


def _reason(reasons: dict[int, str], mark: int) -> str:
    """The sentence for the mark, or for the nearest one below it."""
    fitting = [known for known in reasons if known <= mark]
    return reasons[max(fitting)] if fitting else reasons[min(reasons)]


def moderate(stage: Stage, bid: Bid, row: Row) -> Any:
    """The agreed scores, with what was said; an only assessor's scores are agreed as they are, and nobody's where nobody competes."""
    officer, scores = stage.cast.office(OFFICER), row["scores"]
    if bid.round.assessors < 2:
        return perform(bid, "complete_assessment", by=officer).case
    criteria = [criterion.pk for criterion in bid.round.criteria.all()]
    agreed = dict(zip(criteria, scores["agreed"], strict=True))
    assessing.moderate(bid=bid, scores=agreed, reason=scores.get("moderation", "Agreed without change."), by=officer)
    return perform(bid, "complete_assessment", by=officer).case
