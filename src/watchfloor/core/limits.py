"""Rates: how often something may be tried before it has to wait."""

import heapq
import ipaddress
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Final

MOST_KEYS: Final = 10_000
"""Keys that are remembered; beyond that, the half that has tried least is forgotten."""


class Rate:
    """A bucket of tries for each key, filled evenly over time (a token bucket).

    Args:
        tries: that may be made at once.
        seconds: in which as many come back.
        clock: monotonic seconds.
        keys: that are remembered at most.
    """

    def __init__(
        self, tries: int, seconds: float, clock: Callable[[], float] = time.monotonic, keys: int = MOST_KEYS
    ) -> None:
        self._tries, self._each, self._clock, self._keys = tries, seconds / tries, clock, keys
        self._full_at: dict[str, float] = {}
        self._guard = threading.Lock()

    def __len__(self) -> int:
        return len(self._full_at)

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
            self._count(key, now)
            return 0.0

    def reserve(self, key: str, most: float) -> float | None:
        """Count a try that may be made in some seconds; gives these, None (uncounted) for more than most."""
        with self._guard:
            now = self._clock()
            wait = self._wait(key, now)
            if wait > most:
                return None
            self._count(key, now)
            return wait

    def give_back(self, key: str) -> None:
        """Take one try back that turned out not to count."""
        with self._guard:
            if key in self._full_at:
                self._full_at[key] -= self._each

    def forgive(self, key: str) -> None:
        """Give a key all its tries back."""
        with self._guard:
            self._full_at.pop(key, None)

    def _count(self, key: str, now: float) -> None:
        if key not in self._full_at and len(self._full_at) >= self._keys:
            self._forget(now)
        self._full_at[key] = max(self._full_at.get(key, 0.0), now) + self._each

    def _forget(self, now: float) -> None:
        """Keep those that have tried most: who makes up keys to push others out pushes out his own."""
        behind = ((key, at) for key, at in self._full_at.items() if at > now)
        self._full_at = dict(heapq.nlargest(self._keys // 2, behind, key=lambda one: one[1]))

    def _wait(self, key: str, now: float) -> float:
        behind = self._full_at.get(key, 0.0) - now
        return max(0.0, behind - (self._tries - 1) * self._each)


@lru_cache(maxsize=1024)
def network_of(address: str) -> str:
    """Return the part of an address that one person has: all of IPv4, the first 64 bits of IPv6."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    return str(known.ipv4_mapped or ipaddress.ip_network((known, 64), strict=False))
