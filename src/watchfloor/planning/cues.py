"""Cueing: which sensor to send to which track, so that the most is learned before the chance is gone.

A track whose life is at risk is served before any other. Among the rest the sensors are assigned one to one,
so that the sum of the expected bits is greatest (Hungarian method); a sensor that would come too late, or
could not get back, is worth nothing there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from watchfloor.cell.acting.assets import Asset
from watchfloor.planning.looks import Looks, crosses, within, worth
from watchfloor.reference.border import Border

Floats = npt.NDArray[np.float64]

EARTH: Final = 6_371_008.8
"""Mean radius, metres: distances of a few kilometres are flat enough on a sphere."""
HORIZON: Final = 600.0
"""Seconds ahead at which a crossing is asked about."""
LEAST: Final = 0.01
"""Bits below which nobody is sent: what a look costs is not in the sum."""
STEP: Final = 10.0
"""Seconds over which the approach to the line is measured."""
MEETINGS: Final = 4
"""Rounds in which the place where a moving sensor meets a moving track is found; each shrinks the error by
the ratio of their speeds."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Tracks that could be looked at, columns of one length.

    Attributes:
        track: subject keys.
        latitude, longitude: degrees.
        v_east, v_north: metres a second.
        spread: standard deviation of the place, metres.
        v_spread: of the velocity, metres a second.
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


def choose(
    assets: Mapping[str, Asset], targets: Targets, border: Border, now: datetime, *, dark: bool = False
) -> list[Cue]:
    """The cues to give now, most bits first, lives before all.

    Args:
        assets: what is free to be sent.
        targets: what could be looked at.
        border: the line whose crossing is asked about.
        now: the moment from which times are counted.
        dark: whether sensors that need daylight are of no use.
    """
    usable = {name: one for name, one in assets.items() if one.night or not dark}
    if not usable or not len(targets.track):
        return []
    names = list(usable)
    delay, place = _meeting(list(usable.values()), targets)
    bits, chance = _bits(list(usable.values()), targets, border, delay)
    chosen = _assigned(bits, targets.life)
    cues = [
        Cue(
            names[row],
            targets.track[column],
            now + timedelta(seconds=round(float(delay[row, column]), 3)),
            float(place[row, column, 1]),
            float(place[row, column, 0]),
            float(bits[row, column]),
            float(targets.exists[column]),
            float(chance[column]),
            bool(targets.life[column]),
        )
        for row, column in chosen
    ]
    return sorted(cues, key=lambda one: (not one.life, -one.bits, one.asset))


def _assigned(bits: Floats, life: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Pairs of sensor and track: first for lives, then for the rest with what is left."""
    free, pairs = np.arange(len(bits)), []
    for columns in (np.flatnonzero(life), np.flatnonzero(~life)):
        rows, picked = linear_sum_assignment(bits[np.ix_(free, columns)], maximize=True)
        found = [(int(free[r]), int(columns[c])) for r, c in zip(rows, picked, strict=True)]
        pairs += [pair for pair in found if bits[pair] >= LEAST]
        free = np.setdiff1d(free, [row for row, _ in pairs])
    return pairs


def _meeting(assets: Sequence[Asset], targets: Targets) -> tuple[Floats, Floats]:
    """Seconds until each sensor can look at each track (`inf`: never), and longitude and latitude there."""
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
    back = np.where(speed > 0, 2 * np.maximum(far - reach, 0) / np.maximum(speed, 1e-9), 0)
    never = (speed == 0) & (far > reach) | (back > _column([one.endurance_s for one in assets]))
    return np.where(never | (delay > targets.until), np.inf, delay), place


def _turned(assets: Sequence[Asset], east: Floats, north: Floats) -> Floats:
    """Seconds that a camera needs to turn."""
    slew = _column([one.slew_deg_s for one in assets])
    away = np.degrees(np.arctan2(east, north)) - _column([one.azimuth for one in assets])
    angle = np.abs((away + 180) % 360 - 180)
    return np.where(slew > 0, angle / np.maximum(slew, 1e-9), 0)


def _moved(targets: Targets, delay: Floats) -> Floats:
    """Longitude and latitude of each track after each delay."""
    seconds = np.where(np.isfinite(delay), delay, 0)
    north = targets.latitude + np.degrees(targets.v_north * seconds / EARTH)
    shrink = np.maximum(np.cos(np.radians(targets.latitude)), 1e-6)
    east = targets.longitude + np.degrees(targets.v_east * seconds / (EARTH * shrink))
    return np.stack([(east + 180) % 360 - 180, np.clip(north, -90, 90)], -1)


def _offset(assets: Sequence[Asset], place: Floats) -> tuple[Floats, Floats]:
    """Metres east and north of each sensor."""
    latitude = _column([one.latitude for one in assets])
    longitude = _column([one.longitude for one in assets])
    shrink = np.cos(np.radians((place[..., 1] + latitude) / 2))
    turn = (place[..., 0] - longitude + 180) % 360 - 180
    return np.radians(turn) * EARTH * shrink, np.radians(place[..., 1] - latitude) * EARTH


def _bits(assets: Sequence[Asset], targets: Targets, border: Border, delay: Floats) -> tuple[Floats, Floats]:
    """What each look is expected to be worth, and the probability that each track crosses."""
    margin, rate = _margin(targets, border)
    ahead = margin + rate * HORIZON
    spread = np.hypot(targets.spread, targets.v_spread * HORIZON)
    finite = np.isfinite(delay)
    wait = np.where(finite, delay, 0)
    there = np.hypot(targets.spread, targets.v_spread * wait)
    looks = Looks(
        exists=np.broadcast_to(targets.exists, wait.shape),
        inside=within(0.0, there, _column([one.half_width_m for one in assets])),
        detects=_column([one.detects for one in assets]),
        alarms=_column([one.alarms for one in assets]),
        margin=np.broadcast_to(ahead, wait.shape),
        spread=np.broadcast_to(spread, wait.shape),
        sharpened=_sharpened(targets, wait, _column([one.error_m for one in assets])),
    )
    return np.where(finite, worth(looks), 0.0), crosses(ahead, spread)


def _sharpened(targets: Targets, wait: Floats, error: Floats) -> Floats:
    """Standard deviation at the horizon after a place with that error is measured after `wait` seconds.

    One dimension across the line: place and rate, a constant-velocity Kalman update, and prediction onward.
    """
    place, speed = targets.spread**2, targets.v_spread**2
    p, c, v = place + speed * wait**2, speed * wait, speed
    total = p + error**2
    p, c, v = p - p * p / total, c - p * c / total, v - c * c / total
    on = np.maximum(HORIZON - wait, 0)
    return np.asarray(np.sqrt(np.maximum(p + 2 * c * on + v * on**2, 1e-6)))


def _margin(targets: Targets, border: Border) -> tuple[Floats, Floats]:
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
