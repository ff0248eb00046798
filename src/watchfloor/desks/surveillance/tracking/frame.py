"""One frame: what one sensor reported at once, taken into the tracks that it touches."""

from typing import Any

import numpy as np
from numba import njit

from watchfloor.desks.surveillance.tracking import lives, moving, rewind, telling, updating
from watchfloor.desks.surveillance.tracking import sensors as learned
from watchfloor.desks.surveillance.tracking.association import associate
from watchfloor.desks.surveillance.tracking.gating import pairs
from watchfloor.desks.surveillance.tracking.motion import SIZE

FAR = 20_000.0
"""Metres from the origin of its plane at which a track gets a new one."""
SOME = 500
"""Late reports that are taken at once."""


def work(count: int, models: int) -> np.ndarray:
    """Scratch for `count` candidates: tracks that a frame may touch, moved on to its `time`.

    `sees` is the probability that the sensor detects it (per second, of one that does not scan), `detects`
    the same were it visible, `clear` how probably it is; `base` and `gone` are of late reports, see `rewind`.
    """
    kind = [
        *(("slot", "i8"), ("base", "i8"), ("gone", "i8"), ("time", "f8"), ("exists", "f8"), ("sees", "f8")),
        *(("clear", "f8"), ("detects", "f8"), ("whole", "f8", (SIZE,))),
        *(("states", "f8", (models, SIZE)), ("weights", "f8", (models,))),
    ]
    return np.zeros(count, np.dtype(kind, align=True))


@njit(cache=True, nogil=True, error_model="numpy")
def end_of_frame(feed: Any, a: int, sensors: Any, longest: float) -> Any:
    """Where the frame that begins at report `a` ends; the feed's length when it may go on."""
    lead = feed[a]
    sensor = sensors[lead.sensor]
    scan = lead.scan if sensor.stuck < 2 else -1
    for b in range(a + 1, len(feed)):
        if feed[b].sensor != lead.sensor:
            return b
        if scan >= 0:
            if feed[b].scan != scan:
                return b
            if abs(feed[b].t - lead.t) > longest:
                sensor.stuck += 1
                return b
        elif feed[b].t != lead.t:
            return b
    return len(feed)


@njit(cache=True, nogil=True, error_model="numpy")
def advance(
    feed: Any,
    at: int,
    whole: bool,
    tracks: Any,
    past: Any,
    sensors: Any,
    clocks: Any,
    table: Any,
    settings: Any,
    scratch: Any,
    rows: Any,
) -> Any:
    """Take frames from report `at` on. Returns (first report not taken, rows written, tracks wanted).

    Stops when room for tracks or rows runs out, or at a frame that may go on, unless the feed is `whole`.
    """
    clock = clocks[0]
    knobs = settings[0]
    written = 0
    while at < len(feed):
        stop = end_of_frame(feed, at, sensors, knobs.longest)
        if stop == len(feed) and not whole:
            return at, written, 0
        if clock.free < stop - at:
            return at, written, stop - at
        old = _is_late(feed[at:stop], sensors[feed[at].sensor], clock)
        if old:
            stop = min(stop, at + SOME)
        if len(rows) - written < 2 * (clock.live + stop - at) + (rewind.DEEP * (stop - at) if old else 0):
            return at, written, 0
        by = feed[min(stop, len(feed) - 1)]
        before = written
        clock.front = max(clock.front, feed[stop - 1].t) if clock.front == clock.front else feed[stop - 1].t
        if old:
            written = late(feed[at:stop], tracks, past, sensors, clock, table, knobs, scratch, rows, written)
        else:
            written = frame(feed[at:stop], tracks, past, sensors, clock, table, knobs, scratch, rows, written)
        for k in range(before, written):
            rows[k].clock = by.clock
            rows[k].known = by.number
        at = stop
    return at, written, 0


@njit(cache=True, nogil=True, error_model="numpy")
def _is_late(feed: Any, sensor: Any, clock: Any) -> Any:
    """Whether a frame must be put in at its own time: old, or of a scan of which the rest was taken."""
    time = feed[0].t
    for j in range(len(feed)):
        time = max(time, feed[j].t)
    again = time <= sensor.last and learned.scans(sensor)
    return again or time < clock.front - moving.SLIGHT


@njit(cache=True, nogil=True, error_model="numpy")
def frame(
    feed: Any,
    tracks: Any,
    past: Any,
    sensors: Any,
    clock: Any,
    table: Any,
    knobs: Any,
    scratch: Any,
    rows: Any,
    written: int,
) -> Any:
    """Take the reports of one frame; returns how many rows are written."""
    m = len(feed)
    number = feed[0].sensor
    sensor = sensors[number]
    plane = np.zeros(9)
    time = moving.look(feed, sensor, clock.axes == 2, knobs, plane)
    share = _share(sensor, knobs)
    noise = np.zeros((m, 3))
    moving.noises(feed, sensor, knobs, share, noise)
    sweep = learned.scans(sensor)
    speed_var = learned.speed_var(sensor, knobs)
    density = np.ones(m)
    learned.densities(feed, sensor, speed_var, sweep, table, density)
    count = moving.candidates(feed, time, noise, tracks, clock, knobs, sweep, scratch)
    moving.move(time, tracks, sensor, number, knobs, sweep, scratch, count)
    start, report, weight, each = pairs(feed, noise, density, tracks, scratch, count, plane, knobs)
    missed = np.empty(count)
    moving.weigh(start, weight, scratch, sweep, 0.1 * learned.sees(sensor, knobs) if sweep else 0.0, missed)
    given, unseen, taken, chosen, rivals = associate(start, report, weight, missed, m)
    learned.learn_strays(feed, sensor, taken)
    spoken = np.zeros(m, np.bool_)
    for c in range(count):
        one = scratch[c]
        track = tracks[one.slot]
        if chosen[c] < 0 and not sweep:
            continue
        first, end = start[c], start[c + 1]
        left = unseen[c] * missed[c]
        after = one.exists
        if not sensor.pointing:
            after = updating.exists(one, sweep, left, given, first, end, share)
        if sweep and not sensor.pointing and one.clear > 0:
            updating.note_look(one, track, sensor, number, time, unseen[c], left)
        j = updating.update(
            feed,
            first,
            end,
            report,
            given,
            each,
            chosen[c],
            rivals[c],
            sweep,
            one,
            noise,
            track,
            sensor,
            knobs,
            left,
        )
        track.time = one.time
        track.exists = after
        if j >= 0:
            spoken[j] |= given[chosen[c]] > 0.1
            updating.note_hit(feed[j], track, sensors, number, after, given[chosen[c]], sweep, table)
        lives.confirm(track, sensors[track.origin], knobs)
        if clock.axes == 2 and one.whole[0] ** 2 + one.whole[2] ** 2 > FAR * FAR:
            rewind.anchor_anew(track, past, one.whole)
        if after > rewind.WORTH:
            rewind.note(past, clock, track, number, one.exists, feed, j, noise)
        if j >= 0 or (sweep and track.confirmed):
            told = feed[j].number if j >= 0 else -1
            written = telling.tell(track, told, sensor.name, knobs, rows, written, False)
    written = lives.begin(
        feed,
        time,
        noise,
        taken,
        spoken,
        sweep,
        table,
        tracks,
        past,
        sensor,
        clock,
        knobs,
        speed_var,
        rows,
        written,
    )
    return lives.end(time, sweep, tracks, sensors, clock, knobs, rows, written)


@njit(cache=True, nogil=True, error_model="numpy")
def _share(sensor: Any, knobs: Any) -> Any:
    """How far the looks of a sensor that follow quickly are independent."""
    if sensor.period != sensor.period:
        return 1.0
    return min(sensor.period / (knobs.aim if sensor.pointing else knobs.look), 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def late(
    feed: Any,
    tracks: Any,
    past: Any,
    sensors: Any,
    clock: Any,
    table: Any,
    knobs: Any,
    scratch: Any,
    rows: Any,
    written: int,
) -> Any:
    """Take late reports: each goes into the tracks where they were at its time; returns the rows written.

    What a sensor has learned stays as it is. A report that no track explains begins one only where its
    sensor does not scan: of one that does, later scans would have begun it.
    """
    m = len(feed)
    number = feed[0].sensor
    sensor = sensors[number]
    plane = np.zeros(9)
    time = moving.place_frame(feed, sensor, clock.axes == 2, knobs, plane)
    noise = np.zeros((m, 3))
    moving.noises(feed, sensor, knobs, _share(sensor, knobs), noise)
    sweep = learned.scans(sensor)
    speed_var = learned.speed_var(sensor, knobs)
    density = np.ones(m)
    learned.densities(feed, sensor, speed_var, sweep, table, density)
    count = rewind.candidates(feed, time, noise, tracks, past, sensor, number, clock, knobs, sweep, scratch)
    start, report, weight, each = pairs(feed, noise, density, tracks, scratch, count, plane, knobs)
    missed = np.empty(count)
    moving.weigh(start, weight, scratch, sweep, 0.1 * learned.sees(sensor, knobs) if sweep else 0.0, missed)
    given, unseen, taken, chosen, _ = associate(start, report, weight, missed, m)
    spoken = np.zeros(m, np.bool_)
    for c in range(count):
        if chosen[c] < 0:
            continue
        one = scratch[c]
        track = tracks[one.slot]
        j = report[chosen[c]]
        spoken[j] |= given[chosen[c]] > 0.1
        after = one.exists
        if not sensor.pointing:
            after = updating.exists(one, sweep, unseen[c] * missed[c], given, start[c], start[c + 1], 1.0)
        updating.absorb_all(
            feed[j], one.time, each, chosen[c], noise, j, track.anchor, one.states, one.weights
        )
        written = rewind.insert(
            feed, j, noise, one, track, past, sensor, number, clock, knobs, after, rows, written
        )
    if sweep:
        return written
    return lives.begin(
        feed,
        time,
        noise,
        taken,
        spoken,
        sweep,
        table,
        tracks,
        past,
        sensor,
        clock,
        knobs,
        speed_var,
        rows,
        written,
    )
