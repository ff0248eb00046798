"""How good a queue is: order, calibration, and what the top holds."""

from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata

from benchmarks.cell.draw import PRIOR

TOP = 200


class Measured(NamedTuple):
    """Area under the curve, Brier score, share true of the first 200, expected calibration error.

    The last three of a score that is no probability are NaN, but for the share of the first 200.
    """

    auc: float
    brier: float
    top: float
    ece: float


def measure(truth: np.ndarray, bits: np.ndarray, is_probability: bool = True) -> Measured:
    p = 1 / (1 + np.exp2(-(bits + np.log2(PRIOR / (1 - PRIOR)))))
    brier = float(np.mean((p - truth) ** 2)) if is_probability else np.nan
    return Measured(auc(truth, bits), brier, top(truth, bits), ece(truth, p) if is_probability else np.nan)


def auc(truth: np.ndarray, score: np.ndarray) -> float:
    """How often a true subject is ranked above a false one; ties count half."""
    positives = int(truth.sum())
    ranks = rankdata(score)[truth].sum() - positives * (positives + 1) / 2
    return float(ranks / (positives * (len(truth) - positives)))


def top(truth: np.ndarray, score: np.ndarray) -> float:
    """Share true of the first `TOP`, the mean over all orders of ties."""
    bound = np.sort(score)[-TOP]
    above, tied = score > bound, score == bound
    return float((truth[above].sum() + (TOP - above.sum()) * truth[tied].mean()) / TOP)


def ece(truth: np.ndarray, p: np.ndarray) -> float:
    """Expected calibration error over ten equal bins."""
    place = np.minimum((p * 10).astype(int), 9)
    gaps = np.bincount(place, p - truth, 10)
    return float(np.abs(gaps).sum() / len(p))
