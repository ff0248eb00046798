"""Access: from when to when each point can be seen by each sensor, and under what angle.

For a point the incidence of the line of sight (against the vertical of the ellipsoid) falls as a satellite
comes near and rises as it goes. A pass is the time within the greatest incidence (or off-nadir angle); it
counts where at its least incidence, when the satellite is abreast of the point, the sensor can see it: at the
least incidence or more, and on its side. That is when a radar or a line scanner images it.

Points are put into cells of two degrees. Times at which a satellite is near a cell are found on the grid for
the cell as a whole; each local minimum of a point's incidence there is refined by golden section, and start
and end by Ridders' method, to `TOLERANCE`.
"""

from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.earth import MEAN_RADIUS
from watchfloor.core.kernels import kernel
from watchfloor.planning.satellites.orbit import Track
from watchfloor.planning.satellites.sensors import Sensor

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

TOLERANCE: Final = 1e-4
"""Seconds."""
GOLDEN: Final = 0.6180339887498949
CELL: Final = 2.0
"""Degrees to a side of the cells."""
MARGIN: Final = 0.01
"""Radians by which a sphere may be wrong about who sees what: flattening and heights."""
INCIDENCE, OFF_NADIR = 0, 1
"""Angle that has a greatest value."""
SIDES: Final = {"right": -1, "left": 1, "both": 0}
COLUMNS: Final = 6
"""Of each pass; see `access`."""


class Blocks(NamedTuple):
    """Points by cells: their places and verticals, their numbers, and middle and radius of each cell."""

    place: Floats
    up: Floats
    numbers: Numbers
    bounds: Numbers
    middle: Floats
    radius: Floats


class Limits(NamedTuple):
    """Limits of a sensor in one orbit.

    Attributes:
        sort: of the angle that has a greatest value, `INCIDENCE` or `OFF_NADIR`.
        most, least: cosine of that value, and of the least incidence.
        side: 1 left, -1 right, 0 both.
        reach: radians along the ground, on a sphere, from where the satellite is farthest.
    """

    sort: int
    most: float
    least: float
    side: int
    reach: float

    @classmethod
    def build(cls, sensor: Sensor, track: Track) -> "Limits":
        """Return the limits of a sensor on a track.

        A swath about the track is taken for the off-nadir angle of its edge on a sphere at the mean distance:
        the field of view of a scanner stays, and its swath grows with the height.
        """
        farthest, least = float(np.linalg.norm(track.position, axis=1).max()) / MEAN_RADIUS, 1.0
        if sensor.incidence:
            incidence = np.radians(sensor.incidence[1])
            least = float(np.cos(np.radians(sensor.incidence[0])))
            sort, most = INCIDENCE, float(np.cos(incidence))
            off_nadir = np.arcsin(np.sin(incidence) / farthest)
        else:
            sort = OFF_NADIR
            if sensor.swath_km is not None:
                across, ratio = sensor.swath_km * 500.0 / MEAN_RADIUS, track.radius / MEAN_RADIUS
                off_nadir = np.arctan2(np.sin(across), ratio - np.cos(across))
            else:
                off_nadir = np.radians(sensor.off_nadir or 0.0)
            most = float(np.cos(off_nadir))
            # Beyond the limb there is no ground: whatever is in sight is within the angle.
            off_nadir = min(float(off_nadir), float(np.arcsin(1.0 / farthest)))
            incidence = np.arcsin(min(1.0, farthest * float(np.sin(off_nadir))))
        return cls(sort, most, least, SIDES[sensor.side], float(incidence - off_nadir))


def blocks(place: Floats, up: Floats) -> Blocks:
    """Put points into cells."""
    latitude = np.degrees(np.arcsin(np.clip(up[:, 2], -1, 1)))
    longitude = np.degrees(np.arctan2(up[:, 1], up[:, 0]))
    cell = np.floor(latitude / CELL) * 1_000 + np.floor(longitude / CELL)
    numbers = np.argsort(cell, kind="stable")
    bounds = np.flatnonzero(np.diff(cell[numbers], prepend=np.nan, append=np.nan) != 0)
    direction = place / np.linalg.norm(place, axis=1, keepdims=True)
    middle, radius = np.empty((len(bounds) - 1, 3)), np.empty(len(bounds) - 1)
    for at, (first, last) in enumerate(pairwise(bounds)):
        some = direction[numbers[first:last]]
        mean = some.mean(0)
        middle[at] = mean / np.linalg.norm(mean)
        radius[at] = np.arccos(np.clip((some @ middle[at]).min(), -1, 1))
    return Blocks(place[numbers], up[numbers], numbers, bounds.astype(np.int64), middle, radius)


def access(points: Blocks, track: Track, sunward: Floats, limits: Limits) -> tuple[Numbers, Floats]:
    """Return the passes of one sensor: numbers of points, and columns of shape (passes, `COLUMNS`).

    Seconds of start, end and the least incidence are from the window's beginning; incidence is in degrees;
    then the sine of the sun's elevation; and 2, or 1 where the satellite has the point on its left, with a
    minus where it flies south. Passes of a point are in order of time.
    """
    if len(track.position) < 2:
        return np.zeros(0, np.int64), np.zeros((0, COLUMNS))
    length = np.linalg.norm(track.position, axis=1)
    direction = track.position / length[:, None]
    stride = np.arccos(np.clip((direction[1:] * direction[:-1]).sum(1).min(), -1, 1))
    at, found = _access(
        points.place,
        points.up,
        points.bounds,
        points.middle,
        points.radius,
        np.ascontiguousarray(direction),
        track.position,
        track.velocity,
        sunward,
        track.start,
        track.step,
        float(stride),
        limits.sort,
        limits.most,
        limits.least,
        limits.side,
        limits.reach + MARGIN,
    )
    return points.numbers[at], found


@kernel
def _place(position: Floats, velocity: Floats, step: float, at: float) -> Any:
    """Return where the satellite is so many seconds after the first point, and in which interval."""
    k = min(max(int(at / step), 0), len(position) - 2)
    u = at / step - k
    square, cube = u * u, u * u * u
    a, b = 2 * cube - 3 * square + 1, 3 * square - 2 * cube
    c, d = (cube - 2 * square + u) * step, (cube - square) * step
    x = a * position[k, 0] + b * position[k + 1, 0] + c * velocity[k, 0] + d * velocity[k + 1, 0]
    y = a * position[k, 1] + b * position[k + 1, 1] + c * velocity[k, 1] + d * velocity[k + 1, 1]
    z = a * position[k, 2] + b * position[k + 1, 2] + c * velocity[k, 2] + d * velocity[k + 1, 2]
    return x, y, z, k


@kernel
def _cosine(sort: int, place: Floats, up: Floats, x: float, y: float, z: float) -> Any:
    """Return the cosine of the incidence at a point, or of the off-nadir angle if the point is in sight."""
    dx, dy, dz = x - place[0], y - place[1], z - place[2]
    far = np.sqrt(dx * dx + dy * dy + dz * dz)
    incidence = (dx * up[0] + dy * up[1] + dz * up[2]) / far
    if sort == 0 or incidence <= 0:
        return incidence
    return (dx * x + dy * y + dz * z) / (far * np.sqrt(x * x + y * y + z * z))


@kernel
def _at(
    sort: int, place: Floats, up: Floats, position: Floats, velocity: Floats, step: float, at: float
) -> Any:
    x, y, z, _ = _place(position, velocity, step, at)
    return _cosine(sort, place, up, x, y, z)


@kernel
def _peak(
    sort: int,
    place: Floats,
    up: Floats,
    position: Floats,
    velocity: Floats,
    step: float,
    low: float,
    high: float,
) -> Any:
    """Return the time at which the cosine is greatest, by golden section."""
    a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_a = _at(sort, place, up, position, velocity, step, a)
    at_b = _at(sort, place, up, position, velocity, step, b)
    while high - low > 10 * TOLERANCE:
        if at_a > at_b:
            high, b, at_b = b, a, at_a
            a = high - GOLDEN * (high - low)
            at_a = _at(sort, place, up, position, velocity, step, a)
        else:
            low, a, at_a = a, b, at_b
            b = low + GOLDEN * (high - low)
            at_b = _at(sort, place, up, position, velocity, step, b)
    return (low + high) / 2


@kernel
def _edge(
    sort: int,
    place: Floats,
    up: Floats,
    position: Floats,
    velocity: Floats,
    step: float,
    most: float,
    outside: float,
    inside: float,
) -> Any:
    """Return when the cosine crosses the limit between a time outside and one inside, by Ridders' method."""
    low = _at(sort, place, up, position, velocity, step, outside) - most
    high = _at(sort, place, up, position, velocity, step, inside) - most
    a, b = outside, inside
    if low >= 0:
        return outside
    if high <= 0:
        return inside
    for _ in range(60):
        middle = (a + b) / 2
        if abs(b - a) < 2 * TOLERANCE:
            return middle
        half = _at(sort, place, up, position, velocity, step, middle) - most
        root = np.sqrt(half * half - low * high)
        if root == 0:
            return middle
        at = middle + (middle - a) * (-half) / root
        value = _at(sort, place, up, position, velocity, step, at) - most
        if abs(value) < 1e-13:
            return at
        # Keep the narrowest bracket of the three values.
        if value < 0:
            if half > 0:
                b, high = middle, half
            a, low = at, value
        else:
            if half < 0:
                a, low = middle, half
            b, high = at, value
    return (a + b) / 2


@kernel
def _access(
    place: Floats,
    up: Floats,
    bounds: Numbers,
    middle: Floats,
    radius: Floats,
    direction: Floats,
    position: Floats,
    velocity: Floats,
    sunward: Floats,
    start: float,
    step: float,
    stride: float,
    sort: int,
    most: float,
    least: float,
    side: int,
    reach: float,
) -> tuple[Numbers, Floats]:
    points = len(direction)
    numbers = np.empty(1_024, np.int64)
    found = np.empty((1_024, COLUMNS))
    count = 0
    for block in range(len(bounds) - 1):
        near = np.cos(min(reach + radius[block] + stride, np.pi))
        mx, my, mz = middle[block, 0], middle[block, 1], middle[block, 2]
        begins = np.empty(points // 2 + 1, np.int64)
        ends = np.empty(points // 2 + 1, np.int64)
        runs, within = 0, False
        for k in range(points):
            here = direction[k, 0] * mx + direction[k, 1] * my + direction[k, 2] * mz >= near
            if here and not within:
                begins[runs] = max(k - 1, 0)
                runs += 1
            if here:
                ends[runs - 1] = min(k + 1, points - 1)
            within = here
        for point in range(bounds[block], bounds[block + 1]):
            p, u = place[point], up[point]
            last = -np.inf
            for run in range(runs):
                first, final = begins[run], ends[run]
                before = -2.0
                here_ = _cosine(sort, p, u, position[first, 0], position[first, 1], position[first, 2])
                for k in range(first, final + 1):
                    after = -2.0
                    if k < final:
                        after = _cosine(
                            sort, p, u, position[k + 1, 0], position[k + 1, 1], position[k + 1, 2]
                        )
                    greatest = here_ > before and here_ >= after
                    before, here_ = here_, after
                    if not greatest:
                        continue
                    peak = _peak(
                        sort,
                        p,
                        u,
                        position,
                        velocity,
                        step,
                        max(k - 1, 0) * step,
                        min(k + 1, points - 1) * step,
                    )
                    if _at(sort, p, u, position, velocity, step, peak) < most <= before:
                        peak = k * step  # at the limb, where the off-nadir angle ends at its least
                    if peak <= last or _at(sort, p, u, position, velocity, step, peak) < most:
                        continue
                    x, y, z, at = _place(position, velocity, step, peak)
                    incidence = _cosine(0, p, u, x, y, z)
                    # Left of the flight is where the normal of the orbit points.
                    vx, vy, vz = velocity[at, 0], velocity[at, 1], velocity[at, 2]
                    across = (y * vz - z * vy) * p[0] + (z * vx - x * vz) * p[1] + (x * vy - y * vx) * p[2]
                    left = across > 0
                    if incidence > least or (side != 0 and left != (side > 0)):
                        continue
                    out = int(peak / step)
                    while out > 0 and _at(sort, p, u, position, velocity, step, out * step) >= most:
                        out -= 1
                    rise = _edge(sort, p, u, position, velocity, step, most, out * step, peak)
                    out = min(int(peak / step) + 1, points - 1)
                    while out < points - 1 and _at(sort, p, u, position, velocity, step, out * step) >= most:
                        out += 1
                    fall = _edge(sort, p, u, position, velocity, step, most, out * step, peak)
                    last = fall
                    if count == len(numbers):
                        more = np.empty(2 * count, np.int64)
                        more[:count] = numbers
                        numbers = more
                        longer = np.empty((2 * count, COLUMNS))
                        longer[:count] = found
                        found = longer
                    part = peak / step - at
                    sx = sunward[at, 0] + part * (sunward[at + 1, 0] - sunward[at, 0])
                    sy = sunward[at, 1] + part * (sunward[at + 1, 1] - sunward[at, 1])
                    sz = sunward[at, 2] + part * (sunward[at + 1, 2] - sunward[at, 2])
                    numbers[count] = point
                    found[count, 0] = start + rise
                    found[count, 1] = start + fall
                    found[count, 2] = start + peak
                    found[count, 3] = np.degrees(np.arccos(min(max(incidence, -1.0), 1.0)))
                    found[count, 4] = (u[0] * sx + u[1] * sy + u[2] * sz) / np.sqrt(
                        sx * sx + sy * sy + sz * sz
                    )
                    found[count, 5] = (1.0 if left else 2.0) * (1.0 if vz >= 0 else -1.0)
                    count += 1
    return numbers[:count].copy(), found[:count].copy()
