"""One frame: what one sensor reported at once, taken into the tracks that it touches."""

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from watchfloor.desks.surveillance.tracking import measurements
from watchfloor.desks.surveillance.tracking import sensors as learned
from watchfloor.desks.surveillance.tracking.assignment import assign
from watchfloor.desks.surveillance.tracking.existence import marginals
from watchfloor.desks.surveillance.tracking.gating import absorb, pairs
from watchfloor.desks.surveillance.tracking.motion import SIZE, blend, predict
from watchfloor.desks.surveillance.tracking.places import across, anchor, lift
from watchfloor.desks.surveillance.tracking.reports import BEARING, NOTHING, POSITION
from watchfloor.desks.surveillance.tracking.state import AXES, FREE, LIVE, NEXT, RECENT, UNBORN

FAR = 20_000.0
"""Metres from the origin of its plane at which a track gets a new one."""
ODD = 0.5
"""Share of a report that tracks must leave unexplained for it to begin a new one."""


class Work(NamedTuple):
    """Scratch: the tracks that a frame may touch, moved on to its time."""

    slot: np.ndarray
    states: np.ndarray
    weights: np.ndarray
    whole: np.ndarray
    exists: np.ndarray
    sees: np.ndarray


def work(count: int, models: int) -> Work:
    """Room for `count` candidates."""
    return Work(
        slot=np.zeros(count, np.int64),
        states=np.zeros((count, models, SIZE)),
        weights=np.zeros((count, models)),
        whole=np.zeros((count, SIZE)),
        exists=np.zeros(count),
        sees=np.zeros(count),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def end_of_frame(feed: Any, a: int, sensors: Any, knobs: Any) -> Any:
    """Where the frame that begins at report `a` ends; the feed's length when it may go on."""
    s = feed.sensor[a]
    scan = feed.scan[a] if sensors.stuck[s] < 2 else -1
    for b in range(a + 1, len(feed.t)):
        if feed.sensor[b] != s:
            return b
        if scan >= 0:
            if feed.scan[b] != scan:
                return b
            if abs(feed.t[b] - feed.t[a]) > knobs.longest:
                sensors.stuck[s] += 1
                return b
        elif feed.t[b] != feed.t[a]:
            return b
    return len(feed.t)


@njit(cache=True, nogil=True, error_model="numpy")
def advance(
    feed: Any,
    start: int,
    whole: bool,
    tracks: Any,
    sensors: Any,
    clock: Any,
    knobs: Any,
    scratch: Any,
    rows: Any,
    written: int,
) -> Any:
    """Take frames from report `start` on. Returns (first report not taken, rows written, tracks wanted).

    Stops when room for tracks or rows runs out, or at a frame that may go on, unless it is told that the
    feed is `whole`.
    """
    while start < len(feed.t):
        stop = end_of_frame(feed, start, sensors, knobs)
        if stop == len(feed.t) and not whole:
            return start, written, 0
        count = stop - start
        if clock.counts[FREE] < count:
            return start, written, count
        if len(rows.t) - written < 2 * clock.counts[LIVE] + count:
            return start, written, 0
        by = min(stop, len(feed.t) - 1)
        first = written
        written = frame(
            feed, start, stop, feed.clock[by], tracks, sensors, clock, knobs, scratch, rows, written
        )
        rows.known[first:written] = feed.number[by]
        start = stop
    return start, written, 0


@njit(cache=True, nogil=True, error_model="numpy")
def frame(
    feed: Any,
    a: int,
    b: int,
    now: float,
    tracks: Any,
    sensors: Any,
    clock: Any,
    knobs: Any,
    scratch: Any,
    rows: Any,
    written: int,
) -> Any:
    """Take one frame, reports `a` to `b`, when the clock is at `now`; returns how many rows are written."""
    s = feed.sensor[a]
    time = feed.t[a]
    for j in range(a, b):
        time = max(time, feed.t[j])
    earth = clock.counts[AXES] == 2
    m = b - a
    sensors.frames[s] += 1
    sensors.several[s] += ((m > 1) - sensors.several[s]) / min(sensors.frames[s], 50)
    plane = np.zeros(9)
    lead = a
    for j in range(b - 1, a - 1, -1):
        if feed.measure[j] == POSITION:
            learned.widen(sensors, s, feed.place[j], earth)
            lead = j
        elif feed.measure[j] == BEARING and sensors.half[s] == 0:
            learned.widen(sensors, s, feed.place[j], earth)
    anchor(feed.place[lead], earth, plane)
    noise = np.empty((m, 3))
    _noises(feed, a, b, sensors, s, knobs, noise)
    sweep = learned.scans(sensors, s)
    speed_var = learned.speed_var(sensors, s, knobs)
    count = _candidates(feed, a, b, time, noise, tracks, clock, knobs, sweep, scratch)
    _move(time, tracks, sensors, s, knobs, sweep, scratch, count)
    density = np.ones(m)
    learned.densities(feed, a, b, sensors, s, speed_var, density)
    start, report, worth, each = pairs(feed, a, b, time, noise, density, tracks, scratch, count, plane, knobs)
    weight = worth
    seen = learned.sees(sensors, s, knobs)
    for c in range(count):
        r = scratch.exists[c]
        odds = r * max(scratch.sees[c], 0.1 * seen) / (1 - r * scratch.sees[c] if sweep else 1.0)
        for p in range(start[c], start[c + 1]):
            weight[p] *= odds
    given, unseen, taken = marginals(start, report, weight, m)
    chosen, _ = assign(start, report, weight, m)
    learned.learn_strays(feed, a, b, sensors, s, taken)
    for c in range(count):
        hit = _update(
            feed,
            a,
            time,
            start,
            report,
            given,
            unseen,
            each,
            chosen,
            c,
            noise,
            tracks,
            sensors,
            s,
            knobs,
            sweep,
            scratch,
        )
        slot = scratch.slot[c]
        if hit >= 0 or (sweep and tracks.confirmed[slot]):
            written = _tell(feed, hit, tracks, slot, sensors.name[s], now, knobs, rows, written, False)
    written = _begin(
        feed, a, b, time, noise, taken, tracks, sensors, s, clock, knobs, speed_var, earth, now, rows, written
    )
    return _end(time, now, tracks, sensors, clock, knobs, rows, written)


@njit(cache=True, nogil=True, error_model="numpy")
def _noises(feed: Any, a: int, b: int, sensors: Any, s: int, knobs: Any, out: Any) -> None:
    """The covariance of each report: as stated, else as learned of the sensor."""
    if sensors.noise[s, 1] != sensors.noise[s, 1]:
        sensors.noise[s, 0] = knobs.position_var
        sensors.noise[s, 1] = 0.0
    for j in range(a, b):
        one, both, two = feed.cov[j, 0], feed.cov[j, 1], feed.cov[j, 2]
        if feed.measure[j] == BEARING:
            out[j - a, 0] = max(one, 1e-8) if one == one else 3e-4
            continue
        if one != one and two != two:
            one, both, two = sensors.noise[s, 0], 0.0, sensors.noise[s, 0]
        out[j - a, 0] = max(one if one == one else two, knobs.least_var)
        out[j - a, 1] = both if both == both else 0.0
        out[j - a, 2] = max(two if two == two else one, knobs.least_var)


@njit(cache=True, nogil=True, error_model="numpy")
def _candidates(
    feed: Any,
    a: int,
    b: int,
    time: float,
    noise: Any,
    tracks: Any,
    clock: Any,
    knobs: Any,
    sweep: bool,
    scratch: Any,
) -> Any:
    """List the tracks that the frame may touch, oldest first: of a sweep all, else those within reach."""
    count = 0
    for k in range(clock.counts[LIVE]):
        slot = tracks.live[k]
        dt = time - tracks.time[slot]
        if dt < 0:
            continue
        if not sweep and not _within(feed, a, b, dt, noise, tracks, slot, knobs):
            continue
        scratch.slot[count] = slot
        count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def _within(feed: Any, a: int, b: int, dt: float, noise: Any, tracks: Any, slot: int, knobs: Any) -> Any:
    """Whether any report is within reach of a track after `dt` seconds."""
    for j in range(a, b):
        if feed.measure[j] == BEARING:
            return True
        if feed.measure[j] == NOTHING:
            continue
        e, n = across(tracks.anchor[slot], feed.place[j])
        for m in range(tracks.states.shape[1]):
            st = tracks.states[slot, m]
            spread = math.sqrt(max(st[4], st[11])) + dt * math.sqrt(max(st[8], st[13]))
            q = knobs.noise[m] * dt * dt * min(dt / 3, 2 / knobs.decay[m] if knobs.decay[m] > 0 else 1e9)
            spread += math.sqrt(q) + math.sqrt(max(noise[j - a, 0], noise[j - a, 2]))
            reach = 2 * math.sqrt(knobs.gate) * spread + dt * math.hypot(st[1], st[3])
            if (e - st[0]) ** 2 + (n - st[2]) ** 2 <= reach * reach:
                return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _move(
    time: float, tracks: Any, sensors: Any, s: int, knobs: Any, sweep: bool, scratch: Any, count: int
) -> None:
    """Copy the candidates to the scratch and move them on to the frame's time."""
    spot = np.empty(3)
    seen = learned.sees(sensors, s, knobs)
    for c in range(count):
        slot = scratch.slot[c]
        dt = time - tracks.time[slot]
        for m in range(tracks.states.shape[1]):
            for k in range(SIZE):
                scratch.states[c, m, k] = tracks.states[slot, m, k]
            scratch.weights[c, m] = tracks.weights[slot, m]
        predict(
            scratch.states[c], scratch.weights[c], dt, knobs.noise, knobs.decay, knobs.share, knobs.change
        )
        blend(scratch.states[c], scratch.weights[c], scratch.whole[c])
        scratch.exists[c] = tracks.exists[slot] * math.exp(-dt / knobs.life)
        scratch.sees[c] = seen
        if sweep:
            lift(tracks.anchor[slot], scratch.whole[c, 0], scratch.whole[c, 2], spot)
            e, n = across(sensors.anchor[s], spot)
            scratch.sees[c] = learned.sees_at(sensors, s, e, n, seen)


@njit(cache=True, nogil=True, error_model="numpy")
def _update(
    feed: Any,
    a: int,
    time: float,
    start: Any,
    report: Any,
    given: Any,
    unseen: Any,
    each: Any,
    chosen: Any,
    c: int,
    noise: Any,
    tracks: Any,
    sensors: Any,
    s: int,
    knobs: Any,
    sweep: bool,
    scratch: Any,
) -> Any:
    """Write a candidate back with what the frame says of it; returns the report it took, -1 for none."""
    slot = scratch.slot[c]
    p = chosen[c]
    if p < 0 and not sweep:
        return -1
    before = scratch.exists[c]
    missed = before * (1 - scratch.sees[c]) / (1 - before * scratch.sees[c]) if sweep else before
    after = unseen[c] * missed
    for q in range(start[c], start[c + 1]):
        after += given[q]
    if sweep and before > 0.95 and tracks.hits[slot] > 3 and scratch.sees[c] > 0:
        spot = np.empty(3)
        lift(tracks.anchor[slot], scratch.whole[c, 0], scratch.whole[c, 2], spot)
        e, n = across(sensors.anchor[s], spot)
        learned.learn_look(sensors, s, e, n, 1 - unseen[c])
    hit = -1
    if p >= 0:
        hit = a + report[p]
        if feed.cov[hit, 0] != feed.cov[hit, 0] and feed.measure[hit] == POSITION and before > 0.9:
            _teach_noise(feed, hit, time, tracks.anchor[slot], scratch.whole[c], sensors, s)
        _absorb_all(
            feed,
            hit,
            time,
            each[p],
            noise[report[p]],
            tracks.anchor[slot],
            scratch.states[c],
            scratch.weights[c],
        )
        _note_hit(feed, hit, tracks, sensors, s, slot, after)
    for m in range(tracks.states.shape[1]):
        for k in range(SIZE):
            tracks.states[slot, m, k] = scratch.states[c, m, k]
        tracks.weights[slot, m] = scratch.weights[c, m]
    tracks.exists[slot] = min(after, 1 - 1e-9)
    tracks.time[slot] = time
    if after > knobs.confirm and not tracks.confirmed[slot] and tracks.hits[slot] > 1:
        tracks.confirmed[slot] = True
        sensors.births[tracks.origin[slot], 1] += 1
    return hit


@njit(cache=True, nogil=True, error_model="numpy")
def _absorb_all(
    feed: Any, i: int, time: float, likely: Any, noise: Any, anchor: Any, states: Any, weights: Any
) -> None:
    """Update every model of a track with a report, and their probabilities."""
    e, n = across(anchor, feed.place[i])
    total = 0.0
    for m in range(len(weights)):
        if feed.measure[i] == BEARING:
            measurements.bearing(states[m], e, n, feed.bearing[i], noise[0])
        else:
            absorb(states[m], feed, i, feed.t[i] - time, e, n, noise)
        weights[m] = weights[m] * likely[m] + 1e-300
        total += weights[m]
    for m in range(len(weights)):
        weights[m] /= total


@njit(cache=True, nogil=True, error_model="numpy")
def _teach_noise(feed: Any, i: int, time: float, anchor: Any, whole: Any, sensors: Any, s: int) -> None:
    """Learn the sensor's error from how far a report lies from a track that is sure to be there."""
    e, n = across(anchor, feed.place[i])
    de, dn, s00, _, s11 = measurements.innovation(whole, feed.t[i] - time, e, n, 0.0, 0.0, 0.0)
    learned.learn_noise(sensors, s, (de * de + dn * dn) / 2, (s00 + s11) / 2)


@njit(cache=True, nogil=True, error_model="numpy")
def _note_hit(feed: Any, i: int, tracks: Any, sensors: Any, s: int, slot: int, exists: float) -> None:
    """Note that a track took a report: when, of which sensor, what class and identity it says."""
    t = feed.t[i]
    gap = t - tracks.seen[slot]
    if gap > 0:
        old = tracks.gap[slot]
        tracks.gap[slot] = gap if old != old else old + 0.2 * (gap - old)
    at = s % RECENT
    if tracks.recent[slot, at] == s and exists > 0.5:
        jump = sensors.frames[s] - tracks.frames[slot, at]
        for k in range(2):
            sensors.again[s, k] *= 0.995
        sensors.again[s, 0] += 1.0 / max(jump, 1)
        sensors.again[s, 1] += 1
    tracks.recent[slot, at] = s
    tracks.frames[slot, at] = sensors.frames[s]
    tracks.seen[slot] = max(tracks.seen[slot], t)
    tracks.hits[slot] += 1
    if feed.altitude[i] == feed.altitude[i]:
        tracks.altitude[slot] = feed.altitude[i]
    if 0 <= feed.klass[i] < tracks.klass.shape[1]:
        tracks.klass[slot, feed.klass[i]] += 1.0
    _note_claim(feed.claimed[i], tracks, slot)


@njit(cache=True, nogil=True, error_model="numpy")
def _note_claim(claimed: int, tracks: Any, slot: int) -> None:
    """Count a claim for or against the identity of a track; the majority holds (Boyer and Moore 1991)."""
    if claimed < 0:
        return
    if tracks.claims[slot] <= 0:
        tracks.claimed[slot] = claimed
    tracks.claims[slot] += 1 if tracks.claimed[slot] == claimed else -1


@njit(cache=True, nogil=True, error_model="numpy")
def _tell(
    feed: Any,
    hit: int,
    tracks: Any,
    slot: int,
    sensor: int,
    now: float,
    knobs: Any,
    rows: Any,
    at: int,
    ended: bool,
) -> Any:
    """Write one row of what is believed of a track; returns the next row."""
    shown = tracks.confirmed[slot] and tracks.exists[slot] >= knobs.show
    if not tracks.confirmed[slot] and not knobs.tentative:
        return at
    whole = np.empty(SIZE)
    blend(tracks.states[slot], tracks.weights[slot], whole)
    lift(tracks.anchor[slot], whole[0], whole[2], rows.place[at])
    rows.t[at] = tracks.time[slot]
    rows.clock[at] = now
    rows.track[at] = tracks.name[slot]
    rows.report[at] = feed.number[hit] if hit >= 0 else -1
    rows.sensor[at] = sensor
    rows.velocity[at, 0] = whole[1]
    rows.velocity[at, 1] = whole[3]
    rows.cov[at, 0] = whole[4]
    rows.cov[at, 1] = whole[6]
    rows.cov[at, 2] = whole[11]
    rows.vcov[at, 0] = whole[8]
    rows.vcov[at, 1] = whole[10]
    rows.vcov[at, 2] = whole[13]
    rows.altitude[at] = tracks.altitude[slot]
    rows.exists[at] = tracks.exists[slot]
    best = np.argmax(tracks.klass[slot])
    rows.klass[at] = best if tracks.klass[slot, best] > 0 else -1
    rows.claimed[at] = tracks.claimed[slot]
    rows.ended[at] = ended
    rows.confirmed[at] = shown and not ended
    rows.late[at] = False
    return at + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _begin(
    feed: Any,
    a: int,
    b: int,
    time: float,
    noise: Any,
    taken: Any,
    tracks: Any,
    sensors: Any,
    s: int,
    clock: Any,
    knobs: Any,
    speed_var: float,
    earth: bool,
    now: float,
    rows: Any,
    written: int,
) -> Any:
    """Begin a track at each position that no track explains."""
    r = learned.birth(sensors, s, knobs)
    for j in range(a, b):
        if feed.measure[j] != POSITION or taken[j - a] > ODD:
            continue
        if clock.counts[LIVE] >= knobs.most:
            clock.counts[UNBORN] += 1
            continue
        clock.counts[FREE] -= 1
        slot = tracks.free[clock.counts[FREE]]
        tracks.live[clock.counts[LIVE]] = slot
        clock.counts[LIVE] += 1
        _first(feed, j, noise[j - a], tracks, slot, knobs, speed_var, earth)
        tracks.name[slot] = clock.counts[NEXT]
        clock.counts[NEXT] += 1
        tracks.exists[slot] = min(r * (1 - taken[j - a]), 0.9)
        tracks.origin[slot] = s
        sensors.births[s, 0] += 1
        tracks.recent[slot, s % RECENT] = s
        tracks.frames[slot, s % RECENT] = sensors.frames[s]
        predict(
            tracks.states[slot],
            tracks.weights[slot],
            time - feed.t[j],
            knobs.noise,
            knobs.decay,
            knobs.share,
            knobs.change,
        )
        tracks.time[slot] = time
        written = _tell(feed, j, tracks, slot, sensors.name[s], now, knobs, rows, written, False)
    return written


@njit(cache=True, nogil=True, error_model="numpy")
def _first(
    feed: Any, j: int, noise: Any, tracks: Any, slot: int, knobs: Any, speed_var: float, earth: bool
) -> None:
    """Fill a slot with a track that is seen for the first time."""
    anchor(feed.place[j], earth, tracks.anchor[slot])
    e, n = across(tracks.anchor[slot], feed.place[j])
    for m in range(tracks.states.shape[1]):
        st = tracks.states[slot, m]
        for k in range(SIZE):
            st[k] = 0.0
        st[0], st[2] = e, n
        st[4], st[6], st[11] = noise[0], noise[1], noise[2]
        st[8] = st[13] = speed_var
        if feed.velocity[j, 0] == feed.velocity[j, 0] and feed.velocity[j, 1] == feed.velocity[j, 1]:
            var = feed.velocity_var[j]
            measurements.velocity(
                st, feed.velocity[j, 0], feed.velocity[j, 1], max(var, 0.01) if var == var else 1.0
            )
        if feed.rate[j] == feed.rate[j] and feed.bearing[j] == feed.bearing[j]:
            var = feed.rate_var[j]
            measurements.rate(st, feed.bearing[j], feed.rate[j], max(var, 0.01) if var == var else 1.0)
        tracks.weights[slot, m] = knobs.share[m]
    t = feed.t[j]
    tracks.time[slot] = tracks.seen[slot] = tracks.born[slot] = t
    tracks.gap[slot] = np.nan
    tracks.hits[slot] = 1
    tracks.confirmed[slot] = False
    tracks.altitude[slot] = feed.altitude[j]
    tracks.klass[slot] = 0.0
    if 0 <= feed.klass[j] < tracks.klass.shape[1]:
        tracks.klass[slot, feed.klass[j]] = 1.0
    tracks.claimed[slot] = feed.claimed[j]
    tracks.claims[slot] = 1.0 if feed.claimed[j] >= 0 else 0.0
    tracks.recent[slot] = -1


@njit(cache=True, nogil=True, error_model="numpy")
def _gone(time: float, tracks: Any, sensors: Any, slot: int, knobs: Any) -> Any:
    """Whether a track is to be ended: too unlikely, too long silent, or from a time that was taken back."""
    if tracks.exists[slot] < knobs.drop or tracks.time[slot] > time + 2 * knobs.rewind:
        return True
    quiet = time - tracks.seen[slot]
    if tracks.confirmed[slot]:
        return quiet > knobs.silence
    usual = sensors.interval[tracks.origin[slot]]
    return quiet > min(max(5 * usual, 10.0) if usual == usual else 300.0, knobs.silence)


@njit(cache=True, nogil=True, error_model="numpy")
def _end(
    time: float, now: float, tracks: Any, sensors: Any, clock: Any, knobs: Any, rows: Any, written: int
) -> Any:
    """End the tracks that are gone, keep the others in order."""
    kept = 0
    for k in range(clock.counts[LIVE]):
        slot = tracks.live[k]
        if _gone(time, tracks, sensors, slot, knobs):
            if tracks.confirmed[slot]:
                written = _tell_end(tracks, slot, time, now, knobs, rows, written)
            tracks.free[clock.counts[FREE]] = slot
            clock.counts[FREE] += 1
        else:
            tracks.live[kept] = slot
            kept += 1
    clock.counts[LIVE] = kept
    return written


@njit(cache=True, nogil=True, error_model="numpy")
def _tell_end(tracks: Any, slot: int, time: float, now: float, knobs: Any, rows: Any, at: int) -> Any:
    """Write the last row of a track."""
    predict(
        tracks.states[slot],
        tracks.weights[slot],
        max(time - tracks.time[slot], 0.0),
        knobs.noise,
        knobs.decay,
        knobs.share,
        knobs.change,
    )
    tracks.time[slot] = max(tracks.time[slot], time)
    whole = np.empty(SIZE)
    blend(tracks.states[slot], tracks.weights[slot], whole)
    lift(tracks.anchor[slot], whole[0], whole[2], rows.place[at])
    rows.t[at] = tracks.time[slot]
    rows.clock[at] = now
    rows.track[at] = tracks.name[slot]
    rows.report[at] = -1
    rows.sensor[at] = -1
    rows.velocity[at, 0], rows.velocity[at, 1] = whole[1], whole[3]
    rows.cov[at, 0], rows.cov[at, 1], rows.cov[at, 2] = whole[4], whole[6], whole[11]
    rows.vcov[at, 0], rows.vcov[at, 1], rows.vcov[at, 2] = whole[8], whole[10], whole[13]
    rows.altitude[at] = tracks.altitude[slot]
    rows.exists[at] = tracks.exists[slot]
    rows.klass[at] = -1
    rows.claimed[at] = tracks.claimed[slot]
    rows.ended[at] = True
    rows.confirmed[at] = False
    rows.late[at] = False
    return at + 1
