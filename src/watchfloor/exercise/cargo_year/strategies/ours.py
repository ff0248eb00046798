"""Ours: `planning.inspections.choose`, as `watchfloor target` calls it, over a light ensemble.

What differs from greed: several fits are averaged, and part of the budget goes to items of which they are
unsure and part to an even draw, each with a known chance. Three more levers are settings, and off where
development saw no gain: an even draw of what nobody examined, learned from as probably nothing (positive and
unlabelled data: C. Elkan and K. Noto, KDD 2008); a half-life of what was learned; directions of columns.
"""

import numpy as np
from scipy.special import expit

from watchfloor.exercise.cargo_year.items import Evidence, Ints
from watchfloor.exercise.cargo_year.strategies.bag import Bag, spread_of
from watchfloor.exercise.cargo_year.strategies.frozen import Frozen
from watchfloor.exercise.cargo_year.strategy import Memory, Picked, Told, View
from watchfloor.planning.inspections.choose import Settings, choose


class Ours:
    """See the module."""

    def __init__(self, frozen: Frozen, seed: int) -> None:
        self.how, self.seed = frozen.ours, seed
        self.bag = Bag(frozen.ours_trees, self.how.members, seed, self.how.directed)
        self.memory, self.passed = Memory(), Memory()

    def pick(self, view: View) -> Picked:
        """Chooses, and keeps some of what it does not choose."""
        odds = self.bag.log_odds(view.evidence)
        settings = Settings(
            view.budget, self.how.uncertain, self.how.at_random, seed=self.seed * 1000 + view.at
        )
        picks = choose(expit(odds.mean(axis=0)), spread_of(odds), settings)
        self._keep(view, picks.rows)
        return Picked(picks.rows, picks.propensity)

    def _keep(self, view: View, rows: Ints) -> None:
        """Keeps an even draw of the day's other items."""
        others = np.delete(np.arange(len(view.evidence)), rows)
        draw = np.random.default_rng((self.seed, view.at, 14))
        kept = draw.choice(others, min(self.how.passed, len(others)), replace=False)
        self.passed.add(Told(view.at, view.evidence[kept], np.zeros(len(kept), np.bool_)))

    def learn(self, told: Told) -> None:
        """Remembers."""
        self.memory.add(told)

    def refit(self, at: int) -> None:
        """Fits all members anew on what was examined and on what passed."""
        evidence, found, days = self.memory.tables()
        passed, nothing, then = self.passed.tables()
        weight = np.append(np.ones(len(found)), np.full(len(nothing), self.how.passed_weight))
        if self.how.half:
            weight *= np.exp2((np.append(days, then) - at) / self.how.half)
        both: Evidence = np.concatenate([evidence, passed])
        self.bag.fit(both, np.append(found, nothing), weight, at)
