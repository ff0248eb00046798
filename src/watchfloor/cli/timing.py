"""How long screening took and how much memory it held, for `watchfloor screen --stats`."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from watchfloor.desks.listings.screener import Screener


class Stats:
    """Counts in constant memory: a histogram of 10 µs steps up to a second.

    Attributes:
        left_aside: rows of which something, or all, was not screened.
    """

    def __init__(self) -> None:
        self._counts = np.zeros(100_001, np.int64)
        self._seconds = 0.0
        self._cut = 0
        self.left_aside = 0

    def add(self, seconds: float, cut: bool) -> None:
        """Count one screening, and whether the end of its name was not compared."""
        self._counts[min(int(seconds * 1e5), 100_000)] += 1
        self._seconds += seconds
        self._cut += cut

    def lines(self, build: float, screener: "Screener") -> Iterator[str]:
        """Yield the lines of `--stats`."""
        total = int(self._counts.sum())
        yield f"list: {len(screener):,} entities, {screener.name_count:,} names, index built in {build:.2f} s"
        rate = total / self._seconds if total else 0
        yield f"screened: {total:,} names, {rate:,.0f} screens/s on one thread"
        yield f"cut: {self._cut:,} names too long to be compared whole"
        if total:
            bounds = np.searchsorted(np.cumsum(self._counts), [total * 0.5, total * 0.95, total * 0.99])
            yield "latency: " + ", ".join(
                f"{word} {(place + 1) / 100:.2f} ms"
                for word, place in zip(("p50", "p95", "p99"), bounds, strict=True)
            )
        yield f"peak memory: {_peak_memory() / 1e6:,.0f} MB"


def _peak_memory() -> int:
    """Most bytes of memory that this process has held."""
    if sys.platform == "win32":
        return _peak_windows()
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _peak_windows() -> int:
    """PeakWorkingSetSize of PROCESS_MEMORY_COUNTERS, its fourth field after two 32-bit ones."""
    import ctypes

    counters = (ctypes.c_size_t * 10)()
    library = ctypes.windll.psapi  # type: ignore[attr-defined, unused-ignore]
    process = ctypes.windll.kernel32.GetCurrentProcess()  # type: ignore[attr-defined, unused-ignore]
    library.GetProcessMemoryInfo(process, ctypes.byref(counters), ctypes.sizeof(counters))
    return int(counters[1])
