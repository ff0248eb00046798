"""Deferred data association: what two tracks could have reported is settled by their next reports.

What reports one by one is given to a track at once; only the next reports of the two show which it was. So
where a rival was likely too, the states before are remembered as places in the ring of past updates (see
`out_of_sequence`), and three hypotheses are kept of the reports since: as they were given; with that report
alone gone over to the rival; with all that came from it on exchanged. The last two are the update and the
switch move of Markov chain Monte Carlo data association (Oh, Russell and Sastry, IEEE T-AC 54(3), 2009), here
tried once for each doubt, and taken where they are likelier. What was told of earlier reports stays as told.
"""

import math
from typing import Any, Final

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking import out_of_sequence, revisit_interval, track_output, update
from watchfloor.desks.surveillance.tracking.motion import SIZE, flows, predict
from watchfloor.desks.surveillance.tracking.reports import POSITION
from watchfloor.desks.surveillance.tracking.state import FINE, RECENT, record

MOST: Final = 256
"""Doubts that are open at once; of more the oldest is given up."""
RIVAL: Final = 0.003
"""Probability that the report was the rival's from which there is a doubt."""
WAIT: Final = 5.0
"""Times what is usual between reports of either that a doubt stays open."""
SOON: Final = 3.0
"""How much likelier another story must be (log) while not both were heard again."""
SURE: Final = 0.5
"""The same once both were."""
DEEP: Final = 8
"""Reports of one track that a story is told of at most."""

KIND: Final = record(
    "time",
    "open entry sensor",
    slot=("i8", (2,)),
    name=("i8", (2,)),
    base=("i8", (2,)),
    known=("i8", (2,)),
    usual=(2,),
    looked=(2,),
)
"""A doubt: its `time`; the `entry` of the ring that holds the report, and its `sensor`. Of the track that was
given it and of its rival each: `slot` and `name`; the serial of the update before (`base`) and of the last
seen (`known`); the `usual` time between reports and when the last was (`looked`), both before. Seconds."""


@kernel(error_model="numpy")
def rivals(start: Any, report: Any, given: Any, chosen: Any, rival: Any) -> None:
    """Fill for each report the likeliest candidate of those that are given nothing; -1: none."""
    best = np.full(len(rival), RIVAL)
    for j in range(len(rival)):
        rival[j] = -1
    for c in range(len(chosen)):
        if chosen[c] >= 0:
            continue
        for p in range(start[c], start[c + 1]):
            if given[p] > best[report[p]]:
                best[report[p]] = given[p]
                rival[report[p]] = c


@kernel(error_model="numpy")
def doubt(doubts: Any, report: Any, first: int, second: int, number: int, tracks: Any, clock: Any) -> None:
    """Note that a report goes to the track in slot `first` and may be of that in slot `second`.

    Called before the track takes it: the next entry of the ring will be its update.
    """
    if report.measure != POSITION or report.claimed >= 0:
        return
    at = number % RECENT
    for slot in (first, second):
        track = tracks[slot]
        if track.hits < 2 or track.past < 0 or track.recent[at] != number or track.frames[at] < 0:
            return
    k = 0
    for i in range(len(doubts)):
        if not doubts[i].open:
            k = i
            break
        if doubts[i].time < doubts[k].time:
            k = i
    one = doubts[k]
    one.open = 1
    one.time = report.t
    one.entry = clock.noted
    one.sensor = number
    for i in range(2):
        slot = first if i == 0 else second
        one.slot[i] = slot
        one.name[i] = tracks[slot].name
        one.base[i] = tracks[slot].past
        one.known[i] = clock.noted if i == 0 else tracks[slot].past
        one.usual[i] = tracks[slot].gaps[at]
        one.looked[i] = tracks[slot].looked[at]


@kernel(error_model="numpy")
def settle(
    doubts: Any,
    time: float,
    tracks: Any,
    past: Any,
    sensors: Any,
    knobs: Any,
    rows: Any,
    written: int,
) -> Any:
    """Look at the doubts whose tracks were heard again or that are old; returns how many rows are written."""
    ours = np.empty((4, DEEP), np.int64)
    for k in range(len(doubts)):
        one = doubts[k]
        if not one.open:
            continue
        a, b = tracks[one.slot[0]], tracks[one.slot[1]]
        if a.name != one.name[0] or b.name != one.name[1]:
            one.open = 0
            continue
        sensor = sensors[one.sensor]
        old = time > one.time + WAIT * _pace(one, sensor)
        if a.past == one.known[0] and b.past == one.known[1] and not old:
            continue
        n, m = _since(past, a, one, 0, ours[0]), _since(past, b, one, 1, ours[1])
        if n < 1 or m < 0 or past[ours[0, 0]].serial != one.entry:
            one.open = 0
            continue
        one.known[0], one.known[1] = a.past, b.past
        both = (n > 1 and m > 0) or old
        story = _likeliest(one, time, tracks, past, sensor, knobs, ours, n, m, SURE if both else SOON)
        if both or story > 0:
            one.open = 0
        if story > 0:
            written = _retell(one, story, tracks, past, sensor, knobs, ours, n, m, rows, written)
    return written


@kernel(error_model="numpy")
def _pace(one: Any, sensor: Any) -> Any:
    """The longer of what is usual between reports of the two, seconds."""
    usual = 0.0
    for i in range(2):
        if one.usual[i] == one.usual[i]:
            usual = max(usual, one.usual[i])
    if usual > 0:
        return usual
    return sensor.interval if sensor.interval == sensor.interval else 10.0


@kernel(error_model="numpy")
def _since(past: Any, track: Any, one: Any, i: int, found: Any) -> Any:
    """List the places in the ring of what a track took since a doubt, oldest first; returns how many.

    -1 where that cannot be told: too many, of another sensor, or forgotten.
    """
    count = 0
    serial = track.past
    while serial != one.base[i]:
        at = out_of_sequence.place_of(past, serial, track)
        if at < 0 or count == len(found) or not past[at].hit or past[at].sensor != one.sensor:
            return -1
        if past[at].report.measure != POSITION:
            return -1
        found[count] = at
        count += 1
        serial = past[at].before
    if out_of_sequence.place_of(past, serial, track) < 0:
        return -1
    for k in range(count // 2):
        found[k], found[count - 1 - k] = found[count - 1 - k], found[k]
    return count


@kernel(error_model="numpy")
def _lists(story: int, ours: Any, n: int, m: int) -> Any:
    """Write to the last two rows of `ours` what each of the two has in a story; returns how many each."""
    if story == 1:
        ours[2, : n - 1] = ours[0, 1:n]
        count = min(m, DEEP - 1)
        ours[3, 0] = ours[0, 0]
        ours[3, 1 : count + 1] = ours[1, :count]
        return n - 1, count + 1
    first, second = (ours[1], ours[0]) if story == 2 else (ours[0], ours[1])
    ours[2, :] = first
    ours[3, :] = second
    return (m, n) if story == 2 else (n, m)


@kernel(error_model="numpy")
def _likeliest(
    one: Any,
    time: float,
    tracks: Any,
    past: Any,
    sensor: Any,
    knobs: Any,
    ours: Any,
    n: int,
    m: int,
    margin: float,
) -> Any:
    """The likeliest story: 0, as it was given; by `margin` (log) 1, that report moves, or 2, all since."""
    best, least = 0, -np.inf
    for story in range(3):
        if story == 1 and m >= DEEP:
            continue
        count = _lists(story, ours, n, m)
        told = 0.0
        for i in range(2):
            track = tracks[one.slot[i]]
            base = past[one.base[i] & (len(past) - 1)]
            told += _follow(
                past,
                base,
                ours[2 + i],
                count[i],
                track.anchor,
                one.looked[i],
                one.usual[i],
                time,
                sensor,
                knobs,
            )
        if story == 0:
            least = told + margin
        elif told > least:
            best, least = story, told
    return best


@kernel(error_model="numpy")
def _follow(
    past: Any,
    base: Any,
    found: Any,
    count: int,
    anchor: Any,
    looked: float,
    usual: float,
    time: float,
    sensor: Any,
    knobs: Any,
) -> Any:
    """How likely (log) a track that was as in `base` made these reports, and none after them until `time`."""
    models = len(base.weights)
    states, weights = base.states.copy(), base.weights.copy()
    flow, whole = np.zeros((models, 9)), np.empty(SIZE)
    told, now = 0.0, base.time
    for k in range(count):
        entry = past[found[k]]
        gap = entry.report.t - looked
        if gap <= 0 or entry.time < now:
            return -np.inf
        told += _advance(states, weights, whole, flow, entry, entry.time - now, anchor, sensor, knobs)
        chance, _ = revisit_interval.waits(sensor, gap, usual)
        told += math.log(chance / (gap * 0.6931 / FINE) + 1e-300)
        now, looked, usual = entry.time, entry.report.t, _usual(usual, gap)
    return told + math.log(revisit_interval.survives(sensor, time - looked, usual))


@kernel(error_model="numpy")
def _usual(usual: float, gap: float) -> Any:
    """Return the smoothed time between reports after one more gap."""
    return gap if usual != usual else usual + 0.2 * (gap - usual)


@kernel(error_model="numpy")
def _advance(
    states: Any,
    weights: Any,
    whole: Any,
    flow: Any,
    entry: Any,
    dt: float,
    anchor: Any,
    sensor: Any,
    knobs: Any,
) -> Any:
    """Move a state on by `dt` seconds and let it take a report; returns how likely that was (log)."""
    models = len(weights)
    if dt > 0:
        flows(dt, knobs, sensor.share, flow)
        predict(states, weights, whole, flow, knobs)
    best = -np.inf
    told = np.empty(models)
    for m in range(models):
        told[m] = update.update_state(
            states[m], entry.report, entry.time, anchor, entry.noise[0], entry.noise[1], entry.noise[2]
        )
        best = max(best, told[m])
    total = 0.0
    for m in range(models):
        weights[m] = weights[m] * math.exp(told[m] - best) + 1e-300
        total += weights[m]
    for m in range(models):
        weights[m] /= total
    return best + math.log(total)


@kernel(error_model="numpy")
def _retell(
    one: Any,
    story: int,
    tracks: Any,
    past: Any,
    sensor: Any,
    knobs: Any,
    ours: Any,
    n: int,
    m: int,
    rows: Any,
    written: int,
) -> Any:
    """Make both tracks what they are in a story, and tell a row of each; returns the rows written."""
    count = _lists(story, ours, n, m)
    for i in range(2):
        track = tracks[one.slot[i]]
        _rebuild(one, i, track, past, sensor, knobs, ours[2 + i], count[i])
        track.hits += count[i] - (n if i == 0 else m)
        written = track_output.tell_late(track, -1, sensor.name, knobs, rows, written)
    return written


@kernel(error_model="numpy")
def _rebuild(
    one: Any, i: int, track: Any, past: Any, sensor: Any, knobs: Any, found: Any, count: int
) -> None:
    """Let a track, as it was before the doubt, take these reports and no others."""
    base = past[one.base[i] & (len(past) - 1)]
    at = one.sensor % RECENT
    flow, whole = np.zeros((len(track.weights), 9)), np.empty(SIZE)
    for k in range(len(track.weights)):
        track.states[k] = base.states[k]
        track.weights[k] = base.weights[k]
    track.time = base.time
    track.past = one.base[i]
    track.looked[at], track.gaps[at] = one.looked[i], one.usual[i]
    track.seen = base.report.t if base.hit else one.looked[i]
    for k in range(count):
        entry = past[found[k]]
        _advance(
            track.states,
            track.weights,
            whole,
            flow,
            entry,
            entry.time - track.time,
            track.anchor,
            sensor,
            knobs,
        )
        entry.name, entry.before = track.name, track.past
        for m in range(len(track.weights)):
            entry.states[m] = track.states[m]
            entry.weights[m] = track.weights[m]
        track.time, track.past, track.seen = entry.time, entry.serial, entry.report.t
        track.gaps[at] = _usual(track.gaps[at], entry.report.t - track.looked[at])
        track.looked[at] = entry.report.t
        for x in range(3):
            track.spot[x] = entry.report.place[x]
    track.charged[at] = 0.0
    track.ask[at] = revisit_interval.ask(sensor, track.looked[at], track.gaps[at])
