"""Cueing: which sensor to send to which track, so that the most is learned before the chance is gone.

A track whose life is at risk is served before any other, as soon as somebody can be there. Among the rest the
sensors are assigned one to one, so that the sum of the expected bits is greatest (Hungarian method), where a
doubt about who may cross counts more than one about who stays; a sensor that would come too late, could
not get back, or would have to cross the line is worth nothing there. A vessel that both countries crew may
cross.

A track goes on with a velocity that is known up to an error and changes on its way: the model of nearly
constant velocity, whose acceleration is white noise (Y. Bar-Shalom, X. R. Li and T. Kirubarajan, "Estimation
with Applications to Tracking and Navigation", 2001, section 6.2.2), across the line. A look tells the place
twice, when it begins and when it ends, and so the velocity too; what changes after it stays unknown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.casework.tasking.assets import Asset
from watchfloor.core.earth import MEAN_RADIUS
from watchfloor.planning.information_gain import Looks, crosses, of_crossing, of_existence, within
from watchfloor.reference.border import Border

Floats = npt.NDArray[np.float64]

HORIZON: Final = 600.0
"""Seconds ahead at which a crossing is asked about."""
HOME: Final = "CAN"
"""Country of an asset of which nothing else is told."""
LEAST: Final = 0.01
"""Bits below which nobody is sent: what a look costs is not in the sum."""
AWAY: Final = 0.2
"""What a bit about the existence of a track counts for that surely stays on its side of the line: a doubt
about who comes is worth more. With 1 fewer crossers are found in time (`benchmarks/surveillance/cues.py`)."""
LONG: Final = 1e9
"""Seconds, more than any sensor needs."""
STEP: Final = 10.0
"""Seconds over which the approach to the line is measured."""
MEETINGS: Final = 4
"""Rounds in which the place where a moving sensor meets a moving track is found; each shrinks the error by
the ratio of their speeds."""


class Targets(NamedTuple):
    """Tracks that could be looked at, columns of one length.

    Attributes:
        track: subject keys.
        latitude, longitude: degrees.
        v_east, v_north: metres a second.
        spread: standard deviation of the place, metres.
        v_spread: of the velocity, metres a second.
        turns: of what the mean velocity over `HORIZON` differs from the present one, metres a second.
        exists: probability.
        until: seconds from now after which there is no chance to look.
        life: whether a life is at risk.
    """

    track: Sequence[str]
    latitude: Floats
    longitude: Floats
    v_east: Floats
    v_north: Floats
    spread: Floats
    v_spread: Floats
    turns: Floats
    exists: Floats
    until: Floats
    life: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cue:
    """One sensor for one track.

    Attributes:
        asset: its name.
        track: subject key.
        at: when it looks.
        latitude, longitude: where it looks.
        bits: what is expected to be learned.
        exists, crosses: the probabilities that it would settle.
        life: whether a life is at risk.
        of_existence, of_crossing: the share of the bits that is about either.
        deadline: until when there is a chance to look.
        stand: latitude and longitude of the sensor when it looks.
    """

    asset: str
    track: str
    at: datetime
    latitude: float
    longitude: float
    bits: float
    exists: float
    crosses: float
    life: bool
    of_existence: float
    of_crossing: float
    deadline: datetime
    stand: tuple[float, float]


class _Pairs(NamedTuple):
    """Each sensor [n] with each track [m].

    Attributes:
        delay: seconds until it can look, `inf`: never [n, m].
        place: longitude and latitude of the track then [n, m, 2].
        stand: the same of the sensor.
        of_existence, of_crossing: bits that a look is expected to bring.
    """

    delay: Floats
    place: Floats
    stand: Floats
    of_existence: Floats
    of_crossing: Floats

    @property
    def bits(self) -> Floats:
        return self.of_existence + self.of_crossing


def choose(
    assets: Mapping[str, Asset],
    targets: Targets,
    border: Border,
    now: datetime,
    *,
    dark: bool | npt.NDArray[np.bool_] = False,
    home: Mapping[str, str] | None = None,
) -> list[Cue]:
    """The cues to give now, most bits first, lives before all.

    Args:
        assets: what is free to be sent.
        targets: what could be looked at.
        border: the line whose crossing is asked about.
        now: the moment from which times are counted.
        dark: whether it is dark, at each track: sensors that need daylight are of no use there.
        home: country of each asset, ISO 3166-1 alpha-3; CAN where none is told.
    """
    if not assets or not len(targets.track):
        return []
    names, fleet = list(assets), list(assets.values())
    chance = crosses(*_ahead(targets, border))
    pairs = _pairs(fleet, targets, border, np.broadcast_to(dark, len(targets.track)))
    may = np.isfinite(pairs.delay) & ~_abroad(fleet, names, pairs, border, home or {})
    cues = [
        Cue(
            names[row],
            targets.track[column],
            _after(now, pairs.delay[row, column]),
            float(pairs.place[row, column, 1]),
            float(pairs.place[row, column, 0]),
            float(pairs.bits[row, column]),
            float(targets.exists[column]),
            float(chance[column]),
            bool(targets.life[column]),
            float(pairs.of_existence[row, column]),
            float(pairs.of_crossing[row, column]),
            _after(now, targets.until[column]),
            (float(pairs.stand[row, column, 1]), float(pairs.stand[row, column, 0])),
        )
        for row, column in _assigned(pairs, may, targets.life, chance)
    ]
    return sorted(cues, key=lambda one: (not one.life, -one.bits, one.asset))


def _after(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=round(float(seconds), 3))


def _pairs(assets: Sequence[Asset], targets: Targets, border: Border, dark: npt.NDArray[np.bool_]) -> _Pairs:
    delay, place, stand = _meeting(assets, targets)
    blind = dark & ~np.array([one.night for one in assets])[:, None]
    delay = np.where(blind, np.inf, delay)
    looks, finite = _looks(assets, targets, border, delay), np.isfinite(delay)
    bits = (np.where(finite, worth, 0.0) for worth in (of_existence(looks), of_crossing(looks)))
    return _Pairs(delay, place, stand, *bits)


def _abroad(
    assets: Sequence[Asset], names: Sequence[str], pairs: _Pairs, border: Border, home: Mapping[str, str]
) -> npt.NDArray[np.bool_]:
    """Which sensors would have to stand across the line, and may not."""
    bound = np.array([one.kind != "camera" and not one.joint for one in assets])
    rows, columns = np.nonzero(bound[:, None] & np.isfinite(pairs.delay))
    away = np.zeros(pairs.delay.shape, np.bool_)
    if len(rows):
        longitude, latitude = pairs.stand[rows, columns].T
        own = np.array([home.get(names[row], HOME) for row in rows.tolist()])
        side = border.side(latitude, longitude)
        away[rows, columns] = (side != own) & (side != "")
    return away


def _assigned(
    pairs: _Pairs, may: npt.NDArray[np.bool_], life: npt.NDArray[np.bool_], chance: Floats
) -> list[tuple[int, int]]:
    """Pairs of sensor and track: first for lives, as soon as can be, then for the rest with what is left."""
    from scipy.optimize import linear_sum_assignment

    soon = np.where(may & life, LONG - np.minimum(pairs.delay, LONG / 2), 0.0)
    rest = np.where(may & ~life & (pairs.bits >= LEAST), _gain(pairs, chance), 0.0)
    free, found = np.arange(len(may)), []
    for value in (soon, rest):
        rows, columns = linear_sum_assignment(value[free], maximize=True)
        mine = zip(free[rows].tolist(), columns.tolist(), strict=True)
        found += [pair for pair in mine if value[pair] > 0]
        free = np.setdiff1d(free, [row for row, _ in found])
    return found


def _gain(pairs: _Pairs, chance: Floats) -> Floats:
    """Bits, of which those about existence count less the surer it is that the track stays on its side."""
    return (AWAY + (1 - AWAY) * chance) * pairs.of_existence + pairs.of_crossing


def _meeting(assets: Sequence[Asset], targets: Targets) -> tuple[Floats, Floats, Floats]:
    """Seconds until each sensor can look at each track (`inf`: never), and where both are then.

    Places are longitude and latitude, degrees.
    """
    speed = _column([one.speed_m_s for one in assets])
    reach = _column([one.reach_m for one in assets])
    ready = _column([one.ready_s for one in assets])
    delay = np.broadcast_to(ready, (len(assets), len(targets.track))).copy()
    for _ in range(MEETINGS):
        place = _moved(targets, delay)
        east, north = _offset(assets, place)
        far = np.hypot(east, north)
        go = np.where(speed > 0, np.maximum(far - reach, 0) / np.maximum(speed, 1e-9), 0)
        delay = ready + go + _turned(assets, east, north)
    place = _moved(targets, delay)
    far = np.hypot(*_offset(assets, place))
    away = np.where(speed > 0, np.maximum(far - reach, 0), 0)
    back = 2 * away / np.maximum(speed, 1e-9)
    never = (speed == 0) & (far > reach) | (back > _column([one.endurance_s for one in assets]))
    stand = _towards(assets, place, away / np.maximum(far, 1e-9))
    return np.where(never | (delay > targets.until), np.inf, delay), place, stand


def _towards(assets: Sequence[Asset], place: Floats, share: Floats) -> Floats:
    """Longitude and latitude of each sensor after it has gone a share of the way to each track."""
    start = np.array([(one.longitude, one.latitude) for one in assets])[:, None]
    way = place - start
    way[..., 0] = (way[..., 0] + 180) % 360 - 180
    found = start + share[..., None] * way
    found[..., 0] = (found[..., 0] + 180) % 360 - 180
    return np.asarray(found)


def _turned(assets: Sequence[Asset], east: Floats, north: Floats) -> Floats:
    """Seconds that a camera needs to turn."""
    slew = _column([one.slew_deg_s for one in assets])
    away = np.degrees(np.arctan2(east, north)) - _column([one.azimuth for one in assets])
    angle = np.abs((away + 180) % 360 - 180)
    return np.where(slew > 0, angle / np.maximum(slew, 1e-9), 0)


def _moved(targets: Targets, delay: Floats) -> Floats:
    """Longitude and latitude of each track after each delay."""
    seconds = np.where(np.isfinite(delay), delay, 0)
    north = targets.latitude + np.degrees(targets.v_north * seconds / MEAN_RADIUS)
    shrink = np.maximum(np.cos(np.radians(targets.latitude)), 1e-6)
    east = targets.longitude + np.degrees(targets.v_east * seconds / (MEAN_RADIUS * shrink))
    return np.stack([(east + 180) % 360 - 180, np.clip(north, -90, 90)], -1)


def _offset(assets: Sequence[Asset], place: Floats) -> tuple[Floats, Floats]:
    """Metres east and north of each sensor."""
    latitude = _column([one.latitude for one in assets])
    longitude = _column([one.longitude for one in assets])
    shrink = np.cos(np.radians((place[..., 1] + latitude) / 2))
    turn = (place[..., 0] - longitude + 180) % 360 - 180
    return np.radians(turn) * MEAN_RADIUS * shrink, np.radians(place[..., 1] - latitude) * MEAN_RADIUS


def _ahead(targets: Targets, border: Border) -> tuple[Floats, Floats]:
    """Metres beyond the line that each track is expected at the horizon, and their standard deviation."""
    margin, rate = approach(targets, border)
    wait = np.full(len(targets.track), HORIZON)
    return margin + rate * HORIZON, np.sqrt(_belief(targets, wait).place)


def _looks(assets: Sequence[Asset], targets: Targets, border: Border, delay: Floats) -> Looks:
    """Return the looks of every sensor at every target."""
    ahead, spread = _ahead(targets, border)
    wait = np.where(np.isfinite(delay), delay, 0)
    there = np.sqrt(_belief(targets, wait).place)
    return Looks(
        exists=np.broadcast_to(targets.exists, wait.shape),
        inside=within(0.0, there, _column([one.half_width_m for one in assets])),
        detects=_column([one.detects for one in assets]),
        alarms=_column([one.alarms for one in assets]),
        margin=np.broadcast_to(ahead, wait.shape),
        spread=np.broadcast_to(spread, wait.shape),
        sharpened=_sharpened(targets, assets, wait),
    )


class _Belief(NamedTuple):
    """Variances of a place and a velocity across the line, and their covariance; and `noise`, the spectral
    density of the acceleration, m²/s³."""

    place: Floats
    both: Floats
    velocity: Floats
    noise: Floats

    def after(self, seconds: Floats) -> "_Belief":
        """Return the belief some time later, nothing seen."""
        p, c, v, q = self
        return _Belief(
            p + 2 * c * seconds + v * seconds**2 + q * seconds**3 / 3,
            c + v * seconds + q * seconds**2 / 2,
            v + q * seconds,
            q,
        )

    def updated(self, variance: Floats) -> "_Belief":
        """Update the belief by a report of the place with an error of that variance (Kalman)."""
        p, c, v, q = self
        total = p + variance
        return _Belief(p - p * p / total, c - p * c / total, v - c * c / total, q)


def _belief(targets: Targets, seconds: Floats) -> _Belief:
    """Of each track some time from now. Its turns are those over `HORIZON`, which gives the noise."""
    noise = 3 * targets.turns**2 / HORIZON
    return _Belief(targets.spread**2, np.zeros(()), targets.v_spread**2, noise).after(seconds)


def _sharpened(targets: Targets, assets: Sequence[Asset], wait: Floats) -> Floats:
    """Standard deviation at the horizon after each sensor has looked, from `wait` seconds on."""
    error, dwell = _column([one.error_m for one in assets]), _column([one.dwell for one in assets])
    dwell = np.clip(targets.until - wait, 0, dwell)
    seen = _belief(targets, wait).updated(error**2).after(dwell).updated(error**2)
    left = seen.after(np.maximum(HORIZON - wait - dwell, 0))
    return np.asarray(np.sqrt(np.maximum(left.place, 1e-6)))


def approach(targets: Targets, border: Border) -> tuple[Floats, Floats]:
    """Metres beyond the line now (negative: not yet), and by how many a second that grows."""
    here = _signed(border, targets.latitude, targets.longitude)
    soon = _moved(targets, np.full(len(targets.track), STEP))
    moved = _signed(border, soon[:, 1], soon[:, 0]) - here
    return -np.abs(here), -np.sign(here) * moved / STEP


def _signed(border: Border, latitude: Floats, longitude: Floats) -> Floats:
    """Metres to the line, negative on its Canadian side."""
    metres = border.nearest(latitude, longitude).metres
    return np.asarray(np.where(border.side(latitude, longitude) == "CAN", -metres, metres))


def _column(values: Sequence[float]) -> Floats:
    return np.asarray(values, np.float64)[:, None]
