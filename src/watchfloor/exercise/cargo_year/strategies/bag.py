"""An ensemble of boosted trees on what was examined; by rules alone while there is nothing to learn from."""

import numpy as np

from watchfloor.desks.boosted_trees import BoostedTrees, lightgbm, read
from watchfloor.exercise.cargo_year import rules
from watchfloor.exercise.cargo_year.items import Bools, Evidence, Floats
from watchfloor.exercise.cargo_year.strategies.frozen import Trees

LN2 = float(np.log(2))


class Bag:
    """Fits of LightGBM that differ by the rows and columns each draws.

    Args:
        trees: how they are grown.
        members: how many fits.
        seed: of the draws.
    """

    def __init__(self, trees: Trees, members: int, seed: int) -> None:
        self.trees, self.members, self.seed = trees, members, seed
        self.fits: list[BoostedTrees] = []

    def fit(self, evidence: Evidence, found: Bools, at: int) -> None:
        """Grows all anew; does nothing where all outcomes are the same."""
        if not len(found) or found.all() or not found.any():
            return
        grown = {
            "objective": "binary",
            "bagging_freq": 1,
            "verbosity": -1,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "max_bin": 63,
            **{name: getattr(self.trees, name) for name in self.trees.__struct_fields__ if name != "rounds"},
        }
        library = lightgbm()
        data = library.Dataset(evidence, found.astype(np.int8), params=grown)
        seeds = [self.seed * 1000 + at * 10 + place for place in range(self.members)]
        fits = [library.train({**grown, "seed": seed}, data, self.trees.rounds) for seed in seeds]
        self.fits = [read(one.model_to_string()) for one in fits]

    def log_odds(self, evidence: Evidence) -> Floats:
        """Natural logarithm of the odds, by each member [members, n]."""
        if not self.fits:
            return np.array([rules.bits(evidence) * LN2])
        return np.array([one.odds(evidence) for one in self.fits])

    def one(self, evidence: Evidence, draw: np.random.Generator) -> Floats:
        """The same, by one member that is drawn [n]."""
        if not self.fits:
            return np.asarray(self.log_odds(evidence)[0])
        return self.fits[draw.integers(len(self.fits))].odds(evidence)


def spread_of(odds: Floats, least: float = 0.1) -> Floats:
    """Standard deviation between members, never below `least` [n]."""
    return np.asarray(np.maximum(odds.std(axis=0), least))
