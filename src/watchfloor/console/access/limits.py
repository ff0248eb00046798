"""Rates: how often something may be tried before it has to wait."""

import threading
import time
from collections.abc import Callable
from typing import Final

MOST_KEYS: Final = 10_000
"""Keys that are remembered; beyond that those that are full again are forgotten."""


class Rate:
    """A bucket of tries for each key, filled evenly over time (a token bucket).

    Args:
        tries: that may be made at once.
        seconds: in which as many come back.
        clock: monotonic seconds.
    """

    def __init__(self, tries: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._tries, self._each, self._clock = tries, seconds / tries, clock
        self._full_at: dict[str, float] = {}
        self._guard = threading.Lock()

    def wait(self, key: str) -> float:
        """Seconds until the key may try again; 0 for now. Counts nothing."""
        with self._guard:
            return self._wait(key, self._clock())

    def spend(self, key: str) -> float:
        """Make a try: 0 where it may be made, and is counted; else the seconds to wait, uncounted."""
        with self._guard:
            now = self._clock()
            if wait := self._wait(key, now):
                return wait
            if len(self._full_at) >= MOST_KEYS:
                self._full_at = {k: at for k, at in self._full_at.items() if at > now}
            self._full_at[key] = max(self._full_at.get(key, 0.0), now) + self._each
            return 0.0

    def forgive(self, key: str) -> None:
        """Give a key all its tries back."""
        with self._guard:
            self._full_at.pop(key, None)

    def _wait(self, key: str, now: float) -> float:
        behind = self._full_at.get(key, 0.0) - now
        return max(0.0, behind - (self._tries - 1) * self._each)
