"""pytest -p tests.noskip: a test that skips fails the run. `.ci/run` leaves nothing out."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: Any) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter is not None else []
    if skipped and session.exitstatus == 0:
        reporter.write_line(f"{len(skipped)} tests were skipped, and none may be here.", red=True)
        session.exitstatus = 1
