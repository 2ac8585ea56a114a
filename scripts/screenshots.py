"""What `make screenshots` does: the main pages by role, on a desktop and on a phone, into build/screenshots.

Over a database of its own with the demonstration in it, and a server that ends with the run.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "build" / "screenshots"
PASSWORD = "community-safety"  # noqa: S105 - the demonstration's, printed by make run
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 375, "height": 720}}
FIRST = "first of "  # the page that the first row of this list leads to
PAGES: dict[str, tuple[str, ...]] = {
    "": ("/register/", "/accounts/login/", "/plan/"),
    "coordinator@huntingdonshire.example.org": (
        "/",
        "/rounds/",
        f"{FIRST}/rounds/",
        "/bids/",
        f"{FIRST}/bids/",
        f"{FIRST}/agreements/",
        "/returns/",
        f"{FIRST}/returns/",
    ),
    "grants@office.example.org": (
        "/",
        "/bids/",
        f"{FIRST}/bids/",
        f"{FIRST}/rounds/",
        f"{FIRST}/assessments/",
        "/decisions/",
        f"{FIRST}/decisions/",
        f"{FIRST}/agreements/",
        f"{FIRST}/returns/",
        f"{FIRST}/organisations/",
    ),
    "commissioner@office.example.org": ("/", "/decisions/", f"{FIRST}/decisions/", f"{FIRST}/agreements/"),
    "finance@office.example.org": ("/", "/payments/", f"{FIRST}/payments/", "/finance/"),
}


def environment(folder: Path, port: int) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder / 'pages.sqlite3'}",
        "DOCUMENT_ROOT": str(folder / "documents"),
        "DEBUG": "true",
        "DEMO_PASSWORD": PASSWORD,
        "BASE_URL": f"http://127.0.0.1:{port}",
        "EMAIL_URL": "dummymail://",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server() -> Iterator[str]:
    """The address of a server over a new database with the demonstration in it."""
    with tempfile.TemporaryDirectory(prefix="csp-grants-pages-") as name:
        port = free_port()
        env = environment(Path(name), port)
        for command in (["migrate", "--verbosity=0"], ["createcachetable"], ["seed_demo"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
        gunicorn = [sys.executable, "-m", "gunicorn", "config.wsgi", "-b", f"127.0.0.1:{port}", "--threads", "4"]
        process = subprocess.Popen([*gunicorn, "--log-level", "error"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_for(address: str, tries: int = 100) -> None:
    for _ in range(tries):
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"No answer at {address}.")


def sign_in(page: Any, base: str, email: str) -> None:
    page.goto(f"{base}/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{base}/")


def resolved(page: Any, base: str, wanted: str) -> str | None:
    """The path itself, or where the first row of the list leads; None when the list is empty."""
    if not wanted.startswith(FIRST):
        return wanted
    page.goto(base + wanted.removeprefix(FIRST))
    links = page.locator("main table tbody a")
    found: str | None = links.first.get_attribute("href") if links.count() else None
    return found


def file_name(email: str, wanted: str, size: str) -> str:
    who = email.split(".")[0].replace("@", "-") or "public"
    words = wanted.removeprefix(FIRST).strip("/").replace("/", "-") or "your-work"
    return f"{who}--{words}{'-page' if wanted.startswith(FIRST) else ''}--{size}.png"


def take(browser: Any, base: str, email: str, size: str) -> int:
    page = browser.new_page(viewport=SIZES[size])
    if email:
        sign_in(page, base, email)
    taken = 0
    for wanted in PAGES[email]:
        path = resolved(page, base, wanted)
        if path is None:
            sys.stdout.write(f"Nothing in {wanted.removeprefix(FIRST)} for {email}, so no page of it was taken.\n")
            continue
        page.goto(base + path)
        page.screenshot(path=TARGET / file_name(email, wanted, size), full_page=True)
        taken += 1
    page.close()
    return taken


def main() -> int:
    from playwright.sync_api import sync_playwright

    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    with server() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        taken = sum(take(browser, base, email, size) for email in PAGES for size in SIZES)
        browser.close()
    sys.stdout.write(f"{taken} pages in {TARGET.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
