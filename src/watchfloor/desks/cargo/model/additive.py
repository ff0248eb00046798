"""The additive part: log-odds as a sum of one effect for each word and pair, drawn to nought.

Ridge logistic regression with a strength for each term, which the data say (D. MacKay, Neural Computation 4,
1992): a term that tells nothing is drawn to nought with all its words, such as importers whose names say
nothing. The variance of an effect is that of its posterior with the others held (Laplace, diagonal).

Newton's method, each step by conjugate gradients divided by the diagonal (C.-J. Lin et al., Journal of
Machine Learning Research 9, 2008), in sums that no thread but this one takes part in.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from watchfloor.desks.cargo.model.inputs import Codes, Floats

START: Final = 40.0
"""Strength at first."""
ROUNDS: Final = 4
STRONGEST: Final = 1e5
STEPS: Final = 20
"""Newton steps at most; half of as many are seldom needed."""
NEAR: Final = 1e-4
"""Log-odds by which no effect moves any more."""
INNER: Final = 40
CLOSE: Final = 1e-3
"""How small what is left of a step's equations is to be, of what it was at first."""


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
    design, owner = _design(places, sizes, len(found))
    problem = _Problem(design, design.T.tocsr(), found, weight)
    mean = float(np.average(found, weights=weight))
    state = np.append(np.zeros(len(owner)), np.log(mean / (1 - mean)))
    strengths = np.full(len(sizes), START)
    variance = np.zeros(0)
    for _ in range(ROUNDS):
        drawn = strengths[owner]
        state, curved = _newton(problem, np.append(drawn, 0.0), state)
        variance = 1 / (problem.across @ curved + np.append(drawn, 0.0))[:-1]
        strengths = _strengths(state[:-1], variance, drawn, owner, len(sizes))
    ends = np.cumsum(sizes)[:-1]
    return Effects(float(state[-1]), np.split(state[:-1], ends), np.split(variance, ends), strengths)


class _Problem(NamedTuple):
    """Declarations by words, words by declarations, and what was found with what weight."""

    design: Any
    across: Any
    found: Floats
    weight: Floats


def _design(places: Sequence[Codes], sizes: Sequence[int], rows: int) -> tuple[Any, Codes]:
    """Declarations by words of all terms and a last one that all have, and which term each word is of."""
    from scipy.sparse import csr_matrix

    starts = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
    ones = np.full(rows, starts[-1])
    columns = np.column_stack([*(place + start for place, start in zip(places, starts, strict=False)), ones])
    known = np.column_stack([*(place < size for place, size in zip(places, sizes, strict=True)), ones >= 0])
    pointers = np.concatenate(([0], np.cumsum(known.sum(axis=1))))
    made = csr_matrix((np.ones(int(pointers[-1])), columns[known], pointers), (rows, int(starts[-1]) + 1))
    return made, np.repeat(np.arange(len(sizes)), sizes)


def _newton(problem: _Problem, drawn: Floats, state: Floats) -> tuple[Floats, Floats]:
    """The effects of least loss, from those given; and the curvature of each declaration there."""
    design, across, found, weight = problem
    before = _loss(problem, drawn, state)
    curved = weight
    for _ in range(STEPS):
        chance = _expit(design @ state)
        curved = weight * chance * (1 - chance)
        slope = across @ (weight * (chance - found)) + drawn * state
        step = _solved(_curvature(problem, curved, drawn), across @ curved + drawn, -slope)
        after = _loss(problem, drawn, state + step)
        while after > before and np.abs(step).max() > NEAR:
            step /= 2
            after = _loss(problem, drawn, state + step)
        state, before = state + step, after
        if np.abs(step).max() < NEAR:
            break
    return state, curved


def _expit(odds: Floats) -> Floats:
    from scipy.special import expit

    return np.asarray(expit(odds))


def _loss(problem: _Problem, drawn: Floats, state: Floats) -> float:
    odds = problem.design @ state
    miss = problem.weight * (np.logaddexp(0, odds) - problem.found * odds)
    return float(miss.sum() + (drawn * state**2).sum() / 2)


def _curvature(problem: _Problem, curved: Floats, drawn: Floats) -> Callable[[Floats], Floats]:
    return lambda step: np.asarray(problem.across @ (curved * (problem.design @ step)) + drawn * step)


def _solved(times: Callable[[Floats], Floats], diagonal: Floats, right: Floats) -> Floats:
    """What `times` makes `right` of, nearly."""
    made, left = np.zeros(len(right)), right
    along = near = left / diagonal
    size = first = float((left * near).sum())
    for _ in range(INNER):
        if size <= CLOSE**2 * first or not size:
            break
        moved = times(along)
        far = size / float((along * moved).sum())
        made, left = made + far * along, left - far * moved
        near = left / diagonal
        size, before = float((left * near).sum()), size
        along = near + size / before * along
    return made


def _strengths(effects: Floats, variance: Floats, drawn: Floats, owner: Codes, terms: int) -> Floats:
    """Strengths under which the effects are as large as they would be expected to be."""
    determined = np.bincount(owner, 1 - drawn * variance, terms)
    size = np.bincount(owner, effects**2, terms)
    return np.clip(determined / np.maximum(size, 1e-12), 1.0, STRONGEST)
