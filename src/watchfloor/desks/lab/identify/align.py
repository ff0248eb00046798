"""Peaks of substances laid beside those of a sample, and a scale of masses that is off put right."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from watchfloor.desks.lab.prepare import TENTHS, Peaks

Floats = NDArray[np.float64]

REACH: Final = 0.5
"""How far off, in m/z, the scale of an instrument of accurate mass is looked for."""
GAIN: Final = 1.5
"""How much better than the stated scale a shifted one must agree before it is believed."""
PAIRS: Final = 3
"""Pairs of strong peaks of one substance that must agree on a shift."""
AGREED: Final = 0.3
"""Sum of votes a channel (1 for two equal spectra) below which nothing is said about the scale."""
SLOPE: Final = 1e-4
"""What a scale may be stretched by without surprise."""
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


class Scale(NamedTuple):
    """How far masses lie above those of a library: `offset + slope * m/z`, and what it is on the whole."""

    offset: float = 0.0
    slope: float = 0.0
    mean: float = 0.0


def scale(channels: Sequence[Peaks], shelves: Sequence[Sequence[Peaks]]) -> Scale:
    """How far the masses of a sample lie above those of the library; nothing where it does not show.

    For each substance, pairs of peaks vote for their difference with the product of the roots of their
    heights; the difference that most of one substance agrees on is taken where it beats no shift clearly.
    Around it a line is laid through the pairs of the substance that agreed most, its slope held near 0.

    Args:
        channels: spectra of the sample, of accurate masses.
        shelves: for each of them, the library's spectra that it may be compared with.
    """
    width = min(one.tolerance for one in channels)
    grid = np.arange(-REACH, REACH + width / 4, width / 4)
    total, at_all = np.zeros(len(grid)), np.zeros(len(grid), np.int64)
    voted = []
    for query, shelf in zip(channels, shelves, strict=True):
        votes = [(*_votes(query, one, grid, width), one) for one in shelf if one.tolerance < TENTHS]
        if votes:
            total += np.max([vote for vote, _, _ in votes], axis=0)
            at_all = np.maximum(at_all, np.max([count for _, count, _ in votes], axis=0))
            voted.append((query, votes))
    best = int(np.argmax(np.where(at_all >= PAIRS, total, 0.0) - 1e-9 * np.abs(grid)))
    near = np.abs(grid) <= 2 * width  # so little needs no proof
    if total[best] < AGREED * len(channels):
        return Scale()
    if at_all[best] < PAIRS or (total[best] < GAIN * total[near].max() and not near[best]):
        best = len(grid) // 2
    chosen = [(query, max(votes, key=lambda one: float(one[0][best]))[2]) for query, votes in voted]
    return _line(float(grid[best]), chosen, width)


def moved(one: Peaks, by: Scale) -> Peaks:
    """The peaks with what their scale is off taken away."""
    return replace(one, x=one.x - by.offset - by.slope * one.x)


def _votes(query: Peaks, one: Peaks, grid: Floats, width: float) -> tuple[Floats, NDArray[np.int64]]:
    gaps, weights, _ = _pairs(query, one, REACH + width)
    inside = np.abs(gaps[None] - grid[:, None]) <= width
    return inside @ weights, np.asarray(inside @ (weights > STRONG).astype(np.int64), np.int64)


def _pairs(query: Peaks, one: Peaks, reach: float) -> tuple[Floats, Floats, Floats]:
    """Of pairs of strong peaks: difference, product of the roots of heights, and where they lie."""
    qx, qy = _strong(query)
    ox, oy = _strong(one)
    gaps = qx[:, None] - ox[None]
    weights = np.sqrt(qy)[:, None] * np.sqrt(oy)[None]
    near = np.abs(gaps) <= reach
    return gaps[near], weights[near], np.broadcast_to(qx[:, None], gaps.shape)[near]


def _strong(one: Peaks, most: int = 25) -> tuple[Floats, Floats]:
    top = np.argsort(-one.y)[:most]
    return one.x[top], one.y[top] / one.y.sum()


def _line(near: float, chosen: Sequence[tuple[Peaks, Peaks]], width: float) -> Scale:
    """The line through pairs around a shift: weighted least squares with a prior on its slope."""
    pairs = [_pairs(query, one, REACH + width) for query, one in chosen]
    if not pairs:
        return Scale()
    gaps, weights, x = (np.concatenate(part) for part in zip(*pairs, strict=True))
    close = np.abs(gaps - near) <= width
    if not close.any():
        return Scale()
    gaps, weights, x = gaps[close], weights[close], x[close]
    middle = float(np.average(x, weights=weights))
    mean = float(np.average(gaps, weights=weights))
    spread = float((weights * (x - middle) ** 2).sum())
    prior = (width / SLOPE) ** 2 * float(weights.max())
    slope = float((weights * (x - middle) * (gaps - mean)).sum() / (spread + prior))
    return Scale(mean - slope * middle, slope, mean)
