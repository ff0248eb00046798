"""Draws with known inclusion probabilities: the best of a list, in proportion to a size, evenly.

Each part of a choice is told as the probability p [n] with which it takes each item, where the p sum to a
whole number; `drawn` then takes exactly so many, each with exactly its p. Systematic sampling of unequal
probabilities (W. G. Madow, "On the theory of systematic sampling, II", Annals of Mathematical Statistics 20,
1949) over an order that is drawn at random (H. O. Hartley and J. N. K. Rao, "Sampling with unequal
probabilities and without replacement", same, 33, 1962); with equal p and a random order it is a simple random
sample.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

SURE: Final = 1 - 1e-12
"""Probability from which an item is called certain."""


def best(values: Floats, among: Bools, count: int) -> Floats:
    """Probability of being taken when the `count` greatest values are: those that tie at the end share it.

    Args:
        values: [n].
        among: who may be taken [n].
        count: how many; all of `among` where they are fewer.
    """
    rows = np.flatnonzero(among)
    p = np.zeros(len(values))
    if count <= 0 or not len(rows):
        return p
    if count >= len(rows):
        p[rows] = 1.0
        return p
    last = np.partition(values[rows], len(rows) - count)[len(rows) - count]
    above, tied = rows[values[rows] > last], rows[values[rows] == last]
    p[above] = 1.0
    p[tied] = (count - len(above)) / len(tied)
    return p


def in_proportion(sizes: Floats, among: Bools, count: int) -> Floats:
    """Probability of being taken in proportion to a size, never above 1; evenly where all sizes are 0.

    Who would be above 1 is taken for certain, and the others share what is left, until none is above.

    Args:
        sizes: not negative [n].
        among: who may be taken [n].
        count: how many; all of `among` where they are fewer.
    """
    p = np.zeros(len(sizes))
    open_, left = np.flatnonzero(among), count
    while left > 0 and len(open_):
        if left >= len(open_):
            p[open_] = 1.0
            break
        total = sizes[open_].sum()
        share = left * sizes[open_] / total if total > 0 else np.full(len(open_), left / len(open_))
        over = share >= SURE
        if not over.any():
            p[open_] = share
            break
        p[open_[over]] = 1.0
        left, open_ = left - int(over.sum()), open_[~over]
    return p


def drawn(p: Floats, rng: np.random.Generator, stratum: npt.NDArray[np.int64] | None = None) -> Rows:
    """Rows taken, in their order, each with exactly its p [n]; p sums to a whole number.

    Args:
        p: inclusion probabilities [n].
        rng: of the order and the start.
        stratum: each stratum's share is kept to within one item [n]; None: no strata.
    """
    rows = np.flatnonzero(p > 0)
    shuffled = rng.permutation(rows)
    if stratum is not None:
        shuffled = shuffled[np.argsort(stratum[shuffled], kind="stable")]
    ends = np.floor(_whole(np.cumsum(p[shuffled])) + rng.random())
    return np.sort(shuffled[np.diff(ends, prepend=0.0) > 0])


def _whole(sums: Floats) -> Floats:
    """Running sums whose last is the whole number that rounding has missed."""
    if len(sums):
        sums[-1] = np.rint(sums[-1])
    return np.minimum(sums, sums[-1]) if len(sums) else sums
