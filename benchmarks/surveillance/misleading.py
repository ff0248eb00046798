"""Scenes that mislead a tracker: a ship longer than a radar's cell, the piers of a bridge, and a swell.

One radar turns in 2.5 s for five minutes, with one false echo a turn on 3 km by 3 km. Each scene runs as a
plain table through what `watchfloor track` does. Printed are all tracks that were ever shown, how many were
shown at a time, and how many of these were not marked as stationary, in the second half too, beside how many
objects there are. All numbers of the scenes are our choice.
"""

import argparse
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from watchfloor.desks.surveillance.recording import track

TURN, TURNS = 2.5, 120  # seconds, and how many
FIELD = 1_500.0  # metres from the radar to the sides of its field
CHANCE = 0.9  # that a boat is found in a turn
Rng = np.random.Generator
Echoes = Iterator[tuple[float, np.ndarray]]


def boat(rng: Rng, start: tuple[float, float], speed: float) -> Echoes:
    """Yield the time and place of a boat that goes along x at `speed` m/s."""
    for t in TURN * np.flatnonzero(rng.random(TURNS) < CHANCE):
        yield t, np.array([start[0] + speed * t, start[1]])


def ship(rng: Rng, *, parts: int = 0, length: float = 150.0, speed: float = 5.0) -> Echoes:
    """Yield echoes of one ship: three anywhere on it, or each of so many parts with a chance of .6."""
    ahead = np.array([0.5, 0.75**0.5])
    places = np.linspace(-length / 2, length / 2, parts)
    for t in TURN * np.arange(TURNS):
        found = places[rng.random(parts) < 0.6]
        for along in found if parts else rng.uniform(-length / 2, length / 2, 1 + rng.poisson(2)):
            yield t, np.array([-400.0, -400.0]) + ahead * (speed * t + along)


def bridge(rng: Rng, *, piers: int = 12, apart: float = 40.0) -> Echoes:
    """Yield echoes of piers, each found in half of the turns, and of a boat that passes below."""
    for t in TURN * np.arange(TURNS):
        for pier in np.flatnonzero(rng.random(piers) < 0.5):
            yield t, np.array([600.0, (pier - piers / 2) * apart])
    yield from boat(rng, (-200.0, 20.0), 5.0)


def swell(rng: Rng, *, speed: float = 7.0) -> Echoes:
    """Yield echoes of crests, two new ones a turn that live for four turns in the mean, and of a boat."""
    for turn in range(TURNS):
        for _ in range(rng.poisson(2)):
            crest = rng.uniform(-800, 800, 2)
            for age in range(min(rng.geometric(1 / 4), TURNS - turn)):
                yield TURN * (turn + age), crest + np.array([speed * TURN * age, 0.0])
    yield from boat(rng, (600.0, 100.0), -5.0)


def clutter(rng: Rng) -> Echoes:
    """Yield one false echo a turn in the mean, anywhere."""
    for turn in range(TURNS):
        for _ in range(rng.poisson(1)):
            yield TURN * turn, rng.uniform(-FIELD, FIELD, 2)


def table(scene: Callable[[Rng], Echoes], seed: int, error: float, *, stated: bool) -> pa.Table:
    """Return a scene as the table that `watchfloor track` reads; `error` is in metres, along x and y."""
    rng = np.random.default_rng(seed)
    found = [(t, *(place + rng.normal(0, error, 2))) for t, place in scene(rng)]
    t, x, y = np.array(sorted([*found, *((t, *place) for t, place in clutter(rng))])).T
    columns = {"t": t, "sensor": ["radar"] * len(t), "x": x, "y": y}
    return pa.table(columns | ({"sigma": np.full(len(t), error)} if stated else {}))


def _unmarked(tracks: pa.Table, first: int) -> float:
    """Return how many tracks without the mark `stationary` are shown a turn, from the turn `first` on."""
    late = tracks["t"].to_numpy() >= TURN * first
    return float((late & ~tracks["stationary"].to_numpy()).sum() / (TURNS - first))


SCENES = (
    ("ship of 150 m, three echoes anywhere", ship, 5.0, 1),
    ("ship of 150 m, six parts", lambda rng: ship(rng, parts=6), 5.0, 1),
    ("bridge of 12 piers and a boat", bridge, 10.0, 1),
    ("swell and a boat", swell, 8.0, 1),
)
"""What it is, the echoes, the radar's error in metres, and how many objects move."""


def main() -> None:
    """Print how many tracks each scene makes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    shown = Table("scene", "error", "objects", "tracks ever shown", "shown at a time", "unmarked", "2nd half")
    for what, scene, error, objects in SCENES:
        for stated in (True, False):
            made = [
                track(table(scene, seed, error, stated=stated)).tracks for seed in range(1, asked.seeds + 1)
            ]
            shown.add_row(
                what,
                f"{error:g} m, {'stated' if stated else 'not stated'}",
                str(objects),
                ", ".join(str(len(one["track_id"].unique())) for one in made),
                ", ".join(f"{one.num_rows / TURNS:.1f}" for one in made),
                ", ".join(f"{_unmarked(one, 0):.1f}" for one in made),
                ", ".join(f"{_unmarked(one, TURNS // 2):.1f}" for one in made),
            )
    Console(width=140).print(shown)


if __name__ == "__main__":
    main()
