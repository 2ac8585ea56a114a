"""The timer: every part has its turn, whatever happens to another; one line of log a run."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from casework import clock
from casework.logs import JsonFormatter
from casework.outbox import Message
from casework.parking import ParkedPost
from desk import tick
from tests import factories as f

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def said(caplog):
    """The log's lines of the timer as they are written."""

    def lines() -> list[dict]:
        return [json.loads(JsonFormatter().format(line)) for line in caplog.records if line.name == "house.tick"]

    with caplog.at_level(logging.INFO, logger="house.tick"):
        yield lines


@pytest.mark.django_db
def test_one_run_does_every_part_and_writes_one_line(noon, said, settings, tmp_path):
    settings.DOCUMENT_ROOT = str(tmp_path)
    stray, fresh, kept = (tmp_path / "ab" / name for name in ("old.part", "new.part", "kept"))
    stray.parent.mkdir()
    for path, age in ((stray, 25), (fresh, 23), (kept, 100)):
        path.write_text("x")
        moment = (clock.now() - dt.timedelta(hours=age)).timestamp()
        os.utime(path, (moment, moment))
    for hours in (0, 2):
        ParkedPost.objects.create(token=f"t{hours}", path="/", body="{}", at=clock.now() - dt.timedelta(hours=hours))
    person = f.UserFactory()
    Message.objects.create(
        dedupe="a", to=person, name="a", subject="Hello", body="B\n", queued_at=clock.now(), next_try_at=clock.now()
    )
    call_command("tick")
    assert (stray.exists(), fresh.exists(), kept.exists()) == (False, True, True)
    assert [parked.token for parked in ParkedPost.objects.all()] == ["t0"]
    assert [message.subject for message in mail.outbox] == ["Hello"]
    (line,) = said()
    assert line["message"] == "tick"
    expected = {
        "returns_opened": 0,
        "reminders_written": 0,
        "messages_sent": 1,
        "files_scanned": 0,
        "parked_swept": 1,
        "jobs_swept": 0,
        "uploads_swept": 1,
        "unsaved_files_swept": 0,
    }
    assert line["parts"] == expected
    call_command("tick")
    assert len(mail.outbox) == 1


def fails() -> int:
    f.OrganisationFactory(key="half-done")
    raise RuntimeError("broken")


@pytest.mark.django_db
def test_a_part_that_fails_is_logged_undone_and_stops_no_other(said):
    parts = {"first": (fails, True), "second": (lambda: 7, True)}
    assert tick.run(parts) == {"first": "failed", "second": 7}
    from partnerships.models import Organisation

    assert not Organisation.objects.filter(key="half-done").exists()
    failure, summary = said()
    assert failure["parts"] == {"first": "failed"}
    assert "broken" in failure["exception"]
    assert summary["parts"] == {"first": "failed", "second": 7}


@pytest.mark.django_db
def test_a_failure_shows_in_the_exit_code(monkeypatch):
    monkeypatch.setattr(tick, "PARTS", {"first": (fails, True)})
    with pytest.raises(CommandError, match="A part of the tick failed"):
        call_command("tick")


@pytest.mark.django_db
def test_it_runs_again_and_again_until_it_is_told_to_stop():
    stop, runs = threading.Event(), []

    def part() -> int:
        runs.append(1)
        if len(runs) == 3:
            stop.set()
        return 1

    tick.run_every(0.001, stop, {"only": (part, False)})
    assert len(runs) == 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_ends_in_order_when_its_process_is_told_to(tmp_path, number):
    env = dict(os.environ, DATABASE_URL=f"sqlite:///{tmp_path}/tick.sqlite3", DJANGO_SETTINGS_MODULE="tests.settings")
    command = [sys.executable, "manage.py", "tick", "--every", "60"]
    with subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True) as worker:
        assert worker.stderr is not None
        for line in worker.stderr:
            if '"message": "tick"' in line:
                break
        worker.send_signal(number)
        assert worker.wait(timeout=20) == 0
