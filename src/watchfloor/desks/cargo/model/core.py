"""The two halves of a model, learned and applied: effects of words, and trees over numbers.

The log-odds of a declaration are the mean of both halves', as `fitting` then calibrates them. Trees are not
told of countries, nor of terms that told the additive half nothing.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from watchfloor.desks import boosted_trees
from watchfloor.desks.cargo.model import additive, statistics, trees
from watchfloor.desks.cargo.model.inputs import Codes, Floats, Seen
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
    """What was learned.

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
        """What was learned of each term, as arrays."""
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
    seen: Seen, group: Codes, rows: Codes, found: Floats, weight: Floats, routes: bool, seed: int
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
    said = additive.fitted([one.places for one in plan], [len(one.known) for one in plan], found, weight)
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


def _term(
    one: _Planned, said: additive.Effects, number: int, found: Floats, weight: Floats, mean: float
) -> Term:
    return Term(
        one.of,
        stored(one.known),
        stored(np.append(said.effects[number], 0.0)),
        stored(np.append(said.variances[number], 1 / said.strengths[number])),
        stored(statistics.shares(one.places, len(one.known), found, weight, mean)),
        one.country,
    )


def _medians(
    seen: Seen, coded: Mapping[str, tuple[Codes, int]], group: Codes, number: str, heading: str
) -> Floats:
    """Medians over sorts of goods, so that what is declared again and again counts once."""
    _, first = np.unique(group, return_index=True)
    codes, many = coded[heading]
    return statistics.medians(seen.numbers[number][first], codes[first], many - 1)


def _plain(seen: Seen, coded: Mapping[str, tuple[Codes, int]], middles: Sequence[Floats]) -> list[Floats]:
    peers = [
        seen.numbers[number] - middle[coded[heading][0]]
        for (number, heading), middle in zip(PEERS, middles, strict=True)
    ]
    return [*(seen.numbers[name] for name in PLAIN), *peers]


def applied(core: Core, seen: Seen) -> Applied:
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
