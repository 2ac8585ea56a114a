"""What becomes of each bid, from its first line to the day its grant is closed: one story a bid, in the words of `story`."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from casework import clock
from casework.notes import add_note
from casework.workflow import perform
from desk.demo import assessing, bidding
from desk.demo.agreeing import award_story
from desk.demo.deciding import decider_of, decision_story, withdrawn_story
from desk.demo.pace import Pace, rolling, windowed
from desk.demo.receiving import received_story
from desk.demo.script import Story
from desk.demo.stage import Row, Stage
from grants.bids.comments import comment_as_lead
from grants.models import Bid
from partnerships.organisations.standing import standing_of

UNSENT = {"draft", "unfinished"}


def pace_of(stage: Stage, row: Row, spread: int) -> Pace:
    round_row = stage.round_facts(row["round"])
    if round_row.get("rolling"):
        return rolling(stage.calendar.date(row["submitted"]), spread)
    return windowed(stage.calendar, round_row, row, spread)


def bid_story(stage: Stage, row: Row, spread: int) -> Story:
    """Written and submitted, then as far as the facts say."""
    pace, story = pace_of(stage, row, spread), row["story"]
    yield pace.at("begun", 9)
    if "came" in row:
        yield from received_story(stage, row, pace)
        return
    bid = stage.bids[row["key"]] = bidding.write_bid(stage, row, finished=story != "unfinished")
    if story in UNSENT:
        return
    yield pace.at("submitted", 11)
    stage.bids[row["key"]] = bid = bidding.submit_bid(stage, bid)
    if "source" in row:
        yield pace.at("submitted", 14)
        _note(stage, bid, spread)
    if story == "withdrawn":
        yield pace.at("submitted", 15) + dt.timedelta(days=3)
        reason = row.get("withdraw_reason", "The parish will pay for the whole project.")
        perform(bid, "withdraw", by=stage.cast.coordinator(bid.applicant), reason=reason)
        return
    if story == "returned" or "returned_once" in row:
        yield pace.at("submitted", 15) + dt.timedelta(days=2)
        usual = "Say who leads the sessions and what each one costs. The rest is complete."
        reason = row.get("return_reason") or row.get("returned_once") or usual
        bid = perform(bid, "return_for_changes", by=stage.cast.office("grants2"), reason=reason).case
    if story not in {"submitted", "returned"}:
        yield from _assessed(stage, row, bid, pace)


def _note(stage: Stage, bid: Bid, spread: int) -> None:
    """Either side keeps its own note of a conversation; neither reads the other's."""
    notes = stage.facts["bids"]["notes"]
    for side, by in (("office", stage.cast.office("grants2")), ("partner", stage.cast.coordinator(bid.applicant))):
        note = notes[side][spread % len(notes[side])]
        add_note(bid, kind=note["kind"], on=clock.today(), text=note["text"], side=standing_of(by).side, by=by)


def _assessed(stage: Stage, row: Row, bid: Bid, pace: Pace) -> Story:
    yield pace.at("assigned", 9)
    assessing.begin(stage, bid, row)
    if "conflict" in row:
        yield pace.at("assigned", 14)
        assessing.step_aside(stage, bid, row)
    if row["story"] == "ineligible":
        return
    for said in stage.facts["beside"]["comments"]:
        if said["bid"] == row["key"]:
            yield pace.at("assigned", 16)
            comment_as_lead(bid=bid, text=said["text"], by=stage.cast[said["by"]])
    yield pace.at("scored", 10)
    assessing.score(stage, bid, row)
    if row["story"] == "assessing":
        return
    yield pace.at("moderated", 14)
    stage.bids[row["key"]] = bid = assessing.moderate(stage, bid, row)
    if "award" in row and "decision" not in row and row["kind"] == "grant":
        yield from award_story(stage, row, bid, pace)


def decision_stories(stage: Stage, rows: list[tuple[Row, Pace]]) -> Iterator[Story]:
    """One decision for each decider in a round with a day of its own; one for each bid where they are decided as they arrive."""
    together: dict[tuple[str, ...], list[tuple[Row, Pace]]] = defaultdict(list)
    for row, pace in rows:
        if row["story"] == "assessing" or not ("award" in row or "outcome_reason" in row):
            continue
        if "withdrawn_first" in row:
            yield withdrawn_story(stage, row, pace)
            continue
        alone = stage.round_facts(row["round"]).get("rolling") or "decision" in row
        power = row.get("award", {}).get("power", "crime-and-disorder-reduction-grant")
        place = (row["key"],) if alone else (row["round"], decider_of(row), power)
        together[place].append((row, pace))
    for group in together.values():
        upto = group[0][0].get("decision", "published")
        yield decision_story(stage, [row for row, _ in group], group[0][1], upto=upto)
