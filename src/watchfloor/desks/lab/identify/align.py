"""Peaks of substances laid beside those of a sample, and a scale of masses that is off put right."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.desks.lab.prepare import NOMINAL, Peaks

Floats = NDArray[np.float64]

REACH: Final = 0.5
"""How far off, in m/z, the scale of an instrument of accurate mass is looked for."""
GAIN: Final = 1.5
"""How much better than the stated scale a shifted one must agree before it is believed."""
PAIRS: Final = 3
"""Pairs of strong peaks of one substance that must agree on a shift."""
TINY: Final = 1e-12
STRONG: Final = 0.02
"""Product of the roots of heights, as parts of all, of such a pair."""


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """One substance beside a sample, in one channel; its heights have the sum 1.

    Attributes:
        on: its heights at the sample's peaks, (n,).
        off_x, off: places and heights where the sample has no peak, within what was measured; (m,).
    """

    on: Floats
    off_x: Floats
    off: Floats


def lay(query: Peaks, one: Peaks) -> Laid:
    """Lay a substance's peaks beside a sample's: each goes to the nearest within tolerance.

    Where a curve covers less than the other, the bins of one alone are left out of both.
    """
    tolerance = max(query.tolerance, one.tolerance)
    weight = one.y / one.y.sum()
    at = np.clip(np.searchsorted(query.x, one.x), 1, max(1, len(query.x) - 1))
    left = np.abs(query.x[at - 1] - one.x)
    right = np.abs(query.x[np.minimum(at, len(query.x) - 1)] - one.x)
    nearest = np.where(left <= right, at - 1, np.minimum(at, len(query.x) - 1))
    hit = np.minimum(left, right) <= tolerance
    on = np.bincount(nearest[hit], weight[hit], len(query.x)).astype(np.float64)
    seen = ~hit & measured(query, one.x)
    whole = max(float(on.sum() + weight[seen].sum()), TINY)
    return Laid(on / whole, one.x[seen], weight[seen] / whole)


def measured(query: Peaks, x: Floats) -> NDArray[np.bool_]:
    """Whether the sample was measured at places. A list of peaks does not say where it ended: everywhere."""
    if query.domain == "mass":
        return np.ones(len(x), np.bool_)
    return (x >= query.low) & (x <= query.high)


def stacked(laid: Sequence[Laid], tolerance: float) -> Floats:
    """Substances as columns over the sample's peaks, and below these over places that it has no peak at."""
    on = np.stack([one.on for one in laid], 1)
    x = np.concatenate([one.off_x for one in laid])
    if not len(x):
        return on
    order = np.argsort(x)
    group = np.concatenate([[0], np.cumsum(np.diff(x[order]) > tolerance)])
    owner = np.concatenate([np.full(len(one.off), at) for at, one in enumerate(laid)])[order]
    off = np.zeros((group[-1] + 1, len(laid)))
    np.add.at(off, (group, owner), np.concatenate([one.off for one in laid])[order])
    return np.concatenate([on, off])


def shift(channels: Sequence[Peaks], shelves: Sequence[Sequence[Peaks]]) -> float:
    """How far the masses of a sample lie above those of the library, in m/z; 0 where it does not show.

    For each substance, pairs of peaks vote for their difference with the product of the roots of their
    heights; the difference that most of one substance agrees on is taken where it beats no shift clearly.

    Args:
        channels: spectra of the sample.
        shelves: for each of them, the library's spectra that it may be compared with.
    """
    width = min((one.tolerance for one in channels), default=NOMINAL)
    if width >= NOMINAL:
        return 0.0
    grid = np.arange(-REACH, REACH + width / 4, width / 4)
    total = np.zeros(len(grid))
    at_all = np.zeros(len(grid), np.int64)
    for query, shelf in zip(channels, shelves, strict=True):
        votes = [_votes(query, one, grid, width) for one in shelf if one.tolerance < NOMINAL]
        if votes:
            total += np.max([vote for vote, _ in votes], axis=0)
            at_all = np.maximum(at_all, np.max([count for _, count in votes], axis=0))
    centre = len(grid) // 2
    best = int(np.argmax(np.where(at_all >= PAIRS, total, 0.0) - 1e-9 * np.abs(grid)))
    near = np.abs(grid) <= width
    if at_all[best] < PAIRS or (total[best] < GAIN * total[near].max() and not near[best]):
        best = centre
    return _refined(float(grid[best]), channels, shelves, width)


def moved(one: Peaks, by: float) -> Peaks:
    """The peaks with a shift of the scale taken away."""
    return replace(one, x=one.x - by, low=one.low - by, high=one.high - by) if by else one


def _votes(query: Peaks, one: Peaks, grid: Floats, width: float) -> tuple[Floats, NDArray[np.int64]]:
    gaps, weights = _pairs(query, one, REACH + width)
    inside = np.abs(gaps[None] - grid[:, None]) <= width
    return inside @ weights, np.asarray(inside @ (weights > STRONG).astype(np.int64), np.int64)


def _pairs(query: Peaks, one: Peaks, reach: float) -> tuple[Floats, Floats]:
    """Differences in place of the strong peaks of two spectra, and the products of the roots of heights."""
    qx, qy = _strong(query)
    ox, oy = _strong(one)
    gaps = qx[:, None] - ox[None]
    weights = np.sqrt(qy)[:, None] * np.sqrt(oy)[None]
    near = np.abs(gaps) <= reach
    return gaps[near], weights[near]


def _strong(one: Peaks, most: int = 25) -> tuple[Floats, Floats]:
    top = np.argsort(-one.y)[:most]
    return one.x[top], one.y[top] / one.y.sum()


def _refined(
    near: float, channels: Sequence[Peaks], shelves: Sequence[Sequence[Peaks]], width: float
) -> float:
    """The weighted median of the differences around a shift."""
    found = [
        (gaps[close], weights[close])
        for query, shelf in zip(channels, shelves, strict=True)
        for gaps, weights in (_pairs(query, one, REACH + width) for one in shelf if one.tolerance < NOMINAL)
        if (close := np.abs(gaps - near) <= width).any()
    ]
    if not found:
        return near
    gaps, weights = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.argsort(gaps)
    total = np.cumsum(weights[order])
    return float(gaps[order][np.searchsorted(total, total[-1] / 2)])
