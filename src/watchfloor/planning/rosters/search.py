"""A search for a roster: what it knows, and the steps it takes, each of which others put together.

Column generation (Dantzig and Wolfe 1960) prices each person's row by a shortest path over their rules, at
smoothed duals (Wentges 1997); the Lagrangian bound of the program holds for every roster.
"""

import math
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import numpy as np

from watchfloor.planning.rosters.columns import LITTLE, LONG, OPEN, Column, Cover, Floats, Master, Pricing
from watchfloor.planning.rosters.problem import Grid, Problem
from watchfloor.planning.rosters.relaxation import Relaxation

SMOOTHING: Final = 0.6
"""Share of the duals that gave the best bound in those that price."""
DIVE: Final = 12
"""A step of a dive fixes one in so many of the open days."""
ROUNDS: Final = 3
"""Of column generation after each step of a dive."""
ROOM: Final = 400
"""Counts that are kept in the bound of a period that is not long: the more, the closer and the slower."""


class Search:
    """A search for one problem: the best bound and the best roster."""

    def __init__(
        self,
        problem: Problem,
        seconds: float,
        threads: int,
        seed: int,
        say: Callable[[str], None],
        pricing: Pricing | None = None,
    ) -> None:
        self.problem, self.say, self.threads = problem, say, threads
        self.begun = time.monotonic()
        self.until = self.begun + seconds
        self.random = np.random.default_rng(seed)
        self.pricing, self.cover = pricing or Pricing(problem, self.until), Cover(problem)
        self.bound = -math.inf
        self.demand = np.zeros(len(self.cover.day))
        """Duals of demands at which the bound is best."""
        self.best: Grid = np.zeros((len(problem.people), problem.days), np.int16)
        self.own = np.zeros(len(problem.people))
        self.lawful: list[int] = []
        """Numbers of the people who have a lawful row."""
        self.untried = len(problem.people)
        self.cost = math.inf
        self.lock = threading.Lock()
        self.pool = ThreadPoolExecutor(threads)

    def over(self) -> bool:
        """Whether the time is over, or the best roster is as good as any."""
        return time.monotonic() > self.until or self.cost - self.bound < 1 - LITTLE

    def generate(
        self, master: Master, until: float, cutoff: float = math.inf, rows: int = 1, rounds: int = 10_000
    ) -> tuple[float, bool]:
        """Add columns until none improves, time is over, or the bound reaches a cutoff.

        Returns:
            The value of the program, and whether something below the cutoff may be had.
        """
        best, centre = -math.inf, self.demand[master.kept]
        value = master.solve()
        whole = master.fixed is None
        for done in range(rounds + 1):
            of_people, of_demand = master.duals()
            priced = SMOOTHING * centre + (1 - SMOOTHING) * of_demand
            exact = master.spread(of_demand)
            added = 0
            for trial in (priced, of_demand):
                cut, bound = master.boxed(trial)
                duals = master.spread(cut)
                new = list[Column]()
                price = partial(self.pricing.rows, duals=duals, fixed=master.fixed, most=rows)
                made = self.pool.map(price, master.people) if whole else map(price, master.people)
                for person, (reduced, columns, _) in zip(master.people, made, strict=True):
                    bound += reduced if reduced < math.inf else 0.0
                    gain = of_people[master.place[person]] - LITTLE
                    for one in columns:
                        if one.cost - exact[range(len(one.row)), one.row].sum() < gain:
                            new.append(one)
                added = master.add(new)
                if bound > best:
                    best, centre = bound, cut
                    if whole and best > self.bound:
                        self.bound, self.demand = best, cut
                if added or best > cutoff:
                    break
            if best > cutoff:
                return value, False
            if not added or math.ceil(best - LITTLE) >= value:  # what is lawful costs a whole number
                return value, value < cutoff
            value = master.solve()
            if time.monotonic() > until or done == rounds:
                break
        return value, True

    def construct(self) -> None:
        """Give one person after another their best row for what the others leave, while there is time."""
        self.lawful = []
        there = np.zeros(self.cover.shape, np.int64)
        every = np.arange(self.problem.days)
        for person in self.random.permutation(len(self.pricing.layouts)).tolist():
            if time.monotonic() > self.until:
                break
            self.untried -= 1
            prices = -self.cover.marginal(there)
            column = self.pricing.row(person, prices)
            if column is None:
                continue
            self.lawful.append(person)
            self.best[person] = column.row
            self.own[person] = column.cost
            there[every, self.best[person]] += 1
        self.lawful.sort()
        self.cost = self.cost_of(self.best, self.own)

    def report(self) -> None:
        """Say what the best roster costs, the bound, and the seconds so far."""
        self.say(f"{self.cost:,.0f} ({self.bound:,.1f}) {time.monotonic() - self.begun:.0f} s")

    def relax(self, until: float) -> None:
        """Find first prices of demand, and a bound, from rows that keep no count."""
        begun = time.monotonic()
        relaxed = Relaxation(self.pricing, self.cover, self.lawful)
        made = relaxed.climb((begun + until) / 2, self.cost)
        if self.problem.days <= LONG:
            start = made.demand, np.concatenate(made.counts)
            relaxed = Relaxation(self.pricing, self.cover, self.lawful, ROOM)
            made = max(made, relaxed.climb(until, self.cost, start, 2.0), key=lambda one: one.bound)
        self.bound, self.demand = made.bound, made.demand
        for person, counts in zip(self.lawful, made.counts, strict=True):
            if self.pricing.counts[person] is not None:
                self.pricing.counts[person] = counts

    def respond(self, passes: int, noise: float, share: float, until: float = math.inf) -> list[Column]:
        """Have each in turn take the best row for what the others leave, and keep the best roster.

        Prices are disturbed less and less, as in annealing (Kirkpatrick, Gelatt and Vecchi 1983). Of them a
        share that falls to nothing is by the duals of the program, which see further than what one more costs
        now.

        Returns:
            Rows of the last third, when little is disturbed.
        """
        if not self.lawful:
            return []
        grid, own = self.best.copy(), self.own.copy()
        there, every = self.cover.count(grid), np.arange(self.problem.days)
        duals = self.cover.spread(self.demand)
        found = dict[Column, None]()
        for left in np.linspace(1.0, 0.0, passes).tolist():
            for person in self.random.permutation(self.lawful).tolist():
                there[every, grid[person]] -= 1
                now = share * left
                prices = now * duals - (1 - now) * self.cover.marginal(there)
                prices += noise * left * self.random.random(prices.shape)
                for one in self.pricing.rows(person, prices)[1][:1]:
                    grid[person], own[person] = one.row, one.cost
                    if left < 1 / 3:
                        found[one] = None
                there[every, grid[person]] += 1
                if self.over() or time.monotonic() > until:
                    break
            cost = self.cost_of(grid, own)
            if cost < self.cost:
                self.best, self.own, self.cost = grid.copy(), own.copy(), cost
            if self.over() or time.monotonic() > until:
                break
        return list(found)

    def cost_of(self, grid: Grid, own: Floats) -> float:
        """Return what a roster costs whose rows cost `own`, with its demand."""
        return float(own.sum() + self.cover.costs(self.cover.count(grid)).sum())

    def change(self, columns: Iterable[Column]) -> bool:
        """Put rows into the best roster unless it costs more; say whether it costs less."""
        with self.lock:  # another thread may have changed the rows of others meanwhile
            grid, own = self.best.copy(), self.own.copy()
            for one in columns:
                grid[one.person], own[one.person] = one.row, one.cost
            cost = self.cost_of(grid, own)
            better = cost < self.cost - LITTLE
            if cost <= self.cost + LITTLE:
                self.best, self.own, self.cost = grid, own, cost
        if better:
            self.report()
        return better

    def shake(self, people: Iterable[int], random: np.random.Generator) -> bool:
        """Give each of some people the best row for what the others leave, drawn among equals."""
        better = False
        for person in people:
            grid = self.best
            there = self.cover.count(grid)
            there[np.arange(self.problem.days), grid[person]] -= 1
            prices = -self.cover.marginal(there)
            prices += random.random(prices.shape) * (0.5 / self.problem.days)
            better |= self.change(self.pricing.rows(person, prices)[1])
        return better

    def dive(
        self,
        master: Master,
        until: float,
        cutoff: float = math.inf,
        random: np.random.Generator | None = None,
    ) -> bool:
        """Fix days of people one after the other, those first that the program is surest of.

        Whoever is not whole when the time is over keeps the row they have.
        """
        if master.fixed is None:
            master.fixed = np.full(self.best.shape, OPEN, np.int16)
        master.fixed = master.fixed.copy()
        days = np.flatnonzero((master.fixed[master.people] == OPEN).any(0))
        while time.monotonic() < until:
            values = master.values()
            taken = np.flatnonzero(values > LITTLE)
            if (values[taken] > 1 - LITTLE).all():
                break
            posts = np.array([column.row for column in master.columns], np.int16)[:, days]
            owner = np.array([master.place[column.person] for column in master.columns])
            alive = master.alive()
            share = np.zeros((len(master.people), len(days), self.cover.shape[1]))
            for number in taken.tolist():
                share[owner[number], np.arange(len(days)), posts[number]] += values[number]
            open_days = master.fixed[master.people][:, days] == OPEN
            top, which = np.where(open_days, share.max(2), 0.0), share.argmax(2)
            sure = int((top > 1 - LITTLE).sum())
            more = max(int((top > 0).sum()) // DIVE, 1)
            if random:
                top = np.where((top > 0) & (top < 1 - LITTLE), top * random.uniform(0.8, 1.0, top.shape), top)
            order = np.argsort(-top, axis=None, kind="stable")
            closed = np.zeros(len(posts), bool)
            for place in order[: sure + more].tolist():
                line, day = divmod(place, len(days))
                if top[line, day] <= 0:
                    break
                mine = (owner == line) & alive & ~closed
                off = mine & (posts[:, day] != which[line, day])
                if (mine & ~off).any():
                    master.fixed[master.people[line], days[day]] = which[line, day]
                    closed |= off
            master.close(np.flatnonzero(closed))
            _, may = self.generate(master, until, cutoff, rounds=ROUNDS)
            if not may:
                return False
        taken = np.flatnonzero(master.values() > 0.5)
        return self.change([master.columns[number] for number in taken.tolist()])
