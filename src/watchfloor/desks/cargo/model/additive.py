"""The additive part: log-odds as a sum of one effect for each word and pair, drawn to nought.

Ridge logistic regression with a strength for each term, which the data say (D. MacKay, Neural Computation 4,
1992): a term that tells nothing is drawn to nought with all its words, such as importers whose names say
nothing. The variance of an effect is that of its posterior with the others held (Laplace, diagonal).
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from watchfloor.desks.cargo.model.inputs import Codes, Floats

START: Final = 40.0
"""Strength at first."""
ROUNDS: Final = 4
STRONGEST: Final = 1e5


class Effects(NamedTuple):
    """The intercept, and for each term the effects of its words, their variances, and its strength."""

    intercept: float
    effects: list[Floats]
    variances: list[Floats]
    strengths: Floats


def fitted(places: Sequence[Codes], sizes: Sequence[int], found: Floats, weight: Floats) -> Effects:
    """Fit effects.

    Args:
        places: for each term, the word of each declaration; `sizes` of it is the unknown one.
        sizes: words that each term tells apart.
        found: 1 or 0.
        weight: of each declaration.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    design, owner = _design(places, sizes, len(found))
    across = design.T.tocsr()
    mean = float(np.average(found, weights=weight))
    state = np.append(np.log(mean / (1 - mean)), np.zeros(design.shape[1]))
    strengths = np.full(len(sizes), START)
    for _ in range(ROUNDS):
        drawn = strengths[owner]

        def loss(state: Floats, drawn: Floats = drawn) -> tuple[float, Floats]:
            odds = design @ state[1:] + state[0]
            miss = weight * (expit(odds) - found)
            value = (weight * (np.logaddexp(0, odds) - found * odds)).sum() + (
                drawn * state[1:] ** 2
            ).sum() / 2
            return float(value), np.append(miss.sum(), across @ miss + drawn * state[1:])

        state = minimize(loss, state, jac=True, method="L-BFGS-B", options={"maxiter": 80}).x
        chance = expit(design @ state[1:] + state[0])
        variance = 1 / (across @ (weight * chance * (1 - chance)) + drawn)
        strengths = _strengths(state[1:], variance, drawn, owner, len(sizes))
    ends = np.cumsum(sizes)[:-1]
    return Effects(float(state[0]), np.split(state[1:], ends), np.split(variance, ends), strengths)


def _design(places: Sequence[Codes], sizes: Sequence[int], rows: int) -> tuple[Any, Codes]:
    """Declarations by words of all terms, 1 where one has it, and which term each word is of."""
    from scipy.sparse import csr_matrix

    if not len(sizes):
        return csr_matrix((rows, 0)), np.zeros(0, np.int64)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    columns = np.column_stack([place + start for place, start in zip(places, starts, strict=False)])
    known = np.column_stack([place < size for place, size in zip(places, sizes, strict=True)])
    pointers = np.concatenate(([0], np.cumsum(known.sum(axis=1))))
    shape = rows, int(starts[-1])
    return csr_matrix((np.ones(int(pointers[-1])), columns[known], pointers), shape), np.repeat(
        np.arange(len(sizes)), sizes
    )


def _strengths(effects: Floats, variance: Floats, drawn: Floats, owner: Codes, terms: int) -> Floats:
    """Strengths under which the effects are as large as they would be expected to be."""
    determined = np.bincount(owner, 1 - drawn * variance, terms)
    size = np.bincount(owner, effects**2, terms)
    return np.clip(determined / np.maximum(size, 1e-12), 1.0, STRONGEST)
