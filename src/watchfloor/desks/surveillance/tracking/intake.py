"""Which reports are taken: what cannot be read, repeats or has an impossible time is refused, with a reason."""

import math
from typing import Any

import numpy as np
from numba import njit

from watchfloor.desks.surveillance.tracking.reports import (
    BAD_BEARING,
    BAD_ERROR,
    BAD_MEASURE,
    BAD_PLACE,
    BAD_TIME,
    BEARING,
    DUPLICATE,
    FLOOD,
    FUTURE,
    NOTHING,
    TAKEN,
    TOO_LATE,
)
from watchfloor.desks.surveillance.tracking.state import AXES, LAST, RUN_AHEAD, RUN_LATE, SAME, SENSORS

LOWEST, HIGHEST = 6.3e6, 5e7
"""Metres from the Earth's centre between which a place on or above the Earth lies."""
FARTHEST = 1e9
"""Metres from the origin of a plane within which a place lies."""
LIKE = 8
"""Reports one after the other from the future that are believed, and of late ones 8 times as many."""
SCAN_MOST = 100_000
"""Reports that one scan can have."""


@njit(cache=True, nogil=True, error_model="numpy")
def intake(feed: Any, sensors: Any, clock: Any, knobs: Any, reasons: Any) -> Any:
    """Judge each report and note the clock at it; returns how many are taken."""
    taken = 0
    for i in range(len(feed.t)):
        reason = _readable(feed, i, clock.counts)
        if reason == TAKEN:
            reason = _timely(feed.t[i], feed.sensor[i], sensors, clock, knobs)
        if reason == TAKEN and _repeated(feed, i, clock.digests):
            reason = DUPLICATE
        if reason == TAKEN and _floods(feed.t[i], feed.sensor[i], clock):
            reason = FLOOD
        reasons[i] = reason
        feed.clock[i] = clock.time[0]
        taken += reason == TAKEN
    return taken


@njit(cache=True, nogil=True, error_model="numpy")
def _floods(t: float, s: int, clock: Any) -> Any:
    """Whether one sensor has said too much at one time."""
    if t != clock.time[1] or s != clock.counts[LAST]:
        clock.time[1] = t
        clock.counts[LAST] = s
        clock.counts[SAME] = 0
    clock.counts[SAME] += 1
    return clock.counts[SAME] > SCAN_MOST


@njit(cache=True, nogil=True, error_model="numpy")
def _readable(feed: Any, i: int, count: Any) -> Any:
    """Whether the report's numbers can be what they say."""
    if not math.isfinite(feed.t[i]) or abs(feed.t[i]) > 1e13:
        return BAD_TIME
    if feed.measure[i] > NOTHING:
        return BAD_MEASURE
    if feed.measure[i] == NOTHING:
        return TAKEN
    x, y, z = feed.place[i, 0], feed.place[i, 1], feed.place[i, 2]
    size = math.sqrt(x * x + y * y + z * z)
    if not math.isfinite(size):
        return BAD_PLACE
    if count[AXES] == 0:
        count[AXES] = 1 if z == 0 else 2
    if count[AXES] == 2 and not LOWEST < size < HIGHEST:
        return BAD_PLACE
    if count[AXES] == 1 and (size > FARTHEST or z != 0):
        return BAD_PLACE
    if feed.measure[i] == BEARING:
        if not math.isfinite(feed.bearing[i]) or abs(feed.bearing[i]) > 1e3:
            return BAD_BEARING
        v = feed.cov[i, 0]
        return TAKEN if math.isnan(v) or 0 <= v < 10 else BAD_ERROR
    return _place_error(feed, i)


@njit(cache=True, nogil=True, error_model="numpy")
def _place_error(feed: Any, i: int) -> Any:
    """Whether the variances that are stated are variances."""
    a, b, c = feed.cov[i, 0], feed.cov[i, 1], feed.cov[i, 2]
    stated = not (math.isnan(a) and math.isnan(c))
    if stated and not (0 <= a < 1e12 and 0 <= c < 1e12 and not b * b > a * c * 1.000001):
        return BAD_ERROR
    if feed.rate_var[i] < 0 or feed.velocity_var[i] < 0:
        return BAD_ERROR
    return TAKEN


@njit(cache=True, nogil=True, error_model="numpy")
def _mix(h: Any, value: Any) -> Any:
    """One round of a multiplicative hash (Knuth) with a shift."""
    h = (h ^ np.uint64(value)) * np.uint64(0x9E3779B97F4A7C15)
    return h ^ (h >> np.uint64(29))


@njit(cache=True, nogil=True, error_model="numpy")
def _repeated(feed: Any, i: int, digests: Any) -> Any:
    """Whether an equal report is among the recent ones; remembers this one."""
    if feed.measure[i] == NOTHING:
        return False
    h = _mix(np.uint64(1), feed.sensor[i])
    h = _mix(h, feed.t.view(np.int64)[i])
    h = _mix(h, feed.claimed[i])
    h = _mix(h, feed.bearing.view(np.int64)[i])
    h = _mix(h, feed.rate.view(np.int64)[i])
    for k in range(3):
        h = _mix(h, feed.place.view(np.int64)[i, k])
    at = h & np.uint64(len(digests) - 1)
    if digests[at] == h:
        return True
    digests[at] = h
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _timely(t: float, s: int, sensors: Any, clock: Any, knobs: Any) -> Any:
    """Whether the time can be believed; moves the clock.

    A time far ahead is believed when another sensor says the like, or when nothing else comes. A clock that
    was wrong, so that everything is late, is put back.
    """
    now = clock.time[0]
    if math.isnan(now):
        clock.time[0] = t
        return TAKEN
    if t > now + knobs.horizon:
        clock.counts[RUN_AHEAD] += 1
        sensors.ahead[s] = t
        if clock.counts[RUN_AHEAD] < LIKE and not _borne_out(t, s, sensors, clock, knobs):
            return FUTURE
        sensors.ahead[:] = np.nan
        now = t
    clock.counts[RUN_AHEAD] = 0
    if t < now - knobs.rewind:
        clock.counts[RUN_LATE] += 1
        if clock.counts[RUN_LATE] < 8 * LIKE:
            return TOO_LATE
        now = t
    clock.counts[RUN_LATE] = 0
    clock.time[0] = max(now, t)
    return TAKEN


@njit(cache=True, nogil=True, error_model="numpy")
def _borne_out(t: float, s: int, sensors: Any, clock: Any, knobs: Any) -> Any:
    """Whether another sensor's last report was from about the same future."""
    for k in range(clock.counts[SENSORS]):  # noqa: SIM110 (numba compiles no generator)
        if k != s and abs(sensors.ahead[k] - t) < knobs.horizon:
            return True
    return False
