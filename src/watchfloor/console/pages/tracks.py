"""Tracks for programs: where each was last, and where one was before, in a time and a box.

Both come from the legs that the desks' runs keep, and from what the live floor shows now and was seen to show
in the last forty minutes. In the API alone: people have the map.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell import tracks
from watchfloor.cell.acts import NotFound, refuse
from watchfloor.cell.wording.dates import moment_of_field
from watchfloor.console.endpoints.endpoint import Asker, Endpoint
from watchfloor.console.pages.map import NO_BOX
from watchfloor.core.marking import joined
from watchfloor.core.messages import declare, reason
from watchfloor.store.index.places import Box, parse

MOST: Final = 5_000
"""Rows of one page."""
SIZE: Final = 1_000
NO_TRACK: Final = declare("console.no-track", "track")

Size = Annotated[int, msgspec.Meta(ge=1, le=MOST)]


class TracksAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which tracks.

    Attributes:
        since, until: of their last place, ISO 8601: after the one, up to the other; empty: the last 48 hours.
        box: west,south,east,north in degrees that their last place is in; empty: anywhere.
        after: `next` of the page before; size: tracks of a page.
    """

    since: str = ""
    until: str = ""
    box: str = ""
    after: str = ""
    size: Size = SIZE


class TrackAsk(TracksAsk, frozen=True):
    """Which places of a track: in a time and a box, behind the place `after`, how many."""

    key: str = ""


class Place(msgspec.Struct, frozen=True):
    """Where a track was.

    Attributes:
        track: its key, such as `track:surveillance:733`.
        at: of its last report by then.
        latitude, longitude: degrees.
        speed: m/s over ground; course: degrees clockwise from north.
        radius, minor: half axes in metres of the ellipse that holds 95 %; axis: degrees of the long one.
        claimed: identity that it claims; None: none.
        class_: likeliest class.
        stationary: whether it was seen standing still for long; None: nobody said.
        marking: who may see it.
    """

    track: str
    at: datetime
    latitude: float
    longitude: float
    speed: float | None
    course: float | None
    radius: float | None
    minor: float | None
    axis: float | None
    claimed: str | None
    class_: str | None = msgspec.field(name="class")
    stationary: bool | None = None
    marking: str = ""


class Places(msgspec.Struct, frozen=True):
    """A page of places.

    Attributes:
        places: of many tracks by their keys, of one in time.
        next: to be sent as `after`; empty at the end.
        marking: the join of what is shown.
    """

    places: list[Place]
    next: str
    marking: str


def last_places(asker: Asker, ask: TracksAsk) -> Places:
    """Where each track was last in a time, of those that were in a box then; a page in the order of keys."""
    rows = _history(asker, ask)
    order = np.lexsort((np.arange(len(rows)), rows["key"].to_numpy(zero_copy_only=False).astype(str)))
    rows = rows.take(pa.array(order))
    key = rows["key"].combine_chunks()
    newest = pa.concat_arrays(
        [pc.not_equal(key[:-1], key[1:]), pa.array([True] * min(len(rows), 1), pa.bool_())]
    )
    rows = _within(rows.filter(newest), ask.box)
    return _page(asker, rows.filter(pc.greater(rows["key"], ask.after)), ask)


def track(asker: Asker, ask: TrackAsk) -> Places:
    """Where a track was in a time and a box, a page in the order of time."""
    rows = _history(asker, ask, ask.key)
    if not len(rows):
        raise NotFound(reason(NO_TRACK, track=ask.key))
    after = moment_of_field(ask.after, "after")
    rows = rows.filter(pc.greater(rows["until"], pa.scalar(after, rows["until"].type))) if after else rows
    return _page(asker, _within(rows, ask.box), ask)


def _history(asker: Asker, ask: TracksAsk, key: str = "") -> pa.Table:
    until = moment_of_field(ask.until, "until") or asker.now + tracks.AHEAD
    since = moment_of_field(ask.since, "since", first=True) or until - tracks.KEPT
    return tracks.history(asker.floor, asker.reader, since, until, key)


def _within(rows: pa.Table, text: str) -> pa.Table:
    if not text:
        return rows
    try:
        box: Box = parse(text)
    except ValueError as error:
        refuse(NO_BOX, problem=str(error))
    longitude, latitude = rows["longitude"].to_numpy(), rows["latitude"].to_numpy()
    east = (longitude - box.west) % 360 <= box.east - box.west
    return rows.filter(pa.array(east & (latitude >= box.south) & (latitude <= box.north)))


def _page(asker: Asker, rows: pa.Table, ask: TracksAsk) -> Places:
    """Log a page and return it."""
    page = rows.slice(0, ask.size)
    shown = [_place(row) for row in page.to_pylist()]
    last = ""
    if len(page) < len(rows):
        last = shown[-1].at.isoformat() if isinstance(ask, TrackAsk) else shown[-1].track
    told = {name: getattr(ask, name) or None for name in ("since", "until", "box", "after")}
    asker.log_query("tracks", shown=sorted({one.track for one in shown}), places=len(shown), **told)
    return Places(shown, last, joined([one.marking for one in shown]))


def _place(row: dict[str, Any]) -> Place:
    same = ("latitude", "longitude", "speed", "course", "radius", "minor", "axis", "stationary", "marking")
    claimed = next(iter(row["subjects"][1:]), None)
    return Place(
        row["key"],
        row["until"].astimezone(UTC),
        **{name: row[name] for name in same},
        claimed=claimed,
        class_=row["class"],
    )


ENDPOINTS: Final = (
    Endpoint("tracks", "GET", "/tracks", TracksAsk, Places, last_places),
    Endpoint("tracks.track", "GET", "/tracks/{key:path}", TrackAsk, Places, track),
)
