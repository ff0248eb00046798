"""Tracks at output times: one row a track and time, from what the tracker believed at its own times.

Between two beliefs a track moves on at its velocity, and its place is less and less certain: the variance
grows by that of the velocity times the time squared. Nothing later than the output time is used but what came
late about an earlier time.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.earth import AXIS
from watchfloor.core.kinds import column
from watchfloor.desks.surveillance.track_rows import classes, known
from watchfloor.desks.surveillance.tracking.places import geodetic
from watchfloor.desks.surveillance.tracking.reports import Updates

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

ROWS: Final = 1 << 19
"""Rows that are made at a time."""

_REST: Final = (
    column("vx", pa.float64(), "velocity to the east", unit="metre a second"),
    column("vy", pa.float64(), "to the north", unit="metre a second"),
    column("var_x", pa.float64(), "variance of the place to the east", unit="square metre"),
    column("cov_xy", pa.float64(), "covariance", unit="square metre"),
    column("var_y", pa.float64(), "variance to the north", unit="square metre"),
    column("p_exist", pa.float64(), "probability that there is something"),
    column("class", pa.string(), "likeliest class"),
    column("sensors", pa.list_(pa.string()), "sensors that reported it so far"),
    column("age", pa.float64(), "since its last belief", unit="second"),
    column("stationary", pa.bool_(), "whether it was seen standing still for long"),
)
_FIRST: Final = (
    column("t", pa.float64(), "output time, as the detections count it", nullable=False, unit="second"),
    column("track_id", pa.int64(), "number of the track", nullable=False),
)
PLANE: Final = pa.schema(
    [
        *_FIRST,
        column("x", pa.float64(), "east", unit="metre"),
        column("y", pa.float64(), "north", unit="metre"),
        *_REST,
    ]
)
"""Of detections in metres of a plane."""
EARTH: Final = pa.schema(
    [
        *_FIRST,
        column("lon", pa.float64(), "WGS84, east positive", unit="degree"),
        column("lat", pa.float64(), "WGS84", unit="degree"),
        *_REST,
    ]
)
"""Of detections in degrees."""


_NAMES: Final = (
    *("t", "track", "sensor", "place", "velocity", "cov", "vcov", "exists", "klass", "ended", "confirmed"),
    *("report", "stationary"),
)


class TrackPath(NamedTuple):
    """A track from first to last: where it was when a report was given to it, while it was shown.

    Attributes:
        track: its number.
        t: [n] seconds.
        place: [n, 2] degrees of longitude and latitude, or metres of a plane.
        speed: [n] m/s.
        klass: likeliest class at its end, if any is known.
        exists: probability that there is something, at its end.
        sensors: that reported it.
        stationary: whether it was seen standing still for long, at its end.
    """

    track: int
    t: Floats
    place: Floats
    speed: Floats
    klass: str | None
    exists: float
    sensors: list[str]
    stationary: bool


def assigned(updates: Sequence[Updates], count: int) -> Array:
    """Return the track that each of `count` reports was given to, -1 for none; of several the last.

    A track that was never shown has no number here either: every unexplained report begins one.
    """
    report, track, shown = (
        np.concatenate([getattr(one, name) for one in updates]) for name in ("report", "track", "confirmed")
    )
    given = np.flatnonzero((report >= 0) & np.isin(track, track[shown]))
    found = np.full(count, -1)
    found[report[given]] = track[given]
    return found


class Beliefs:
    """Updates of a whole recording by track and time, ready to be asked for any time.

    Args:
        updates: in the order in which the tracker gave them.
        sensors: names of the sensors by their numbers.
    """

    def __init__(self, updates: Sequence[Updates], sensors: Sequence[str]) -> None:
        columns = {name: np.concatenate([getattr(one, name) for one in updates]) for name in _NAMES}
        reported = columns["report"] >= 0
        order = np.lexsort((np.arange(len(columns["t"])), columns["t"], columns["track"]))
        last = np.ones(len(order), np.bool_)
        t, track = columns["t"][order], columns["track"][order]
        last[:-1] = (t[1:] != t[:-1]) | (track[1:] != track[:-1])
        self._seen = _seen(columns["sensor"][order], reported[order], track)[last]
        self._columns = {name: values[order][last] for name, values in columns.items()}
        self._sensors = sensors
        self._until = self._next()

    def _next(self) -> Floats:
        """When each belief is over: at the track's next one; of its last, never."""
        t, track = self._columns["t"], self._columns["track"]
        until = np.full(len(t), np.inf)
        until[:-1] = np.where(track[1:] == track[:-1], t[1:], np.inf)
        shown = self._columns["confirmed"] & ~self._columns["ended"]
        return np.where(shown, until, -np.inf)

    @property
    def tracks(self) -> int:
        """How many tracks were ever confirmed."""
        return len(np.unique(self._columns["track"][self._columns["confirmed"]]))

    @property
    def stationary(self) -> int:
        """How many of them were stationary when they were shown last."""
        shown = np.flatnonzero(self._until > -np.inf)
        last = np.append(np.diff(self._columns["track"][shown]) != 0, True)[: len(shown)]
        return int(self._columns["stationary"][shown[last]].sum())

    def paths(self, *, earth: bool) -> Iterator[TrackPath]:
        """Yield each track that was ever shown."""
        mine = self._columns
        places = _earth(mine, np.zeros(len(mine["t"]))) if earth else None
        place = mine["place"][:, :2] if places is None else np.column_stack((places["lon"], places["lat"]))
        shown = self._until > -np.inf
        kinds = classes(mine["klass"])
        for start, stop in _runs(mine["track"]):
            rows = start + np.flatnonzero(shown[start:stop])
            rows = rows if not (found := rows[mine["report"][rows] >= 0]).size else found
            if len(rows):
                last = int(rows[-1])
                yield TrackPath(
                    int(mine["track"][last]),
                    mine["t"][rows],
                    place[rows],
                    np.hypot(*mine["velocity"][rows].T),
                    kinds[last].as_py(),
                    float(mine["exists"][last]),
                    _named(self._sensors, int(self._seen[last])),
                    bool(mine["stationary"][last]),
                )

    def count(self, times: Floats) -> int:
        """How many rows there are for some rising times."""
        first, stop = self._shown(times)
        return int(np.maximum(stop - first, 0).sum())

    def _shown(self, times: Floats) -> tuple[Array, Array]:
        return np.searchsorted(times, self._columns["t"]), np.searchsorted(times, self._until)

    def rows(self, times: Floats, *, earth: bool) -> Iterator[pa.Table]:
        """Rows of every track that is confirmed at each of some rising times, in the order of times."""
        first, stop = self._shown(times)
        count = np.maximum(stop - first, 0)
        for low, high in _windows(first, stop, count, len(times)):
            yield self._window(times, np.maximum(first, low), np.minimum(stop, high), earth)

    def _window(self, times: Floats, first: Array, stop: Array, earth: bool) -> pa.Table:
        count = np.maximum(stop - first, 0)
        belief = np.repeat(np.arange(len(count)), count)
        at = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
        order = np.lexsort((self._columns["track"][belief], at))
        return self._table(belief[order], times[at[order]], earth)

    def _table(self, belief: Array, t: Floats, earth: bool) -> pa.Table:
        mine = {name: values[belief] for name, values in self._columns.items()}
        age = t - mine["t"]
        cov = mine["cov"] + np.nan_to_num(mine["vcov"]) * age[:, None] ** 2
        seen = self._seen[belief]
        masks = {mask: _named(self._sensors, mask) for mask in np.unique(seen).tolist()}
        where = _earth(mine, age) if earth else _plane(mine, age)
        rest = {
            "t": t,
            "track_id": mine["track"],
            "vx": mine["velocity"][:, 0],
            "vy": mine["velocity"][:, 1],
            "var_x": cov[:, 0],
            "cov_xy": cov[:, 1],
            "var_y": cov[:, 2],
            "p_exist": mine["exists"],
            "class": classes(mine["klass"]),
            "sensors": [masks[mask] for mask in seen.tolist()],
            "age": age,
            "stationary": mine["stationary"],
        }
        schema = EARTH if earth else PLANE
        return pa.table([_array({**where, **rest}[one.name], one) for one in schema], schema=schema)


def _array(values: Any, of: pa.Field) -> pa.Array:
    return known(values) if of.type == pa.float64() else pa.array(values, of.type)


def _plane(mine: dict[str, Array], age: Floats) -> dict[str, Array]:
    place = mine["place"][:, :2] + mine["velocity"] * age[:, None]
    return {"x": place[:, 0], "y": place[:, 1]}


def _earth(mine: dict[str, Array], age: Floats) -> dict[str, Array]:
    latitude, longitude, _ = geodetic(mine["place"])
    east, north = (mine["velocity"] * age[:, None]).T
    around = np.maximum(np.cos(np.radians(latitude)), 1e-6)
    lat = np.clip(latitude + np.degrees(north / AXIS), -90, 90)
    return {"lat": lat, "lon": (longitude + np.degrees(east / (AXIS * around)) + 180) % 360 - 180}


def _named(sensors: Sequence[str], mask: int) -> list[str]:
    return [name for bit, name in enumerate(sensors[:63]) if mask >> bit & 1]


def _seen(sensor: Array, reported: Array, track: Array) -> Array:
    """The sensors that had reported each belief's track by then, a bit each; from 62 on they share one."""
    shifted = np.left_shift(np.uint64(1), np.minimum(sensor, 62).astype(np.uint64))
    bit = np.where(reported, shifted, np.uint64(0))
    found = bit.copy()
    for start, stop in _runs(track):
        found[start:stop] = np.bitwise_or.accumulate(bit[start:stop])
    return found


def _runs(track: Array) -> Iterator[tuple[int, int]]:
    """Return where the rows of each track begin and end."""
    starts = np.flatnonzero(np.append(True, track[1:] != track[:-1])).tolist() if len(track) else []
    return zip(starts, [*starts[1:], len(track)], strict=True)


def _windows(first: Array, stop: Array, count: Array, times: int) -> Iterator[tuple[int, int]]:
    """Ranges of output times with about `ROWS` rows each."""
    change = np.zeros(times + 1, np.int64)
    np.add.at(change, first[count > 0], 1)
    np.add.at(change, stop[count > 0], -1)
    total = np.cumsum(np.cumsum(change)[:times])
    low = 0
    while low < times:
        before = total[low - 1] if low else 0
        high = max(int(np.searchsorted(total, before + ROWS)), low + 1)
        yield low, min(high, times)
        low = high
