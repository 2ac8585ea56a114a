"""The last minutes before a round closes: 200 people save and submit at once, on two gunicorn workers, on SQLite and on PostgreSQL.

A hundred coordinators rewrite the summary of their bid four times each; then the hundred signatories read it and submit it, every one with
a second click. Adds to build/bench.jsonl, for each database:

    surge.<database>.lost       changes that were acknowledged and are not in the database, or not in what was submitted
    surge.<database>.doubled    submissions, versions or receipts that came of a second click
    surge.<database>.errors     answers that are neither a page nor the next one; requests without an answer
    surge.<database>.saved      changes that were acknowledged, of 400
    surge.<database>.submitted  bids that were submitted, of 100
    surge.<database>.p95        milliseconds within which 95 of 100 requests were answered
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "build" / "bench.jsonl"
SAVES = 4
PAUSE = 16.0  # seconds at most between one person's steps: the whole lasts about two minutes
PATIENCE = 60  # seconds for one answer
FIELD = re.compile(r'<(?:input|textarea|select)\b[^>]*\bname="([^"]+)"[^>]*>', re.S)


class Crowd:
    """What the server said to whom, and how long it took; every thread writes here."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.lock = threading.Lock()
        self.times: list[float] = []
        self.errors: list[str] = []
        self.saves = 0
        self.saved: dict[str, str] = {}
        self.submitted: set[str] = set()

    def ask(self, session: str, path: str, data: dict[str, str] | None = None, token: str = "") -> tuple[int, str]:
        """One request; (0, "") where no answer came."""
        headers = {"Cookie": f"sessionid={session}" + (f"; csrftoken={token}" if token else "")}
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.perf_counter()
        try:
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            line.request("GET" if data is None else "POST", path, urlencode(data) if data is not None else None, headers)
            answer = line.getresponse()
            body, status = answer.read().decode(), answer.status
            cookie = answer.getheader("Set-Cookie") or ""
            line.close()
        except OSError as error:
            body, status, cookie = "", 0, repr(error)
        with self.lock:
            self.times.append(time.perf_counter() - started)
            if status not in (200, 302):
                self.errors.append(f"{path}: {status} {cookie if not status else ''}")
        found = re.search(r"csrftoken=([^;]+)", cookie)
        return status, (found.group(1) if found else token) + "\n" + body

    def coordinator(self, person: dict[str, str], pauses: random.Random) -> None:
        """Opens the section, writes, saves; four times."""
        path = f"/bids/{person['bid']}/details/"
        for number in range(SAVES):
            time.sleep(pauses.uniform(0, PAUSE))
            status, page = self.ask(person["coordinator"], path)
            if status != 200:
                continue
            token, _, html = page.partition("\n")
            words = f"What {person['bid']} says for the {number + 1}. time."
            time.sleep(pauses.uniform(0, PAUSE))
            status, _ = self.ask(person["coordinator"], path, fields(html) | {"summary": words}, token)
            if status == 302:
                with self.lock:
                    self.saves += 1
                    self.saved[person["bid"]] = words

    def signatory(self, person: dict[str, str], pauses: random.Random) -> None:
        """Reads, confirms, and clicks twice: both clicks are on their way at once."""
        path = f"/bids/{person['bid']}/submit/"
        status, page = self.ask(person["signatory"], path)
        if status != 200:
            return
        token, _, html = page.partition("\n")
        time.sleep(pauses.uniform(0, PAUSE))
        sent = fields(html)
        clicks = [threading.Thread(target=self.click, args=(person, path, sent, token)) for _ in range(2)]
        for click in clicks:
            click.start()
        for click in clicks:
            click.join()

    def click(self, person: dict[str, str], path: str, sent: dict[str, str], token: str) -> None:
        status, _ = self.ask(person["signatory"], path, sent, token)
        if status == 302:
            with self.lock:
                self.submitted.add(person["bid"])

    def partnership(self, person: dict[str, str], seed: int) -> None:
        pauses = random.Random(seed)
        self.coordinator(person, pauses)
        self.signatory(person, pauses)


def fields(html: str) -> dict[str, str]:
    """What a browser would send of the page's main form, boxes ticked: the forms of these two pages have one value a name."""
    form = html[html.index("<main") : html.index("</main>")]
    found: dict[str, str] = {}
    for match in FIELD.finditer(form):
        tag, name = match.group(0), match.group(1)
        value = re.search(r'\bvalue="([^"]*)"', tag)
        if 'type="radio"' in tag and "checked" not in tag:
            continue
        if tag.startswith("<select"):
            chosen = re.search(r'<option value="([^"]*)" selected', form[match.end() : form.index("</select>", match.end())])
            found[name] = unescape(chosen.group(1)) if chosen else ""
        elif tag.startswith("<textarea"):
            found[name] = unescape(form[match.end() : form.index("</textarea>", match.end())]).removeprefix("\n")
        else:
            found[name] = unescape(value.group(1)) if value else "on"
    return found


@contextmanager
def server(env: dict[str, str]) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--workers", "2", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen([*command, "--backlog", "512", "--log-level", "error"], cwd=ROOT, env=env)
    try:
        for _ in range(100):
            with suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
                break
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def world(step: str, folder: Path, env: dict[str, str]) -> str:
    command = [sys.executable, "-m", "benchmarks.surge_world", step, str(folder)]
    return subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout


def surge(database: str, url: str) -> list[dict[str, Any]]:
    """One database from empty to measured."""
    with tempfile.TemporaryDirectory(prefix="csp-grants-surge-") as name:
        folder = Path(name)
        env = os.environ | {
            "DATABASE_URL": url or f"sqlite:///{folder}/surge.sqlite3", "SECRET_KEY": "surge-only-" + "k" * 50, "AUDIT_KEY": "surge-only",
            "DEBUG": "false", "BEHIND_HTTPS": "false", "ALLOWED_HOSTS": "127.0.0.1,testserver", "LOG_LEVEL": "ERROR",
        }  # fmt: skip
        world("prepare", folder, env)
        people = json.loads((folder / "people.json").read_text())
        with server(env) as port:
            crowd = Crowd(port)
            threads = [threading.Thread(target=crowd.partnership, args=(person, seed)) for seed, person in enumerate(people)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        (folder / "told.json").write_text(json.dumps({"saved": crowd.saved, "submitted": sorted(crowd.submitted)}))
        found = json.loads(world("verify", folder, env))
    for error in crowd.errors[:10]:
        sys.stderr.write(f"{database}: {error}\n")
    p95 = round(statistics.quantiles(crowd.times, n=20)[-1] * 1000)
    values = {**found, "saved": crowd.saves, "errors": len(crowd.errors), "requests": len(crowd.times), "p95": p95}
    return [
        {"name": f"surge.{database}.{name}", "value": value, "unit": "ms" if name == "p95" else "count"}
        for name, value in values.items()
    ]


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from scripts.with_postgres import start

    rows = surge("sqlite", "")
    with tempfile.TemporaryDirectory(prefix="csp-grants-postgres-") as folder:
        postgres = start(folder)
        try:
            rows += surge("postgresql", f"postgres://postgres@/postgres?host={folder.replace('/', '%2F')}")
        finally:
            postgres.cleanup()
    with TARGET.open("a") as out:
        for row in rows:
            out.write(json.dumps(row) + "\n")
            sys.stdout.write(f"{row['name']:32} {row['value']:>10} {row['unit']}\n")


if __name__ == "__main__":
    main()
