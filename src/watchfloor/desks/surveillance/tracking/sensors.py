"""What is learned of each sensor: whether it scans, where it looks, how well it sees, how often it errs."""

import math
from typing import Any

import numpy as np
from numba import njit

from watchfloor.desks.surveillance.tracking.places import across, anchor
from watchfloor.desks.surveillance.tracking.reports import BEARING, POSITION
from watchfloor.desks.surveillance.tracking.state import CELLS

FORGET = 1 / 500
"""Share of what was learned of clutter that each frame takes away, at least."""
PRIOR = 10.0
"""Looks that the first guess of a detection probability is worth."""
SPARSE = 10.0
"""Stray reports that a sensor's mean density is worth in one cell."""


@njit(cache=True, nogil=True, error_model="numpy")
def scans(sensors: Any, s: int) -> Any:
    """Whether a frame of the sensor says something of tracks that it did not see.

    It does when a track that is seen in one frame is mostly seen in the next, and frames have several
    reports. A receiver of self-reports fails the first, a lone reporter the second.
    """
    told, count = sensors.again[s]
    return count >= 5 and told > 0.45 * count and sensors.several[s] > 0.3


@njit(cache=True, nogil=True, error_model="numpy")
def sees(sensors: Any, s: int, knobs: Any) -> Any:
    """Detection probability of the sensor as a whole."""
    looks, sights = sensors.looks[s]
    return min(max((sights + PRIOR * knobs.detects) / (looks + PRIOR), 0.02), 0.99)


@njit(cache=True, nogil=True, error_model="numpy")
def cell(sensors: Any, s: int, e: float, n: float) -> Any:
    """Number of the cell of a place in the plane of the sensor's view, -1 outside."""
    half = sensors.half[s]
    if not (abs(e) < half and abs(n) < half):
        return -1
    x = int((e + half) / (2 * half) * CELLS)
    y = int((n + half) / (2 * half) * CELLS)
    return min(x, CELLS - 1) * CELLS + min(y, CELLS - 1)


@njit(cache=True, nogil=True, error_model="numpy")
def sees_at(sensors: Any, s: int, e: float, n: float, whole: float) -> Any:
    """Detection probability at a place in the plane of the sensor's view; 0 where it never reported."""
    box = sensors.box[s]
    if e < box[0] or e > box[1] or n < box[2] or n > box[3]:
        return 0.0
    at = cell(sensors, s, e, n)
    looks = sensors.cells[s, 1].ravel()[at]
    sights = sensors.cells[s, 2].ravel()[at]
    return min((sights + PRIOR * whole) / (looks + PRIOR), 0.99)


@njit(cache=True, nogil=True, error_model="numpy")
def widen(sensors: Any, s: int, place: Any, earth: bool) -> Any:
    """Make the view hold a place; returns its east and north there. As it doubles, four cells become one."""
    if sensors.half[s] == 0:
        anchor(place, earth, sensors.anchor[s])
        if not earth:
            for k in range(3):
                sensors.anchor[s, k] = place[k]
        sensors.half[s] = 64.0
    e, n = across(sensors.anchor[s], place)
    while abs(e) >= sensors.half[s] or abs(n) >= sensors.half[s]:
        sensors.half[s] *= 2
        for layer in range(3):
            _halve(sensors.cells[s, layer])
    box = sensors.box[s]
    box[0] = min(box[0], e)
    box[1] = max(box[1], e)
    box[2] = min(box[2], n)
    box[3] = max(box[3], n)
    return e, n


@njit(cache=True, nogil=True, error_model="numpy")
def _halve(cells: Any) -> None:
    """Shrink a square of cells about its middle to half its size."""
    small = np.zeros((CELLS, CELLS))
    quarter = CELLS // 4
    for x in range(CELLS):
        for y in range(CELLS):
            small[quarter + x // 2, quarter + y // 2] += cells[x, y]
    cells[:] = small


@njit(cache=True, nogil=True, error_model="numpy")
def area(sensors: Any, s: int) -> Any:
    """Square metres that the sensor reports from: its box, or the cells that ever held a stray, if less."""
    box = sensors.box[s]
    whole = max((box[1] - box[0]) * (box[3] - box[2]), 1e4)
    side = 2 * sensors.half[s] / CELLS
    held = 0
    for x in range(CELLS):
        for y in range(CELLS):
            held += sensors.cells[s, 0, x, y] > 0
    return max(min(whole, held * side * side), 1e4)


@njit(cache=True, nogil=True, error_model="numpy")
def densities(feed: Any, a: int, b: int, sensors: Any, s: int, speed_var: float, out: Any) -> None:
    """How densely stray reports lie where each report of a frame is, per m² (bearings: per radian) and frame.

    A report of a velocity or a rate is stray over those too, as thinly as objects' velocities lie.
    """
    frames = max(sensors.weight[s], 1.0)
    stray = (sensors.stray[s] + 1.0) / frames
    mean = stray / area(sensors, s)
    side = 2 * sensors.half[s] / CELLS
    for j in range(a, b):
        if feed.measure[j] == BEARING:
            out[j - a] = stray / (2 * math.pi)
            continue
        e, n = across(sensors.anchor[s], feed.place[j])
        at = cell(sensors, s, e, n)
        held = sensors.cells[s, 0].ravel()[at] if at >= 0 else 0.0
        d = (held + SPARSE) / (frames * side * side + SPARSE / mean) if side > 0 else mean
        if feed.velocity[j, 0] == feed.velocity[j, 0]:
            v2 = feed.velocity[j, 0] ** 2 + feed.velocity[j, 1] ** 2
            d *= math.exp(-0.5 * v2 / speed_var) / (2 * math.pi * speed_var) + 1e-9
        if feed.rate[j] == feed.rate[j] and feed.bearing[j] == feed.bearing[j]:
            d *= math.exp(-0.5 * feed.rate[j] ** 2 / speed_var) / math.sqrt(2 * math.pi * speed_var) + 1e-6
        out[j - a] = max(d, 1e-30)


@njit(cache=True, nogil=True, error_model="numpy")
def learn_strays(feed: Any, a: int, b: int, sensors: Any, s: int, taken: Any) -> None:
    """Note how far no track explains each report of a frame. Early frames, when all is new, fade soon."""
    keep = 1 - max(FORGET, 2 / (sensors.frames[s] + 2.0))
    sensors.weight[s] = sensors.weight[s] * keep + 1
    sensors.stray[s] *= keep
    layer = sensors.cells[s, 0]
    for x in range(CELLS):
        for y in range(CELLS):
            layer[x, y] *= keep
    for j in range(a, b):
        left = max(1 - taken[j - a], 0.0)
        sensors.stray[s] += left
        if feed.measure[j] == POSITION:
            e, n = across(sensors.anchor[s], feed.place[j])
            at = cell(sensors, s, e, n)
            if at >= 0:
                layer[at // CELLS, at % CELLS] += left


@njit(cache=True, nogil=True, error_model="numpy")
def learn_look(sensors: Any, s: int, e: float, n: float, seen: float) -> None:
    """Note that a track at a place was seen with probability `seen`."""
    for k in range(2):
        sensors.looks[s, k] *= 1 - 1e-3
    sensors.looks[s, 0] += 1
    sensors.looks[s, 1] += seen
    at = cell(sensors, s, e, n)
    if at >= 0:
        x, y = at // CELLS, at % CELLS
        sensors.cells[s, 1, x, y] = sensors.cells[s, 1, x, y] * 0.98 + 1
        sensors.cells[s, 2, x, y] = sensors.cells[s, 2, x, y] * 0.98 + seen


@njit(cache=True, nogil=True, error_model="numpy")
def learn_noise(sensors: Any, s: int, square: float, expected: float) -> None:
    """Move the learned variance by one innovation: `square` per axis, of which `expected` is the state's."""
    var, weight = sensors.noise[s]
    told = min(max(square - expected, 0.0), 9 * (var + expected))
    weight = min(weight + 1, 500.0)
    sensors.noise[s, 0] = var + (told - var) / (weight + 10)
    sensors.noise[s, 1] = weight


@njit(cache=True, nogil=True, error_model="numpy")
def birth(sensors: Any, s: int, knobs: Any) -> Any:
    """Probability that an unexplained report of the sensor is a new object: the share that was confirmed."""
    return (sensors.births[s, 1] + 20 * knobs.birth) / (sensors.births[s, 0] + 20)


@njit(cache=True, nogil=True, error_model="numpy")
def speed_var(sensors: Any, s: int, knobs: Any) -> Any:
    """Variance of an unknown velocity per axis: of the tracks that the sensor's reports began."""
    return (sensors.speed[s, 0] + 5 * knobs.speed**2) / (sensors.speed[s, 1] + 5)
