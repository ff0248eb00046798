"""Reports that the tracker refused: how many of each sensor, why, and when the last one came."""

import json
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.desks.base import derive
from watchfloor.desks.surveillance.serialisation import BYTES
from watchfloor.desks.surveillance.tracking.reports import DUPLICATE, REASONS, TAKEN
from watchfloor.records.derived import DERIVED
from watchfloor.records.kinds import column

KEPT: Final = 3_600_000_000
"""Microseconds of the clock of arrival for which a refusal is told of."""
MOST: Final = 1_000
"""Sensors, reasons and markings that are told apart; what more there is is counted for no sensor."""

REFUSED: Final = pa.schema(
    [
        *DERIVED,
        column("sensor", pa.string(), "whose reports", nullable=False),
        column("reason", pa.string(), "why", nullable=False),
        column("count", pa.int64(), "how many, while it went on", nullable=False),
        column("marking", pa.string(), "theirs", nullable=False),
    ]
)
"""A row for each sensor, reason and marking; `until` is the receipt of the last report."""


_NONE: Final = REFUSED.empty_table()


class Refusals:
    """Counts by sensor, marking and reason, each with when the last report was received."""

    def __init__(self, counts: Iterable[Any] = ()) -> None:
        self._counts = {tuple(key): (count, last) for key, count, last in counts}

    def note(self, rows: pa.Table, reasons: npt.NDArray[Any], arrived: npt.NDArray[Any]) -> None:
        """Count the rows of detections that were refused; a repeated one is no fault of its sensor's."""
        refused = np.flatnonzero((reasons != TAKEN) & (reasons != DUPLICATE))
        if not len(refused):
            return
        self._forget(int(arrived[-1]))
        told = rows.select(["sensor", "marking"]).take(pa.array(refused)).to_pylist()
        for row, at in zip(told, refused.tolist(), strict=True):
            key = row["sensor"] or "", row["marking"], REASONS[reasons[at]]
            if key not in self._counts and len(self._counts) >= MOST:
                key = "", *key[1:]
            count, _ = self._counts.get(key, (0, 0))
            self._counts[key] = count + 1, int(arrived[at])

    def _forget(self, now: int) -> None:
        self._counts = {key: told for key, told in self._counts.items() if told[1] > now - KEPT}

    def freeze(self) -> pa.Table:
        """Return all counts as a table."""
        told = [(key, *of) for key, of in sorted(self._counts.items())]
        return pa.table([[json.dumps(told).encode()]], schema=BYTES)

    @classmethod
    def thaw(cls, frozen: pa.Table) -> "Refusals":
        """Return the counts that `freeze` wrote."""
        return cls(json.loads(frozen["bytes"][0].as_py()))

    def rows(self, clock: int) -> pa.Table:
        """Return a row for each count of the last hour."""
        if not self._counts:  # it is asked many times a second
            return _NONE
        self._forget(clock)
        told = sorted(self._counts.items())
        instant = pa.timestamp("us", "UTC")
        last = pa.array([last for _, (_, last) in told], pa.int64()).cast(instant)
        return derive(
            REFUSED,
            row_id=[number.to_bytes(16, "big") for number in range(len(told))],
            at=pa.array([clock] * len(told), pa.int64()).cast(instant),
            until=last,
            sensor=[sensor for (sensor, _, _), _ in told],
            reason=[reason for (_, _, reason), _ in told],
            count=[count for _, (count, _) in told],
            marking=[marking for (_, marking, _), _ in told],
        )
