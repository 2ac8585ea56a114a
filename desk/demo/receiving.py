"""Bids that come on paper or by e-mail: an officer enters them, and their senders confirm them."""

from __future__ import annotations

import datetime as dt

from casework import clock
from desk.demo.bidding import fill_bid
from desk.demo.files import letter
from desk.demo.pace import Pace
from desk.demo.script import Story
from desk.demo.stage import Row, Stage
from grants.bids.received import Receipt, answer_as_sender, ask_sender, enter_received
from grants.models import Bid


def received_story(stage: Stage, row: Row, pace: Pace) -> Story:
    """Entered on the day it came, and asked about; a draft still waits for its sender's answer."""
    came, officer = row["came"], stage.cast.office("grants")
    receipt = Receipt(came["how"], clock.now() - dt.timedelta(minutes=40), came["name"], came["role"], came["email"])
    bid = enter_received(
        round=stage.rounds[row["round"]],
        applicant=stage.setting.bodies[row["applicant"]],
        title=row["title"],
        receipt=receipt,
        original=letter("Bid", row["title"]),
        by=officer,
    )
    bid = stage.bids[row["key"]] = fill_bid(stage, row, bid, by=officer)
    asked = ask_sender(bid=bid, by=officer)
    if row["story"] == "draft":
        return
    yield pace.at("submitted", 11)
    answer_as_sender(asked=asked, answer="confirmed", seen=asked.text_sha256, name=came["name"])
    stage.bids[row["key"]] = Bid.objects.get(pk=bid.pk)
