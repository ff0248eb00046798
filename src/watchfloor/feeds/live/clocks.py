"""Clocks of sources: whose rows were observed after they were received, so that somebody's clock is wrong.

Each source has a vote, and so has this machine: a source whose rows are more than `receipt.AHEAD` ahead of
their receipt is wrong, unless most are, and then it is this machine that is behind.
"""

import time
from typing import Final

import numpy as np

from watchfloor.formats.sensors import receipt
from watchfloor.formats.sensors.wires.batch import Numbers, ReadResult

VOTES: Final = 600.0
"""Seconds for which a source that brought something has a vote."""
TOLD: Final = 3600.0
"""Seconds for which a wrong clock is told of after its last row."""


class Clocks:
    """Clocks of sources, by their numbers: how far each runs ahead."""

    def __init__(self) -> None:
        self._least: dict[int, tuple[float, int]] = {}
        self._wrong: dict[int, tuple[float, int, int]] = {}

    def judge(self, found: ReadResult, sources: Numbers) -> dict[int, int]:
        """Return the limit for each source that is beyond it: microseconds from receipt to observation.

        Args:
            found: what was read.
            sources: of each `Heard` the number of its source.
        """
        now = time.monotonic()
        most: dict[int, Numbers] = {}
        for read in found.read:
            lead = receipt.leads(read)
            if lead is None:
                continue
            for source in np.unique(sources[read.of]).tolist():
                mine = lead[sources[read.of] == source]
                self._least[source] = now, int(mine.min())
                most[source] = np.append(most.get(source, mine[:0]), mine)
        if not most or max(int(leads.max()) for leads in most.values()) <= receipt.AHEAD:
            return {}
        limit = receipt.AHEAD + self._behind(now)
        ahead = {source: leads for source, leads in most.items() if leads.max() > limit}
        for source, leads in ahead.items():
            before = self._wrong.get(source, (0.0, 0, 0))
            count = before[1] + int(np.count_nonzero(leads > limit))
            self._wrong[source] = now, count, max(before[2], int(leads.max()))
        return dict.fromkeys(ahead, limit)

    def _behind(self, now: float) -> int:
        """Return by how many microseconds this machine is behind; 0 unless most clocks say that it is."""
        leads = [least for heard, least in self._least.values() if now - heard <= VOTES]
        ahead = [least for least in leads if least > receipt.AHEAD]
        return min(ahead) if 2 * len(ahead) > len(leads) + 1 else 0

    def problem(self, source: int) -> str:
        """Return what is wrong with the clock of a source, and what to do; empty where nothing is."""
        at, count, lead = self._wrong.get(source, (0.0, 0, 0))
        if not count or time.monotonic() - at > TOLD:
            return ""
        return (
            f"{count:,} rows are in quarantine: they were observed up to {lead / 1e6:,.0f} seconds after "
            "they were received. Set the clock of the sensor, or of this machine"
        )
