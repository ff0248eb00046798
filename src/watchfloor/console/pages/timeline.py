"""Moments and places of a lead or a subject: a line of time and a sketch of where, linked to each other.

Both are drawn on the server, so that they are there without a script; the script only lights up in one what
is chosen in the other. Things that are too many for a dot each are counted by slices of time.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import cos, radians
from typing import Final, Literal, NamedTuple

import msgspec
import numpy as np

from watchfloor.formats.lists.listing_rows import UNDATED
from watchfloor.reference import border

SLICES: Final = 100
"""Slices of time in which records are counted."""
TICKS: Final = 4
"""Spaces between the moments that are written under the line."""

LEAST: Final = 0.05
"""Degrees of latitude that a sketch shows at least to each side."""
MARGIN: Final = 0.25
"""Of what the places span, around them."""
WIDE: Final = 600
TALL: Final = 320
"""Of a sketch, in its own units."""

What = Literal["signal", "record", "act"]


class Point(NamedTuple):
    """Something that was at a moment, and perhaps somewhere.

    Attributes:
        key: by which the page knows it, such as of a row in a table.
        what: a signal, a record or an act.
        at: when.
        text: in words.
        place: latitude and longitude in degrees and radius in metres.
    """

    key: str
    what: What
    at: datetime
    text: str
    place: tuple[float, float, float | None] | None = None


class Mark(msgspec.Struct, frozen=True):
    """One thing on the line; `x` in per cent of its length."""

    key: str
    what: What
    at: datetime
    text: str
    x: float


class Slice(msgspec.Struct, frozen=True):
    """Records of a stretch of time; `x`, `width` and `height` in per cent."""

    since: datetime
    count: int
    x: float
    width: float
    height: float


class Tick(msgspec.Struct, frozen=True):
    """A moment that is written under the line."""

    at: datetime
    x: float


class Dot(msgspec.Struct, frozen=True):
    """One thing in the sketch, in its units."""

    key: str
    text: str
    latitude: float
    longitude: float
    radius: float | None
    x: float
    y: float
    size: float


class Sketch(msgspec.Struct, frozen=True):
    """Places over the border line.

    Attributes:
        dots: the places.
        line: the border, as points of an SVG path.
        box: west, south, east, north in degrees.
    """

    dots: list[Dot]
    line: str
    box: list[float]


class Timeline(msgspec.Struct, frozen=True):
    """Timeline of things with a moment and a place.

    Attributes:
        marks: things one by one.
        slices: records, counted.
        ticks: moments to write.
        undated: records whose moment nobody gave.
        sketch: places; None where nothing has one.
    """

    marks: list[Mark]
    slices: list[Slice]
    ticks: list[Tick]
    undated: int
    sketch: Sketch | None


def timeline(points: Sequence[Point], records: Iterable[datetime]) -> Timeline | None:
    """The line of time of some things, and of records that are only counted; None where nothing is dated."""
    given = list(records)
    dated = [at for at in given if at != UNDATED]
    shown = [one for one in points if one.at != UNDATED]
    every = [*dated, *(one.at for one in shown)]
    if not every:
        return None
    first, last = min(every), max(every)
    if first == last:
        first, last = first - timedelta(minutes=30), last + timedelta(minutes=30)

    def x(at: datetime) -> float:
        return round(100 * ((at - first) / (last - first)), 3)

    marks = [Mark(one.key, one.what, one.at, one.text, x(one.at)) for one in shown]
    ticks = [Tick(at, x(at)) for at in (first + (last - first) * n / TICKS for n in range(TICKS + 1))]
    return Timeline(marks, _slices(dated, first, last), ticks, len(given) - len(dated), sketch(points))


def _slices(records: Sequence[datetime], first: datetime, last: datetime) -> list[Slice]:
    if not records:
        return []
    span = last - first
    at = np.array([(one - first) / span for one in records])
    counts = np.bincount(np.minimum((at * SLICES).astype(np.int64), SLICES - 1), minlength=SLICES)
    highest = int(counts.max())
    return [
        Slice(first + span * n / SLICES, int(count), 100 * n / SLICES, 100 / SLICES, 100 * count / highest)
        for n, count in enumerate(counts.tolist())
        if count
    ]


def sketch(points: Iterable[Point]) -> Sketch | None:
    """The places of some things over the border line; None where nothing has one."""
    placed = [(one, one.place) for one in points if one.place is not None]
    if not placed:
        return None
    west, south, east, north = _box([place for _, place in placed])

    def x(longitude: float) -> float:
        return round(WIDE * (longitude - west) / (east - west), 1)

    def y(latitude: float) -> float:
        return round(TALL * (north - latitude) / (north - south), 1)

    metres = TALL / ((north - south) * 111_320)
    dots = [
        Dot(one.key, one.text, lat, lon, radius, x(lon), y(lat), round(max(6.0, (radius or 0) * metres), 1))
        for one, (lat, lon, radius) in placed
    ]
    pieces = [
        " L".join(f"{x(lon)} {y(lat)}" for lon, lat in piece) for piece in _near(west, south, east, north)
    ]
    return Sketch(dots, "".join(f"M{piece}" for piece in pieces), [west, south, east, north])


def _box(places: Sequence[tuple[float, float, float | None]]) -> tuple[float, float, float, float]:
    """A box around places with some margin, in the sketch's proportions."""
    reach = max((radius or 0) for _, _, radius in places) / 111_320
    lats = [lat for lat, _, _ in places]
    lons = [lon for _, lon, _ in places]
    middle = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    squeeze = max(cos(radians(middle[0])), 0.05)
    half = max((max(lats) - min(lats)) / 2 + reach, LEAST)
    half = max(half, ((max(lons) - min(lons)) / 2 * squeeze + reach) * TALL / WIDE) * (1 + MARGIN)
    wide = half / squeeze * WIDE / TALL
    return middle[1] - wide, middle[0] - half, middle[1] + wide, middle[0] + half


def _near(west: float, south: float, east: float, north: float) -> Iterable[list[tuple[float, float]]]:
    """Pieces of the border that reach into a box, thinned to what can be seen."""
    for _, points in border.load().lines:
        lon, lat = points[:, 0], points[:, 1]
        inside = (lon > west) & (lon < east) & (lat > south) & (lat < north)
        near = inside.copy()
        near[1:] |= inside[:-1]
        near[:-1] |= inside[1:]
        starts = np.flatnonzero(near & ~np.concatenate([[False], near[:-1]]))
        ends = np.flatnonzero(near & ~np.concatenate([near[1:], [False]]))
        for a, b in zip(starts.tolist(), ends.tolist(), strict=True):
            thin = max(1, (b - a) // 400)
            rows = sorted({*range(a, b + 1, thin), b})
            if len(rows) > 1:
                yield [(float(lon[row]), float(lat[row])) for row in rows]
