"""Shares of substances in a sample: non-negative least squares over all its spectra at once.

In each channel (a spectrum of the sample, at one voltage or of one technique) heights are a sum of the
substances' own, `y = A c`, `c >= 0` (Lawson & Hanson, Solving Least Squares Problems, 1974, ch. 23). How much
of the signal a substance makes differs between channels, but not without limit: its share in each is tied to
one share common to all. So what looks alike at one voltage is told apart by another.

A height is uncertain by a floor and by a part of itself, as library and sample were not measured alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.desks.lab.identify.align import Laid, stacked

Floats = NDArray[np.float64]

PART: Final = 0.2
"""What heights of one substance differ by between two measurements, as a part of them (judgement)."""
TIE: Final = 0.7
"""What a substance's share differs by between channels, as a part of it (judgement)."""
LEAST: Final = 0.003
"""What any share may differ by, as a part of all signal."""
MEDIAN: Final = 0.455
"""Of chi-squared with one degree of freedom."""
ROUNDS: Final = 6
"""Of weights and ties; shares hardly change after four."""


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """One spectrum of a sample for the fit: its heights with the sum 1, the noise of one, the tolerance."""

    y: Floats
    floor: float
    tolerance: float


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A fit of some substances.

    Attributes:
        shares: of the signal, over all channels, (j,).
        each: shares in each channel, (v, j).
        loss: squared deviations in units of their uncertainty, ties included.
        errors: standard error of each share, (j,).
        explained: the part of the signal that the substances account for, 0 to 1.
        claimed: all but the part of the signal that stands above noise where they have no peak, 0 to 1.
        scale: how many times as uncertain heights prove to be as was assumed, squared; at least 1.
        told: the heights that each channel would have, at the sample's own peaks.
    """

    shares: Floats
    each: Floats
    loss: float
    errors: Floats
    explained: float
    claimed: float
    scale: float
    told: tuple[Floats, ...]


def fit(channels: Sequence[Channel], laid: Sequence[Sequence[Laid | None]]) -> Fit:
    """Fit substances to a sample.

    Args:
        channels: v spectra of the sample.
        laid: for each channel, each of j substances laid beside it; None where the library has no spectrum
            of it that can be compared.
    """
    count = len(laid[0])
    if not count:
        loss = sum(_loss(_residuals(one, one.y, np.zeros_like(one.y))) for one in channels)
        told = tuple(np.zeros_like(one.y) for one in channels)
        return Fit(np.zeros(0), np.zeros((len(channels), 0)), loss, np.zeros(0), 0.0, 0.0, 1.0, told)
    parts = [
        (_heights(one, matrix), matrix, np.array([x is not None for x in row]))
        for one, row in zip(channels, laid, strict=True)
        for matrix in [_matrix(one, row)]
    ]
    each = np.stack([_first(matrix, y, one) for one, (y, matrix, _) in zip(channels, parts, strict=True)])
    has = np.stack([there for _, _, there in parts])
    shares = _common(each, has, np.ones_like(each))
    for _ in range(ROUNDS):
        tie = 1.0 / (TIE * shares + LEAST)
        solved = [
            _solve(one, y, matrix, c, shares, tie * there)
            for one, (y, matrix, there), c in zip(channels, parts, each, strict=True)
        ]
        each = np.stack([c for c, _ in solved])
        shares = _common(each, has, np.stack([known for _, known in solved]))
    tie = 1.0 / (TIE * shares + LEAST)
    heights = [matrix @ c for (_, matrix, _), c in zip(parts, each, strict=True)]
    off = [_residuals(one, y, t) for one, (y, _, _), t in zip(channels, parts, heights, strict=True)]
    ties = sum(
        float((((c - shares) * tie * there) ** 2).sum()) for (_, _, there), c in zip(parts, each, strict=True)
    )
    known = np.stack([known for _, known in solved])
    own = [t[: len(one.y)] for one, t in zip(channels, heights, strict=True)]
    explained = [np.minimum(one.y, t * (1 + PART)).sum() for one, t in zip(channels, own, strict=True)]
    claimed = np.concatenate([r[t > 2 * one.floor] for one, r, t in zip(channels, off, heights, strict=True)])
    return Fit(
        shares,
        each,
        sum(_loss(r) for r in off) + ties,
        1.0 / np.sqrt(np.maximum((known * has).sum(0), 1e-12)),
        float(np.mean(explained)),
        float(np.mean([1.0 - _foreign(one, t) for one, t in zip(channels, own, strict=True)])),
        max(1.0, float(np.median(claimed**2)) / MEDIAN) if len(claimed) else 1.0,
        tuple(own),
    )


def _foreign(one: Channel, told: Floats) -> float:
    return float(one.y[(told <= 0.1 * one.floor) & (one.y > 3 * one.floor)].sum())


def _matrix(one: Channel, row: Sequence[Laid | None]) -> Floats:
    nothing = Laid(np.zeros(len(one.y)), np.zeros(0), np.zeros(0))
    return stacked([x or nothing for x in row], one.tolerance)


def _heights(one: Channel, matrix: Floats) -> Floats:
    return np.concatenate([one.y, np.zeros(len(matrix) - len(one.y))])


def _first(matrix: Floats, y: Floats, one: Channel) -> Floats:
    from scipy.optimize import nnls

    weight = 1.0 / np.hypot(one.floor, PART * y)
    return np.asarray(nnls(matrix * weight[:, None], y * weight)[0])


def _solve(
    one: Channel, y: Floats, matrix: Floats, c: Floats, shares: Floats, tie: Floats
) -> tuple[Floats, Floats]:
    """New shares in a channel, and how much it knows of each by itself (inverse variance)."""
    from scipy.optimize import nnls

    weight = 1.0 / np.hypot(one.floor, PART * np.maximum(y, matrix @ c))
    rows = np.concatenate([matrix * weight[:, None], np.diag(tie)])
    found = np.asarray(nnls(rows, np.concatenate([y * weight, tie * shares]))[0])
    normal = (matrix * weight[:, None]).T @ (matrix * weight[:, None])
    spread = np.linalg.inv(normal + 1e-6 * np.eye(len(c)))
    return found, 1.0 / np.maximum(np.diag(spread), 1e-12)


def _common(each: Floats, has: NDArray[np.bool_], known: Floats) -> Floats:
    """The mean of each share over channels, as of a quantity that itself differs between them.

    Each weighs the inverse of what it is uncertain by plus what it differs by (DerSimonian & Laird, Control.
    Clin. Trials 7 (1986) 177), so that a channel in which two substances look alike says little.
    """
    shares: Floats = np.divide((each * has).sum(0), has.sum(0), out=np.zeros(each.shape[1]), where=has.any(0))
    for _ in range(2):
        weight = np.where(has, 1.0 / (1.0 / known + (TIE * shares + LEAST) ** 2), 0.0)
        total = weight.sum(0)
        shares = np.divide((each * weight).sum(0), total, out=np.zeros(each.shape[1]), where=total > 0)
    return shares


def _residuals(one: Channel, y: Floats, told: Floats) -> Floats:
    return np.asarray((y - told) / np.hypot(one.floor, PART * np.maximum(y, told)))


def _loss(residuals: Floats) -> float:
    return float((residuals**2).sum())
