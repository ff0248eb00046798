"""The border line in a grid: which steps of a track cross it, how far a point is from it, and on which side.

The pieces are those of `watchfloor.reference.border`, at full precision, with Canada on their left; where the
line ends at sea they go on along the hull that the same module draws, and carry a mark that says whose claim
it is. A grid of two levels leads from a place to the pieces that can be nearest to it: coarse cells of half a
degree, and in those that the line comes near fine ones of 1/128 of a degree. Every other cell knows its side.

A piece is straight in degrees, and so is the step of a track between two points. A step crosses a piece when
each has its ends on different sides of the other, an end on the line counting as left of it; so a path
through a vertex crosses once, and crossings come in the parity that the sides of the ends want.
"""

import os
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise
from math import cos, hypot, inf, nan
from pathlib import Path
from typing import Any, Final, NamedTuple
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from watchfloor.core import caches
from watchfloor.core.kernels import kernel
from watchfloor.reference import border

Array = npt.NDArray[Any]

COARSE: Final = 0.5
"""Degrees to a side of a coarse cell."""
FINE: Final = 64
"""Fine cells to a side of a coarse one."""
STEP: Final = COARSE / FINE
FINER: Final = 1 / STEP
BITS: Final = 6
MASK: Final = FINE - 1
WEST: Final = -180.0
SOUTH: Final = 20.0
COLUMNS: Final = 300
ROWS: Final = 134
"""Coarse cells from there, to 30° W and 87° N."""

REACH: Final = 3_000.0
"""Metres from the line up to which a distance is given."""
GATHER: Final = 5_000.0
"""Metres up to which a run is put beside a fine cell: `REACH`, and twice the diagonal of the largest cell."""

METRES: Final = 111_194.926644
"""Metres to a degree of latitude, on the sphere of mean radius."""
RADIAN: Final = np.pi / 180

AGREED, MACHIAS, MAINE, BEAUFORT, DIXON, FUCA, HIGH_SEAS = range(7)
"""What stretch of the line a piece belongs to, see `watchfloor.desks.surveillance.events.disputed_areas`."""

CANADA, STATES, NOBODY = -1, -2, -3  # what a coarse cell without the line says instead of its block


class Line(NamedTuple):
    """The line and its grid.

    Attributes:
        coarse: number of the block of fine cells, or `CANADA`, `STATES`, `NOBODY` [ROWS, COLUMNS].
        side: of each fine cell, all blocks in turn: 1 Canada, -1 United States, 0 look at its runs.
        touching: where the pieces that touch each fine cell begin in `pieces`.
        pieces: numbers of pieces.
        near: where the runs that may be nearest to a place in each fine cell begin in `runs`.
        runs: numbers of runs.
        run: the first piece of each run of consecutive pieces; its last is before the next one's first.
        ball: longitude, latitude of the middle of each run, and metres from there to its farthest end.
        ends: longitude and latitude of the start and the end of each piece [m, 4].
        joint: whether the piece before ends where this one begins, and this one where the next does [m, 2].
        stretch: see `AGREED` and the others [m].
        km: kilometres along its chain at the middle; NaN off the agreed line [m].
        alaska: whether that chain is Alaska's [m].
    """

    coarse: npt.NDArray[np.int32]
    side: npt.NDArray[np.int8]
    touching: npt.NDArray[np.int32]
    pieces: npt.NDArray[np.int32]
    near: npt.NDArray[np.int32]
    runs: npt.NDArray[np.int32]
    run: npt.NDArray[np.int32]
    ball: npt.NDArray[np.float64]
    ends: npt.NDArray[np.float64]
    joint: npt.NDArray[np.bool_]
    stretch: npt.NDArray[np.int8]
    km: npt.NDArray[np.float64]
    alaska: npt.NDArray[np.bool_]


class Crossings(NamedTuple):
    """Steps that cross the line, at their first crossing.

    Attributes:
        row: number of the step.
        piece: of the line.
        share: of the step that lies before it, 0 to 1.
        direction: 1 into Canada, -1 into the United States.
        odd: whether the step ends on the other side.
    """

    row: Array
    piece: Array
    share: Array
    direction: Array
    odd: Array


@lru_cache(maxsize=1)
def load() -> Line:
    """The line that comes with the package, with its grid."""
    return build(border.load())


def of_file(content: bytes) -> Line:
    """Return the grid of a line's file: a second's work, kept in the folder of caches."""
    known = blake2b(content, digest_size=16)
    for module in (__file__, border.__file__):  # a grid built by another version is none
        known.update(Path(module).read_bytes())
    place = caches.folder() / "border" / f"{known.hexdigest()}.npz"
    with suppress(OSError, ValueError, KeyError, BadZipFile), place.open("rb") as file, np.load(file) as kept:
        return Line(*(kept[name] for name in Line._fields))
    made = build(border.parse(content))
    with suppress(OSError):  # a folder that cannot be written to: it is built each time
        place.parent.mkdir(exist_ok=True)
        written = place.with_suffix(f".{os.getpid()}.npz")
        np.savez(written, **made._asdict())
        written.replace(place)
    return made


def build(line: border.Border) -> Line:
    """The grid of a line."""
    ends, joint, stretch, km, alaska = _pieces(line)
    run, ball = _runs(ends, joint)
    at, which = _pairs(ball[:, [0, 1, 0, 1]], ball[:, 2] + GATHER)
    at, which = _candidates(at, which, ball)
    block = np.full((ROWS, COLUMNS), -1, np.int32)
    seen = np.unique(at // FINE % COLUMNS + at // (FINE * COLUMNS * FINE) * COLUMNS)
    block.ravel()[seen] = np.arange(len(seen))
    near, runs = _listed(block, at, which)
    touching, pieces = _listed(block, *_touching(ends))
    coarse = np.where(block < 0, _far(line, block, ends), block).astype(np.int32)
    empty = np.zeros(len(near) - 1, np.int8)
    grid = Line(coarse, empty, touching, pieces, near, runs, run, ball, ends, joint, stretch, km, alaska)
    return grid._replace(side=_sides(grid))


def _pieces(line: border.Border) -> tuple[Array, ...]:
    """All pieces in the order of a walk around Canada, cut short, with what is known of them."""
    main = [points for name, points in line.lines if name == "main"]
    alaska = [points for name, points in line.lines if name == "alaska"]
    atlantic, pacific = (np.array(border.AROUND[name]) for name in ("atlantic", "pacific"))
    walk = [(AGREED, main[0])]
    for before, after in pairwise(main):
        walk += [(MACHIAS, np.stack([before[-1], after[0]])), (AGREED, after)]
    walk += [(MAINE, np.concatenate([main[-1][-1:], atlantic[:4]]))]
    walk += [(BEAUFORT, np.array([[-141.0, 76.0], alaska[0][0]]))]
    walk += [(AGREED, part) for part in alaska]
    walk += [(DIXON, np.concatenate([alaska[-1][-1:], pacific[:1]])), (HIGH_SEAS, pacific)]
    walk += [(FUCA, np.concatenate([pacific[-1:], main[0][:1]]))]
    cut = [border._cut(points) for _, points in walk]
    ends = np.concatenate([np.hstack([part[:-1], part[1:]]) for part in cut])
    stretch = np.repeat([kind for kind, _ in walk], [len(part) - 1 for part in cut]).astype(np.int8)
    met = (ends[:-1, 2:] == ends[1:, :2]).all(1)
    joint = np.stack([np.append(False, met), np.append(met, False)], 1)
    rows = np.flatnonzero(stretch == AGREED)
    _, _, began, length, in_alaska = line._pieces  # the same, in the same order
    km, chain = np.full(len(ends), nan), np.zeros(len(ends), np.bool_)
    km[rows], chain[rows] = began + length / 2, in_alaska
    return ends, joint, stretch, km, chain


RUN: Final = 16
"""Pieces of a run at most."""
LONG: Final = 2_000.0
"""Metres that a run has at most, unless it is one piece."""


def _runs(ends: Array, joint: Array) -> tuple[Array, Array]:
    """The first piece of each run, and past the last piece; and the ball around each run."""
    wide = np.cos(np.radians(ends[:, 1]))
    length = METRES * np.hypot((ends[:, 2] - ends[:, 0]) * wide, ends[:, 3] - ends[:, 1])
    first, count, long = [], RUN, 0.0
    for piece, metres in enumerate(length.tolist()):
        if count == RUN or long + metres > LONG or not joint[piece, 0]:
            first.append(piece)
            count, long = 0, 0.0
        count, long = count + 1, long + metres
    run = np.array([*first, len(ends)], np.int32)
    low = np.minimum.reduceat(np.minimum(ends[:, :2], ends[:, 2:]), first)
    high = np.maximum.reduceat(np.maximum(ends[:, :2], ends[:, 2:]), first)
    middle = (low + high) / 2
    radius = METRES * np.hypot((high - middle)[:, 0] * np.cos(np.radians(low[:, 1])), (high - middle)[:, 1])
    return run, np.column_stack([middle, radius])


def _pairs(boxes: Array, margin: Array) -> tuple[Array, Array]:
    """Pairs of a fine cell and a box (two corners, degrees) that touches it, widened by metres."""
    low, high = np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])
    up = margin / METRES
    out = np.column_stack([up / np.cos(np.radians(high[:, 1] + up)), up])
    corner = np.array([WEST, SOUTH])
    first = ((low - out - corner) / STEP).astype(np.int64)
    size = ((high + out - corner) / STEP).astype(np.int64) - first + 1
    count = size.prod(1)
    which = np.repeat(np.arange(len(boxes)), count)
    inner = border._counted(count)
    row, column = first[which, 1] + inner // size[which, 0], first[which, 0] + inner % size[which, 0]
    return row * (COLUMNS * FINE) + column, which


def _touching(ends: Array) -> tuple[Array, Array]:
    """Pairs of a fine cell and a piece that touches it: its corners are not all on one side of the piece."""
    cell, piece = _pairs(ends, np.zeros(len(ends)))
    y, x = _middle(cell)
    ax, ay, bx, by = ends[piece].T
    middle = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
    spread = (np.abs(bx - ax) + np.abs(by - ay)) * STEP / 2
    kept = np.abs(middle) <= spread * 1.001
    return cell[kept], piece[kept]


def _middle(cell: Array) -> tuple[Array, Array]:
    """Latitude and longitude of the middle of fine cells."""
    row, column = np.divmod(cell, COLUMNS * FINE)
    return SOUTH + (row + 0.5) * STEP, WEST + (column + 0.5) * STEP


def _candidates(cell: Array, run: Array, ball: Array) -> tuple[Array, Array]:
    """Of pairs of cells and runs those where the run may be nearest to a place in the cell.

    A run is at least as far as its ball, and the nearest run at most as far as the far side of any ball.
    """
    y, x = _middle(cell)
    wide = np.cos(np.radians(y))
    half = METRES * STEP * np.hypot(wide, 1) / 2 * 1.01
    away = METRES * np.hypot((ball[run, 0] - x) * wide, ball[run, 1] - y)
    order = np.argsort(cell, kind="stable")
    cell, run, half, away = cell[order], run[order], half[order], away[order]
    first = np.flatnonzero(np.append(True, cell[1:] != cell[:-1]))
    size = np.diff(np.append(first, len(cell)))
    most = np.repeat(np.minimum.reduceat(away + ball[run, 2], first), size)
    least = np.repeat(np.minimum.reduceat(away - ball[run, 2], first), size)
    kept = (away - ball[run, 2] <= most + 2 * half) & (least <= REACH + half)
    return cell[kept], run[kept]


def _listed(block: Array, cell: Array, which: Array) -> tuple[Array, Array]:
    """Where what belongs to each fine cell of the blocks begins, and all of it in their order."""
    row, column = np.divmod(cell, COLUMNS * FINE)
    number = block[row // FINE, column // FINE]
    own = np.where(number < 0, -1, (number * FINE + row % FINE) * FINE + column % FINE)
    order = np.argsort(own, kind="stable")
    start = np.searchsorted(own[order], np.arange((block.max() + 1) * FINE * FINE + 1))
    return start.astype(np.int32), which[order].astype(np.int32)


def _far(line: border.Border, block: Array, ends: Array) -> Array:
    """Decide the side of the coarse cells that the line does not come near, each by its middle.

    How far that is from the line is taken from every eighth piece: REACH is no measure of a few kilometres.
    """
    y, x = np.nonzero(block < 0)
    places = np.stack([WEST + (x + 0.5) * COARSE, SOUTH + (y + 0.5) * COARSE], 1)
    from scipy.spatial import cKDTree  # a third of a second, which a run without detections need not spend

    near = cKDTree(border._space(ends[::8, :2])).query(border._space(places))[0] <= border.REACH
    side = np.full(block.shape, NOBODY)
    side[y, x] = np.select([line._within(places), near], [CANADA, STATES], NOBODY)
    return side


def _sides(line: Line) -> Array:
    """The side of each fine cell without runs, which is that of the nearest with some in its row or column.

    No piece passes through a cell that has none, so between it and that neighbour no side changes.
    """
    row, column = np.nonzero(line.coarse >= 0)  # in the order of their numbers
    inner = (np.arange(FINE) + 0.5) * STEP
    y = (SOUTH + row[:, None] * COARSE + inner)[:, :, None] + np.zeros(FINE)
    x = (WEST + column[:, None] * COARSE + inner)[:, None, :] + np.zeros((FINE, 1))
    has = (np.diff(line.near) > 0).reshape(y.shape)
    known = np.zeros(has.shape, np.int8)
    known[has] = np.sign(offsets(line, y[has], x[has])[0])
    filled = known
    for axis in (2, 1):
        for back in (False, True):
            filled = _filled(filled, axis, back)
    return np.where(has, 0, filled).astype(np.int8).ravel()


def _filled(known: Array, axis: int, back: bool) -> Array:
    """Zeros take the last value before them along an axis."""
    moved = np.moveaxis(known, axis, -1)[..., :: -1 if back else 1]
    at = np.maximum.accumulate(np.where(moved != 0, np.arange(moved.shape[-1]), 0), -1)
    filled = np.take_along_axis(moved, at, -1)[..., :: -1 if back else 1]
    return np.moveaxis(filled, -1, axis)


@kernel(error_model="numpy")
def _nearest(line: Line, cell: int, x: float, y: float) -> tuple[float, int, float]:
    """Metres to the nearest piece of the runs of a fine cell, that piece, and the nearest share of it."""
    wide = METRES * cos(y * RADIAN)
    best, which, where = inf, -1, 0.0
    for k in range(line.near[cell], line.near[cell + 1]):
        run = line.runs[k]
        ball = line.ball[run]
        if hypot((ball[0] - x) * wide, (ball[1] - y) * METRES) - ball[2] * 1.01 >= best:
            continue
        for piece in range(line.run[run], line.run[run + 1]):
            end = line.ends[piece]
            ax, ay = (end[0] - x) * wide, (end[1] - y) * METRES
            dx, dy = (end[2] - end[0]) * wide, (end[3] - end[1]) * METRES
            share = min(max(-(ax * dx + ay * dy) / (dx * dx + dy * dy), 0.0), 1.0)
            away = hypot(ax + share * dx, ay + share * dy)
            if away < best:
                best, which, where = away, piece, share
    return best, which, where


@kernel(error_model="numpy")
def _left(line: Line, piece: int, share: float, x: float, y: float) -> float:
    """How far left of a piece a place is, by its sign; at a joint both pieces speak.

    The sum of both unit normals is the normal of a corner (Bærentzen and Aanæs, 2005).
    """
    wide = cos(y * RADIAN)
    total = 0.0
    first = piece - 1 if share == 0 and line.joint[piece, 0] else piece
    last = piece + 1 if share == 1 and line.joint[piece, 1] else piece
    for k in range(first, last + 1):
        end = line.ends[k]
        dx, dy = (end[2] - end[0]) * wide, end[3] - end[1]
        total += (dx * (y - end[1]) - dy * (x - end[0]) * wide) / hypot(dx, dy)
    return total


@kernel(error_model="numpy")
def offset(line: Line, y: float, x: float) -> tuple[float, int]:
    """Metres from the line at one place, and the nearest piece, see `offsets`."""
    column, row = int((x - WEST) * FINER), int((y - SOUTH) * FINER)
    if not (x >= WEST and y >= SOUTH and column < COLUMNS * FINE and row < ROWS * FINE):
        return nan, -1
    block = line.coarse[row >> BITS, column >> BITS]
    if block < 0:
        return (inf if block == CANADA else -inf if block == STATES else nan), -1
    cell = (((block << BITS) + (row & MASK)) << BITS) + (column & MASK)
    if line.near[cell] == line.near[cell + 1]:
        return (inf if line.side[cell] > 0 else -inf if line.side[cell] < 0 else nan), -1
    best, piece, share = _nearest(line, cell, x, y)
    sign = 1.0 if _left(line, piece, share, x, y) >= 0 else -1.0
    return (sign * best, piece) if best <= REACH else (sign * inf, -1)


@kernel(error_model="numpy")
def offsets(line: Line, latitude: Array, longitude: Array) -> Any:
    """Metres from the line, positive on the Canadian side, and the number of the nearest piece.

    Beyond `REACH` the distance is infinite, with the sign of its side, and the piece is -1; NaN where neither
    country is near (`watchfloor.reference.border.REACH`). Distances are those of a plane at the place.
    """
    metres = np.empty(len(latitude))
    piece = np.empty(len(latitude), np.int32)
    for i in range(len(latitude)):
        metres[i], piece[i] = offset(line, latitude[i], longitude[i])
    return metres, piece


@kernel(error_model="numpy")
def _share(ends: Array, piece: int, px: float, py: float, qx: float, qy: float) -> float:
    """Where a step crosses a piece, as a share of the step; 2 where it does not."""
    ax, ay = ends[piece, 0], ends[piece, 1]
    bx, by = ends[piece, 2], ends[piece, 3]
    left_p = (bx - ax) * (py - ay) - (by - ay) * (px - ax)
    left_q = (bx - ax) * (qy - ay) - (by - ay) * (qx - ax)
    if (left_p >= 0) == (left_q >= 0):
        return 2.0
    left_a = (qx - px) * (ay - py) - (qy - py) * (ax - px)
    left_b = (qx - px) * (by - py) - (qy - py) * (bx - px)
    return left_p / (left_p - left_q) if (left_a >= 0) != (left_b >= 0) else 2.0


@kernel(error_model="numpy")
def crossed(
    coarse: Array, touching: Array, pieces: Array, ends: Array, py: float, px: float, qy: float, qx: float
) -> tuple[int, float, int]:
    """How often one step crosses the line, the share of it before the first time, and the piece there.

    The cells along the step are walked one by one (Amanatides and Woo, 1987).
    """
    count, first, which = 0, 2.0, -1
    column, row = int((px - WEST) * FINER), int((py - SOUTH) * FINER)
    last_column, last_row = int((qx - WEST) * FINER), int((qy - SOUTH) * FINER)
    inside = px >= WEST and qx >= WEST and py >= SOUTH and qy >= SOUTH and abs(qx - px) < 180
    if not inside or max(column, last_column) >= COLUMNS * FINE or max(row, last_row) >= ROWS * FINE:
        return count, first, which
    across, up = (1 if qx > px else -1), (1 if qy > py else -1)
    while True:
        block = coarse[row >> BITS, column >> BITS]
        if block >= 0:
            cell = (((block << BITS) + (row & MASK)) << BITS) + (column & MASK)
            for k in range(touching[cell], touching[cell + 1]):
                share = _share(ends, pieces[k], px, py, qx, qy)
                if (
                    share <= 1
                    and int((px + share * (qx - px) - WEST) * FINER) == column
                    and int((py + share * (qy - py) - SOUTH) * FINER) == row
                ):
                    count += 1
                    if share < first:
                        first, which = share, pieces[k]
        if column == last_column and row == last_row:
            return count, first, which
        to_x, to_y = inf, inf
        if column != last_column:
            to_x = (WEST + (column + (across > 0)) * STEP - px) / (qx - px)
        if row != last_row:
            to_y = (SOUTH + (row + (up > 0)) * STEP - py) / (qy - py)
        if to_x < to_y:
            column += across
        else:
            row += up


@kernel(error_model="numpy")
def _walked(
    coarse: Array, touching: Array, pieces: Array, ends: Array, py: Array, px: Array, qy: Array, qx: Array
) -> Any:
    row = np.empty(len(py), np.int64)
    share = np.empty(len(py))
    piece = np.empty(len(py), np.int32)
    times = np.empty(len(py), np.int32)
    found = 0
    for i in range(len(py)):
        count, first, which = crossed(coarse, touching, pieces, ends, py[i], px[i], qy[i], qx[i])
        if count:
            row[found], share[found], piece[found], times[found] = i, first, which, count
            found += 1
    return row[:found], share[:found], piece[:found], times[:found]


def crossings(line: Line, from_: tuple[Array, Array], to: tuple[Array, Array]) -> Crossings:
    """Steps that cross the line, each from a latitude and longitude to another (four arrays of one length).

    A step over the antimeridian crosses nothing.
    """
    grid = line.coarse, line.touching, line.pieces, line.ends
    row, share, piece, times = _walked(*grid, *from_, *to)
    ax, ay, bx, by = line.ends[piece].T
    left = (bx - ax) * (to[0][row] - from_[0][row]) - (by - ay) * (to[1][row] - from_[1][row])
    return Crossings(row, piece, share, np.where(left > 0, 1, -1).astype(np.int8), times % 2 == 1)
