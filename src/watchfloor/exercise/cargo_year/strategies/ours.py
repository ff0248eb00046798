"""Ours: `planning.inspections.choose`, as `watchfloor cargo target` calls it, over a light ensemble.

What differs from greed: several fits are averaged, and part of the budget goes to items of which they are
unsure and part to an even draw, each with a known chance.
"""

from scipy.special import expit

from watchfloor.exercise.cargo_year.strategies.bag import Bag, spread_of
from watchfloor.exercise.cargo_year.strategies.frozen import Frozen
from watchfloor.exercise.cargo_year.strategy import Memory, Outcomes, Picked, View
from watchfloor.planning.inspections.choose import Settings, choose


class Ours:
    """See the module."""

    def __init__(self, frozen: Frozen, seed: int) -> None:
        self.how, self.seed = frozen.ours, seed
        self.bag, self.memory = Bag(frozen.ours_trees, self.how.members, seed), Memory()

    def pick(self, view: View) -> Picked:
        """Chooses."""
        odds = self.bag.log_odds(view.evidence)
        shares = self.how.uncertain, self.how.at_random
        settings = Settings(view.budget, *shares, seed=self.seed * 1000 + view.at)
        picks = choose(expit(odds.mean(axis=0)), spread_of(odds), settings)
        return Picked(picks.rows, picks.propensity)

    def learn(self, told: Outcomes) -> None:
        """Remembers."""
        self.memory.add(told)

    def refit(self, at: int) -> None:
        """Fits all members anew."""
        self.bag.fit(*self.memory.tables(), at)
