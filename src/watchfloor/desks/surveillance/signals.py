"""Events as signals: with the records of their tracks, as those were when the event became known."""

from collections.abc import Iterable, Iterator, Sequence
from math import isfinite
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.derived import SIGNAL, row_id
from watchfloor.desks.surveillance.events.event import Event
from watchfloor.desks.surveillance.evidence_index import cited
from watchfloor.desks.surveillance.naming import Names
from watchfloor.desks.surveillance.track_rows import NAME, track_key

Array = npt.NDArray[Any]

NONE: Final = SIGNAL.empty_table()
"""No rows, made once."""
PLAIN: Final = {"revision": 0, "desk": NAME, "coverage": []}


def rows(key: bytes, events: Sequence[Event], entries: Array, known: Array, names: Names) -> pa.Table:
    """One row an event.

    Args:
        key: the floor's, for ids.
        events: in their order.
        entries: of the book, those of each event's tracks one after the other.
        known: clock of arrival at each point, microseconds since 1970.
        names: of identities and markings.
    """
    if not events:
        return NONE
    made = [
        _signal(key, event, mine, int(known[event.row]), names)
        for event, mine in zip(events, _each(events, entries), strict=True)
    ]
    return pa.Table.from_pylist(made, schema=SIGNAL)


def _each(events: Iterable[Event], entries: Array) -> Iterator[Array]:
    at = 0
    for event in events:
        yield entries[at : at + len(event.tracks)]
        at += len(event.tracks)


def _signal(key: bytes, event: Event, entries: Array, at: int, names: Names) -> dict[str, Any]:
    tracks = tuple(map(track_key, event.tracks))
    subjects = [*tracks, *(names.claimed[one] for one in event.claimed)]
    if event.was >= 0:  # the leads of both are one
        subjects.append(track_key(event.was))
    records = list(dict.fromkeys(cited(entries).values.to_pylist()))
    marks = int(np.bitwise_or.reduce(entries["markings"]))
    return PLAIN | {
        "row_id": row_id(key, NAME, event.rule, tracks, event.window),  # claims may change
        "at": at,
        "since": _micros(event.since),
        "until": _micros(event.until),
        "retracted": event.retracted,
        "rule": event.rule,
        "subjects": list(dict.fromkeys(subjects)),
        "strength": event.strength,
        "score": event.score if isfinite(event.score) else None,
        "reason": event.why.stored(),
        "evidence": records,
        "origins": names.origins(records),
        "marking": names.marking(marks),
        "latitude": event.latitude if isfinite(event.latitude) else None,
        "longitude": event.longitude if isfinite(event.longitude) else None,
        "radius": event.radius if isfinite(event.radius) else None,
    }


def _micros(seconds: float) -> int | None:
    return round(seconds * 1e6) if isfinite(seconds) else None
