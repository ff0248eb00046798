"""Registration: which sensors of a recording see the same objects, but turned or set off from one another.

Where two sensors go together along several objects, but always so far apart by azimuth and range, or by east
and north, one of them is turned, or stands elsewhere than it says (relative registration: Y. Bar-Shalom,
X. R. Li and T. Kirubarajan, Estimation with Applications to Tracking and Navigation, 2001; the biases of one
sensor are told apart from those of the other only where a third agrees with one of them). Nothing is
corrected: who runs the sensors is told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

FARTHEST: Final = 600.0
"""Metres between two sensors' places of one object at most. Judgement, as all here."""
REPORTS: Final = 8
"""Of each sensor on an object at least."""
OBJECTS: Final = 3
"""That both see, at least, and `SHARE` of those that both could: one that passes is chance."""
SHARE: Final = 0.7
WAIT: Final = 5.0
"""Times the usual interval over which the other's place is interpolated."""
SIGNIFICANT: Final = 6.0
"""Standard errors of the offset, which is worth telling from `WORTH` of the spread about it."""
WORTH: Final = 1.0
SENSORS: Final = 10
"""That are compared, those of most reports first."""
TRACKS: Final = 40
"""Of a sensor that are compared, the longest first."""


@dataclass(frozen=True, slots=True)
class Offset:
    """How far the places of one sensor are from another's.

    Attributes:
        sensor, other: their numbers; `sensor` is the odd one where `by` says who agree against it.
        azimuth: radians clockwise, as seen from the sensor; None where it does not say where it stands.
        range: metres farther; None likewise.
        east, north: metres, the median.
        metres: between the two places of one object, the median of what the offset accounts for.
        objects: how many say so.
        by: numbers of sensors that agree with each other and not with it; empty: nobody can say which is off.
    """

    sensor: int
    other: int
    azimuth: float | None
    range: float | None
    east: float
    north: float
    metres: float
    objects: int
    by: tuple[int, ...] = ()


def offsets(t: Floats, place: Floats, sensor: Numbers, track: Numbers, stands: Floats) -> list[Offset]:
    """Return the sensors that are off, by the tracks that their reports were given to.

    Args:
        t: [n] seconds.
        place: [n, 2] metres east and north in one plane.
        sensor: [n] numbers.
        track: [n] number of each report's track, -1 for none.
        stands: [n, 2] where the sensor was; NaN where it does not say.
    """
    known = np.flatnonzero((track >= 0) & np.isfinite(place).all(1) & np.isfinite(t))
    known = known[np.argsort(t[known], kind="stable")]
    names, often = np.unique(sensor[known], return_counts=True)
    names = names[np.argsort(-often, kind="stable")][:SENSORS]
    paths = {int(name): _paths(t, place, track, known[sensor[known] == name]) for name in names}
    # NaN where it does not always say.
    whence = {int(name): np.median(stands[known[sensor[known] == name]], axis=0) for name in names}
    compared = {
        (one, other): _compare(paths[one], paths[other], whence[one])
        for one, other in combinations(sorted(paths), 2)
    }
    return _blame({pair: found for pair, found in compared.items() if found is not None})


@dataclass(frozen=True, slots=True)
class _Path:
    """Reports of one sensor on one track, in order of time."""

    t: Floats
    place: Floats
    low: Floats
    high: Floats


def _paths(t: Floats, place: Floats, track: Numbers, rows: Numbers) -> list[_Path]:
    found = []
    numbers, often = np.unique(track[rows], return_counts=True)
    for number in numbers[np.argsort(-often, kind="stable")][:TRACKS]:
        mine = rows[track[rows] == number]
        if len(mine) >= REPORTS:
            found.append(_Path(t[mine], place[mine], place[mine].min(0), place[mine].max(0)))
    return found


def _apart(one: _Path, other: _Path) -> Floats | None:
    """Offsets [m, 4] of the first from the second at the times of the first: east, north, and its place."""
    if one.t[0] > other.t[-1] or other.t[0] > one.t[-1]:
        return None
    if (one.low > other.high + FARTHEST).any() or (other.low > one.high + FARTHEST).any():
        return None
    after = np.searchsorted(other.t, one.t)
    inside = (after > 0) & (after < len(other.t))
    after = after[inside]
    near = np.diff(other.t)[after - 1] <= WAIT * np.median(np.diff(other.t)) + 1e-9
    at, when = one.place[inside][near], one.t[inside][near]
    if len(when) < REPORTS:
        return None
    there = np.column_stack([np.interp(when, other.t, other.place[:, axis]) for axis in range(2)])
    away = at - there
    return np.column_stack((away, at)) if np.hypot(*np.median(away, axis=0)) <= FARTHEST else None


def _compare(mine: list[_Path], others: list[_Path], stands: Floats) -> tuple[bool, Offset] | None:
    """Whether two sensors are apart, and how; None where they do not see enough of the same."""
    met: list[list[Floats]] = []
    for one in mine:
        pairs = [found for other in others if (found := _apart(one, other)) is not None]
        if pairs:
            met.append(pairs)
    if len(met) < OBJECTS:
        return None
    polar = bool(np.isfinite(stands).all())
    best: tuple[int, float, Floats] | None = None
    for guess in [found for pairs in met for found in pairs][:TRACKS]:
        values = _values(guess, stands, polar)
        middle = np.median(values, axis=0)
        fits = []
        for pairs in met:
            left = [_left(found, middle, stands, polar) for found in pairs]
            nearest = min(range(len(left)), key=lambda k: float(np.hypot(*np.median(left[k], axis=0))))
            off = float(np.hypot(*np.median(left[nearest], axis=0)))
            if off <= 2 * _spread(left[nearest]):
                fits.append((off, pairs[nearest]))
        total = sum(off for off, _ in fits)
        if best is None or (len(fits), -total) > best[:2]:
            best = len(fits), -total, np.concatenate([found for _, found in fits] or [guess])
    assert best is not None
    objects, _, all_of_them = best
    if objects < OBJECTS or objects < SHARE * len(met):
        return None
    values = _values(all_of_them, stands, polar)
    middle = np.median(values, axis=0)
    rest = _left(all_of_them, middle, stands, polar)
    spread = _spread(rest)
    east, north = np.median(all_of_them[:, :2], axis=0).tolist()
    size = float(np.median(np.hypot(*(all_of_them[:, :2] - rest).T)))
    apart = size > max(WORTH * spread, SIGNIFICANT * 1.25 * spread / np.sqrt(len(values) / 2))
    turned, longer = (middle[0], middle[1]) if polar else (None, None)
    return apart, Offset(
        sensor=0,
        other=0,
        azimuth=None if turned is None else float(turned),
        range=None if longer is None else float(longer),
        east=east,
        north=north,
        metres=size,
        objects=objects,
    )


def _values(found: Floats, stands: Floats, polar: bool) -> Floats:
    """Offsets as azimuth (radians clockwise) and range, or as east and north: [m, 2]."""
    if not polar:
        return found[:, :2]
    here = found[:, 2:] - stands
    there = here - found[:, :2]
    turn = np.arctan2(here[:, 0], here[:, 1]) - np.arctan2(there[:, 0], there[:, 1])
    return np.column_stack(((turn + np.pi) % (2 * np.pi) - np.pi, np.hypot(*here.T) - np.hypot(*there.T)))


def _left(found: Floats, middle: Floats, stands: Floats, polar: bool) -> Floats:
    """Return the offsets less a sensor's own, metres across and along [m, 2]."""
    left = _values(found, stands, polar) - middle
    if polar:
        left[:, 0] *= np.hypot(*(found[:, 2:] - stands).T)
    return left


def _spread(left: Floats) -> float:
    """Metres, of both axes, by the median absolute deviation."""
    return float(np.hypot(*(1.4826 * np.median(np.abs(left - np.median(left, axis=0)), axis=0))))


def _blame(compared: dict[tuple[int, int], tuple[bool, Offset]]) -> list[Offset]:
    """Name the sensor that two or more, which agree with each other, are apart from; else the pair."""
    agree = {pair for pair, (apart, _) in compared.items() if not apart}
    apart = {pair: found for pair, (is_apart, found) in compared.items() if is_apart}
    told, done = [], set()
    for name in sorted({one for pair in apart for one in pair}):
        against = tuple(sorted({*pair}.difference({name}).pop() for pair in apart if name in pair))
        bears_out = tuple(sorted({one for pair in combinations(against, 2) if pair in agree for one in pair}))
        sound = any(name in pair for pair in agree)
        if bears_out and not sound:
            pair = min(name, bears_out[0]), max(name, bears_out[0])
            told.append(_seen_from(name, pair, apart[pair], bears_out))
            done |= {pair for pair in apart if name in pair}
    told += [_seen_from(pair[0], pair, found, ()) for pair, found in apart.items() if pair not in done]
    return told


def _seen_from(name: int, pair: tuple[int, ...], found: Offset, by: tuple[int, ...]) -> Offset:
    sign = 1.0 if pair[0] == name else -1.0
    return replace(
        found,
        sensor=name,
        other=pair[1] if pair[0] == name else pair[0],
        azimuth=None if found.azimuth is None else sign * found.azimuth,
        range=None if found.range is None else sign * found.range,
        east=sign * found.east,
        north=sign * found.north,
        by=by,
    )


def sentences(found: list[Offset], names: Sequence[str]) -> Iterator[str]:
    """Say of each offset who is off by how much, and what to do."""
    for one in found:
        if one.azimuth is not None and one.range is not None:
            ways = [(np.degrees(one.azimuth), "°", 2, "clockwise", "anticlockwise")]
            ways += [(one.range, " m", 0, "farther", "nearer")]
        else:
            ways = [(one.east, " m", 0, "east", "west"), (one.north, " m", 0, "north", "south")]
        how = " and ".join(
            f"{abs(value):.{digits}f}{unit} {more if value > 0 else less}"
            for value, unit, digits, more, less in ways
            if round(abs(value), digits)
        )
        seen = f"sensor {names[one.sensor]} shows {one.objects} objects {how} ({one.metres:.0f} m) of where"
        if one.by:
            others = ", ".join(names[other] for other in one.by)
            yield f"{seen} {others} show them, who agree: check how it is turned and where it stands"
        else:
            yield f"{seen} {names[one.other]} shows them: check how both are turned and where they stand"
