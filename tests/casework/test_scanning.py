"""Viruses in uploads: nothing is opened before it was found clean, and nothing is let through because the scanner was away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tasks_db.models import DBTaskResult

from casework import clock
from casework.audit.models import AuditEntry
from casework.documents.models import Document, Scan
from casework.documents.scanning import scan_due
from casework.documents.services import attach
from casework.documents.tasks import scan_soon
from casework.outbox import Message
from config.settings import scanner_address
from desk.tick import run
from grants.bids.completeness import problems
from grants.bids.services import remove_file
from partnerships.organisations.roles import Role
from tests.casework.clamd import VIRUS, Scanner, scanner
from tests.factories import officer
from tests.grants.bid_world import PDF, World, complete_bid, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
BAD = PDF.replace(b"%%EOF", VIRUS + b"\n%%EOF")


@pytest.fixture
def clamd(settings: Any) -> Iterator[Scanner]:
    with scanner() as running:
        settings.CLAMD_URL = f"unix://{running.server_address}"
        settings.CLAMD_SECONDS = 0.5
        yield running


@pytest.fixture
def place() -> World:
    return world()


@pytest.fixture
def keep(place: World, django_capture_on_commit_callbacks: Any) -> Any:
    """keep(name, content) → the document, attached to a bid by its coordinator and written to the disk."""
    bid = complete_bid(place)

    def kept(name: str = "quote.pdf", content: bytes = PDF) -> Document:
        with django_capture_on_commit_callbacks(execute=True):
            return attach(bid, SimpleUploadedFile(name, content), kind="Quote", by=place.coordinator)

    return kept


@pytest.fixture
def look(django_capture_on_commit_callbacks: Any) -> Any:
    def looked() -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return scan_due()

    return looked


def state(document: Document) -> str:
    return Document.objects.get(pk=document.pk).scan


def test_without_a_scanner_files_are_opened_at_once(place: World, keep: Any, sign_in: Any) -> None:
    document = keep()
    assert scan_due() == 0
    assert (state(document), sign_in(place.coordinator).get(document.get_absolute_url()).status_code) == ("off", 200)


def test_nobody_opens_a_file_before_it_was_found_clean(place: World, keep: Any, look: Any, clamd: Scanner, sign_in: Any) -> None:
    document = keep()
    client, auditor = sign_in(place.coordinator), sign_in(officer(Role.AUDITOR))
    for person in (client, auditor):
        held = person.get(document.get_absolute_url())
        assert (held.status_code, "This file is being checked for viruses" in held.content.decode()) == (409, True)
    page = client.get(f"/bids/{document.owner.reference}/attachments/").content.decode()
    assert "Being checked for viruses" in page
    assert document.get_absolute_url() not in page
    assert look() == 1
    assert clamd.seen == [PDF]
    assert b"".join(auditor.get(document.get_absolute_url()).streaming_content) == PDF
    assert look() == 0


def test_an_infected_file_is_moved_away_and_everybody_concerned_is_told(
    place: World, keep: Any, look: Any, clamd: Scanner, sign_in: Any
) -> None:
    infected, clean = keep("accounts.pdf", BAD), keep()
    administrator = officer(Role.ADMINISTRATOR)
    bid = infected.owner
    assert look() == 2
    assert (state(infected), state(clean)) == ("infected", "clean")
    infected.refresh_from_db()
    assert infected.virus == "Eicar-Test-Signature"
    assert not infected.path.exists()
    assert infected.quarantined_path.read_bytes() == BAD
    client = sign_in(place.coordinator)
    answer = client.get(infected.get_absolute_url())
    assert (answer.status_code, "Remove it where it is attached" in answer.content.decode()) == (403, True)
    assert "In quarantine: a virus was found" in client.get(f"/bids/{bid.reference}/attachments/").content.decode()
    told = {(message.name, message.to_id) for message in Message.objects.all()}
    assert told == {
        ("virus_found", place.coordinator.pk),
        ("virus_found_office", place.officer.pk),
        ("virus_found_office", administrator.pk),
    }
    assert "accounts.pdf" not in Message.objects.filter(name="virus_found_office")[0].body
    assert "attach a clean copy" in Message.objects.get(name="virus_found").body
    entry = AuditEntry.objects.get(verb="found a virus in a file")
    assert (entry.object_id, entry.actor_id, entry.changes) == (bid.pk, None, {"document": infected.pk})
    assert [found.sentence for found in problems(bid)] == ["Remove or replace “accounts.pdf”, in which a virus was found"]
    assert "There is a problem" in client.get(bid.get_absolute_url()).content.decode()
    remove_file(bid=bid, document=infected, by=place.coordinator)
    assert problems(bid) == []


@pytest.mark.parametrize(
    "manner", ["silent", b"", b"220 mail.example.org ESMTP\0", b"stream: \xff\xfe\0", b"x" * 9000, b"stream: OK\nFOUND\0"]
)
def test_an_answer_that_is_none_leaves_the_file_waiting(manner: Any, keep: Any, look: Any, clamd: Scanner) -> None:
    document, other = keep(), keep("other.pdf")
    clamd.manner = manner
    assert look() == 0
    assert (state(document), state(other)) == ("waiting", "waiting")
    clamd.manner = "well"
    assert look() == 1  # the other one: the first has its turn again in half a minute
    assert (state(document), state(other)) == ("waiting", "clean")
    with clock.at(clock.now() + dt.timedelta(seconds=31)):
        assert look() == 1
    assert state(document) == "clean"


def test_a_scanner_that_is_down_lets_nothing_through_and_the_tick_tries_again(
    place: World, keep: Any, settings: Any, sign_in: Any
) -> None:
    settings.CLAMD_URL = "unix:///nowhere/clamd.ctl"
    document = keep()
    assert run()["files_scanned"] == 0
    assert run()["files_scanned"] == 0
    document.refresh_from_db()
    assert (document.scan, document.scan_tries) == ("waiting", 1)
    client = sign_in(place.coordinator)
    assert client.get(document.get_absolute_url()).status_code == 409
    settings.CLAMD_URL = ""  # a setting that was lost opens nothing either
    assert client.get(document.get_absolute_url()).status_code == 409
    assert [found.id for found in run_checks(include_deployment_checks=True) if found.id == "casework.W001"] == []
    settings.CLAMD_URL = "tcp://127.0.0.1:1"
    (found,) = [found for found in run_checks(include_deployment_checks=True) if found.id == "casework.W001"]
    assert "No virus scanner answers at tcp://127.0.0.1:1" in found.msg


def test_a_file_that_the_scanner_cannot_take_is_tried_again_and_stays_shut(keep: Any, look: Any, clamd: Scanner) -> None:
    document, other = keep(content=PDF + b" " * 3_000_000), keep("other.pdf")
    clamd.manner = "full"
    assert look() == 2
    assert (state(document), state(other)) == ("failed", "failed")
    clamd.manner = "well"
    with clock.at(clock.now() + dt.timedelta(minutes=2)):
        assert look() == 2
    assert (state(document), state(other)) == ("clean", "clean")


def test_the_worker_looks_at_once_and_not_while_the_scanner_is_away(keep: Any, clamd: Scanner, settings: Any) -> None:
    first, second = keep(), keep("second.pdf")
    assert [task.args_kwargs["args"] for task in DBTaskResult.objects.order_by("enqueued_at")] == [[first.pk], [second.pk]]
    right, settings.CLAMD_URL = settings.CLAMD_URL, "unix:///nowhere/clamd.ctl"
    scan_soon.call(first.pk)
    settings.CLAMD_URL = right
    scan_soon.call(second.pk)
    assert (state(first), state(second), clamd.seen) == ("waiting", "waiting", [])
    with clock.at(clock.now() + dt.timedelta(seconds=31)):
        scan_soon.call(second.pk)
        scan_soon.call(second.pk)
    assert (state(second), len(clamd.seen)) == ("clean", 1)


def test_what_came_before_the_scanner_is_looked_at_too(keep: Any, look: Any, settings: Any) -> None:
    before, bad = keep(), keep("bad.pdf", BAD)
    with scanner() as running:
        settings.CLAMD_URL = f"unix://{running.server_address}"
        before.refresh_from_db()
        assert before.withheld == "Being checked for viruses"
        assert look() == 2
    assert (state(before), state(bad)) == ("clean", "infected")
    assert Document.objects.filter(scan=Scan.INFECTED).count() == 1


def test_a_move_that_was_cut_short_is_finished_later(keep: Any, look: Any) -> None:
    document = keep(content=BAD)
    Document.objects.filter(pk=document.pk).update(scan=Scan.INFECTED)
    look()
    assert (document.path.exists(), document.quarantined_path.exists()) == (False, True)


@pytest.mark.parametrize("address", ["127.0.0.1:3310", "tcp://127.0.0.1", "tcp://host:port", "unix://", "http://clamd:3310"])
def test_an_address_that_is_none_stops_the_start_with_a_sentence(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CLAMD_URL is an address like"):
        scanner_address(address)
    assert scanner_address("") == ""
    assert scanner_address("unix:///run/clamav/clamd.ctl")
