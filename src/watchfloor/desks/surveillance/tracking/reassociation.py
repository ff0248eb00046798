"""Reassociation: which reports of a recording are of one object, decided over the whole of it.

What passes by is given to a track before the next report is known. Where a recording is at hand, all of it
can be weighed: objects are chains of reports, and a chain costs what its reports are unlikely, each after
the three before it. Moves that exchange the ends of two chains, cut one, or bring a report or two from one
to the other are tried at random and taken by the Metropolis rule while the temperature falls: Markov chain
Monte Carlo data association (S. Oh, S. Russell and S. Sastry, IEEE Trans. AC 54(3), 2009) as simulated
annealing. Then ends are joined to starts over long silences, by the best one-to-one assignment.

A report's place follows from the last two by a mixture: errors along and across the course as of white
acceleration of several strengths, a rest of several widths, and any course of several speeds. Its time
follows from the last two intervals, by a histogram. Weights and a first histogram (`reassociation.json`)
were learned by expectation maximisation on AIS that is named in `benchmarks/surveillance/ais.py`; where the
recording has another pace, and after the first pass anyway, the histogram is learned of the recording.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking.reports import Updates
from watchfloor.desks.surveillance.tracking_metrics import best

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

SILENCE: Final = 25.0
"""Times the usual interval up to which the next report of a chain is looked for; beyond, ends are joined."""
FASTEST: Final = 30.0
"""m/s that any object may go; more where the tracker followed faster ones."""
CANDIDATES: Final = 30
"""Next reports that are weighed of each."""
CHAIN: Final = 35.0
"""Cost (nats) of a chain more: a birth, per m² and second, and an end."""
HEAT: Final = ((3.0, 0.5, 1200), (1.0, 0.2, 1200))
"""Of both passes the first and last temperature, and how often each report is tried."""
TRIES: Final = 16
"""Refused moves of a report after which it is tried half as often."""
JOIN: Final = 20.0
"""Gain (nats, less the density of place and log time) of one chain fewer when ends are joined."""
LONGEST: Final = 86_400.0
"""Seconds over which ends are joined."""
FARTHEST: Final = 60_000.0
"""Metres over which ends are joined."""

STRENGTHS: Final = 10.0 ** np.arange(-4, 2)
"""Spectral densities of the white acceleration, m²/s³: along the course each with across it each."""
WIDTHS: Final = np.array([1.5, 4.0, 12.0, 40.0])
"""Metres, of one that rests."""
SPEEDS: Final = np.array([1.0, 4.0, 12.0])
"""m/s, of one that may go anywhere."""
PLACE_VAR: Final = 2.0
"""m², of a reported place on each axis: the coordinates' last digit, mostly."""
SLOWER: Final = np.array([0.3, 1.0, 3.0, 6.0, 10.0])
"""m/s that part the classes of speed."""
SOONER: Final = np.array([150.0, 400.0])
"""Seconds that part the classes of time."""
PARTS: Final = len(STRENGTHS) ** 2 + len(WIDTHS) + len(SPEEDS)
WEIGHTS: Final = (len(SLOWER) + 1, len(SOONER) + 1, PARTS)

FINE: Final = 24
"""Classes of an interval for each doubling."""
BINS: Final = FINE * 14
SHORTEST: Final = 0.25
"""Seconds of the first class."""
BEFORE: Final = 16
"""Classes of the interval before."""
SAME_PACE: Final = 0.5
"""Nats that what was taught of intervals may tell them worse than they tell themselves."""
STEP: Final = 2_000_003
"""A prime that mixes the axes of a cell's key; greater than the cells on one axis."""

RESTS: Final = ((5.0, 0.3), (20.0, 0.15), (100.0, 0.1), (400.0, 0.05))
"""Metres from where it fell silent at which an object speaks again after hours, and how often. This and the
next two are judgement, and were tried on what is tuned on."""
ROAMS: Final = ((0.1, 0.05), (1.0, 0.1), (4.0, 0.1), (8.0, 0.05))
"""The same by metres a second of the silence."""
GOES_ON: Final = (0.3, 0.1)
"""The same where it went on: error as a share of the way, and how often."""


class Pace(NamedTuple):
    """How likely (log, per second) an interval is.

    Attributes:
        alone: [BINS] where none before is known.
        after: [BEFORE, BINS] by the class of the one before.
        next: [BEFORE, BEFORE, BINS] by the classes of the last and the one before it.
        usual: seconds, the median interval, by which the classes count.
    """

    alone: Floats
    after: Floats
    next: Floats
    usual: float


def reassociate(
    t: Floats, place: Floats, track: Numbers, progress: Callable[[float], object] = lambda _: None
) -> Numbers:
    """Return a number for each report, the same for those of one object: [n], 0 first, in order of time.

    Args:
        t: [n] seconds.
        place: [n, 3] metres from the Earth's centre, or of a plane.
        track: [n] a first guess, -1 for none: the tracker's. It says what interval and speed are usual.
        progress: told the share that is done.
    """
    order = np.argsort(t, kind="stable")
    t, place = np.ascontiguousarray(t[order]), np.ascontiguousarray(place[order])
    before, after = _links(track[order], t)
    if len(t) < 3 or not (before >= 0).any():
        return np.asarray(track, np.int64)
    linked = np.flatnonzero(before >= 0)
    interval = t[linked] - t[before[linked]]
    usual = float(np.median(interval))
    speed = np.linalg.norm(place[linked] - place[before[linked]], axis=1) / interval
    fastest = max(FASTEST, 1.5 * float(np.quantile(speed, 0.999)))
    taught = _taught()
    # Cells as wide as the fastest goes in five intervals: the cells about a report's own hold its next one.
    cell = max(5 * usual * fastest, 100.0)
    found = candidates(place, t, SILENCE * usual, cell, fastest)
    too_long = np.flatnonzero((before >= 0) & (t - t[before] > SILENCE * usual))
    after[before[too_long]] = -1
    before[too_long] = -1
    pace = _first_pace(t, clear(place, t, found), usual, taught)
    sweeps = sum(count for *_, count in HEAT)
    done = 0
    for number, (hot, cold, count) in enumerate(HEAT):
        if number:
            pace = _pace(t, before, usual)
        state = _Search(place, t, before, after, found, taught.motion, pace)
        for at in range(0, count, 10):
            heats = hot * (cold / hot) ** (np.arange(at, min(at + 10, count)) / count)
            state.anneal(heats, seed=1_000 * number + at)
            done += len(heats)
            progress(done / sweeps)
    _join(place, t, before, after, fastest)
    label = np.empty(len(t), np.int64)
    label[order] = number_chains(before)
    return label


def _links(track: Numbers, t: Floats) -> tuple[Numbers, Numbers]:
    """The report before and after each on its track, -1 for none: [n] each. One object speaks once a time."""
    order = np.lexsort((t, track))
    first, second = order[:-1], order[1:]
    same = (track[first] == track[second]) & (track[first] >= 0) & (t[first] < t[second])
    before, after = np.full(len(t), -1), np.full(len(t), -1)
    after[first[same]] = second[same]
    before[second[same]] = first[same]
    return before, after


class _Taught(NamedTuple):
    """Weights and intervals of `reassociation.json`.

    Attributes:
        motion: weights of the mixture by classes of speed and time; see `WEIGHTS`.
        pace: how often each interval followed each class of the one before [BEFORE, BINS].
        usual: seconds, the median interval there.
    """

    motion: Floats
    pace: Floats
    usual: float


def _taught() -> _Taught:
    held = json.loads(Path(__file__).with_suffix(".json").read_bytes())
    motion = np.array(held["motion"], float).reshape(WEIGHTS) + 0.01
    pace = np.zeros((BEFORE, BINS))
    for row, first, counts in held["pace"]:
        pace[row, first : first + len(counts)] = counts
    return _Taught(motion / motion.sum(axis=2, keepdims=True), pace, held["usual"])


def _first_pace(t: Floats, before: Numbers, usual: float, taught: _Taught) -> Pace:
    """Return the learned histogram of intervals where it tells those that are beyond doubt as well as they
    tell themselves; else theirs."""
    alone, after, both = _intervals(t, before, taught.usual)
    none = np.zeros_like(both)
    shared = _densities(taught.pace.sum(0), taught.pace, none, taught.usual, _whole(t))
    own = _densities(alone, after, none, taught.usual, _whole(t))
    loss = float((after * (own.after - shared.after)).sum()) / max(float(after.sum()), 1.0)
    return shared if loss < SAME_PACE else _pace(t, before, usual)


def _pace(t: Floats, before: Numbers, usual: float) -> Pace:
    """Return the histogram of the intervals of chains as they are."""
    return _densities(*_intervals(t, before, usual), usual, _whole(t))


def _intervals(t: Floats, before: Numbers, usual: float) -> tuple[Floats, Floats, Floats]:
    """How often each interval is met: alone, after which class, after which two."""
    counts = np.zeros(BINS), np.zeros((BEFORE, BINS)), np.zeros((BEFORE, BEFORE, BINS))
    count_intervals(t, before, usual, *counts)
    return counts


def _whole(t: Floats) -> bool:
    return bool((t == np.round(t)).all())


def _densities(alone: Floats, after: Floats, both: Floats, usual: float, whole: bool) -> Pace:
    """Smooth counts: what is rare leans on the row of fewer conditions, and that on its octave."""
    edges = SHORTEST * 2.0 ** (np.arange(BINS + 1) / FINE)
    # Seconds that a class holds: of whole ones, how many there are in it.
    held = np.floor(edges[1:] - 1e-9) - np.ceil(edges[:-1] - 1e-9) + 1 if whole else np.diff(edges)
    octave = np.repeat(alone.reshape(-1, FINE).mean(1), FINE)
    alone = alone + 0.3 * octave + 0.02
    alone /= alone.sum()
    after = after + 30 * alone
    after /= after.sum(1, keepdims=True)
    both = both + 20 * after[:, None]
    both /= both.sum(2, keepdims=True)
    width = np.maximum(held, 0.3)
    return Pace(np.log(alone / width), np.log(after / width), np.log(both / width), usual)


class _Search:
    """Chains under annealing. `before` and `after` are changed in place."""

    def __init__(
        self,
        place: Floats,
        t: Floats,
        before: Numbers,
        after: Numbers,
        found: npt.NDArray[np.int32],
        weights: Floats,
        pace: Pace,
    ) -> None:
        self._model = (place, t, before, weights, *pace)
        self._after, self._found = after, found
        self._count = (found >= 0).sum(1)
        self._cost = costs(*self._model)
        self._calm = np.zeros(len(t), np.int64)

    def anneal(self, heats: Floats, seed: int) -> None:
        """Try as many moves as there are reports at each temperature."""
        anneal(*self._model, self._after, self._found, self._count, self._cost, self._calm, heats, seed)


@kernel(error_model="numpy")
def _kind(speed: float, interval: float) -> Any:
    """Classes of speed and time."""
    k = 0
    while k < len(SLOWER) and speed >= SLOWER[k]:
        k += 1
    m = 0
    while m < len(SOONER) and interval >= SOONER[m]:
        m += 1
    return k, m


@kernel(error_model="numpy")
def _distance2(place: Any, i: int, j: int) -> Any:
    """Squared metres between two reports."""
    total = 0.0
    for z in range(3):
        total += (place[j, z] - place[i, z]) ** 2
    return total


@kernel(error_model="numpy")
def place_density(place: Any, t: Any, a: int, b: int, c: int, weights: Any, parts: Any) -> Any:
    """How likely, per m², report `c` is where it is after `a` and `b`: its classes of speed and time, and the
    density. `parts` gets the share of each part of the mixture, and behind them room for work."""
    since, interval = t[b] - t[a], t[c] - t[b]
    ratio = interval / since
    way2, moved2, error2, along = 0.0, 0.0, 0.0, 0.0
    for z in range(3):
        way = place[b, z] - place[a, z]
        moved = place[c, z] - place[b, z]
        error = moved - way * ratio
        way2 += way * way
        moved2 += moved * moved
        error2 += error * error
        along += error * way
    along2 = along * along / way2 if way2 > 1.0 else error2 / 2
    across2 = max(error2 - along2, 0.0)
    speed, late = _kind(math.sqrt(way2) / since, interval)
    share = weights[speed, late]
    # Of a place predicted by the last two under white acceleration (Bar-Shalom and others 2001, 6.2.2).
    spread = interval * interval * (since + interval) / 3
    ratio = min(ratio, 20.0)
    least = PLACE_VAR * (1 + ratio + ratio * ratio)
    tau = 1 / (2 * math.pi)
    count = len(STRENGTHS)
    for j in range(count):
        var = least + STRENGTHS[j] * spread
        parts[PARTS + j] = math.exp(-0.5 * across2 / var) / math.sqrt(var)
    total, q = 0.0, 0
    for i in range(count):
        var = least + STRENGTHS[i] * spread
        here = tau * math.exp(-0.5 * along2 / var) / math.sqrt(var)
        for j in range(count):
            parts[q] = share[q] * here * parts[PARTS + j]
            total += parts[q]
            q += 1
    for i in range(len(WIDTHS) + len(SPEEDS)):
        var = WIDTHS[i] ** 2 if i < len(WIDTHS) else (SPEEDS[i - len(WIDTHS)] * interval) ** 2
        parts[q] = share[q] * tau * math.exp(-0.5 * moved2 / var) / var
        total += parts[q]
        q += 1
    return speed, late, total


@kernel(error_model="numpy")
def _class(interval: float) -> Any:
    """Class of an interval."""
    return min(max(int(math.log2(interval / SHORTEST) * FINE), 0), BINS - 1)


@kernel(error_model="numpy")
def _class_before(interval: float, usual: float) -> Any:
    """Class of the interval before: a sixth of a doubling about what is usual, then whole ones."""
    x = interval / usual
    if x < 3.2:
        return min(max(int(math.log2(x) * 6) + 3, 0), 11)
    return min(12 + int(math.log2(x / 3.2)), BEFORE - 1)


@kernel(error_model="numpy")
def count_intervals(t: Any, before: Any, usual: float, alone: Any, after: Any, both: Any) -> None:
    """Count the intervals of chains, by those before them."""
    for c in range(len(t)):
        b = before[c]
        if b < 0:
            continue
        k = _class(t[c] - t[b])
        alone[k] += 1
        a = before[b]
        if a < 0:
            continue
        last = _class_before(t[b] - t[a], usual)
        after[last, k] += 1
        if before[a] >= 0:
            both[last, _class_before(t[a] - t[before[a]], usual), k] += 1


@kernel(error_model="numpy")
def _cost(
    place: Any,
    t: Any,
    before: Any,
    weights: Any,
    alone: Any,
    after: Any,
    both: Any,
    usual: float,
    c: int,
    w: Any,
) -> Any:
    """How unlikely (nats) a report is after those before it on its chain."""
    b = before[c]
    if b < 0:
        return CHAIN
    interval = t[c] - t[b]
    k = _class(interval)
    a = before[b]
    if a < 0:
        # Nothing is known of its motion: half rest.
        d2 = _distance2(place, b, c)
        v1, v2, v3 = (2 * interval) ** 2, (7 * interval) ** 2, (15 * interval) ** 2
        density = 0.4 * math.exp(-0.5 * d2 / 16) / 16 + 0.1 * math.exp(-0.5 * d2 / 400) / 400
        density += 0.2 * math.exp(-0.5 * d2 / v1) / v1 + 0.25 * math.exp(-0.5 * d2 / v2) / v2
        density += 0.05 * math.exp(-0.5 * d2 / v3) / v3
        return -alone[k] - math.log(density / (2 * math.pi) + 1e-30)
    _, _, density = place_density(place, t, a, b, c, weights, w)
    last = _class_before(t[b] - t[a], usual)
    first = before[a]
    chance = after[last, k] if first < 0 else both[last, _class_before(t[a] - t[first], usual), k]
    return -chance - math.log(density + 1e-30)


@kernel(error_model="numpy")
def costs(
    place: Any, t: Any, before: Any, weights: Any, alone: Any, after: Any, both: Any, usual: float
) -> Any:
    """Return the cost of each report, nats [n]."""
    w = np.empty(PARTS + len(STRENGTHS))
    found = np.empty(len(t))
    for c in range(len(t)):
        found[c] = _cost(place, t, before, weights, alone, after, both, usual, c, w)
    return found


@kernel(error_model="numpy")
def candidates(place: Any, t: Any, longest: float, cell: float, fastest: float) -> Any:
    """Return the next reports of each, likeliest by time and distance first: [n, CANDIDATES], then -1.

    Args:
        place, t: reports in the order of their times.
        longest: seconds after a report in which they are looked for.
        cell: metres, side of the cells in which places are sorted; the 27 about a report's are searched.
        fastest: m/s.
    """
    n = len(t)
    corner = np.empty((n, 3), np.int64)
    keys = np.empty(n, np.int64)
    for i in range(n):
        for z in range(3):
            corner[i, z] = math.floor(place[i, z] / cell)
        keys[i] = (corner[i, 0] * STEP + corner[i, 1]) * STEP + corner[i, 2]
    order = np.argsort(keys, kind="mergesort")  # stable: within a cell the order of times
    keys = keys[order]
    found = np.full((n, CANDIDATES), -1, np.int32)
    score = np.empty(CANDIDATES)
    for i in range(n):
        m = 0
        for near in range(27):
            x, y, z = near // 9 - 1, near // 3 % 3 - 1, near % 3 - 1
            key = ((corner[i, 0] + x) * STEP + corner[i, 1] + y) * STEP + corner[i, 2] + z
            low = np.searchsorted(keys, key)
            high = np.searchsorted(keys, key, side="right")
            for at in range(low + np.searchsorted(order[low:high], i + 1), high):
                j = order[at]
                interval = t[j] - t[i]
                if interval > longest:
                    break
                if interval <= 0:
                    continue
                d2 = _distance2(place, i, j)
                if d2 > (fastest * interval) ** 2 + 1e4:
                    continue
                s = math.log(interval) + math.log(20.0 + d2)
                worst = m
                if m < CANDIDATES:
                    m += 1
                else:
                    worst = int(np.argmax(score))
                    if s >= score[worst]:
                        continue
                score[worst] = s
                found[i, worst] = j
        found[i, :m] = found[i, np.argsort(score[:m])]
    return found


@kernel(error_model="numpy")
def clear(place: Any, t: Any, found: Any) -> Any:
    """Return for each report the one before it where each is the other's likeliest, by time and distance."""
    n = len(t)
    next_, last = np.full(n, -1), np.full(n, -1)
    onward, back = np.full(n, np.inf), np.full(n, np.inf)
    for i in range(n):
        for k in range(CANDIDATES):
            j = found[i, k]
            if j < 0:
                break
            s = math.log(t[j] - t[i]) + math.log(20.0 + _distance2(place, i, j))
            if s < onward[i]:
                onward[i], next_[i] = s, j
            if s < back[j]:
                back[j], last[j] = s, i
    for j in range(n):
        if last[j] >= 0 and next_[last[j]] != j:
            last[j] = -1
    return last


@kernel(error_model="numpy")
def _move(i: int, t: Any, before: Any, after: Any, found: Any, count: Any, link: Any) -> Any:
    """Draw a move of report `i`: how many links it makes, in rows of `link` (from, to; -1: none)."""
    draw = np.random.randint(10)
    n = after[i]
    if draw == 9:  # cut after i
        link[0, 0], link[0, 1] = i, -1
        link[1, 0], link[1, 1] = -1, n
        return 2 if n >= 0 else 0
    j = found[i, int(count[i] * np.random.random() ** 2)]  # the likelier more often
    if n == j:
        return 0
    p, q = before[j], after[j]
    link[0, 0], link[0, 1] = i, j
    if draw < 6:  # what follows i and what j begins change their chains
        if p >= 0 and n >= 0 and t[p] >= t[n]:
            return 0
        link[1, 0], link[1, 1] = p, n
        return 2 if p >= 0 or n >= 0 else 1
    if draw < 8:  # j alone comes between i and the next
        if p == i or (n >= 0 and t[j] >= t[n]):
            return 0
        link[1, 0], link[1, 1] = j, n
        link[2, 0], link[2, 1] = p, q
        return 3 if p >= 0 or q >= 0 else 2
    # j and the next of i change places
    if n < 0 or p == n or q == n or after[n] == j:
        return 0
    m = after[n]
    if (p >= 0 and t[p] >= t[n]) or (m >= 0 and t[j] >= t[m]) or (q >= 0 and t[n] >= t[q]):
        return 0
    link[1, 0], link[1, 1] = j, m
    link[2, 0], link[2, 1] = p, n
    link[3, 0], link[3, 1] = n, q
    return 4


@kernel(error_model="numpy")
def anneal(
    place: Any,
    t: Any,
    before: Any,
    weights: Any,
    alone: Any,
    pace: Any,
    both: Any,
    usual: float,
    after: Any,
    found: Any,
    count: Any,
    cost: Any,
    calm: Any,
    heats: Any,
    seed: int,
) -> None:
    """Try moves at falling temperatures: `before`, `after` and `cost` become those of what was taken.

    `calm` [n] counts the refused moves of each report since one that touched it was taken.
    """
    np.random.seed(seed)
    n = len(t)
    w = np.empty(PARTS + len(STRENGTHS))
    live = np.flatnonzero(count > 0)
    link = np.empty((4, 2), np.int64)
    touched, was_before, was_after = np.empty(8, np.int64), np.empty(8, np.int64), np.empty(8, np.int64)
    changed, fresh = np.empty(12, np.int64), np.empty(12)
    for heat in heats:
        for _ in range(min(n, len(live))):
            i = live[np.random.randint(len(live))]
            # Most reports have one next report that can be: whose moves were all refused is tried less.
            if np.random.random() * (TRIES + calm[i]) > TRIES:
                continue
            links = _move(i, t, before, after, found, count, link)
            if links == 0:
                continue
            held = 0
            for o in range(links):
                for side in range(2):
                    if link[o, side] >= 0:
                        touched[held] = link[o, side]
                        held += 1
            for z in range(held):
                was_before[z], was_after[z] = before[touched[z]], after[touched[z]]
            for o in range(links):
                if link[o, 0] >= 0:
                    after[link[o, 0]] = link[o, 1]
                if link[o, 1] >= 0:
                    before[link[o, 1]] = link[o, 0]
            # A report's cost rests on the three before it, so each new link changes that of three.
            seen, worse = 0, 0.0
            for o in range(links):
                c = link[o, 1]
                for _step in range(3):
                    if c < 0:
                        break
                    known = False
                    for z in range(seen):
                        known = known or changed[z] == c
                    if not known:
                        changed[seen] = c
                        fresh[seen] = _cost(place, t, before, weights, alone, pace, both, usual, c, w)
                        worse += fresh[seen] - cost[c]
                        seen += 1
                    c = after[c]
            if worse <= 0 or np.random.random() < math.exp(-worse / heat):
                for z in range(seen):
                    cost[changed[z]] = fresh[z]
                    calm[changed[z]] = 0
                for z in range(held):
                    calm[touched[z]] = 0
                continue
            calm[i] += 1
            for z in range(held):
                before[touched[z]], after[touched[z]] = was_before[z], was_after[z]


def _join(place: Floats, t: Floats, before: Numbers, after: Numbers, fastest: float) -> None:
    """Join ends of chains to starts after a silence, where that is likelier than an object more."""
    ends, starts = np.flatnonzero(after < 0), np.flatnonzero(before < 0)
    onward = _velocity(place, t, before[ends], ends)
    away = _velocity(place, t, starts, after[starts])
    rows, columns, gains = [], [], []
    for at, end in enumerate(ends):
        low, high = np.searchsorted(t[starts], (t[end], t[end] + LONGEST), side="right")
        column = np.arange(low, high)
        silence = t[starts[column]] - t[end]
        way = place[starts[column]] - place[end]
        d2 = (way**2).sum(1)
        near = d2 < np.minimum(fastest / 2 * silence + 100.0, FARTHEST) ** 2
        column, silence, way, d2 = column[near], silence[near], way[near], d2[near]
        density = np.zeros(len(column))
        for width, share in RESTS:
            density += share * np.exp(-0.5 * d2 / width**2) / width**2
        for speed, share in ROAMS:
            spread = np.maximum(speed * silence, 50.0) ** 2
            density += share * np.exp(-0.5 * d2 / spread) / spread
        velocity = (onward[at] + away[column]) / 2
        spread = np.maximum(GOES_ON[0] * np.linalg.norm(velocity, axis=1) * silence, 100.0) ** 2
        error2 = ((way - velocity * silence[:, None]) ** 2).sum(1)
        density += GOES_ON[1] * np.exp(-0.5 * error2 / spread) / spread
        gain = JOIN + np.log(density / (2 * np.pi) + 1e-300) - np.log(silence)
        good = gain > 0
        rows.append(np.full(int(good.sum()), at))
        columns.append(column[good])
        gains.append(gain[good])
    if not rows or not sum(map(len, rows)):
        return
    row, column, gain = (np.concatenate(parts) for parts in (rows, columns, gains))
    pairs = best(row, column, gain, len(ends), len(starts))
    after[ends[pairs[:, 0]]] = starts[pairs[:, 1]]
    before[starts[pairs[:, 1]]] = ends[pairs[:, 0]]


def _velocity(place: Floats, t: Floats, first: Numbers, second: Numbers) -> Floats:
    """m/s between two reports each [n, 3]; 0 where one is none (-1)."""
    known = (first >= 0) & (second >= 0)
    found = np.zeros((len(first), 3))
    a, b = first[known], second[known]
    found[known] = (place[b] - place[a]) / (t[b] - t[a])[:, None]
    return found


def number_chains(before: Numbers) -> Numbers:
    """Return the number of each report's chain, by their first reports: [n]."""
    label = np.cumsum(before < 0) - 1
    for at in range(len(before)):
        if before[at] >= 0:
            label[at] = label[before[at]]
    return np.asarray(label, np.int64)


def join_tracks(updates: Sequence[Updates], chain: Numbers) -> Updates:
    """Return the updates of all calls as one, tracks of one chain under the number of the first of them.

    A track ends where nothing was heard for an hour, and its chain may go on: what was told of the earlier
    track after the later one began is left out.

    Args:
        updates: in order, from the first report on.
        chain: [reports] the chain of each, -1 for none.
    """
    columns: dict[str, Any] = {
        field.name: np.concatenate([getattr(one, field.name) for one in updates])
        for field in fields(Updates)
        if field.name != "first"
    }
    reasons, track = columns.pop("reasons"), columns["track"]
    took = np.flatnonzero(columns["report"] >= 0)
    took = took[chain[columns["report"][took]] >= 0]
    pairs, often = np.unique(
        np.column_stack((track[took], chain[columns["report"][took]])), axis=0, return_counts=True
    )
    # Of each track the chain that most of its reports are of; of each chain its tracks as they began.
    mostly = pairs[np.lexsort((-often, pairs[:, 0]))]
    mostly = mostly[np.unique(mostly[:, 0], return_index=True)[1]]
    begun = np.full(int(track.max(initial=-1)) + 1, np.inf)
    np.minimum.at(begun, track, columns["t"])
    mostly = mostly[np.lexsort((begun[mostly[:, 0]], mostly[:, 1]))]
    until, name = np.full(len(begun), np.inf), np.arange(len(begun))
    for (earlier, its), (later, other) in zip(mostly[:-1].tolist(), mostly[1:].tolist(), strict=True):
        if its == other:
            until[earlier], name[later] = begun[later], name[earlier]
    kept = (columns["t"] < until[track]) | (columns["report"] >= 0)
    columns["track"] = name[track]
    return Updates(**{key: values[kept] for key, values in columns.items()}, first=0, reasons=reasons)
