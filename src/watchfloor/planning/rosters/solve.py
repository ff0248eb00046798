"""Make a roster: rows of people as columns of a linear program, then a whole choice of them, with a bound.

Column generation (Dantzig and Wolfe 1960) prices each person's row by a shortest path over their rules, at
smoothed duals (Wentges 1997); the Lagrangian bound of the program holds for every roster. A first roster
gives one person after another the row that is best for what the others leave. Then some people, or some of
their days, are freed at a time, and the rest is kept (large neighbourhood search, Shaw 1998): the same
column generation says first whether anything better can be among their rows.
"""

import math
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from watchfloor.planning.rosters.check import Verdict, check
from watchfloor.planning.rosters.columns import (
    LITTLE,
    LONG,
    OPEN,
    Column,
    Cover,
    Floats,
    Master,
    Pricing,
)
from watchfloor.planning.rosters.neighbourhoods import Neighbourhoods
from watchfloor.planning.rosters.pieces import Piece
from watchfloor.planning.rosters.problem import (
    Demand,
    Grid,
    Person,
    Post,
    Problem,
    Run,
    Shift,
    Total,
    Weekends,
    WholeWeekend,
)
from watchfloor.planning.rosters.relaxation import Relaxation

SMOOTHING: Final = 0.6
"""Share of the duals that gave the best bound in those that price."""
DIVE: Final = 12
"""A step of a dive fixes one in so many of the open days."""
ROUNDS: Final = 3
"""Of column generation after each step of a dive."""
PASSES: Final = 12
NOISE: Final = 100.0
"""By how much prices are disturbed at first: a shortfall in most demand costs about as much."""
SHORT: Final = 35
"""Days of a period up to which all of it is searched at once."""
WEEKS: Final = 28
"""Days of the pieces of a longer one, to begin with."""
WIDEST: Final = 84
"""Days of the pieces, at most."""
SWEEPS: Final = 3
"""Times that pieces cover the period in the time that is left."""
ROOM: Final = 400
"""Counts that are kept in the bound of a period that is not long: the more, the closer and the slower."""
RELAXED: Final = 0.1
"""Share of the time for the first bound, and as much for taking turns."""


@dataclass(frozen=True)
class Roster:
    """A roster, and how good it is.

    Attributes:
        grid: people by days, numbers of posts.
        verdict: what the check says of it.
        bound: no roster that keeps the rules costs less.
        seconds: taken.
        untried: people without a row because the time was up before one was looked for.
        broken: pools whose bound ended early because rounding had made its program singular; it holds.
    """

    grid: Grid
    verdict: Verdict
    bound: int
    seconds: float
    untried: int = 0
    broken: int = 0


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
        self.cost = self._cost(self.best, self.own)

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

    def whole(self, rows: Iterable[Column]) -> None:
        """Better the roster by the program of all days, from some rows on."""
        master = Master(self.problem, self.cover, self.lawful)
        # Primal simplex: with columns added, the last solution stays feasible. A third of the dual's time.
        master.model.setOptionValue("simplex_strategy", 4)
        master.add(rows)
        master.add(Column(each, tuple(self.best[each].tolist()), self.own[each]) for each in self.lawful)
        begun, seconds = time.monotonic(), self.until - time.monotonic()
        self.generate(master, begun + 0.3 * seconds)
        self.report()
        if not self.over():
            self.dive(master, begun + 0.7 * seconds)
        self.improve()

    def weeks(self) -> None:
        """Better some weeks at a time while the others stay, and more of them where that gains nothing."""
        days, width, sweep = self.problem.days, WEEKS, 0
        widest = min(-(-days // 7) * 7, WIDEST)
        begin = -self.problem.weekday % 7
        while not self.over():
            before = self.cost
            shift = width // 14 * 7 if sweep % 2 else 0
            for first in range(begin - shift - (WEEKS if begin > shift else 0), days, width):
                seconds = max((self.until - time.monotonic()) * width / days / SWEEPS, 2.0)
                if first + width > 0 and not self.over():
                    self._weeks(max(first, 0), min(first + width, days), seconds)
            self.shake(self.random.permutation(self.lawful).tolist(), self.random)
            sweep += 1
            if self.cost == before and sweep > 1:
                width, sweep = min(width * 3 // 14 * 7, widest), 0
            self.report()

    def _weeks(self, first: int, last: int, seconds: float) -> None:
        made = Piece(self.pricing, self.cover, self.best, first, last)
        seconds = min(seconds, self.until - time.monotonic())
        seed = int(self.random.integers(1 << 30))
        part = Search(made.problem, seconds, self.threads, seed, lambda _: None, made)
        part.lawful, part.demand = self.lawful, self.demand[made.demand]
        part.best = self.best[:, first : made.until].copy()
        nothing = np.zeros(part.cover.shape)
        for person in self.lawful:
            part.own[person] = made.rows(person, nothing, fixed=part.best)[1][0].cost
        before = part.own.copy()
        part.cost = part._cost(part.best, part.own)
        part.whole([])
        grid = self.best.copy()
        grid[:, first : made.until] = part.best
        own = self.own + part.own - before
        self.change(Column(each, tuple(grid[each].tolist()), own[each]) for each in self.lawful)

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
            cost = self._cost(grid, own)
            if cost < self.cost:
                self.best, self.own, self.cost = grid.copy(), own.copy(), cost
            if self.over() or time.monotonic() > until:
                break
        return list(found)

    def _cost(self, grid: Grid, own: Floats) -> float:
        return float(own.sum() + self.cover.costs(self.cover.count(grid)).sum())

    def change(self, columns: Iterable[Column]) -> bool:
        """Put rows into the best roster unless it costs more; say whether it costs less."""
        with self.lock:  # another thread may have changed the rows of others meanwhile
            grid, own = self.best.copy(), self.own.copy()
            for one in columns:
                grid[one.person], own[one.person] = one.row, one.cost
            cost = self._cost(grid, own)
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

    def improve(self) -> None:
        """Free some people and days at a time, and choose their rows anew; each thread frees others."""
        every = [Neighbourhoods(self, random) for random in self.random.spawn(self.threads)]
        for _ in self.pool.map(Neighbourhoods.explore, every):
            pass

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


def solve(
    problem: Problem,
    seconds: float = 600.0,
    threads: int = 2,
    seed: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> Roster:
    """Make the best roster that is found in so many seconds, and say how much better another can be."""
    compile_kernels()
    search = Search(problem, seconds, threads, seed, say)
    search.construct()
    search.report()
    if search.lawful and not search.over():
        if problem.days > SHORT:
            search.relax(time.monotonic() + RELAXED * seconds)
            search.respond(PASSES, NOISE, 0.0, time.monotonic() + RELAXED * seconds)
            search.report()
            search.weeks()
        else:  # the program itself bounds it sooner
            rows = search.respond(PASSES, NOISE, 0.0)
            search.report()
            search.whole(rows)
    verdict = check(problem, search.best)
    bound = max(math.ceil(search.bound - LITTLE), 0) if search.bound > -math.inf else 0
    return Roster(search.best, verdict, bound, time.monotonic() - search.begun, search.untried)


def compile_kernels() -> None:
    """Make a roster of two people and two days, through all kernels."""
    rules = (
        Total("days", 1, most=1),
        Total("minutes", 1, most=600, minutes=True),
        Run("run", 1, most=1),
        Weekends("weekends", 1),
        WholeWeekend("weekend", 1),
    )
    people = tuple(Person(name, frozenset({1}), rules) for name in "ab")
    demand = tuple(Demand(day, Post(1), 1, 1, 1, 1, "demand") for day in range(2))
    problem = Problem("kernels", 2, (Shift("D", 480),), (Post(1),), people, demand, weekday=5)
    search = Search(problem, math.inf, 1, 0, lambda _: None)
    search.construct()
    search.relax(0.0)


KERNELS: Final = (compile_kernels,)
