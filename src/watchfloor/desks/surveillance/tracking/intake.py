"""Which reports are taken: what is not readable, not new or not timely is refused, each with its reason.

A sensor's clock is judged against receipt and against the other sensors; one sensor never moves the clock of
the others. Whether it is as it was is said by `soundness` before. Where receipt was noted, a report from
after its receipt is refused, unless more sensors are ahead of it than are not: then it is our own clock that
is behind. One that was received soon after it was observed bears itself out. All others (recordings, sensors
that report long afterwards) are judged by what the sensors that spoke last say: most of them are right.
"""

import math
from typing import Any

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking import soundness
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
    REPEATING,
    TAKEN,
    TOO_LATE,
)

LOWEST, HIGHEST = 6.3e6, 5e7
"""Metres from the Earth's centre between which a place on or above the Earth lies."""
FARTHEST = 1e9
"""Metres from the origin of a plane within which a place lies."""
FASTEST = 1e4
"""Metres a second that nothing exceeds, and radians."""
AHEAD = 5.0
"""Seconds that a report may be ahead of its receipt. Judgement: clocks that nobody sets drift by seconds."""
FRESH = 60.0
"""Seconds after which a report that comes no longer bears out its own time."""
VOTES = 600.0
"""Seconds for which a sensor that spoke counts among those that are ahead of their receipt or are not."""
ROUND = 64
"""Reports, in the order of arrival, within which a sensor counts as one that speaks; and late ones one after
the other that are believed."""
AGAIN = 3
"""Reports from the future one after the other that are believed of the only sensor that speaks."""
SCAN_MOST = 100_000
"""Reports that one scan can have."""


@kernel(error_model="numpy")
def intake(
    feed: Any,
    received: Any,
    sensors: Any,
    sources: Any,
    clocks: Any,
    digests: Any,
    settings: Any,
    reasons: Any,
) -> Any:
    """Judge each report and note the clock at it; returns how many are taken."""
    clock = clocks[0]
    knobs = settings[0]
    taken = 0
    for i in range(len(feed)):
        reason = _readable(feed, i, clock)
        copy = reason == TAKEN and _repeated(feed[i], digests)
        if reason == TAKEN:
            many = soundness.copies(sources[feed[i].sensor], copy)
            reason = (REPEATING if many else DUPLICATE) if copy else TAKEN
        if reason == TAKEN:
            reason = soundness.judge(feed[i], received[i], sources, clock.sensors)
            if reason != TAKEN:
                _note(feed[i].t, received[i], sensors[feed[i].sensor], clock)
        if reason == TAKEN:
            reason = _timely(feed[i].t, received[i], feed[i].sensor, sensors, clock, knobs)
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
def _timely(t: float, received: float, s: int, sensors: Any, clock: Any, knobs: Any) -> Any:
    """Whether the time can be believed; moves the clock, ahead or back."""
    before = sensors[s].said
    _note(t, received, sensors[s], clock)
    now = clock.now
    latest = received + AHEAD  # NaN, and nothing is later, where receipt was not noted
    noted = received == received
    if (t > latest or now > latest) and _behind(received, sensors, clock):
        noted = False
    if noted and t > latest:
        return FUTURE
    if now != now:
        clock.now = t
        return TAKEN
    if noted and t >= received - FRESH and (t > now or now > latest):
        clock.run_ahead = clock.run_late = sensors[s].fast = 0
        clock.now = t if now > latest else max(now, t)
        return TAKEN
    if t > now + (knobs.rewind if sensors[s].fast else knobs.horizon):
        clock.run_ahead = clock.run_ahead + 1 if abs(t - before) < knobs.horizon else 1
        if not _believed(t, sensors, clock, AGAIN, clock.run_ahead):
            return FUTURE
        for k in range(clock.sensors):
            sensors[k].fast = 0
        now = t
    clock.run_ahead = 0
    if t < now - knobs.rewind:
        clock.run_late += 1
        borne_out = noted and received - FRESH <= now <= latest
        if borne_out or not _believed(t, sensors, clock, ROUND, clock.run_late):
            return TOO_LATE
        for k in range(clock.sensors):
            sensors[k].fast = sensors[k].said > t + knobs.rewind
        now = t
    clock.run_late = 0
    if t <= now:
        sensors[s].fast = 0
    clock.now = max(now, t)
    return TAKEN


@kernel(error_model="numpy")
def _note(t: float, received: float, sensor: Any, clock: Any) -> None:
    """Note what a sensor said last, whatever becomes of it."""
    clock.judged += 1
    sensor.turn = clock.judged
    sensor.said = t
    sensor.heard = received
    sensor.lead = t - received


@kernel(error_model="numpy")
def _behind(received: float, sensors: Any, clock: Any) -> Any:
    """Whether it is our own clock that is behind: more sensors are ahead of it than are not."""
    ahead = 0
    for k in range(clock.sensors):
        if abs(received - sensors[k].heard) <= VOTES:
            ahead += 1 if sensors[k].lead > AHEAD else -1
    return ahead > 0


@kernel(error_model="numpy")
def _believed(t: float, sensors: Any, clock: Any, enough: int, run: int) -> Any:
    """Whether a time far from the clock is that of most sensors that speak: each is for what it is nearer to.

    One alone is believed after `enough` reports in a `run`, if nobody who speaks is for the clock.
    """
    near = abs(t - clock.now) / 2
    others = mine = 0
    for k in range(clock.sensors):
        if sensors[k].turn <= clock.judged - ROUND:
            continue
        mine += abs(sensors[k].said - t) < near
        others += abs(sensors[k].said - clock.now) < near
    return mine > others and (mine > 1 or run >= enough)
