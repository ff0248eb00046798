"""Connected parts of a map that is worked window by window, in memory that grows with what changed only."""

from typing import Any, Final, NamedTuple

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse import csgraph

from watchfloor.desks.space.change.shapes import EIGHT
from watchfloor.formats.imagery.scenes import Box, Floats, Mask

WITHOUT: Final = -1


class Component(NamedTuple):
    """A connected part of a map: its pixels, its highest statistic, and the window that holds it.

    Attributes:
        row, column: of the pixel with that statistic.
    """

    pixels: int
    peak: float
    box: Box
    row: int
    column: int


class Components:
    """Connected parts of a map whose windows come row by row, each from the left; see `scenes.windows`.

    Args:
        columns: of the map.
        least: pixels of a part that is kept.
    """

    def __init__(self, columns: int, least: int) -> None:
        self._least = least
        self._above = np.full(columns, WITHOUT)
        self._below = np.full(columns, WITHOUT)
        self._left = np.full(0, WITHOUT)
        self._row, self._count = -1, 0
        self._parts: list[Any] = []
        self._joins: list[Any] = []

    def add(self, box: Box, change: Mask, statistic: Floats) -> None:
        """Add a window: where it changed, and by what statistic."""
        if box.row != self._row:  # the first window of a row of windows
            self._above, self._below = self._below, np.full_like(self._below, WITHOUT)
            self._left, self._row = np.full(0, WITHOUT), box.row
        labels, count = ndimage.label(change, EIGHT)
        kept, numbers = self._numbered(box, labels, count, statistic)
        ids = np.append(WITHOUT, numbers)[labels] if count else np.full(labels.shape, WITHOUT)
        self._join(box, ids)
        self._below[box.column : box.column + box.columns] = ids[-1]
        self._left = ids[:, -1].copy()
        self._count += kept

    def _numbered(self, box: Box, labels: Any, count: int, statistic: Floats) -> tuple[int, Any]:
        """Return how many parts of a window are kept, and their numbers; small ones inside it are not."""
        if not count:
            return 0, np.zeros(0, np.int64)
        sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
        edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
        keep = sizes >= self._least
        keep[edge[edge > 0] - 1] = True
        numbers = np.where(keep, np.cumsum(keep) - 1 + self._count, WITHOUT)
        named = np.flatnonzero(keep)
        if named.size:
            found = ndimage.find_objects(labels)
            peaks = ndimage.maximum(statistic, labels, named + 1)
            first = ndimage.maximum_position(statistic, labels, named + 1)
            rows = [
                (sizes[at], peak, *_corners(found[at], box), box.row + r, box.column + c)
                for at, peak, (r, c) in zip(named, peaks, first, strict=True)
            ]
            self._parts.append(np.array(rows, float))
        return int(named.size), numbers

    def _join(self, box: Box, ids: Any) -> None:
        """Note which parts touch those of the windows above and to the left."""
        padded = np.pad(self._above, 1, constant_values=WITHOUT)
        for shift in (0, 1, 2):
            over = padded[box.column + shift : box.column + shift + box.columns]
            self._touch(over, ids[0])
        if self._left.size == box.rows:
            beside = np.pad(self._left, 1, constant_values=WITHOUT)
            for shift in (0, 1, 2):
                self._touch(beside[shift : shift + box.rows], ids[:, 0])

    def _touch(self, these: Any, those: Any) -> None:
        both = (these >= 0) & (those >= 0)
        if both.any():
            self._joins.append(np.unique(np.stack([these[both], those[both]]), axis=1))

    def found(self) -> list[Component]:
        """Return the parts, the highest statistic first."""
        if not self._parts:
            return []
        parts = np.concatenate(self._parts)
        joins = np.concatenate(self._joins, 1) if self._joins else np.zeros((2, 0), np.int64)
        graph = sparse.coo_matrix((np.ones(joins.shape[1]), (joins[0], joins[1])), (len(parts), len(parts)))
        count, of = csgraph.connected_components(graph, directed=False)
        sizes = np.bincount(of, parts[:, 0], count)
        corners = np.empty((count, 4))
        for edge, (start, put) in enumerate(
            ((np.inf, np.minimum), (np.inf, np.minimum), (0, np.maximum), (0, np.maximum))
        ):
            corners[:, edge] = start
            put.at(corners[:, edge], of, parts[:, 2 + edge])
        order = np.argsort(parts[:, 1], kind="stable")
        highest = np.zeros(count, int)
        highest[of[order]] = order  # the last to be written is the highest of its component
        made = []
        for at in np.flatnonzero(sizes >= self._least).tolist():
            top, left, bottom, right = map(int, corners[at])
            peak = parts[highest[at]]
            window = Box(top, left, bottom - top, right - left)
            made.append(Component(int(sizes[at]), float(peak[1]), window, int(peak[6]), int(peak[7])))
        return sorted(made, key=lambda one: (-one.peak, one.row, one.column))


def _corners(found: tuple[slice, slice], box: Box) -> tuple[int, int, int, int]:
    rows, columns = found
    return rows.start + box.row, columns.start + box.column, rows.stop + box.row, columns.stop + box.column
