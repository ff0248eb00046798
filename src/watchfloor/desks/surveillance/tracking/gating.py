"""Which reports can be of which tracks: a grid over the reports of a frame, and what each pair is worth."""

import math
from typing import Any

import numpy as np
from numba import njit

from watchfloor.desks.surveillance.tracking import measurements
from watchfloor.desks.surveillance.tracking.motion import SIZE
from watchfloor.desks.surveillance.tracking.places import across, lift
from watchfloor.desks.surveillance.tracking.reports import BEARING, POSITION

TINY = 1e-300


@njit(cache=True, nogil=True, error_model="numpy")
def grid(feed: Any, a: int, b: int, plane: Any) -> Any:
    """Sort the positions among reports `a` to `b` into square cells of the plane.

    Returns (start [cells + 1], order [positions], (west, south, side, columns, rows)). A plane that is not
    a report's own brings places closer together, never farther apart, so no neighbour is missed.
    """
    m = b - a
    x = np.empty(m)
    y = np.empty(m)
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    for j in range(m):
        if feed.measure[a + j] == POSITION:
            x[j], y[j] = across(plane, feed.place[a + j])
            west, east = min(west, x[j]), max(east, x[j])
            south, north = min(south, y[j]), max(north, y[j])
    side = max(
        math.sqrt(max((east - west) * (north - south), 0.0) / m), (east - west + north - south) / m / 4, 1.0
    )
    if not math.isfinite(side):
        west, south, east, north, side = 0.0, 0.0, 0.0, 0.0, 1.0
    columns = int((east - west) / side) + 1
    rows = int((north - south) / side) + 1
    start = np.zeros(columns * rows + 1, np.int64)
    cell = np.full(m, -1, np.int64)
    for j in range(m):
        if feed.measure[a + j] == POSITION:
            cell[j] = int((x[j] - west) / side) * rows + int((y[j] - south) / side)
            start[cell[j] + 1] += 1
    for k in range(columns * rows):
        start[k + 1] += start[k]
    order = np.empty(start[-1], np.int64)
    at = start.copy()
    for j in range(m):
        if cell[j] >= 0:
            order[at[cell[j]]] = j
            at[cell[j]] += 1
    return start, order, (west, south, side, columns, rows)


@njit(cache=True, nogil=True, error_model="numpy")
def pairs(
    feed: Any,
    a: int,
    b: int,
    time: float,
    noise: Any,
    density: Any,
    tracks: Any,
    work: Any,
    count: int,
    plane: Any,
    knobs: Any,
) -> Any:
    """Every (candidate, report) within the gate: start [count + 1], report, worth, and that of each model.

    The worth of a pair is its likelihood over the density of reports that no track explains. `noise` is
    [m, 3] the covariance of each report, `density` [m].
    """
    models = work.weights.shape[1]
    start = np.zeros(count + 1, np.int64)
    room = 8 * count + 64
    report = np.empty(room, np.int64)
    worth = np.empty(room)
    each = np.empty((room, models))
    found = 0
    cells, order, (west, south, side, columns, rows) = grid(feed, a, b, plane)
    widest = 0.0
    bearings = np.empty(b - a, np.int64)
    pointing = 0
    first = np.inf
    for j in range(b - a):
        first = min(first, feed.t[a + j])
        if feed.measure[a + j] == POSITION:
            widest = max(widest, noise[j, 0], noise[j, 2])
        elif feed.measure[a + j] == BEARING:
            bearings[pointing] = j
            pointing += 1
    spot = np.empty(3)
    trial = np.empty(SIZE)
    for c in range(count):
        slot = work.slot[c]
        if len(order):
            s = work.whole[c]
            lift(tracks.anchor[slot], s[0], s[2], spot)
            x, y = across(plane, spot)
            early = time - first
            reach = math.sqrt(knobs.gate) * (
                math.sqrt(max(s[4], s[11]) + widest) + early * math.sqrt(max(s[8], s[13]))
            ) + early * math.sqrt(s[1] * s[1] + s[3] * s[3])
            left = max(int(np.floor((x - reach - west) / side)), 0)
            right = min(int(np.floor((x + reach - west) / side)), columns - 1)
            low = max(int(np.floor((y - reach - south) / side)), 0)
            high = min(int(np.floor((y + reach - south) / side)), rows - 1)
            for column in range(left, right + 1):
                if low > high:
                    break
                for k in range(cells[column * rows + low], cells[column * rows + high + 1]):
                    j = order[k]
                    if found == len(report):
                        report, worth, each = _more(report, worth, each)
                    if _position(
                        feed, a + j, time, noise[j], tracks.anchor[slot], work, c, knobs, trial, each[found]
                    ):
                        found = _keep(report, worth, each, found, j, work.weights[c], density[j])
        for k in range(pointing):
            j = bearings[k]
            if found == len(report):
                report, worth, each = _more(report, worth, each)
            if _bearing(feed, a + j, noise[j, 0], tracks.anchor[slot], work, c, knobs, trial, each[found]):
                found = _keep(report, worth, each, found, j, work.weights[c], density[j])
        start[c + 1] = found
    return start, report[:found], worth[:found], each[:found]


@njit(cache=True, nogil=True, error_model="numpy")
def _more(report: Any, worth: Any, each: Any) -> Any:
    """The same three with room for twice as many."""
    n = len(report)
    wider = np.empty(2 * n, np.int64)
    wider[:n] = report
    heavier = np.empty(2 * n)
    heavier[:n] = worth
    more = np.empty((2 * n, each.shape[1]))
    more[:n] = each
    return wider, heavier, more


@njit(cache=True, nogil=True, error_model="numpy")
def _keep(report: Any, worth: Any, each: Any, at: int, j: int, weights: Any, density: float) -> Any:
    """Note the pair whose likelihoods stand in `each[at]`; returns the next place."""
    total = 0.0
    for m in range(len(weights)):
        total += weights[m] * each[at, m]
    report[at] = j
    worth[at] = total / density + TINY
    return at + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _position(
    feed: Any,
    i: int,
    time: float,
    noise: Any,
    anchor: Any,
    work: Any,
    c: int,
    knobs: Any,
    trial: Any,
    likely: Any,
) -> Any:
    """Whether a position is within the gate of a candidate; writes how likely each model makes it."""
    e, n = across(anchor, feed.place[i])
    tau = feed.t[i] - time
    de, dn, s00, s01, s11 = measurements.innovation(work.whole[c], tau, e, n, noise[0], noise[1], noise[2])
    det = s00 * s11 - s01 * s01
    if s11 * de * de - 2 * s01 * de * dn + s00 * dn * dn > knobs.gate * det:
        return False
    more = feed.velocity[i, 0] == feed.velocity[i, 0] or feed.rate[i] == feed.rate[i]
    for m in range(len(likely)):
        s = work.states[c, m]
        if more:
            for k in range(SIZE):
                trial[k] = s[k]
            likely[m] = math.exp(absorb(trial, feed, i, tau, e, n, noise))
        else:
            de, dn, s00, s01, s11 = measurements.innovation(s, tau, e, n, noise[0], noise[1], noise[2])
            det = s00 * s11 - s01 * s01
            d2 = (s11 * de * de - 2 * s01 * de * dn + s00 * dn * dn) / det
            likely[m] = math.exp(-0.5 * d2) / (2 * math.pi * math.sqrt(det))
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def absorb(s: Any, feed: Any, i: int, tau: float, e: float, n: float, noise: Any) -> Any:
    """Update one state with all that a position report says; returns the log-likelihood."""
    told = measurements.place(s, tau, e, n, noise[0], noise[1], noise[2])
    if feed.velocity[i, 0] == feed.velocity[i, 0] and feed.velocity[i, 1] == feed.velocity[i, 1]:
        var = feed.velocity_var[i]
        told += measurements.velocity(
            s, feed.velocity[i, 0], feed.velocity[i, 1], max(var, 0.01) if var == var else 1.0
        )
    if feed.rate[i] == feed.rate[i] and feed.bearing[i] == feed.bearing[i]:
        var = feed.rate_var[i]
        told += measurements.rate(s, feed.bearing[i], feed.rate[i], max(var, 0.01) if var == var else 1.0)
    return told


@njit(cache=True, nogil=True, error_model="numpy")
def _bearing(
    feed: Any, i: int, var: float, anchor: Any, work: Any, c: int, knobs: Any, trial: Any, likely: Any
) -> Any:
    """Whether a bearing is within the gate of a candidate; writes how likely each model makes it."""
    e, n = across(anchor, feed.place[i])
    s = work.whole[c]
    far2 = (s[0] - e) ** 2 + (s[2] - n) ** 2
    if s[4] + s[11] > 0.25 * far2:
        return False
    off = measurements.wrapped(feed.bearing[i] - math.atan2(s[0] - e, s[2] - n))
    if off * off > knobs.gate * (var + max(s[4], s[11]) / far2):
        return False
    for m in range(len(likely)):
        for k in range(SIZE):
            trial[k] = work.states[c, m, k]
        likely[m] = math.exp(measurements.bearing(trial, e, n, feed.bearing[i], var))
    return True
