"""Target statistics: the share of findings with each word, and medians of what such goods weigh and cost.

A declaration that a model learns from must not see its own outcome: it gets shares of the others, those of
the same goods left out too (D. Micci-Barreca, SIGKDD Explorations 3, 2001, for the smoothing).
"""

from typing import Final

import numpy as np

from watchfloor.desks.cargo.model.inputs import Codes, Floats

SMOOTH: Final = 10.0
"""Sorts of goods that the mean counts for."""
FOLDS: Final = 10


def shares(places: Codes, size: int, found: Floats, weight: Floats, mean: float) -> Floats:
    """The share of findings with each of `size` words, drawn to the mean; the mean itself at the end."""
    count = np.bincount(places, weight, size + 1)[:size]
    sums = np.bincount(places, weight * found, size + 1)[:size]
    return np.append((sums + SMOOTH * mean) / (count + SMOOTH), mean)


def shares_of_others(
    places: Codes, size: int, found: Floats, weight: Floats, fold: Codes, mean: float
) -> Floats:
    """For each declaration the share of findings with its word, by those of the other folds."""
    made = np.empty(len(places))
    for part in range(FOLDS):
        mine = fold == part
        rest = ~mine
        made[mine] = shares(places[rest], size, found[rest], weight[rest], mean)[places[mine]]
    return made


def folds(group: Codes, seed: int) -> Codes:
    """A fold for each declaration, one for all of the same goods."""
    drawn = np.random.default_rng(seed).integers(0, FOLDS, int(group.max(initial=0)) + 1)
    return np.asarray(drawn[group], np.int64)


def medians(values: Floats, places: Codes, size: int) -> Floats:
    """The median of a number with each of `size` words, and at the end that of all."""
    known = np.isfinite(values)
    values, places = values[known], places[known]
    order = np.lexsort((values, places))
    values, places = values[order], places[order]
    starts, ends = (np.searchsorted(places, np.arange(size), side) for side in ("left", "right"))
    low, high = (starts + ends - 1) // 2, (starts + ends) // 2
    overall = float(np.median(values)) if len(values) else 0.0
    padded = np.append(values, overall)
    middle = (padded[np.minimum(low, len(values))] + padded[np.minimum(high, len(values))]) / 2
    return np.append(np.where(ends > starts, middle, overall), overall)
