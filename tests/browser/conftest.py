"""A real server process over a copy of one seeded SQLite file, and people who sign in to it in Chromium.

No ORM in these tests: what they know, they read on the page. A console error fails, a page with an accessibility fault fails, a dead
link in an error summary fails.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.seeding import ROOT, environment, make_demonstration
from tests.browser.tab import People, Server


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One database with the demonstration data; servers get copies. SEEDED_DATABASE names one made before, for several workers."""
    if ready := os.environ.get("SEEDED_DATABASE"):
        return Path(ready)
    database = tmp_path_factory.mktemp("seeded") / "demo.sqlite3"
    make_demonstration(database)
    return database


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def start_server(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Server]]:
    """start_server() → a new server over its own copy of the seeded database; all are ended afterwards."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> Server:
        folder = tmp_path_factory.mktemp("server")
        database = folder / "demo.sqlite3"
        for part in seeded.parent.glob("demo.sqlite3*"):
            shutil.copy(part, folder / part.name)
        if (seeded.parent / "documents").exists():
            shutil.copytree(seeded.parent / "documents", folder / "documents")
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "config.wsgi",
            "-b",
            f"127.0.0.1:{port}",
            "--threads",
            "4",
            "--log-level",
            "error",
        ]
        log = (folder / "server.log").open("wb")
        env = environment(database, port)
        started.append(subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log))
        address = f"http://127.0.0.1:{port}"
        wait_for(address)
        return Server(address, env)

    yield start
    for process in started:
        process.send_signal(signal.SIGTERM)
    for process in started:
        process.wait(timeout=20)


def wait_for(address: str) -> None:
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("The server did not come up.")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("Chromium is not installed: run `make test`, which installs it where it may.")
    return {
        "executable_path": path,
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture
def people(browser: Browser, start_server: Callable[[], Server]) -> Iterator[Callable[..., People]]:
    """people(scripted=False) → a cast over a fresh server."""
    casts: list[People] = []

    def gather(**options: Any) -> People:
        cast = People(browser, start_server(), **options)
        casts.append(cast)
        return cast

    yield gather
    for cast in casts:
        cast.leave()
