"""Choose the sites that together see most: maximal covering, with a bound on every other choice.

Church and ReVelle (1974) named the problem. Here:

1. Greedy (Nemhauser, Wolsey and Fisher 1978), lazily (Minoux 1978), then the best swap of a chosen site for
   another one, until no swap helps.
2. A bound: the rule that a cell counts only if a chosen site sees it is priced (Lagrangian relaxation; Galvao
   and ReVelle 1996), and the prices are improved by subgradients. At its best it equals the bound of the
   linear relaxation. Sites whose choice, or omission, cannot beat the best choice so far are fixed by
   reduced value.
3. Branch and bound on the sites that are left, the highest bound first, until the gap is small or time is
over.

Cells that the same sites see are merged first. The gap is (bound - covered) / covered; it is always given.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel
from watchfloor.planning.towers.sight import Sights

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

GAP: Final = 0.001
"""Gap at which the search ends."""
SECONDS: Final = 10.0
"""Seconds after which it ends with the gap that is left."""
ROOT_STEPS, NODE_STEPS = 800, 120
"""Subgradient steps before the first branching, and after each."""
PATIENCE: Final = 15
"""Steps without a better bound after which steps become half as long."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Sites that were chosen.

    Attributes:
        sites: numbers of the chosen sites, those kept first, then as greedy would take them.
        gains: what each adds to those before it.
        covered: weight of all cells that enough of them see.
        bound: no choice within the same limits covers more.
        trivial: weight that all sites together would cover.
        greedy: what greedy alone covered.
        nodes: how many times the search branched.
        seconds: it took.
    """

    sites: tuple[int, ...]
    gains: tuple[float, ...]
    covered: float
    bound: float
    trivial: float
    greedy: float
    nodes: int
    seconds: float

    @property
    def gap(self) -> float:
        """Share by which another choice might cover more."""
        return (self.bound - self.covered) / self.covered if self.covered > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a choice.

    Attributes:
        costs: of each site.
        budget: what the chosen ones may cost together, those kept included.
        keep, forbid: numbers of sites.
        times: sites that must see a cell before it counts.
    """

    costs: Floats
    budget: float
    keep: tuple[int, ...] = ()
    forbid: tuple[int, ...] = ()
    times: int = 1


def choose(
    sights: Sights,
    weights: Floats,
    limits: Limits,
    gap: float = GAP,
    seconds: float = SECONDS,
    progress: Callable[[str], None] = lambda _: None,
) -> Choice:
    """Choose sites within limits so that the weight of the cells seen is largest.

    Args:
        sights: which cells each site sees.
        weights: of the cells, none negative.
        limits: see `Limits`; a count of towers is a budget where each costs 1.
        gap, seconds: when to end.
    """
    began = time.perf_counter()
    cover, worth = _merge_cells(sights.matrix(), weights)
    problem = _Problem(cover, worth, limits)
    state = np.zeros(len(cover), np.int8)
    state[list(limits.forbid)] = -1
    state[list(limits.keep)] = 1
    first = problem.greedy(state)
    best = problem.improve(first, state)
    greedy, covered = problem.value(first), problem.value(best)
    counts = np.maximum(cover[state >= 0].sum(0), 1)
    queue: list[tuple[float, int, npt.NDArray[np.int8], Floats]] = []
    heappush(queue, (-float(worth.sum()), 0, state, worth / (counts * limits.times)))
    proved, number, nodes = covered, 0, 0
    while (
        queue and -queue[0][0] > covered * (1 + gap) and (not nodes or time.perf_counter() - began < seconds)
    ):
        above, _, state, prices = heappop(queue)
        nodes += 1
        progress(f"covered {covered:,.6g}, at most {-above:,.6g}: {nodes:,} branches")
        node = problem.relax(state, prices, covered, gap, ROOT_STEPS if nodes == 1 else NODE_STEPS)
        found = (
            problem.improve(node.sites, problem.state)
            if nodes % 10 == 1 or node.value > covered
            else node.sites
        )
        if (value := problem.value(found)) > covered:
            best, covered = found, value
        bound = min(node.bound, -above)
        if bound <= covered * (1 + gap):
            proved = max(proved, bound)
            continue
        settled, dropped = problem.settle(state, node, covered * (1 + gap))
        proved = max(proved, dropped)
        branch = problem.branch(settled, node.share)
        if branch < 0:  # everything is settled: one choice is left
            value = problem.value(problem.fits(settled))
            best, covered = (problem.fits(settled), value) if value > covered else (best, covered)
            proved = max(proved, min(bound, max(value, covered)))
            continue
        for to in (1, -1):
            child = settled.copy()
            child[branch] = to
            if problem.cost(child) <= limits.budget * (1 + 1e-12):
                number += 1
                heappush(queue, (-bound, number, child, node.prices))
    bound = max([proved, covered, *(-one[0] for one in queue)])
    sites, gains = problem.in_order(best)
    trivial = float(worth[(cover.sum(0) >= limits.times)].sum())
    bound = float(max(covered, min(bound, trivial)))
    return Choice(sites, gains, covered, bound, trivial, greedy, nodes, time.perf_counter() - began)


def _merge_cells(cover: Mask, weights: Floats) -> tuple[Mask, Floats]:
    """Merge cells that the same sites see, with the sum of their weights; leave out those that none sees."""
    useful = cover.any(0) & (weights > 0)
    columns = np.ascontiguousarray(np.packbits(cover[:, useful], axis=0).T)
    as_one = columns.view([("", columns.dtype)] * columns.shape[1]).ravel()
    _, first, to = np.unique(as_one, return_index=True, return_inverse=True)
    worth = np.asarray(np.bincount(to.ravel(), weights[useful], minlength=len(first)), np.float64)
    return np.ascontiguousarray(cover[:, useful][:, first]), worth


@dataclass(frozen=True, slots=True)
class _Node:
    """The result of a relaxation: its bound, the sites it chose at its best, and what they cover.

    Attributes:
        prices: of the cells.
        value_of: of each site, at those prices.
        share: of the steps in which each site was chosen, later ones counting more.
    """

    bound: float
    prices: Floats
    value_of: Floats
    share: Floats
    sites: Mask
    value: float


class _Problem:
    """Sites, merged cells and limits, with the steps of the search. A state is 1 chosen, -1 left out, 0
    open."""

    def __init__(self, cover: Mask, worth: Floats, limits: Limits) -> None:
        self.cover, self.worth, self.limits = cover, worth, limits
        self.state = np.zeros(len(cover), np.int8)
        self.state[list(limits.forbid)] = -1
        self.state[list(limits.keep)] = 1
        self.rows = _rows(cover)

    def value(self, chosen: Mask) -> float:
        return float(self.worth[self.cover[chosen].sum(0) >= self.limits.times].sum())

    def cost(self, state: npt.NDArray[np.int8]) -> float:
        return float(self.limits.costs[state == 1].sum())

    def fits(self, state: npt.NDArray[np.int8]) -> Mask:
        return np.asarray(state == 1)

    def greedy(self, state: npt.NDArray[np.int8]) -> Mask:
        return np.asarray(
            greedy(*self.rows, self.worth, self.limits.costs, self.limits.budget, self.limits.times, state)
        )

    def improve(self, chosen: Mask, state: npt.NDArray[np.int8]) -> Mask:
        chosen = chosen.copy()
        swap(*self.rows, self.worth, self.limits.costs, self.limits.budget, self.limits.times, state, chosen)
        return chosen

    def relax(
        self, state: npt.NDArray[np.int8], prices: Floats, covered: float, gap: float, steps: int
    ) -> _Node:
        """Improve the prices of what is open: cells that chosen sites cover already are out of the
        question."""
        times = np.maximum(self.limits.times - self.cover[state == 1].sum(0), 0)
        open_sites = np.flatnonzero(state == 0)
        sub = self.cover[open_sites]
        cells = np.flatnonzero((times > 0) & (sub.sum(0) >= times))
        base = float(self.worth[times == 0].sum())
        worth = self.worth[cells]
        left = self.limits.budget - self.cost(state)
        rows = _rows(np.ascontiguousarray(sub[:, cells]))
        start = np.minimum(prices[cells], worth / times[cells])
        scale = 1.0 if steps == ROOT_STEPS else 0.3
        costs = self.limits.costs[open_sites]
        bound, best, values, share, picked = subgradients(
            *rows, worth, times[cells], costs, left, start, covered - base, steps, scale, gap
        )
        prices, value_of, shares = prices.copy(), np.zeros(len(state)), np.zeros(len(state))
        prices[cells], value_of[open_sites], shares[open_sites] = best, values, share
        chosen = state == 1
        chosen[open_sites[picked]] = True
        return _Node(bound + base, prices, value_of, shares, chosen, self.value(chosen))

    def settle(
        self, state: npt.NDArray[np.int8], node: _Node, enough: float
    ) -> tuple[npt.NDArray[np.int8], float]:
        """Settle sites by their reduced value; give the highest bound among what is ruled out by it.

        At any price p of a unit of budget, leaving out a site that is worth more than its cost at p, or
        choosing one that is worth less, lowers the bound by the difference.
        """
        state, open_sites = state.copy(), np.flatnonzero(state == 0)
        values, costs = node.value_of[open_sites], self.limits.costs[open_sites]
        low, high = _prices_of_budget(values, costs, self.limits.budget - self.cost(state))
        without, within = node.bound - (values - low * costs), node.bound - (high * costs - values)
        must, never = (
            (values >= high * costs) & (without <= enough),
            (values <= low * costs) & (within <= enough),
        )
        never &= ~must
        state[open_sites[must]], state[open_sites[never]] = 1, -1
        if self.cost(state) > self.limits.budget * (
            1 + 1e-12
        ):  # what must be chosen does not fit: nothing is left
            state[open_sites] = -1
            return state, enough
        return state, max([0.0, *without[must], *within[never]])

    def branch(self, state: npt.NDArray[np.int8], share: Floats) -> int:
        """The open site about which the steps agreed least; -1 where none is open."""
        open_sites = np.flatnonzero(state == 0)
        left = self.limits.budget - self.cost(state)
        open_sites = open_sites[self.limits.costs[open_sites] <= left * (1 + 1e-12)]
        if not len(open_sites):
            return -1
        return int(open_sites[np.argmax(np.minimum(share[open_sites], 1 - share[open_sites]))])

    def in_order(self, chosen: Mask) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """Return the chosen sites, each the one that adds most to those before it; those kept come first."""
        sites, gains = list(self.limits.keep), []
        counts = np.zeros(len(self.worth), np.int64)
        rest = [int(one) for one in np.flatnonzero(chosen) if one not in sites]
        for at in range(len(sites) + len(rest)):
            if at >= len(self.limits.keep):
                added = [
                    float(self.worth[self.cover[one] & (counts == self.limits.times - 1)].sum())
                    for one in rest
                ]
                sites.append(rest.pop(int(np.argmax(added))))
            row = self.cover[sites[at]]
            gains.append(float(self.worth[row & (counts == self.limits.times - 1)].sum()))
            counts += row
        return tuple(sites), tuple(gains)


def _rows(cover: Mask) -> tuple[Numbers, npt.NDArray[np.int32]]:
    """Return where each site's cells begin, and the cells."""
    starts = np.concatenate([[0], np.cumsum(cover.sum(1))])
    return starts.astype(np.int64), np.nonzero(cover)[1].astype(np.int32)


def _prices_of_budget(values: Floats, costs: Floats, budget: float) -> tuple[float, float]:
    """Return the lowest and highest price of a unit of budget at which the linear knapsack's choice is
    best."""
    order = np.argsort(-values / costs, kind="stable")
    spent = np.cumsum(costs[order])
    within = int(np.searchsorted(spent, budget * (1 + 1e-12), side="right"))
    ratio = values[order] / costs[order]
    if within == len(order):
        return 0.0, float(ratio[-1]) if len(order) else 0.0
    full = within > 0 and spent[within - 1] >= budget * (1 - 1e-12)
    return float(ratio[within]), float(ratio[within - 1]) if full else float(ratio[within])


@kernel
def greedy(
    starts: Numbers,
    cells: npt.NDArray[np.int32],
    worth: Floats,
    costs: Floats,
    budget: float,
    times: int,
    state: npt.NDArray[np.int8],
) -> Mask:
    """Choose, again and again, the site that adds most for its cost; an old gain bounds a new one.

    Where a cell must be seen several times, each sight of it counts for its share.
    """
    count = len(starts) - 1
    counts = np.zeros(len(worth), np.int64)
    chosen: Mask = state == 1
    left = budget
    for i in range(count):
        if chosen[i]:
            left -= costs[i]
            for e in range(starts[i], starts[i + 1]):
                counts[cells[e]] += 1
    gains = np.full(count, np.inf)
    while True:
        fresh = np.zeros(count, np.bool_)
        while True:
            best = -1
            for i in range(count):
                fits = not chosen[i] and state[i] == 0 and costs[i] <= left * (1 + 1e-12)
                if fits and (best < 0 or gains[i] > gains[best]):
                    best = i
            if best < 0 or fresh[best]:
                break
            gain = 0.0
            for e in range(starts[best], starts[best + 1]):
                if counts[cells[e]] < times:
                    gain += worth[cells[e]]
            gains[best] = gain / costs[best]
            fresh[best] = True
        if best < 0 or gains[best] <= 0.0:
            return chosen
        chosen[best] = True
        left -= costs[best]
        for e in range(starts[best], starts[best + 1]):
            counts[cells[e]] += 1


@kernel
def swap(
    starts: Numbers,
    cells: npt.NDArray[np.int32],
    worth: Floats,
    costs: Floats,
    budget: float,
    times: int,
    state: npt.NDArray[np.int8],
    chosen: Mask,
) -> None:
    """Swap a chosen site for another, or add one that fits, the best first, until nothing is better."""
    count = len(starts) - 1
    counts = np.zeros(len(worth), np.int64)
    left = budget
    for i in range(count):
        if chosen[i]:
            left -= costs[i]
            for e in range(starts[i], starts[i + 1]):
                counts[cells[e]] += 1
    while True:
        sites = np.nonzero(chosen)[0]
        sees = np.zeros((len(sites), len(worth)), np.bool_)
        losses = np.zeros(len(sites))
        for a in range(len(sites)):
            for e in range(starts[sites[a]], starts[sites[a] + 1]):
                sees[a, cells[e]] = True
                if counts[cells[e]] == times:
                    losses[a] += worth[cells[e]]
        best, into, out = 1e-9 * worth.sum(), -1, -1
        both = np.empty(len(sites))
        for i in range(count):
            if chosen[i] or state[i] != 0:
                continue
            gain = 0.0
            both[:] = 0.0
            for e in range(starts[i], starts[i + 1]):
                j = cells[e]
                if counts[j] == times - 1:
                    gain += worth[j]
                if counts[j] == times or counts[j] == times - 1:
                    # Not lost with a site that is swapped out, or not won, if that one sees the cell too.
                    change = worth[j] if counts[j] == times else -worth[j]
                    for a in range(len(sites)):
                        if sees[a, j]:
                            both[a] += change
            if costs[i] <= left * (1 + 1e-12) and gain > best:
                best, into, out = gain, i, -1
            for a in range(len(sites)):
                fits = state[sites[a]] == 0 and costs[i] - costs[sites[a]] <= left * (1 + 1e-12)
                if fits and gain - losses[a] + both[a] > best:
                    best, into, out = gain - losses[a] + both[a], i, sites[a]
        if into < 0:
            return
        chosen[into] = True
        left -= costs[into]
        for e in range(starts[into], starts[into + 1]):
            counts[cells[e]] += 1
        if out >= 0:
            chosen[out] = False
            left += costs[out]
            for e in range(starts[out], starts[out + 1]):
                counts[cells[e]] -= 1


@kernel
def subgradients(
    starts: Numbers,
    cells: npt.NDArray[np.int32],
    worth: Floats,
    times: Numbers,
    costs: Floats,
    budget: float,
    prices: Floats,
    known: float,
    steps: int,
    scale: float,
    gap: float,
) -> tuple[float, Floats, Floats, Floats, Mask]:
    """Lower the bound that prices give, by subgradients (Held, Wolfe and Crowder 1974).

    At prices p the bound is the sum of (worth - times p) over cells, plus the best fractional choice of
    sites, each worth the prices of the cells that it sees.

    Args:
        starts, cells: see `_rows`.
        worth, times: of cells; sights that each still needs.
        costs, budget: of sites.
        prices: to begin with; between 0 and worth / times.
        known: what a choice covers already.
        steps: at most.
        scale: of the first step (Polyak's rule).
        gap: enough.

    Returns:
        The lowest bound, its prices, the values of sites at them, the share of steps that chose each site,
        and the choice that covered most.
    """
    count = len(starts) - 1
    bound, best_prices, best_values = np.inf, prices.copy(), np.zeros(count)
    values, share, chosen = np.empty(count), np.zeros(count), np.zeros(count, np.bool_)
    best_chosen, most, idle = chosen.copy(), -1.0, 0
    direction, counts = np.zeros(len(worth)), np.zeros(len(worth), np.int64)
    for step in range(steps):
        total = 0.0
        for j in range(len(worth)):
            total += worth[j] - times[j] * prices[j]
        for i in range(count):
            value = 0.0
            for e in range(starts[i], starts[i + 1]):
                value += prices[cells[e]]
            values[i] = value
        # The best fractional choice: by value for cost, the last one in part.
        chosen[:] = False
        left = budget
        for i in np.argsort(-values / costs, kind="mergesort"):
            if costs[i] <= left * (1 + 1e-12):
                chosen[i] = True
                left -= costs[i]
                total += values[i]
            else:
                total += values[i] * left / costs[i]
                break
        idle = 0 if total < bound - 1e-4 * max(bound - known, 0.0) else idle + 1
        if total < bound:
            bound = total
            best_prices[:], best_values[:] = prices, values
        counts[:] = 0
        for i in range(count):
            if chosen[i]:
                for e in range(starts[i], starts[i + 1]):
                    counts[cells[e]] += 1
        covers = 0.0
        for j in range(len(worth)):
            if counts[j] >= times[j]:
                covers += worth[j]
        if covers > most:
            most = covers
            best_chosen[:] = chosen
        known = max(known, covers)
        if bound <= known * (1 + gap):
            break
        late = max(0.05, 1.0 / (step + 1))
        share += late * (chosen - share)
        if idle >= PATIENCE:
            scale *= 0.5
            idle = 0
            prices[:] = best_prices
            direction[:] = 0.0
            if scale < 2e-3:
                break
            continue
        norm = 0.0
        for j in range(len(worth)):
            direction[j] = 0.7 * (counts[j] - times[j]) + 0.3 * direction[j]
            stuck = prices[j] >= worth[j] / times[j] if direction[j] < 0 else prices[j] <= 0.0
            norm += 0.0 if stuck else direction[j] * direction[j]
        if norm == 0.0:
            break
        length = scale * (total - known) / norm
        for j in range(len(worth)):
            prices[j] = min(max(prices[j] - length * direction[j], 0.0), worth[j] / times[j])
    return bound, best_prices, best_values, share, best_chosen
