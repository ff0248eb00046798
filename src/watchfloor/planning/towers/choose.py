"""Choose the sites that together see most: maximal covering, with a bound on every other choice.

Church and ReVelle (1974) named the problem. Here:

1. Greedy (Nemhauser, Wolsey and Fisher 1978), lazily (Minoux 1978), then the best swap of a chosen site for
   another one, until no swap helps.
2. A bound: the rule that a cell counts only if a chosen site sees it is priced (Lagrangian relaxation; Galvao
   and ReVelle 1996), and the prices are improved by subgradients. At its best it equals the bound of the
   linear relaxation. The direction of each step is mostly that of the steps before it, as in the volume
   algorithm (Barahona and Anbil 2000): without that, steps swing between sites of equal value. Sites whose
   choice, or omission, cannot beat the best choice so far are fixed by reduced value.
3. Where a gap is left: swaps again from choices of which a few sites were drawn anew.
4. Branch and bound on the sites that are left, the highest bound first, until the gap is small or time is
   over. It branches on the site that has lowered bounds most (pseudo-costs; Benichou et al. 1971).

Cells that the same sites see are merged first. The gap is (bound - covered) / covered; it is always given.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

import numpy as np
import numpy.typing as npt

from watchfloor.planning.towers.covering import columns, greedy, rows_of, subgradients, swap
from watchfloor.planning.towers.sight import Sights

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

GAP: Final = 0.001
"""Gap at which the search ends."""
SECONDS: Final = 10.0
"""Seconds after which it ends with the gap that is left."""
ROOT: Final = (4000, 1.0, 100)
NODE: Final = (60, 0.05, 20)
"""Subgradient steps at most, the scale of the first, and the steps without a better bound after which steps
become half as long: before the first branching, and after each."""
REDRAWS: Final = 60
"""Choices of which a few sites are drawn anew."""
LEAST_PART: Final = 0.1
"""Part of a site at least, where the fall of a bound is divided by the part that a branch has rounded."""
SWAPS_EVERY: Final = 50
"""Branches between two choices that swaps improve."""


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
    start: tuple[int, ...] = (),
    clock: Callable[[], float] = time.perf_counter,
) -> Choice:
    """Choose sites within limits so that the weight of the cells seen is largest.

    Args:
        sights: which cells each site sees.
        weights: of the cells, none negative.
        limits: see `Limits`; a count of towers is a budget where each costs 1.
        gap, seconds: when to end.
        progress: is told how far it is.
        start: sites of a choice within the limits that is known; what is chosen covers no less.
        clock: by which seconds are counted.
    """
    began = clock()
    cover, worth = _merge_cells(sights.matrix(), weights)
    problem = _Problem(cover, worth, limits)
    state = np.zeros(len(cover), np.int8)
    state[list(limits.forbid)] = -1
    state[list(limits.keep)] = 1
    first = problem.greedy(state)
    best = problem.improve(first, state)
    if start:
        known = np.zeros(len(cover), np.bool_)
        known[list(start)] = True
        best = max(best, problem.improve(known, state), key=problem.value)
    greedy, covered = problem.value(first), problem.value(best)
    counts = np.maximum(cover[state >= 0].sum(0), 1)
    queue: list[_Branch] = [_Branch(float(worth.sum()), 0, state, worth / (counts * limits.times))]
    falls = _Falls(len(cover))
    proved, number, nodes = covered, 0, 0
    while queue and queue[0].bound > covered * (1 + gap) and (not nodes or clock() - began < seconds):
        branch = heappop(queue)
        nodes += 1
        progress(f"covered {covered:,.6g}, at most {branch.bound:,.6g}: {nodes:,} branches")
        node = problem.relax(branch.state, branch.prices, covered, gap, ROOT if nodes == 1 else NODE)
        bound = min(node.bound, branch.bound)
        falls.add(branch, bound)
        found = node.sites
        if nodes % SWAPS_EVERY == 1 or node.value > covered:
            found = problem.improve(found, problem.state)
        if nodes == 1 and bound > covered * (1 + gap):
            best = problem.redraw(best, lambda: clock() - began > seconds)
            covered = problem.value(best)
        if (value := problem.value(found)) > covered:
            best, covered = found, value
        if bound <= covered * (1 + gap):
            proved = max(proved, bound)
            continue
        settled, dropped = problem.settle(branch.state, node, covered * (1 + gap))
        proved = max(proved, dropped)
        site = falls.site(problem.open_sites(settled), node.share)
        if site < 0:  # everything is settled: one choice is left
            last = np.asarray(settled == 1)
            value = problem.value(last)
            best, covered = (last, value) if value > covered else (best, covered)
            proved = max(proved, min(bound, max(value, covered)))
            continue
        for to in (1, -1):
            child = settled.copy()
            child[site] = to
            if problem.cost(child) <= limits.budget * (1 + 1e-12):
                number += 1
                part = float(1 - node.share[site] if to > 0 else node.share[site])
                heappush(queue, _Branch(bound, number, child, node.prices, site, max(LEAST_PART, part)))
    bound = max([proved, covered, *(one.bound for one in queue)])
    sites, gains = problem.in_order(best)
    trivial = float(worth[(cover.sum(0) >= limits.times)].sum())
    bound = float(max(covered, min(bound, trivial)))
    return Choice(sites, gains, covered, bound, trivial, greedy, nodes, clock() - began)


def _merge_cells(cover: Mask, weights: Floats) -> tuple[Mask, Floats]:
    """Merge cells that the same sites see, with the sum of their weights; leave out those that none sees."""
    useful = cover.any(0) & (weights > 0)
    columns = np.ascontiguousarray(np.packbits(cover[:, useful], axis=0).T)
    as_one = columns.view([("", columns.dtype)] * columns.shape[1]).ravel()
    _, first, to = np.unique(as_one, return_index=True, return_inverse=True)
    worth = np.asarray(np.bincount(to.ravel(), weights[useful], minlength=len(first)), np.float64)
    return np.ascontiguousarray(cover[:, useful][:, first]), worth


@dataclass(frozen=True, slots=True)
class _Branch:
    """A part of all choices that is still to be searched; the highest bound is the first.

    Attributes:
        bound: what no choice in it exceeds.
        number: of branches before it.
        state: of sites: 1 chosen, -1 left out, 0 open.
        prices: of cells, to begin with.
        site: the one that was settled last, -1 where there is none.
        part: by which that one was rounded up or down.
    """

    bound: float
    number: int
    state: npt.NDArray[np.int8]
    prices: Floats
    site: int = -1
    part: float = 1.0

    def __lt__(self, other: "_Branch") -> bool:
        return (-self.bound, self.number) < (-other.bound, other.number)


class _Falls:
    """How far bounds fell, for a whole site, where each site was left out (0) or chosen (1)."""

    def __init__(self, sites: int) -> None:
        self.sums, self.counts = np.zeros((2, sites)), np.zeros((2, sites))

    def add(self, branch: _Branch, bound: float) -> None:
        if branch.site >= 0:
            which = int(branch.state[branch.site] > 0)
            self.sums[which, branch.site] += (branch.bound - bound) / branch.part
            self.counts[which, branch.site] += 1

    def site(self, open_sites: Numbers, share: Floats) -> int:
        """Return the open site for which both bounds should fall most, or -1 where none is open."""
        if not len(open_sites):
            return -1
        parts = share[open_sites]
        means = self.sums.sum(1) / np.maximum(self.counts.sum(1), 1)
        if means.min() <= 0:
            return int(open_sites[np.argmax(np.minimum(parts, 1 - parts))])
        down, up = (self.sums[:, open_sites] + means[:, None]) / (self.counts[:, open_sites] + 1)
        falls = np.maximum(down * parts, 1e-6) * np.maximum(up * (1 - parts), 1e-6)
        return int(open_sites[np.argmax(falls)])


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
        self.rows = rows_of(cover)
        self.columns = columns(*self.rows, cover.shape[1])

    def value(self, chosen: Mask) -> float:
        return float(self.worth[self.cover[chosen].sum(0) >= self.limits.times].sum())

    def cost(self, state: npt.NDArray[np.int8]) -> float:
        return float(self.limits.costs[state == 1].sum())

    def open_sites(self, state: npt.NDArray[np.int8]) -> Numbers:
        """Return the open sites that the rest of the budget pays."""
        left = self.limits.budget - self.cost(state)
        return np.flatnonzero((state == 0) & (self.limits.costs <= left * (1 + 1e-12)))

    def greedy(self, state: npt.NDArray[np.int8]) -> Mask:
        return np.asarray(
            greedy(*self.rows, self.worth, self.limits.costs, self.limits.budget, self.limits.times, state)
        )

    def improve(self, chosen: Mask, state: npt.NDArray[np.int8]) -> Mask:
        chosen = chosen.copy()
        swap(*self.rows, self.worth, self.limits.costs, self.limits.budget, self.limits.times, state, chosen)
        return chosen

    def redraw(self, best: Mask, late: Callable[[], bool]) -> Mask:
        """Draw a few sites of the best choice anew and swap from there; keep what is better."""
        random, value, costs = np.random.default_rng(26), self.value(best), self.limits.costs
        for _ in range(REDRAWS):
            other = best.copy()
            settled = np.flatnonzero(best & (self.state == 0))
            if late() or not len(settled):
                break
            few = min(int(random.integers(3, 7)), len(settled))
            other[random.choice(settled, few, replace=False)] = False
            left = self.limits.budget - float(costs[other].sum())
            for site in random.permutation(np.flatnonzero(~other & (self.state == 0))):
                if costs[site] <= left * (1 + 1e-12):
                    other[site] = True
                    left -= float(costs[site])
            other = self.improve(other, self.state)
            if (covered := self.value(other)) > value:
                best, value = other, covered
        return best

    def relax(
        self,
        state: npt.NDArray[np.int8],
        prices: Floats,
        covered: float,
        gap: float,
        effort: tuple[int, float, int],
    ) -> _Node:
        """Improve the prices of what is open."""
        costs, budget, times = self.limits.costs, self.limits.budget, self.limits.times
        return _Node(
            *subgradients(
                self.rows, self.columns, self.worth, times, costs, budget, state, prices, covered, effort, gap
            )
        )

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
