"""Which track followed what: a desk's tracks against the paths of storylines.

A desk numbers its tracks as it finds them, so no answer key can name them. A track is of a storyline where at
least half of its legs, and no fewer than `LEAST`, ended within `NEAR` metres of where something of that
storyline then was, or within the leg's own radius if that is larger. A change on the ground is of a storyline
where it lies within `NEAR` metres of the middle of the trail that was cut for that.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.nearby import apart
from watchfloor.core.subjects import subject
from watchfloor.desks.space.desk import NAME as SPACE
from watchfloor.exercise.cast import DAY
from watchfloor.exercise.key import Key, Storyline
from watchfloor.exercise.surveillance.geometry import space
from watchfloor.policy.policy import Reader
from watchfloor.store.errors import NoView
from watchfloor.store.floor import Floor

Floats = npt.NDArray[np.float64]

NEAR: Final = 150.0
FARTHEST: Final = 1_000.0
"""Metres beyond which no radius reaches."""
LEAST: Final = 2
COLUMNS: Final = ("subjects", "until", "latitude", "longitude", "radius")
"""What is needed of the rows of `track`."""
CHANGED: Final = ("change", "latitude", "longitude")
"""What is needed of the records of the kind scene-change."""


def followed(tracks: pa.Table, key: Key) -> dict[str, str]:
    """The storyline or look-alike, by name, that each track is of; tracks of nothing in the key are left out.

    Args:
        tracks: rows of the derived kind `track` with `COLUMNS`; the first subject is the track's key.
        key: the answers.
    """
    if not tracks.num_rows:
        return {}
    own = pc.list_element(tracks["subjects"], 0).combine_chunks().dictionary_encode()
    track = own.indices.to_numpy()
    at = tracks["until"].cast(pa.int64()).to_numpy() / 1e6 - DAY.timestamp()
    place = space(tracks["latitude"].to_numpy(), tracks["longitude"].to_numpy())
    reach = np.clip(np.nan_to_num(tracks["radius"].to_numpy(zero_copy_only=False)), NEAR, FARTHEST)
    legs = np.bincount(track, minlength=len(own.dictionary))
    best, whose = np.zeros(len(legs), np.int64), np.full(len(legs), -1)
    for number, one in enumerate(key.storylines):
        near = np.zeros(len(at), np.bool_)
        for path in _paths(one):
            near |= _near(path, at, place, reach)
        hits = np.bincount(track[near], minlength=len(legs))
        better = (hits > best) & (hits >= LEAST) & (2 * hits >= legs)
        best, whose = np.where(better, hits, best), np.where(better, number, whose)
    names = own.dictionary.to_pylist()
    return {names[n]: key.storylines[whose[n]].name for n in np.flatnonzero(whose >= 0)}


def followed_on(floor: Floor, reader: Reader, key: Key) -> dict[str, str]:
    """The same of the tracks that a reader's view of a floor keeps, and of places whose ground changed."""
    found = changed(floor.read("scene-change", reader, columns=CHANGED, latest=True), key)
    if not floor.newest(("track",)):
        return found
    try:
        return found | followed(floor.derived("track", reader), key)
    except NoView:
        return found


def changed(changes: pa.Table, key: Key) -> dict[str, str]:
    """The storyline, by name, for which the ground of each place was changed; other places are left out."""
    found: dict[str, str] = {}
    for row in changes.to_pylist():
        for one in key.storylines:
            if one.ground and apart(one.ground, (row["latitude"], row["longitude"])) <= NEAR:
                found[subject("place", SPACE, row["change"])] = one.name
    return found


def _paths(one: Storyline) -> Iterator[Floats]:
    yield from (np.array(trace.path, np.float64) for trace in one.traces)


def _near(path: Floats, at: Floats, place: Floats, reach: Floats) -> npt.NDArray[np.bool_]:
    """Which legs ended near a path: seconds, latitude and longitude of its turning points."""
    there = np.stack([np.interp(at, path[:, 0], path[:, n]) for n in (1, 2)], 1)
    away = np.sqrt(((space(there[:, 0], there[:, 1]) - place) ** 2).sum(1))
    found: Any = (at >= path[0, 0] - 1) & (at <= path[-1, 0] + 1) & (away <= reach)
    return np.asarray(found, np.bool_)
