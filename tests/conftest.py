"""What every test shares: a pinned clock when asked for, signing in, and a database that can be flushed."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import settings as hypothesis_settings

from casework import clock
from casework.appendonly import drop_triggers, install_triggers

# The same examples every time: a run before a change lands is no lottery. HYPOTHESIS_PROFILE=default searches anew.
hypothesis_settings.register_profile("same", derandomize=True, deadline=None)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests of several writers to PostgreSQL: they are not chosen elsewhere, so nothing counts as skipped."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        left_out = [item for item in items if item.get_closest_marker("postgresql")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """A database in which transactions really commit (threads, on_commit). Flushing it afterwards needs the triggers out of the way."""
    install_triggers()
    yield
    drop_triggers()


@pytest.fixture
def noon() -> Iterator[dt.datetime]:
    """The clock stands at noon on Wednesday 14 October 2026, in the half-year from October."""
    with clock.at(dt.date(2026, 10, 14)) as moment:
        yield moment


@pytest.fixture
def sign_in() -> Callable[[Any], Client]:
    """sign_in(user) → a client signed in as that person."""

    def signed_in(user: Any) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in
