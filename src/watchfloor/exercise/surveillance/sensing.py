"""Sensing of passages: plots with errors, misses, guesses of class, and clutter."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.exercise.acts import Fix, Passage
from watchfloor.exercise.surveillance.geometry import View, beyond, seen, shifted
from watchfloor.exercise.surveillance.paths import Where, where
from watchfloor.exercise.surveillance.world import Sensor

Floats = npt.NDArray[np.float64]
Columns = dict[str, npt.NDArray[Any]]
"""Columns of the kind `detection` by name, and beside them `seconds`, `sensor` (its number), `whose`, `lag`.

`whose` is the number of a passage, or `NOTHING`; `class` is a number of `CLASSES`, or -1.
"""

NOTHING: Final = -1
CLASSES: Final = ("person", "group", "vehicle", "boat", "aircraft", "drone", "animal", "unknown")
ROTATION: Final = 4.0
"""Seconds in which a radar turns once."""
NOISES: Final = np.array([CLASSES.index(one) for one in ("person", "vehicle", "animal", "unknown")])
"""What a ground sensor takes nothing for."""
_HERE: Final = ("sensor_latitude", "sensor_longitude", "sensor_altitude")
DEAF: Final = 250.0
"""Metres around a radar in which it sees nothing."""

GUESSED: Final = {
    "person": ("person", "animal", "group"),
    "group": ("group", "person", "animal"),
    "vehicle": ("vehicle", "vehicle", "unknown"),
    "boat": ("boat", "boat", "unknown"),
    "aircraft": ("aircraft", "aircraft", "drone"),
    "drone": ("drone", "aircraft", "unknown"),
    "animal": ("animal", "person", "animal"),
}
"""What a thing is taken for: what it is, and what it is mistaken for."""
RIGHT: Final = {
    "radar": 0.72,
    "vessel": 0.72,
    "camera": 0.9,
    "ground-sensor": 0.65,
    "drone": 0.93,
    "aircraft": 0.9,
}
"""How often a sensor of a kind names the class right."""
LAG: Final = {"radar": 0.4, "camera": 1.2, "ground-sensor": 6.0, "drone": 2.0, "aircraft": 4.0, "vessel": 1.5}
"""Mean seconds until a report is with us."""

Off = tuple[float, float]
Spot = tuple[Floats, Floats, Floats]
"""Latitude, longitude and height."""


def sights(
    rng: np.random.Generator,
    sensor: Sensor,
    number: int,
    passages: Sequence[Passage],
    off: Sequence[Off],
    carrier: Passage | None,
) -> Iterator[Columns]:
    """Yield a sensor's plots of every passage.

    Args:
        rng: of the errors.
        sensor: it, with its number.
        number: as `sensor` tells it.
        passages: all of them; `whose` counts in it.
        off: when it does not look: seconds since the day began.
        carrier: what carries it while it looks; None of one that stands.
    """
    near = _near(sensor, passages) if carrier is None else range(len(passages))
    for whose in near:
        passage = passages[whose]
        found = None if passage is carrier else _of_one(rng, sensor, passage, carrier, off)
        if found is not None:
            size = len(found["seconds"])
            yield found | {"sensor": np.full(size, number), "whose": np.full(size, whose)}


@lru_cache(maxsize=1 << 16)
def _box(path: tuple[Fix, ...]) -> tuple[float, float, float, float]:
    """Least and greatest latitude and longitude of a path."""
    north, east = [one.latitude for one in path], [one.longitude for one in path]
    return min(north), max(north), min(east), max(east)


def _near(sensor: Sensor, passages: Sequence[Passage]) -> list[int]:
    """Passages that may come within the farthest reach of a sensor."""
    boxes = np.array([_box(one.path) for one in passages]).reshape(-1, 4)
    latitude, longitude = sensor.place
    up = (beyond(latitude, longitude, 0.0, sensor.farthest)[0] - latitude) * 1.02
    across = (beyond(latitude, longitude, 90.0, sensor.farthest)[1] - longitude) * 1.02
    out = (boxes[:, 0] > latitude + up) | (boxes[:, 1] < latitude - up)
    out |= (boxes[:, 2] > longitude + across) | (boxes[:, 3] < longitude - across)
    return [int(one) for one in np.flatnonzero(~out)]


def _of_one(
    rng: np.random.Generator, sensor: Sensor, passage: Passage, carrier: Passage | None, off: Sequence[Off]
) -> Columns | None:
    first, last = passage.path[0].seconds, passage.path[-1].seconds
    if carrier is not None:
        first, last = max(first, carrier.path[0].seconds), min(last, carrier.path[-1].seconds)
    begin, end = (first - sensor.phase) / sensor.every, (last - sensor.phase) / sensor.every
    looks = np.arange(np.ceil(begin), end + 1e-9)
    at = looks * sensor.every + sensor.phase
    for start, over in off:
        awake = (at < start) | (at > over)
        looks, at = looks[awake], at[awake]
    if not len(at):
        return None
    at, spot, here, view = _looked(sensor, passage, carrier, at)
    seen_by = _taken(rng, sensor, passage, spot, view)
    if sensor.kind == "ground-sensor":
        seen_by &= _begins(seen_by, at, sensor.every)
    kept = np.flatnonzero(seen_by)
    if not len(kept):
        return None
    spot, view = Where(*(one[kept] for one in spot)), View(*(one[kept] for one in view))
    here = here[0][kept], here[1][kept], here[2][kept]
    told = _told(rng, sensor, passage, spot, here, view)
    size = len(kept)
    whole = {"scan": looks[kept].astype(np.int64)} if sensor.kind == "radar" else {}
    lag = rng.exponential(LAG[sensor.kind], size) * 0.5 + LAG[sensor.kind] * 0.5
    return {"seconds": at[kept], "lag": lag} | whole | told | _guessed(rng, sensor.kind, passage.what, size)


def _looked(
    sensor: Sensor, passage: Passage, carrier: Passage | None, at: Floats
) -> tuple[Floats, Where, Spot, View]:
    """When each look meets the thing, where that is then, and where the sensor is."""
    spot = where(passage.path, at)
    here = _stands(sensor, carrier, at)
    view = seen(here, (spot.latitude, spot.longitude, spot.height))
    if sensor.kind == "radar":  # it turns, and meets each direction at its own moment
        at = at + view.azimuth / 360 * ROTATION
        spot = where(passage.path, at)
        view = seen(here, (spot.latitude, spot.longitude, spot.height))
    return at, spot, here, view


def _stands(sensor: Sensor, carrier: Passage | None, at: Floats) -> Spot:
    if carrier is None:
        latitude, longitude, height = (np.full(len(at), one) for one in (*sensor.place, sensor.height))
        return latitude, longitude, height
    spot = where(carrier.path, at)
    return spot.latitude, spot.longitude, spot.height


def _taken(
    rng: np.random.Generator, sensor: Sensor, passage: Passage, spot: Where, view: View
) -> npt.NDArray[np.bool_]:
    """Which looks give a plot: less likely far away, none of what stands still where only motion is seen."""
    reach = sensor.sees(passage.size)
    chance = sensor.sure * (1 - 0.5 * np.minimum(view.range / reach, 1) ** 4)
    found = (view.range <= reach) & (rng.random(len(view.range)) < chance)
    if sensor.kind == "radar":
        found &= view.range >= DEAF
    return np.asarray(found & (spot.speed >= sensor.slowest))


def _begins(found: npt.NDArray[np.bool_], at: Floats, every: float) -> npt.NDArray[np.bool_]:
    """A ground sensor that was set off is quiet for some looks."""
    quiet, last = np.zeros(len(found), np.bool_), -np.inf
    for n in np.flatnonzero(found):
        if at[n] - last >= 2.5 * every:
            quiet[n], last = True, at[n]
    return quiet


def _told(
    rng: np.random.Generator,
    sensor: Sensor,
    passage: Passage,
    spot: Where,
    here: Spot,
    view: View,
) -> Columns:
    """Place or direction with its errors."""
    size = len(view.range)
    stands: Columns = dict(zip(_HERE, here, strict=True))
    if sensor.kind == "ground-sensor":
        return _placed(here[0], here[1], np.full(size, sensor.sigma_range))
    if np.isnan(sensor.sigma_azimuth):
        sigma = np.full(size, sensor.sigma_range)
        east, north = rng.normal(0, sensor.sigma_range, (2, size))
        place = shifted(spot.latitude, spot.longitude, east, north)
        return stands | _placed(*place, sigma) | _height(rng, spot)
    azimuth = (view.azimuth + rng.normal(0, sensor.sigma_azimuth, size)) % 360
    told = stands | {"azimuth": azimuth, "azimuth_error": np.full(size, sensor.sigma_azimuth)}
    if np.isnan(sensor.sigma_range):
        return told | (
            {"elevation": view.elevation + rng.normal(0, 0.1, size)} if passage.what == "aircraft" else {}
        )
    metres = view.range + rng.normal(0, sensor.sigma_range, size)
    told |= {"range": np.maximum(metres, 1.0), "range_error": np.full(size, sensor.sigma_range)}
    if sensor.kind == "radar" and sensor.slowest > 0:
        rate = spot.speed * np.cos(np.radians(spot.course - view.azimuth)) + rng.normal(0, 0.3, size)
        told |= {"range_rate": rate, "range_rate_error": np.full(size, 0.3)}
    return told


def _placed(latitude: Floats, longitude: Floats, sigma: Floats) -> Columns:
    size = len(sigma)
    spread = {"var_east": sigma**2, "var_north": sigma**2, "cov_east_north": np.zeros(size)}
    return {"latitude": latitude, "longitude": longitude} | spread


def _height(rng: np.random.Generator, spot: Where) -> Columns:
    """Height of what flies, as an aircraft's own sensor tells it."""
    told = spot.height + rng.normal(0, 10, len(spot.height))
    return {"altitude": np.where(spot.height > 20, told, np.nan)}


def _guessed(rng: np.random.Generator, kind: str, what: str, size: int) -> Columns:
    right = rng.random(size) < RIGHT[kind]
    mistaken = rng.integers(1, 3, size)
    names = [CLASSES.index(one) for one in GUESSED[what]]
    classes = np.array(names)[np.where(right, 0, mistaken)]
    sure = np.where(right, rng.uniform(0.6, 0.97, size), rng.uniform(0.34, 0.7, size))
    return {"class": classes, "class_confidence": sure, "confidence": rng.uniform(0.7, 0.99, size)}


def clutter(
    rng: np.random.Generator, sensor: Sensor, number: int, rate: float, off: Sequence[Off]
) -> Columns:
    """Plots of a radar that are nothing: waves, rain, birds, a branch. `rate` is how many an hour."""
    size = int(rng.poisson(24 * rate))
    scan = np.floor((np.sort(rng.uniform(0, 86_400, size)) - sensor.phase) / sensor.every)
    azimuth = rng.uniform(0, 360, size)
    made: Columns = {
        "seconds": scan * sensor.every + sensor.phase + azimuth / 360 * ROTATION,
        "lag": np.full(size, LAG["radar"]),
        "scan": scan.astype(np.int64),
        **_origin(sensor, size),
        "azimuth": azimuth,
        "azimuth_error": np.full(size, sensor.sigma_azimuth),
        "range": rng.uniform(DEAF, min(sensor.farthest, 15_000), size),
        "range_error": np.full(size, sensor.sigma_range),
        "class": np.full(size, CLASSES.index("unknown")),
        "class_confidence": rng.uniform(0.3, 0.6, size),
        "confidence": rng.uniform(0.2, 0.8, size),
    }
    return _awake(made, number, off)


def nuisance(
    rng: np.random.Generator, sensor: Sensor, number: int, rate: float, winds: Floats, off: Sequence[Off]
) -> Columns:
    """Reports of a ground sensor that wind, frost, water or small animals set off.

    Args:
        rng: of the errors.
        sensor: it, with its number.
        number: as `sensor` tells it.
        rate: how many an hour at a wind of 5 m/s; half of them grow with its square.
        winds: m/s in each hour of the day.
        off: when it does not look.
    """
    touchy = rng.lognormal(-0.32, 0.8)  # some sensors are set off by everything
    counts = rng.poisson(rate * (0.5 + 0.5 * (winds / 5) ** 2) * touchy)
    size = int(counts.sum())
    made = {
        "seconds": np.repeat(np.arange(24) * 3_600.0, counts) + rng.uniform(0, 3_600, size),
        "lag": rng.exponential(LAG["ground-sensor"], size),
        **_placed(*(np.full(size, one) for one in (*sensor.place, sensor.sigma_range))),
        "class": rng.choice(NOISES, size, p=[0.22, 0.08, 0.4, 0.3]),
        "class_confidence": rng.uniform(0.3, 0.9, size),
        "confidence": rng.uniform(0.5, 0.99, size),
    }
    return _awake(made, number, off)


def _origin(sensor: Sensor, size: int) -> Columns:
    values = (*sensor.place, sensor.height)
    return {name: np.full(size, value) for name, value in zip(_HERE, values, strict=True)}


def _awake(made: Columns, number: int, off: Sequence[Off]) -> Columns:
    """Keep the plots of nothing that fall into times when the sensor looked."""
    at = made["seconds"]
    kept = (at >= 0) & (at <= 86_400)
    for start, over in off:
        kept &= (at < start) | (at > over)
    size = int(kept.sum())
    left = {name: values[kept] for name, values in made.items()}
    return left | {"sensor": np.full(size, number), "whose": np.full(size, NOTHING)}
