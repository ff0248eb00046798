"""Short memory of the process, written nowhere: what to say next, and forms that were sent."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

HOURS: Final = 14
"""A watch, and its handover."""
MOST: Final = 20_000


class Memory(Generic[T]):
    """Values by key for some hours; the oldest go first. For any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._kept: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self._clock, self._guard = clock, threading.Lock()

    def put(self, key: str, value: T) -> None:
        """Remember a value."""
        with self._guard:
            self._kept[key] = self._clock(), value
            self._kept.move_to_end(key)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)

    def get(self, key: str) -> T | None:
        """The value of a key; None where there is none, or it is too old."""
        with self._guard:
            return self._fresh(self._kept.get(key))

    def pop(self, key: str) -> T | None:
        """The value of a key, which is forgotten."""
        with self._guard:
            return self._fresh(self._kept.pop(key, None))

    def claim(self, key: str, value: T) -> T | None:
        """Remember a value under a key that has none; else the value that it has."""
        with self._guard:
            known = self._fresh(self._kept.get(key))
            if known is None:
                self._kept[key] = self._clock(), value
            return known

    def drop(self, key: str) -> None:
        """Forget a key."""
        with self._guard:
            self._kept.pop(key, None)

    def _fresh(self, found: tuple[float, T] | None) -> T | None:
        return found[1] if found and self._clock() - found[0] < HOURS * 3600 else None
