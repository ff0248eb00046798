"""By how much one picture is shifted against another, and pictures moved by parts of a pixel.

Whole pixels are found by phase correlation (Kuglin and Hines 1975) of the steepness of one band in several
tiles. What is left is found band by band by least squares (Lucas and Kanade 1981), with gain and offset
between the scenes and Tukey's bisquare against what changed; tiles and bands must agree.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
from scipy import ndimage

from watchfloor.formats.imagery.scenes import Floats, Mask

SHARP: Final = 8.0
"""How many standard deviations a peak stands above its surface to be one."""
AGREE: Final = 0.75
"""Pixels within which tiles must agree."""
LEAST_TILES: Final = 3
BLUR: Final = 0.8
"""Pixels of smoothing: interpolation and noise have less part in the gradient."""
EDGE: Final = 5
"""Pixels at the sides of a tile that are left out."""
SETTLED: Final = 2e-3
"""Pixels of a step at which the search ends."""
STEPS: Final = 4
ROUNDS: Final = 6
BISQUARE: Final = 4.685
"""Tukey's constant: 95 % efficient where errors are normal."""
MAD_NORMAL: Final = 1.4826
VAGUE: Final = 0.1
"""Standard error, in pixels, above which a band of a tile has no say: water and snow have no texture."""
UNSURE: Final = 0.1
"""Standard error of the shift above which nothing is moved by it."""
LEAST_MEASURED: Final = 0.5
"""Share of a tile that both scenes show."""
MOST_BANDS: Final = 6
REACH: Final = 3
"""Pixels on each side that a moved pixel is made of."""

Sample = tuple[Floats, Floats, Mask]
"""A tile of both scenes (bands, rows, columns), and where both were measured."""


class Shift(NamedTuple):
    """Columns and rows by which a later scene lies to the right and below, in pixels, and their error."""

    columns: float
    rows: float
    error: float

    @property
    def size(self) -> float:
        """Return how far it is."""
        return float(np.hypot(self.columns, self.rows))


def measured_shift(samples: Sequence[Sample]) -> tuple[float, float] | None:
    """Return columns and rows by which what the later scene shows lies to the right and below, in pixels.

    None where fewer than three tiles have a peak, or their peaks do not agree.
    """
    shifts = []
    for before, after, valid in samples:
        if valid.mean() < 0.9:
            continue
        one = shift_of(before.mean(0) * valid, after.mean(0) * valid)
        if one is not None:
            shifts.append(one)
    if len(shifts) < min(LEAST_TILES, len(samples)):
        return None
    middle = np.median(shifts, 0)
    near = np.abs(np.array(shifts) - middle).max(1) <= AGREE
    if near.sum() < max(1, 0.6 * len(shifts)):
        return None
    columns, rows = np.array(shifts)[near].mean(0)
    return float(columns), float(rows)


def shift_of(before: Floats, after: Floats) -> tuple[float, float] | None:
    """Return columns and rows by which a picture is shifted against an earlier one; None: nobody can say."""
    spectra = []
    for one in (before, after):
        steep = np.hypot(*np.gradient(one))
        steep -= steep.mean()
        window = np.outer(np.hanning(steep.shape[0]), np.hanning(steep.shape[1]))
        spectra.append(np.fft.rfft2(steep * window))
    cross = spectra[1] * np.conj(spectra[0])
    size = np.abs(cross)
    if size.max() == 0:
        return None
    surface = np.fft.irfft2(cross / np.maximum(size, 1e-9 * size.max()), s=before.shape)
    row, column = np.unravel_index(int(surface.argmax()), surface.shape)
    if surface[row, column] < SHARP * surface.std():
        return None
    rows = _peak(surface[:, column], int(row))
    columns = _peak(surface[row], int(column))
    return columns, rows


def _peak(line: Floats, at: int) -> float:
    """Return where the peak of a circular line is, between pixels by the higher neighbour (Foroosh 2002)."""
    count = len(line)
    here, below, above = line[at], line[at - 1], line[(at + 1) % count]
    beside, sign = (above, 1) if above > below else (below, -1)
    part = sign * beside / (beside + here) if beside > 0 else 0.0
    place = at + part
    return float(place - count if place > count / 2 else place)


def part_shift(samples: Iterable[Sample]) -> Shift | None:
    """Return the shift of scenes that are at most a pixel off each other; None where nobody can say.

    The shift is the median over tiles and bands. Its standard error is from their spread, as if bands of one
    tile told no more than one of them does.
    """
    tiles = []
    for before, after, valid in samples:
        if valid.mean() < LEAST_MEASURED:
            continue
        every = -(-len(before) // MOST_BANDS)
        sure = [
            one
            for x, y in zip(before[::every], after[::every], strict=True)
            if (one := _least_squares(x, y, valid)) is not None
        ]
        if sure:
            tiles.append(np.array(sure))
    if not tiles:
        return None
    every_one = np.concatenate(tiles)
    middle = np.median(every_one, 0)
    spread = MAD_NORMAL * np.median(np.abs(every_one - middle), 0)
    # A median's standard error is 1.25 times that of a mean.
    error = 1.25 * float(spread.max()) / len(tiles) ** 0.5
    return Shift(float(middle[0]), float(middle[1]), max(error, VAGUE / len(every_one)))


def _least_squares(before: Floats, after: Floats, valid: Mask) -> tuple[float, float] | None:
    """Return the shift of one band of a tile; None where it is vague, or beyond what this can follow."""
    inner = (slice(EDGE, -EDGE), slice(EDGE, -EDGE))
    seen = ndimage.binary_erosion(valid, np.ones((3, 3)), iterations=REACH, border_value=1)[inner].ravel()
    if seen.sum() < 16 * EDGE**2:
        return None
    fill = [np.where(valid, one, one[valid].mean()) for one in (before, after)]
    one, other = (ndimage.gaussian_filter(each, BLUR) for each in fill)
    aim = one[inner].ravel()[seen]
    columns = rows = 0.0
    for _ in range(STEPS):
        here = ndimage.shift(other, (-rows, -columns), order=3, mode="nearest")
        down, across = np.gradient(here)
        flat = [each[inner].ravel()[seen] for each in (across, down, here)]
        model = np.stack([*flat, np.ones_like(aim)])
        found = _robust(model, aim)
        if found is None:
            return None
        factors, errors = found
        step = factors[:2] / factors[2]
        columns, rows = columns + float(step[0]), rows + float(step[1])
        if max(abs(columns), abs(rows)) > 1.5 or errors[:2].max() > VAGUE * abs(factors[2]):
            return None
        if np.abs(step).max() < SETTLED:
            break
    return columns, rows


def _robust(model: Floats, aim: Floats) -> tuple[Floats, Floats] | None:
    """Return factors of the rows of a model and their standard errors; None where there are none."""
    weights = np.ones_like(aim)
    for _ in range(ROUNDS):
        heavy = model * weights
        normal = heavy @ model.T
        try:
            inverse = np.linalg.inv(normal)
        except np.linalg.LinAlgError:
            return None
        factors = inverse @ (heavy @ aim)
        left = aim - factors @ model
        scale = MAD_NORMAL * float(np.median(np.abs(left)))
        if not np.isfinite(scale) or factors[2] == 0:
            return None
        if scale <= 1e-12:
            return factors, np.zeros(len(model))
        weights = np.clip(1 - (left / (BISQUARE * scale)) ** 2, 0, None) ** 2
    return factors, scale * np.sqrt(np.maximum(np.diag(inverse), 0))


def resampled(pixels: Floats, valid: Mask, columns: float, rows: float) -> tuple[Floats, Mask]:
    """Return pixels as they are `columns` to the right and `rows` below, less `REACH` on each side.

    Nothing rests on a pixel that was not measured: what is near one is not measured either.

    Args:
        pixels: (bands, rows, columns); columns, rows: at most one pixel each way.
    """
    filled = np.where(valid, pixels, 0.0)
    for axis, part in ((1, rows), (2, columns)):
        filled = ndimage.correlate1d(filled, _kernel(part), axis, mode="nearest")
    inner = slice(REACH, -REACH)
    near = ndimage.binary_erosion(valid, np.ones((2 * REACH + 1,) * 2), border_value=1)
    return np.ascontiguousarray(filled[:, inner, inner]), near[inner, inner]


def _kernel(part: float) -> Floats:
    """Return the weights of an interpolation between pixels (Lanczos 1964, three lobes), whose sum is one."""
    at = np.arange(-REACH, REACH + 1) - part
    weights = np.where(np.abs(at) < REACH, np.sinc(at) * np.sinc(at / REACH), 0.0)
    return np.asarray(weights / weights.sum())
