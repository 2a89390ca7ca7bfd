"""What a process keeps in its memory about the published content, and for how long it is true.

Everything is kept under the token of `ContentVersion`, which the caller reads in the query it needs anyway. Another
token means that something changed somewhere, so nothing kept before counts: never stale, without a message between
processes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar
from uuid import UUID
from weakref import WeakSet

T = TypeVar("T")

_all: WeakSet[Memory] = WeakSet()


class Memory(Generic[T]):
    """At most `size` things, the least recently used going first. Safe between threads."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._things: OrderedDict[Hashable, tuple[UUID, T]] = OrderedDict()
        self._lock = Lock()
        _all.add(self)

    def get(self, token: UUID | None, key: Hashable, make: Callable[[], T]) -> T:
        """What was made for `key` under this token, made now when there is nothing. Without a token nothing is kept.

        Two threads may make the same thing at once; both are right, the later one stays.
        """
        if token is None:
            return make()
        with self._lock:
            kept = self._things.get(key)
            if kept is not None and kept[0] == token:
                self._things.move_to_end(key)
                return kept[1]
        made = make()
        with self._lock:
            self._things[key] = (token, made)
            self._things.move_to_end(key)
            while len(self._things) > self.size:
                self._things.popitem(last=False)
        return made

    def __len__(self) -> int:
        return len(self._things)

    def clear(self) -> None:
        with self._lock:
            self._things.clear()


def forget_everything() -> None:
    """Empty every memory of this process; for measurements and tests."""
    for memory in _all:
        memory.clear()
