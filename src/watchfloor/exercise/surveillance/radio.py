"""Self-reports of vessels and aircraft, as receivers hear them."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.exercise.acts import Passage, Radio
from watchfloor.exercise.cast import keys
from watchfloor.exercise.surveillance.geometry import seen, shifted
from watchfloor.exercise.surveillance.paths import where
from watchfloor.exercise.surveillance.world import HEARD, RECEIVERS

Floats = npt.NDArray[np.float64]
Columns = dict[str, npt.NDArray[Any]]

VESSELS: Final = ("A", "B")
AIRCRAFT: Final = "S"
NAMED: Final = 1_800.0
"""Seconds between two messages of a vessel's name."""
LOST: Final = 0.06
"""Share of messages that collide with another."""
SIGMA: Final = 6.0
"""Metres."""


def heard(rng: np.random.Generator, passages: Sequence[Passage], grades: Sequence[str]) -> Iterator[Columns]:
    """Self-reports of some grades of transponders, one stretch of radio after the other.

    Columns are those of `sensing`; `receiver` is a number of `RECEIVERS`, `of` that of the stretch of radio
    in its passage. A message of a vessel's name alone (`named`) has no place.
    """
    for whose, passage in enumerate(passages):
        for number, radio in enumerate(passage.radio):
            if radio.grade in grades and (found := _of_one(rng, passage, radio)):
                size = len(found["seconds"])
                yield found | {"whose": np.full(size, whose), "of": np.full(size, number)}


def _of_one(rng: np.random.Generator, passage: Passage, radio: Radio) -> Columns | None:
    last = min(radio.last, passage.path[-1].seconds)
    first = max(radio.first, passage.path[0].seconds)
    count = int((last - first) / radio.every) + 1 if last >= first else 0
    at = first + (np.arange(count) + rng.uniform(0, 0.3, count)) * radio.every
    at = np.round(at[(at <= last) & (rng.random(count) >= LOST)])
    named = _named(first, last) if radio.grade in VESSELS else np.zeros(0)
    at = np.concatenate([at, named])
    spot = where(passage.path, at)
    receiver, near = _receivers(spot.latitude, spot.longitude)
    kept = np.flatnonzero((near <= HEARD) | (radio.grade == AIRCRAFT))
    if not len(kept):
        return None
    size = len(at)
    latitude, longitude = shifted(spot.latitude, spot.longitude, *rng.normal(0, SIGMA, (2, size)))
    silent = np.arange(size) >= size - len(named)
    told = {
        "latitude": latitude,
        "longitude": longitude,
        "speed": np.maximum(spot.speed + rng.normal(0, 0.1, size), 0),
        "course": (spot.course + rng.normal(0, 1.0, size)) % 360,
    }
    if radio.grade == AIRCRAFT:
        told |= {"altitude": spot.height + rng.normal(0, 8, size), "climb": spot.climb}
    told = {name: np.where(silent, np.nan, values) for name, values in told.items()}
    found = told | {"seconds": at, "lag": rng.uniform(0, 1, size), "receiver": receiver, "named": silent}
    return {name: values[kept] for name, values in found.items()}


def _named(first: float, last: float) -> Floats:
    """When a vessel gives its name: soon after it begins, then every half hour."""
    return np.arange(np.ceil(first) + 5, last, NAMED)


def _receivers(latitude: Floats, longitude: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """The nearest receiver of each place, and how far it is."""
    zeros = np.zeros(len(latitude))
    there = (latitude, longitude, zeros)
    far = np.stack([seen((*place, 0.0), there).range for _, place in RECEIVERS])
    return far.argmin(0), far.min(0)


def key_of(radio: Radio) -> str:
    """The typed key that a stretch of radio claims."""
    return keys(radio.claimed)[0]
