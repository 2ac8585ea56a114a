"""What happens beside the bids' own stories: their order, comments and messages, checks, who may know of them, and grants that go on."""

from __future__ import annotations

from collections.abc import Iterator

from casework import clock
from casework.workflow import perform
from desk.demo.script import Story
from desk.demo.stage import Row, Stage
from grants.agreements.continuing import continue_grant
from grants.assessment.diligence import name_checks, record_check
from grants.bids.confidence import keep_confidential
from grants.bids.messages import send_message
from grants.bids.ranking import Meeting, rank_bids
from grants.models import Agreement
from partnerships.organisations.roles import Role


def stories_beside(stage: Stage) -> Iterator[Story]:
    facts = stage.facts["beside"]
    for row in facts["rankings"]:
        yield ranking_story(stage, row)
    for row in facts["messages"]:
        yield message_story(stage, row)
    for row in facts["confidential"]:
        yield confidential_story(stage, row)
    for row in facts["continued"]:
        yield continued_story(stage, row, facts["continued_reason"])
    yield checks_story(stage, facts["checks"])


def ranking_story(stage: Stage, row: Row) -> Story:
    """The partnership's chair enters what its meeting decided."""
    yield stage.calendar.moment(row["at"])
    body = stage.setting.bodies[row["body"]]
    rank_bids(
        round=stage.rounds[row["round"]],
        organisation=body,
        order=[stage.bids[key].pk for key in row["order"]],
        meeting=Meeting(stage.calendar.date(row["met_on"]), row["minutes"], row["left"]),
        by=stage.cast.holding(Role.CHAIR, body),
    )


def message_story(stage: Stage, row: Row) -> Story:
    """A question of the office, answered the next morning."""
    bid = row["bid"]
    yield stage.calendar.moment({"days": row["days"]}, 15, 20)
    send_message(bid=stage.bids[bid], text=row["officer"], by=stage.cast.office("grants2"))
    yield stage.calendar.moment({"days": row["days"] + 1}, 9, 40)
    send_message(bid=stage.bids[bid], text=row["bidder"], by=stage.cast.coordinator(stage.bids[bid].applicant))


def confidential_story(stage: Stage, row: Row) -> Story:
    yield stage.calendar.moment(row["at"])
    people = [stage.cast[address].pk for address in row["people"]]
    officer = stage.cast.office("grants")
    stage.bids[row["bid"]] = keep_confidential(bid=stage.bids[row["bid"]], people=people, reason=row["reason"], by=officer)


def continued_story(stage: Stage, row: Row, reason: str) -> Story:
    """Begun from what was agreed; the partner's signatory confirms the figures by submitting them."""
    yield stage.calendar.moment(row["at"])
    agreement = Agreement.objects.get(award__bid=stage.bids[row["bid"]])
    officer = stage.cast.office("grants")
    bid = continue_grant(agreement=agreement, round=stage.rounds[row["round"]], reason=reason, by=officer)
    if "submitted" in row:
        yield stage.calendar.moment(row["submitted"])
        perform(bid, "submit", by=stage.cast.signatory(bid.accountable_body))


def checks_story(stage: Stage, row: Row) -> Story:
    yield stage.calendar.moment({"days": -2}, 11, 10)
    officer, bid = stage.cast.office("grants"), stage.bids[row["bid"]]
    name_checks(round=stage.rounds[row["round"]], kinds=row["wanted"], by=officer)
    for check in row["recorded"]:
        record_check(
            bid=bid,
            kind=check["kind"],
            outcome=check["outcome"],
            on=stage.calendar.date(check["checked"]) if "checked" in check else clock.today(),
            valid_until=stage.calendar.date(check["until"]) if "until" in check else None,
            found=check["found"],
            kept=check["kept"],
            by=officer,
        )
