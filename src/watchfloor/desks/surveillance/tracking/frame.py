"""One frame: what one sensor reported at once, taken into the tracks that it touches."""

import math
from typing import Any

import numpy as np
from numba import njit

from watchfloor.desks.surveillance.tracking import measurements, traffic
from watchfloor.desks.surveillance.tracking import sensors as learned
from watchfloor.desks.surveillance.tracking.association import associate
from watchfloor.desks.surveillance.tracking.gating import absorb, motion, pairs
from watchfloor.desks.surveillance.tracking.motion import SIZE, blend, flows, predict
from watchfloor.desks.surveillance.tracking.places import across, anchor, lift
from watchfloor.desks.surveillance.tracking.reports import BEARING, NOTHING, POSITION
from watchfloor.desks.surveillance.tracking.state import RECENT

STILL = 8.0
"""Metres within which a track has stayed that lies still."""
ODD = 0.5
"""Share of a report that tracks must leave unexplained for it to begin a new one."""


def work(count: int, models: int) -> np.ndarray:
    """Scratch for `count` candidates: tracks that a frame may touch, moved on to its time."""
    kind = [
        *(
            ("slot", "i8"),
            ("exists", "f8"),
            ("sees", "f8"),
            ("clear", "f8"),
            ("detects", "f8"),
            ("whole", "f8", (SIZE,)),
        ),
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
    sensors: Any,
    clocks: Any,
    table: Any,
    settings: Any,
    scratch: Any,
    rows: Any,
    written: int,
) -> Any:
    """Take frames from report `at` on. Returns (first report not taken, rows written, tracks wanted).

    Stops when room for tracks or rows runs out, or at a frame that may go on, unless the feed is `whole`.
    """
    clock = clocks[0]
    knobs = settings[0]
    while at < len(feed):
        stop = end_of_frame(feed, at, sensors, knobs.longest)
        if stop == len(feed) and not whole:
            return at, written, 0
        if clock.free < stop - at:
            return at, written, stop - at
        if len(rows) - written < 2 * clock.live + stop - at:
            return at, written, 0
        by = feed[min(stop, len(feed) - 1)]
        before = written
        written = frame(feed[at:stop], tracks, sensors, clock, table, knobs, scratch, rows, written)
        for k in range(before, written):
            rows[k].clock = by.clock
            rows[k].known = by.number
        at = stop
    return at, written, 0


@njit(cache=True, nogil=True, error_model="numpy")
def frame(
    feed: Any,
    tracks: Any,
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
    sensor = sensors[feed[0].sensor]
    earth = clock.axes == 2
    plane = np.zeros(9)
    time = _look(feed, sensor, earth, knobs, plane)
    share = 1.0
    if sensor.period == sensor.period:
        share = min(sensor.period / (knobs.aim if sensor.pointing else knobs.look), 1.0)
    noise = np.zeros((m, 3))
    _noises(feed, sensor, knobs, share, noise)
    sweep = learned.scans(sensor)
    speed_var = learned.speed_var(sensor, knobs)
    density = np.ones(m)
    learned.densities(feed, sensor, speed_var, sweep, table, density)
    count = _candidates(feed, time, noise, tracks, clock, knobs, sweep, scratch)
    _move(time, tracks, sensor, feed[0].sensor, knobs, sweep, scratch, count)
    start, report, weight, each = pairs(feed, time, noise, density, tracks, scratch, count, plane, knobs.gate)
    missed = np.empty(count)
    _weigh(start, weight, scratch, sweep, 0.1 * learned.sees(sensor, knobs) if sweep else 0.0, missed)
    given, unseen, taken, chosen, rivals = associate(start, report, weight, missed, m)
    learned.learn_strays(feed, sensor, taken)
    spoken = np.zeros(m, np.bool_)
    for c in range(count):
        track = tracks[scratch[c].slot]
        if chosen[c] < 0 and not sweep:
            continue
        after = scratch[c].exists
        if not sensor.pointing:
            after = _exists(scratch[c], sweep, unseen[c] * missed[c], given, start[c], start[c + 1], share)
        if sweep and not sensor.pointing and scratch[c].clear > 0:
            _note_look(scratch[c], track, sensor, feed[0].sensor, time, unseen[c], unseen[c] * missed[c])
        j = _update(
            feed,
            time,
            start[c],
            start[c + 1],
            report,
            given,
            each,
            chosen[c],
            rivals[c],
            sweep,
            scratch[c],
            noise,
            track,
            sensor,
            knobs,
            unseen[c] * missed[c],
        )
        if j >= 0:
            spoken[j] |= given[chosen[c]] > 0.1
            _note_hit(feed[j], track, sensors, feed[0].sensor, after, given[chosen[c]], sweep, table)
        track.time = time
        track.exists = after
        need = (
            knobs.confirm
            if track.hits >= 2 * learned.GROWN
            else learned.confirms(sensors[track.origin], knobs)
        )
        if after > need and track.hits > 2:
            track.confirmed = True
        if j >= 0 or (sweep and track.confirmed):
            number = feed[j].number if j >= 0 else -1
            written = _tell(track, number, sensor.name, knobs, rows, written, False)
    written = _begin(
        feed, time, noise, taken, spoken, sweep, table, tracks, sensor, clock, knobs, speed_var, rows, written
    )
    return _end(time, sweep, tracks, sensors, clock, knobs, rows, written)


@njit(cache=True, nogil=True, error_model="numpy")
def _look(feed: Any, sensor: Any, earth: bool, knobs: Any, plane: Any) -> Any:
    """Note a frame with its sensor, and fill the plane of its first place; returns the frame's time."""
    if sensor.frames == 0:
        learned.begin(sensor, knobs)
    sensor.frames += 1
    sensor.several += ((len(feed) > 1) - sensor.several) / min(sensor.frames, 50)
    time = feed[0].t
    lead = 0
    for j in range(len(feed) - 1, -1, -1):
        time = max(time, feed[j].t)
        if feed[j].measure == POSITION or (feed[j].measure == BEARING and sensor.half == 0):
            learned.widen(sensor, feed[j].place, earth)
            lead = j
    anchor(feed[lead].place, earth, plane)
    sensor.pointing = feed[lead].measure == BEARING
    if sensor.pointing:
        sensor.here[0], sensor.here[1] = across(sensor.anchor, feed[lead].place)
    if time > sensor.last:
        sensor.span += time - sensor.last
        passed = time - sensor.last
        sensor.period = (
            passed if sensor.period != sensor.period else sensor.period + 0.1 * (passed - sensor.period)
        )
    sensor.last = time
    return time


@njit(cache=True, nogil=True, error_model="numpy")
def _noises(feed: Any, sensor: Any, knobs: Any, share: float, out: Any) -> None:
    """The covariance of each report: as stated, else as learned of the sensor.

    Bearings that come faster than their errors change are worth a `share` of what they say.
    """
    for j in range(len(feed)):
        one, both, two = feed[j].cov[0], feed[j].cov[1], feed[j].cov[2]
        if feed[j].measure == BEARING:
            out[j, 0] = (max(one, 1e-8) if one == one else 1e-3) / share
            continue
        if one != one and two != two:
            one, both, two = sensor.noise[0], 0.0, sensor.noise[0]
        out[j, 0] = max(one if one == one else two, knobs.least_var)
        out[j, 1] = both if both == both else 0.0
        out[j, 2] = max(two if two == two else one, knobs.least_var)


@njit(cache=True, nogil=True, error_model="numpy")
def _candidates(
    feed: Any, time: float, noise: Any, tracks: Any, clock: Any, knobs: Any, sweep: bool, scratch: Any
) -> Any:
    """List the tracks that the frame may touch, oldest first: of a sweep all, else those within reach."""
    count = 0
    for k in range(clock.live):
        slot = tracks[k].live
        dt = time - tracks[slot].time
        if dt >= 0 and (sweep or _within(feed, dt, noise, tracks[slot], knobs)):
            scratch[count].slot = slot
            count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def _within(feed: Any, dt: float, noise: Any, track: Any, knobs: Any) -> Any:
    """Whether any report is within reach of a track after `dt` seconds."""
    for j in range(len(feed)):
        if feed[j].measure == BEARING:
            return True
        if feed[j].measure == NOTHING:
            continue
        e, n = across(track.anchor, feed[j].place)
        for m in range(len(track.weights)):
            s = track.states[m]
            v = math.sqrt(s[1] * s[1] + s[3] * s[3])
            spread = math.sqrt(max(s[4], s[11])) + dt * math.sqrt(max(s[8], s[13]))
            q = (knobs.noise[m] + knobs.swerve[m] * v * v) * dt * dt
            q *= min(dt / 3, 2 / knobs.decay[m]) if knobs.decay[m] > 0 else dt / 3
            spread += math.sqrt(q) + math.sqrt(max(noise[j, 0], noise[j, 2]))
            reach = 2 * math.sqrt(knobs.gate) * spread + dt * v
            if (e - s[0]) ** 2 + (n - s[2]) ** 2 <= reach * reach:
                return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _move(
    time: float, tracks: Any, sensor: Any, number: int, knobs: Any, sweep: bool, scratch: Any, count: int
) -> None:
    """Copy the candidates to the scratch and move them on to the frame's time."""
    spot = np.empty(3)
    detects = learned.sees(sensor, knobs)
    flow = np.zeros((len(knobs.turn), 9))
    last, live = -1.0, 1.0
    for c in range(count):
        one = scratch[c]
        track = tracks[one.slot]
        for m in range(len(track.weights)):
            for k in range(SIZE):
                one.states[m, k] = track.states[m, k]
            one.weights[m] = track.weights[m]
        dt = time - track.time
        if dt != last:
            flows(dt, knobs, sensor.share, flow)
            live = math.exp(-dt / knobs.life)
            last = dt
        if dt > 0:
            predict(one.states, one.weights, one.whole, flow, knobs)
        else:
            blend(one.states, one.weights, one.whole)
        one.exists = track.exists * live
        one.detects, one.clear = detects, 1.0
        if not sweep:
            one.sees = _due(track, sensor, number, time)
        else:
            lift(track.anchor, one.whole[0], one.whole[2], spot)
            e, n = across(sensor.anchor, spot)
            one.clear = _visible(track, number, time, learned.visible(sensor, e, n), knobs)
            one.sees = detects * one.clear


@njit(cache=True, nogil=True, error_model="numpy")
def _due(track: Any, sensor: Any, number: int, time: float) -> Any:
    """How probably, per second, a sensor that does not scan reports a track just now."""
    at = number % RECENT
    if track.recent[at] != number or track.frames[at] < 0:
        return 1 / sensor.interval if sensor.interval == sensor.interval else 0.1
    return learned.due(sensor, time - track.looked[at], track.gaps[at])


@njit(cache=True, nogil=True, error_model="numpy")
def _weigh(start: Any, weight: Any, scratch: Any, sweep: bool, least: float, missed: Any) -> None:
    """Turn what each pair is worth into its odds against the track not being seen.

    `missed` becomes the probability that a track exists though it is not seen.
    """
    for c in range(len(start) - 1):
        r = scratch[c].exists
        missed[c] = r * (1 - scratch[c].sees) / (1 - r * scratch[c].sees) if sweep else r
        odds = r * max(scratch[c].sees, least) / (1 - r * scratch[c].sees if sweep else 1.0)
        for p in range(start[c], start[c + 1]):
            weight[p] *= odds


@njit(cache=True, nogil=True, error_model="numpy")
def _visible(track: Any, number: int, time: float, usual: float, knobs: Any) -> Any:
    """How probably a track is visible to a sensor: as when it looked last, drifting to what is usual there.

    A second Markov chain beside existence (Musicki, Evans and Stankovic 1994).
    """
    at = number % RECENT
    if track.recent[at] != number:
        return usual
    return usual + (track.visible[at] - usual) * math.exp((track.looked[at] - time) / knobs.hidden)


@njit(cache=True, nogil=True, error_model="numpy")
def _exists(one: Any, sweep: bool, missed: float, given: Any, first: int, end: int, share: float) -> Any:
    """Probability that a candidate exists after the frame; `share` of what the frame says is believed."""
    after = missed
    for p in range(first, end):
        after += given[p]
    after = min(after, 1 - 1e-9)
    if share < 1 and sweep:
        before = one.exists / (1 - one.exists + 1e-12)
        odds = before * (after / (1 - after) / before) ** share
        after = odds / (1 + odds)
    return after


@njit(cache=True, nogil=True, error_model="numpy")
def _note_look(
    one: Any, track: Any, sensor: Any, number: int, time: float, unseen: float, missed: float
) -> None:
    """Note how probably a track is visible to a sensor that looked; one that is sure to be there teaches."""
    seen = 1 - unseen
    clear = (seen + missed * one.clear * (1 - one.detects) / (1 - one.sees)) / (seen + missed + 1e-12)
    at = number % RECENT
    if track.recent[at] != number:
        track.recent[at] = number
        track.frames[at] = -1
    track.looked[at] = time
    track.visible[at] = clear
    if one.exists > 0.95 and track.hits > 3:
        spot = np.empty(3)
        lift(track.anchor, one.whole[0], one.whole[2], spot)
        e, n = across(sensor.anchor, spot)
        learned.learn_look(sensor, e, n, seen, clear)


@njit(cache=True, nogil=True, error_model="numpy")
def _update(
    feed: Any,
    time: float,
    first: int,
    end: int,
    report: Any,
    given: Any,
    each: Any,
    chosen: int,
    rivals: int,
    sweep: bool,
    one: Any,
    noise: Any,
    track: Any,
    sensor: Any,
    knobs: Any,
    missed: float,
) -> Any:
    """Write a candidate back, with the report it took; returns which, -1 for none."""
    j = -1
    if chosen >= 0:
        j = report[chosen]
        if feed[j].measure == POSITION and feed[j].cov[0] != feed[j].cov[0] and one.exists > 0.9:
            _teach_noise(feed[j], time, track.anchor, one.whole, sensor)
        if knobs.soft and (rivals == 1 or not sweep) and given[chosen] < 99 * missed:
            _average(feed, time, first, end, report, given, each, one, noise, track.anchor, missed)
        else:
            _absorb_all(feed[j], time, each, chosen, noise, j, track.anchor, one.states, one.weights)
        if one.exists > 0.9 and track.hits > 3:
            learned.learn_share(sensor, one.weights, knobs)
    for m in range(len(track.weights)):
        for k in range(SIZE):
            track.states[m, k] = one.states[m, k]
        track.weights[m] = one.weights[m]
    return j


@njit(cache=True, nogil=True, error_model="numpy")
def _take(s: Any, report: Any, time: float, e: float, n: float, r0: float, r1: float, r2: float) -> None:
    """Update one state with a report."""
    if report.measure == BEARING:
        measurements.bearing(s, e, n, report.bearing, r0)
    else:
        absorb(s, report, report.t - time, e, n, r0, r1, r2)


@njit(cache=True, nogil=True, error_model="numpy")
def _absorb_all(
    report: Any, time: float, each: Any, p: int, noise: Any, j: int, anchor: Any, states: Any, weights: Any
) -> None:
    """Update every model of a track with a report, and their probabilities."""
    e, n = across(anchor, report.place)
    total = 0.0
    for m in range(len(weights)):
        _take(states[m], report, time, e, n, noise[j, 0], noise[j, 1], noise[j, 2])
        weights[m] = weights[m] * each[p, m] + 1e-300
        total += weights[m]
    for m in range(len(weights)):
        weights[m] /= total


@njit(cache=True, nogil=True, error_model="numpy")
def _average(
    feed: Any,
    time: float,
    first: int,
    end: int,
    report: Any,
    given: Any,
    each: Any,
    one: Any,
    noise: Any,
    anchor: Any,
    missed: float,
) -> None:
    """Update every model with all reports, each as probable as it is (Bar-Shalom and Tse 1975)."""
    models = len(one.weights)
    trial = np.empty((end - first + 1, SIZE))
    part = np.empty(end - first + 1)
    mass = np.empty(models)
    for m in range(models):
        part[0] = missed * one.weights[m]
        trial[0] = one.states[m]
        mass[m] = part[0]
        for p in range(first, end):
            k = p - first + 1
            j = report[p]
            trial[k] = one.states[m]
            e, n = across(anchor, feed[j].place)
            _take(trial[k], feed[j], time, e, n, noise[j, 0], noise[j, 1], noise[j, 2])
            total = 0.0
            for o in range(models):
                total += one.weights[o] * each[p, o]
            part[k] = given[p] * one.weights[m] * each[p, m] / (total + 1e-300)
            mass[m] += part[k]
        for k in range(len(part)):
            part[k] /= mass[m] + 1e-300
        if mass[m] > 1e-12:
            blend(trial, part, one.states[m])
    total = mass.sum()
    for m in range(models):
        one.weights[m] = max(mass[m] / total, 1e-12)


@njit(cache=True, nogil=True, error_model="numpy")
def _teach_noise(report: Any, time: float, anchor: Any, whole: Any, sensor: Any) -> None:
    """Learn the sensor's error from how far a report lies from a track that is sure to be there."""
    e, n = across(anchor, report.place)
    de, dn, s00, _, s11 = measurements.innovation(whole, report.t - time, e, n, 0.0, 0.0, 0.0)
    learned.learn_noise(sensor, (de * de + dn * dn) / 2, (s00 + s11) / 2)


@njit(cache=True, nogil=True, error_model="numpy")
def _note_hit(
    report: Any, track: Any, sensors: Any, number: int, exists: float, sure: float, sweep: bool, table: Any
) -> None:
    """Note that a track took a report: when, of which sensor, what class and identity it says."""
    sensor = sensors[number]
    gap = report.t - track.seen
    if gap > 0 and report.measure == POSITION:
        track.gap = gap if track.gap != track.gap else track.gap + 0.2 * (gap - track.gap)
    at = number % RECENT
    again = track.recent[at] == number and track.frames[at] >= 0
    if not again:
        track.gaps[at] = np.nan
    if again and exists > 0.5:
        sensor.again[0] = sensor.again[0] * 0.995 + 1.0 / max(sensor.frames - track.frames[at], 1)
        sensor.again[1] = sensor.again[1] * 0.995 + 1
    if track.recent[at] != number:
        track.visible[at] = 0.0
    track.recent[at] = number
    track.frames[at] = sensor.frames
    if not sweep and report.measure == POSITION:
        traffic.note(table, sensor.traffic, number, report.place, track.spot)
        for k in range(3):
            track.spot[k] = report.place[k]
        if again:
            _note_gap(track, sensor, at, report.t - track.looked[at], sure)
        track.looked[at] = report.t
        track.visible[at] = 1.0
    if report.measure == POSITION:
        track.seen = max(track.seen, report.t)
        track.hits += 1
    if report.measure == POSITION and track.hits == learned.GROWN:
        learned.learn_grown(sensors[track.origin])
    if report.altitude == report.altitude:
        track.altitude = report.altitude
    if 0 <= report.klass < len(track.klass):
        track.klass[report.klass] += 1.0
    _note_claim(report.claimed, track)


@njit(cache=True, nogil=True, error_model="numpy")
def _note_gap(track: Any, sensor: Any, at: int, gap: float, sure: float) -> None:
    """Note the time between two reports of a track by one sensor."""
    learned.learn_gap(sensor, gap, track.gaps[at], sure)
    track.gaps[at] = (
        gap if track.gaps[at] != track.gaps[at] else track.gaps[at] + 0.2 * (gap - track.gaps[at])
    )


@njit(cache=True, nogil=True, error_model="numpy")
def _note_claim(claimed: int, track: Any) -> None:
    """Count a claim for or against the identity of a track; the majority holds (Boyer and Moore 1991)."""
    if claimed < 0:
        return
    if track.claims <= 0:
        track.claimed = claimed
    track.claims += 1 if track.claimed == claimed else -1


@njit(cache=True, nogil=True, error_model="numpy")
def _tell(track: Any, number: int, sensor: int, knobs: Any, rows: Any, at: int, ended: bool) -> Any:
    """Write one row of what is believed of a track; returns the next row."""
    if not track.confirmed and not knobs.tentative:
        return at
    whole = np.empty(SIZE)
    blend(track.states, track.weights, whole)
    row = rows[at]
    lift(track.anchor, whole[0], whole[2], row.place)
    row.t = track.time
    row.track = track.name
    row.report = number
    row.sensor = sensor
    row.velocity[0] = whole[1]
    row.velocity[1] = whole[3]
    row.cov[0] = whole[4]
    row.cov[1] = whole[6]
    row.cov[2] = whole[11]
    row.vcov[0] = whole[8]
    row.vcov[1] = whole[10]
    row.vcov[2] = whole[13]
    row.altitude = track.altitude
    row.exists = track.exists
    best = 0
    for k in range(len(track.klass)):
        best = k if track.klass[k] > track.klass[best] else best
    row.klass = best if track.klass[best] > 0 else -1
    row.claimed = track.claimed
    row.ended = ended
    shown = track.confirmed and track.exists * _in_sight(track) >= knobs.show and track.time <= _fresh(track)
    if knobs.still and track.hits > 4 and track.fine:
        shown = shown and not _lies_still(track, row.place)
    track.shown = shown
    row.confirmed = shown and not ended
    row.late = False
    return at + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _in_sight(track: Any) -> Any:
    """How probably a track is visible to any of the sensors that looked at it last."""
    hidden = 1.0
    for k in range(RECENT):
        if track.recent[k] >= 0 and track.looked[k] > track.time - 10:
            hidden *= 1 - track.visible[k]
    return 1 - hidden if hidden < 1 else 1.0


@njit(cache=True, nogil=True, error_model="numpy")
def _lies_still(track: Any, place: Any) -> Any:
    """Whether a track has never gone anywhere, as what stands or is moored has not."""
    far = math.sqrt(
        (place[0] - track.start[0]) ** 2 + (place[1] - track.start[1]) ** 2 + (place[2] - track.start[2]) ** 2
    )
    if track.roam < 0:
        for k in range(3):
            track.start[k] = place[k]
        far = 0.0
    track.roam = max(track.roam, far)
    age = track.time - track.born
    return age > 10 and track.roam < min(STILL, 0.3 * age)


@njit(cache=True, nogil=True, error_model="numpy")
def _fresh(track: Any) -> Any:
    """Until when a track is shown without a new report: ten times its usual gap, and ten seconds."""
    return track.seen + 10 + 10 * track.gap


@njit(cache=True, nogil=True, error_model="numpy")
def _begin(
    feed: Any,
    time: float,
    noise: Any,
    taken: Any,
    spoken: Any,
    sweep: bool,
    table: Any,
    tracks: Any,
    sensor: Any,
    clock: Any,
    knobs: Any,
    speed_var: float,
    rows: Any,
    written: int,
) -> Any:
    """Begin a track at each position that no track explains."""
    r = learned.birth(sensor, sweep, knobs)
    flow = np.zeros((len(knobs.turn), 9))
    for j in range(len(feed)):
        if feed[j].measure != POSITION or taken[j] > ODD or spoken[j]:
            continue
        if clock.live >= knobs.most:
            clock.unborn += 1
            continue
        clock.free -= 1
        slot = tracks[clock.free].free
        tracks[clock.live].live = slot
        clock.live += 1
        track = tracks[slot]
        track.name = clock.next
        clock.next += 1
        _first(feed[j], noise, j, track, knobs, sensor.share, speed_var, clock.axes == 2)
        track.exists = min(r * (1 - taken[j]), 0.9)
        track.origin = feed[j].sensor
        track.recent[feed[j].sensor % RECENT] = feed[j].sensor
        track.frames[feed[j].sensor % RECENT] = sensor.frames
        track.looked[feed[j].sensor % RECENT] = feed[j].t
        track.gaps[feed[j].sensor % RECENT] = np.nan
        track.visible[feed[j].sensor % RECENT] = 1.0
        sensor.births[0] += 1
        for k in range(3):
            track.spot[k] = np.nan
        if not sweep:
            traffic.note(table, sensor.traffic, feed[j].sensor, feed[j].place, track.spot)
            for k in range(3):
                track.spot[k] = feed[j].place[k]
        if feed[j].t < time:
            flows(time - feed[j].t, knobs, sensor.share, flow)
            predict(track.states, track.weights, np.empty(SIZE), flow, knobs)
            track.time = time
        written = _tell(track, feed[j].number, sensor.name, knobs, rows, written, False)
    return written


@njit(cache=True, nogil=True, error_model="numpy")
def _first(
    report: Any, noise: Any, j: int, track: Any, knobs: Any, share: Any, speed_var: float, earth: bool
) -> None:
    """Fill a slot with a track that is seen for the first time."""
    anchor(report.place, earth, track.anchor)
    e, n = across(track.anchor, report.place)
    for m in range(len(track.weights)):
        s = track.states[m]
        for k in range(SIZE):
            s[k] = 0.0
        s[0], s[2] = e, n
        s[4], s[6], s[11] = noise[j, 0], noise[j, 1], noise[j, 2]
        s[8] = s[13] = (
            min(knobs.noise[m] / (2 * knobs.decay[m]), speed_var) if knobs.decay[m] > 0 else speed_var
        )
        motion(s, report)
        track.weights[m] = share[m]
    track.time = track.seen = track.born = report.t
    track.roam = -1.0
    track.fine = max(noise[j, 0], noise[j, 2]) < 0.5 * STILL * STILL
    track.gap = np.nan
    track.hits = 1
    track.confirmed = False
    track.shown = False
    track.altitude = report.altitude
    for k in range(len(track.klass)):
        track.klass[k] = 1.0 if report.klass == k else 0.0
    track.claimed = report.claimed
    track.claims = 1.0 if report.claimed >= 0 else 0.0
    for k in range(RECENT):
        track.recent[k] = -1


@njit(cache=True, nogil=True, error_model="numpy")
def _gone(time: float, track: Any, sensor: Any, knobs: Any) -> Any:
    """Whether a track is to be ended: too unlikely, too long silent, or from a time that was taken back."""
    if track.exists < knobs.drop or track.time > time + 2 * knobs.rewind:
        return True
    quiet = time - track.seen
    if track.confirmed and track.hits < learned.GROWN:
        return track.exists * _in_sight(track) < 0.1 or quiet > min(10 + 10 * track.gap, knobs.silence)
    if track.confirmed:
        return quiet > min(60 + 40 * track.gap, knobs.silence)
    usual = sensor.interval
    return quiet > min(max(5 * usual, 300.0) if usual == usual else 300.0, knobs.silence)


@njit(cache=True, nogil=True, error_model="numpy")
def _end(
    time: float, sweep: bool, tracks: Any, sensors: Any, clock: Any, knobs: Any, rows: Any, written: int
) -> Any:
    """End the tracks that are gone, keep the others in order. Between sweeps it is done once a second."""
    if not sweep and clock.check <= time < clock.check + 1:
        return written
    clock.check = time
    kept = 0
    for k in range(clock.live):
        slot = tracks[k].live
        track = tracks[slot]
        if _gone(time, track, sensors[track.origin], knobs):
            if track.hits < learned.GROWN:
                learned.learn_false(track, sensors[track.origin])
            if track.confirmed:
                written = _finish(track, time, knobs, rows, written, True)
            tracks[clock.free].free = slot
            clock.free += 1
        else:
            if track.shown and time > _fresh(track):
                written = _finish(track, time, knobs, rows, written, False)
            tracks[kept].live = slot
            kept += 1
    clock.live = kept
    return written


@njit(cache=True, nogil=True, error_model="numpy")
def _finish(track: Any, time: float, knobs: Any, rows: Any, written: int, ended: bool) -> Any:
    """Write the row in which a track is ended, or only no longer shown, at `time`."""
    if time > track.time:
        flow = np.zeros((len(knobs.turn), 9))
        flows(time - track.time, knobs, knobs.share, flow)
        predict(track.states, track.weights, np.empty(SIZE), flow, knobs)
        track.time = time
    return _tell(track, -1, -1, knobs, rows, written, ended)
