"""Change between images of a radar, by the statistics of speckle.

Means of intensity over some neighbours are gamma variables whose shape is the number of looks L, so their
ratio, where nothing changed, follows Fisher's F with 2L and 2L degrees of freedom (Touzi et al. 1988;
Conradsen et al. 2003 for one polarisation). L is estimated from the ratios themselves, by the half of them
that lies in the middle: texture of the ground cancels in a ratio, correlation between pixels counts, and
changes lie outside. Polarisations are joined by Fisher's method. So the share of false alarms is chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import ndimage, optimize, special

from watchfloor.core.messages import declare
from watchfloor.desks.space.change.pairs import (
    Keep,
    Progress,
    checked,
    sampled,
    sweep,
)
from watchfloor.formats.imagery.alignment import Alignment
from watchfloor.formats.imagery.scenes import Floats, Mask

METHOD: Final = "speckle-ratio"
VERSION: Final = "1"
RATE: Final = 1e-5
"""Share of unchanged places that are taken for changed: a hundred in 1,000 km² at 10 m."""
WINDOW: Final = 3
"""Pixels a side of the means that are compared."""
FEWEST_LOOKS, MOST_LOOKS = 0.5, 2_000.0
LEAST_P: Final = 1e-300

LOOKS = declare("scene.looks", "looks")
DECIBELS = declare("scene.decibels", "file")


@dataclass(frozen=True, slots=True)
class Rate:
    """A threshold that is a share of false alarms: statistics are -log10 of a probability."""

    value: float

    @property
    def lowest(self) -> float:
        """Return what the threshold may not fall below: it is stated, so itself."""
        return self.value

    def null_share(self, value: float) -> float:
        """Return the share of unchanged places whose statistic is above a value."""
        return float(10.0**-value)


@dataclass(frozen=True, slots=True)
class Map:
    """The answer for a pair of a radar; see `pairs.Map`.

    Attributes:
        looks: of the means, one a polarisation; gains: of the later image.
    """

    looks: Floats
    gains: Floats
    threshold: Rate
    measured: int
    changed: int
    method: str = METHOD
    version: str = VERSION

    @property
    def correlations(self) -> tuple[float, ...]:
        """Return none: a radar's bands have no canonical variates."""
        return ()

    def sharp(self, before: Floats, after: Floats, mask: Mask) -> Mask:  # noqa: ARG002 - as of `pairs.Map`
        """Return a mask as it is: single pixels of a radar say nothing."""
        return mask


def compare(
    pair: Alignment,
    keep: Keep,
    *,
    looks: float = 0.0,
    rate: float = RATE,
    progress: Progress | None = None,
) -> Map:
    """Find what changed between two images of a radar, in memory that does not grow with them.

    Args:
        pair: the scenes on one grid: amplitudes, intensities or decibels, a band a polarisation.
        keep, progress: see `pairs.compare`.
        looks: equivalent number of looks of a pixel, if it is known and pixels are independent; else 0.
        rate: share of unchanged places that are taken for changed.

    Raises:
        SceneError: a file ends early, or too little of both scenes was measured.
    """
    sample = list(sampled(pair))
    checked(pair, sample)
    decibels = tuple(any(bool((one[side][:, one[2]] < 0).any()) for one in sample) for side in (0, 1))
    for scene, negative in zip((pair.before, pair.after), decibels, strict=True):
        if negative:
            pair.note(DECIBELS, file=scene.name)
    ratios = [_log_ratio(*one, decibels=decibels) for one in sample]
    joined = np.concatenate([one[:, np.isfinite(one).all(0)] for one in ratios], 1)
    gains = np.median(joined, 1)
    means = np.array([_looks(one - gain) for one, gain in zip(joined, gains, strict=True)])
    if looks > 0:
        means[:] = looks * WINDOW**2
    pair.note(LOOKS, looks=round(float(means.mean()), 1))
    del sample, ratios, joined

    def statistic(before: Floats, after: Floats, valid: Mask) -> Floats:
        ratio = _log_ratio(before, after, valid, decibels=decibels)
        return significance(ratio - gains[:, None, None], means)

    threshold = Rate(-float(np.log10(rate)))
    measured, changed = sweep(pair, statistic, threshold.value, keep, progress)
    return Map(means, gains, threshold, measured, changed)


def _log_ratio(before: Floats, after: Floats, valid: Mask, *, decibels: Sequence[bool]) -> Floats:
    """Return logarithms of the ratio of means, after to before; NaN where either was not measured."""
    means = []
    for one, logarithmic in zip((before, after), decibels, strict=True):
        intensity = 10.0 ** (one / 10) if logarithmic else np.maximum(one, 0.0)
        means.append(np.stack([_mean(band, valid) for band in intensity]))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(means[1]) - np.log(means[0])
    return np.where(np.isfinite(ratio) & valid, ratio, np.nan)


def _mean(band: Floats, valid: Mask) -> Floats:
    kernel = np.ones((WINDOW, WINDOW))
    total = ndimage.correlate(np.where(valid, band, 0.0), kernel, mode="constant")
    count = ndimage.correlate(valid.astype(float), kernel, mode="constant")
    # Fewer neighbours have fewer looks: where one is missing, nothing is said.
    return np.where(count == WINDOW**2, total / WINDOW**2, np.nan)


def _looks(ratio: Floats) -> float:
    """Estimate the looks of two means from the logarithms of their ratio, by the quartiles."""
    low, high = np.quantile(ratio, (0.25, 0.75))
    half = max(float(high - low) / 2, 1e-6)

    def error(looks: float) -> float:
        return float(np.log(special.fdtri(2 * looks, 2 * looks, 0.75))) - half

    if error(MOST_LOOKS) >= 0:
        return MOST_LOOKS
    if error(FEWEST_LOOKS) <= 0:
        return FEWEST_LOOKS
    return float(optimize.brentq(error, FEWEST_LOOKS, MOST_LOOKS))


def significance(ratio: Floats, looks: Floats) -> Floats:
    """Return -log10 of the probability of ratios as far off where nothing changed.

    Args:
        ratio: logarithms of ratios of means (polarisations, …).
        looks: of the means, one a polarisation.
    """
    total = np.zeros(ratio.shape[1:])
    for one, number in zip(ratio, looks, strict=True):
        # Both tails: the larger over the smaller, which is as likely as its inverse.
        with np.errstate(over="ignore"):
            beyond = special.fdtrc(2 * number, 2 * number, np.exp(np.abs(one)))
        total -= 2 * np.log(np.maximum(2 * beyond, LEAST_P))
    return np.asarray(-np.log10(np.maximum(special.chdtrc(2 * len(ratio), total), LEAST_P)))
