"""What an officer sends about a bid that came on paper, and how its sender answers."""

from __future__ import annotations

import html
import re
from typing import Any

from django.core import mail
from django.test import Client

from casework.outbox import drain
from grants.bids.received import ask_sender
from grants.models import Bid
from tests.grants.bid_world import pdf


def text(response: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def entry(place: Any, **changed: Any) -> dict[str, Any]:
    """What an officer sends: by post, at 11:40am on 14 October 2026."""
    sent = {
        "applicant": place.partnership.pk,
        "title": "Winter watch",
        "how": "post",
        "received_on_day": "14",
        "received_on_month": "10",
        "received_on_year": "2026",
        "received_time": "11:40am",
        "sender_name": "Jo Sender",
        "sender_role": "chair",
        "sender_email": "jo@example.org",
        "original": pdf("winter-watch.pdf"),
    }
    return {**sent, **changed}


def link_sent() -> str:
    """The way to the sender's page, out of the last e-mail."""
    drain()
    found = re.search(r"(/received-bid/[^/]+/)", mail.outbox[-1].body)
    assert found is not None
    return found[1]


def asked(place: Any, bid: Bid) -> str:
    ask_sender(bid=bid, by=place.officer)
    return link_sent()


def answer(browser: Client, link: str, **changed: str) -> Any:
    """The sender reads the page and confirms it."""
    seen = browser.get(link).context["form"].initial["seen"]
    given = {"seen": seen, "answer": "confirmed", "name": "Jo Sender", "declaration": "on", "terms": "on"}
    return browser.post(link, {**given, **changed})
