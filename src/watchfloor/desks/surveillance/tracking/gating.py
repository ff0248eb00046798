"""Which reports can be of which tracks: a grid over the reports of a scan, and what each pair is worth."""

import math
from typing import Any

import numpy as np

from watchfloor.core.kernels import kernel
from watchfloor.desks.surveillance.tracking import measurements
from watchfloor.desks.surveillance.tracking.motion import SIZE
from watchfloor.desks.surveillance.tracking.places import across, axes, lift, turned
from watchfloor.desks.surveillance.tracking.reports import BEARING, POSITION

TINY = 1e-300
OWN = 3.0
"""How much wider the gate of a track is for what claims its own identity."""


@kernel(error_model="numpy")
def widest_gate(track: Any, knobs: Any) -> Any:
    """The gate of a track for what claims its own identity, or the only one where it has none."""
    return knobs.gate if track.claimed < 0 else knobs.gate * OWN


@kernel(error_model="numpy")
def widest_of(a: float, b: float, c: float) -> Any:
    """Largest variance in any direction of the covariance [[a, b], [b, c]]: its larger eigenvalue."""
    return 0.5 * (a + c) + math.sqrt(0.25 * (a - c) * (a - c) + b * b)


@kernel(error_model="numpy")
def grid(x: Any, y: Any) -> Any:
    """Sort places into square cells, about one a cell; NaN is in none.

    Returns (start [cells + 1], order, bounds (west, south, side, columns, rows)).
    """
    m = len(x)
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    for j in range(m):
        if x[j] == x[j]:
            west, east = min(west, x[j]), max(east, x[j])
            south, north = min(south, y[j]), max(north, y[j])
    if west > east:
        west, south, east, north = 0.0, 0.0, 0.0, 0.0
    side = max(math.sqrt((east - west) * (north - south) / m), (east - west + north - south) / m / 4, 1.0)
    columns = int((east - west) / side) + 1
    rows = int((north - south) / side) + 1
    start = np.zeros(columns * rows + 1, np.int64)
    cell = np.full(m, -1, np.int64)
    for j in range(m):
        if x[j] == x[j]:
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


@kernel(error_model="numpy")
def pairs(
    scan: Any,
    noise: Any,
    density: Any,
    tracks: Any,
    work: Any,
    count: int,
    plane: Any,
    knobs: Any,
) -> Any:
    """Every (candidate, report) within the gate: start [count + 1], report, worth, and that of each model.

    The worth of a pair is its likelihood over the density of reports that no track explains; that of a place
    counts more when it claims the identity that the track has, and less when it claims another. `noise`
    [m, 3] is the covariance of each report. The grid lies in `plane`; one that is not a track's own brings
    places closer together, never farther apart, so no neighbour is missed.
    """
    m = len(scan)
    gate = knobs.gate
    start = np.zeros(count + 1, np.int64)
    report, worth, each = _room(8 * count + 64, work[0].weights)
    places = np.full((2, m), np.nan)
    first, widest, pointing = np.inf, 0.0, False
    for j in range(m):
        first = min(first, scan[j].t)
        pointing |= scan[j].measure == BEARING
        if scan[j].measure == POSITION:
            places[0, j], places[1, j] = across(plane, scan[j].place)
            widest = max(widest, widest_of(noise[j, 0], noise[j, 1], noise[j, 2]))
    cells, order, bounds = grid(places[0], places[1])
    near = np.empty(m, np.int64)
    trial = np.zeros(SIZE)
    found = 0
    for c in range(count):
        anchor = tracks[work[c].slot].anchor
        known = tracks[work[c].slot].claimed
        widened = widest_gate(tracks[work[c].slot], knobs)
        close = _near(
            work[c], anchor, plane, places, cells, order, bounds, widest, work[c].time - first, widened, near
        )
        if found + m >= len(report):
            report, worth, each = _more(report, worth, each)
        for k in range(close):
            j = near[k]
            own = known >= 0 and scan[j].claimed == known
            wide = gate * OWN if own else gate
            if _position(scan[j], work[c].time, noise, j, anchor, work[c], wide, trial, each, found):
                odds = knobs.identity if own else knobs.other
                odds = 1.0 if known < 0 or scan[j].claimed < 0 else odds
                found = _keep(report, worth, each, found, j, work[c].weights, density[j] / odds)
        if pointing:
            for j in range(m):
                if scan[j].measure == BEARING and _bearing(
                    scan[j], noise[j, 0], anchor, work[c], gate, trial, each, found
                ):
                    found = _keep(report, worth, each, found, j, work[c].weights, density[j])
        start[c + 1] = found
    return start, report[:found], worth[:found], each[:found]


@kernel(error_model="numpy")
def _near(
    one: Any,
    anchor: Any,
    plane: Any,
    places: Any,
    cells: Any,
    order: Any,
    bounds: Any,
    widest: float,
    early: float,
    gate: float,
    near: Any,
) -> Any:
    """List the reports in the cells that the gate of a candidate reaches; returns how many."""
    middle = one.whole
    spot = np.empty(3)
    lift(anchor, middle[0], middle[2], spot)
    x, y = across(plane, spot)
    reach = 0.0
    widest += widest_of(one.size[0], one.size[1], one.size[2])
    for m in range(len(one.weights)):
        s = one.states[m]
        far = (
            math.sqrt(gate * (widest_of(s[4], s[6], s[11]) + widest))
            + abs(s[0] - middle[0])
            + abs(s[2] - middle[2])
        )
        if early > 0:
            far += early * (math.sqrt(gate * max(s[8], s[13])) + math.sqrt(s[1] * s[1] + s[3] * s[3]))
        reach = max(reach, far)
    west, south, side, columns, rows = bounds
    left = max(int(np.floor((x - reach - west) / side)), 0)
    right = min(int(np.floor((x + reach - west) / side)), columns - 1)
    low = max(int(np.floor((y - reach - south) / side)), 0)
    high = min(int(np.floor((y + reach - south) / side)), rows - 1)
    found = 0
    if low <= high:
        for column in range(left, right + 1):
            for k in range(cells[column * rows + low], cells[column * rows + high + 1]):
                j = order[k]
                if (places[0, j] - x) ** 2 + (places[1, j] - y) ** 2 <= reach * reach:
                    near[found] = j
                    found += 1
    return found


@kernel(error_model="numpy")
def _room(count: int, weights: Any) -> Any:
    """Empty arrays for `count` pairs."""
    return np.empty(count, np.int64), np.empty(count), np.empty((count, len(weights)))


@kernel(error_model="numpy")
def _more(report: Any, worth: Any, each: Any) -> Any:
    """The same three with room for more than twice as many."""
    n = len(report)
    grow = n + 200_000
    return (
        np.concatenate((report, np.empty(grow, np.int64))),
        np.concatenate((worth, np.empty(grow))),
        np.concatenate((each, np.empty((grow, each.shape[1])))),
    )


@kernel(error_model="numpy")
def _keep(report: Any, worth: Any, each: Any, at: int, j: int, weights: Any, density: float) -> Any:
    """Note the pair whose likelihoods stand in `each[at]`; returns the next place."""
    total = 0.0
    for m in range(len(weights)):
        total += weights[m] * each[at, m]
    report[at] = j
    worth[at] = total / density + TINY
    return at + 1


@kernel(error_model="numpy")
def _position(
    report: Any,
    time: float,
    noise: Any,
    j: int,
    anchor: Any,
    one: Any,
    gate: float,
    trial: Any,
    each: Any,
    at: int,
) -> Any:
    """Whether a position is within the gate of any model of a candidate; writes how likely each makes it."""
    e, n = across(anchor, report.place)
    tau = report.t - time
    c, s = axes(anchor, report.place)
    r0, r1, r2 = turned(c, s, noise[j, 0] + one.size[0], noise[j, 1] + one.size[1], noise[j, 2] + one.size[2])
    within = False
    more = report.velocity[0] == report.velocity[0] or report.rate == report.rate
    for m in range(each.shape[1]):
        de, dn, s00, s01, s11 = measurements.innovation(one.states[m], tau, e, n, r0, r1, r2)
        det = s00 * s11 - s01 * s01
        d2 = (s11 * de * de - 2 * s01 * de * dn + s00 * dn * dn) / det
        within |= d2 < gate
        each[at, m] = 0.0
        if more and d2 < gate:
            for k in range(SIZE):
                trial[k] = one.states[m, k]
            each[at, m] = math.exp(absorb(trial, report, tau, e, n, r0, r1, r2, c, s))
        elif d2 < 4 * gate:
            each[at, m] = math.exp(-0.5 * d2) / (2 * math.pi * math.sqrt(det))
    return within


@kernel(error_model="numpy")
def absorb(
    state: Any,
    report: Any,
    tau: float,
    e: float,
    n: float,
    r0: float,
    r1: float,
    r2: float,
    c: float,
    s: float,
) -> Any:
    """Update one state with all that a position report says; returns the log-likelihood.

    `r0`, `r1`, `r2` is the covariance of the place in the plane; `c` and `s` turn the report's axes into it.
    """
    told = measurements.place(state, tau, e, n, r0, r1, r2)
    return told + motion(state, report, c, s)


@kernel(error_model="numpy")
def motion(state: Any, report: Any, c: float, s: float) -> Any:
    """Update one state with the velocity and the rate of a report, where it has them."""
    told = 0.0
    e, n = report.velocity[0], report.velocity[1]
    if e == e and n == n:
        var = report.velocity_var
        told += measurements.velocity(
            state, c * e - s * n, s * e + c * n, max(var, 0.01) if var == var else 1.0
        )
    if report.rate == report.rate and report.bearing == report.bearing:
        var = report.rate_var
        told += measurements.rate(
            state, report.bearing - math.atan2(s, c), report.rate, max(var, 0.01) if var == var else 1.0
        )
    return told


@kernel(error_model="numpy")
def _bearing(
    report: Any, var: float, anchor: Any, one: Any, gate: float, trial: Any, each: Any, at: int
) -> Any:
    """Whether a bearing is within the gate of a candidate; writes how likely each model makes it."""
    e, n = across(anchor, report.place)
    s = one.whole
    far2 = (s[0] - e) ** 2 + (s[2] - n) ** 2
    if s[4] + s[11] > 0.25 * far2:
        return False
    c, turn = axes(anchor, report.place)
    angle = report.bearing - math.atan2(turn, c)
    off = measurements.wrapped(angle - math.atan2(s[0] - e, s[2] - n))
    if off * off > gate * (var + max(s[4], s[11]) / far2):
        return False
    for m in range(each.shape[1]):
        for k in range(SIZE):
            trial[k] = one.states[m, k]
        each[at, m] = math.exp(measurements.bearing(trial, e, n, angle, var))
    return True
