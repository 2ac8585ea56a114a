"""What is in hand about people just now: an invitation that nobody has taken up yet, and cover for somebody on leave."""

from __future__ import annotations

from desk.demo.cast import ADMINISTRATOR
from desk.demo.script import Story
from desk.demo.stage import Row, Stage
from partnerships.organisations.inviting import invite
from partnerships.organisations.models import Membership
from partnerships.organisations.roles import Seat
from partnerships.organisations.services import appoint_cover


def invitation_story(stage: Stage, row: Row) -> Story:
    yield stage.calendar.moment(row["sent"])
    invite(
        organisation=stage.setting.bodies[row["organisation"]],
        email=row["email"],
        role=row["role"],
        seat=Seat.EMPLOYMENT,
        starts=stage.calendar.date(row["sent"]),
        by=stage.cast[row["by"]],
    )


def cover_story(stage: Stage, row: Row) -> Story:
    starts, ends = stage.calendar.date(row["starts"]), stage.calendar.date(row["ends"])
    yield stage.calendar.moment(row["starts"], 9)
    body = stage.setting.bodies[row["organisation"]]
    membership = Membership.objects.get(person=stage.cast[row["of"]], organisation=body, role=row["role"])
    appoint_cover(membership=membership, email=row["by"], starts=starts, ends=ends, by=stage.cast[ADMINISTRATOR])
