"""Rows of sensors against the moments of their receipt: what was observed long after it came cannot be."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from watchfloor.core.kinds import COVERAGE, DETECTION
from watchfloor.formats.base import Fault
from watchfloor.formats.sensors.wires.batch import Numbers, Read, ReadResult

AHEAD: Final = 900_000_000
"""Microseconds by which a sensor's clock may be ahead of ours; a time further ahead is wrong. Judgement:
clocks that nobody sets are minutes off, a wrong time zone is half an hour or more."""
REASON: Final = "it was observed more than {minutes:.0f} minutes after it was received: a clock is wrong"


def leads(read: Read) -> Numbers | None:
    """By how many microseconds each row was observed after its receipt; None of kinds that may look ahead."""
    if read.kind not in (DETECTION, COVERAGE):
        return None
    observed, received = (
        np.asarray(read.rows[name].cast(pa.int64()).fill_null(0).to_numpy(), np.int64)
        for name in ("observed_at", "received_at")
    )
    noted = read.rows["received_at"].is_valid().to_numpy()
    return np.where(noted, observed - received, 0)


def apart(found: ReadResult, limits: Sequence[int | None]) -> ReadResult:
    """Put a fault in place of each row that is further ahead of its receipt than its `Heard` allows.

    Limits are in microseconds; None: there is none.
    """
    most = np.array([np.iinfo(np.int64).max if one is None else one for one in limits], np.int64)
    kept, faults = [], list(found.faults)
    for read in found.read:
        lead = leads(read)
        gone = np.zeros(len(read.of), np.bool_) if lead is None else lead > most[read.of]
        for row in np.flatnonzero(gone).tolist():
            reason = REASON.format(minutes=most[read.of[row]] / 60e6)
            faults.append((int(read.of[row]), Fault(read.rows["locator"][row].as_py(), reason, b"")))
        left = ~gone
        kept.append(Read(read.kind, read.rows.filter(pa.array(left)), read.of[left]) if gone.any() else read)
    return ReadResult(kept, faults)
