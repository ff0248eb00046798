"""Large neighbourhoods of a roster (Shaw 1998): some people and days are freed, and their rows chosen anew.

Which kinds of neighbourhood are drawn follows what each has gained for its time; how many people are freed,
how long the last ones took.
"""

import time
from typing import Final

import numpy as np

from watchfloor.core.extras import optional
from watchfloor.planning.rosters.columns import LITTLE, OPEN, Column, Floats, Master
from watchfloor.planning.rosters.problem import Grid
from watchfloor.planning.rosters.search import Search

with optional():
    import highspy

MANY: Final = 8_000
"""Columns for one choice of whole ones."""
PIECE: Final = 4.0
"""Seconds for one neighbourhood."""


class Neighbourhoods:
    """Neighbourhoods of the best roster of a search, drawn by one thread."""

    def __init__(self, search: Search, random: np.random.Generator) -> None:
        self.search, self.random = search, random

    def explore(self) -> None:
        """Free some people and days at a time until the search is over."""
        search, random = self.search, self.random
        days, everybody = search.problem.days, len(search.lawful)
        arms = [(width, dives) for width in (7, 14, 28, days) for dives in (False, True) if width <= days]
        arms = [(width, dives) for width, dives in dict.fromkeys(arms) if not dives or width >= min(days, 14)]
        freed = {arm: min((1_000.0 if arm[1] else 150.0) / arm[0], everybody) for arm in arms}
        gains = dict.fromkeys(arms, 1.0)
        while not search.over():
            search.shake(random.choice(search.lawful, min(8, everybody), replace=False).tolist(), random)
            weights = np.array([gains[arm] for arm in arms])
            arm = arms[random.choice(len(arms), p=weights / weights.sum())]
            width, dives = arm
            count = min(max(2, int(freed[arm])), everybody)
            with search.lock:
                grid, own = search.best, search.own
            people, fixed = self._neighbours(grid, count, width)
            spent = time.monotonic()
            better, ended = self._anew(people, grid, own, fixed, dives=dives)
            spent = time.monotonic() - spent
            gains[arm] = max(0.8 * gains[arm] + (0.2 * PIECE / max(spent, PIECE / 8) if better else 0.0), 0.1)
            if spent > (3 if dives else 1) * PIECE:
                freed[arm] = max(2.0, freed[arm] * 0.9)
            elif spent < PIECE / 2:
                freed[arm] = min(float(everybody), freed[arm] * 1.05)
            if count == everybody and width == days and ended:
                with search.lock:
                    search.bound = search.cost

    def _neighbours(self, grid: Grid, count: int, width: int) -> tuple[list[int], Grid]:
        """Draw people who could mend an unmet demand, and others, and open some of their days."""
        random, cover, lawful = self.random, self.search.cover, self.search.lawful
        days, weights = self.search.problem.days, np.ones(len(lawful))
        costs = cover.costs(cover.count(grid))
        day = int(random.integers(days))
        if costs.any() and random.random() < 0.7:
            day = int(cover.day[random.choice(np.flatnonzero(costs))])
            near = slice(max(day - 2, 0), day + 3)
            weights += 5 * (grid[lawful, near] != 0).any(1) * random.random(len(weights))
        first = min(max(day - int(random.integers(width)), 0), days - width)
        drawn = random.choice(lawful, count, replace=False, p=weights / weights.sum())
        fixed = grid.copy()
        fixed[drawn, first : first + width] = OPEN
        return sorted(drawn.tolist()), fixed

    def _anew(
        self, people: list[int], grid: Grid, own: Floats, fixed: Grid, *, dives: bool
    ) -> tuple[bool, bool]:
        """Choose the rows of some people anew, on some days, by a dive or else of all rows there are.

        Returns:
            Whether the roster is better, and whether nothing is left to try with these people.
        """
        search, now = self.search, time.monotonic()
        until = min(now + (3 * PIECE if dives else PIECE), search.until)
        master = Master(search.problem, search.cover, people, fixed)
        costs = search.cover.costs(search.cover.count(grid))
        current = float(own[people].sum() + costs[master.kept].sum())
        kept = [Column(person, tuple(grid[person].tolist()), own[person]) for person in people]
        master.add(kept)
        cutoff = current - 1 + LITTLE
        value, may = search.generate(master, until, cutoff, rows=1 if dives else 5)
        if not may:
            return False, True
        if dives:
            return search.dive(master, until + PIECE, cutoff, self.random), False
        if time.monotonic() > until:
            return False, False
        return self._whole(master, cutoff - value, len(kept), until)

    def _whole(self, master: Master, gap: float, kept: int, until: float) -> tuple[bool, bool]:
        """Choose whole columns among all whose reduced cost leaves room for something better.

        Returns:
            Whether the roster is better, and whether it is the best that there is.
        """
        model = master.model
        of_people, of_demand = master.duals()
        cut, _ = master.boxed(of_demand)
        duals = master.spread(cut)
        each, complete = MANY // len(master.people), True
        for person in master.people:
            _, columns, all_of = self.search.pricing.rows(
                person, duals, fixed=master.fixed, most=each, slack=gap, width=each, every=True
            )
            master.add(columns)
            complete &= all_of
        posts = np.array([column.row for column in master.columns])
        reduced = (
            np.array([column.cost for column in master.columns])
            - duals[np.arange(posts.shape[1]), posts].sum(1)
            - of_people[[master.place[column.person] for column in master.columns]]
        )
        reduced[:kept] = 0.0
        opened = np.flatnonzero(reduced <= gap)
        master.close(np.setdiff1d(np.arange(len(reduced)), opened))
        for number in opened.tolist():
            model.changeColIntegrality(master.first + number, highspy.HighsVarType.kInteger)
        model.setOptionValue("mip_rel_gap", 0.0)
        model.setOptionValue("mip_abs_gap", 0.999)
        model.setOptionValue("time_limit", model.getRunTime() + max(until - time.monotonic(), 0.5))
        model.run()
        ended = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        taken = np.flatnonzero(np.array(model.getSolution().col_value)[master.first :] > 0.5)
        if len(taken) < len(master.people):
            return False, False
        better = self.search.change(master.columns[number] for number in taken.tolist())
        return better, ended and complete


def improve(search: Search) -> None:
    """Free some people and days at a time, and choose their rows anew; each thread frees others."""
    every = [Neighbourhoods(search, random) for random in search.random.spawn(search.threads)]
    for _ in search.pool.map(Neighbourhoods.explore, every):
        pass
