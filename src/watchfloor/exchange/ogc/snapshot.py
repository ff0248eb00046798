"""Features of one collection in one reader's view, in memory: found by NumPy, written when asked for."""

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from watchfloor.exchange.geo.features import NEVER
from watchfloor.exchange.geo.tiles import mercator
from watchfloor.exchange.ogc.systems import Move

Numbers = npt.NDArray[np.int64]
Chosen = npt.NDArray[np.bool_]
REMEMBERED: Final = 8
"""Filters whose matches are remembered: a client asks for page after page of one."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on features; None or empty: none.

    Attributes:
        areas: one of which they meet, in CRS84.
        since, until: microseconds since 1970; they were so at some time between.
        values: of properties, as text.
    """

    areas: tuple[shapely.Polygon, ...] | None = None
    since: int | None = None
    until: int | None = None
    values: tuple[tuple[str, str], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether every feature fulfils it."""
        return self.areas is None and self.since is None and self.until is None and not self.values

    @property
    def key(self) -> str:
        """The conditions as text: equal where they are."""
        areas = None if self.areas is None else [one.wkt for one in self.areas]
        return repr((areas, self.since, self.until, self.values))


@dataclass
class Snapshot:
    """Features in the order of their names.

    Attributes:
        names: sorted.
        shapes: longitudes and latitudes of each.
        at, until: microseconds since 1970, `NEVER` where it is not stated.
        columns: properties that can be asked for, by name.
        marking: join of all.
        render: writes features by their numbers, as GeoJSON, in another system where one is given.
        entries: what the journal of a partner's deliveries notes of each; empty for others.
    """

    names: Sequence[str]
    shapes: npt.NDArray[np.object_]
    at: Numbers
    until: Numbers
    columns: Mapping[str, pa.Array | pa.ChunkedArray]
    marking: str
    render: Callable[[Numbers, Move | None], list[bytes]]
    entries: Sequence[Any] = ()
    _matches: "OrderedDict[str, Numbers]" = field(default_factory=OrderedDict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def boxes(self) -> npt.NDArray[np.float64]:
        """West, south, east and north of each."""
        return np.asarray(shapely.bounds(self.shapes), np.float64)

    @cached_property
    def square(self) -> npt.NDArray[np.float64]:
        """West, north, east and south of each on the square of Web Mercator, 0 to 1."""
        boxes = self.boxes.reshape(-1, 4)
        return np.column_stack([mercator(boxes[:, [0, 3]]), mercator(boxes[:, [2, 1]])])

    @cached_property
    def extent(self) -> tuple[float, float, float, float] | None:
        """Edges of all of them; None where there are none."""
        if not len(self.names):
            return None
        (west, south), (east, north) = self.boxes[:, :2].min(axis=0), self.boxes[:, 2:].max(axis=0)
        return float(west), float(south), float(east), float(north)

    @cached_property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """When the first began and the last ended; None where no feature says."""
        known = self.at[self.at != NEVER]
        if not len(known):
            return None, None
        return moment(known.min()), moment(max(known.max(), self.until.max()))

    def number(self, name: str) -> int | None:
        """Return the number of a feature by its name; None where there is none."""
        at = bisect_right(self.names, name) - 1
        return at if at >= 0 and self.names[at] == name else None

    def only(self, kept: Chosen) -> "Snapshot":
        """Return the same without some features."""
        at = np.flatnonzero(kept)
        return Snapshot(
            [self.names[one] for one in at.tolist()],
            *(self.shapes[at], self.at[at], self.until[at]),
            {name: column.take(pa.array(at)) for name, column in self.columns.items()},
            self.marking,
            lambda numbers, move: self.render(at[numbers], move),
            [self.entries[one] for one in at.tolist()] if self.entries else (),
        )

    def page(self, chosen: Filter, after: str | None, limit: int) -> tuple[Numbers, int, bool]:
        """Return the numbers of a page's features, how many there are in all, and whether more follow.

        Args:
            chosen: what they must be.
            after: name of the feature before the page; None: the first one. It need not be there any more.
            limit: of the page.
        """
        start = 0 if after is None else bisect_right(self.names, after)
        if chosen.empty:
            end = min(start + limit, len(self.names))
            return np.arange(start, end), len(self.names), end < len(self.names)
        matches = self._matched(chosen)
        at = int(np.searchsorted(matches, start))
        return matches[at : at + limit], len(matches), at + limit < len(matches)

    def _matched(self, chosen: Filter) -> Numbers:
        key = chosen.key
        with self._guard:
            if key in self._matches:
                self._matches.move_to_end(key)
                return self._matches[key]
        found = self._match(chosen)
        with self._guard:
            self._matches[key] = found
            while len(self._matches) > REMEMBERED:
                self._matches.popitem(last=False)
        return found

    def _match(self, chosen: Filter) -> Numbers:
        kept = np.ones(len(self.names), np.bool_)
        if chosen.since is not None or chosen.until is not None:
            end = np.maximum(self.at, self.until)
            kept &= self.at != NEVER
            if chosen.since is not None:
                kept &= end >= chosen.since
            if chosen.until is not None:
                kept &= self.at <= chosen.until
        for name, value in chosen.values:
            kept &= _equal(self.columns[name], value)
        if chosen.areas is not None:
            kept &= self._meets(chosen.areas, kept)
        return np.flatnonzero(kept)

    def _meets(self, areas: Sequence[shapely.Polygon], wanted: npt.NDArray[np.bool_]) -> Chosen:
        """Return which features meet an area: by their boxes, and by their shapes where those do not tell."""
        west, south, east, north = self.boxes.T
        found = np.zeros(len(self.names), np.bool_)
        for area in areas:
            left, bottom, right, top = area.bounds
            near = wanted & ~found & (west <= right) & (east >= left) & (south <= top) & (north >= bottom)
            if area.equals(shapely.box(*area.bounds)):
                inside = (west >= left) & (east <= right) & (south >= bottom) & (north <= top)
                found |= near & inside
                near &= ~inside
            some = np.flatnonzero(near)
            shapely.prepare(area)
            found[some] |= shapely.intersects(self.shapes[some], area)
        return found


def _equal(column: pa.Array | pa.ChunkedArray, value: str) -> Chosen:
    """Return which values are equal to one that is typed."""
    scalar: Any = value
    if pa.types.is_boolean(column.type):
        scalar = {"true": True, "false": False}.get(value.lower())
    elif pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        scalar = float(value)
    if scalar is None:
        return np.zeros(len(column), np.bool_)
    same = pc.fill_null(pc.equal(column, scalar), False)
    return np.asarray(same.to_numpy(zero_copy_only=False), np.bool_)


def moment(micros: Any) -> datetime | None:
    """Return microseconds since 1970 as a moment; None for `NEVER`."""
    return None if micros == NEVER else datetime.fromtimestamp(int(micros) / 1e6, UTC)
