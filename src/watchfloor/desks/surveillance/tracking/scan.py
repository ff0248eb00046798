"""One scan: what one sensor reported at once, taken into the tracks that it touches."""

from typing import Any, Final

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking import (
    clutter_map,
    deferred_association,
    duplicate_tracks,
    echoes,
    extent,
    initiation_deletion,
    manoeuvres,
    out_of_sequence,
    prediction,
    revisit_interval,
    scan_assembly,
    stationary,
    track_output,
    update,
)
from watchfloor.desks.surveillance.tracking import sensors as learned
from watchfloor.desks.surveillance.tracking.association import associate
from watchfloor.desks.surveillance.tracking.gating import pairs
from watchfloor.desks.surveillance.tracking.measurements import innovation
from watchfloor.desks.surveillance.tracking.motion import SIZE
from watchfloor.desks.surveillance.tracking.places import across
from watchfloor.desks.surveillance.tracking.reports import POSITION
from watchfloor.desks.surveillance.tracking.state import RECENT

FAR = 20_000.0
"""Metres from the origin of its plane at which a track gets a new one."""
SOME = 500
"""Late reports that are taken at once."""


def work(count: int, models: int) -> np.ndarray:
    """Scratch for `count` candidates: tracks that a scan may touch, moved on to its `time`.

    `sees` is the probability that the sensor detects it (per second, of one that does not scan), `detects`
    the same were it visible, `clear` how probably it is; `base` and `gone` are of late reports, see `rewind`.
    """
    kind = [
        *(("slot", "i8"), ("base", "i8"), ("gone", "i8"), ("time", "f8"), ("exists", "f8"), ("sees", "f8")),
        *(("clear", "f8"), ("detects", "f8"), ("size", "f8", (3,)), ("whole", "f8", (SIZE,))),
        *(("states", "f8", (models, SIZE)), ("weights", "f8", (models,))),
    ]
    return np.zeros(count, np.dtype(kind, align=True))


@kernel(error_model="numpy")
def advance(
    feed: Any,
    at: int,
    done: Any,
    link: Any,
    opened: Any,
    whole: bool,
    tracks: Any,
    past: Any,
    open_doubts: Any,
    sensors: Any,
    clocks: Any,
    table: Any,
    ground: Any,
    settings: Any,
    scratch: Any,
    rows: Any,
) -> Any:
    """Put reports from `at` on into scans, and take those that are closed.

    Returns (first report not put into a scan, rows written, tracks wanted). `done` marks the reports of
    scans that were taken.

    Stops when room for tracks or rows runs out, or after the last report; of a `whole` feed no scan is left
    open then.
    """
    clock = clocks[0]
    knobs = settings[0]
    written = 0
    scan_assembly.restore(feed, at, done, link, opened)
    while True:
        if at < len(feed):
            s = scan_assembly.closes(feed, at, opened, sensors, knobs.longest)
            by = feed[at]
        else:
            s = scan_assembly.oldest(feed, opened) if whole else -1
            by = feed[len(feed) - 1]
            if s < 0:
                return at, written, 0
        if s < 0:
            scan_assembly.put(feed, at, link, opened, sensors, knobs.longest)
            at += 1
            continue
        sensor = sensors[s]
        lead = feed[opened[s].head]
        torn = scan_assembly.piece(lead, sensor)
        count = scan_assembly.size(opened, s, link)
        if clock.front > by.clock:
            _put_back(by.clock, clock, sensors)
        if scan_assembly.taken_back(lead, by.clock):
            scan_assembly.gather(feed, s, count, link, done, opened)
            continue
        old = _is_late(feed, opened[s].head, link, torn, sensor, clock)
        if old:
            count = min(count, SOME)
        if clock.free < count:
            return at, written, count
        if len(rows) - written < 2 * (clock.live + count + len(open_doubts)) + (
            out_of_sequence.DEEP * count if old else 0
        ):
            return at, written, 0
        part = scan_assembly.gather(feed, s, count, link, done, opened)
        if not torn:
            sensor.opened = lead.t
            sensor.scan = lead.scan
        clock.front = max(clock.front, part[count - 1].t) if clock.front == clock.front else part[count - 1].t
        before = written
        if old:
            written = late(part, tracks, past, sensors, clock, table, knobs, scratch, rows, written)
        else:
            written = process(
                part,
                torn,
                tracks,
                past,
                open_doubts,
                sensors,
                clock,
                table,
                ground,
                knobs,
                scratch,
                rows,
                written,
            )
        for k in range(before, written):
            rows[k].clock = by.clock
            rows[k].known = by.number


@kernel(error_model="numpy")
def _put_back(now: float, clock: Any, sensors: Any) -> None:
    """Forget the times ahead of a clock that was put back: what comes from now on is not late."""
    clock.front = clock.check = now
    for s in range(clock.sensors):
        if sensors[s].last > now:
            sensors[s].last = now
        if sensors[s].opened > now:
            sensors[s].opened = now


@kernel(error_model="numpy")
def _is_late(feed: Any, i: int, link: Any, torn: int, sensor: Any, clock: Any) -> Any:
    """Whether a scan must be put in at its own time: old, or of a look of which the rest was taken."""
    time = feed[i].t
    while i >= 0:
        time = max(time, feed[i].t)
        i = link[i]
    again = (torn or time <= sensor.last) and sensor.sweeps
    return again != 0 or time < clock.front - prediction.SLIGHT


@kernel(error_model="numpy")
def process(
    feed: Any,
    torn: int,
    tracks: Any,
    past: Any,
    open_doubts: Any,
    sensors: Any,
    clock: Any,
    table: Any,
    ground: Any,
    knobs: Any,
    scratch: Any,
    rows: Any,
    written: int,
) -> Any:
    """Take the reports of one scan, or of a `torn` piece of one; returns how many rows are written."""
    m = len(feed)
    number = feed[0].sensor
    sensor = sensors[number]
    plane = np.zeros(9)
    time = prediction.look(feed, torn, sensor, clock.axes == 2, knobs, plane)
    if learned.judge(sensor, knobs):
        initiation_deletion.doubt_young(number, tracks, clock)
    share = _share(sensor, knobs)
    noise = np.zeros((m, 3))
    prediction.noises(feed, sensor, knobs, share, noise)
    learned.learn_error(feed, noise, sensor)
    sweep = sensor.sweeps != 0
    if sweep:
        duplicate_tracks.mark(time, tracks, sensors, clock)
    speed_var = learned.speed_var(sensor, knobs)
    density, standing = np.ones(m), np.zeros(m)
    learned.densities(feed, sensor, speed_var, sweep, table, density)
    mapped = sweep and knobs.mapped != 0 and extent.resolves(sensor)
    if mapped:
        clutter_map.densities(feed, sensor, number, ground, density, standing)
    count = prediction.candidates(feed, time, noise, tracks, clock, knobs, sweep, scratch)
    prediction.move(time, tracks, sensor, number, knobs, sweep, scratch, count)
    for c in range(count):
        extent.spread(scratch[c], tracks[scratch[c].slot], sensor)
    casting, due = _echoes(feed, tracks, scratch, count, sensor, sweep and knobs.echoes != 0, density)
    behind = lag(sensor)
    set_back(feed, behind)
    start, report, weight, each = pairs(feed, noise, density, tracks, scratch, count, plane, knobs)
    missed = np.empty(count)
    prediction.weigh(
        start, weight, scratch, sweep, 0.1 * learned.sees(sensor, knobs) if sweep else 0.0, missed
    )
    given, unseen, taken, chosen, rivals = associate(start, report, weight, missed, m)
    learned.learn_strays(feed, sensor, taken, due)
    if mapped:
        clutter_map.learn(feed, time, tracks, scratch, start, report, given, sensor, number, ground)
    echoes.learn(feed, casting, tracks, scratch, start, report, given, due, sensor)
    spoken = np.zeros(m, np.bool_)
    birth = learned.birth(sensor, sweep, knobs)
    parent = np.full(m, -1)
    rival = np.full(m, -1)
    if not sweep and revisit_interval.known(sensor):
        deferred_association.rivals(start, report, given, chosen, rival)
    for c in range(count):
        one = scratch[c]
        track = tracks[one.slot]
        if chosen[c] < 0 and not sweep:
            continue
        if chosen[c] >= 0 and rival[report[chosen[c]]] >= 0:
            j = report[chosen[c]]
            deferred_association.doubt(
                open_doubts, feed[j], one.slot, scratch[rival[j]].slot, number, tracks, clock
            )
        first, end = start[c], start[c + 1]
        left = unseen[c] * missed[c]
        after = one.exists
        if not sensor.pointing:
            after = update.exists(one, sweep, left, given, first, end, share)
        if sweep and not sensor.pointing and one.clear > 0:
            update.note_look(one, track, sensor, number, time, unseen[c], left)
        if sweep and chosen[c] >= 0 and one.exists > 0.95 and given[chosen[c]] > 0.9 and track.hits > 5:
            k = report[chosen[c]]
            if feed[k].measure == POSITION and shared(track, number, sensors):
                learn(feed[k], noise[k], one, track.anchor, sensor, behind)
        wide = _widened(noise, one.size)
        if sweep and chosen[c] >= 0 and one.exists > 0.9 and given[chosen[c]] > 0.5 and track.hits > 3:
            k = report[chosen[c]]
            if feed[k].measure == POSITION and knobs.extents:
                extent.learn(feed[k], noise[k], one, track.anchor, track)
        j = update.update(
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
            wide,
            track,
            sensor,
            knobs,
            left,
        )
        track.time = one.time
        track.exists = after
        if j >= 0:
            spoken[j] |= given[chosen[c]] > 0.1
            update.note_hit(feed[j], track, sensors, number, given[chosen[c]], sweep, table)
            if sweep and feed[j].measure == POSITION:
                stationary.note(feed[j], 0.5 * (noise[j, 0] + noise[j, 2]), track)
            echoes.judge(feed[j], due[j], birth, casting, sensor, number, track)
        fresh = initiation_deletion.confirm(track, sensors[track.origin], knobs)
        track.beside |= fresh and knobs.extents != 0
        if sweep and j >= 0 and track.beside:
            older = extent.whole_of(track, fresh, tracks, sensor, clock)
            if older >= 0:
                extent.join(track, tracks[older])
                track.confirmed = not fresh
                continue
        if fresh and track.parent >= 0 and manoeuvres.inherits(track, tracks):
            manoeuvres.go_on(track, tracks[track.parent])
            track = tracks[track.parent]
        if clock.axes == 2 and one.whole[0] ** 2 + one.whole[2] ** 2 > FAR * FAR:
            out_of_sequence.anchor_anew(track, past, one.whole)
        if after > out_of_sequence.WORTH:
            out_of_sequence.note(past, clock, track, number, one.exists, feed, j, wide)
        if j >= 0 or (sweep and track.confirmed):
            told = feed[j].number if j >= 0 else -1
            written = track_output.write_row(track, told, sensor.name, knobs, rows, written, False)
    if not sweep:
        written = deferred_association.settle(open_doubts, time, tracks, past, sensors, knobs, rows, written)
    if sweep and knobs.manoeuvres and not sensor.pointing:
        manoeuvres.parents(feed, noise, taken, speed_var, tracks, clock, parent)
    written = initiation_deletion.begin(
        feed,
        time,
        noise,
        taken,
        spoken,
        due,
        standing,
        parent,
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
    return initiation_deletion.end(time, sweep, tracks, sensors, clock, knobs, rows, written)


@kernel(error_model="numpy")
def _echoes(feed: Any, tracks: Any, scratch: Any, count: int, sensor: Any, sweep: bool, density: Any) -> Any:
    """The tracks that may cast echoes, by the scan of a sensor, and the share of each report that is one;
    adds them to the density of stray reports."""
    share = np.zeros(len(feed))
    casting = np.empty(count if sweep else 0, echoes.CASTER)
    if sweep:
        casting = casting[: echoes.casters(feed, tracks, scratch, count, sensor, casting)]
        echoes.densities(feed, casting, sensor, density, share)
    return casting, share


@kernel(error_model="numpy")
def _widened(noise: Any, size: Any) -> Any:
    """The covariances of the reports with that of an extent."""
    if size[0] == 0 and size[2] == 0:
        return noise
    wide = noise.copy()
    for j in range(len(wide)):
        for k in range(3):
            wide[j, k] += size[k]
    return wide


@kernel(error_model="numpy")
def _share(sensor: Any, knobs: Any) -> Any:
    """How far the looks of a sensor that follow quickly are independent."""
    if sensor.period != sensor.period:
        return 1.0
    return min(sensor.period / (knobs.aim if sensor.pointing else knobs.look), 1.0)


@kernel(error_model="numpy")
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
    time = prediction.place_frame(feed, sensor, clock.axes == 2, knobs, plane)
    noise = np.zeros((m, 3))
    prediction.noises(feed, sensor, knobs, _share(sensor, knobs), noise)
    sweep = sensor.sweeps != 0
    speed_var = learned.speed_var(sensor, knobs)
    density = np.ones(m)
    learned.densities(feed, sensor, speed_var, sweep, table, density)
    count = out_of_sequence.candidates(
        feed, time, noise, tracks, past, sensor, number, clock, knobs, sweep, scratch
    )
    for c in range(count):
        extent.spread(scratch[c], tracks[scratch[c].slot], sensor)
    set_back(feed, lag(sensor))
    start, report, weight, each = pairs(feed, noise, density, tracks, scratch, count, plane, knobs)
    missed = np.empty(count)
    prediction.weigh(
        start, weight, scratch, sweep, 0.1 * learned.sees(sensor, knobs) if sweep else 0.0, missed
    )
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
            after = update.exists(one, sweep, unseen[c] * missed[c], given, start[c], start[c + 1], 1.0)
        wide = _widened(noise, one.size)
        update.absorb_all(feed[j], one.time, each, chosen[c], wide, j, track.anchor, one.states, one.weights)
        written = out_of_sequence.insert(
            feed, j, wide, one, track, past, sensor, number, clock, knobs, after, rows, written
        )
    if sweep:
        return written
    return initiation_deletion.begin(
        feed,
        time,
        noise,
        taken,
        spoken,
        np.zeros(m),
        np.zeros(m),
        np.full(m, -1),
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


# How late a sensor's times are: what it reports is where an object was, so long before the report says.
#
# A radar that gives all of a turn the time of its end is late by up to a turn. A boat at 2.5 m/s goes in that
# time as far as a lidar errs, so two sensors that disagree about the time may make two tracks. Only how much
# later one sensor is than another can be seen: from how far its reports lie behind, along the velocity, the
# tracks that another sees too (registration of sensors beside their fusion: W. Li and H. Leung, Simultaneous
# registration and fusion of multiple dissimilar sensors for cooperative driving, IEEE T-ITS 5, 2004). The
# quickest is taken to be in time.


FORGET: Final = 1 / 500
"""Share of what was learned that each report takes away."""
FIRST: Final = 1.0
"""Weight of the first guess, that a sensor is in time: as good as one second (1/s²)."""
SURE: Final = 3.0
"""How many times its own error a lag must be before it is believed."""
LONGEST: Final = 5.0
"""Seconds beyond which a lag is not believed: more than a track can be drawn back by its velocity."""
LOOKS: Final = 3
"""Looks of another sensor within which it must have seen a track that teaches."""
ODD: Final = 9.0
"""Squared Mahalanobis distance beyond which a report is of another part of an object, or of another one."""


@kernel(error_model="numpy")
def lag(sensor: Any) -> Any:
    """Seconds by which the times of a sensor are late; 0 while that is not sure."""
    late = sensor.lag[0] / (sensor.lag[1] + FIRST)
    if late <= 0 or late * late * (sensor.lag[1] + FIRST) < SURE * SURE:
        return 0.0
    return min(late, LONGEST)


@kernel(error_model="numpy")
def set_back(feed: Any, late: float) -> None:
    """Give the places of a scan the times that they are of."""
    for j in range(len(feed)):
        if feed[j].measure == POSITION:
            feed[j].t -= late


@kernel(error_model="numpy")
def shared(track: Any, number: int, sensors: Any) -> Any:
    """Whether another sensor has seen a track in one of its last looks."""
    for k in range(RECENT):
        other = track.recent[k]
        if other < 0 or other == number or track.frames[k] < 0:
            continue
        scans = sensors[other].sweeps and not sensors[other].pointing
        if scans and sensors[other].frames - track.frames[k] <= LOOKS:
            return True
    return False


@kernel(error_model="numpy")
def learn(report: Any, noise: Any, one: Any, anchor: Any, sensor: Any, late: float) -> None:
    """Note how far behind a track that is sure to be there, and goes somewhere, a report of it lies.

    The place differs by -v·(lag - late) and an error of covariance S: the least-squares estimate of the lag
    has the weight v'S⁻¹v.
    """
    e, n = across(anchor, report.place)
    s = one.whole
    de, dn, s00, s01, s11 = innovation(s, report.t - one.time, e, n, noise[0], noise[1], noise[2])
    det = s00 * s11 - s01 * s01
    if s11 * de * de - 2 * s01 * de * dn + s00 * dn * dn > ODD * det:
        return
    a, b = (s11 * s[1] - s01 * s[3]) / det, (s00 * s[3] - s01 * s[1]) / det
    weight = a * s[1] + b * s[3]
    sensor.lag[0] = sensor.lag[0] * (1 - FORGET) + weight * late - (a * de + b * dn)
    sensor.lag[1] = sensor.lag[1] * (1 - FORGET) + weight
