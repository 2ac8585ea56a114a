"""Makes the one seeded database that browser tests copy: `python -m tests.browser.seeding FILE`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.browser.tab import PASSWORD

ROOT = Path(__file__).resolve().parents[2]


def environment(database: Path, port: int) -> dict[str, str]:
    """A production-like process: DEBUG off, hashed static files, our own database and document folder."""
    return os.environ | {
        "DATABASE_URL": f"sqlite:///{database}",
        "DOCUMENT_ROOT": str(database.parent / "documents"),
        "SECRET_KEY": "browser-tests-only-" + "k" * 40,
        "AUDIT_KEY": "browser-tests-only-audit-key",
        "DEBUG": "false",
        "BEHIND_HTTPS": "false",
        "ALLOWED_HOSTS": "127.0.0.1",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "EMAIL_URL": "dummymail://",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEMO_PASSWORD": PASSWORD,
    }


def manage(command: list[str], env: dict[str, str]) -> None:
    subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)


def make_demonstration(database: Path) -> None:
    """Migrate, play the demonstration, and collect the static files that production-like servers serve."""
    env = environment(database, 0)
    for command in (
        ["migrate", "--verbosity=0"],
        ["createcachetable"],
        ["seed_demo"],
        ["collectstatic", "--noinput", "--verbosity=0"],
    ):
        manage(command, env)


if __name__ == "__main__":
    make_demonstration(Path(sys.argv[1]))
