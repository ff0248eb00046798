"""How far a small count, a share of events or a change of two counts may lie from what was counted.

A census has no sampling error: what was counted was counted. An interval says between which values the same
conditions might have led to on another occasion. The exact ones take events to be independent of each other:
one family that crosses together is several encounters and one event, so for people they are the least that
the doubt can be, never the most. Where months are at hand their scatter says how many independent events a
count is worth, and the exact interval is taken of those (Korn and Graubard, Survey Methodology 24 (1998), do
so for samples of clusters). A share of weight has no sampling error at all, because every seizure is
weighed; what is told instead is how much one cell carries, and what the share might have been had seizures
come out otherwise.
"""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import betainccinv, betaincinv, expit, gammainccinv, gammaincinv

from watchfloor.core.messages import declare, reason
from watchfloor.scorecard.bilingual import Text, fill
from watchfloor.scorecard.findings import Interval
from watchfloor.scorecard.problems import WrongQuestion

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

LEVEL: Final = 0.95
DRAWS: Final = 8000
_CHUNK: Final = 250

NOT_COUNTS: Final = declare("scorecard.interval-not-counts", "part", "whole")
NEGATIVE: Final = declare("scorecard.interval-negative", "value")
NOTHING: Final = declare("scorecard.interval-nothing")
NO_WEIGHT: Final = declare("scorecard.interval-no-weight")
POISSON: Final = declare("scorecard.method-poisson")
CLOPPER: Final = declare("scorecard.method-clopper")
CONDITIONAL: Final = declare("scorecard.method-conditional")
BOOTSTRAP: Final = declare("scorecard.method-bootstrap")
SCATTERED: Final = declare("scorecard.method-scattered")
BY_SCATTER: Final = " by scatter"
"""Ends the name of a method whose counts were divided by their dispersion."""
METHODS: Final[dict[str, Text]] = {
    "Garwood": fill(POISSON),
    "Garwood by scatter": fill(SCATTERED),
    "Clopper–Pearson": fill(CLOPPER),
    "Clopper–Pearson by scatter": fill(SCATTERED),
    "exact conditional": fill(CONDITIONAL),
    "exact conditional by scatter": fill(SCATTERED),
    "bootstrap over cells": fill(BOOTSTRAP),
}
"""What each value of `Interval.method` means, in words."""


class LeftOut(NamedTuple):
    """A share without its largest cell.

    Attributes:
        share: with it.
        without: once that cell is taken out of the part and of the whole.
        cell: index of that cell.
        carries: its share of the part.
    """

    share: float
    without: float
    cell: int
    carries: float


def count_interval(count: int, level: float = LEVEL, scatter: float | None = None) -> Interval:
    """Of the mean of a Poisson count. Garwood, Biometrika 28 (1936); see `ratio_interval` for `scatter`.

    Raises:
        WrongQuestion: for what is no count.
    """
    _count(count)
    tail, each = (1 - level) / 2, scatter or 1.0
    worth = count / each
    low = 0.0 if count == 0 else float(gammaincinv(worth, tail))
    ends = (each * low, each * float(gammainccinv(worth + 1, tail)))
    return _interval(ends, level, "Garwood", scatter)


def share_interval(part: int, whole: int, level: float = LEVEL, scatter: float | None = None) -> Interval:
    """Of a share of events. Clopper and Pearson, Biometrika 26 (1934); see `ratio_interval` for `scatter`.

    Raises:
        WrongQuestion: for what is no share of a count.
    """
    if not (_whole(part) and _whole(whole) and 0 <= part <= whole and whole > 0):
        raise WrongQuestion(reason(NOT_COUNTS, part=part, whole=whole))
    return _interval(_clopper(part, whole, level, scatter), level, "Clopper–Pearson", scatter)


def ratio_interval(
    before: int,
    after: int,
    level: float = LEVEL,
    exposure: tuple[float, float] = (1.0, 1.0),
    scatter: float | None = None,
) -> Interval:
    """Of the ratio of the means of two Poisson counts, after to before, given their sum.

    Przyborowski and Wilenski, Biometrika 31 (1940). The upper end is infinite where `before` is zero.

    Args:
        before: a count.
        after: a count.
        level: of confidence.
        exposure: days, or whatever else each was counted over.
        scatter: variance of such counts over that of independent events, one or more; see `scatter`. None
            where it is not known: the interval is then the least that the doubt can be.

    Raises:
        WrongQuestion: for what is no count, and where both are zero.
    """
    _count(before)
    _count(after)
    if before + after == 0:
        raise WrongQuestion(reason(NOTHING))
    scale = exposure[0] / exposure[1]
    low, high = (_odds(p) * scale for p in _clopper(after, before + after, level, scatter))
    return _interval((low, high), level, "exact conditional", scatter)


def change_interval(
    before: int,
    after: int,
    level: float = LEVEL,
    exposure: tuple[float, float] = (1.0, 1.0),
    scatter: float | None = None,
) -> Interval:
    """Of the change from one count to another as part of one; a fall is positive. See `ratio_interval`."""
    ratio = ratio_interval(before, after, level, exposure, scatter)
    return Interval(1 - ratio.high, 1 - ratio.low, level, ratio.method, ratio.scatter)


def left_out(weights: Floats, ours: Bools) -> LeftOut:
    """The share of `ours` in all weight, with and without the heaviest cell of ours.

    Args:
        weights: of cells (n,), such as sector and month, not below zero.
        ours: which of them are in the part (n,).

    Raises:
        WrongQuestion: where nothing is left to divide by.
    """
    part, whole = float(weights[ours].sum()), float(weights.sum())
    if part <= 0:
        raise WrongQuestion(reason(NO_WEIGHT))
    cell = int(np.argmax(np.where(ours, weights, -1.0)))
    heaviest = float(weights[cell])
    if whole <= heaviest:
        raise WrongQuestion(reason(NO_WEIGHT))
    return LeftOut(part / whole, (part - heaviest) / (whole - heaviest), cell, heaviest / part)


def otherwise(
    weights: Floats, ours: Bools, level: float = LEVEL, *, draws: int = DRAWS, seed: int = 0
) -> Interval:
    """The share of `ours` had seizures come out otherwise: cells drawn again with replacement.

    The logarithm of the odds is studentized in every draw (Efron's bootstrap-t), which reaches further up
    than percentiles do where a few cells carry the part. It is a range of luck, not an error of measurement,
    and says nothing of what was not seized. It is still too narrow above: no draw can hold a seizure larger
    than any that was made. The same cells give the same ends, in whatever order and however
    many of nothing are among them.

    Raises:
        WrongQuestion: where the cells weigh nothing.
    """
    if float(weights.sum()) <= 0:
        raise WrongQuestion(reason(NO_WEIGHT))
    order = np.lexsort((weights, ours))
    order = order[weights[order] > 0]
    weights, ours = weights[order], ours[order]
    part, rest = np.where(ours, weights, 0.0), np.where(ours, 0.0, weights)
    if part.sum() == 0 or rest.sum() == 0:
        share = float(part.sum() > 0)
        return Interval(share, share, level, "bootstrap over cells")
    return _bootstrap(weights.tobytes(), ours.tobytes(), level, draws, seed)


@lru_cache(maxsize=256)
def _bootstrap(weights_of: bytes, ours_of: bytes, level: float, draws: int, seed: int) -> Interval:
    """Return the interval of `otherwise` for sorted cells.

    It is remembered by content. A page compares its day with that of the week before, and is made again with
    everything that comes to the floor, while published numbers change once a month. The array objects differ
    every time, so the key is their bytes: a hit says only that somebody saw the same numbers.
    """
    weights, ours = np.frombuffer(weights_of), np.frombuffer(ours_of, dtype=np.bool_)
    part, rest = np.where(ours, weights, 0.0), np.where(ours, 0.0, weights)
    rng, count = np.random.default_rng(seed), len(weights)
    even = np.full(count, 1 / count)
    drawn = [
        _log_odds(rng.multinomial(count, even, min(_CHUNK, draws - at)), part, rest)
        for at in range(0, draws, _CHUNK)
    ]
    odds, errors = np.concatenate(drawn, axis=1)
    (centre,), (error,) = _log_odds(np.ones((1, count), dtype=np.int64), part, rest)
    tail = (1 - level) / 2
    known = errors > 0
    above, below = np.quantile((odds[known] - centre) / errors[known], [1 - tail, tail])
    low, high = (float(expit(centre - reach * error)) for reach in (above, below))
    return Interval(low, high, level, "bootstrap over cells")


def _log_odds(times: npt.NDArray[np.int64], part: Floats, rest: Floats) -> Floats:
    """Logarithms of part over rest and their standard errors (2, draws), each cell counted so many times;
    draws in which either is nothing are left out."""
    sums = times @ np.column_stack([part, rest])
    kept = (sums > 0).all(axis=1)
    times, sums = times[kept], sums[kept]
    apart = part / sums[:, :1] - rest / sums[:, 1:]
    return np.array([np.log(sums[:, 0] / sums[:, 1]), np.sqrt((times * apart**2).sum(axis=1))])


def _clopper(part: int, whole: int, level: float, scatter: float | None) -> tuple[float, float]:
    """Of as many events as the counts are worth."""
    tail = (1 - level) / 2
    ours, rest = part / (scatter or 1.0), (whole - part) / (scatter or 1.0)
    low = 0.0 if part == 0 else float(betaincinv(ours, rest + 1, tail))
    high = 1.0 if part == whole else float(betainccinv(ours + 1, rest, tail))
    return low, high


def _interval(ends: tuple[float, float], level: float, method: str, scatter: float | None) -> Interval:
    return Interval(*ends, level, method if scatter is None else method + BY_SCATTER, scatter)


def _odds(p: float) -> float:
    return p / (1 - p) if p < 1 else float("inf")


def _count(value: int) -> None:
    if not _whole(value) or value < 0:
        raise WrongQuestion(reason(NEGATIVE, value=value))


def _whole(value: float) -> bool:
    return value == int(value) if np.isfinite(value) else False
