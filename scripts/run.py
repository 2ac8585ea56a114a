"""What `make run` does: prepare the database, start the server, the timer and the worker, tell the address, end them together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60  # seconds until the first page must have answered
ACCOUNTS = """
  grants@office.example.org              commissioning officer       assessor1@, assessor2@office.example.org
  commissioner@office.example.org        the Commissioner            chief-executive@, chief-finance@office.example.org
  finance@, finance2@office.example.org  finance officers            auditor@, admin@office.example.org
  coordinator@huntingdonshire.example.org, signatory@…, finance@…    the partnership and its council
      likewise peterborough, fenland, east-cambridgeshire, south-cambridgeshire, cambridge
"""


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def prepare() -> bool:
    """Bring the database up to date and fill an empty one; whether it holds the demonstration's people."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("seed_demo", if_empty=True)
    demonstration = get_user_model()._default_manager.filter(email="coordinator@huntingdonshire.example.org").exists()
    connections.close_all()
    return demonstration


def start(*arguments: str) -> subprocess.Popen[bytes]:
    """A manage.py command in a group of its own, so that it ends with everything that it starts."""
    return subprocess.Popen([sys.executable, "manage.py", *arguments], cwd=ROOT, start_new_session=True)


def answers(address: str) -> bool:
    try:
        urllib.request.urlopen(f"{address}healthz", timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def watch(processes: list[subprocess.Popen[bytes]], address: str, demonstration: bool) -> int:
    """Wait for the first answer, tell where it is, then wait until somebody ends this or one of them ends by itself."""
    parent, started, told = os.getppid(), time.monotonic(), False
    while os.getppid() == parent:
        if any(process.poll() is not None for process in processes):
            say("The server, the timer or the worker stopped by itself, so all were ended. Its own message is above.")
            return 1
        if not told and answers(address):
            told = True
            say(f"\nCSP Grants is at {address}  (Ctrl-C ends it)")
            if demonstration:
                say(ACCOUNTS)
                say(f"Everybody's password: {os.environ.get('DEMO_PASSWORD', 'community-safety')}")
        if not told and time.monotonic() - started > PATIENCE:
            say(f"No answer at {address} after {PATIENCE} seconds, so it was ended.")
            return 1
        time.sleep(0.3)
    return 0


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def ask_to_end(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    chosen = os.environ.get("PORT", "8000")
    if not chosen.isdecimal() or not 0 < int(chosen) < 65536:
        say(f"PORT is “{chosen}”. Give a number from 1 to 65535, for example: make run PORT=8100")
        return 2
    if not is_free(int(chosen)):
        say(f"Port {chosen} is in use by another program. Choose another, for example: make run PORT={int(chosen) + 1}")
        return 2
    address = f"http://127.0.0.1:{chosen}/"
    os.environ.setdefault("BASE_URL", address.rstrip("/"))
    os.environ["DJANGO_RUNSERVER_HIDE_WARNING"] = "true"
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    signal.signal(signal.SIGTERM, ask_to_end)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        demonstration = prepare()
        processes += [start("runserver", f"127.0.0.1:{chosen}"), start("tick", "--every", "30")]
        processes += [start("db_worker", "--interval", "2", "--no-reload", "--verbosity", "0")]
        return watch(processes, address, demonstration)
    except KeyboardInterrupt:
        return 0
    finally:
        end(processes)


if __name__ == "__main__":
    sys.exit(main())
