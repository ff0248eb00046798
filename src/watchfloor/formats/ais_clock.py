"""Times of AIS messages in a file whose lines state none.

A base station tells date and time every ten seconds (type 4), and a position report the second of the minute
in which its place was found. So a file tells the time itself: the clock goes with the base stations, and with
seconds that are up to `STEP` ahead; a report was at the moment nearest to the clock that has its second. That
holds while lines are in their order and no gap without a base station is longer than half a minute.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.formats.ais_decode import Decoded
from watchfloor.formats.ais_tables import FAR, NEAR, NONE
from watchfloor.formats.log_times import NEVER, days
from watchfloor.records.kernels import kernel

STEP: Final = 5_000_000
"""Microseconds that one report may put the clock forward; a stale report is further off."""
STATED, NEIGHBOURS, STATIONS, BASE_TIME, UNTIMED = range(5)
"""What a message's time was taken from: its line, lines before it, base stations, a person, nothing."""
SOURCES: Final = {NEIGHBOURS: "lines before", STATIONS: "base stations", BASE_TIME: "base_time"}
"""In words, for `says`."""

_MINUTE: Final = 60_000_000


@dataclass(slots=True)
class Clock:
    """The clock of a file: microseconds since 1970, or `NEVER`, and what it was taken from."""

    now: int = NEVER
    source: int = UNTIMED


def tell(decoded: Decoded, clock: Clock) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """When each message was, or `NEVER`, and what says so; the clock goes on."""
    second = decoded.raw.near[NEAR.index("second")]
    told, sources, clock.now, clock.source = _tell(
        decoded.time, second, _stations(decoded), clock.now, clock.source
    )
    return told, sources


def start(decoded: Decoded) -> Clock:
    """The clock at the first message, put back from the first that tells the time."""
    second = decoded.raw.near[NEAR.index("second")]
    for source, times in ((NEIGHBOURS, decoded.time), (STATIONS, _stations(decoded))):
        known = np.flatnonzero(times != NEVER)
        if len(known):
            return Clock(int(_back(second[: known[0]], times[known[0]])), source)
    return Clock()


def _stations(decoded: Decoded) -> npt.NDArray[np.int64]:
    """The times that base stations tell."""
    told = np.full(len(decoded), NEVER)
    far = decoded.raw.far
    year = far[FAR.index("year")]
    at = np.flatnonzero((year != NONE) & (decoded.raw.type[decoded.raw.row] == 4))
    if len(at):
        fields = [far[FAR.index(name), at] for name in ("year", "month", "day", "hour", "minute")]
        row = decoded.raw.row[at]
        instants: Any = _instants  # what stubs of numba make of a star is no signature
        told[row] = instants(*fields, decoded.raw.near[NEAR.index("second"), row])
    return told


@kernel
def _instants(year: Any, month: Any, day: Any, hour: Any, minute: Any, second: Any) -> Any:
    """Microseconds since 1970 of dates and times; `NEVER` where a part is missing or impossible."""
    told = np.empty(len(year), np.int64)
    for i in range(len(year)):
        told[i] = NEVER
        date = days(year[i], month[i], day[i])
        if date != NEVER and hour[i] >= 0 and minute[i] >= 0 and 0 <= second[i] < 60:
            told[i] = (date * 86_400 + hour[i] * 3_600 + minute[i] * 60 + second[i]) * 1_000_000
    return told


@kernel
def _tell(stated: Any, second: Any, stations: Any, now: int, source: int) -> Any:
    told = stated.copy()
    sources = np.zeros(len(stated), np.uint8)
    for i in range(len(stated)):
        if stated[i] != NEVER:
            now, source = stated[i], NEIGHBOURS
            continue
        if stations[i] != NEVER and source >= STATIONS and source != BASE_TIME:
            now, source = stations[i], STATIONS
        sources[i] = source
        told[i] = now
        if now != NEVER and 0 <= second[i] < 60:
            told[i] = _nearest(now, second[i])
            if 0 < told[i] - now <= STEP:
                now = told[i]
    return told, sources, now, source


@kernel
def _back(second: Any, now: int) -> Any:
    """The clock before reports that came before `now`."""
    for i in range(len(second) - 1, -1, -1):
        if 0 <= second[i] < 60:
            told = _nearest(now, second[i])
            if 0 < now - told <= STEP:
                now = told
    return now


@kernel
def _nearest(now: int, second: int) -> Any:
    """The moment nearest to `now` that has this second."""
    told = now - now % _MINUTE + second * 1_000_000
    if told - now > _MINUTE // 2:
        return told - _MINUTE
    return told + _MINUTE if now - told > _MINUTE // 2 else told
