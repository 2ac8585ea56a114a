"""What `manage.py check --deploy` says about the virus scanner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

from casework.documents.clamd import Unavailable, ping


@register(Tags.security, deploy=True)
def check_scanner(app_configs: Any = None, **kwargs: Any) -> Sequence[CheckMessage]:
    """A scanner that is set and does not answer: every upload would wait for it."""
    if not settings.CLAMD_URL:
        return []
    try:
        ping(settings.CLAMD_URL)
    except Unavailable as error:
        words = f"No virus scanner answers at {settings.CLAMD_URL}: {error}. Uploaded files wait, unopened, until one does."
        return [Warning(words, hint="Start clamd there, or take CLAMD_URL out of the environment.", id="casework.W001")]
    return []
