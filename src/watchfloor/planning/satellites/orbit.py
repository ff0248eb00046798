"""Where a satellite is above the turning Earth: SGP4 on a coarse grid, and cubics between.

SGP4 gives TEME (true equator, mean equinox). Its turn by Greenwich mean sidereal time of 1982 gives the
pseudo-Earth-fixed frame (Vallado et al., "Revisiting Spacetrack Report #3", AIAA 2006-6753, appendix C).
Neglected: polar motion (at most 15 m on the ground) and UT1 - UTC (below 0.9 s by definition, when the Earth
has turned 280 m at 49° north; in 2026 below 0.1 s). Between the points of a grid of 60 s a cubic through
places and velocities is wrong by h^4/384 times the fourth derivative: 0.3 m in a low orbit.
"""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.earth import AXIS, FLATTENING
from watchfloor.core.extras import optional
from watchfloor.formats.orbits import Elements, Ephemeris
from watchfloor.planning.cueing import sun

Floats = npt.NDArray[np.float64]

STEP: Final = 60.0
"""Seconds of the grid."""
TURN: Final = 7.29211514670698e-5
"""Radians a second that the Earth turns (WGS 84)."""
J2000: Final = datetime(2000, 1, 1, 12, tzinfo=UTC)
SGP4_ZERO: Final = datetime(1949, 12, 31, tzinfo=UTC)
NODES: Final = 8
"""States of an ephemeris through which a polynomial goes: good to centimetres at steps of some minutes."""
LOWEST: Final = 6_378_137.0 + 90_000.0
"""Metres from the Earth's centre below which nothing stays in orbit."""
FARTHEST: Final = 2.2
"""Semi-major axes from the Earth's centre beyond which no ellipse goes: beyond two of them, drag of an orbit
that has ended makes numbers of SGP4 that mean nothing."""
GRAVITY: Final = 3.986004418e14
"""Gravitational parameter of the Earth (WGS 84), m^3/s^2."""
BETWEEN, MOST_BETWEEN = 600.0, 5_000
"""Seconds between the moments at which an orbit is followed from its epoch to the window, and how many at
most: where it has ended on the way, SGP4 may give places again later."""


class Track(NamedTuple):
    """A satellite over some time, in the frame that turns with the Earth.

    Attributes:
        start: seconds from the beginning of the window to the first point.
        step: seconds between points.
        position, velocity: metres and metres a second, of shape (points, 3).
        ended: seconds at which the orbit ended by its elements, in the air or where SGP4 gives up; none: it
            did not. Before their epoch: until when it cannot be traced back.
    """

    start: float
    step: float
    position: Floats
    velocity: Floats
    ended: float | None = None

    @property
    def radius(self) -> float:
        """Return the mean distance from the Earth's centre, metres."""
        return float(np.linalg.norm(self.position, axis=1).mean())


def days_since(begin: datetime, seconds: npt.ArrayLike) -> Floats:
    """Return days since noon of 1 January 2000, UTC without leap seconds."""
    return (begin - J2000).total_seconds() / 86_400 + np.asarray(seconds, np.float64) / 86_400


def sidereal(days: Floats) -> Floats:
    """Return Greenwich mean sidereal time (IAU 1982), radians, taking UTC for UT1."""
    centuries = days / 36_525
    seconds = 67_310.54841 + (876_600 * 3_600 + 8_640_184.812866) * centuries
    seconds += (0.093104 - 6.2e-6 * centuries) * centuries**2
    return np.asarray(np.radians(seconds / 240.0 % 360.0))


def propagate(elements: Elements, begin: datetime, since: float, until: float, step: float = STEP) -> Track:
    """Return where a satellite is from `since` to `until`, seconds from `begin`, by SGP4.

    Where the orbit ends the track ends before, and it begins where it can be traced back to: it may have no
    point.

    Raises:
        MissingExtraError: sgp4 is not installed.
    """
    with optional():
        from sgp4.api import WGS72, Satrec
    satellite = Satrec()
    turn, minutes = 2 * np.pi, 1_440.0
    satellite.sgp4init(
        WGS72,
        "i",
        elements.norad % 339_999,  # what it can write; it has no part in the orbit
        (elements.epoch - SGP4_ZERO) / timedelta(days=1),
        elements.drag,
        elements.motion_dot * turn / minutes**2,
        elements.motion_ddot * turn / minutes**3,
        elements.eccentricity,
        *np.radians([elements.perigee, elements.inclination, elements.anomaly]).tolist(),
        elements.mean_motion * turn / minutes,
        np.radians(elements.node).item(),
    )
    axis = np.cbrt(GRAVITY / (elements.mean_motion * turn / 86_400) ** 2)
    epoch = (elements.epoch - begin).total_seconds()

    def states(seconds: Floats) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
        """Return places, velocities, and whether there is an orbit, at seconds from `begin`."""
        # Time since the epoch goes into the fraction, so that no digit of a day's number of seven places is
        # lost.
        whole = np.full(len(seconds), satellite.jdsatepoch)
        days = satellite.jdsatepochF + (seconds - epoch) / 86_400
        codes, position, velocity = satellite.sgp4_array(whole, days)
        far = np.linalg.norm(position, axis=1) * 1_000
        return position * 1_000, velocity * 1_000, (codes == 0) & (far >= LOWEST) & (far <= FARTHEST * axis)

    seconds = since + step * np.arange(int(np.ceil((until - since) / step)) + 1, dtype=np.float64)
    count = min(int(max(since - epoch, epoch - until, 0.0) / BETWEEN) + 1, MOST_BETWEEN)
    between = np.linspace(epoch, min(max(epoch, since), until), count)
    *_, flies = states(between)
    if not flies.all():
        return Track(since, step, np.zeros((0, 3)), np.zeros((0, 3)), float(between[~flies][0]))
    position, velocity, flies = states(seconds)
    lost = np.flatnonzero(~flies & (seconds < epoch))
    ends = np.flatnonzero(~flies & (seconds >= epoch))
    first, last = int(lost[-1]) + 1 if lost.size else 0, int(ends[0]) if ends.size else len(seconds)
    ended = float(seconds[last]) if ends.size else float(seconds[first - 1]) if lost.size else None
    some = slice(first, last)
    fixed = _turned(position[some], velocity[some], sidereal(days_since(begin, seconds[some])))
    return Track(since + first * step, step, *fixed, ended)


def _turned(position: Floats, velocity: Floats, angle: Floats) -> tuple[Floats, Floats]:
    """Return places and velocities in the frame that turns with the Earth."""
    cos, sin = np.cos(angle), np.sin(angle)

    def turn(vector: Floats) -> Floats:
        x, y, z = vector.T
        return np.ascontiguousarray(np.stack([cos * x + sin * y, cos * y - sin * x, z], 1))

    place, speed = turn(position), turn(velocity)
    speed[:, 0] += TURN * place[:, 1]
    speed[:, 1] -= TURN * place[:, 0]
    return place, speed


def interpolate(
    ephemeris: Ephemeris, begin: datetime, since: float, until: float, step: float = STEP
) -> Track:
    """Return where a satellite is by its ephemeris, for as much of the time as that has."""
    offset = (ephemeris.start - begin).total_seconds()
    first, last = max(since, offset), min(until, offset + float(ephemeris.seconds[-1]))
    count = max(int((last - first) / step) + 1, 0) if last >= first else 0
    seconds: Floats = first + step * np.arange(count, dtype=np.float64)
    if not count:
        return Track(first, step, np.zeros((0, 3)), np.zeros((0, 3)))
    position, velocity = ephemeris.position * 1_000, ephemeris.velocity * 1_000
    days = days_since(begin, ephemeris.seconds + offset)
    if ephemeris.frame == "EME2000":
        position, velocity = _of_date(position, days), _of_date(velocity, days)
    if ephemeris.frame != "ITRF":
        position, velocity = _turned(position, velocity, sidereal(days))
    found = _lagrange(ephemeris.seconds, np.hstack([position, velocity]), np.asarray(seconds - offset))
    return Track(first, step, np.ascontiguousarray(found[:, :3]), np.ascontiguousarray(found[:, 3:]))


def _lagrange(nodes: Floats, values: Floats, at: Floats) -> Floats:
    """Return values between nodes, by the polynomial through the nearest `NODES` of them."""
    count = min(NODES, len(nodes))
    first = np.clip(np.searchsorted(nodes, at) - count // 2, 0, len(nodes) - count)
    near = first[:, None] + np.arange(count)
    where = nodes[near]
    result = np.zeros((len(at), values.shape[1]))
    for one in range(count):
        others = np.delete(where, one, axis=1)
        weight = ((at[:, None] - others) / (where[:, [one]] - others)).prod(1)
        result += weight[:, None] * values[near[:, one]]
    return result


def _of_date(vectors: Floats, days: Floats) -> Floats:
    """Return vectors of EME2000 in TEME: precession of 1976, and the four largest terms of nutation.

    The terms left out are below 0.1", 4 m in a low orbit. Angles: Lieske et al., Astronomy and Astrophysics
    58 (1977); Seidelmann, Celestial Mechanics 27 (1982).
    """
    t = days / 36_525
    second = np.pi / 648_000
    zeta = (2306.2181 * t + 0.30188 * t**2 + 0.017998 * t**3) * second
    theta = (2004.3109 * t - 0.42665 * t**2 - 0.041833 * t**3) * second
    z = (2306.2181 * t + 1.09468 * t**2 + 0.018203 * t**3) * second
    node = np.radians(125.04452 - 1_934.136261 * t)
    sun_, moon = np.radians(280.4665 + 36_000.7698 * t), np.radians(218.3165 + 481_267.8813 * t)
    longitude = -17.1996 * np.sin(node) - 1.3187 * np.sin(2 * sun_)
    longitude = (longitude - 0.2274 * np.sin(2 * moon) + 0.2062 * np.sin(2 * node)) * second
    oblique = 9.2025 * np.cos(node) + 0.5736 * np.cos(2 * sun_)
    oblique = (oblique + 0.0977 * np.cos(2 * moon) - 0.0895 * np.cos(2 * node)) * second
    tilt = (84_381.448 - 46.815 * t) * second
    found = _about(_about(_about(vectors, 2, -zeta), 1, theta), 2, -z)  # mean of date
    found = _about(_about(_about(found, 0, tilt), 2, -longitude), 0, -(tilt + oblique))  # true of date
    return _about(found, 2, longitude * np.cos(tilt))  # from the true to the mean equinox


def _about(vectors: Floats, axis: int, angle: Floats) -> Floats:
    """Return vectors in a frame that is turned about an axis."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    cos, sin = np.cos(angle), np.sin(angle)
    found = vectors.copy()
    found[:, first] = cos * vectors[:, first] + sin * vectors[:, second]
    found[:, second] = cos * vectors[:, second] - sin * vectors[:, first]
    return found


def sunward(begin: datetime, track: Track) -> Floats:
    """Return the direction of the sun in the frame that turns with the Earth, at the points of a track."""
    days = days_since(begin, track.start + track.step * np.arange(len(track.position)))
    right, declination = sun(days)
    hour = right - sidereal(days)
    return np.stack(
        [np.cos(declination) * np.cos(hour), np.cos(declination) * np.sin(hour), np.sin(declination)], 1
    )


def ground(latitude: Floats, longitude: Floats, height: Floats) -> tuple[Floats, Floats]:
    """Return places on the ellipsoid of WGS 84 (metres) and the vertical there, each of shape (points, 3)."""
    north, east = np.radians(latitude), np.radians(longitude)
    up = np.stack([np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)], 1)
    square = FLATTENING * (2 - FLATTENING)
    normal = AXIS / np.sqrt(1 - square * np.sin(north) ** 2)
    place = up * (normal + height)[:, None]
    place[:, 2] -= square * normal * up[:, 2]
    return place, up
