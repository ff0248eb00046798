"""Pieces of a line on a map of changes, linked to trails.

A piece is a connected run of changed pixels through which a new line runs (see `lines`). Trees over a trail
and fields beside it leave several pieces, which a person sees as one line; they are linked by the rule of
Lowe (1987, Artificial Intelligence 31, 355-395, section 3): the ends of two pieces belong together where
fewer than `CHANCE` pieces would lie as close and as well in line if those of the scene lay anywhere and in
any direction. An end has one partner, the least likely one by chance.

What is linked is a trail if as much of it is supported as unchanged ground does not show: `WEAK`, `KNOWN` and
`SUPPORT` were chosen on pairs of scenes without new trails, see `benchmarks.change.trails`. Lengths are in
pixels, since the filter's are.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from watchfloor.desks.space.change import lines, pairs
from watchfloor.desks.space.change.shapes import EIGHT
from watchfloor.formats.imagery.alignment import Alignment
from watchfloor.formats.imagery.scenes import Box, Floats, Mask

SIDE: Final = 256
"""Pixels a side of what is filtered at once, …"""
AROUND: Final = lines.MARGIN + lines.AROUND // 2
"""… with so many around it."""
LEAST_PIXELS: Final = 5
"""Pixels of a piece: fewer have no heading."""
EXTENT: Final = 6
"""Pixels a side of a changed part from which it may hold a piece."""
STEP: Final = 5.0
"""Pixels between two vertices of a piece: half of what the filter averages at once, so that bends stay."""
WEAK: Final = 3.0
"""Standard deviations of a new line that carry a piece on; a trail needs `lines.LEAST` once (Canny 1986)."""
KNOWN: Final = 1.0
"""Standard deviations of a line in the earlier scene from which it was there already."""
FARTHEST: Final = 15.0
"""Pixels of a gap: half a line of the filter."""
OFFSIDE: Final = 1.5
"""Pixels by which an end may lie beside the line that it carries on, …"""
BEND: Final = np.radians(15)
"""… and so much more by the length of the gap."""
TURN: Final = np.radians(30)
"""Difference of the headings of two pieces that are one trail."""
WIDEST: Final = 4.0
"""Pixels across of a piece: what is wider is a field's edge."""
WIDER: Final = 3.0
"""Widths of the narrower of two pieces that the wider one has at most."""
CHANCE: Final = 0.1
"""Pieces that would lie so by chance, at most."""
SUPPORT: Final = 20.0
"""Pixels of a trail that have a new line."""
SHARE: Final = 0.5
"""Share of a trail's length that has one."""


class Piece(NamedTuple):
    """A run of pixels that a new line runs through.

    Attributes:
        points: its line, rows and columns of the map (points, 2).
        pixels: how many it has.
        peak: strength of the new line; before, after: medians of the line in either scene.
        statistic: strongest of its pixels, on the scale of the method; row, column: of that pixel.
    """

    points: Floats
    pixels: int
    peak: float
    before: float
    after: float
    statistic: float = 0.0
    row: int = 0
    column: int = 0

    @property
    def length(self) -> float:
        """Return its length in pixels; each end reaches half a pixel beyond the middle of its last one."""
        return _length(self.points)

    @property
    def width(self) -> float:
        """Return its width in pixels."""
        return self.pixels / self.length


class Trail(NamedTuple):
    """Pieces in the order in which they lie.

    Attributes:
        points: the line through them; length: of it; support: what of that has a new line.
    """

    pieces: tuple[Piece, ...]
    points: Floats
    length: float
    support: float

    @property
    def middle(self) -> Floats:
        """Return the row and column of the middle of its line."""
        at = _along(self.points)
        return np.array([np.interp(at[-1] / 2, at, side) for side in self.points.T])

    @property
    def box(self) -> Box:
        """Return the window that holds its line."""
        top, left = np.floor(self.points.min(0)).astype(int).tolist()
        bottom, right = np.ceil(self.points.max(0)).astype(int).tolist()
        return Box(top, left, bottom - top + 1, right - left + 1)


def trace(
    pair: Alignment,
    views: pairs.Views,
    toward: Floats,
    reread: Callable[[Box, int], Mask],
    boxes: Iterable[Box],
    progress: Callable[[float], None] = lambda _: None,
) -> list[Trail]:
    """Return the trails of a pair, in memory that grows with their pieces only.

    Args:
        pair: the scenes; views: by which they are compared.
        toward: see `lines.direction`.
        reread: gives where a window of the map changed.
        boxes: windows of what changed.
        progress: is told the share of the work that is done.
    """
    tiles = sorted({tile for box in boxes if max(box.rows, box.columns) >= EXTENT for tile in _tiles(box)})
    found: list[Piece] = []
    for number, (down, across) in enumerate(tiles, 1):
        found += _traced(pair, views, toward, reread, _cut(pair, down * SIDE, across * SIDE, SIDE, 0))
        progress(number / len(tiles))
    return link(found, len(tiles) * SIDE**2)


def _tiles(box: Box) -> Iterable[tuple[int, int]]:
    for down in range(box.row // SIDE, (box.row + box.rows - 1) // SIDE + 1):
        for across in range(box.column // SIDE, (box.column + box.columns - 1) // SIDE + 1):
            yield down, across


def _cut(pair: Alignment, row: int, column: int, side: int, around: int) -> Box:
    top, left = max(0, row - around), max(0, column - around)
    bottom, right = min(pair.rows, row + side + around), min(pair.columns, column + side + around)
    return Box(top, left, bottom - top, right - left)


def _traced(
    pair: Alignment, views: pairs.Views, toward: Floats, reread: Callable[[Box, int], Mask], box: Box
) -> list[Piece]:
    """Return the pieces in a tile; one over its edge is two, which `link` joins."""
    change = reread(box, 1)
    wide = _cut(pair, box.row, box.column, SIDE, AROUND)
    before, after, valid = pair.read(wide)
    row, column = box.row - wide.row, box.column - wide.column
    inside = slice(row, row + box.rows), slice(column, column + box.columns)
    mask = np.zeros(valid.shape, bool)
    mask[inside] = change
    found = lines.strength(before, after, valid, views.onward, toward, mask, WEAK)
    if found is None:
        return []
    statistic = np.nan_to_num(pairs.averaged(views.distance(before, after), valid))
    return pieces(mask, found, statistic, (wide.row, wide.column))


def pieces(mask: Mask, found: lines.Lines, statistic: Floats, origin: tuple[int, int]) -> list[Piece]:
    """Return the pieces in a window of the map that begins at `origin`."""
    labels, _ = ndimage.label(mask & (found.new >= WEAK), EIGHT)
    made = []
    for number, there in enumerate(ndimage.find_objects(labels), 1):
        inside = labels[there] == number
        if np.count_nonzero(inside) < LEAST_PIXELS:
            continue
        corner = np.array([there[0].start + origin[0], there[1].start + origin[1]])
        new, before, after = (one[there][inside] for one in found)
        values = np.where(inside, statistic[there], 0.0)
        row, column = np.unravel_index(values.argmax(), values.shape)
        one = Piece(
            _line(inside) + corner,
            int(np.count_nonzero(inside)),
            float(new.max()),
            float(np.median(before)),
            float(np.median(after)),
            float(values.max()),
            int(row + corner[0]),
            int(column + corner[1]),
        )
        if one.width <= WIDEST:
            made.append(one)
    return made


def near(found: Sequence[Trail], box: Box, reach: float) -> Mask:
    """Return the pixels of a window within so many pixels of the lines of trails."""
    away = np.ones((box.rows, box.columns), bool)
    for one in found:
        at = _along(one.points)
        every = np.linspace(0.0, at[-1], 2 * int(np.ceil(at[-1])) + 2)
        places = [np.rint(np.interp(every, at, side)).astype(int) for side in one.points.T]
        row, column = places[0] - box.row, places[1] - box.column
        inside = (row >= 0) & (row < box.rows) & (column >= 0) & (column < box.columns)
        away[row[inside], column[inside]] = False
    if away.all():
        return ~away
    return np.asarray(ndimage.distance_transform_edt(away) <= reach)


def _line(inside: Mask) -> Floats:
    """Return the middle of a run of pixels, every `STEP` along its longest way and at its ends."""
    places = np.argwhere(inside).astype(float)
    middle = places.mean(0)
    way = np.linalg.svd(places - middle, full_matrices=False)[2][0]
    along = (places - middle) @ way
    low, high = float(along.min()), float(along.max())
    count = max(2, round((high - low) / STEP))
    bins = np.minimum(((along - low) / max(high - low, 1e-9) * count).astype(int), count - 1)
    numbers = np.bincount(bins, minlength=count)
    full = numbers > 0
    middles = np.stack([np.bincount(bins, one, count)[full] for one in places.T], 1) / numbers[full, None]
    # The means of the first and the last of them stop short of the ends.
    ends = low - (middles[0] - middle) @ way, high - (middles[-1] - middle) @ way
    return np.vstack([middles[0] + ends[0] * way, middles, middles[-1] + ends[1] * way])


def link(found: Sequence[Piece], pixels: int) -> list[Trail]:
    """Return the trails of a map of so many pixels."""
    partner = _partners(found, pixels)
    made: list[Trail] = []
    seen: set[int] = set()
    for start in range(len(found)):
        if start in seen:
            continue
        chain = _chain(start, partner)
        seen.update(number for number, _ in chain)
        trail = _trail([(found[number], turned) for number, turned in chain])
        if is_trail(trail):
            made.append(trail)
    return made


def is_trail(one: Trail) -> bool:
    """Return whether unchanged ground does not show such a line, and the earlier scene did not have it."""
    peak = max(piece.peak for piece in one.pieces)
    weights = [piece.length for piece in one.pieces]
    before = np.average([piece.before for piece in one.pieces], weights=weights)
    after = np.average([piece.after for piece in one.pieces], weights=weights)
    long = one.support >= SUPPORT and one.support >= SHARE * one.length
    return bool(long and peak >= lines.LEAST and before < KNOWN and after > 0)


End = tuple[int, int]
"""A piece, and which of its ends: 0 or 1."""


def _partners(found: Sequence[Piece], pixels: int) -> dict[End, End]:
    """Return which end goes on at which other, both ways."""
    if len(found) < 2:
        return {}
    ends = [(number, end) for number in range(len(found)) for end in (0, 1)]
    at = np.array([found[number].points[-end] for number, end in ends])
    outward = np.array([_outward(found[number].points, end) for number, end in ends])
    near = cKDTree(at).query_pairs(FARTHEST, output_type="ndarray")
    one, other = near.T
    gap = at[other] - at[one]
    length = np.hypot(*gap.T)
    turn = np.arccos(np.clip(-(outward[one] * outward[other]).sum(1), -1, 1))
    offside = np.maximum(np.abs(_cross(outward[one], gap)), np.abs(_cross(outward[other], gap)))
    forward = np.minimum((outward[one] * gap).sum(1), -(outward[other] * gap).sum(1))
    # Pieces whose end lies in a box that reaches as far ahead and to both sides, in a heading as much alike.
    density = len(found) / max(pixels, 1)
    box = 2 * np.maximum(offside, OFFSIDE) * np.maximum(length, 1.0)
    chance = density * box * 2 * np.maximum(turn, BEND) / np.pi
    width = np.array([found[number].width for number, _ in ends])
    fits = (
        (one // 2 != other // 2)
        & (turn <= TURN)
        & (offside <= OFFSIDE + np.tan(BEND) * length)
        & (forward >= -OFFSIDE)
        & (np.maximum(width[one], width[other]) <= WIDER * np.minimum(width[one], width[other]))
        & (chance <= CHANCE)
    )
    partner: dict[End, End] = {}
    for number in np.flatnonzero(fits)[np.argsort(chance[fits], kind="stable")].tolist():
        these, those = ends[one[number]], ends[other[number]]
        if these not in partner and those not in partner and not _is_loop(these, those, partner):
            partner[these], partner[those] = those, these
    return partner


def _is_loop(these: End, those: End, partner: dict[End, End]) -> bool:
    """Return whether two ends are of one chain already."""
    number, end = these
    while (number, 1 - end) in partner:
        number, end = partner[number, 1 - end]
    return (number, 1 - end) == those


def _outward(points: Floats, end: int) -> Any:
    """Return the unit vector in which a line leaves its end, over two steps of it: one is bent by noise."""
    order = points[::-1] if end == 0 else points
    way = order[-1] - order[max(-4, -len(order))]
    return way / max(float(np.hypot(*way)), 1e-9)


def _cross(one: Floats, other: Floats) -> Floats:
    return np.asarray(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])


def _chain(start: int, partner: dict[End, End]) -> list[tuple[int, bool]]:
    """Return the pieces of a chain in order, and which lie the other way round."""
    number, end = start, 0
    while (number, end) in partner:  # to its beginning
        number, entered = partner[number, end]
        end = 1 - entered
    chain = [(number, end == 1)]
    while (number, 1 - end) in partner:
        number, end = partner[number, 1 - end]
        chain.append((number, end == 1))
    return chain


def _trail(chain: Sequence[tuple[Piece, bool]]) -> Trail:
    points = np.vstack([one.points[::-1] if turned else one.points for one, turned in chain])
    length = _length(points)
    whole = tuple(one for one, _ in chain)
    return Trail(whole, points, length, min(length, sum(one.length for one in whole)))


def _along(points: Floats) -> Floats:
    """Return how far along a line each of its points is."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])


def _length(points: Floats) -> float:
    return float(_along(points)[-1]) + 1.0
