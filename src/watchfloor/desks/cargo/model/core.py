"""The two halves of a model, learned and applied: effects of words, and trees over numbers.

The log-odds of a declaration are the mean of both halves', as `fitting` then calibrates them. Trees are not
told of countries, nor of terms that told the additive half nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from watchfloor.desks import boosted_trees
from watchfloor.desks.cargo.model import statistics, trees
from watchfloor.desks.cargo.model.inputs import Codes, Floats, ModelInputs
from watchfloor.desks.cargo.model.terms import (
    Cut,
    Term,
    Vocabulary,
    combined,
    cuts,
    dense,
    numbered,
    places,
    planned,
    stored,
    told_apart,
    vocabularies,
)

# The additive part: log-odds as a sum of one effect for each word and pair, drawn to nought.
#
# Ridge logistic regression with a strength for each term, which the data say (D. MacKay, Neural Computation
# 4, 1992): a term that tells nothing is drawn to nought with all its words, such as importers whose names say
# nothing. The variance of an effect is that of its posterior with the others held (Laplace, diagonal).
#
# Newton's method, each step by conjugate gradients divided by the diagonal (C.-J. Lin et al., Journal of
# Machine Learning Research 9, 2008), in sums that no thread but this one takes part in.


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
    """Return nearly that of which `times` makes `right`."""
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


TELLS: Final = 0.08
"""Size of effects, in log-odds, from which trees are told of a term."""
SAYS: Final = 0.03
"""Size of effects below which a term is left out: it says nothing."""
PLAIN: Final = ("value", "mass", "unit", "rate", "value digits", "mass digits")
PEERS: Final = tuple(
    (number, heading) for heading in ("hs2", "hs4", "hs6") for number in ("value", "mass", "unit")
)
"""Numbers that are told less their median with the same heading."""


class Core(msgspec.Struct, frozen=True, dict=True):
    """A model that was learned.

    Attributes:
        words: that are told apart, by sort.
        edges: where numbers are cut.
        terms: of the additive half.
        intercept: of the additive half.
        told: names of terms that trees are told of.
        medians: of `PEERS`.
        booster: trees as LightGBM's text.
    """

    words: dict[str, Vocabulary]
    edges: dict[str, Cut]
    terms: tuple[Term, ...]
    intercept: float
    told: tuple[str, ...]
    medians: tuple[bytes, ...]
    booster: str

    @cached_property
    def trees(self) -> boosted_trees.BoostedTrees:
        """The trees. Raises `TreesError` where their text is malformed."""
        return boosted_trees.read(self.booster)

    @cached_property
    def tables(self) -> list["Tables"]:
        """Return each term as arrays."""
        return [_tables(term) for term in self.terms]

    @cached_property
    def middles(self) -> list[Floats]:
        """Medians of `PEERS`, as arrays."""
        return [np.frombuffer(one, "<f4").astype(np.float64) for one in self.medians]


class Tables(NamedTuple):
    """Arrays of a term; each but the keys has one more, of what is unknown. `dense` finds keys at once."""

    keys: Codes
    dense: npt.NDArray[np.int32] | None
    effect: Floats
    variance: Floats
    rate: Floats

    def places(self, keys: Codes) -> Codes:
        """Where keys stand in the arrays."""
        if self.dense is None:
            return places(keys, self.keys)
        return self.dense[np.minimum(keys, len(self.dense) - 1)].astype(np.int64)


def _tables(term: Term) -> Tables:
    keys = np.frombuffer(term.keys, "<i8")
    numbers = (
        np.frombuffer(one, "<f4").astype(np.float64) for one in (term.effect, term.variance, term.rate)
    )
    return Tables(keys, dense(keys), *numbers)


class Applied(NamedTuple):
    """Log-odds of both halves, and what they are made of.

    Attributes:
        terms: effects of each term, a row a term.
        variance: of the sum of effects.
        values: inputs of the trees.
        trees: log-odds of the trees.
    """

    terms: list[Floats]
    variance: Floats
    values: boosted_trees.Inputs
    trees: Floats


def learned(
    seen: ModelInputs, group: Codes, rows: Codes, found: Floats, weight: Floats, routes: bool, seed: int
) -> Core:
    """Learn from the examined rows; words and medians are those of all declarations.

    Args:
        seen: all declarations.
        group: which are of the same goods.
        rows: those that were examined.
        found: 1 or 0 for each of `rows`.
        weight: of each of `rows`.
        routes: whether terms of countries are told apart.
        seed: of what is drawn.
    """
    edges, words = cuts(seen), vocabularies(seen, group)
    coded = numbered(seen, words, edges)
    plan = [
        _planned(of, country, combined(of, coded)[rows], group[rows])
        for of, country in planned(coded, routes)
    ]
    plan = [one for one in plan if len(one.known) > 1]
    said = fitted([one.places for one in plan], [len(one.known) for one in plan], found, weight)
    mean, fold = float(np.average(found, weights=weight)), statistics.folds(group[rows], seed)
    terms, told, columns = [], [], []
    for number, one in enumerate(plan):
        size = 1 / np.sqrt(said.strengths[number])
        if size < SAYS:
            continue
        terms.append(_term(one, said, number, found, weight, mean))
        if not one.country and size > TELLS:
            told.append(terms[-1].name)
            columns.append(statistics.shares_of_others(one.places, len(one.known), found, weight, fold, mean))
    middles = [_medians(seen, coded, group, number, heading) for number, heading in PEERS]
    values = trees.encode([*(column[rows] for column in _plain(seen, coded, middles)), *columns])
    grown = trees.grow(values, found, weight, seed)
    return Core(
        words,
        edges,
        tuple(terms),
        said.intercept,
        tuple(told),
        tuple(map(stored, middles)),
        grown,
    )


class _Planned(NamedTuple):
    """A term before it is learned: keys that are told apart, and the place of each declaration's."""

    of: tuple[str, ...]
    country: bool
    known: Codes
    places: Codes


def _planned(of: tuple[str, ...], country: bool, keys: Codes, group: Codes) -> _Planned:
    known = told_apart(keys, group)
    return _Planned(of, country, known, places(keys, known))


def _term(one: _Planned, said: Effects, number: int, found: Floats, weight: Floats, mean: float) -> Term:
    return Term(
        one.of,
        stored(one.known),
        stored(np.append(said.effects[number], 0.0)),
        stored(np.append(said.variances[number], 1 / said.strengths[number])),
        stored(statistics.shares(one.places, len(one.known), found, weight, mean)),
        one.country,
    )


def _medians(
    seen: ModelInputs, coded: Mapping[str, tuple[Codes, int]], group: Codes, number: str, heading: str
) -> Floats:
    """Medians over sorts of goods, so that what is declared again and again counts once."""
    _, first = np.unique(group, return_index=True)
    codes, many = coded[heading]
    return statistics.medians(seen.numbers[number][first], codes[first], many - 1)


def _plain(
    seen: ModelInputs, coded: Mapping[str, tuple[Codes, int]], middles: Sequence[Floats]
) -> list[Floats]:
    peers = [
        seen.numbers[number] - middle[coded[heading][0]]
        for (number, heading), middle in zip(PEERS, middles, strict=True)
    ]
    return [*(seen.numbers[name] for name in PLAIN), *peers]


def applied(core: Core, seen: ModelInputs) -> Applied:
    """Apply what was learned to declarations."""
    coded = numbered(seen, core.words, core.edges)
    rows = len(seen.numbers["value"])
    effects, variance, shares, told = [], np.zeros(rows), [], set(core.told)
    for term, table in zip(core.terms, core.tables, strict=True):
        place = table.places(combined(term.of, coded))
        effects.append(table.effect[place])
        variance += table.variance[place]
        if term.name in told:
            shares.append(table.rate[place])
    values = trees.encode([*_plain(seen, coded, core.middles), *shares])
    return Applied(effects, variance, values, core.trees.odds(values))
