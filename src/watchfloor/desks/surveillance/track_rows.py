"""Rows of the kind `track`, of legs and of this moment: where something was, and how sure that is."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.derived import DERIVED, row_id
from watchfloor.core.kinds import RECORD_ID, column
from watchfloor.desks.base import Refs, derive
from watchfloor.desks.surveillance.evidence_index import LEG, cited
from watchfloor.desks.surveillance.naming import Names
from watchfloor.desks.surveillance.tracking.places import geodetic
from watchfloor.desks.surveillance.tracking.reports import KLASSES

TRACK: Final = pa.schema(
    [
        *DERIVED,
        column("track", pa.int64(), "its number", nullable=False),
        column("subjects", pa.list_(pa.string()), "its typed key, and what it claims to be", nullable=False),
        column("latitude", pa.float64(), "where it was last, WGS84", nullable=False, unit="degree"),
        column("longitude", pa.float64(), "east positive", nullable=False, unit="degree"),
        column("altitude", pa.float64(), "above the ellipsoid, where it was reported", unit="metre"),
        column("v_east", pa.float64(), "velocity to the east", unit="metre a second"),
        column("v_north", pa.float64(), "to the north", unit="metre a second"),
        column("speed", pa.float64(), "over ground", unit="metre a second"),
        column("course", pa.float64(), "clockwise from true north", unit="degree"),
        column("var_east", pa.float64(), "variance of the place to the east", unit="square metre"),
        column("var_north", pa.float64(), "to the north", unit="square metre"),
        column("cov_east_north", pa.float64(), "covariance of the two", unit="square metre"),
        column("radius", pa.float64(), "half the long axis of the 95 % ellipse", unit="metre"),
        column("minor", pa.float64(), "half its short axis", unit="metre"),
        column("axis", pa.float64(), "direction of the long axis, clockwise from north", unit="degree"),
        column("exists", pa.float64(), "probability that there is something", nullable=False),
        column("class", pa.string(), "likeliest class of what it is"),
        column("stationary", pa.bool_(), "whether it was seen standing still for long"),
        column("sensors", pa.list_(pa.string()), "sensors that reported it so far", nullable=False),
        column("reports", pa.int64(), "how many reports it took so far", nullable=False),
        column("evidence", pa.list_(RECORD_ID), "the last of the records it rests on", nullable=False),
        column("origins", pa.list_(pa.string()), "the first reports behind these", nullable=False),
        column("marking", pa.string(), "the join of the markings of all of them", nullable=False),
    ]
)
"""One leg of a track: half a minute of the clock of arrival. `since` and `until` are its reports' times."""


Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

NAME: Final = "surveillance"
RULE: Final = "track"

NONE: Final = TRACK.empty_table()
"""No rows: most steps end no leg, and to make an empty table takes as long as to make a small one."""

PART: Final = float(np.sqrt(-2 * np.log(0.05)))
"""Standard deviations at which an ellipse holds 95 % of a normal distribution of two dimensions: 2.448."""


def track_key(number: int) -> str:
    """The typed key of a track."""
    return f"track:{NAME}:{number}"


def rows(key: bytes, entries: Array, names: Names) -> pa.Table:
    """One row an entry: what the track did in its leg."""
    if not len(entries):
        return NONE
    legs, records = entries["leg"], cited(entries)
    windows = zip(map(track_key, entries["id"].tolist()), map(str, legs.tolist()), strict=True)
    return derive(
        TRACK,
        row_id=[row_id(key, NAME, RULE, (one,), leg) for one, leg in windows],
        at=pa.array((legs + 1) * LEG, pa.timestamp("us", "UTC")),
        evidence=records,
        origins=[names.origins(ids) for ids in records.to_pylist()]
        if names.repeats
        else _empty(len(legs), pa.string()),
        **_belief(entries, names),
    )


def _belief(entries: Array, names: Names) -> dict[str, Any]:
    """Columns of what was believed of each track at its last report."""
    latitude, longitude, _ = geodetic(entries["place"])
    major, minor, axis = ellipse(entries["cov"])
    v_east, v_north = entries["velocity"].T
    return {
        "since": moments(entries["since"]),
        "until": moments(entries["t"]),
        "track": entries["id"],
        "subjects": _subjects(entries, names),
        "latitude": latitude,
        "longitude": longitude,
        "altitude": known(entries["altitude"]),
        "v_east": v_east,
        "v_north": v_north,
        "speed": np.hypot(v_east, v_north),
        "course": np.degrees(np.arctan2(v_east, v_north)) % 360,
        "var_east": entries["cov"][:, 0],
        "var_north": entries["cov"][:, 2],
        "cov_east_north": entries["cov"][:, 1],
        "radius": major,
        "minor": minor,
        "axis": axis,
        "exists": entries["exists"],
        "class": classes(entries["klass"]),
        "stationary": entries["stationary"],
        "sensors": _by_value(entries["sensors"], names.sensors, pa.list_(pa.string())),
        "reports": entries["reports"],
        "marking": _by_value(entries["markings"], names.marking, pa.string()),
    }


def ellipse(cov: Floats) -> tuple[Floats, Floats, Floats]:
    """Half axes in metres of the ellipse of 95 %, and the direction of the long one in degrees, of [n, 3]."""
    east, both, north = cov.T
    middle, half = (east + north) / 2, np.hypot((east - north) / 2, both)
    axis = np.degrees(np.arctan2(2 * both, north - east)) / 2 % 180
    return PART * np.sqrt(middle + half), PART * np.sqrt(np.maximum(middle - half, 0)), axis


def moments(seconds: Floats) -> pa.Array:
    """Seconds since 1970 as moments."""
    return pa.array(np.round(seconds * 1e6).astype(np.int64), pa.timestamp("us", "UTC"))


def known(values: Floats) -> pa.Array:
    """Numbers, null where they are not known."""
    return pa.array(values, pa.float64(), mask=np.isnan(values))


# What the desk holds at this moment: a row a track, for the live map, between two legs that are told.
# Made for speed, forty times a second: what the rows rest on is cited by the legs alone.


def now(refs: Refs, state: Any) -> dict[str, pa.Table]:
    """Every track that is confirmed and has not ended, as it was at its last report; and what was refused."""
    del refs
    live = state.book.entries.live
    entries = live[live["shown"] & ~live["ended"]]
    return {
        "track": live_rows(entries, state.names, state.clock),
        "refused": state.refusals.rows(state.clock),
    }


def live_rows(entries: Array, names: Names, clock: int) -> pa.Table:
    """Rows from entries of the book, at a moment of the clock of arrival, microseconds since 1970."""
    count = len(entries)
    return derive(
        TRACK,
        row_id=_ids(entries["id"]),
        at=pa.array(np.full(count, clock), pa.timestamp("us", "UTC")),
        evidence=_empty(count, RECORD_ID),
        origins=_empty(count, pa.string()),
        **_belief(entries, names),
    )


def _ids(tracks: Array) -> pa.Array:
    """Identities within the picture: the track's number."""
    both = np.zeros((len(tracks), 2), np.int64)
    both[:, 0] = tracks
    return pa.FixedSizeBinaryArray.from_buffers(RECORD_ID, len(tracks), [None, pa.py_buffer(both.tobytes())])


def _subjects(entries: Array, names: Names) -> pa.Array:
    """The key of each track, and what it claims to be."""
    count, claims = len(entries), entries["claimed"] >= 0
    start = np.append(0, np.cumsum(1 + claims))
    told, of = np.unique(entries["claimed"][claims], return_inverse=True)
    keys = pc.binary_join_element_wise(_TRACK, pa.array(entries["id"]).cast(pa.string()), "")
    claimed = pa.array([names.claimed[one] for one in told.tolist()], pa.string())
    at = np.empty(start[-1], np.int64)
    at[start[:-1]] = np.arange(count)
    at[start[:-1][claims] + 1] = count + of
    return pa.ListArray.from_arrays(
        pa.array(start, pa.int32()), pa.concat_arrays([keys, claimed]).take(pa.array(at))
    )


_TRACK: Final = track_key(0).removesuffix("0")
"""How the keys of tracks begin."""
_CLASSES: Final = pa.array([*KLASSES, None], pa.string())


def classes(codes: Array) -> pa.Array:
    """Names of classes; none for what is not known."""
    last = len(KLASSES)
    return _CLASSES.take(pa.array(np.where((codes >= 0) & (codes < last), codes, last)))


def _empty(count: int, of: pa.DataType) -> pa.Array:
    """Lists with nothing in them."""
    return pa.ListArray.from_arrays(pa.array(np.zeros(count + 1, np.int32)), pa.array([], of))


def _by_value(values: Array, told: Any, of: pa.DataType) -> pa.Array:
    """Map each value, computed once for equal ones."""
    found, at = np.unique(values, return_inverse=True)
    return pc.take(pa.array([told(one) for one in found.tolist()], of), pa.array(at))
