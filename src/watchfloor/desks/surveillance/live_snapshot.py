"""What the desk holds at this moment: a row a track, for the live map, between two legs that are told.

Rows of the kind `track`, made for speed, forty times a second: what they rest on is cited by the legs alone.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.base import Refs, derive
from watchfloor.desks.surveillance.naming import Names
from watchfloor.desks.surveillance.schema import TRACK
from watchfloor.desks.surveillance.track_segments import ellipse, known, moments, track_key
from watchfloor.desks.surveillance.tracking.places import geodetic
from watchfloor.desks.surveillance.tracking.reports import KLASSES
from watchfloor.records.kinds import RECORD_ID

Array = npt.NDArray[Any]


def now(refs: Refs, state: Any) -> dict[str, pa.Table]:
    """Every track that is confirmed and has not ended, as it was at its last report; and what was refused."""
    del refs
    live = state.book.entries.live
    entries = live[live["shown"] & ~live["ended"]]
    return {
        "track": rows(entries, state.names, state.clock),
        "refused": state.refusals.rows(state.clock),
    }


def rows(entries: Array, names: Names, clock: int) -> pa.Table:
    """Rows from entries of the book, at a moment of the clock of arrival, microseconds since 1970."""
    count = len(entries)
    latitude, longitude, _ = geodetic(entries["place"])
    major, minor, axis = ellipse(entries["cov"])
    v_east, v_north = entries["velocity"].T
    return derive(
        TRACK,
        row_id=_ids(entries["id"]),
        at=pa.array(np.full(count, clock), pa.timestamp("us", "UTC")),
        since=moments(entries["since"]),
        until=moments(entries["t"]),
        track=entries["id"],
        subjects=_subjects(entries, names),
        latitude=latitude,
        longitude=longitude,
        altitude=known(entries["altitude"]),
        v_east=v_east,
        v_north=v_north,
        speed=np.hypot(v_east, v_north),
        course=np.degrees(np.arctan2(v_east, v_north)) % 360,
        var_east=entries["cov"][:, 0],
        var_north=entries["cov"][:, 2],
        cov_east_north=entries["cov"][:, 1],
        radius=major,
        minor=minor,
        axis=axis,
        exists=entries["exists"],
        **{"class": _classes(entries["klass"])},
        sensors=_by_value(entries["sensors"], names.sensors, pa.list_(pa.string())),
        reports=entries["reports"],
        evidence=_empty(count, RECORD_ID),
        origins=_empty(count, pa.string()),
        marking=_by_value(entries["markings"], names.marking, pa.string()),
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


def _classes(codes: Array) -> pa.Array:
    """Names of classes; none for what is not known."""
    last = len(KLASSES)
    return _CLASSES.take(pa.array(np.where((codes >= 0) & (codes < last), codes, last)))


def _empty(count: int, of: pa.DataType) -> pa.Array:
    """Lists with nothing in them."""
    return pa.ListArray.from_arrays(pa.array(np.zeros(count + 1, np.int32)), pa.array([], of))


def _by_value(values: Array, told: Any, of: pa.DataType) -> pa.Array:
    """What each value means, found once for equal ones."""
    found, at = np.unique(values, return_inverse=True)
    return pc.take(pa.array([told(one) for one in found.tolist()], of), pa.array(at))
