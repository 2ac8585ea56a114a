"""One script in time order. Each story is a generator that yields the moment at which it goes on.

Stories run interleaved, the clock standing at the moment of each step; so the audit chain is in the order in which things happened, and
what one story did is there for the next to build on.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterator
from itertools import count

from casework import clock

Story = Iterator[dt.datetime]


class Script:
    """Plays stories until the present moment; what lies after it has not happened yet."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self._moment: dt.datetime | None = None
        self._waiting: list[tuple[dt.datetime, int, Story]] = []
        self._order = count()

    def add(self, story: Story) -> None:
        """A story's beginning, before its first moment, only waits: nothing may be written there."""
        self._wait(story)

    def play(self) -> None:
        while self._waiting:
            self._moment, _, story = heapq.heappop(self._waiting)
            with clock.at(self._moment):
                self._wait(story)

    def _wait(self, story: Story) -> None:
        """Run a story to its next moment. One that lies behind the script's own is taken up at once."""
        moment = next(story, None)
        if moment is None or moment > self.now:
            return
        if self._moment is not None:
            moment = max(moment, self._moment)
        heapq.heappush(self._waiting, (moment, next(self._order), story))
