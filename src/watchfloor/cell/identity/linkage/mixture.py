"""The model: three kinds of pairs, fitted on the pairs themselves by expectation maximisation.

A pair of rows is of one person, of two people of one household, or of two strangers. Given its kind, the
comparisons are independent (Fellegi and Sunter 1969). Strangers' levels are counted on pairs drawn at random,
and a value that both have is as likely among strangers as it is common. People of a household share name,
address and telephone for one reason: without a kind of their own a model takes families for persons, which
is the dependence between fields that matters most. m of each level, and the kinds' shares, are fitted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.cell.identity.linkage.comparisons import LEVELS, SHARED, Comparison
from watchfloor.core.kernels import kernel

Array = npt.NDArray[Any]

MOST: Final = max(map(len, LEVELS.values()))

FIRST: Final = {
    "given": (0.018, 0.01, 0.02, 0.03, 0.04, 0.88, 0.002),
    "family": (0.028, 0.005, 0.01, 0.025, 0.03, 0.90, 0.002),
    "middle": (0.03, 0.85, 0.12),
    "birth": (0.01, 0.005, 0.01, 0.015, 0.03, 0.01, 0.88, 0.02, 0.003, 0.015, 0.002),
    "address": (0.38, 0.02, 0.03, 0.02, 0.55, 0.0),
    "place": (0.2, 0.8),
    "national_id": (0.02, 0.02, 0.96),
    "document": (0.2, 0.02, 0.78),
    "phone": (0.3, 0.02, 0.68),
    "email": (0.3, 0.02, 0.68),
    "employer": (0.5, 0.5),
}
"""m of each level before anything was fitted, and what the fit is held to with `HELD` pairs."""

HELD: Final = 20.0

ONE_HOUSEHOLD: Final = {
    "family": (0.2, 0.0, 0.03, 0.02, 0.03, 0.72, 0.0),
    "address": (0.1, 0.05, 0.05, 0.05, 0.75, 0.0),
}
"""The same among people of one household, for what they share."""

COPIED: Final = 0.012
"""Share of people of one household who have the same given name, birth date or number: twins, a father's
name, a line copied from the row above. A first guess: the pairs
tell, between `LEAST` and `GREATEST`. Judgement: one birth in 31 is of twins in Canada (Statistics Canada,
table 13-10-0428), among siblings at home one pair in about 80."""

LEAST: Final = 0.002
GREATEST: Final = 0.03

LIVING: Final = 0.6
"""Pairs of two people of one household for each pair of one person, at least: who turns up in two tables
lives with others who do. Where no address is compared the pairs alone do not tell them from strangers."""

TWICE: Final = 0.0005
"""Share of those of them who have a second of these in common."""

ROUNDS: Final = 40
CLOSE: Final = 1e-4

TINY: Final = 1e-6
"""Chance below which a pair plays no part in the fit after its first round."""


@dataclass(slots=True)
class Model:
    """Shares of the kinds of pairs, and chances of levels by comparison.

    Attributes:
        shares: `[group, 2]`, of all pairs of rows of a group: one person, one household; the rest are
            strangers. A group is the pairs of two tables, or those within one.
        m, household, u: `[comparison, level]`.
        rounds: of the fit.
    """

    shares: Array
    m: Array
    household: Array
    u: Array
    rounds: int = 0


@dataclass(slots=True)
class Scores:
    """Of each pair: chance that it is of one person, the log2-odds of it, and the chance of one household."""

    probability: npt.NDArray[np.float64]
    bits: npt.NDArray[np.float64]
    household: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs that are looked at, as numbers: `[pair, comparison]` and the group of each.

    Attributes:
        levels, chance: see `Comparison`.
        group: of each pair.
        universe: number of all pairs of rows in each group.
        what: names of the comparisons.
    """

    levels: Array
    chance: Array
    group: Array
    universe: Array
    what: tuple[str, ...]

    @classmethod
    def beside(cls, found: Sequence[Comparison], group: Array, universe: Array) -> "Pairs":
        """Put comparisons side by side."""
        levels = np.stack([one.levels for one in found], axis=1)
        chance = np.stack([one.chance for one in found], axis=1)
        return cls(levels, chance, group, universe, tuple(one.what for one in found))

    def __getitem__(self, rows: Array) -> "Pairs":
        return Pairs(self.levels[rows], self.chance[rows], self.group[rows], self.universe, self.what)


def chances(sampled: Sequence[Comparison]) -> Array:
    """Return how often strangers are on each level, from pairs drawn at random."""
    u = np.ones((len(sampled), MOST))
    for at, one in enumerate(sampled):
        size = len(LEVELS[one.what])
        counts = np.bincount(one.levels[one.levels >= 0], minlength=size)[:size] + 0.3
        u[at, :size] = counts / counts.sum()
    return u


def fit(pairs: Pairs, u: Array, expected: Array, say: Callable[[str], object] = lambda _: None) -> Model:
    """Fit the model to pairs.

    Args:
        pairs: those that are looked at.
        u: chances of levels among strangers.
        expected: number of pairs of one person in each group to begin with.
        say: takes what is being done.
    """
    holds = _first(pairs, u, expected)
    model = holds
    groups = len(pairs.universe)
    for turn in range(1, ROUNDS + 1):
        say(f"round {turn}")
        person, house, m, household = _round(pairs, model)
        if turn == 1:
            pairs = pairs[(person > TINY) | (house > 1e-3)]
        sums = (
            [np.bincount(at, one, groups) for at, one in ((pairs.group, person), (pairs.group, house))]
            if turn > 1
            else None
        )
        m, household = _held(m, holds.m, pairs.what), _held(household, holds.household, pairs.what)
        shares = model.shares if sums is None else np.stack(sums, axis=1)
        if sums is not None:
            shares[:, 1] = np.maximum(shares[:, 1], LIVING * shares[:, 0])
            shares = (shares + 0.5) / np.maximum(pairs.universe, 1.0)[:, None]
        moved = float(np.abs(m - model.m).max() + np.abs(np.log(shares / model.shares)).max() / 100)
        model = Model(shares, m, household, u, turn)
        if moved < CLOSE and turn > 1:
            break
    return model


def score(pairs: Pairs, model: Model) -> Scores:
    """Score pairs by a model."""
    person, house, _, _ = _round(pairs, model)
    bits = np.log2(np.maximum(person, 1e-300)) - np.log2(np.maximum(1 - person, 1e-16))
    return Scores(person, bits, house)


def same_level(what: str) -> int:
    """Return the level at which two values are the same."""
    return {"birth": 6, "address": 4, "given": 5, "family": 5}.get(what, len(LEVELS[what]) - 1)


def _round(pairs: Pairs, model: Model) -> tuple[Array, Array, Array, Array]:
    shared = np.array([what in SHARED for what in pairs.what])
    top = np.array([same_level(what) for what in pairs.what])
    return tuple(
        _expect(
            pairs.levels,
            pairs.chance,
            pairs.group,
            model.m,
            model.household,
            model.u,
            model.shares,
            shared,
            top,
        )
    )


def _first(pairs: Pairs, u: Array, expected: Array) -> Model:
    m, household = np.ones_like(u), np.ones_like(u)
    for at, what in enumerate(pairs.what):
        size = len(LEVELS[what])
        m[at, :size] = np.maximum(FIRST[what], 1e-6)
        if what in SHARED:
            household[at, :size] = np.maximum(ONE_HOUSEHOLD.get(what, FIRST[what]), 1e-6)
        else:
            household[at, :size] = u[at, :size] * (1 - COPIED)
            household[at, same_level(what)] += COPIED
    share = (expected + 0.5) / np.maximum(pairs.universe, 1.0)
    return Model(np.stack([share, share], axis=1), m, household, u)


def _held(counts: Array, holds: Array, whats: Sequence[str]) -> Array:
    """Return chances from expected counts, held to what is known before."""
    m = np.ones_like(holds)
    for at, what in enumerate(whats):
        size = len(LEVELS[what])
        held = counts[at, :size] + HELD * holds[at, :size]
        m[at, :size] = held / held.sum()
    return m


@kernel
def _expect(
    levels: Array,
    chance: Array,
    group: Array,
    m: Array,
    household: Array,
    u: Array,
    shares: Array,
    shared: Array,
    top: Array,
) -> Any:
    """Return each pair's chance to be of one person and of one household, and expected counts of levels."""
    size, fields = levels.shape
    person, house = np.empty(size), np.empty(size)
    counts, counts_house = np.zeros(m.shape), np.zeros(m.shape)
    for k in range(size):
        a, b = shares[group[k], 0], shares[group[k], 1]
        c = 1.0 - a - b
        before = False
        for f in range(fields):
            level = levels[k, f]
            if level < 0:
                continue
            common = chance[k, f] if chance[k, f] > 0 else u[f, level]
            a *= m[f, level]
            c *= common
            if shared[f]:
                b *= max(household[f, level], 1e-6)
            else:
                copied = 0.0
                if level == top[f]:
                    copied = TWICE if before else min(max(household[f, level], LEAST), GREATEST)
                before = before or level == top[f]
                b *= common * (1 - copied) + copied
        total = a + b + c
        a, b = a / total, b / total
        person[k], house[k] = a, b
        if a > 1e-9 or b > 1e-9:
            for f in range(fields):
                if levels[k, f] >= 0:
                    counts[f, levels[k, f]] += a
                    counts_house[f, levels[k, f]] += b
    return person, house, counts, counts_house
