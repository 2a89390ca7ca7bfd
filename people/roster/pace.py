"""How fast background work may write, so that the site goes on meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


class Pace:
    """Sizes chunks by the time they take.

    SQLite has one writer at a time: chunks of 200 ms back to back locked out every web write, chunks of 50 ms with
    a pause of 10 ms gave a 95th percentile of 80 ms. Other databases lock rows only: there a chunk may take longer,
    as long as who waits for the same organisation does not notice, and needs no pause.
    """

    GOAL = 0.04  # seconds a chunk's transaction should take on SQLite; 0.05 is the most that is tolerable
    GOAL_OF_ROW_LOCKS = 0.25
    PAUSE = 0.01

    def __init__(self, start: int = 20, smallest: int = 4, largest: int = 200) -> None:
        alone = connection.vendor == "sqlite"
        self._goal, self._pause = (self.GOAL, self.PAUSE) if alone else (self.GOAL_OF_ROW_LOCKS, 0.0)
        self._smallest, self._largest = smallest, largest if alone else 2 * largest
        self.size = start if alone else min(10 * start, self._largest)

    def chunks(self, items: Sequence[T]) -> Iterator[Sequence[T]]:
        """Slices of `items`; each is as long as the pace allows when it is taken."""
        start = 0
        while start < len(items):
            chunk = items[start : start + self.size]
            start += len(chunk)
            yield chunk

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Put this around one transaction."""
        began = time.perf_counter()
        yield
        spent = time.perf_counter() - began
        # Straight for the goal: what is lost to one slow chunk comes back with the next.
        factor = min(1.5, max(0.5, self._goal / spent))
        self.size = min(self._largest, max(self._smallest, round(self.size * factor)))
        if self._pause:
            time.sleep(self._pause)
