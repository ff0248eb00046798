"""Two scenes of one place on one grid: which bands belong together, where they overlap, which shift is left.

Whole pixels of shift are put right. By a part of a pixel both scenes are moved, half the way each: they lose
the same sharpness, and edges stay alike. A shift that nobody is sure of is told, and left.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from scipy import optimize

from watchfloor.core.messages import Message, Parameter, Reason, declare, reason
from watchfloor.formats.imagery.registration import REACH, UNSURE, measured_shift, part_shift, resampled
from watchfloor.formats.imagery.scenes import (
    SAME_GRID,
    Box,
    Floats,
    Mask,
    Scene,
    moved,
    refuse,
    windows,
)

TILE: Final = 256
"""Pixels a side of a tile that is correlated, …"""
LEAST_TILE: Final = 64
"""… and of one at least: fewer pixels have no peak."""
FARTHEST: Final = 16
"""Pixels of shift that are put right; a scene that is off by more lies elsewhere than it says."""
SLIGHT: Final = 0.25
"""Pixels of shift that leave edges of fields and roads in a map of changes, …"""
PART: Final = 0.1
"""… and those from which scenes are moved, where they are twice the standard error. Chosen on Taizhou."""
OTHER_LEVEL: Final = np.log(3.0)
"""Logarithm of a band's brightness in the other scene's, from which another order is looked for: snow and
harvest change some bands by less, or all of them."""
OTHER_ORDER: Final = 0.15
"""By how much another order of the bands must correlate better, in the mean, to be taken."""
LEAST_SIDE: Final = 16
"""Pixels a side of an overlap that is worth working on."""
ODD_FILL: Final = 0.002
"""Share of the pixels with one extreme value in all bands from which it is taken for a filling."""

BANDS_DOUBTFUL = declare("scene.bands-doubtful", "names", "like")
BAND_ORDER = declare("scene.band-order", "order")
BANDS_LEFT = declare("scene.bands-left", "bands")
DEPTHS = declare("scene.depths", "before", "after")
FILLED = declare("scene.filled", "value", "share", "file")
GRIDS = declare("scene.grids", "columns", "rows")
NO_BANDS = declare("scene.no-bands", "before", "after")
NO_OVERLAP = declare("scene.no-overlap", "before", "after")
NO_PROJECTION = declare("scene.no-projection", "file")
OFF_GRID = declare("scene.off-grid", "before", "after", "shift")
ONE_PROJECTION = declare("scene.one-projection", "file")
OTHER_COUNT = declare("scene.other-count", "before", "after")
OTHER_PROJECTION = declare("scene.other-projection", "before", "after")
OTHER_RESOLUTION = declare("scene.other-resolution", "before", "after")
OTHER_SIZE = declare("scene.other-size")
SHIFT_LEFT = declare("scene.shift-left", "pixels")
SHIFT_TOO_FAR = declare("scene.shift-too-far", "columns", "rows")
REGISTERED = declare("scene.registered", "columns", "rows", "error")
SHIFTED = declare("scene.shifted", "columns", "rows")
SMALL_OVERLAP = declare("scene.small-overlap", "rows", "columns", "least")


Hidden = Callable[[Box], Mask]


@dataclass(slots=True)
class Alignment:
    """Two scenes on the grid of their overlap.

    Attributes:
        before, after: the scenes.
        rows, columns: of the overlap.
        origins: row and column of its first pixel in each scene.
        bands: pairs of places of bands that belong together.
        shift: columns and rows by which `after` was off, in pixels; None: there was too little to see it by.
        error: standard error of that; None: nobody can say.
        part: columns and rows of it that are put right by moving both scenes half the way.
        fills: a value that fills each scene beside what its file says, or None.
        hidden: returns where a window must not be looked at; None: nowhere.
        notes: what was found and put right.
    """

    before: Scene
    after: Scene
    rows: int
    columns: int
    origins: tuple[tuple[int, int], tuple[int, int]]
    bands: list[tuple[int, int]]
    hidden: Hidden | None = None
    shift: tuple[float, float] | None = None
    error: float | None = None
    part: tuple[float, float] = (0.0, 0.0)
    fills: list[float | None] = field(default_factory=lambda: [None, None])
    notes: list[Reason] = field(default_factory=list)

    def note(self, message: Message, **params: Parameter) -> None:
        """Keep a sentence about it."""
        self.notes.append(reason(message, **params))

    @property
    def names(self) -> list[str]:
        """Return names of the bands that are compared."""
        return [self.before.bands[a].name or self.after.bands[b].name or str(a + 1) for a, b in self.bands]

    def read(self, box: Box) -> tuple[Floats, Floats, Mask]:
        """Return pixels of both scenes in a window of the overlap, and where both were measured.

        Pixels that must not be looked at have no part in any that is returned.
        """
        columns, rows = self.part
        if not columns and not rows:
            gone = self._gone(box)
            before, valid = self._side(0, box, gone)
            after, seen = self._side(1, box, gone)
            return before, after, valid & seen
        top, left = max(0, box.row - REACH), max(0, box.column - REACH)
        bottom = min(self.rows, box.row + box.rows + REACH)
        right = min(self.columns, box.column + box.columns + REACH)
        whole = Box(top, left, bottom - top, right - left)
        gone = self._gone(whole)
        # At the edge of the overlap its last pixels are repeated.
        extra = (
            (top - box.row + REACH, box.row + box.rows + REACH - bottom),
            (left - box.column + REACH, box.column + box.columns + REACH - right),
        )
        sides, seen = [], np.ones((box.rows, box.columns), bool)
        for side, half in ((0, -0.5), (1, 0.5)):
            pixels, valid = self._side(side, whole, gone)
            pixels, valid = resampled(
                np.pad(pixels, ((0, 0), *extra), mode="edge"),
                np.pad(valid, extra, mode="edge"),
                half * columns,
                half * rows,
            )
            sides.append(pixels)
            seen &= valid
        return sides[0], sides[1], seen

    def _gone(self, box: Box) -> Mask:
        return np.zeros((box.rows, box.columns), bool) if self.hidden is None else self.hidden(box)

    def _side(self, side: int, box: Box, gone: Mask) -> tuple[Floats, Mask]:
        if gone.all():  # nothing of it is looked at, so nothing is read
            return np.zeros((len(self.bands), box.rows, box.columns)), ~gone
        row, column = self.origins[side]
        there = Box(row + box.row, column + box.column, box.rows, box.columns)
        pixels, seen = (self.before, self.after)[side].read(there, [pair[side] for pair in self.bands])
        if (fill := self.fills[side]) is not None:
            seen &= ~(pixels == fill).all(0)
        pixels[:, gone] = 0.0
        return pixels, seen & ~gone

    def alone(self, side: int, box: Box) -> tuple[Floats, Mask]:
        """Return pixels of the earlier scene (0) or the later one, and where it was measured."""
        return self._side(side, box, self._gone(box))

    def parts(self, side: int) -> Iterator[Box]:
        """Yield windows that cover the overlap."""
        return windows(self.rows, self.columns, side)

    @property
    def transform(self) -> Any:
        """Return the affine transform of the overlap's grid, as files have its pixels."""
        (row, column), _ = self.origins
        return moved(self.before.transform, row, column)

    @property
    def ground(self) -> Any:
        """Return the affine transform of what `read` returns: beside `transform` by half of `part`."""
        at, (columns, rows) = self.transform, self.part
        return moved(at, -rows / 2, -columns / 2) if self.before.crs is not None else at


def align(
    before: Scene,
    after: Scene,
    hiding: Callable[[Alignment], Hidden] | None = None,
    *,
    resample: bool = True,
) -> Alignment:
    """Put two scenes onto one grid.

    Args:
        before, after: the scenes.
        hiding: makes what says where nothing may be looked at, which holds from here on.
        resample: whether a part of a pixel is put right; speckle of a radar would have other statistics.

    Raises:
        SceneError: they have other projections, pixel sizes or grids, or share no place or band.
    """
    found = _overlap(before, after, resample=resample)
    if hiding is not None:
        found.hidden = hiding(found)
    found.bands = list(_shared_bands(found))
    if {*before.dtypes} != {*after.dtypes}:
        found.note(DEPTHS, before=before.dtypes[0], after=after.dtypes[0])
    _find_fills(found)
    _order_bands(found)
    _put_right(found, resample=resample)
    return found


def _overlap(before: Scene, after: Scene, *, resample: bool) -> Alignment:
    names = {"before": before.name, "after": after.name}
    if (before.crs is None) != (after.crs is None):
        refuse(ONE_PROJECTION, file=before.name if before.crs is None else after.name)
    if before.crs is None:
        if (before.rows, before.columns) != (after.rows, after.columns):
            refuse(OTHER_SIZE)
        made = Alignment(before, after, before.rows, before.columns, ((0, 0), (0, 0)), [])
        made.note(NO_PROJECTION, file=before.name)
        return made
    if before.crs != after.crs:
        refuse(
            OTHER_PROJECTION, **{key: str(one.crs) for key, one in zip(names, (before, after), strict=True)}
        )
    a, b = before.transform, after.transform
    if max(abs(b.a / a.a - 1), abs(b.e / a.e - 1)) * max(before.rows, before.columns) > 0.1:
        refuse(OTHER_RESOLUTION, before=abs(float(a.a)), after=abs(float(b.a)))
    columns, rows = (b.c - a.c) / a.a, (b.f - a.f) / a.e
    left, top = round(columns), round(rows)
    found = _cut(before, after, top, left, names)
    off = max(abs(columns - left), abs(rows - top))
    if off > 50 * SAME_GRID:
        if not resample:
            refuse(OFF_GRID, **names, shift=round(off, 3))
        found.part = left - columns, top - rows
        found.note(GRIDS, columns=round(columns - left, 2), rows=round(rows - top, 2))
    return found


def _cut(before: Scene, after: Scene, top: int, left: int, names: dict[str, str]) -> Alignment:
    """Return the overlap of two scenes, the later of which begins at a row and a column of the earlier."""
    first, last = max(0, top), min(before.rows, top + after.rows)
    west, east = max(0, left), min(before.columns, left + after.columns)
    if min(last - first, east - west) <= 0:
        refuse(NO_OVERLAP, **names)
    if min(last - first, east - west) < LEAST_SIDE:
        refuse(SMALL_OVERLAP, rows=last - first, columns=east - west, least=LEAST_SIDE)
    origins = ((first, west), (first - top, west - left))
    return Alignment(before, after, last - first, east - west, origins, [])


def _shared_bands(found: Alignment) -> Iterator[tuple[int, int]]:
    """Yield bands that belong together: by their names where both files have them, else by their order."""
    before, after = found.before.bands, found.after.bands
    named = [{band.name: place for place, band in enumerate(side) if band.name} for side in (before, after)]
    whole = [len(names) == len(side) for names, side in zip(named, (before, after), strict=True)]
    if all(whole):
        shared = [name for name in named[0] if name in named[1]]
        if not shared:
            refuse(NO_BANDS, before=", ".join(named[0]), after=", ".join(named[1]))
        alone = [*dict.fromkeys(name for names in named for name in names if name not in shared)]
        if alone:
            found.note(BANDS_LEFT, bands=", ".join(alone))
        if [named[0][name] for name in shared] != [named[1][name] for name in shared] and not alone:
            found.note(BAND_ORDER, order=", ".join(band.name for band in after))
        yield from ((named[0][name], named[1][name]) for name in shared)
        return
    if len(before) != len(after):
        refuse(OTHER_COUNT, before=len(before), after=len(after))
    yield from zip(range(len(before)), range(len(after)), strict=True)


def _middle(found: Alignment) -> list[Box]:
    """Return a few tiles that are spread over the overlap."""
    smaller = min(found.rows, found.columns)
    side = min(smaller, TILE, max(LEAST_TILE, smaller // 3))
    tops, lefts = (_starts(size, side) for size in (found.rows, found.columns))
    return [Box(top, left, side, side) for top in tops for left in lefts]


def _starts(size: int, side: int) -> list[int]:
    """Return where tiles begin along a side: one in the middle, or three from end to end."""
    return [(size - side) // 2] if size < 3 * side else [0, (size - side) // 2, size - side]


def _find_fills(found: Alignment) -> None:
    """Find a value that fills a scene though its file does not say so: one extreme value in all bands."""
    for side, scene in enumerate((found.before, found.after)):
        counts: dict[float, int] = {}
        total = 0
        for box in _middle(found):
            part, valid = found.alone(side, box)
            flat = (part == part[0]).all(0) & valid
            low, high = part[:, valid].min(initial=np.inf), part[:, valid].max(initial=-np.inf)
            for value in {low, high}:
                counts[value] = counts.get(value, 0) + int((flat & (part[0] == value)).sum())
            total += int(valid.sum())
        fill = max(counts, key=lambda one: counts[one], default=0.0)
        if len(found.bands) > 1 and total and counts.get(fill, 0) > ODD_FILL * total:
            found.fills[side] = fill
            share = counts[fill] / total
            found.note(FILLED, value=float(fill), share=round(100 * share, 1), file=scene.name)


def _order_bands(found: Alignment) -> None:
    """Put bands without names into the order in which they resemble those of the other scene best.

    Names are taken at their word, and doubted aloud where the bands resemble others.
    """
    named = all(found.before.bands[a].name and found.after.bands[b].name for a, b in found.bands)
    if len(found.bands) < 2:
        return
    pixels = [found.read(box) for box in _middle(found)]
    x = np.concatenate([one[:, valid] for one, _, valid in pixels], 1)
    y = np.concatenate([one[:, valid] for _, one, valid in pixels], 1)
    if x.shape[1] < 1000 or min(x.std(1).min(), y.std(1).min()) == 0:
        return
    count = len(found.bands)
    likeness = np.corrcoef(x, y)[:count, count:]
    _, order = optimize.linear_sum_assignment(-likeness)
    gain = likeness[np.arange(count), order].mean() - np.diag(likeness).mean()
    if named:
        if gain <= OTHER_ORDER:
            order = _alike_in_level(x, y)
        moved = [(old, new) for old, new in enumerate(order.tolist()) if old != new]
        if moved:
            names, like = (", ".join(found.names[pair[side]] for pair in moved) for side in (1, 0))
            found.note(BANDS_DOUBTFUL, names=names, like=like)
    elif gain > OTHER_ORDER:
        found.bands = [(a, found.bands[new][1]) for (a, _), new in zip(found.bands, order, strict=True)]
        found.note(BAND_ORDER, order=", ".join(str(b + 1) for _, b in found.bands))


def _alike_in_level(before: Floats, after: Floats) -> Any:
    """Return the order in which bands are as bright as the other scene's, where their own is far off."""
    own = np.arange(len(before))
    middles = np.median(before, 1), np.median(after, 1)
    if min(map(np.min, middles)) <= 0:  # decibels have no such levels
        return own
    levels = [np.log(one) for one in middles]
    off = np.abs(levels[0][:, None] - levels[1][None] - np.median(levels[0] - levels[1]))
    _, order = optimize.linear_sum_assignment(off)
    if off[own, own].max() > OTHER_LEVEL and off[own, order].max() < off[own, own].max() / 4:
        return order
    return own


def _put_right(found: Alignment, *, resample: bool) -> None:
    """Find by how much the later scene is shifted, and put whole pixels of it right."""
    found.shift = shift = measured_shift([found.read(box) for box in _middle(found)])
    if shift is None:
        return
    columns, rows = round(shift[0]), round(shift[1])
    if max(abs(columns), abs(rows)) > FARTHEST:
        refuse(SHIFT_TOO_FAR, columns=columns, rows=rows)
    if columns or rows:
        (row, column), (there_row, there_column) = found.origins
        moved = _cut(
            found.before,
            found.after,
            row - there_row - rows,
            column - there_column - columns,
            {"before": found.before.name, "after": found.after.name},
        )
        found.rows, found.columns, found.origins = moved.rows, moved.columns, moved.origins
        found.note(SHIFTED, columns=columns, rows=rows)
    left = float(np.hypot(shift[0] - columns, shift[1] - rows))
    part = part_shift(found.read(box) for box in _middle(found))
    if part is not None and part.error <= UNSURE:
        found.shift, found.error = (columns + part.columns, rows + part.rows), part.error
        left = part.size
        if resample and left >= max(PART, 2 * part.error):
            found.part = found.part[0] + part.columns, found.part[1] + part.rows
            told = (round(part.columns, 2), round(part.rows, 2), round(part.error, 2))
            found.note(REGISTERED, columns=told[0], rows=told[1], error=max(told[2], 0.01))
            return
    if left > SLIGHT:
        found.note(SHIFT_LEFT, pixels=round(left, 2))


def bands_of(scene: Scene, names: Sequence[str]) -> list[int] | None:
    """Return the places of bands by common name, or None where one is missing."""
    places = {band.name: place for place, band in enumerate(scene.bands)}
    return [places[name] for name in names] if all(name in places for name in names) else None
