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
def scans(sensor: Any) -> Any:
    """Whether a frame of the sensor says something of tracks that it did not see.

    It does when a track that is seen in one frame is mostly seen in the next, and frames have several
    reports. A receiver of self-reports fails the first, a lone reporter the second.
    """
    return sensor.again[1] >= 5 and sensor.again[0] > 0.45 * sensor.again[1] and sensor.several > 0.3


@njit(cache=True, nogil=True, error_model="numpy")
def sees(sensor: Any, knobs: Any) -> Any:
    """Detection probability of the sensor as a whole."""
    return min(max((sensor.looks[1] + PRIOR * knobs.detects) / (sensor.looks[0] + PRIOR), 0.02), 0.99)


@njit(cache=True, nogil=True, error_model="numpy")
def cell(sensor: Any, e: float, n: float) -> Any:
    """Column and row of a place in the plane of the sensor's view, -1 outside."""
    half = sensor.half
    if not (abs(e) < half and abs(n) < half):
        return -1, -1
    x = int((e + half) / (2 * half) * CELLS)
    y = int((n + half) / (2 * half) * CELLS)
    return min(x, CELLS - 1), min(y, CELLS - 1)


@njit(cache=True, nogil=True, error_model="numpy")
def sees_at(sensor: Any, e: float, n: float, whole: float) -> Any:
    """Detection probability at a place in the plane of the sensor's view; 0 well outside what it reported."""
    edge = sensor.half / 32
    if (
        e < sensor.box[0] - edge
        or e > sensor.box[1] + edge
        or n < sensor.box[2] - edge
        or n > sensor.box[3] + edge
    ):
        return 0.0
    x, y = cell(sensor, e, n)
    if x < 0:
        return whole
    return min((sensor.cells[2, x, y] + PRIOR * whole) / (sensor.cells[1, x, y] + PRIOR), 0.99)


@njit(cache=True, nogil=True, error_model="numpy")
def widen(sensor: Any, place: Any, earth: bool) -> None:
    """Make the view hold a place. As it doubles, four cells become one."""
    if sensor.half == 0:
        anchor(place, earth, sensor.anchor)
        for k in range(3):
            sensor.anchor[k] = place[k]
        sensor.half = 64.0
    e, n = across(sensor.anchor, place)
    while abs(e) >= sensor.half or abs(n) >= sensor.half:
        sensor.half *= 2
        for layer in range(3):
            _halve(sensor.cells, layer)
    sensor.box[0] = min(sensor.box[0], e)
    sensor.box[1] = max(sensor.box[1], e)
    sensor.box[2] = min(sensor.box[2], n)
    sensor.box[3] = max(sensor.box[3], n)


@njit(cache=True, nogil=True, error_model="numpy")
def _halve(cells: Any, layer: int) -> None:
    """Shrink a square of cells about its middle to half its size."""
    small = np.zeros((CELLS, CELLS))
    quarter = CELLS // 4
    for x in range(CELLS):
        for y in range(CELLS):
            small[quarter + x // 2, quarter + y // 2] += cells[layer, x, y]
    for x in range(CELLS):
        for y in range(CELLS):
            cells[layer, x, y] = small[x, y]


@njit(cache=True, nogil=True, error_model="numpy")
def area(sensor: Any) -> Any:
    """Square metres that the sensor reports from: its box, or the cells that ever held a stray, if less."""
    whole = (sensor.box[1] - sensor.box[0]) * (sensor.box[3] - sensor.box[2])
    side = 2 * sensor.half / CELLS
    held = 0
    for x in range(CELLS):
        for y in range(CELLS):
            held += sensor.cells[0, x, y] > 0
    return max(min(whole, held * side * side), 1e4)


@njit(cache=True, nogil=True, error_model="numpy")
def densities(frame: Any, sensor: Any, speed_var: float, out: Any) -> None:
    """How densely stray reports lie where each report of a frame is, per m² (bearings: per radian) and frame.

    A report of a velocity or a rate is stray over those too, as thinly as objects' velocities lie.
    """
    frames = max(sensor.weight, 1.0)
    stray = (sensor.stray + 1.0) / frames
    mean = stray / area(sensor)
    side = 2 * sensor.half / CELLS
    for j in range(len(frame)):
        report = frame[j]
        if report.measure == BEARING:
            out[j] = stray / (2 * math.pi)
        elif report.measure == POSITION:
            e, n = across(sensor.anchor, report.place)
            x, y = cell(sensor, e, n)
            d = (sensor.cells[0, x, y] + SPARSE) / (frames * side * side + SPARSE / mean)
            if report.velocity[0] == report.velocity[0]:
                v2 = report.velocity[0] ** 2 + report.velocity[1] ** 2
                d *= math.exp(-0.5 * v2 / speed_var) / (2 * math.pi * speed_var) + 1e-9
            if report.rate == report.rate and report.bearing == report.bearing:
                d *= math.exp(-0.5 * report.rate**2 / speed_var) / math.sqrt(2 * math.pi * speed_var) + 1e-6
            out[j] = max(d, 1e-30)


@njit(cache=True, nogil=True, error_model="numpy")
def learn_strays(frame: Any, sensor: Any, taken: Any) -> None:
    """Note how far no track explains each report of a frame. Early frames, when all is new, fade soon."""
    keep = 1 - max(FORGET, 2 / (sensor.frames + 2.0))
    sensor.weight = sensor.weight * keep + 1
    sensor.stray *= keep
    for x in range(CELLS):
        for y in range(CELLS):
            sensor.cells[0, x, y] *= keep
    for j in range(len(frame)):
        left = max(1 - taken[j], 0.0)
        sensor.stray += left
        if frame[j].measure == POSITION:
            e, n = across(sensor.anchor, frame[j].place)
            x, y = cell(sensor, e, n)
            sensor.cells[0, x, y] += left


@njit(cache=True, nogil=True, error_model="numpy")
def learn_look(sensor: Any, e: float, n: float, seen: float) -> None:
    """Note that a track at a place was seen with probability `seen`."""
    sensor.looks[0] = sensor.looks[0] * (1 - 1e-3) + 1
    sensor.looks[1] = sensor.looks[1] * (1 - 1e-3) + seen
    x, y = cell(sensor, e, n)
    if x >= 0:
        sensor.cells[1, x, y] = sensor.cells[1, x, y] * 0.98 + 1
        sensor.cells[2, x, y] = sensor.cells[2, x, y] * 0.98 + seen


@njit(cache=True, nogil=True, error_model="numpy")
def learn_noise(sensor: Any, square: float, expected: float) -> None:
    """Move the learned variance by one innovation: `square` per axis, of which `expected` is the state's."""
    var, weight = sensor.noise[0], sensor.noise[1]
    told = min(max(square - expected, 0.0), 9 * (var + expected))
    weight = min(weight + 1, 500.0)
    sensor.noise[0] = var + (told - var) / (weight + 10)
    sensor.noise[1] = weight


@njit(cache=True, nogil=True, error_model="numpy")
def birth(sensor: Any, knobs: Any) -> Any:
    """Probability that an unexplained report of the sensor is a new object: the share that was confirmed."""
    return (sensor.births[1] + 20 * knobs.birth) / (sensor.births[0] + 20)


@njit(cache=True, nogil=True, error_model="numpy")
def speed_var(sensor: Any, knobs: Any) -> Any:
    """Variance of an unknown velocity per axis: of the tracks that the sensor's reports began."""
    return (sensor.speed[0] + 5 * knobs.speed**2) / (sensor.speed[1] + 5)
