"""How sure shares are: a seeded bootstrap of the fit, and the least share that would have been seen."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from watchfloor.desks.lab.identify.align import Laid
from watchfloor.desks.lab.identify.fit import PART, Channel, Fit, fit

Floats = NDArray[np.float64]

DRAWS: Final = 200
COVERED: Final = 0.95
RESPONSE: Final = 0.3
"""Standard deviation of the logarithm of a substance's response from run to run; judgement."""


def intervals(
    channels: Sequence[Channel],
    laid: Sequence[Sequence[Laid | None]],
    fitted: Fit,
    seed: int = 0,
    draws: int = DRAWS,
) -> Floats:
    """The 95 % interval of each share, (j, 2).

    Each draw makes the sample anew from the fit, heights off by what they are uncertain by, and responses in
    each channel by `RESPONSE`; it weighs the channels at random (Rubin, Ann. Statist. 9 (1981) 130). Shares
    are of the signal: what is not explained is not shared out, but what lies at places where the substances
    have peaks may be theirs, so it counts for the upper end.

    Args:
        channels, laid: as `fit.fit` takes them.
        fitted: what it gave.
        seed: of the draws; the same gives the same interval.
        draws: how many.
    """
    rng = np.random.default_rng(seed)
    has = np.array([[one is not None for one in row] for row in laid])
    rest = [np.maximum(one.y - told, 0.0) for one, told in zip(channels, fitted.told, strict=True)]
    spread = PART * np.sqrt(fitted.scale)
    found = np.empty((draws, len(fitted.shares)))
    for draw in range(draws):
        made = [
            replace(one, y=_drawn(rng, told, left, spread, one.floor))
            for one, told, left in zip(channels, fitted.told, rest, strict=True)
        ]
        weight = has * rng.dirichlet(np.ones(len(channels)))[:, None]
        each = fit(made, laid).each
        each = each * np.exp(rng.normal(0.0, RESPONSE, each.shape))
        mean = (each * weight).sum(0) / np.maximum(weight.sum(0), 1e-12)
        found[draw] = mean / max(mean.sum(), 1e-12)
    tail = (1 - COVERED) / 2
    low, high = np.quantile(found, (tail, 1 - tail), axis=0)
    share = shares(fitted)
    low, high = low * fitted.explained, high * max(fitted.claimed, fitted.explained)
    return np.stack([np.minimum(low, share), np.maximum(high, share)], 1)


def shares(fitted: Fit) -> Floats:
    """The part of all signal that each substance makes, (j,): what is explained, shared out as fitted."""
    total = float(fitted.shares.sum())
    return np.asarray(fitted.shares * (fitted.explained / total if total > 0 else 0.0))


def limits(fitted: Fit, worth: float) -> Floats:
    """The least share of each substance that would have been named, (j,).

    It is where its worth reaches the threshold: without a substance a fit is worse by the square of its share
    over the share's standard error.
    """
    return np.asarray(np.minimum(fitted.errors * np.sqrt(worth * fitted.scale), 1.0))


def _drawn(rng: np.random.Generator, told: Floats, left: Floats, spread: float, floor: float) -> Floats:
    off = told * np.exp(rng.normal(0.0, spread, len(told))) + rng.normal(0.0, floor, len(told))
    made = np.maximum(off + left, 1e-3 * floor)
    return np.asarray(made / made.sum())
