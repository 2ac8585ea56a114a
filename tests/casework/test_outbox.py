"""E-mails that wait: each goes out once, whatever happens to another and whoever else is sending."""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction

from casework import clock, outbox
from casework.logs import JsonFormatter
from casework.outbox import MOST_ATTEMPTS, Message, drain
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
Moment = dt.datetime


def waiting(subject: str, **values: Any) -> Message:
    given = {"dedupe": subject, "name": "a", "body": "Text.\n", "queued_at": clock.now(), "next_try_at": clock.now()}
    return Message.objects.create(to=UserFactory(email=f"{subject.lower()[:3]}@example.org"), subject=subject, **given | values)


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception, *subjects: str) -> None:
    """A mail server that does not take the messages of these subjects."""
    send = mail.EmailMessage.send

    def refusing(message: Any, *args: Any, **kwargs: Any) -> int:
        if message.subject in subjects:
            raise error
        return send(message, *args, **kwargs)

    monkeypatch.setattr(outbox.EmailMessage, "send", refusing)


@pytest.mark.parametrize(
    "error", [smtplib.SMTPRecipientsRefused({"one@example.org": (550, b"no")}), ValueError("a line end"), UnicodeError("ü")]
)
def test_one_bad_message_keeps_no_other_back(error: Exception, noon: Moment, monkeypatch: Any, caplog: Any) -> None:
    bad, good = waiting("One"), waiting("Two")
    failing(monkeypatch, error, "One")
    with caplog.at_level(logging.WARNING, logger="house.outbox"):
        assert drain() == 1
    assert [message.subject for message in mail.outbox] == ["Two"]
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (good.attempts, good.sent_at, good.next_try_at) == (1, noon, None)
    assert (bad.attempts, bad.sent_at, bad.next_try_at) == (1, None, noon + dt.timedelta(minutes=2))
    assert "@" not in "".join(JsonFormatter().format(line) for line in caplog.records)


def test_it_is_tried_later_each_time_and_then_given_up(noon: Moment, monkeypatch: Any) -> None:
    message = waiting("One")
    failing(monkeypatch, OSError(), "One")
    moment = noon
    for attempt in range(1, MOST_ATTEMPTS + 1):
        with clock.at(moment):
            assert drain() == 0
        message.refresh_from_db()
        assert message.attempts == attempt
        if message.next_try_at is not None:
            assert message.next_try_at - moment == dt.timedelta(minutes=2**attempt)
            with clock.at(message.next_try_at - dt.timedelta(seconds=1)):
                drain()
            moment = message.next_try_at
    assert message.next_try_at is None
    with clock.at(moment + dt.timedelta(days=30)):
        assert drain() == 0
    assert Message.objects.get().attempts == MOST_ATTEMPTS


def test_what_another_process_took_meanwhile_is_not_sent_again(noon: Moment, monkeypatch: Any) -> None:
    waiting("One")
    claim = outbox._claim

    def beaten(message: Message) -> bool:
        """Another process drains everything between our looking and our claiming."""
        monkeypatch.setattr(outbox, "_claim", claim)
        assert drain() == 1
        return claim(message)

    monkeypatch.setattr(outbox, "_claim", beaten)
    assert drain() == 0
    assert [message.subject for message in mail.outbox] == ["One"]
    assert Message.objects.get().attempts == 1


def test_the_database_is_free_while_the_mail_server_is_asked(committed: None, monkeypatch: Any) -> None:
    waiting("One")
    seen: list[bool] = []
    monkeypatch.setattr(outbox.EmailMessage, "send", lambda message: seen.append(connection.in_atomic_block))
    assert drain() == 1
    assert seen == [False]


def test_a_link_that_only_its_reader_may_have_is_forgotten_once_it_is_sent(noon: Moment) -> None:
    link = "https://grants.example.org/partners/abc/"
    words = {"subject": "One", "body": "Answer here: [link]\n", "queued_at": noon, "next_try_at": noon, "name": "a"}
    Message.objects.create(dedupe="one", address="ann@example.org", secret_link=link, **words)
    assert drain() == 1
    assert (mail.outbox[0].to, mail.outbox[0].body) == (["ann@example.org"], f"Answer here: {link}\n")
    kept = Message.objects.get()
    assert (kept.secret_link, kept.body) == ("", "Answer here: [link]\n")


def test_the_link_is_forgotten_when_the_last_attempt_begins_and_nothing_goes_out_without_it(
    noon: Moment, monkeypatch: Any
) -> None:
    words = {"subject": "One", "body": "Answer here: [link]\n", "queued_at": noon, "next_try_at": noon, "name": "a"}
    message = Message.objects.create(dedupe="one", address="ann@example.org", secret_link="https://x.example/abc/", **words)
    failing(monkeypatch, OSError(), "One")
    for attempt in range(1, MOST_ATTEMPTS + 1):
        with clock.at(message.next_try_at or noon):
            drain()
        message.refresh_from_db()
        assert (message.attempts, message.secret_link == "") == (attempt, attempt == MOST_ATTEMPTS)
    monkeypatch.undo()
    Message.objects.update(attempts=0, next_try_at=noon)
    assert drain() == 0, "tried again by hand: the words have no link any more"
    assert mail.outbox == []


def test_a_message_has_one_reader(noon: Moment) -> None:
    words = {"subject": "One", "body": "Text.\n", "queued_at": noon, "name": "a"}
    for reader in ({}, {"address": "ann@example.org", "to": UserFactory()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Message.objects.create(dedupe="one", **reader, **words)
