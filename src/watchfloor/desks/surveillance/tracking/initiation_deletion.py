"""How tracks begin and end."""

import math
from typing import Any

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking import (
    echoes,
    out_of_sequence,
    revisit_interval,
    stationary,
    track_output,
    traffic,
)
from watchfloor.desks.surveillance.tracking import sensors as learned
from watchfloor.desks.surveillance.tracking.gating import motion
from watchfloor.desks.surveillance.tracking.motion import SIZE, flows, predict
from watchfloor.desks.surveillance.tracking.places import across, anchor
from watchfloor.desks.surveillance.tracking.reports import POSITION
from watchfloor.desks.surveillance.tracking.state import RECENT
from watchfloor.desks.surveillance.tracking.track_output import STILL

FAINT = 0.008
"""Probability of existence below which a track that was never confirmed is ended where no sweep can tell."""
DOUBT = 0.05
"""How much less likely young tracks are once it is known that their sensor sweeps (odds)."""
ODD = 0.5
"""Share of a report that tracks must leave unexplained for it to begin a new one."""


@kernel(error_model="numpy")
def begin(
    feed: Any,
    time: float,
    noise: Any,
    taken: Any,
    spoken: Any,
    echo: Any,
    standing: Any,
    parent: Any,
    sweep: bool,
    table: Any,
    tracks: Any,
    past: Any,
    sensor: Any,
    clock: Any,
    knobs: Any,
    speed_var: float,
    rows: Any,
    written: int,
) -> Any:
    """Begin a track at each position that no track explains; of each report a share is likely an `echo`,
    and a share of something `standing`; it may be of the track in the slot `parent`, -1 for none."""
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
        track.exists = min(r * (1 - taken[j]) * (1 - echo[j]) * (1 - standing[j]), 0.9)
        if parent[j] >= 0:
            track.parent, track.parent_name = parent[j], tracks[parent[j]].name
        track.echo = echoes.begun(echo[j], r)
        track.origin = feed[j].sensor
        track.recent[feed[j].sensor % RECENT] = feed[j].sensor
        track.frames[feed[j].sensor % RECENT] = sensor.frames
        track.looked[feed[j].sensor % RECENT] = feed[j].t
        track.gaps[feed[j].sensor % RECENT] = np.nan
        track.visible[feed[j].sensor % RECENT] = 1.0
        track.met[feed[j].sensor % RECENT] = 1
        if not sweep:
            track.ask[feed[j].sensor % RECENT] = revisit_interval.ask(sensor, feed[j].t, np.nan)
        sensor.births[0] += 1 - echo[j]
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
        if track.exists > out_of_sequence.WORTH:
            out_of_sequence.note(past, clock, track, feed[j].sensor, track.exists, feed, j, noise)
        written = track_output.write_row(track, feed[j].number, sensor.name, knobs, rows, written, False)
    return written


@kernel(error_model="numpy")
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
        motion(s, report, 1.0, 0.0)
        track.weights[m] = share[m]
    track.time = track.seen = track.born = report.t
    track.roam = -1.0
    for k in range(stationary.SUMS):
        track.line[k] = 0.0
    track.fine = max(noise[j, 0], noise[j, 2]) < 0.5 * STILL * STILL
    track.gap = np.nan
    track.hits = 1
    track.past = -1
    track.confirmed = False
    track.shown = False
    track.double = False
    track.caster = -1
    track.beside = track.parent_name = 0
    track.parent = -1
    track.swung = track.aside = track.aimed = 0.0
    track.echoes[0] = track.echoes[1] = 0.0
    track.size[0] = track.size[1] = 0.0
    track.altitude = report.altitude
    for k in range(len(track.klass)):
        track.klass[k] = 1.0 if report.klass == k else 0.0
    track.claimed = report.claimed
    track.claims = 1.0 if report.claimed >= 0 else 0.0
    for k in range(RECENT):
        track.recent[k] = -1
        track.met[k] = 0
        track.charged[k] = 0.0
        track.ask[k] = np.inf


@kernel(error_model="numpy")
def _gone(time: float, track: Any, sensor: Any, knobs: Any) -> Any:
    """Whether a track is to be ended: too unlikely, too long silent, or from a time that was taken back."""
    if track.exists < knobs.drop or track.time > time + 0.5 * knobs.rewind:
        return True
    quiet = time - track.seen
    if track.confirmed and track.hits < learned.GROWN:
        return track.exists * track_output.in_sight(track) < 0.1 or quiet > min(
            10 + 10 * track.gap, knobs.silence
        )
    if track.confirmed:
        return quiet > min(60 + 40 * track.gap, knobs.silence)
    if not sensor.sweeps and (track.exists < FAINT or (track.exists < 0.3 and quiet > 10 + 5 * track.gap)):
        return True
    usual = sensor.interval
    return quiet > min(max(5 * usual, 300.0) if usual == usual else 300.0, knobs.silence)


@kernel(error_model="numpy")
def _note_silence(time: float, track: Any, sensors: Any) -> None:
    """Note with the sensors that met a track twice in how many scans they could have met it again, and with
    the track that those that do not sweep have not reported it for long."""
    for k in range(RECENT):
        if track.recent[k] < 0 or track.met[k] == 0:
            continue
        sensor = sensors[track.recent[k]]
        learned.learn_no_sight(sensor, track.met[k], track.frames[k])
        if time > track.ask[k]:
            gap = time - track.looked[k]
            told = math.log(revisit_interval.survives(sensor, gap, track.gaps[k]))
            more = math.exp(min(told - track.charged[k], 0.0))
            track.exists *= more / (1 - track.exists + track.exists * more)
            track.charged[k] = min(told, track.charged[k])
            track.ask[k] = track.looked[k] + revisit_interval.PATIENCE * gap


@kernel(error_model="numpy")
def end(
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
        _note_silence(time, track, sensors)
        if _gone(time, track, sensors[track.origin], knobs):
            if track.hits < learned.GROWN:
                learned.learn_false(track, sensors[track.origin])
            if track.confirmed:
                written = _finish(track, time, knobs, rows, written, True)
            track.confirmed = False  # its slot is free: no younger track may go on as it
            tracks[clock.free].free = slot
            clock.free += 1
        else:
            if track.shown and time > track_output.fresh(track):
                written = _finish(track, time, knobs, rows, written, False)
            tracks[kept].live = slot
            kept += 1
    clock.live = kept
    for s in range(clock.sensors):
        sensors[s].checked = sensors[s].frames
    return written


@kernel(error_model="numpy")
def _finish(track: Any, time: float, knobs: Any, rows: Any, written: int, ended: bool) -> Any:
    """Write the row in which a track is ended, or only no longer shown, at `time`."""
    if time > track.time:
        flow = np.zeros((len(knobs.turn), 9))
        flows(time - track.time, knobs, knobs.share, flow)
        predict(track.states, track.weights, np.empty(SIZE), flow, knobs)
        track.time = time
    return track_output.write_row(track, -1, -1, knobs, rows, written, ended)


@kernel(error_model="numpy")
def doubt_young(number: int, tracks: Any, clock: Any) -> None:
    """Believe less in the young tracks that a sensor began before it was known to sweep, and that there is
    clutter in it."""
    for k in range(clock.live):
        track = tracks[tracks[k].live]
        if track.origin == number and track.hits < learned.GROWN:
            track.exists *= DOUBT / (1 - track.exists + track.exists * DOUBT)


@kernel(error_model="numpy")
def confirm(track: Any, sensor: Any, knobs: Any) -> Any:
    """Confirm a track that is likely enough, with the sensor that began it in mind until it is long grown;
    returns whether it became so just now."""
    need = knobs.confirm if track.hits >= 2 * learned.GROWN else learned.confirms(sensor, knobs)
    before = track.confirmed
    if track.exists > need and track.hits > 2:
        track.confirmed = True
    return track.confirmed and not before
