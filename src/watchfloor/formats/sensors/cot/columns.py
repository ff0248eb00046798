"""Rows made ready to be sent as events: one column for each thing that an event says.

Tracks, detections and tasks become the same columns, so that both encodings are written from one table. What
goes in must be what its reader may see: masks are applied, and rows withheld, before (`release`). The marking
of each row goes along, as the fields of the protocol have it and, exactly, in an element of our own.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import INSTANT
from watchfloor.core.marking import CLASSIFIED, PROTECTED, TLP, parse
from watchfloor.formats.sensors.cot import kinds

STALE: Final = timedelta(minutes=2)
"""How long an event holds that does not say it."""

TEXTS: Final = (
    *("uid", "type", "how", "access", "qos", "opex", "caveat", "releasable", "callsign", "sensor"),
    *("remarks", "marking", "class", "authority", "claimed"),
)
NUMBERS: Final = (
    *("lat", "lon", "hae", "ce", "le", "speed", "course", "speed_error", "course_error"),
    *("class_confidence", "confidence", "var_east", "var_north", "cov_east_north", "climb", "heading"),
)
TIMES: Final = ("time", "start", "stale")
DETAIL: Final = "detail"
"""Elements of `detail` that an event came with, as XML."""

EVENTS: Final = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in TEXTS),
        *(pa.field(name, pa.float64()) for name in NUMBERS),
        *(pa.field(name, INSTANT) for name in TIMES),
        pa.field(DETAIL, pa.string()),
    ]
)
"""Events as a table. Only `uid`, `type` and `time` are needed; `sensor` is the uid of who produced it."""

_LEVELS: Final = {"C": "Confidential", "S": "Secret", "TS": "Top Secret"}
_MOTION: Final = ("speed", "course", "speed_error", "course_error", "climb", "heading")
_OWN: Final = ("class_confidence", "confidence", "var_east", "var_north", "cov_east_north")
_EQUAL: Final = 1e-9
"""Two variances that differ by less, relatively, are those of a circle."""


def of_detections(rows: pa.Table, stale: timedelta = STALE) -> pa.Table:
    """Events of rows of `detection`. What came as an event says what it said."""
    said = [_said(text) for text in _column(rows, "says").to_pylist()]
    told = {name: pa.array([one.get(name) for one in said], pa.string()) for name in _KEPT}
    time = _column(rows, "observed_at", INSTANT)
    uid = pc.coalesce(*(_column(rows, name) for name in ("object", "report_key", "locator")))
    marks = _marks(_column(rows, "marking"))
    return _table(
        rows.num_rows,
        {
            **_common(rows),
            **marks,
            **{name: pc.coalesce(marks[name], told[was]) for name, was in _SHOWN.items()},
            **{name: told[name] for name in ("qos", "opex", DETAIL)},
            "uid": uid,
            "type": pc.coalesce(told["type"], _types(_column(rows, "class"), "u")),
            "how": pc.coalesce(told["how"], pa.scalar("m-r")),
            "callsign": _column(rows, "name"),
            "sensor": _column(rows, "sensor"),
            "authority": _column(rows, "authority"),
            "claimed": _column(rows, "claimed"),
            "time": time,
            "start": pc.coalesce(_moments(told["start"]), time),
            "stale": pc.coalesce(_moments(told["stale"]), pc.add(time, pa.scalar(stale))),
            "hae": _column(rows, "altitude", pa.float64()),
            "le": pa.array([one.get("le") for one in said], pa.float64()),
        },
    )


def of_tracks(rows: pa.Table, stale: timedelta = STALE) -> pa.Table:
    """Events of rows of the derived kind `track`: an event a track, at its last report.

    Args:
        rows: with the columns `track`, `until`, `latitude`, `longitude`, `class`, `exists`, variances, speed
            and course, `marking`; what is missing is unknown.
        stale: how long after its last report a track is shown.
    """
    time = _column(rows, "until", INSTANT)
    number = _column(rows, "track", None).cast(pa.string())
    return _table(
        rows.num_rows,
        {
            **_common(rows),
            **_marks(_column(rows, "marking")),
            "uid": pc.binary_join_element_wise("watchfloor.track", number, "."),
            "type": _types(_column(rows, "class"), "u"),
            "how": pa.repeat(pa.scalar("m-f"), rows.num_rows),
            "callsign": pc.binary_join_element_wise("T", number, ""),
            "confidence": _column(rows, "exists", pa.float64()),
            "time": time,
            "start": time,
            "stale": pc.add(time, pa.scalar(stale)),
            "hae": _column(rows, "altitude", pa.float64()),
        },
    )


def of_tasks(rows: pa.Table, stale: timedelta = timedelta(hours=1)) -> pa.Table:
    """Events of rows of `task`: a point to go to, with the instruction as its remarks.

    Raises:
        ValueError: a task without a place.
    """
    places = pc.and_(
        pc.is_valid(_column(rows, "latitude", None)), pc.is_valid(_column(rows, "longitude", None))
    )
    if not pc.all(places).as_py():
        lost = rows.column("task").filter(pc.invert(places))[0].as_py()
        raise ValueError(f"task {lost} has no place, and every event has one; give it latitude and longitude")
    time = _column(rows, "observed_at", INSTANT)
    return _table(
        rows.num_rows,
        {
            **_marks(_column(rows, "marking")),
            "lat": _column(rows, "latitude", pa.float64()),
            "lon": _column(rows, "longitude", pa.float64()),
            "ce": _column(rows, "radius", pa.float64()),
            "uid": pc.binary_join_element_wise("watchfloor.task", _column(rows, "task"), "."),
            "type": pa.repeat(pa.scalar(kinds.TASK), rows.num_rows),
            "how": pa.repeat(pa.scalar("h-g-i-g-o"), rows.num_rows),
            "callsign": _column(rows, "task"),
            "remarks": _column(rows, "instruction"),
            "authority": _column(rows, "authority"),
            "time": time,
            "start": pc.coalesce(_column(rows, "starts", INSTANT), time),
            "stale": pc.coalesce(_column(rows, "deadline", INSTANT), pc.add(time, pa.scalar(stale))),
        },
    )


_KEPT: Final = ("type", "how", "access", "qos", "opex", "caveat", "releaseableTo", "start", "stale", "detail")
_SHOWN: Final = {"access": "access", "caveat": "caveat", "releasable": "releaseableTo"}


def _said(text: str | None) -> dict[str, Any]:
    """Return the kept part of the event that a row came as; empty if it came as something else."""
    try:
        held = msgspec.json.decode(text or "{}")
    except msgspec.DecodeError:
        return {}
    return held if isinstance(held, dict) and str(held.get("type", "")).startswith(("a-", "b-")) else {}


def _common(rows: pa.Table) -> dict[str, pa.Array]:
    """Place, motion and probabilities, as tracks and detections have them both.

    The radius is that of a circle with the mean of the two variances; where they are not those of a circle
    they go along too.
    """
    numbers = {name: _column(rows, name, pa.float64()) for name in (*_MOTION, *_OWN)}
    east, north, both = (
        numbers[name].to_numpy(zero_copy_only=False) for name in ("var_east", "var_north", "cov_east_north")
    )
    radius = np.sqrt((east + north) / 2)
    with np.errstate(invalid="ignore"):
        circle = (np.abs(east - north) <= _EQUAL * east) & ~(np.abs(both) > _EQUAL * east)
    hidden = pa.array(circle)
    return {
        **numbers,
        **{
            name: pc.if_else(hidden, None, numbers[name])
            for name in ("var_east", "var_north", "cov_east_north")
        },
        "lat": _column(rows, "latitude", pa.float64()),
        "lon": _column(rows, "longitude", pa.float64()),
        "ce": pa.array(radius, pa.float64(), from_pandas=True),
        "class": _column(rows, "class"),
    }


def _marks(markings: pa.Array) -> dict[str, pa.Array]:
    """A marking as the fields of the protocol have it: level, caveats with TLP, countries; and itself."""
    coded = markings.dictionary_encode()
    read = [parse(text) for text in coded.dictionary.to_pylist()]
    levels = [_LEVELS.get(CLASSIFIED[one.classified], _protected(PROTECTED[one.protected])) for one in read]
    caveats = [",".join([f"TLP:{TLP[one.tlp]}", *sorted(one.caveats)]) for one in read]
    countries = [None if one.release is None else ",".join(sorted(one.release)) for one in read]
    return {
        "marking": markings,
        **{
            name: pa.array(of, pa.string()).take(coded.indices)
            for name, of in (("access", levels), ("caveat", caveats), ("releasable", countries))
        },
    }


def _protected(level: str) -> str:
    return f"Protected {level[1]}" if level else "Unclassified"


def _types(classes: pa.Array, affiliation: str) -> pa.Array:
    """Types of events by our classes."""
    coded = classes.dictionary_encode()
    known = [f"a-{affiliation}-{kinds.TYPES.get(name, 'G')}" for name in coded.dictionary.to_pylist()]
    return pc.coalesce(pa.array(known, pa.string()).take(coded.indices), pa.scalar(f"a-{affiliation}-G"))


def _moments(texts: pa.Array) -> pa.Array:
    """Moments as `events` keeps them."""
    return texts.cast(INSTANT)


def _column(rows: pa.Table, name: str, kind: pa.DataType | None = pa.string()) -> pa.Array:  # noqa: B008
    if name not in rows.column_names:
        return pa.nulls(rows.num_rows, kind or pa.string())
    column = rows.column(name)
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    whole = pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole
    return whole if kind is None or whole.type == kind else whole.cast(kind)


def _table(count: int, columns: Mapping[str, pa.Array]) -> pa.Table:
    arrays = [columns.get(field.name, pa.nulls(count, field.type)) for field in EVENTS]
    return pa.Table.from_arrays(arrays, schema=EVENTS)
