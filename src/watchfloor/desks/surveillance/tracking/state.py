"""What the tracker remembers, as arrays: tracks, sensors, the clock; how it grows and freezes."""

from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from watchfloor.desks.surveillance.tracking.motion import SIZE
from watchfloor.desks.surveillance.tracking.reports import KLASSES

RECENT: Final = 8
"""Of how many sensors a track remembers the last frame that it was seen in."""
CELLS: Final = 16
"""A sensor's view is learned on a square of so many cells a side."""


class Tracks(NamedTuple):
    """One slot per track. `live` lists those in use, oldest track first; `free` is a stack of the others."""

    states: np.ndarray
    """[n, models, 14] see `motion`."""
    weights: np.ndarray
    """[n, models] probability of each motion model."""
    exists: np.ndarray
    """[n] probability of existence."""
    time: np.ndarray
    """[n] seconds, of the state."""
    seen: np.ndarray
    """[n] seconds, of the last report."""
    born: np.ndarray
    """[n] seconds, of the first."""
    gap: np.ndarray
    """[n] seconds between its reports, learned; NaN before there are two."""
    name: np.ndarray
    """[n] id, counted from 0."""
    hits: np.ndarray
    """[n] reports taken."""
    confirmed: np.ndarray
    anchor: np.ndarray
    """[n, 9] origin, east and north of its plane, see `places.anchor`."""
    altitude: np.ndarray
    klass: np.ndarray
    """[n, classes] evidence for each class."""
    claimed: np.ndarray
    """[n] identity claimed most, -1 for none."""
    claims: np.ndarray
    """[n] how often, less how often another was."""
    origin: np.ndarray
    """[n] sensor that saw it first."""
    recent: np.ndarray
    """[n, RECENT] sensors that saw it, -1 for none."""
    frames: np.ndarray
    """[n, RECENT] number of the frame in which each saw it last."""
    live: np.ndarray
    free: np.ndarray


class Sensors(NamedTuple):
    """One row per sensor, in order of first report."""

    name: np.ndarray
    """[n] its number in the reports."""
    frames: np.ndarray
    """[n] frames taken."""
    several: np.ndarray
    """[n] learned share of frames with more than one report."""
    again: np.ndarray
    """[n, 2] sum of 1/gap and count, gap in frames between two reports of one track."""
    interval: np.ndarray
    """[n] seconds between two reports of one track, learned; NaN before there are any."""
    anchor: np.ndarray
    """[n, 9] plane of its view."""
    half: np.ndarray
    """[n] metres, half a side of the square view; 0 before there is one."""
    box: np.ndarray
    """[n, 4] east from, east to, north from, north to of the places that it reported, m."""
    weight: np.ndarray
    """[n] frames that the sums below hold, old ones forgotten."""
    stray: np.ndarray
    """[n] reports that no track explains, in those frames."""
    cells: np.ndarray
    """[n, 3, CELLS, CELLS] by cell of the view: reports no track explains; looks at a track; sights of it."""
    looks: np.ndarray
    """[n, 2] looks at tracks, and sights of them."""
    births: np.ndarray
    """[n, 2] tracks begun, and those confirmed."""
    noise: np.ndarray
    """[n, 2] learned variance of a place per axis, m², and the weight behind it."""
    speed: np.ndarray
    """[n, 2] sum of squared speeds per axis of confirmed tracks, and count."""
    ahead: np.ndarray
    """[n] time of its last report from the future, NaN for none."""
    stuck: np.ndarray
    """[n] how often its scan number did not change when it should; not believed from 2 on."""


class Clock(NamedTuple):
    """Times and counts, arrays so that kernels can write them."""

    time: np.ndarray
    """[2] seconds, the latest time believed (NaN before the first report), and that of the last report."""
    counts: np.ndarray
    """[10] live tracks, next id, free slots, sensors, run from the future, run of late ones, births refused,
    axes (0: not known, 1: plane, 2: earth), sensor of the last report, reports that it has made at once."""
    digests: np.ndarray
    """[2^14] digests of recent reports, by their low bits."""


LIVE, NEXT, FREE, SENSORS, RUN_AHEAD, RUN_LATE, UNBORN, AXES, LAST, SAME = range(10)


def tracks(count: int, models: int) -> Tracks:
    """Room for `count` tracks."""
    f, i = np.float64, np.int64
    return Tracks(
        states=np.zeros((count, models, SIZE)),
        weights=np.zeros((count, models)),
        exists=np.zeros(count),
        time=np.zeros(count),
        seen=np.zeros(count),
        born=np.zeros(count),
        gap=np.full(count, np.nan),
        name=np.full(count, -1, i),
        hits=np.zeros(count, i),
        confirmed=np.zeros(count, np.bool_),
        anchor=np.zeros((count, 9)),
        altitude=np.full(count, np.nan),
        klass=np.zeros((count, len(KLASSES)), f),
        claimed=np.full(count, -1, np.int32),
        claims=np.zeros(count),
        origin=np.zeros(count, np.int32),
        recent=np.full((count, RECENT), -1, np.int32),
        frames=np.zeros((count, RECENT), i),
        live=np.zeros(count, i),
        free=np.arange(count - 1, -1, -1, dtype=i),
    )


def sensors(count: int) -> Sensors:
    """Room for `count` sensors."""
    i = np.int64
    return Sensors(
        name=np.zeros(count, i),
        frames=np.zeros(count, i),
        several=np.zeros(count),
        again=np.zeros((count, 2)),
        interval=np.full(count, np.nan),
        anchor=np.zeros((count, 9)),
        half=np.zeros(count),
        box=np.tile(np.array([np.inf, -np.inf, np.inf, -np.inf]), (count, 1)),
        weight=np.zeros(count),
        stray=np.zeros(count),
        cells=np.zeros((count, 3, CELLS, CELLS)),
        looks=np.zeros((count, 2)),
        births=np.zeros((count, 2)),
        noise=np.full((count, 2), np.nan),
        speed=np.zeros((count, 2)),
        ahead=np.full(count, np.nan),
        stuck=np.zeros(count, i),
    )


def clock() -> Clock:
    """A clock that has not begun."""
    return Clock(np.full(2, np.nan), np.zeros(10, np.int64), np.zeros(1 << 14, np.uint64))


def grown(old: NamedTuple, new: NamedTuple) -> NamedTuple:
    """`new`, longer than `old`, with the rows of `old` at its start."""
    for before, after in zip(old, new, strict=True):
        after[: len(before)] = before
    return new


def more_tracks(old: Tracks, count: int, used: int) -> Tracks:
    """At least `count` tracks more; `used` slots are not free. New slots go under the stack of free ones."""
    size = len(old.exists)
    grow = max(count, size)
    new: Tracks = grown(old, tracks(size + grow, old.states.shape[1]))  # type: ignore[assignment]
    free = size - used
    new.free[:grow] = np.arange(size + grow - 1, size - 1, -1)
    new.free[grow : grow + free] = old.free[:free]
    return new


def freeze(parts: dict[str, NamedTuple]) -> pa.Table:
    """Every array of `parts`, one row each: name, type, shape, bytes."""
    arrays = [(f"{part}.{name}", array) for part, value in parts.items() for name, array in _fields(value)]
    return pa.table(
        {
            "name": pa.array([name for name, _ in arrays], pa.string()),
            "dtype": pa.array([array.dtype.str for _, array in arrays], pa.string()),
            "shape": pa.array([list(array.shape) for _, array in arrays], pa.list_(pa.int64())),
            "data": pa.array(
                [np.ascontiguousarray(array).tobytes() for _, array in arrays], pa.large_binary()
            ),
        }
    )


def _fields(value: NamedTuple) -> list[tuple[str, np.ndarray]]:
    return list(value._asdict().items())


def thaw(table: pa.Table, kinds: dict[str, type]) -> dict[str, NamedTuple]:
    """The parts that `freeze` wrote, of these types."""
    arrays = {}
    for row in table.to_pylist():
        array = np.frombuffer(row["data"], row["dtype"]).reshape(row["shape"])
        arrays[row["name"]] = array.copy()
    return {
        part: kind(*(arrays[f"{part}.{name}"] for name in kind._fields))  # type: ignore[attr-defined]
        for part, kind in kinds.items()
    }
