"""Late reports: put in where a track was at their time, what came after them applied again.

The last updates of every track that is worth it are kept in one ring: what was taken and the state that it
left. A late report joins the chain of its track at its own time, and the updates after it are made again
from there. Bar-Shalom, Update with out-of-sequence measurements in tracking, IEEE T-AES 38(3), 2002, does the
same without keeping what came between, for one lag; a ring is exact for any.
"""

import math
from typing import Any, Final

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking import prediction, track_output, update
from watchfloor.desks.surveillance.tracking import sensors as learned
from watchfloor.desks.surveillance.tracking.motion import SIZE, flows, predict
from watchfloor.desks.surveillance.tracking.places import across, anchor, lift
from watchfloor.desks.surveillance.tracking.reports import FEED

WORTH: Final = 0.3
"""Probability of existence from which a track's updates are kept."""
DEEP: Final = 64
"""Updates of one track that are made again at most."""


def kind(models: int) -> np.dtype[Any]:
    """One update of one track: `serial` counts them all, `before` is that of the same track before it (-1:
    none), `gain` what it added to the log-odds of existence; `hit`: whether `report` was taken, with `noise`;
    whether the track was `confirmed` then; the state that it left."""
    return np.dtype(
        [
            *(
                ("serial", "i8"),
                ("name", "i8"),
                ("before", "i8"),
                ("sensor", "i8"),
                ("hit", "i8"),
                ("confirmed", "i8"),
                ("time", "f8"),
            ),
            *(("exists", "f8"), ("gain", "f8"), ("noise", "f8", (3,)), ("report", FEED)),
            *(("states", "f8", (models, SIZE)), ("weights", "f8", (models,))),
        ],
        align=True,
    )


@kernel(error_model="numpy")
def log_odds(p: float) -> Any:
    """Log-odds of a probability, kept away from certainty."""
    p = min(max(p, 1e-9), 1 - 1e-9)
    return math.log(p / (1 - p))


@kernel(error_model="numpy")
def likely(odds: float) -> Any:
    """Probability of log-odds, never quite 1."""
    return min(1 / (1 + math.exp(-odds)), 1 - 1e-9)


@kernel(error_model="numpy")
def note(past: Any, clock: Any, track: Any, sensor: int, was: float, feed: Any, j: int, noise: Any) -> None:
    """Keep an update of a track, by report `j` of a scan or by a miss (-1). It `was` so likely to exist."""
    entry = _append(past, clock, track, sensor, track.time)
    entry.before = track.past
    track.past = entry.serial
    entry.exists = track.exists
    entry.gain = log_odds(track.exists) - log_odds(was)
    _fill(entry, feed, j, noise, track.states, track.weights)


@kernel(error_model="numpy")
def _append(past: Any, clock: Any, track: Any, sensor: int, time: float) -> Any:
    """The next entry of the ring, for a track."""
    entry = past[clock.noted & (len(past) - 1)]
    entry.serial = clock.noted
    clock.noted += 1
    entry.name = track.name
    entry.confirmed = track.confirmed
    entry.sensor = sensor
    entry.time = time
    return entry


@kernel(error_model="numpy")
def _fill(entry: Any, feed: Any, j: int, noise: Any, states: Any, weights: Any) -> None:
    """Write what was taken and the state that it left."""
    entry.hit = j >= 0
    if j >= 0:
        entry.report = feed[j]
        for k in range(3):
            entry.noise[k] = noise[j, k]
    for m in range(len(weights)):
        for k in range(SIZE):
            entry.states[m, k] = states[m, k]
        entry.weights[m] = weights[m]


@kernel(error_model="numpy")
def place_of(past: Any, serial: int, track: Any) -> Any:
    """Place in the ring of an entry of a track, -1 when it is overwritten or there is none."""
    if serial < 0:
        return -1
    at = serial & (len(past) - 1)
    return at if past[at].serial == serial and past[at].name == track.name else -1


@kernel(error_model="numpy")
def candidates(
    feed: Any,
    time: float,
    noise: Any,
    tracks: Any,
    past: Any,
    sensor: Any,
    number: int,
    clock: Any,
    knobs: Any,
    sweep: bool,
    scratch: Any,
) -> Any:
    """List the tracks that late reports may touch, as they were at the reports' `time`; returns how many.

    A track that the ring does not know at that time is left out. So is one that the same scan has given a
    report; one that it missed is taken as it was before.
    """
    count = 0
    flow = np.zeros((len(knobs.turn), 9))
    for k in range(clock.live):
        slot = tracks[k].live
        track = tracks[slot]
        if not prediction.within(feed, abs(time - track.time), noise, track, knobs):
            continue
        one = scratch[count]
        one.slot = slot
        if _find(past, track, number, time, sweep, one):
            source = past[one.base] if one.base >= 0 else past[0]
            dt = time - (source.time if one.base >= 0 else track.time)
            flows(max(dt, 0.0), knobs, sensor.share, flow)
            if one.base >= 0:
                prediction.bring(one, source, dt, flow, knobs)
            else:
                prediction.bring(one, track, dt, flow, knobs)
            one.exists = source.exists if one.base >= 0 else track.exists
            if sweep:
                one.exists *= math.exp(-max(dt, 0.0) / knobs.life)
            one.time = time
            prediction.see(one, track, sensor, number, time, knobs, sweep)
            count += 1
    return count


@kernel(error_model="numpy")
def _find(past: Any, track: Any, number: int, time: float, sweep: bool, one: Any) -> Any:
    """Where a late report of a sensor comes into the chain of a track: whether it can.

    Writes `base`, place in the ring of the update before it (-1: the track's own state, which is older), and
    `gone`, the place of the miss that it undoes (-1: none).
    """
    one.base = -1
    one.gone = -1
    if track.time < time:
        return True
    at = place_of(past, track.past, track)
    for _ in range(DEEP):
        if at < 0:
            return False
        entry = past[at]
        if entry.sensor == number and entry.time == time:
            if entry.hit:
                return False
            one.gone = at
        elif entry.time < time or (entry.time == time and not sweep):
            one.base = at
            return True
        at = place_of(past, entry.before, track)
    return False


@kernel(error_model="numpy")
def insert(
    feed: Any,
    j: int,
    noise: Any,
    one: Any,
    track: Any,
    past: Any,
    sensor: Any,
    number: int,
    clock: Any,
    knobs: Any,
    after: float,
    rows: Any,
    written: int,
) -> Any:
    """Put report `j` into the chain of a track, whose candidate is updated with it; returns the rows written.

    Rows are told of what is now believed of the track at the report's time and at each later update.
    """
    if one.base < 0:
        _replace(track, one.states, one.weights)
        track.time = one.time
        track.exists = after
        note(past, clock, track, number, one.exists, feed, j, noise)
        _remember(feed[j], track)
        return track_output.tell_late(track, feed[j].number, sensor.name, knobs, rows, written)
    later = np.empty(DEEP, np.int64)
    count = 0
    at = place_of(past, track.past, track)
    while at >= 0 and at != one.base and count < DEEP:
        if at != one.gone:
            later[count] = at
            count += 1
        at = place_of(past, past[at].before, track)
    gain = log_odds(after) - log_odds(one.exists) - (past[one.gone].gain if one.gone >= 0 else 0.0)
    if one.gone >= 0 and one.exists > 0.95 and track.hits > 3:
        learned.unlearn_miss(sensor, one.clear, one.detects)
    now = track.time
    _replace(track, one.states, one.weights)
    track.time = one.time
    held = track.exists
    track.exists = after
    written = track_output.tell_late(track, feed[j].number, sensor.name, knobs, rows, written)
    if _overwrites(past, clock, later, count, one.base):
        count = 0
    entry = _append(past, clock, track, number, one.time)
    entry.before = past[one.base].serial
    entry.exists = after
    entry.gain = gain
    _fill(entry, feed, j, noise, one.states, one.weights)
    written = _again(past, track, entry.serial, later, count, now, gain, sensor, knobs, rows, written)
    track.exists = likely(log_odds(held) + gain)
    _remember(feed[j], track)
    return track_output.tell_late(track, -1, sensor.name, knobs, rows, written)


@kernel(error_model="numpy")
def _overwrites(past: Any, clock: Any, later: Any, count: int, base: int) -> Any:
    """Whether the next entry falls on one that is still to be read."""
    at = clock.noted & (len(past) - 1)
    for k in range(count):
        if later[k] == at:
            return True
    return at == base


@kernel(error_model="numpy")
def _replace(track: Any, states: Any, weights: Any) -> None:
    """Give a track another state."""
    for m in range(len(weights)):
        for k in range(SIZE):
            track.states[m, k] = states[m, k]
        track.weights[m] = weights[m]


@kernel(error_model="numpy")
def _again(
    past: Any,
    track: Any,
    serial: int,
    later: Any,
    count: int,
    now: float,
    gain: float,
    sensor: Any,
    knobs: Any,
    rows: Any,
    written: int,
) -> Any:
    """Make the `later` updates (places in the ring, latest first) again after the one of that serial.

    Existence has gained so much in log-odds. Returns the rows written.
    """
    flow = np.zeros((len(knobs.turn), 9))
    whole = np.empty(SIZE)
    for k in range(count - 1, -1, -1):
        entry = past[later[k]]
        if entry.time > track.time:
            flows(entry.time - track.time, knobs, sensor.share, flow)
            predict(track.states, track.weights, whole, flow, knobs)
            track.time = entry.time
        if entry.hit:
            _redo(entry, track)
        entry.before = serial
        serial = entry.serial
        for m in range(len(track.weights)):
            for i in range(SIZE):
                entry.states[m, i] = track.states[m, i]
            entry.weights[m] = track.weights[m]
        entry.exists = likely(log_odds(entry.exists) + gain)
        if k > 0 or entry.time < now:
            written = track_output.tell_again(track, entry, knobs, rows, written)
    track.past = serial
    if now > track.time:
        flows(now - track.time, knobs, sensor.share, flow)
        predict(track.states, track.weights, whole, flow, knobs)
        track.time = now
    return written


@kernel(error_model="numpy")
def _redo(entry: Any, track: Any) -> None:
    """Update a track with the report of a kept update."""
    models = len(track.weights)
    told = np.empty(models)
    best = -np.inf
    for m in range(models):
        told[m] = update.update_state(
            track.states[m],
            entry.report,
            track.time,
            track.anchor,
            entry.noise[0],
            entry.noise[1],
            entry.noise[2],
        )
        best = max(best, told[m])
    total = 0.0
    for m in range(models):
        track.weights[m] = track.weights[m] * math.exp(told[m] - best) + 1e-300
        total += track.weights[m]
    for m in range(models):
        track.weights[m] /= total


@kernel(error_model="numpy")
def _remember(report: Any, track: Any) -> None:
    """Note a late report with its track, as far as nothing newer is known."""
    track.hits += 1
    track.seen = max(track.seen, report.t)
    if 0 <= report.klass < len(track.klass):
        track.klass[report.klass] += 1.0
    update.note_claim(report.claimed, track)


@kernel(error_model="numpy")
def anchor_anew(track: Any, past: Any, whole: Any) -> None:
    """Give a track that has gone far the plane that touches the Earth where it is, and its past with it."""
    old = track.anchor.copy()
    spot = np.empty(3)
    lift(old, whole[0], whole[2], spot)
    anchor(spot, True, track.anchor)
    turn = np.empty(4)
    for i in range(2):
        for j in range(2):
            turn[2 * i + j] = 0.0
            for k in range(3):
                turn[2 * i + j] += track.anchor[3 + 3 * i + k] * old[3 + 3 * j + k]
    for m in range(len(track.weights)):
        _shift(track.states[m], old, track.anchor, turn, spot)
    at = place_of(past, track.past, track)
    for _ in range(DEEP):
        if at < 0:
            return
        for m in range(len(track.weights)):
            _shift(past[at].states[m], old, track.anchor, turn, spot)
        if past[at].before >= 0 and place_of(past, past[at].before, track) < 0:
            past[at].before = -1
        at = place_of(past, past[at].before, track)
    track.past = -1


@kernel(error_model="numpy")
def _shift(s: Any, old: Any, new: Any, turn: Any, spot: Any) -> None:
    """Write a state of one plane in another; `turn` holds the products of their axes."""
    a, b, c, d = turn[0], turn[1], turn[2], turn[3]
    lift(old, s[0], s[2], spot)
    s[0], s[2] = across(new, spot)
    s[1], s[3] = a * s[1] + b * s[3], c * s[1] + d * s[3]
    s[4], s[6], s[11] = _both(a, b, c, d, s[4], s[6], s[6], s[11])
    s[5], s[7], s[9], s[12] = _cross(a, b, c, d, s[5], s[7], s[9], s[12])
    s[8], s[10], s[13] = _both(a, b, c, d, s[8], s[10], s[10], s[13])


@kernel(error_model="numpy")
def _cross(a: float, b: float, c: float, d: float, p: float, q: float, r: float, t: float) -> Any:
    """[[a, b], [c, d]] [[p, q], [r, t]] [[a, b], [c, d]]ᵀ by rows."""
    w, x, y, z = a * p + b * r, a * q + b * t, c * p + d * r, c * q + d * t
    return w * a + x * b, w * c + x * d, y * a + z * b, y * c + z * d


@kernel(error_model="numpy")
def _both(a: float, b: float, c: float, d: float, p: float, q: float, r: float, t: float) -> Any:
    """The same of a symmetric matrix: first, off-diagonal, last."""
    first, off, _, last = _cross(a, b, c, d, p, q, r, t)
    return first, off, last
