"""Peers of the simulated year: greedy XGBoost, and a hybrid after DATE and its successors.

The hybrid is written from the published ideas, not from their code. Like DATE (S. Kim and others, KDD 2020)
it grows XGBoost trees, takes the leaf that each tree puts an item into as a cross feature, and learns a
second model over these; DATE's is an attention network with a second task, revenue, and this one a ridge
logistic regression over the leaves, the goods and the route. Like the hybrids of S. Kim and others ("Active
learning for human-in-the-loop customs inspection", IEEE TKDE 2022) it spends nine tenths of the budget on the
top and one on exploration: diverse and uncertain items, seeded as k-means++ over gradient embeddings (BADGE,
J. Ash and others, ICLR 2020) scaled by uncertainty.
"""

from typing import Any

import msgspec
import numpy as np
import xgboost
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit

from watchfloor.exercise.cargo_year import rules
from watchfloor.exercise.cargo_year.evidence import CATEGORIES
from watchfloor.exercise.cargo_year.items import Evidence, Floats, Ints
from watchfloor.exercise.cargo_year.strategies.plain import top
from watchfloor.exercise.cargo_year.strategy import Memory, Outcomes, Picked, View

SHADOW = 32
"""Columns that gradient embeddings are projected to, at random."""


class Peers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Frozen settings of the peers: of XGBoost by its own names; of the hybrid."""

    rounds: int
    explore: float
    ridge: float
    xgboost: dict[str, float]


def grown(how: Peers, evidence: Evidence, found: Floats, seed: int) -> Any:
    settings = {"objective": "binary:logistic", "nthread": 1, "seed": seed, **how.xgboost}
    settings |= {name: int(settings[name]) for name in ("max_depth", "max_bin")}
    return xgboost.train(settings, xgboost.DMatrix(evidence, found), how.rounds)


class GreedyXgboost:
    """One fit on what was examined, and its top."""

    def __init__(self, how: Peers, seed: int) -> None:
        self.how, self.seed, self.memory, self.booster = how, seed, Memory(), None

    def pick(self, view: View) -> Picked:
        return Picked(top(self.scores(view.evidence), view.budget))

    def scores(self, evidence: Evidence) -> Floats:
        return rules.bits(evidence) if self.booster is None else self.booster.inplace_predict(evidence)

    def learn(self, told: Outcomes) -> None:
        self.memory.add(told)

    def refit(self, at: int) -> None:
        evidence, found = self.memory.tables()
        if found.any() and not found.all():
            self.booster = grown(self.how, evidence, found, self.seed * 1000 + at)


class Hybrid(GreedyXgboost):
    """See the module."""

    def pick(self, view: View) -> Picked:
        if self.booster is None:
            return super().pick(view)
        leaves = self.leaves(view.evidence)
        chance = expit(leaves @ self.weights)
        many = round(self.how.explore * view.budget)
        order = top(chance, len(chance))
        taken, rest = np.split(order, [view.budget - many])
        draw = np.random.default_rng((self.seed, view.at, 21))
        rest = rest[: 40 * max(1, many)] if many else rest[:0]
        unsure = np.minimum(chance, 1 - chance)[rest]
        shadow = (leaves[rest] @ self.shadow) * unsure[:, None]
        return Picked(np.concatenate([taken, rest[seeded(shadow, many, draw)]]))

    def refit(self, at: int) -> None:
        super().refit(at)
        evidence, found = self.memory.tables()
        if self.booster is None:
            return
        self.offsets = np.concatenate([[0], np.cumsum(self._widths())])
        self.shadow = np.random.default_rng((self.seed, at, 22)).normal(size=(self.offsets[-1] + 1, SHADOW))
        self.weights = ridge(self.leaves(evidence), found.astype(float), self.how.ridge)

    def _places(self, evidence: Evidence) -> Ints:
        leaf = self.booster.predict(xgboost.DMatrix(evidence), pred_leaf=True).astype(np.int64)
        return np.column_stack([leaf, evidence[:, CATEGORIES].astype(np.int64)])

    def _widths(self) -> Ints:
        return np.append(
            np.full(self.how.rounds, 2 ** (int(self.how.xgboost["max_depth"]) + 1)), [200] * len(CATEGORIES)
        )

    def leaves(self, evidence: Evidence) -> sparse.csr_array:
        """Which leaf of each tree, which goods and route, and a constant [n, wide], a one in each place."""
        columns = self._places(evidence) + self.offsets[:-1]
        n, m = columns.shape
        columns = np.column_stack([columns, np.full(n, self.offsets[-1])])
        ones = np.ones(n * (m + 1)) / np.sqrt(m + 1)
        starts = np.arange(0, n * (m + 1) + 1, m + 1)
        return sparse.csr_array((ones, columns.ravel(), starts), (n, self.offsets[-1] + 1))


def ridge(rows: sparse.csr_array, found: Floats, least: float) -> Floats:
    """Weights of a logistic regression with a squared penalty."""

    def loss(weights: Floats) -> tuple[float, Floats]:
        odds = rows @ weights
        value = np.logaddexp(0, odds).sum() - found @ odds + least / 2 * weights @ weights
        return float(value), rows.T @ (expit(odds) - found) + least * weights

    return minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 60}).x


def seeded(points: Floats, many: int, draw: np.random.Generator) -> Ints:
    """Rows chosen as k-means++ chooses centres: in proportion to the squared distance from those chosen."""
    chosen: list[int] = []
    left = (points**2).sum(1)
    for _ in range(many):
        total = left.sum()
        place = int(draw.choice(len(left), p=left / total)) if total > 0 else int(draw.integers(len(left)))
        chosen.append(place)
        left = np.minimum(left, ((points - points[place]) ** 2).sum(1))
    return np.array(chosen, np.int64)
