"""A strip of event time: how much happened in each interval, above the slider of the map."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.console.map.scene import micros

STEPS: Final = (60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400)
"""Seconds that an interval may have."""
MOST: Final = 96
"""Intervals of a strip."""
LONGEST: Final = timedelta(days=30)
"""The time before the last event that a strip shows at most."""


class Strip(msgspec.Struct, frozen=True):
    """How much happened, by intervals.

    Attributes:
        since: when the first interval begins.
        step: seconds of an interval.
        counts: events of each interval.
        risks: those of them that put a life at risk.
        alerts: alerts that were raised in each interval.
    """

    since: datetime
    step: int
    counts: list[int]
    risks: list[int]
    alerts: list[int]


def strip(points: pa.Table, alerts: Iterable[datetime], now: datetime) -> Strip | None:
    """Return the strip of some points up to now; None if nothing happened."""
    at = micros(points["at"]) / 1e6
    raised = np.array([one.timestamp() for one in alerts], np.float64)
    every = np.append(at, raised)
    every = every[every <= now.timestamp()]
    if not len(every):
        return None
    last = float(every.max())
    end = now.timestamp() if now.timestamp() - last < LONGEST.total_seconds() / 10 else last
    first = max(float(every.min()), end - LONGEST.total_seconds())
    step = next((one for one in STEPS if (end - first) / one < MOST - 1), STEPS[-1])
    start = first // step * step
    count = int((end - start) // step) + 1
    risk = pc.fill_null(points["danger"], False).to_numpy(zero_copy_only=False)

    def counted(moments: npt.NDArray[np.float64]) -> list[int]:
        at = ((moments - start) // step).astype(np.int64)
        found: list[int] = np.bincount(at[(at >= 0) & (at < count)], minlength=count).tolist()
        return found

    begin = datetime.fromtimestamp(start, UTC)
    return Strip(begin, step, counted(at), counted(at[risk]), counted(raised))
