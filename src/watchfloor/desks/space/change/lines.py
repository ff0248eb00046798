"""Whether a thin shape of a pair is a new line on the ground, by an oriented filter.

What the regression of the later scene leaves is projected on the way from plants to soil by a matched filter
(whitened by its covariance), detrended, and divided by its local standard deviation, to which the gradient of
the earlier scene adds what scenes off each other by a part of a pixel leave at edges. A line of 300 m in 16
directions is compared with the brighter of its two sides, so that broad changes largely cancel. The
answer is divided by its local spread over all directions, and by how far the earlier scene had that line
already: a road that dried is no new trail.

The spread is the median over directions, which is low by a little, and the highest of 16 counts: so the rate
of `LEAST` is measured and not a normal variable's. 138 km² of white noise at 10 m have 43 maxima above it for
1,000 km² and date (289 above 4.2, 7 above 4.7).
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, cast

import numpy as np
from scipy import fft, ndimage

from watchfloor.desks.space.change.pairs import MAD_NORMAL, Linear
from watchfloor.formats.imagery.scenes import Floats, Mask

DIRECTIONS: Final = 16
PIECE: Final = 10
"""Pixels of a piece of a line; three make one."""
WIDTH: Final = 1.5
"""Pixels across: a trail of 3 to 10 m after the sensor's blur."""
GAP: Final = 3.5
"""Pixels from the middle of a line to that of its sides."""
AROUND: Final = 41
"""Pixels a side of what the local spread is taken of."""
EVERY: Final = 4
DETREND: Final = 21
OFFSET: Final = 0.15
"""Pixels that scenes lie off each other after registration (its test sees a quarter of a pixel)."""
BEFORE: Final = 0.3
"""Share of a line of the earlier scene that light and season may add to it."""
GLARE: Final = 3.0
"""Standard deviations that one pixel counts for at most: a bright roof is no line."""
STRUCTURE: Final = 30.0
LEAST: Final = 4.5
"""Standard deviations of a new line."""
MARGIN: Final = 32
"""Pixels around a shape that the filter looks at."""

SOIL_LESS_PLANTS: Final = {
    "blue": 0.05,
    "green": 0.06,
    "red": 0.12,
    "nir": -0.08,
    "nir08": -0.08,
    "swir16": 0.15,
    "swir22": 0.17,
}
"""Reflectance of bare soil less that of closed forest, roughly: only its direction counts."""


def direction(names: Sequence[str], scales: Mapping[str, tuple[float, float]]) -> Floats | None:
    """Return the way from plants to soil in the numbers of the bands; None without red and near infrared."""
    if "red" not in names or not {"nir", "nir08"} & {*names}:
        return None
    return np.array([SOIL_LESS_PLANTS.get(one, 0.0) / scales.get(one, (1.0, 0.0))[0] for one in names])


class Lines(NamedTuple):
    """The lines of a window, in standard deviations: the strongest new one, and that line in either scene."""

    new: Floats
    before: Floats
    after: Floats


def strength(
    before: Floats,
    after: Floats,
    valid: Mask,
    view: Linear,
    toward: Floats,
    mask: Mask | None = None,
    least: float = -np.inf,
) -> Lines | None:
    """Return how strongly a new line runs through each pixel; None where it is below `least` in a mask.

    Args:
        before, after: pixels (bands, rows, columns); valid: where both were measured.
        view: the regression of the later scene on the earlier.
        toward: see `direction`.
    """
    shape = valid.shape
    x, y = (one.reshape(len(one), -1) for one in (before, after))
    weights = view.inverse @ toward
    weights = weights / np.sqrt(max(float(toward @ weights), 1e-12))
    expected, seen = view.of @ x, view.onto @ y
    left, spread = _detrended((weights @ (seen - expected - view.offset[:, None])).reshape(shape), valid)
    ground, usual = _detrended((weights @ expected).reshape(shape), valid)
    later, later_usual = _detrended((weights @ seen).reshape(shape), valid)
    slope = np.hypot(*np.gradient(ground)) * OFFSET
    # Clipped at three, a normal variable keeps 97 % of its variance; 1.2 covers what texture adds.
    variance = 1.2 * ndimage.uniform_filter(np.minimum(left**2, (GLARE * spread) ** 2), AROUND) + slope**2
    deviation = np.sqrt(np.maximum(variance, 1e-12))
    new, scale = _scaled(_filtered(_clipped(left / deviation, valid, GLARE), brighter=True), valid)
    old = _filtered(_clipped(ground / deviation, valid, STRUCTURE), brighter=False)
    new /= np.sqrt(scale**2 + (BEFORE * old) ** 2)
    del old
    way = new.argmax(0)[None]
    strongest = np.take_along_axis(new, way, 0)[0]
    del new
    if mask is not None and not (strongest[mask] >= least).any():
        return None  # most windows: what either scene shows there is half of the work
    sides = []
    for one, its_usual in ((ground, usual), (later, later_usual)):
        line, scale = _scaled(_filtered(_clipped(one / its_usual, valid, GLARE), brighter=True), valid)
        sides.append(np.take_along_axis(line, way, 0)[0] / scale)
    return Lines(strongest, *sides)


def _clipped(values: Floats, valid: Mask, most: float) -> Floats:
    return np.where(valid, np.clip(values, -most, most), 0.0)


def _scaled(line: Floats, valid: Mask) -> tuple[Floats, Floats]:
    """Return lines (directions, rows, columns) less their median, and their local spread in all of these."""
    if not valid.any():
        return line, np.ones(valid.shape)
    line = line - np.median(line[:, valid])
    usual = MAD_NORMAL * max(float(np.median(np.abs(line[:, valid]))), 1e-6)
    squares = np.minimum(line**2, (4 * usual) ** 2)
    # The mean of so many pixels is smooth: its median over the directions is taken at every fourth.
    means = [ndimage.uniform_filter(one, AROUND)[::EVERY, ::EVERY] for one in squares]
    rows, columns = valid.shape
    local = np.median(means, 0).repeat(EVERY, 0).repeat(EVERY, 1)[:rows, :columns]
    return line, np.sqrt(np.maximum(local, (usual / 2) ** 2))


def _detrended(values: Floats, valid: Mask) -> tuple[Floats, float]:
    """Return values less their local mean, of which outliers have no part, and their robust deviation."""
    if not valid.any():
        return np.zeros_like(values), 1.0
    middle = float(np.median(values[valid]))
    spread = MAD_NORMAL * max(float(np.median(np.abs(values[valid] - middle))), 1e-9)
    filled = np.where(valid, np.clip(values, middle - GLARE * spread, middle + GLARE * spread), middle)
    return np.where(valid, values, middle) - ndimage.uniform_filter(filled, DETREND), spread


def _filtered(values: Floats, *, brighter: bool) -> Floats:
    """Return lines less the brighter of their sides, or less both sides' mean (directions, rows, columns)."""
    rows, columns = (fft.next_fast_len(side + 2 * MARGIN, real=True) for side in values.shape)
    high, wide = values.shape
    extra = (MARGIN, rows - high - MARGIN), (MARGIN, columns - wide - MARGIN)
    turned = fft.rfft2(np.pad(values, extra, mode="symmetric").astype(np.float32))
    out = np.empty((DIRECTIONS, high, wide), np.float32)
    for number in range(DIRECTIONS):
        along = np.array([np.sin(np.pi * number / DIRECTIONS), np.cos(np.pi * number / DIRECTIONS)])
        mean = fft.irfft2(turned * _kernel(number, rows, columns), s=(rows, columns))
        across = GAP * np.array([along[1], -along[0]])
        one, other = _moved(mean, across), _moved(mean, -across)
        line = mean - (np.maximum(np.maximum(one, other), 0) if brighter else (one + other) / 2)
        whole = (line + _moved(line, PIECE * along) + _moved(line, -PIECE * along)) / 3
        out[number] = whole[MARGIN : MARGIN + high, MARGIN : MARGIN + wide]
    return cast("Floats", out)


def _moved(values: Floats, by: Floats) -> Floats:
    down, right = np.rint(by).astype(int)
    return np.roll(values, (-down, -right), (0, 1))


@lru_cache(DIRECTIONS)
def _kernel(number: int, rows: int, columns: int) -> Floats:
    """Return the transform of a piece of a line in a direction."""
    angle = np.pi * number / DIRECTIONS
    y, x = np.fft.fftfreq(rows, 1 / rows)[:, None], np.fft.fftfreq(columns, 1 / columns)[None]
    along, off = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    piece = np.clip(PIECE / 2 + 0.5 - np.abs(along), 0, 1) * np.clip(WIDTH / 2 + 0.5 - np.abs(off), 0, 1)
    return np.asarray(fft.rfft2((piece / piece.sum()).astype(np.float32)))
