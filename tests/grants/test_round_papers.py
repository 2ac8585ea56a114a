"""All attachments of a round as one zip: what is in it, who may have it, and what becomes of work that is cut short."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tracemalloc
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from casework import clock
from casework.audit.models import AuditEntry
from casework.documents.models import Document, Scan
from casework.documents.services import attach
from casework.jobs import doing
from casework.jobs.models import Job
from casework.jobs.services import ask_for, try_again
from casework.jobs.sweeping import NOT_BEGUN, STOPPED, sweep_jobs
from casework.workflow import perform
from grants.bids.models import Bid
from grants.bids.papers import DIFFERS, EMPTY, INFECTED, MISSING, NEVER, PAPERS, SEALED
from grants.bids.services import attach_file
from partnerships.organisations.models import Membership
from partnerships.organisations.roles import Role
from tests.factories import officer
from tests.grants.bid_world import PDF, World, complete_bid, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def work() -> None:
    """What the worker does with what waits for it; its own loop would close the connection that holds the test's transaction."""
    worker = Worker(
        queue_names=["default"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="test",
        excluded_queue_names=[],
    )
    for waiting in DBTaskResult.objects.ready():
        worker.run_task(waiting)


@pytest.fixture
def place() -> World:
    return world()


@pytest.fixture
def on_disk(django_capture_on_commit_callbacks: Any) -> Any:
    """on_disk(bid, name, kind, by) → a document that lies where it is read."""

    def kept(bid: Bid, name: str, kind: str, by: Any, content: bytes = PDF) -> Document:
        with django_capture_on_commit_callbacks(execute=True):
            return attach_file(bid=bid, upload=SimpleUploadedFile(name, content), kind=kind, by=by)

    return kept


def assessed(bid: Bid, place: World) -> Bid:
    """Submitted, and opened by the office."""
    perform(bid, "submit", by=place.signatory)
    return perform(Bid.objects.get(pk=bid.pk), "begin_assessment", by=place.officer).case


def opened(content: bytes) -> tuple[dict[str, bytes], list[list[str]]]:
    """The files by their names, and the rows of the manifest without its headings."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    rows = list(csv.reader(io.StringIO(files.pop("manifest.csv").decode("utf-8-sig"))))
    return files, rows[1:]


def ask(client: Client, place: World) -> Job:
    """Through the page; a round without any bid has nothing to make."""
    if not Bid.objects.filter(round=place.round).exclude(state="draft").exists():
        assert client.get(f"/rounds/{place.round.reference}/attachments/").status_code == 409
        assessed(complete_bid(place), place)
    answer = client.post(f"/rounds/{place.round.reference}/attachments/", {})
    job = Job.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, job.get_absolute_url())
    return job


def download(client: Client, job: Job) -> bytes:
    return b"".join(client.post(f"{job.get_absolute_url()}file/").streaming_content)  # type: ignore[attr-defined]


def test_an_officer_asks_waits_and_downloads(place: World, sign_in: Any, on_disk: Any) -> None:
    place.partnership.name = "=HYPERLINK(1)"
    place.partnership.save()
    bid = complete_bid(place)
    for name in ("accounts.pdf", "Accounts.PDF", "=cmd.pdf"):
        on_disk(bid, name, "Accounts", place.coordinator)
    on_disk(bid, "quote.pdf", "Quote", place.coordinator, PDF + b"quoted")
    assessed(bid, place)
    sealed, draft = complete_bid(place, title="Not opened"), complete_bid(place, title="Not finished")
    for other in (sealed, draft):
        on_disk(other, "secret.pdf", "Quote", place.coordinator)
    perform(sealed, "submit", by=place.signatory)
    client = sign_in(place.officer)
    page = client.get(f"/rounds/{place.round.reference}/attachments/").content.decode()
    assert "2 bids have been submitted in this round." in page
    assert "1 of them is left out" in page
    job = ask(client, place)
    assert ask(client, place) == job  # a second click
    waiting = client.get(job.get_absolute_url())
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in waiting.content.decode()
    assert client.get(job.get_absolute_url(), headers={"Accept": "application/json"}).json()["finished"] is False
    work()
    page = client.get(job.get_absolute_url()).content.decode()
    assert "It is ready. It is kept until 21 October 2026, then deleted." in page
    assert "refresh" not in page
    job.refresh_from_db()
    content = download(client, job)
    assert len(content) == job.size
    files, rows = opened(content)
    folder = bid.reference
    assert files == {
        f"{folder}/Last accounts - accounts.pdf": PDF,
        f"{folder}/Last accounts - Accounts (2).PDF": PDF,
        f"{folder}/Last accounts - =cmd.pdf": PDF,
        f"{folder}/Quote or estimate - quote.pdf": PDF + b"quoted",
    }
    assert [row[5] for row in rows] == ["accounts.pdf", "Accounts.PDF", "'=cmd.pdf", "quote.pdf", ""]
    assert rows[0][:7] == [
        folder,
        "'=HYPERLINK(1)",
        "Being assessed",
        "Last accounts",
        f"{folder}/Last accounts - accounts.pdf",
        "accounts.pdf",
        str(len(PDF)),
    ]
    assert rows[4] == [sealed.reference, "'=HYPERLINK(1)", "Submitted", "", "", "", "", "", "", SEALED]
    acts = AuditEntry.objects.filter(object_id=place.round.pk, verb__contains="all attachments").order_by("number")
    assert [(act.verb, act.actor_id) for act in acts] == [
        ("asked for all attachments as one file", place.officer.pk),
        ("downloaded all attachments as one file", place.officer.pk),
    ]
    assert acts[1].changes == {"job": job.pk, "sha256": job.sha256}


def test_what_cannot_go_in_is_said_in_the_list(place: World, sign_in: Any, on_disk: Any) -> None:
    bid = complete_bid(place)
    infected, gone, changed, _ = (
        on_disk(bid, f"{name}.pdf", "Quote", place.coordinator) for name in ("bad", "gone", "changed", "kept")
    )
    assessed(bid, place)
    Document.objects.filter(pk=infected.pk).update(scan=Scan.INFECTED)
    gone.path.unlink()
    changed.path.write_bytes(b"something else")
    client = sign_in(place.officer)
    job = ask(client, place)
    work()
    job.refresh_from_db()
    files, rows = opened(download(client, job))
    assert sorted(files) == [f"{bid.reference}/Quote or estimate - {name}.pdf" for name in ("changed", "kept")]
    assert [(row[5], row[9]) for row in rows] == [
        ("bad.pdf", INFECTED),
        ("gone.pdf", MISSING),
        ("changed.pdf", DIFFERS),
        ("kept.pdf", ""),
    ]


def test_a_bid_that_came_back_gives_what_was_submitted_and_one_that_never_was_gives_nothing(
    place: World, sign_in: Any, on_disk: Any
) -> None:
    bid, withdrawn = complete_bid(place), complete_bid(place, title="Taken away")
    first = on_disk(bid, "first.pdf", "Quote", place.coordinator)
    on_disk(withdrawn, "draft.pdf", "Quote", place.coordinator)
    perform(withdrawn, "withdraw", by=place.coordinator, reason="Not now")
    case = assessed(bid, place)
    perform(case, "return_for_changes", by=place.officer, reason="Another quote", sections=["attachments"])
    on_disk(bid, "unsent.pdf", "Quote", place.coordinator)
    client = sign_in(place.officer)
    job = ask(client, place)
    work()
    job.refresh_from_db()
    files, rows = opened(download(client, job))
    assert list(files) == [f"{bid.reference}/Quote or estimate - {first.name}"]
    assert rows[1][9] == NEVER


def test_to_everybody_else_it_is_not_there_and_neither_to_who_lost_the_role(place: World, sign_in: Any) -> None:
    other = officer(Role.COMMISSIONING_OFFICER)
    client = sign_in(place.officer)
    job = ask(client, place)
    work()
    page, file = job.get_absolute_url(), f"{job.get_absolute_url()}file/"
    for person in (other, place.coordinator, officer(Role.AUDITOR)):
        stranger = sign_in(person)
        assert [stranger.get(page).status_code, stranger.post(page).status_code, stranger.post(file).status_code] == [
            404,
            404,
            404,
        ]
    assert client.get(page).status_code == 200
    Membership.objects.filter(person=place.officer).update(ends=clock.today() - dt.timedelta(days=1))
    assert [client.get(page).status_code, client.post(file).status_code] == [404, 404]
    assert not AuditEntry.objects.filter(verb="downloaded all attachments as one file").exists()


def test_a_role_that_ended_while_the_work_waited_gives_no_file(place: World) -> None:
    job = ask_for(kind=PAPERS, about=place.round, by=place.officer)
    Membership.objects.filter(person=place.officer).update(ends=clock.today() - dt.timedelta(days=1))
    work()
    job.refresh_from_db()
    assert (job.stage, job.path.exists()) == ("failed", False)


class TestCutShort:
    def test_what_fails_says_so_and_is_tried_again(self, place: World, sign_in: Any, settings: Any, tmp_path: Any) -> None:
        client = sign_in(place.officer)
        job = ask(client, place)
        blocked = tmp_path / "documents"
        blocked.write_text("a file where the folder should be")
        right, settings.DOCUMENT_ROOT = settings.DOCUMENT_ROOT, str(blocked)
        work()
        settings.DOCUMENT_ROOT = right
        page = client.get(job.get_absolute_url()).content.decode()
        assert doing.FAILED in page
        assert "Try again</button>" in page
        assert client.post(f"{job.get_absolute_url()}file/").status_code == 302
        assert client.post(job.get_absolute_url()).status_code == 302
        work()
        job.refresh_from_db()
        assert (job.stage, job.attempt, job.problem) == ("done", 2, "")
        files, rows = opened(download(client, job))
        assert (files, [row[9] for row in rows]) == ({}, [EMPTY])

    def test_a_worker_that_died_is_noticed_and_what_it_still_does_is_not_wanted(self, place: World) -> None:
        job = ask_for(kind=PAPERS, about=place.round, by=place.officer)
        Job.objects.update(stage="running")
        job.path.parent.mkdir(parents=True, exist_ok=True)
        job.path.write_bytes(b"half a file")
        assert sweep_jobs() == 0
        with clock.at(clock.now() + dt.timedelta(minutes=11)):
            assert sweep_jobs() == 1
            job.refresh_from_db()
            assert (job.stage, job.problem, job.path.exists()) == ("failed", STOPPED, False)
            again = try_again(job=job, by=place.officer)
            assert try_again(job=job, by=place.officer) == again
            doing.do(job.pk, 1)  # handed out once more
            again.refresh_from_db()
            assert (again.stage, again.attempt) == ("waiting", 2)
            work()
            again.refresh_from_db()
            assert again.stage == "done"

    def test_an_attempt_that_was_given_up_stops_at_its_next_sign_of_life(self, place: World, monkeypatch: Any) -> None:
        job = ask_for(kind=PAPERS, about=place.round, by=place.officer)
        whole = doing._make

        def slowly(running: Job) -> None:
            Job.objects.filter(pk=running.pk).update(stage="failed", problem=STOPPED)
            whole(running)

        monkeypatch.setattr(doing, "_make", slowly)
        doing.do(job.pk, 1)
        job.refresh_from_db()
        assert (job.stage, job.problem, job.path.exists()) == ("failed", STOPPED, False)

    def test_what_nobody_begins_and_files_of_last_week(self, place: World, sign_in: Any) -> None:
        job = ask_for(kind=PAPERS, about=place.round, by=place.officer)
        with clock.at(clock.now() + dt.timedelta(minutes=61)):
            assert sweep_jobs() == 1
        job.refresh_from_db()
        assert (job.stage, job.problem) == ("failed", NOT_BEGUN)
        try_again(job=job, by=place.officer)
        work()
        job.refresh_from_db()
        assert job.path.exists()
        with clock.at(clock.now() + dt.timedelta(days=7, minutes=1)):
            assert sweep_jobs() == 1
            page = sign_in(place.officer).get(job.get_absolute_url()).content.decode()
        assert not job.path.exists()
        assert "The file was deleted after a week." in page
        assert "Make it again</button>" in page

    def test_tasks_of_dead_workers_and_old_ones_are_cleared_away(self, place: World) -> None:
        ask_for(kind=PAPERS, about=place.round, by=place.officer)
        task = DBTaskResult.objects.get()
        DBTaskResult.objects.update(status="RUNNING", started_at=clock.now() - dt.timedelta(hours=25))
        sweep_jobs()
        task.refresh_from_db()
        assert task.status == "FAILED"
        with clock.at(clock.now() + dt.timedelta(days=15)):
            sweep_jobs()
        assert not DBTaskResult.objects.exists()


def test_memory_does_not_grow_with_the_round(place: World, django_capture_on_commit_callbacks: Any) -> None:
    """Twenty files of a megabyte; the list of what is in it is all that is held."""
    bid = complete_bid(place)
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(20):
            attach(bid, SimpleUploadedFile(f"{number}.pdf", PDF + bytes(1024 * 1024)), kind="Quote", by=place.coordinator)
    assessed(bid, place)
    job = ask_for(kind=PAPERS, about=place.round, by=place.officer)
    tracemalloc.start()
    doing.do(job.pk, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    job.refresh_from_db()
    assert (job.stage, job.done) == ("done", 20)
    assert job.size > 20 * 1024 * 1024
    assert peak < 4 * 1024 * 1024
