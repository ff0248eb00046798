"""The bound of a pool by a primal-dual interior point method, to which rows are added as prices find them.

Column generation whose linear programs are solved only so far that prices lie well inside what is best
(Gondzio, González-Brevis and Munari 2013, New developments in the primal-dual column generation technique).
Prices of few demands are then as good as known after some thirty rounds. Each step solves for the prices of
days and posts; how much of each row is taken, and what each class of people costs, are eliminated first.
"""

from contextlib import suppress
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from watchfloor.core.kernels import kernel
from watchfloor.planning.rosters.columns import Cover
from watchfloor.planning.rosters.problem import Grid

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
CENTRED: Final = 0.9
"""A whole step of at least so much is near enough to the central path."""
STEPS: Final = 12
SIGNS: Final = np.array([[1.0], [-1.0]])


@kernel(nogil=True)
def _gram(cells: Whole, classes: Whole, weights: Floats, both: Floats, shared: Floats, total: Floats) -> None:
    """Sum weights of rows by two cells, by class and cell, and by class."""
    for number in range(len(cells)):
        weight, class_ = weights[number], classes[number]
        total[class_] += weight
        for place in range(cells.shape[1]):
            first = cells[number, place]
            if first < 0:
                continue
            shared[class_, first] += weight
            both[first, first] += weight
            for before in range(place):
                second = cells[number, before]
                if second >= 0:
                    both[first, second] += weight
                    both[second, first] += weight


@kernel(nogil=True)
def _summed(cells: Whole, prices: Floats) -> Floats:
    """Sum prices over the cells of each row."""
    sums = np.zeros(len(cells))
    for number in range(len(cells)):
        for cell in cells[number]:
            if cell >= 0:
                sums[number] += prices[cell]
    return sums


@kernel(nogil=True)
def _counted(cells: Whole, taken: Floats, size: int) -> Floats:
    """Count who is in each cell, of rows that are taken so much."""
    counts = np.zeros(size)
    for number in range(len(cells)):
        for cell in cells[number]:
            if cell >= 0:
                counts[cell] += taken[number]
    return counts


class Barrier:
    """The linear program over rows of classes of people, kept inside its bounds.

    Attributes:
        mu: product of each variable and its slack to which steps lead.
        prices: of one too few and of one too many, which is counted down, for each demand.
    """

    def __init__(self, cover: Cover, people: Whole, prices: Floats, mu: float) -> None:
        """Open it for so many people of each class, at prices of the demands to begin with."""
        self.cover, self.people, self.mu = cover, people.astype(float), mu
        cells = np.unique(cover.cell)
        self.size = len(cells)
        self.place = np.full(cover.shape[0] * cover.shape[1], -1)
        self.place[cells] = np.arange(len(cells))
        ones = np.ones(len(cover.cell))
        self.covers = csr_array((ones, (cover.of, self.place[cover.cell])), (len(cover.day), self.size))
        bounds = np.stack([cover.least, -cover.most])
        self.most = np.where(np.isfinite(bounds), [cover.under, cover.over], 0.0)
        self.live = self.most > 0
        self.need = np.where(self.live, bounds, 0.0)
        inside = np.clip(np.stack([prices, -prices]), 0.01 * self.most, 0.99 * self.most)
        self.prices = np.where(self.live, inside, 0.0)
        self.high, self.low = (self._over(mu, gap) for gap in (self.most - self.prices, self.prices))
        """Duals of the prices' bounds: how many are too few or too many, and how many are spare."""
        self.constant = np.zeros(len(people))
        """What each class costs, a lower bound at these prices of its rows that are known."""
        self.cells = np.zeros((0, cover.shape[0]), np.int64)
        self.classes, self.costs, self.taken = np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
        self.known: set[tuple[int, bytes]] = set()
        self.broken = False
        """Whether rounding has made the program singular; it then stays as it was before."""

    def _over(self, value: Any, gap: Floats) -> Floats:
        """Divide where a demand has such a price."""
        return np.asarray(np.where(self.live, value / np.where(self.live, gap, 1.0), 0.0))

    def duals(self) -> Floats:
        """Return the price of one more for each demand."""
        return np.asarray(self.prices[0] - self.prices[1])

    def value(self) -> float:
        """Return what the program costs at least, as far as its rows are known."""
        return float((self.people * self.constant).sum() + (self.need * self.prices).sum())

    def add(self, rows: Grid, classes: Whole, costs: Floats) -> None:
        """Add rows that are not there, each of a class."""
        keys = list(zip(classes.tolist(), (row.tobytes() for row in rows), strict=True))
        new = [place for place, key in enumerate(keys) if key not in self.known and not self.known.add(key)]  # type: ignore[func-returns-value]
        rows, classes, costs = rows[new], classes[new], costs[new]
        cells = self.place[rows + np.arange(rows.shape[1]) * self.cover.shape[1]]
        reduced = costs - _summed(cells, self.covers.T @ self.duals())
        least = np.full(len(self.people), np.inf)
        np.minimum.at(least, classes, reduced)
        least -= self.mu / self.people
        without = np.bincount(self.classes, minlength=len(self.people)) == 0
        self.constant = np.where(without, least, np.minimum(self.constant, least))
        self.taken = np.concatenate([self.taken, self.mu / (reduced - self.constant[classes])])
        self.cells = np.concatenate([self.cells, cells])
        self.classes, self.costs = (
            np.concatenate([self.classes, classes]),
            np.concatenate([self.costs, costs]),
        )

    def _slack(self) -> Floats:
        sums = _summed(self.cells, self.covers.T @ self.duals())
        return np.asarray(self.costs - sums - self.constant[self.classes])

    def centre(self) -> bool:
        """Step towards the central path until a whole step can be taken; say whether one could."""
        before = self.prices, self.constant, self.taken, self.high, self.low
        with np.errstate(all="ignore"), suppress(np.linalg.LinAlgError):
            centred = any(min(self._step()) > CENTRED for _ in range(STEPS))
            if np.isfinite(self.value()) and np.isfinite(self.high).all():
                return centred
        self.prices, self.constant, self.taken, self.high, self.low = before
        self.broken = True
        return False

    def _step(self) -> tuple[float, float]:
        """Take a step of Newton's method; return how much of it in what is taken, and in prices."""
        mu, slack = self.mu, self._slack()
        weights, aim = self.taken / slack, mu / slack
        both, shared = np.zeros((self.size, self.size)), np.zeros((len(self.people), self.size))
        total = np.zeros(len(self.people))
        _gram(self.cells, self.classes, weights, both, shared, total)
        scaled = shared / np.sqrt(total)[:, None]
        both -= scaled.T @ scaled
        short = self.people - np.bincount(self.classes, aim, len(self.people))
        there = self.covers @ _counted(self.cells, aim, self.size)
        gap = self.most - self.prices
        off = self.need - SIGNS * there - self._over(mu, gap) + self._over(mu, self.prices)
        inverse = self._over(1.0, self._over(self.high, gap) + self._over(self.low, self.prices))
        ahead = (SIGNS * off * inverse).sum(0)
        spread = (self.covers.T @ self.covers.multiply(inverse.sum(0)[:, None])).toarray()
        constant = shared.T @ (short / total)
        system = spread @ both
        system[np.diag_indices(self.size)] += 1.0
        cells = np.linalg.solve(system, self.covers.T @ ahead - spread @ constant)
        change = self.covers @ (both @ cells + constant)
        prices = (off - SIGNS * change) * inverse
        constants = (short - shared @ cells) / total
        slacks = -constants[self.classes] - _summed(self.cells, cells)
        taken = aim - self.taken - weights * slacks
        high = self._over(mu, gap) - self.high + self._over(self.high, gap) * prices
        low = self._over(mu, self.prices) - self.low - self._over(self.low, self.prices) * prices
        live = self.live
        dual = min(
            _longest(slack, slacks),
            _longest(self.prices[live], prices[live]),
            _longest(gap[live], -prices[live]),
        )
        primal = min(
            _longest(self.taken, taken),
            _longest(self.high[live], high[live]),
            _longest(self.low[live], low[live]),
        )
        self.prices = self.prices + dual * prices
        self.constant = self.constant + dual * constants
        self.taken = self.taken + primal * taken
        self.high, self.low = self.high + primal * high, self.low + primal * low
        return primal, dual

    def room(self) -> float:
        """Return by how much the value may still rise, when near the central path."""
        return self.mu * (len(self.taken) + 2 * int(self.live.sum()))


def _longest(values: Floats, steps: Floats) -> float:
    """Return how much of a step keeps values above nothing, with a little to spare."""
    down = steps < 0
    return min(1.0, 0.99 * float((-values[down] / steps[down]).min())) if down.any() else 1.0
