"""Bandits: one drawn member of an ensemble a day (Thompson), and an upper bound of a linear model (LinUCB).

Thompson sampling on an ensemble: O. Chapelle and L. Li, "An empirical evaluation of Thompson sampling", NIPS
2011; D. Eckles and M. Kaptein, "Thompson sampling with the online bootstrap", 2014. LinUCB: L. Li, W. Chu, J.
Langford and R. Schapire, "A contextual-bandit approach to personalized news article recommendation", WWW
2010, here with one linear model for all items. All from memory of the papers; the code is ours.
"""

import numpy as np

from watchfloor.exercise.cargo_year.evidence import CATEGORIES, NAMES
from watchfloor.exercise.cargo_year.items import Evidence, Floats
from watchfloor.exercise.cargo_year.strategies.bag import Bag
from watchfloor.exercise.cargo_year.strategies.frozen import Trees
from watchfloor.exercise.cargo_year.strategies.plain import top
from watchfloor.exercise.cargo_year.strategy import Memory, Outcomes, Picked, View


class Thompson:
    """Each day the top of one member, drawn; members are fitted on resampled outcomes."""

    def __init__(self, trees: Trees, members: int, seed: int) -> None:
        self.bag, self.memory, self.seed = Bag(trees, members, seed), Memory(), seed

    def pick(self, view: View) -> Picked:
        """Takes the top of a member."""
        draw = np.random.default_rng((self.seed, view.at, 13))
        return Picked(top(self.bag.one(view.evidence, draw), view.budget))

    def learn(self, told: Outcomes) -> None:
        """Remembers."""
        self.memory.add(told)

    def refit(self, at: int) -> None:
        """Fits all members anew."""
        self.bag.fit(*self.memory.tables(), at)


class LinUcb:
    """A ridge regression of finds on the evidence, and the upper bound of what it says.

    Args:
        width: standard errors that are added.
    """

    def __init__(self, width: float) -> None:
        self.width = width
        self.gram = np.eye(_wide())
        self.sums = np.zeros(_wide())

    def pick(self, view: View) -> Picked:
        """Takes the top of the upper bounds."""
        rows, inverse = _spread(view.evidence), np.linalg.inv(self.gram)
        bound = rows @ (inverse @ self.sums)
        return Picked(
            top(bound + self.width * np.sqrt(np.einsum("ij,jk,ik->i", rows, inverse, rows)), view.budget)
        )

    def learn(self, told: Outcomes) -> None:
        """Adds to the sums at once: a linear model needs no week."""
        rows = _spread(told.evidence)
        self.gram += rows.T @ rows
        self.sums += rows.T @ told.found

    def refit(self, at: int) -> None:
        """Nothing is left to fit."""


def _wide() -> int:
    return len(NAMES) - len(CATEGORIES) + 1


def _spread(evidence: Evidence) -> Floats:
    """Numeric columns on comparable scales, and a constant [n, _wide()]."""
    kept = np.delete(evidence, CATEGORIES, axis=1).astype(np.float64)
    return np.column_stack([np.arcsinh(kept), np.ones(len(kept))])
