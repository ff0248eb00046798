"""The fold over points of tracks: state, what it gives, and how it freezes.

    state = begin(references)
    weather(state, rows)                  # rows of the kind `weather`, between the points as they came
    for event in take(state, points): ... # columns of points, in their order
    table = freeze(state); state = thaw(references, table)

Every rule sees the points one by one in compiled code, and what depends on time alone (a gap that begins, a
meeting that is over) is dated by the point that moved the clock past it. So the events are the same however
the points are cut into batches and wherever the state is frozen. Of one batch they come in the order of the
points that made them known, then of the rules, then of the tracks.
"""

from dataclasses import dataclass, field
from math import nan
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.desks.surveillance.events import (
    crossing,
    gap,
    line,
    loitering,
    outbox,
    rendezvous,
    risk,
    skies,
    strength,
    telling,
    traffic,
    walk,
)
from watchfloor.desks.surveillance.events.event import Event
from watchfloor.desks.surveillance.events.keyed import Keyed
from watchfloor.desks.surveillance.events.places import NOWHERE, Places
from watchfloor.desks.surveillance.events.points import Points
from watchfloor.reference import polygons

Array = npt.NDArray[Any]

TRACK: Final = np.dtype(
    [
        ("id", "<i8"),
        ("walk", walk.WALK),
        ("crossing", crossing.CROSSING),
        ("slow", rendezvous.SLOW),
        ("loiter", loitering.LOITER),
        ("risk", risk.RISK),
        ("traffic", traffic.PASSED),
    ]
)
"""What is kept of a track: a few hundred bytes."""


class References(NamedTuple):
    """What the rules look up.

    Attributes:
        line: the border, see `watchfloor.desks.surveillance.events.line.load`.
        harbours: anchorages, marinas and docks, where boats stay together as a rule.
        waters: areas of water, None where the floor has no such reference.
    """

    line: line.Line
    harbours: Places = NOWHERE
    waters: polygons.Polygons | None = None


@dataclass
class State:
    """What the fold remembers.

    Attributes:
        references: what it was begun with.
        tracks: rows of `TRACK`.
        identities: rows of `watchfloor.desks.surveillance.events.gap.GAP`.
        pairs: tracks that are close.
        traffic: what was learned of local traffic.
        stations: the weather that holds.
        clock: the latest time of all points.
        heard: clock at the last self-report of anybody.
        late: points that were not used, since they were late or no places.
    """

    references: References
    tracks: Keyed
    identities: Keyed
    pairs: rendezvous.Pairs
    traffic: traffic.Traffic
    stations: Array
    clock: float = -np.inf
    heard: float = -np.inf
    late: int = 0
    _blank: Array = field(default_factory=lambda: np.zeros(1, TRACK))


def begin(references: References) -> State:
    """Before the first point."""
    return State(
        references,
        Keyed(np.zeros(0, TRACK)),
        Keyed(np.zeros(0, gap.GAP)),
        rendezvous.Pairs(np.zeros(0, rendezvous.PAIR), 0),
        traffic.Traffic(np.zeros(0, traffic.CELLS), nan, nan),
        np.zeros(0, skies.STATION),
    )


def weather(state: State, rows: pa.Table) -> None:
    """Take rows of the kind `weather`; they hold for the points that follow."""
    state.stations = skies.kept(state.stations, skies.stations(rows), state.clock)


def take(state: State, points: Points) -> list[Event]:
    """Take points, in their order; the events that became known by them."""
    if not len(points.t):
        return []
    _swept(state)
    place = state.tracks.places(points.track)
    rows = state.tracks.live
    seen = walk.walk(rows["walk"], place, state.clock, points)
    state.late += seen.late
    if not len(seen.row):
        return []
    state.clock = float(seen.clock[-1])
    metres, piece = crossing.offsets(state.references.line, seen)
    told = [
        _crossings(state, rows, seen, metres, piece),
        _meetings(state, rows, seen),
        _loitering(state, rows, seen, metres),
        *_risks(state, rows, seen),
        _gaps(state, seen),
    ]
    return telling.told(_factors(state, rows, seen, metres), state.references.line, seen, told)


def _factors(state: State, rows: Array, seen: walk.Seen, metres: Array) -> telling.Factors:
    """What is left of the strength of notices: of class, weather and local traffic."""

    def left(notices: Array) -> Array:
        asked = np.zeros(len(notices), traffic.ASKED)
        for name in asked.dtype.names or ():
            asked[name] = notices[name]
        share = state.traffic.take(rows["traffic"], state._blank["traffic"], seen, metres, asked)
        sky = skies.sky(
            state.stations, seen.points.t[notices["row"]], notices["latitude"], notices["longitude"]
        )
        return share * strength.of_class(notices["klass"]) * strength.of_weather(sky)

    return left


def _crossings(state: State, rows: Array, seen: walk.Seen, metres: Array, piece: Array) -> telling.Told:
    grid = state.references.line
    share = crossing.shares(grid, metres, piece, seen)
    met, met_piece = crossing.crossings(grid, seen)
    out, count, _ = crossing.fold(
        rows["crossing"], state._blank["crossing"], seen, share, met, met_piece, outbox.empty()
    )
    return telling.Told(crossing.RULE, crossing.VERSION, out[:count])


def _meetings(state: State, rows: Array, seen: walk.Seen) -> telling.Told:
    pairs = state.pairs
    pairs.rows, pairs.index, pairs.count, out, count = rendezvous.fold(
        rows["id"], rows["walk"], rows["slow"], pairs.heads, pairs.rows, pairs.index, pairs.count,
        seen, state.references.harbours, outbox.empty(), 0,
    )  # fmt: skip
    out, count, kept = rendezvous.sweep(pairs.rows, pairs.count, seen.clock, out, count)
    told = telling.Told(rendezvous.RULE, rendezvous.VERSION, out[:count])
    if not kept.all():
        pairs.keep(kept)
    return told


def _loitering(state: State, rows: Array, seen: walk.Seen, metres: Array) -> telling.Told:
    blank, harbours = state._blank["loiter"], state.references.harbours
    out, count = loitering.fold(rows["loiter"], blank, seen, metres, harbours, outbox.empty())
    return telling.Told(loitering.RULE, loitering.VERSION, out[:count])


def _risks(state: State, rows: Array, seen: walk.Seen) -> list[telling.Told]:
    looks = np.flatnonzero(seen.look)
    points = seen.points
    sky = skies.sky(state.stations, points.t[looks], points.latitude[looks], points.longitude[looks])
    chill = skies.wind_chill(sky.temperature, sky.wind_speed)
    mine, blank = rows["risk"], state._blank["risk"]
    cold, n_cold = risk.cold(mine, blank, seen, looks, chill, outbox.empty())
    water = _on_water(state.references.waters, sky.ice, points, looks)
    ice, n_ice = risk.ice(mine, seen, looks, sky.ice, water, outbox.empty())
    drift, n_drift = risk.drift(mine, seen, looks, sky, state.references.harbours, outbox.empty())
    return [
        telling.Told(risk.EXPOSED, risk.VERSION, cold[:n_cold]),
        telling.Told(risk.ICE, risk.VERSION, ice[:n_ice]),
        telling.Told(risk.ADRIFT, risk.VERSION, drift[:n_drift]),
    ]


def _on_water(waters: polygons.Polygons | None, ice: Array, points: Points, looks: Array) -> Array:
    """Of each look 1 on water, 0 on land, -1 where no reference says; asked only where ice is known."""
    water = np.full(len(looks), -1, np.int8)
    if waters is not None:
        asked = np.flatnonzero(ice > 0)
        rows = looks[asked]
        water[asked] = polygons.within(waters, points.latitude[rows], points.longitude[rows]) >= 0
    return water


def _gaps(state: State, seen: walk.Seen) -> telling.Told:
    points = seen.points
    mine = np.flatnonzero(points.self_reported & (points.claimed >= 0))
    place = state.identities.places(points.claimed[mine].astype(np.int64))
    latest = gap.heard(state.heard, seen.clock, points.self_reported)
    state.heard = float(latest[-1])
    rows = state.identities.live
    out, count = gap.fold(rows, place, mine, points, seen.clock, latest, outbox.empty())
    out, count = gap.sweep(rows, seen.clock, latest, out, count)
    return telling.Told(gap.RULE, gap.VERSION, out[:count])


def _swept(state: State) -> None:
    """Forget what is over, once it is half of what there is; no rule can tell."""
    gone = state.identities.live["t"] + gap.KEPT < state.clock
    if gone.sum() * 2 > state.identities.count:
        state.identities.keep(~gone)
    gone = walk.forgotten(state.tracks.live, state.clock)
    if gone.sum() * 2 > state.tracks.count or 2 * state.tracks.count > len(state.pairs.heads):
        _regridded(state, ~gone)


def _regridded(state: State, kept: Array) -> None:
    """Only those tracks, and the grid of the slow ones anew."""
    state.tracks.keep(kept)
    rows = state.tracks.live
    state.pairs = rendezvous.Pairs(state.pairs.live, len(rows))
    rendezvous.fill(rows["id"], rows["slow"], state.pairs.heads)


FORMAT: Final = "1"
"""Of a frozen state; a state of another is not thawed."""


def freeze(state: State) -> pa.Table:
    """The state as a table: one row a part, its rows as bytes of a little-endian structured type.

    Equal states give equal tables, whatever batches they came from.
    """
    tracks = state.tracks.live[~walk.forgotten(state.tracks.live, state.clock)]
    tracks = tracks[np.argsort(tracks["id"])]
    identities = state.identities.live[~(state.identities.live["t"] + gap.KEPT < state.clock)]
    pairs = state.pairs.live
    clocks = np.array(
        [(state.clock, state.heard, state.traffic.began, state.traffic.day, state.late)], CLOCKS
    )
    parts = {
        "tracks": _links_cleared(tracks),
        "identities": np.sort(identities, order="id"),
        "pairs": np.sort(pairs, order=("first", "second")),
        "traffic": np.sort(state.traffic.live, order="id"),
        "stations": np.sort(state.stations, order="id"),
        "clocks": clocks,
    }
    return pa.table(
        {
            "format": [FORMAT] * len(parts),
            "part": list(parts),
            "count": [len(rows) for rows in parts.values()],
            "rows": [rows.tobytes() for rows in parts.values()],
        },
        FROZEN,
    )


CLOCKS: Final = np.dtype(
    [("clock", "<f8"), ("heard", "<f8"), ("began", "<f8"), ("day", "<f8"), ("late", "<i8")]
)
FROZEN: Final = pa.schema(
    [("format", pa.string()), ("part", pa.string()), ("count", pa.int64()), ("rows", pa.large_binary())]
)


def _links_cleared(tracks: Array) -> Array:
    """Without the links of the grid, which are made anew."""
    tracks = tracks.copy()
    tracks["slow"]["next"] = tracks["slow"]["bucket"] = -1
    return tracks


def thaw(references: References, frozen: pa.Table) -> State:
    """The state back from `freeze`. Raises `ValueError`: a table that is none, or of another format."""
    found = {row["part"]: row for row in frozen.to_pylist()}
    if frozen.schema != FROZEN or {row["format"] for row in found.values()} != {FORMAT}:
        raise ValueError(f"this is no state of the surveillance rules of format {FORMAT}: replay the log")

    def rows(part: str, kind: np.dtype[Any]) -> Array:
        return np.frombuffer(found[part]["rows"], kind, found[part]["count"]).copy()

    clocks = rows("clocks", CLOCKS)[0]
    state = State(
        references,
        Keyed(rows("tracks", TRACK)),
        Keyed(rows("identities", gap.GAP)),
        rendezvous.Pairs(rows("pairs", rendezvous.PAIR), 0),
        traffic.Traffic(rows("traffic", traffic.CELLS), float(clocks["began"]), float(clocks["day"])),
        rows("stations", skies.STATION),
        float(clocks["clock"]),
        float(clocks["heard"]),
        int(clocks["late"]),
    )
    _regridded(state, np.ones(state.tracks.count, np.bool_))
    return state
