"""Which tracks a scan may touch, where they are at its time, and what each report is worth to them."""

import math
from typing import Any

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking import revisit_interval
from watchfloor.desks.surveillance.tracking import sensors as learned
from watchfloor.desks.surveillance.tracking.gating import widest_gate
from watchfloor.desks.surveillance.tracking.motion import SIZE, blend, flows, predict
from watchfloor.desks.surveillance.tracking.places import across, anchor, lift
from watchfloor.desks.surveillance.tracking.reports import BEARING, NOTHING, POSITION
from watchfloor.desks.surveillance.tracking.state import RECENT

REACH = 1.3
"""How much farther than its gate a track's reach is taken to go, before its models are mixed."""
SLIGHT = 1.0
"""Seconds by which a report may be older than a track and still be taken as if it were of now, drawn on along
the track. Older ones are put in at their own time."""


@kernel(error_model="numpy")
def look(feed: Any, torn: int, sensor: Any, earth: bool, knobs: Any, plane: Any) -> Any:
    """Note a scan with its sensor, and fill the plane of its first place; returns the scan's time."""
    time = place_frame(feed, sensor, earth, knobs, plane)
    if not torn:
        sensor.frames += 1
        sensor.empty += len(feed) == 1 and feed[0].measure == NOTHING
        sensor.several += ((len(feed) > 1) - sensor.several) / min(sensor.frames, 50)
    for j in range(len(feed)):
        sensor.named += ((feed[j].claimed >= 0) - sensor.named) * 0.02
    if time > sensor.last:
        passed = time - sensor.last
        sensor.span += passed
        sensor.period = passed if sensor.period != sensor.period else 0.9 * sensor.period + 0.1 * passed
    if not sensor.last >= time:
        sensor.last = time
    return time


@kernel(error_model="numpy")
def place_frame(feed: Any, sensor: Any, earth: bool, knobs: Any, plane: Any) -> Any:
    """Widen the sensor's view by a scan, and fill the plane of its first place; returns the scan's time."""
    if sensor.frames == 0:
        learned.begin(sensor, knobs)
    time = feed[0].t
    lead = 0
    for j in range(len(feed) - 1, -1, -1):
        time = max(time, feed[j].t)
        if feed[j].measure == POSITION or (feed[j].measure == BEARING and sensor.half == 0):
            learned.widen(sensor, feed[j].place, earth)
            lead = j
    anchor(feed[lead].place, earth, plane)
    if feed[lead].measure != NOTHING:
        sensor.pointing = feed[lead].measure == BEARING
    if feed[lead].measure == BEARING:
        sensor.here[0], sensor.here[1] = across(sensor.anchor, feed[lead].place)
    return time


@kernel(error_model="numpy")
def noises(feed: Any, sensor: Any, knobs: Any, share: float, out: Any) -> None:
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


@kernel(error_model="numpy")
def candidates(
    feed: Any, time: float, noise: Any, tracks: Any, clock: Any, knobs: Any, sweep: bool, scratch: Any
) -> Any:
    """List the tracks that the scan may touch, oldest first: of a sweep all, else those within reach."""
    count = 0
    middle = np.empty(3)
    span, widest = (-1.0, 0.0) if sweep else circle(feed, noise, middle)
    for k in range(clock.live):
        slot = tracks[k].live
        track = tracks[slot]
        dt = time - track.time
        if dt < -SLIGHT or (span >= 0 and far(feed, middle, span, widest, abs(dt), track, knobs)):
            continue
        if sweep or within(feed, abs(dt), noise, track, knobs):
            scratch[count].slot = slot
            count += 1
    return count


@kernel(error_model="numpy")
def circle(feed: Any, noise: Any, middle: Any) -> Any:
    """Fill the middle of a scan's positions; returns how far one is from it, and the variance, at most.

    -1 where a report is a bearing: then no circle holds them all.
    """
    count = 0
    for k in range(3):
        middle[k] = 0.0
    for j in range(len(feed)):
        if feed[j].measure == BEARING:
            return -1.0, 0.0
        if feed[j].measure == POSITION:
            count += 1
            for k in range(3):
                middle[k] += feed[j].place[k]
    if count == 0:
        return -1.0, 0.0
    for k in range(3):
        middle[k] /= count
    span, widest = 0.0, 0.0
    for j in range(len(feed)):
        if feed[j].measure == POSITION:
            away = 0.0
            for k in range(3):
                away += (feed[j].place[k] - middle[k]) ** 2
            span = max(span, away)
            widest = max(widest, max(noise[j, 0], noise[j, 2]))
    return math.sqrt(span), widest


@kernel(error_model="numpy")
def far(feed: Any, middle: Any, span: float, widest: float, dt: float, track: Any, knobs: Any) -> Any:
    """Whether no report of a scan can be within reach of a track, as `within` has it: told without a root,
    first of all of them at once, then of each.

    The square of a sum of n numbers is at most n times the sum of their squares, so what is far by this is
    out of reach by that; most of what is not far is not within reach either.
    """
    first = track.states[0]
    most = 0.0
    for m in range(len(track.weights)):
        s = track.states[m]
        v2 = s[1] * s[1] + s[3] * s[3]
        q = (knobs.noise[m] + knobs.swerve[m] * v2) * dt * dt
        q *= min(dt / 3, 2 / knobs.decay[m]) if knobs.decay[m] > 0 else dt / 3
        spread = max(s[4], s[11]) + dt * dt * max(s[8], s[13]) + q + widest
        aside = (s[0] - first[0]) ** 2 + (s[2] - first[2]) ** 2
        most = max(most, 4 * REACH * REACH * widest_gate(track, knobs) * spread + dt * dt * v2 + aside)
    e, n = across(track.anchor, middle)
    if (e - first[0]) ** 2 + (n - first[2]) ** 2 > 4.001 * (most + span * span):
        return True
    for j in range(len(feed)):
        if feed[j].measure == POSITION:
            e, n = across(track.anchor, feed[j].place)
            if (e - first[0]) ** 2 + (n - first[2]) ** 2 <= 3.001 * most:
                return False
    return True


@kernel(error_model="numpy")
def within(feed: Any, dt: float, noise: Any, track: Any, knobs: Any) -> Any:
    """Whether any report is within reach of a track after `dt` seconds."""
    wide = widest_gate(track, knobs)
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
            reach = REACH * math.sqrt(wide) * spread + dt * v
            if (e - s[0]) ** 2 + (n - s[2]) ** 2 <= reach * reach:
                return True
    return False


@kernel(error_model="numpy")
def move(
    time: float, tracks: Any, sensor: Any, number: int, knobs: Any, sweep: bool, scratch: Any, count: int
) -> None:
    """Copy the candidates to the scratch and move them on to the scan's time."""
    flow = np.zeros((len(knobs.turn), 9))
    last = -1.0
    for c in range(count):
        one = scratch[c]
        track = tracks[one.slot]
        dt = max(time - track.time, 0.0)
        if dt != last:
            flows(dt, knobs, sensor.share, flow)
            last = dt
        bring(one, track, dt, flow, knobs)
        one.time = max(time, track.time)
        one.exists = track.exists * (math.exp(-dt / knobs.life) if sweep else 1.0)
        see(one, track, sensor, number, time, knobs, sweep)


@kernel(error_model="numpy")
def bring(one: Any, source: Any, dt: float, flow: Any, knobs: Any) -> None:
    """Copy the state of a track, now or of the past, to a candidate and move it on by `dt` seconds."""
    for m in range(len(one.weights)):
        for k in range(SIZE):
            one.states[m, k] = source.states[m, k]
        one.weights[m] = source.weights[m]
    if dt > 0:
        predict(one.states, one.weights, one.whole, flow, knobs)
    else:
        blend(one.states, one.weights, one.whole)


@kernel(error_model="numpy")
def see(one: Any, track: Any, sensor: Any, number: int, time: float, knobs: Any, sweep: bool) -> None:
    """Fill in how probably the sensor sees a candidate."""
    one.detects, one.clear = learned.sees(sensor, knobs), 1.0
    if not sweep:
        one.sees = due(track, sensor, number, time)
        return
    spot = np.empty(3)
    lift(track.anchor, one.whole[0], one.whole[2], spot)
    e, n = across(sensor.anchor, spot)
    one.clear = visible(track, number, time, learned.visible(sensor, e, n), knobs)
    one.sees = one.detects * one.clear


@kernel(error_model="numpy")
def due(track: Any, sensor: Any, number: int, time: float) -> Any:
    """How probably, per second, a sensor that does not scan reports a track just now."""
    at = number % RECENT
    if track.recent[at] != number or track.frames[at] < 0:
        return 1 / sensor.interval if sensor.interval == sensor.interval else 0.1
    return revisit_interval.due(sensor, time - track.looked[at], track.gaps[at])


@kernel(error_model="numpy")
def weigh(start: Any, weight: Any, scratch: Any, sweep: bool, least: float, missed: Any) -> None:
    """Turn what each pair is worth into its odds against the track not being seen.

    `missed` becomes the probability that a track exists though it is not seen.
    """
    for c in range(len(start) - 1):
        r = scratch[c].exists
        missed[c] = r * (1 - scratch[c].sees) / (1 - r * scratch[c].sees) if sweep else r
        odds = r * max(scratch[c].sees, least) / (1 - r * scratch[c].sees if sweep else 1.0)
        for p in range(start[c], start[c + 1]):
            weight[p] *= odds


@kernel(error_model="numpy")
def visible(track: Any, number: int, time: float, usual: float, knobs: Any) -> Any:
    """How probably a track is visible to a sensor: as when it looked last, drifting to what is usual there.

    A second Markov chain beside existence (Musicki, Evans and Stankovic 1994).
    """
    at = number % RECENT
    if track.recent[at] != number:
        return usual
    return usual + (track.visible[at] - usual) * math.exp(-abs(time - track.looked[at]) / knobs.hidden)
