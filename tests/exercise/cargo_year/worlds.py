"""A small world, and a strategy that writes down all that reaches it."""

from dataclasses import replace

import numpy as np

from watchfloor.exercise.cargo_year.strategy import Picked
from watchfloor.exercise.cargo_year.world import PLAIN

SMALL = replace(PLAIN, items=150, days=40, warm=14, prevalence=0.05, organisations=4, late=1, tariff=20)


class Noting:
    """Picks at random, or by a function of the day, and keeps what it saw and was told."""

    def __init__(self, seed=0, pick=None):
        self.seed, self.pick_by = seed, pick
        self.views, self.picks, self.told, self.refits = {}, {}, [], []

    def pick(self, view):
        draw = np.random.default_rng((self.seed, view.at))
        rows = draw.choice(len(view.evidence), view.budget, replace=False)
        rows = self.pick_by(view) if self.pick_by else rows
        self.views[view.at], self.picks[view.at] = view, rows
        return Picked(rows)

    def learn(self, told):
        self.told.append(told)

    def refit(self, at):
        self.refits.append(at)
