"""The plain ways: at random, by rules, greedily by trees, and greedily with a quota at random."""

import numpy as np

from watchfloor.exercise.cargo_year import rules
from watchfloor.exercise.cargo_year.items import Floats, Ints
from watchfloor.exercise.cargo_year.strategies.bag import Bag
from watchfloor.exercise.cargo_year.strategies.frozen import Trees
from watchfloor.exercise.cargo_year.strategy import Memory, Outcomes, Picked, View


def top(scores: Floats, many: int) -> Ints:
    """Rows of the greatest scores, greatest first; ties in the order of the day, which is drawn."""
    return np.argsort(-scores, kind="stable")[:many]


class AtRandom:
    """An even draw."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def pick(self, view: View) -> Picked:
        """Draws the whole budget evenly."""
        many = len(view.evidence)
        rows = np.random.default_rng((self.seed, view.at, 11)).choice(many, view.budget, replace=False)
        return Picked(rows, np.full(view.budget, view.budget / many))

    def learn(self, told: Outcomes) -> None:
        """Nothing is learned."""

    def refit(self, at: int) -> None:
        """Nothing is fitted."""


class ByRules:
    """The rules' greatest sums of bits."""

    def pick(self, view: View) -> Picked:
        """Takes the top."""
        return Picked(top(rules.bits(view.evidence), view.budget))

    def learn(self, told: Outcomes) -> None:
        """Nothing is learned, but what the evidence itself holds of past finds."""

    def refit(self, at: int) -> None:
        """Nothing is fitted."""


class Greedy:
    """One fit of boosted trees on what was examined, and its top."""

    def __init__(self, trees: Trees, seed: int) -> None:
        self.bag, self.memory = Bag(trees, 1, seed), Memory()

    def pick(self, view: View) -> Picked:
        """Takes the top."""
        return Picked(top(self.bag.log_odds(view.evidence)[0], view.budget))

    def learn(self, told: Outcomes) -> None:
        """Remembers."""
        self.memory.add(told)

    def refit(self, at: int) -> None:
        """Grows the trees anew on all that is remembered."""
        self.bag.fit(*self.memory.tables(), at)


class Quota(Greedy):
    """The same, with a share of the budget at random from the rest."""

    def __init__(self, trees: Trees, share: float, seed: int) -> None:
        super().__init__(trees, seed)
        self.share, self.seed = share, seed

    def pick(self, view: View) -> Picked:
        """Takes the top, and draws the rest."""
        return with_quota(self.bag.log_odds(view.evidence)[0], view, self.share, self.seed)


def with_quota(scores: Floats, view: View, share: float, seed: int) -> Picked:
    """The top of the scores, and a share of the budget evenly from the rest."""
    order = top(scores, len(scores))
    even = round(share * view.budget)
    taken, rest = np.split(order, [view.budget - even])
    draw = np.random.default_rng((seed, view.at, 12))
    chance = np.append(np.ones(len(taken)), np.full(even, even / max(1, len(rest))))
    return Picked(np.concatenate([taken, draw.choice(rest, even, replace=False)]), chance)
