"""Likelihood ratios of scores, learned from pairs known to be of one source and pairs of two, with a bound.

The ratio of a score is how much more often pairs of one source have it than pairs of two, by isotonic
regression (pool adjacent violators; N. Brümmer and J. du Preez, Computer Speech and Language 20, 2006). Where
no pair of two sources was ever as alike the counts alone would make it infinite. It is bounded by the
empirical upper bound (ELUB; P. Vergeer et al., Science & Justice 56, 2016, 482-491): a ratio is let through
only as far as deciding by it costs less than deciding without it, with a misleading case more on either
side than was seen. Pairs that share a source are not independent: on the side of two sources all pairs of the
same two are one case, so the bound is at most the number of pairs of sources plus one. (On public profiles of
glass ratios bounded by pairs alone were up to 5.6 times too large where 10 to 50 sources were known.)
"""

from itertools import pairwise
from math import exp, inf, log, sqrt
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

Z: Final = 1.96
"""Standard errors of an interval of 95 %."""


class Ratio(NamedTuple):
    """A likelihood ratio, and from where to where it may lie by counting error alone (95 %)."""

    value: float
    low: float
    high: float


class Ratios(NamedTuple):
    """Ratios of all scores.

    Attributes:
        steps: pairs of one source and of two, (s, 2), step by step of the regression.
        step: of each bin of scores the step that it is of, (n,).
        most: the bound.
    """

    steps: Floats
    step: Counts
    most: float

    def begin(self, ratio: float) -> int:
        """Return the first bin of that ratio or a larger one; one too many where there is none."""
        return int(np.searchsorted(_ratios(self.steps)[self.step], min(ratio, self.most)))

    def ratio(self, score: int) -> Ratio:
        """Return the bounded ratio of a bin of scores, with an interval after Katz et al. (1978)."""
        one, two = self.steps[self.step[score]].tolist()
        ones, twos = self.steps.sum(0).tolist()
        value = min(_ratios(self.steps)[self.step[score]], self.most)
        # Half a pair more on every side, or there is no interval where none was seen (J. Haldane, 1956).
        middle = (one + 0.5) / (ones + 0.5) / ((two + 0.5) / (twos + 0.5))
        error = Z * sqrt(1 / (one + 0.5) - 1 / (ones + 0.5) + 1 / (two + 0.5) - 1 / (twos + 0.5))
        low, high = exp(log(middle) - error), exp(log(middle) + error)
        return Ratio(value, min(low, value), min(max(high, value), self.most))


def learned(one: Counts, two: Counts, sources: int, wider: int = 0) -> Ratios:
    """Learn the ratio of each bin of scores.

    Args:
        one: pairs of one source in each bin, the least alike first; (n,), at least one pair.
        two: pairs of two sources in each; (n,), at least one pair.
        sources: of which the pairs are.
        wider: bins by which a pair of one source may be less alike than those that were seen; each is spread
            evenly from its own bin over so many below.
    """
    from scipy.optimize import isotonic_regression

    spread = np.zeros(len(one))
    for less in range(wider + 1):
        np.add.at(spread, np.maximum(np.arange(len(one)) - less, 0), one / (wider + 1))
    total = spread + two
    seen = np.flatnonzero(total)
    fitted = isotonic_regression(spread[seen] / total[seen], weights=total[seen]).x
    begins = np.flatnonzero(np.r_[True, np.diff(fitted) > 1e-12])
    steps = np.stack([np.add.reduceat(spread[seen], begins), np.add.reduceat(two[seen], begins)], 1)
    # A bin that no pair was in is of the step below it: less alike, so no ratio is too large for it.
    step = np.searchsorted(seen[begins], np.arange(len(one)), "right") - 1
    repeats = max(1.0, float(two.sum()) / max(1, sources * (sources - 1) // 2))
    most = upper_bound(_ratios(steps), steps[:, 0], steps[:, 1], repeats)
    return Ratios(steps, np.maximum(step, 0), most)


def _ratios(steps: Floats) -> Floats:
    ones, twos = steps.sum(0)
    with np.errstate(divide="ignore"):
        return np.asarray((steps[:, 0] / ones) / (steps[:, 1] / twos))


def upper_bound(ratios: Floats, one: Floats, two: Floats, repeats: float = 1.0) -> float:
    """Return the largest ratio that may be stated (ELUB, with a misleading case added on either side).

    Args:
        ratios: that occur, ascending; the last may be infinite.
        one: pairs of one source that have each.
        two: pairs of two sources that have each.
        repeats: pairs of two sources that are one case, as they are of the same two.
    """
    edges = [1.0, *(one for one in ratios.tolist() if one > 1), inf]
    for begin, end in pairwise(edges):
        # From `begin` on and below `end`, who decides at a threshold misses what has less or as much, and is
        # misled by what has more. The cost relative to deciding without grows with the threshold.
        missed = (one[ratios <= begin].sum() + 1) / (one.sum() + 1)
        misled = (two[ratios > begin].sum() + repeats) / (two.sum() + repeats)
        if (bound := float((1 - missed) / misled)) < end:
            return float(max(bound, begin))
    return 1.0
