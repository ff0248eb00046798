"""Update a track by a scan: its state, its existence, and its memory of who saw it."""

import math
from typing import Any

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking import measurements, revisit_interval, traffic
from watchfloor.desks.surveillance.tracking import sensors as learned
from watchfloor.desks.surveillance.tracking.gating import absorb
from watchfloor.desks.surveillance.tracking.motion import SIZE, blend
from watchfloor.desks.surveillance.tracking.places import across, axes, lift, turned
from watchfloor.desks.surveillance.tracking.reports import BEARING, POSITION
from watchfloor.desks.surveillance.tracking.state import RECENT


@kernel(error_model="numpy")
def exists(one: Any, sweep: bool, missed: float, given: Any, first: int, end: int, share: float) -> Any:
    """Probability that a candidate exists after the scan; `share` of what the scan says is believed."""
    after = missed
    for p in range(first, end):
        after += given[p]
    after = min(after, 1 - 1e-9)
    if share < 1 and sweep:
        before = one.exists / (1 - one.exists + 1e-12)
        odds = before * (after / (1 - after) / before) ** share
        after = odds / (1 + odds)
    return after


@kernel(error_model="numpy")
def note_look(
    one: Any, track: Any, sensor: Any, number: int, time: float, unseen: float, missed: float
) -> None:
    """Note how probably a track is visible to a sensor that looked; one that is sure to be there teaches."""
    seen = 1 - unseen
    clear = (seen + missed * one.clear * (1 - one.detects) / (1 - one.sees)) / (seen + missed + 1e-12)
    at = number % RECENT
    if track.recent[at] != number:
        track.recent[at] = number
        track.frames[at] = -1
        track.met[at] = 0
        track.ask[at] = np.inf
    track.looked[at] = time
    track.visible[at] = clear
    if one.exists > 0.95 and track.hits > 3:
        spot = np.empty(3)
        lift(track.anchor, one.whole[0], one.whole[2], spot)
        e, n = across(sensor.anchor, spot)
        learned.learn_look(sensor, e, n, seen, clear, track.met[at])


@kernel(error_model="numpy")
def update(
    feed: Any,
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
            _teach_noise(feed[j], one.time, track.anchor, one.whole, sensor)
        if knobs.soft and (rivals == 1 or not sweep) and given[chosen] < 99 * missed:
            _average(feed, one.time, first, end, report, given, each, one, noise, track.anchor, missed)
        else:
            absorb_all(feed[j], one.time, each, chosen, noise, j, track.anchor, one.states, one.weights)
        if one.exists > 0.9 and track.hits > 3:
            learned.learn_share(sensor, one.weights, knobs)
    for m in range(len(track.weights)):
        for k in range(SIZE):
            track.states[m, k] = one.states[m, k]
        track.weights[m] = one.weights[m]
    return j


@kernel(error_model="numpy")
def update_state(state: Any, report: Any, time: float, anchor: Any, r0: float, r1: float, r2: float) -> Any:
    """Update one state with a report; returns the log-likelihood."""
    e, n = across(anchor, report.place)
    c, s = axes(anchor, report.place)
    if report.measure == BEARING:
        return measurements.bearing(state, e, n, report.bearing - math.atan2(s, c), r0)
    r0, r1, r2 = turned(c, s, r0, r1, r2)
    return absorb(state, report, report.t - time, e, n, r0, r1, r2, c, s)


@kernel(error_model="numpy")
def absorb_all(
    report: Any, time: float, each: Any, p: int, noise: Any, j: int, anchor: Any, states: Any, weights: Any
) -> None:
    """Update every model of a track with a report, and their probabilities."""
    total = 0.0
    for m in range(len(weights)):
        update_state(states[m], report, time, anchor, noise[j, 0], noise[j, 1], noise[j, 2])
        weights[m] = weights[m] * each[p, m] + 1e-300
        total += weights[m]
    for m in range(len(weights)):
        weights[m] /= total


@kernel(error_model="numpy")
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
            update_state(trial[k], feed[j], time, anchor, noise[j, 0], noise[j, 1], noise[j, 2])
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


@kernel(error_model="numpy")
def _teach_noise(report: Any, time: float, anchor: Any, whole: Any, sensor: Any) -> None:
    """Learn the sensor's error from how far a report lies from a track that is sure to be there."""
    e, n = across(anchor, report.place)
    de, dn, s00, _, s11 = measurements.innovation(whole, report.t - time, e, n, 0.0, 0.0, 0.0)
    learned.learn_noise(sensor, (de * de + dn * dn) / 2, (s00 + s11) / 2)


@kernel(error_model="numpy")
def note_hit(
    report: Any, track: Any, sensors: Any, number: int, sure: float, sweep: bool, table: Any
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
        track.met[at] = 0
    if track.met[at] > 0:
        learned.learn_sight(sensor, track.met[at], track.frames[at])
    track.met[at] += 1
    track.ask[at] = np.inf
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
        track.charged[at] = 0.0
        track.ask[at] = revisit_interval.ask(sensor, report.t, track.gaps[at])
    if report.measure == POSITION:
        track.seen = max(track.seen, report.t)
        track.hits += 1
    if report.measure == POSITION and track.hits == learned.GROWN:
        learned.learn_grown(sensors[track.origin])
    if report.altitude == report.altitude:
        track.altitude = report.altitude
    if 0 <= report.klass < len(track.klass):
        track.klass[report.klass] += 1.0
    note_claim(report.claimed, track)


@kernel(error_model="numpy")
def _note_gap(track: Any, sensor: Any, at: int, gap: float, sure: float) -> None:
    """Note the time between two reports of a track by one sensor; those out of order say nothing of it."""
    if gap <= 0:
        return
    revisit_interval.learn(sensor, gap, track.gaps[at], sure)
    if track.met[at] > 2:
        learned.learn_beat(sensor, gap)
    track.gaps[at] = (
        gap if track.gaps[at] != track.gaps[at] else track.gaps[at] + 0.2 * (gap - track.gaps[at])
    )


@kernel(error_model="numpy")
def note_claim(claimed: int, track: Any) -> None:
    """Count a claim for or against the identity of a track; the majority holds (Boyer and Moore 1991)."""
    if claimed < 0:
        return
    if track.claims <= 0:
        track.claimed = claimed
    track.claims += 1 if track.claimed == claimed else -1
