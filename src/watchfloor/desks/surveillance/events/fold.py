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
    aircraft,
    crossing,
    dark,
    drop,
    event,
    gap,
    identity,
    line,
    loitering,
    ports,
    predicted,
    rendezvous,
    risk,
    rule_output,
    stitching,
    strength,
    track_history,
    traffic,
    weather_lookup,
)
from watchfloor.desks.surveillance.events.event import Event
from watchfloor.desks.surveillance.events.keyed import Keyed
from watchfloor.desks.surveillance.events.places import NOWHERE, Places, places
from watchfloor.desks.surveillance.events.points import AIRCRAFT, BOAT, CLASSES, DRONE, UNKNOWN, Points
from watchfloor.desks.surveillance.events.ports import NO_PORTS, Ports, ports_of_entry
from watchfloor.reference import polygons
from watchfloor.reference.surroundings import Surroundings

Array = npt.NDArray[Any]

TRACK: Final = np.dtype(
    [
        ("id", "<i8"),
        ("walk", track_history.WALK),
        ("crossing", crossing.CROSSING),
        ("slow", rendezvous.SLOW),
        ("loiter", loitering.LOITER),
        ("risk", risk.RISK),
        ("traffic", traffic.PASSED),
        ("predicted", predicted.PREDICTED),
        ("ashore", identity.ASHORE_STATE),
        ("dark", dark.DARK),
        ("flight", aircraft.FLIGHT),
        ("port", ports.PORT),
        ("stopped", drop.STOPPED),
    ]
)
"""What is kept of a track: some 600 bytes."""
IDENTITY: Final = np.dtype([("id", "<i8"), ("gap", gap.GAP), ("twice", identity.TWICE), ("spot", dark.SPOT)])
"""What is kept of an identity that objects claim."""


class References(NamedTuple):
    """References of the rules.

    Attributes:
        line: the border, see `watchfloor.desks.surveillance.events.line.load`.
        harbours: anchorages, marinas and docks, where boats stay together as a rule.
        aerodromes: and heliports; without them no landing is told.
        receivers: of self-reports, with their reach; without them no dark contact is told.
        ports: of entry, with their hours.
        waters: areas of water, None where the floor has no such reference.
        lands: areas that are surely land, None where it has none: then no vessel is told to be on land.
    """

    line: line.Line
    harbours: Places = NOWHERE
    aerodromes: Places = NOWHERE
    receivers: Places = NOWHERE
    ports: Ports = NO_PORTS
    waters: polygons.Polygons | None = None
    lands: polygons.Polygons | None = None


def references(grid: line.Line, around: Surroundings | None = None) -> References:
    """Build the references of the rules from the line's grid and the floor's surroundings."""
    if around is None:
        return References(grid)
    harbours, aerodromes, receivers = (
        places(table, 0.0) for table in (around.harbours, around.aerodromes, around.receivers)
    )
    ports = ports_of_entry(around.ports)
    return References(grid, harbours, aerodromes, receivers, ports, around.waters, around.lands)


@dataclass
class State:
    """Memory of the fold.

    Attributes:
        references: what it was begun with.
        tracks: rows of `TRACK`.
        identities: rows of `IDENTITY`.
        pairs: tracks that are close.
        traffic: what was learned of local traffic.
        stations: the weather that holds.
        stops: the last stops near the line, see `watchfloor.desks.surveillance.events.drop`.
        stopped: number of the last one.
        clock: the latest time of all points.
        heard: clock at the last self-report of anybody.
        late: points that were not used, since they were late or no places.
        budget: searches for tracks that others take up, see `watchfloor.desks.surveillance.events.stitching`.
    """

    references: References
    tracks: Keyed
    identities: Keyed
    pairs: rendezvous.Pairs
    traffic: traffic.Traffic
    stations: Array
    stops: Array
    stopped: int = 0
    clock: float = -np.inf
    heard: float = -np.inf
    late: int = 0
    budget: Array = field(default_factory=lambda: np.zeros(1, stitching.BUDGET))
    _blank: Array = field(default_factory=lambda: np.zeros(1, TRACK))


def begin(references: References) -> State:
    """Before the first point."""
    return State(
        references,
        Keyed(np.zeros(0, TRACK)),
        Keyed(np.zeros(0, IDENTITY)),
        rendezvous.Pairs(np.zeros(0, rendezvous.PAIR), 0),
        traffic.Traffic(np.zeros(0, traffic.CELLS), nan, nan),
        np.zeros(0, weather_lookup.STATION),
        np.zeros(drop.KEPT, drop.STOP),
    )


def weather(state: State, rows: pa.Table) -> None:
    """Take rows of the kind `weather`; they hold for the points that follow."""
    state.stations = weather_lookup.kept(state.stations, weather_lookup.stations(rows), state.clock)


def fold_points(state: State, points: Points) -> list[Event]:
    """Take points, in their order; the events that became known by them."""
    if not len(points.t):
        return []
    strange = (points.klass < 0) | (points.klass >= len(CLASSES))  # the rules' parameters have no such row
    if strange.any():
        points = points._replace(klass=np.where(strange, UNKNOWN, points.klass).astype(np.int8))
    _swept(state)
    place = state.tracks.places(points.track)
    rows = state.tracks.rows  # with those not used yet: a view of one row would be compiled for anew
    seen = track_history.walk(rows["walk"], place, state.clock, points, state.budget)
    state.late += seen.late
    if not len(seen.row):
        return []
    state.clock = float(seen.clock[-1])
    metres, piece = crossing.offsets(state.references.line, seen)
    crossed, side = _crossings(state, rows, seen, metres, piece)
    told = [
        crossed,
        _predictions(state, rows, seen, metres, side),
        _meetings(state, rows, seen),
        _loitering(state, rows, seen, metres),
        _drops(state, rows, seen, metres),
        *_risks(state, rows, seen),
        *_identities(state, rows, seen),
        *_flights(state, rows, seen, metres),
        _ports(state, rows, seen),
    ]
    return event.build_events(_factors(state, rows, seen, metres), state.references.line, seen, told)


def _factors(state: State, rows: Array, seen: track_history.PointHistory, metres: Array) -> event.Factors:
    """Return factors on the strength of notices: of class, weather and local traffic."""

    def left(notices: Array, stand: Array) -> Array:
        asked = np.zeros(len(notices), traffic.ASKED)
        for name in ("row", "place", "klass", "latitude", "longitude"):
            asked[name] = notices[name]
        asked["stand"] = stand
        share = state.traffic.learn(rows["traffic"], state._blank["traffic"], seen, metres, asked)
        sky = weather_lookup.sky(
            state.stations, seen.points.t[notices["row"]], notices["latitude"], notices["longitude"]
        )
        return share * strength.of_class(notices["klass"]) * strength.of_weather(sky)

    return left


def _crossings(
    state: State, rows: Array, seen: track_history.PointHistory, metres: Array, piece: Array
) -> tuple[event.RuleNotices, Array]:
    grid = state.references.line
    share = crossing.shares(grid, metres, piece, seen)
    met, met_piece = crossing.crossings(grid, seen)
    around = piece, state.references.harbours, state.references.ports.places
    out, count, side = crossing.fold(
        rows["crossing"], state._blank["crossing"], seen, share, met, met_piece, *around, rule_output.empty()
    )
    told = out[:count]
    told["z"][_at_open_port(state.references.ports, told, seen)] = crossing.AT_PORT
    return event.RuleNotices(crossing.RULE, crossing.VERSION, told), side


def _at_open_port(known: Ports, notices: Array, seen: track_history.PointHistory) -> npt.NDArray[np.bool_]:
    """Which notices are of who drives or walks over the line at a port of entry while it is open."""
    by_land = ~np.isin(notices["klass"], (BOAT, AIRCRAFT, DRONE))
    port = ports.near(known.places, notices["latitude"], notices["longitude"], crossing.HARBOUR)
    found = np.flatnonzero(by_land & (port >= 0))
    shut = ports.closed(known, port[found], seen.points.t[notices["row"][found]])
    at_port = np.zeros(len(notices), np.bool_)
    at_port[found[~shut]] = True
    return at_port


def _predictions(
    state: State, rows: Array, seen: track_history.PointHistory, metres: Array, side: Array
) -> event.RuleNotices:
    grid = state.references.line
    arrays = grid.coarse, grid.touching, grid.pieces, grid.ends
    blank = state._blank["predicted"]
    out, count = predicted.fold(rows["predicted"], blank, seen, arrays, metres, side, rule_output.empty())
    return event.RuleNotices(predicted.RULE, predicted.VERSION, out[:count])


def _meetings(state: State, rows: Array, seen: track_history.PointHistory) -> event.RuleNotices:
    pairs = state.pairs
    pairs.rows, pairs.index, pairs.count, out, count = rendezvous.fold(
        rows["id"], rows["slow"], pairs.heads, pairs.rows, pairs.index, pairs.count,
        seen, state.references.harbours, rule_output.empty(), 0,
    )  # fmt: skip
    out, count, kept = rendezvous.sweep(pairs.rows, pairs.count, seen.clock, out, count)
    told = event.RuleNotices(rendezvous.RULE, rendezvous.VERSION, out[:count])
    if not kept.all():
        pairs.keep(kept)
    return told


def _loitering(
    state: State, rows: Array, seen: track_history.PointHistory, metres: Array
) -> event.RuleNotices:
    blank, harbours = state._blank["loiter"], state.references.harbours
    out, count = loitering.fold(rows["loiter"], blank, seen, metres, harbours, rule_output.empty())
    return event.RuleNotices(loitering.RULE, loitering.VERSION, out[:count])


def _risks(state: State, rows: Array, seen: track_history.PointHistory) -> list[event.RuleNotices]:
    looks = np.flatnonzero(seen.look)
    points = seen.points
    sky = weather_lookup.sky(state.stations, points.t[looks], points.latitude[looks], points.longitude[looks])
    chill = weather_lookup.wind_chill(sky.temperature, sky.wind_speed)
    mine, blank = rows["risk"], state._blank["risk"]
    cold, n_cold = risk.cold(mine, blank, seen, looks, chill, rule_output.empty())
    water = _on_water(state.references.waters, sky.ice, points, looks)
    ice, n_ice = risk.ice(mine, seen, looks, sky.ice, water, rule_output.empty())
    drift, n_drift = risk.drift(mine, seen, looks, sky, state.references.harbours, rule_output.empty())
    return [
        event.RuleNotices(risk.EXPOSED, risk.VERSION, cold[:n_cold]),
        event.RuleNotices(risk.ICE, risk.VERSION, ice[:n_ice]),
        event.RuleNotices(risk.ADRIFT, risk.VERSION, drift[:n_drift]),
    ]


def _on_water(waters: polygons.Polygons | None, ice: Array, points: Points, looks: Array) -> Array:
    """Of each look 1 on water, 0 on land, -1 where no reference says; asked only where ice is known."""
    water = np.full(len(looks), -1, np.int8)
    if waters is not None:
        asked = np.flatnonzero(ice > 0)
        rows = looks[asked]
        water[asked] = polygons.within(waters, points.latitude[rows], points.longitude[rows]) >= 0
    return water


def _drops(state: State, rows: Array, seen: track_history.PointHistory, metres: Array) -> event.RuleNotices:
    blank, harbours = state._blank["stopped"], state.references.harbours
    state.stopped, out, count = drop.fold(
        rows["stopped"], blank, state.stops, state.stopped, seen, metres, harbours, rule_output.empty()
    )
    return event.RuleNotices(drop.RULE, drop.VERSION, out[:count])


def _identities(state: State, rows: Array, seen: track_history.PointHistory) -> list[event.RuleNotices]:
    points, references = seen.points, state.references
    mine = np.flatnonzero(points.self_reported & (points.claimed >= 0))
    place = state.identities.places(points.claimed[mine].astype(np.int64))
    whose = np.full(len(seen.row), -1, np.int32)
    whose[mine] = place
    latest = gap.heard(state.heard, seen.clock, points.self_reported)
    state.heard = float(latest[-1])
    known = state.identities.rows
    receivers, harbours = references.receivers, references.harbours
    gaps, n_gaps = gap.fold(
        known["gap"], place, mine, points, seen.clock, latest, receivers, harbours, rule_output.empty()
    )
    gaps, n_gaps = gap.sweep(known["gap"], seen.clock, latest, receivers, harbours, gaps, n_gaps)
    jumps, n_jumps, shared, n_shared = identity.fold(
        known["twice"], seen, mine, place, rule_output.empty(), rule_output.empty()
    )
    mine_dark, blank = rows["dark"], state._blank["dark"]
    darks, n_darks = dark.fold(
        mine_dark, blank, known["spot"], whose, seen, receivers, harbours, rule_output.empty()
    )
    land = _on_land(references.lands, seen)
    ashore, n_ashore = identity.ashore(
        rows["ashore"], state._blank["ashore"], seen, land, rule_output.empty()
    )
    return [
        event.RuleNotices(gap.RULE, gap.VERSION, gaps[:n_gaps]),
        event.RuleNotices(identity.JUMPED, identity.VERSION, jumps[:n_jumps]),
        event.RuleNotices(identity.SHARED, identity.VERSION, shared[:n_shared]),
        event.RuleNotices(dark.RULE, dark.VERSION, darks[:n_darks]),
        event.RuleNotices(identity.ASHORE, identity.VERSION, ashore[:n_ashore]),
    ]


def _on_land(lands: polygons.Polygons | None, seen: track_history.PointHistory) -> Array:
    land = np.zeros(len(seen.row), np.bool_)
    if lands is not None:
        asked = identity.may_be_ashore(seen)
        land[asked] = polygons.within(lands, seen.points.latitude[asked], seen.points.longitude[asked]) >= 0
    return land


def _flights(
    state: State, rows: Array, seen: track_history.PointHistory, metres: Array
) -> list[event.RuleNotices]:
    fields, blank = state.references.aerodromes, state._blank["flight"]
    low, n_low, landed, n_landed = aircraft.fold(
        rows["flight"], blank, seen, metres, fields, rule_output.empty(), rule_output.empty()
    )
    return [
        event.RuleNotices(aircraft.LOW, aircraft.VERSION, low[:n_low]),
        event.RuleNotices(aircraft.LANDED, aircraft.VERSION, landed[:n_landed]),
    ]


def _ports(state: State, rows: Array, seen: track_history.PointHistory) -> event.RuleNotices:
    known = state.references.ports
    port = ports.approached(seen, known.places)
    shut = np.zeros(len(port), np.bool_)
    near = np.flatnonzero(port >= 0)
    shut[near] = ports.closed(known, port[near], seen.points.t[near])
    out, count = ports.fold(rows["port"], state._blank["port"], seen, port, shut, rule_output.empty())
    return event.RuleNotices(ports.RULE, ports.VERSION, out[:count], known.names)


def _swept(state: State) -> None:
    """Forget what is over, once it is half of what there is; no rule can tell."""
    gone = state.identities.live["gap"]["t"] + gap.KEPT < state.clock
    if gone.sum() * 2 > state.identities.count:
        state.identities.keep(~gone)
    gone = track_history.forgotten(state.tracks.live, state.clock)
    if gone.sum() * 2 > state.tracks.count or 2 * state.tracks.count > len(state.pairs.heads):
        _regridded(state, ~gone)


def release(state: State, followed: Array) -> None:
    """Forget tracks of which no point comes any more, as `_swept` does: most never were confirmed, and no
    point ended them. One that was is kept as long as another may take it up or be close to it.

    Args:
        state: after the points so far.
        followed: numbers of the tracks of which points may come.
    """
    if state.tracks.count <= 2 * len(followed):
        return
    live = state.tracks.live
    gone = (live["walk"]["last"] == 0) | (live["walk"]["last"] + stitching.WENT < state.clock)
    gone &= ~np.isin(live["id"], followed)
    gone |= track_history.forgotten(live, state.clock)
    if 2 * gone.sum() > len(live):
        _regridded(state, ~gone)


def named(state: State) -> Array:
    """Numbers of tracks that an event may name after their last point."""
    identities, pairs = state.identities.live, state.pairs.live
    lone = identities["gap"]["track"], identities["twice"]["track"], state.stops["track"]
    return np.concatenate([*lone, pairs["first"], pairs["second"]])


def _regridded(state: State, kept: Array) -> None:
    """Only those tracks, and the grid of the slow ones anew."""
    state.tracks.keep(kept)
    rows = state.tracks.rows
    state.pairs = rendezvous.Pairs(state.pairs.live, len(rows))
    rendezvous.fill(rows["id"], rows["slow"], state.pairs.heads)


FORMAT: Final = "2"
"""Of a frozen state; a state of another is not thawed."""


def freeze(state: State) -> pa.Table:
    """The state as a table: one row a part, its rows as bytes of a little-endian structured type.

    Equal states give equal tables, whatever batches they came from.
    """
    tracks = state.tracks.live[~track_history.forgotten(state.tracks.live, state.clock)]
    tracks = tracks[np.argsort(tracks["id"])]
    identities = state.identities.live[~(state.identities.live["gap"]["t"] + gap.KEPT < state.clock)]
    pairs = state.pairs.live
    clocks = np.array(
        [(state.clock, state.heard, state.traffic.began, state.traffic.day, state.late, state.stopped)],
        CLOCKS,
    )
    parts = {
        "tracks": _links_cleared(tracks),
        "identities": np.sort(identities, order="id"),
        "pairs": np.sort(pairs, order=("first", "second")),
        "traffic": np.sort(state.traffic.live, order="id"),
        "stations": state.stations,
        "stops": state.stops[state.stops["number"] > 0],
        "clocks": clocks,
        "budget": state.budget,
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
    [
        ("clock", "<f8"),
        ("heard", "<f8"),
        ("began", "<f8"),
        ("day", "<f8"),
        ("late", "<i8"),
        ("stopped", "<i8"),
    ]
)
FROZEN: Final = pa.schema(
    [("format", pa.string()), ("part", pa.string()), ("count", pa.int64()), ("rows", pa.large_binary())]
)


def _links_cleared(tracks: Array) -> Array:
    """Without the links of the grid, which are made anew."""
    tracks = tracks.copy()
    tracks["slow"]["next"] = -1
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
        Keyed(rows("identities", IDENTITY)),
        rendezvous.Pairs(rows("pairs", rendezvous.PAIR), 0),
        traffic.Traffic(rows("traffic", traffic.CELLS), float(clocks["began"]), float(clocks["day"])),
        rows("stations", weather_lookup.STATION),
        _placed(rows("stops", drop.STOP)),
        int(clocks["stopped"]),
        float(clocks["clock"]),
        float(clocks["heard"]),
        int(clocks["late"]),
        rows("budget", stitching.BUDGET),
    )
    _regridded(state, np.ones(state.tracks.count, np.bool_))
    return state


def _placed(stops: Array) -> Array:
    """Stops where their numbers put them."""
    every = np.zeros(drop.KEPT, drop.STOP)
    every[stops["number"] % drop.KEPT] = stops
    return every
