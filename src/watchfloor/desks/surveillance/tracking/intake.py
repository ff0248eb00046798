"""Which reports are taken: what is not readable, not new or not timely is refused, each with its reason."""

import math
from typing import Any

import numpy as np

from watchfloor.desks.surveillance.tracking.reports import (
    BAD_BEARING,
    BAD_ERROR,
    BAD_MEASURE,
    BAD_MOTION,
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
from watchfloor.records.kernels import kernel

LOWEST, HIGHEST = 6.3e6, 5e7
"""Metres from the Earth's centre between which a place on or above the Earth lies."""
FARTHEST = 1e9
"""Metres from the origin of a plane within which a place lies."""
FASTEST = 1e4
"""Metres a second that nothing exceeds, and radians."""
LIKE = 8
"""Reports one after the other from the future that are believed, and of late ones 8 times as many."""
SCAN_MOST = 100_000
"""Reports that one scan can have."""


@kernel(error_model="numpy")
def intake(feed: Any, sensors: Any, clocks: Any, digests: Any, settings: Any, reasons: Any) -> Any:
    """Judge each report and note the clock at it; returns how many are taken."""
    clock = clocks[0]
    knobs = settings[0]
    taken = 0
    for i in range(len(feed)):
        reason = _readable(feed, i, clock)
        if reason == TAKEN:
            reason = _timely(feed[i].t, feed[i].sensor, sensors, clock, knobs)
        if reason == TAKEN and _repeated(feed[i], digests):
            reason = DUPLICATE
        if reason == TAKEN and _floods(feed[i].t, feed[i].sensor, clock):
            reason = FLOOD
        reasons[i] = reason
        feed[i].clock = clock.now
        taken += reason == TAKEN
    return taken


@kernel(error_model="numpy")
def _floods(t: float, s: int, clock: Any) -> Any:
    """Whether one sensor has said too much at one time."""
    if t != clock.last or s != clock.speaker:
        clock.last = t
        clock.speaker = s
        clock.same = 0
    clock.same += 1
    return clock.same > SCAN_MOST


@kernel(error_model="numpy")
def _readable(feed: Any, i: int, clock: Any) -> Any:
    """Whether the report's numbers can be what they say."""
    if not math.isfinite(feed[i].t) or abs(feed[i].t) > 1e13:
        return BAD_TIME
    if feed[i].measure > NOTHING:
        return BAD_MEASURE
    if feed[i].measure == NOTHING:
        return TAKEN
    x, y, z = feed[i].place[0], feed[i].place[1], feed[i].place[2]
    size = math.sqrt(x * x + y * y + z * z)
    if not math.isfinite(size):
        return BAD_PLACE
    if clock.axes == 0:
        clock.axes = 1 if z == 0 else 2
    if clock.axes == 2 and not LOWEST < size < HIGHEST:
        return BAD_PLACE
    if clock.axes == 1 and (size > FARTHEST or z != 0):
        return BAD_PLACE
    if feed[i].measure == BEARING:
        if not math.isfinite(feed[i].bearing) or abs(feed[i].bearing) > 1e3:
            return BAD_BEARING
        v = feed[i].cov[0]
        return TAKEN if math.isnan(v) or 0 <= v < 10 else BAD_ERROR
    return _place_error(feed, i)


@kernel(error_model="numpy")
def _place_error(feed: Any, i: int) -> Any:
    """Whether the variances that are stated are variances."""
    a, b, c = feed[i].cov[0], feed[i].cov[1], feed[i].cov[2]
    stated = not (math.isnan(a) and math.isnan(c))
    if stated and not (0 <= a < 1e12 and 0 <= c < 1e12 and not b * b > a * c * 1.000001):
        return BAD_ERROR
    if feed[i].rate_var < 0 or feed[i].velocity_var < 0:
        return BAD_ERROR
    for fast in (feed[i].rate, feed[i].velocity[0], feed[i].velocity[1], feed[i].bearing):
        if abs(fast) > FASTEST:
            return BAD_MOTION
    return TAKEN


@kernel(error_model="numpy")
def _mix(h: Any, value: Any) -> Any:
    """One round of a multiplicative hash (Knuth) with a shift."""
    h = (h ^ np.uint64(value)) * np.uint64(0x9E3779B97F4A7C15)
    return h ^ (h >> np.uint64(29))


@kernel(error_model="numpy")
def _repeated(report: Any, digests: Any) -> Any:
    """Whether an equal report is among the recent ones; remembers this one."""
    if report.measure == NOTHING:
        return False
    said = np.array(
        [report.t, report.place[0], report.place[1], report.place[2], report.bearing, report.rate]
    )
    h = _mix(_mix(np.uint64(1), report.sensor), report.claimed)
    for part in said.view(np.int64):
        h = _mix(h, part)
    at = h & np.uint64(len(digests) - 1)
    if digests[at] == h:
        return True
    digests[at] = h
    return False


@kernel(error_model="numpy")
def _timely(t: float, s: int, sensors: Any, clock: Any, knobs: Any) -> Any:
    """Whether the time can be believed; moves the clock.

    A time far ahead is believed when another sensor says the like, or when nothing else comes. A clock that
    was wrong, so that everything is late, is put back.
    """
    now = clock.now
    if math.isnan(now):
        clock.now = t
        return TAKEN
    if t > now + knobs.horizon:
        clock.run_ahead += 1
        sensors[s].ahead = t
        if clock.run_ahead < (LIKE if clock.sensors > 1 else 3) and not _borne_out(
            t, s, sensors, clock, knobs
        ):
            return FUTURE
        for k in range(clock.sensors):
            sensors[k].ahead = np.nan
        now = t
    clock.run_ahead = 0
    if t < now - knobs.rewind:
        clock.run_late += 1
        if clock.run_late < 8 * LIKE:
            return TOO_LATE
        now = t
    clock.run_late = 0
    clock.now = max(now, t)
    return TAKEN


@kernel(error_model="numpy")
def _borne_out(t: float, s: int, sensors: Any, clock: Any, knobs: Any) -> Any:
    """Whether another sensor's last report was from about the same future."""
    for k in range(clock.sensors):  # noqa: SIM110 (numba compiles no generator)
        if k != s and abs(sensors[k].ahead - t) < knobs.horizon:
            return True
    return False
