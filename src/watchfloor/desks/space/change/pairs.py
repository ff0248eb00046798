"""Change between two scenes, by a threshold that needs no labels.

A pixel changed if no view of the pair explains it. The views are

1. the canonical variates of both scenes, iteratively reweighted (IR-MAD: Nielsen 2007, IEEE TIP 16(2)), which
   no gain, offset or mixture of bands can disturb;
2. and 3. a regression of the later scene on the earlier one, and of the earlier on the later, each reweighted
   in the same way: a field whose kind of crop became two is explained by one of them;
4. the difference of bands after the gain and offset of each are put right over what did not change.

Each gives a squared distance of as many degrees of freedom as there are bands where nothing changed, and
the smallest is taken: a test of all views at once, whose level is at most that of each (the
intersection-union test, Berger 1982). Its root is averaged over the eight neighbours. The threshold is that
of minimum error between two normal classes (Kittler and Illingworth 1986), and never below the value that one
unchanged pixel in 10,000 has in theory, so that a pair without change has a threshold too.

Views and rule of threshold were chosen on the pairs of Taizhou and Nanjing (Wu et al. 2014) together with
pairs without a change and with planted ones; no number is fitted to them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import ndimage, special

from watchfloor.core.messages import declare
from watchfloor.formats.imagery.alignment import Alignment
from watchfloor.formats.imagery.scenes import Box, Floats, Mask, refuse

METHOD: Final = "ir-mad-views"
VERSION: Final = "3"

SAMPLE: Final = 1_000_000
"""Pixels whose distances the threshold is found by, …"""
FITTED: Final = 100_000
"""… and of these, evenly spread, that the views are fitted on."""
SIDE: Final = 256
"""Pixels a side of a window that is worked at once."""
ROUNDS: Final = 60
MAD_NORMAL: Final = 1.4826
"""Standard deviation of a normal variable in median absolute deviations."""
SETTLED: Final = 1e-5
"""Change of the canonical correlations at which reweighting ends."""
RIDGE: Final = 1e-9
"""Share of its mean variance that is added to a covariance: bands may repeat each other."""
BINS: Final = 512
HIGHEST: Final = 0.999
"""Share of the pixels below the top of the histogram: one glint would leave all others one bin."""
LEAST_CLASS: Final = 1e-3
"""Share of the pixels of a class that a threshold may part off; fewer have no spread to be known by."""
FALSE_ALARM: Final = 1e-4
"""Share of unchanged pixels above the lowest threshold there may be."""
LEAST_PIXELS: Final = 200
NEIGHBOURS: Final = 3
"""Pixels a side of what is averaged."""

CLOUDY = declare("scene.cloudy", "share")
MUCH = declare("scene.much-changed", "share")
TOO_FEW = declare("scene.too-few", "pixels")
FLAT = declare("scene.flat")

Progress = Callable[[float], None]
"""Called with the share of the work that is done; what it raises ends it."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A view: `onto` the later scene less `of` the earlier one and an offset, with its weights of a distance.

    Attributes:
        onto, of: matrices (views, bands); offset: (views).
        inverse: of the covariance of what is left where nothing changed (views, views).
    """

    onto: Floats
    of: Floats
    offset: Floats
    inverse: Floats

    def distance(self, before: Floats, after: Floats) -> Floats:
        """Return squared distances of pixels (bands, pixels)."""
        left = self.onto @ after - self.of @ before - self.offset[:, None]
        return np.asarray(np.einsum("ij,ij->j", left, self.inverse @ left))


@dataclass(frozen=True, slots=True)
class Views:
    """The views of a pair: how two scenes show the same ground.

    Attributes:
        views: variates, both regressions, the difference of bands.
        correlations: of the canonical variates where nothing changed, the largest first.
        rounds: of reweighting the variates took.
    """

    views: tuple[Linear, ...]
    correlations: Floats
    rounds: int

    @property
    def onward(self) -> Linear:
        """Return the regression of the later scene on the earlier."""
        return self.views[1]

    def distance(self, before: Floats, after: Floats) -> Floats:
        """Return the root of the smallest squared distance of any view; pixels are (bands, …)."""
        x, y = (one.reshape(len(one), -1) for one in (before, after))
        smallest = self.views[0].distance(x, y)
        for view in self.views[1:]:
            np.minimum(smallest, view.distance(x, y), out=smallest)
        return np.asarray(np.sqrt(np.maximum(smallest, 0.0)).reshape(before.shape[1:]))


def fit(before: Floats, after: Floats) -> Views:
    """Fit the views to pixels (bands, pixels), of which any number may have changed.

    Raises:
        SceneError: there are too few pixels, or a scene is the same everywhere.
    """
    pixels = before.shape[1]
    if pixels < LEAST_PIXELS:
        refuse(TOO_FEW, pixels=pixels)
    if min(before.std(1).max(), after.std(1).max()) == 0:
        refuse(FLAT)
    first = _first_weights(before, after)
    variates, correlations, rounds, weights = _variates(before, after, first)
    onward = _regression(before, after, first)
    turned = _regression(after, before, first)
    # `turned` explains the earlier scene by the later one; its distance is the same with both sides swapped.
    back = Linear(-turned.of, -turned.onto, turned.offset, turned.inverse)
    views = (variates, onward, back, _difference(before, after, weights))
    return Views(views, correlations, rounds)


def _moments(before: Floats, after: Floats, weights: Floats) -> tuple[Floats, ...]:
    """Return means and covariances of both scenes, each pixel with its weight."""
    total = weights.sum()
    means = before @ weights / total, after @ weights / total
    x, y = before - means[0][:, None], after - means[1][:, None]
    heavy = x * weights
    within, between, other = heavy @ x.T / total, heavy @ y.T / total, (y * weights) @ y.T / total
    for one in (within, other):
        one[np.diag_indices_from(one)] += RIDGE * max(float(np.trace(one)) / len(one), RIDGE)
    return (*means, within, between, other)


def _no_change(distance: Floats, freedom: int) -> Floats:
    """Return how likely an unchanged pixel is to be as far off: the weight of the next round."""
    return np.asarray(special.chdtrc(freedom, distance))


def _first_weights(before: Floats, after: Floats) -> Floats:
    """Return weights to begin with: by the difference of bands, each put right by its median and quartiles.

    From equal weights a field that was of one colour before and is of one colour now would be explained by
    the very first fit, as if all ground of that colour turned so.
    """
    sides = []
    for one in (before, after):
        low, middle, high = np.quantile(one, (0.25, 0.5, 0.75), axis=1)
        spread = np.where(high > low, high - low, np.maximum(one.std(1), RIDGE))
        sides.append((one - middle[:, None]) / spread[:, None])
    difference = sides[1] - sides[0]
    difference -= np.median(difference, 1)[:, None]
    scale = MAD_NORMAL * np.median(np.abs(difference), 1)
    return _no_change(np.square(difference / np.maximum(scale, RIDGE)[:, None]).sum(0), len(before))


def _variates(before: Floats, after: Floats, weights: Floats) -> tuple[Linear, Floats, int, Floats]:
    """Return the canonical variates, their correlations, rounds, and the last weights."""
    count = len(before)
    last = np.zeros(count)
    rounds = 0
    while rounds < ROUNDS:
        rounds += 1
        mean_x, mean_y, within, between, other = _moments(before, after, weights)
        # The generalised problem in the coordinates in which the earlier scene has unit covariance.
        root = np.linalg.inv(np.linalg.cholesky(within))
        across = np.linalg.solve(other, between.T)
        values, vectors = np.linalg.eigh(root @ between @ across @ root.T)
        values, vectors = values[::-1], vectors[:, ::-1]
        correlations = np.sqrt(np.clip(values, RIDGE, 1 - RIDGE))
        first = (root.T @ vectors).T
        second = (across @ first.T / correlations).T
        view = Linear(second, first, second @ mean_y - first @ mean_x, np.diag(0.5 / (1 - correlations)))
        weights = _no_change(view.distance(before, after), count)
        if np.abs(correlations - last).max() < SETTLED or weights.sum() < LEAST_PIXELS:
            break
        last = correlations
    return view, correlations, rounds, weights


def _regression(before: Floats, after: Floats, weights: Floats) -> Linear:
    """Return the later scene explained by the earlier one."""
    count = len(before)
    last: Floats = np.zeros((count, count))
    for _ in range(ROUNDS):
        mean_x, mean_y, within, between, other = _moments(before, after, weights)
        matrix: Floats = np.asarray(np.linalg.solve(within, between).T, np.float64)
        left = other - matrix @ between
        view = Linear(
            np.eye(count),
            matrix,
            mean_y - matrix @ mean_x,
            np.asarray(np.linalg.inv((left + left.T) / 2), np.float64),
        )
        weights = _no_change(view.distance(before, after), count)
        moved = np.abs(matrix - last).max() / max(float(np.abs(matrix).max()), RIDGE)
        if moved < SETTLED or weights.sum() < LEAST_PIXELS:
            break
        last = matrix
    return view


def _difference(before: Floats, after: Floats, weights: Floats) -> Linear:
    """Return the difference of bands after gain and offset of each are put right where nothing changed."""
    mean_x, mean_y, within, between, other = _moments(before, after, weights)
    gain = np.sqrt(np.diag(within) / np.diag(other))
    left = np.diag(within) + gain**2 * np.diag(other) - 2 * gain * np.diag(between)
    floor = RIDGE * max(float(np.diag(within).max()), RIDGE)
    inverse = np.diag(1 / np.maximum(left, floor))
    return Linear(np.diag(gain), np.eye(len(gain)), gain * mean_y - mean_x, inverse)


def averaged(distance: Floats, valid: Mask) -> Floats:
    """Return the mean over each pixel and its neighbours that were measured; NaN where it was not itself."""
    kernel = np.ones((NEIGHBOURS, NEIGHBOURS))
    total = ndimage.correlate(np.where(valid, distance, 0.0), kernel, mode="constant")
    count = ndimage.correlate(valid.astype(float), kernel, mode="constant")
    return np.where(valid, total / np.maximum(count, 1.0), np.nan)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold of averaged distances.

    Attributes:
        value: above it is change.
        lowest: the value that it was not to fall below.
        middle, spread: of the logarithm of the distance below the middle of what did not change.
    """

    value: float
    lowest: float
    middle: float
    spread: float

    def null_share(self, value: float) -> float:
        """Return the share of unchanged pixels above a value.

        The mean of nine distances is nearly normal: a log-normal with the spread of the lower half says 20 to
        100 times as many as the simulator of `benchmarks.change.nulls` has.
        """
        return float(special.ndtr(-(value / np.exp(self.middle) - 1) / self.spread))


def threshold(distance: Floats, freedom: int) -> Threshold:
    """Find the threshold of averaged distances, any number of which may be of changes."""
    top = float(np.quantile(distance, HIGHEST))
    counts, edges = np.histogram(np.minimum(distance, top), BINS, range=(0.0, max(top, 1e-9)))
    lowest = float(np.sqrt(special.chdtri(freedom, FALSE_ALARM)))
    value = max(minimum_error(counts, edges), lowest)
    middle, spread = _null(distance)
    if middle > np.log(value) and (below := distance[distance <= value]).size:
        middle, spread = _null(below)  # most of the ground changed, and the mode is of what did
    return Threshold(value, lowest, middle, spread)


def minimum_error(counts: Any, edges: Floats) -> float:
    """Return the threshold of Kittler and Illingworth (1986) of a histogram; 0 where it has one class."""
    share = counts / max(counts.sum(), 1)
    middle = (edges[1:] + edges[:-1]) / 2
    low = np.cumsum(share)
    first, second = np.cumsum(share * middle), np.cumsum(share * middle**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        high = 1 - low
        variance_low = second / low - (first / low) ** 2
        variance_high = (second[-1] - second) / high - ((first[-1] - first) / high) ** 2
        error = low * np.log(variance_low) + high * np.log(variance_high)
        error -= 2 * low * np.log(low) + 2 * high * np.log(high)
    usable = (np.minimum(low, high) > LEAST_CLASS) & (variance_low > 0) & (variance_high > 0)
    if not usable.any():
        return 0.0
    return float(edges[1:][np.argmin(np.where(usable, error, np.inf))])


def _null(distance: Floats) -> tuple[float, float]:
    """Return mode and spread of the logarithm of distances where nothing changed.

    The spread is that of the lower half, which changes do not reach.
    """
    logs = np.log(np.maximum(distance, 1e-12))
    counts, edges = np.histogram(logs, BINS, range=(float(np.quantile(logs, 1e-3)), float(logs.max()) + 1e-9))
    smooth = ndimage.gaussian_filter1d(counts.astype(float), BINS / 64)
    at = int(smooth.argmax())
    middle = float(edges[at] + edges[at + 1]) / 2
    lower = logs[logs < middle]
    return middle, max(float(np.sqrt(np.mean(np.square(lower - middle)))) if lower.size else 1.0, 1e-3)


@dataclass(frozen=True, slots=True)
class Map:
    """The answer for a pair.

    Attributes:
        views: by which the scenes are compared; threshold: of their averaged distance.
        measured: pixels that both scenes show; changed: of them.
    """

    views: Views
    threshold: Threshold
    measured: int
    changed: int
    method: str = METHOD
    version: str = VERSION

    @property
    def correlations(self) -> tuple[float, ...]:
        """Return the correlations of the canonical variates."""
        return tuple(float(one) for one in self.views.correlations)

    def sharp(self, before: Floats, after: Floats, mask: Mask) -> Mask:
        """Return the pixels of a mask that are changed by themselves, and not by their neighbours alone."""
        return np.asarray(mask & (self.views.distance(before, after) > self.threshold.value))


Keep = Callable[[Box, Floats, Mask], None]
"""Keep a window: its statistic, NaN where there is none, and where that is change."""
Window = tuple[Floats, Floats, Mask]
"""Pixels of both scenes (bands, rows, columns), and where both were measured."""
Statistic = Callable[[Floats, Floats, Mask], Floats]
"""Return the statistic of a window; NaN where there is none."""


def compare(pair: Alignment, keep: Keep, progress: Progress | None = None) -> Map:
    """Find what changed between two scenes, in memory that does not grow with them.

    Args:
        pair: the scenes on one grid.
        keep: takes each window of the result.
        progress: is told how far it is.

    Raises:
        SceneError: a file ends early, or too little of both scenes was measured.
    """
    sample = list(sampled(pair))
    checked(pair, sample)
    x = np.concatenate([before[:, valid] for before, _, valid in sample], 1)
    y = np.concatenate([after[:, valid] for _, after, valid in sample], 1)
    every = -(-x.shape[1] // FITTED)
    views = fit(np.ascontiguousarray(x[:, ::every]), np.ascontiguousarray(y[:, ::every]))
    del x, y
    if progress is not None:
        progress(0.0)  # a sign of life

    def statistic(before: Floats, after: Floats, valid: Mask) -> Floats:
        return averaged(views.distance(before, after), valid)

    means = [statistic(*one)[one[2]] for one in sample]
    if progress is not None:
        progress(0.0)
    found = threshold(np.concatenate(means), len(pair.bands))
    del sample, means
    measured, changed = sweep(pair, statistic, found.value, keep, progress)
    return Map(views, found, measured, changed)


def sampled(pair: Alignment) -> Iterator[Window]:
    """Yield windows spread over the scenes that hold at most `SAMPLE` pixels; of small scenes all."""
    step = max(1, -(-pair.rows * pair.columns // SAMPLE))
    across = -(-pair.columns // SIDE)
    for number, box in enumerate(pair.parts(SIDE)):
        # Another column each row of windows, or the sample would be stripes.
        if (number + number // across) % step == 0:
            yield pair.read(box)


def checked(pair: Alignment, sample: Sequence[Window]) -> None:
    """Refuse a sample in which too little was measured. Raises `SceneError`."""
    pixels = sum(int(valid.sum()) for *_, valid in sample)
    if not pixels and any(fill is not None for fill in pair.fills):
        refuse(FLAT)
    if pixels < LEAST_PIXELS:
        refuse(TOO_FEW, pixels=pixels)


def sweep(
    pair: Alignment,
    statistic: Statistic,
    value: float,
    keep: Keep,
    progress: Progress | None,
) -> tuple[int, int]:
    """Give each window its statistic and what of it is above a value; return pixels measured and changed."""
    measured = changed = done = 0
    margin = NEIGHBOURS // 2
    for box in pair.parts(SIDE):
        top, left = max(0, box.row - margin), max(0, box.column - margin)
        bottom = min(pair.rows, box.row + box.rows + margin)
        right = min(pair.columns, box.column + box.columns + margin)
        whole = statistic(*pair.read(Box(top, left, bottom - top, right - left)))
        row, column = box.row - top, box.column - left
        part = whole[row : row + box.rows, column : column + box.columns]
        change = part > value  # NaN is no change
        keep(box, part, change)
        measured += int(np.isfinite(part).sum())
        changed += int(change.sum())
        done += box.rows * box.columns
        if progress is not None:
            progress(done / (pair.rows * pair.columns))
    return measured, changed
