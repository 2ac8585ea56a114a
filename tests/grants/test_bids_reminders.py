"""Reminders of drafts: on the office's days, once each, in one e-mail a day, by London's clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework import clock
from casework.audit.models import AuditEntry
from casework.outbox import Message, drain
from casework.reminders import Reminded, remind
from casework.workflow import NotPermitted, perform
from desk.audit.history import events_at, places_in
from grants.models import Bid, BidLine, ReminderDay, RoundExtension
from grants.rounds.reminding import days_in_use, in_words, moment_of, set_reminder_days
from tests import factories as f
from tests.grants.bid_world import World, complete_bid, world
from tests.pages import errors_on, opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
D = dt.date


def sent_on(day: dt.date, hour: int = 7, minute: int = 0) -> list[tuple[str, str]]:
    """(person, subject) of what the timer writes at a London time."""
    before = set(Message.objects.values_list("pk", flat=True))
    with clock.at(clock.london(day, hour, minute)):
        remind()
    rows = Message.objects.exclude(pk__in=before).select_related("to").order_by("to__name")
    return [(str(row.to), row.subject) for row in rows]


def unfinished(place: World, **values: Any) -> Bid:
    bid = complete_bid(place, **values)
    BidLine.objects.filter(bid=bid).delete()
    return bid


def test_each_reminder_comes_once_in_the_morning_of_its_day() -> None:
    place = world()
    bid = unfinished(place)
    said = [("Cora Coordinator", f"{bid.reference}: draft, closes 11 November 2026 at 12 noon")]
    days = [D(2026, 10, 27) + dt.timedelta(days=number) for number in range(17)]
    written = {day: sent for day in days for hour in (0, 6, 7, 13, 23) if (sent := sent_on(day, hour, 59 if hour == 6 else 0))}
    assert written == {D(2026, 10, 28): said, D(2026, 11, 4): said, D(2026, 11, 9): said, D(2026, 11, 11): said}
    assert Reminded.objects.count() == 4
    assert [entry.at for entry in AuditEntry.objects.filter(verb="set the days of reminders")] != []
    assert list(ReminderDay.objects.values_list("days", flat=True)) == [14, 7, 2, 0]


def test_the_words_say_when_in_london_what_is_missing_and_where() -> None:
    place = world()
    bid = unfinished(place)
    sent_on(D(2026, 11, 10))
    message = Message.objects.get()
    assert "closes tomorrow, on 11 November 2026 at 12 noon, UK time" in message.body
    assert "- Add at least one budget line" in message.body
    assert f"http://127.0.0.1:8000/bids/{bid.reference}/" in message.body
    assert message.file == bid.file
    with clock.at(message.queued_at):
        drain()
    assert mail.outbox[0].to == [place.coordinator.email]


def test_a_missed_night_is_made_good_with_the_latest_alone() -> None:
    place = world()
    unfinished(place)
    assert len(sent_on(D(2026, 11, 5))) == 1, "7 days before was missed, and 14 days before too"
    assert sent_on(D(2026, 11, 6)) == []
    assert len(sent_on(D(2026, 11, 9))) == 1


def test_the_clocks_go_back_between_a_reminder_and_the_closing() -> None:
    """25 October 2026: 7am is 06:00 UTC before it and 07:00 UTC after."""
    place = world(closes_at=clock.london(D(2026, 10, 26), 12), opens_at=clock.london(D(2026, 9, 1), 12))
    bid = unfinished(place, created_at=clock.london(D(2026, 9, 2), 12))
    assert moment_of(place.round.closes_at, 7) == dt.datetime(2026, 10, 19, 6, tzinfo=dt.UTC)
    assert moment_of(place.round.closes_at, 0) == dt.datetime(2026, 10, 26, 7, tzinfo=dt.UTC)
    for moment, number in (
        (dt.datetime(2026, 10, 26, 6, 59, tzinfo=dt.UTC), 0),
        (dt.datetime(2026, 10, 26, 7, tzinfo=dt.UTC), 1),
    ):
        Reminded.objects.all().delete()
        Message.objects.all().delete()
        with clock.at(moment):
            assert remind() == number
    assert Reminded.objects.get().key == f"grants.bid:{bid.pk}:2026-10-26:0"
    with clock.at(clock.london(D(2026, 10, 26), 12, 1)):
        Reminded.objects.all().delete()
        Message.objects.all().delete()
        assert remind() == 0, "it has closed"


@pytest.mark.parametrize(
    ("hour", "minute", "when"), [(0, 0, "tonight"), (0, 1, "tonight"), (6, 0, "tomorrow"), (8, 59, "tomorrow")]
)
def test_a_round_that_closes_before_the_morning_has_its_reminder_the_morning_before(hour: int, minute: int, when: str) -> None:
    place = world(closes_at=clock.london(D(2026, 11, 11), hour, minute))
    unfinished(place)
    days = [D(2026, 11, 8) + dt.timedelta(days=number) for number in range(4)]
    times = [(day, at) for day in days for at in (0, 7, 12)]
    assert [(day, at) for day, at in times if sent_on(day, at)] == [
        (D(2026, 11, 8), 7),
        (D(2026, 11, 9), 7),
        (D(2026, 11, 10), 7),
    ]
    assert f"closes {when}, on 11 November 2026 at" in Message.objects.latest("pk").body
    assert Reminded.objects.latest("pk").key.endswith(":2026-11-11:0")


def test_one_email_a_day_gathers_drafts_and_returns() -> None:
    place = world(closes_at=clock.london(D(2026, 10, 31), 12))
    first, second = unfinished(place), unfinished(place, title="Second")
    owed = f.ReturnFactory(state="open")
    Bid.objects.filter(pk=owed.bid.pk).update(applicant=place.partnership)
    colleague = f.member(place.partnership, name="Dora Deputy")
    sent = sent_on(D(2026, 10, 17))
    short = f"{first.reference}: draft, closes 31 October 2026 at 12 noon"
    due = f"3 reminders, the first: {owed.reference}: return due on 31 October 2026"
    assert sent == [("Cora Coordinator", due), ("Dora Deputy", due)]
    body = Message.objects.filter(to=colleague).get().body
    for part in (first.reference, second.reference, owed.reference, short):
        assert part in body
    RoundExtension.objects.create(
        round=place.round, organisation=place.partnership, closes_at=clock.london(D(2026, 11, 1), 12), reason="Flood",
        by=place.officer, at=clock.london(D(2026, 10, 17), 6),
    )  # fmt: skip
    assert sent_on(D(2026, 10, 17), 15) == [], "they had today’s e-mail"
    assert len(sent_on(D(2026, 10, 18))) == 2, "the new closing time has reminders of its own"
    for case in (first, owed):
        places = list(places_in(case.file))
        assert [event.title for event in events_at(places)].count(f"E-mail “{due}”") == 2, "each grant’s history tells of it"


def test_an_extension_moves_the_reminders_of_its_bidder_alone() -> None:
    place = world()
    mine = unfinished(place)
    other = f.OrganisationFactory(name="Other CSP")
    unfinished(place, applicant=other)
    f.member(other, name="Otto Other")
    RoundExtension.objects.create(
        round=place.round, organisation=place.partnership, closes_at=clock.london(D(2026, 11, 25), 17), reason="Flood",
        by=place.officer, at=clock.london(D(2026, 11, 10), 12),
    )  # fmt: skip
    assert [name for name, _ in sent_on(D(2026, 11, 11))] == ["Cora Coordinator", "Otto Other"]
    first = Message.objects.get(to=place.coordinator)
    assert "closes in 14 days, on 25 November 2026 at 5pm, UK time, which is your own extension" in first.body
    assert [name for name, _ in sent_on(D(2026, 11, 18))] == ["Cora Coordinator"]
    assert mine.reference in Message.objects.filter(to=place.coordinator).latest("pk").subject


def test_what_is_submitted_withdrawn_called_off_or_begun_later_is_left_alone() -> None:
    place = world()
    handed_in, gone = complete_bid(place), unfinished(place)
    perform(handed_in, "submit", by=place.signatory)
    perform(gone, "withdraw", by=place.coordinator, reason="No partner")
    late = unfinished(place, created_at=clock.london(D(2026, 11, 5), 12))
    assert sent_on(D(2026, 10, 28)) == []
    assert sent_on(D(2026, 11, 6)) == [], "a draft begun after the reminder’s moment waits for the next"
    assert len(sent_on(D(2026, 11, 9))) == 1
    assert Reminded.objects.get().key.startswith(f"grants.bid:{late.pk}:")
    perform(place.round, "cancel", by=place.officer, reason="No money")
    assert sent_on(D(2026, 11, 11)) == []


def test_a_complete_draft_is_told_to_those_who_submit_it_too() -> None:
    place = world()
    complete_bid(place)
    assert [name for name, _ in sent_on(D(2026, 10, 28))] == ["Cora Coordinator", "Sig Natory"]
    assert "Nothing is missing. A signatory of Huntingdonshire District Council" in Message.objects.first().body
    place.coordinator.is_active = False
    place.coordinator.save()
    assert [name for name, _ in sent_on(D(2026, 11, 4))] == ["Sig Natory"]


def test_a_run_costs_the_same_for_one_draft_and_for_twenty() -> None:
    place = world()
    unfinished(place)

    def cost(hour: int) -> int:
        with clock.at(clock.london(D(2026, 10, 28), hour)), CaptureQueriesContext(connection) as seen:
            remind()
        return len(seen)

    cost(7)
    quiet = cost(8)
    for _ in range(20):
        unfinished(place)
    assert cost(9) == quiet <= 11
    Message.objects.all().delete()
    assert cost(10) <= 22


def test_the_office_changes_the_days_on_a_page(sign_in: Any) -> None:
    place = world()
    administrator = f.officer("administrator")
    url = "/rounds/reminders/"
    assert "14, 7 and 2 days before the closing day, and on its morning" in opened(sign_in(administrator), url, queries=8)
    assert url in opened(sign_in(place.officer), "/rounds/CDR-2026/")
    for typed, sentence in (
        ("", "Enter at least one number of days"),
        ("seven", "Enter whole numbers"),
        ("-1", "Enter whole numbers"),
        ("7, 7", "once"),
        ("61", "60 or fewer"),
        (", ,", "Enter whole numbers"),
    ):
        answer = sign_in(place.officer).post(url, {"days": typed})
        assert sentence in errors_on(answer)[0]
        assert f'value="{typed}"' in answer.content.decode() or not typed
    assert not ReminderDay.objects.exists()
    done = sign_in(place.officer).post(url, {"days": "3 21, 0"}, follow=True)
    assert "21 and 3 days before the closing day, and on its morning" in done.content.decode()
    assert days_in_use() == [21, 3, 0]
    entry = AuditEntry.objects.get(verb="set the days of reminders")
    assert (entry.actor, entry.changes) == (place.officer, {"days": [[], [21, 3, 0]]})
    set_reminder_days(days=[3], by=administrator)
    assert days_in_use() == [3]
    unfinished(place)
    assert [day for day in (4, 5, 8, 9, 11) if sent_on(D(2026, 11, day))] == [8]
    with pytest.raises(NotPermitted):
        set_reminder_days(days=[1], by=f.officer("commissioner"))
    opened(sign_in(place.coordinator), url, status=403)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([0], "on the morning of the closing day"),
        ([1], "1 day before the closing day"),
        ([2, 14, 7], "14, 7 and 2 days before the closing day"),
        ([5, 0], "5 days before the closing day, and on its morning"),
    ],
)
def test_the_days_read_as_a_sentence(days: list[int], words: str) -> None:
    assert in_words(days) == words
