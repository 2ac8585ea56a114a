"""The settings of the tests leave nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ASK = """
import os
from tests import settings
for folder in (settings.DOCUMENT_ROOT, settings.STATIC_ROOT):
    open(os.path.join(folder, "left"), "w").close()
child = os.fork()
if child == 0:
    raise SystemExit(0)
os.waitpid(child, 0)
assert os.path.isdir(settings.DOCUMENT_ROOT), "a fork took its parent's folder away"
"""


def test_the_folders_of_a_run_go_with_it(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", ASK], cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []
