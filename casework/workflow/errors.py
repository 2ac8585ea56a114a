"""Why something was not done, always with a sentence for the person who tried."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence


class Refused(Exception):
    """The rules say no. `sentences` tell why and what would help."""

    def __init__(self, *sentences: str) -> None:
        self.sentences: Sequence[str] = sentences
        super().__init__(" ".join(sentences))


class NotPermitted(Refused):
    """This person's roles do not allow it."""


class Stale(Refused):
    """Somebody else changed the case since the page was opened."""

    def __init__(self, *, who: str, at: dt.datetime | None) -> None:
        self.who, self.at = who, at
        super().__init__(
            f"This was changed by {who} after you opened the page. Your entries are kept below: check them against the "
            "present version and save again."
        )
