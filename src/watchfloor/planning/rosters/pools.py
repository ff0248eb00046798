"""Rosters of thousands: pools of people who share no post are solved apart, and their bounds add up.

The roster of a pool comes of a method of multipliers (Hestenes 1969, Powell 1969): each in turn takes the
cheapest row at prices of the demand, which rise where somebody is missing and fall where too many are, mixed
with what one more costs now, of which more and more counts. The prices that give the best bound (`barrier`)
are those to begin with. They are disturbed a little (annealing, Kirkpatrick, Gelatt and Vecchi 1983).
"""

import math
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Final, NamedTuple

import numpy as np
from msgspec import structs
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from watchfloor.planning.rosters import links
from watchfloor.planning.rosters import search as searching
from watchfloor.planning.rosters import solve as solving
from watchfloor.planning.rosters.barrier import Barrier
from watchfloor.planning.rosters.check import check
from watchfloor.planning.rosters.columns import LITTLE, Floats
from watchfloor.planning.rosters.neighbourhoods import improve
from watchfloor.planning.rosters.networks import TooLarge
from watchfloor.planning.rosters.problem import Demand, Grid, Person, Post, Problem, Shift, Total, Weekends
from watchfloor.planning.rosters.solve import Roster
from watchfloor.planning.rosters.tables import Tables, Whole

GAP: Final = 0.0015
"""Share of its cost by which a pool's roster may be above the bound when nothing more is tried."""
NEAR: Final = 0.0004
"""Share of the program's value within which its bound is found."""
FRACTION: Final = 0.05
"""Of a shortfall in the program, from which on it is asked whether one less would do."""
MORE: Final = 4.0
"""By how many times its price a shortfall costs more where it is asked whether fewer would do."""
ROUNDS, ROSTERS = 200, 10
"""Of rows that are priced for it at most, and rosters whose rows are the first."""
MANY: Final = 100
"""People from which on pools are solved apart: processes take seconds to begin."""
SWEEPS: Final = 150
"""At first; each further time twice as many."""
TIMES: Final = 3
"""That the whole pool is swept at first."""
EARLY, LATE = (0.05, 0.3), (0.01, 0.05)
"""Share of what one more costs now in prices, from first to last, before the bound is known and after."""
RAISE: Final = 0.04
"""By how much of a shortfall's price prices rise for each one missing, while their own are not known."""
NOISE: Final = 0.03
"""Disturbance of prices, in shortfalls, for each share of what one more costs now."""
SPARE: Final = 0.95
"""Share of the seconds for pools; the rest is for what is before and after."""
LEAST: Final = 1.0
"""Seconds for another search of a pool at least."""
POLISH: Final = 5
"""Sweeps at what one more costs now, undisturbed, at the end."""


@dataclass(frozen=True)
class Pool:
    """People who share posts with each other and with nobody else.

    Attributes:
        people: their numbers in the whole problem.
        posts: numbers of the posts in the whole problem, by their numbers in this one.
        problem: theirs alone.
    """

    people: tuple[int, ...]
    posts: tuple[int, ...]
    problem: Problem


def pools(problem: Problem) -> list[Pool]:
    """Part a problem into pools, the largest first; together they are the whole problem."""
    people, posts = len(problem.people), len(problem.posts)
    pairs = [(number, people + post - 1) for number, one in enumerate(problem.people) for post in one.posts]
    pairs += [(link.person, other) for link in problem.links for other in link.others]
    number = {post: people + place for place, post in enumerate(problem.posts)}
    for one in problem.demand:  # an hour is met by several posts
        pairs += [(number[one.post], number[post]) for _, post in one.also]
    ends = np.array(pairs, np.int64).reshape(-1, 2).T
    joined = coo_array((np.ones(len(pairs)), (ends[0], ends[1])), (people + posts, people + posts))
    _, labels = connected_components(joined, directed=False)
    members: dict[int, tuple[list[int], list[int], list[Demand]]] = {}
    for node, label in enumerate(labels.tolist()):
        of = members.setdefault(label, ([], [], []))
        if node < people:
            of[0].append(node)
        else:
            of[1].append(node - people + 1)
    for one in problem.demand:
        members[int(labels[number[one.post]])][2].append(one)
    made = [_pool(problem, *each) for each in members.values() if each[0] or each[2]]
    return sorted(made, key=lambda pool: -len(pool.people))


def _pool(problem: Problem, people: list[int], posts: list[int], demand: list[Demand]) -> Pool:
    place = {post: number for number, post in enumerate(posts, 1)}
    mine = []
    for number in people:
        one = problem.people[number]
        barred = frozenset((day, place[post]) for day, post in one.barred if post in place)
        mine.append(replace(one, posts=frozenset(place[post] for post in one.posts), barred=barred))
    places = {number: new for new, number in enumerate(people)}
    links = tuple(
        structs.replace(
            link, person=places[link.person], others=frozenset(places[each] for each in link.others)
        )
        for link in problem.links
        if link.person in places
    )
    of = tuple(problem.posts[post - 1] for post in posts)
    part = replace(problem, posts=of, people=tuple(mine), demand=tuple(demand), links=links)
    return Pool(tuple(people), (0, *posts), part)


def near(cost: float, bound: float) -> bool:
    """Return whether a roster of a pool is near enough to its bound."""
    return cost - max(bound, 0.0) < max(GAP * cost, 1 - LITTLE)


class Search(searching.Search):
    """The search for one pool. Raises `TooLarge` where its rules make tables too large."""

    def __init__(self, problem: Problem, seconds: float, seed: int) -> None:
        super().__init__(problem, seconds, 1, seed, lambda _: None)
        if len(self.pricing.layouts) < len(problem.people):  # for the time that there is
            raise TooLarge
        self.tables = Tables(problem, self.pricing, self.cover, seed)
        prices = np.maximum(self.cover.under, self.cover.over)
        self.shortfall = float(np.median(prices[prices > 0])) if (prices > 0).any() else 1.0
        self.untried, self.broken, self.settled = 0, False, False
        values, rows, own = self.tables.rows(self.tables.order, np.zeros(self.cover.shape))
        able = np.isfinite(values)
        self.lawful = self.tables.order[able].tolist()
        self.best[self.lawful], self.own[self.lawful] = rows[able], own[able]
        self.cost = self.cost_of(self.best, self.own)
        found: dict[tuple[int, int], int] = {}
        keys = zip(self.tables.alike.tolist(), self.tables.starts[:, 0].tolist(), strict=True)
        self.classes = np.array([found.setdefault(key, len(found)) for key in keys], np.int64)
        """Of each person: people of a class have the same lawful rows, at the same costs."""

    def over(self) -> bool:
        """Whether the time is over, or the roster near enough to the bound."""
        return time.monotonic() > self.until or self.near()

    def near(self) -> bool:
        """Whether the roster is near enough to the bound."""
        return near(self.cost, self.bound)

    def coordinate(
        self, prices: Floats, sweeps: int, shares: tuple[float, float], step: float
    ) -> tuple[Floats, list[tuple[Grid, Floats]]]:
        """Have each in turn take the cheapest row at prices of the demand that follow what is missing.

        Args:
            prices: of each demand, to begin with.
            sweeps: through all people.
            shares: of what one more costs now, in the first and the last sweep.
            step: by how much a price changes for one missing, in shortfalls.

        Returns:
            Prices of the second half, on average, and some of its rosters: rows, and what each costs.
        """
        cover, tables = self.cover, self.tables
        least, most = self._box()
        grid, own = np.zeros_like(self.best), np.zeros(len(self.best), np.int64)
        met = cover.met(cover.count(grid)).astype(np.int64)
        prices, total, some = np.clip(prices, least, most), np.zeros(len(prices)), list[tuple[Grid, Floats]]()
        for number, share in enumerate(np.geomspace(*shares, sweeps).tolist()):
            if self.over():
                break
            people = self.random.permutation(self.lawful)
            noise = NOISE * share * self.shortfall
            cost = tables.sweep(people, grid, own, met, noise, -cover.spread(prices), 1.0 - share)
            self._keep(grid, own, cost)
            missing = np.maximum(cover.least - met, 0) - np.maximum(met - cover.most, 0)
            prices = np.clip(prices + step * self.shortfall * np.clip(missing, -1, 1), least, most)
            if number >= sweeps // 2:
                total += prices
                if number % 3 == 0:
                    some.append((grid.copy(), own / tables.unit))
        grid, own = self.best.copy(), np.round(self.own * tables.unit).astype(np.int64)
        met = cover.met(cover.count(grid)).astype(np.int64)
        for _ in range(POLISH):
            if self.over():
                break
            people = self.random.permutation(self.lawful)
            self._keep(grid, own, tables.sweep(people, grid, own, met, 0.0, np.zeros(cover.shape), 0.0))
        return total / max(sweeps - sweeps // 2, 1), some

    def _keep(self, grid: Grid, own: Whole, cost: float) -> None:
        if cost < self.cost - LITTLE:
            self.best, self.own, self.cost = grid.copy(), own / self.tables.unit, cost

    def _box(self) -> tuple[Floats, Floats]:
        """Return the prices of each demand beyond which the bound is infinite."""
        finite = np.isfinite(self.cover.least), np.isfinite(self.cover.most)
        return np.where(finite[1], -self.cover.over, 0.0), np.where(finite[0], self.cover.under, 0.0)

    def priced(self, prices: Floats) -> tuple[float, Grid, Floats]:
        """Return the least cost at prices of the demand, the cheapest row of each, and what that costs."""
        cover, tables = self.cover, self.tables
        prices = np.round(prices * tables.unit) / tables.unit  # so that sums of them are exact
        values, rows, own = tables.rows(np.array(self.lawful), -cover.spread(prices))
        wanted, unwanted = prices > 0, prices < 0
        bound = float(values.sum() + prices[wanted] @ cover.least[wanted])
        return bound + float(prices[unwanted] @ cover.most[unwanted]), rows, own

    def bind(self, prices: Floats, some: list[tuple[Grid, Floats]], until: float) -> None:
        """Find the bound and the prices that give it, from some prices and rosters on."""
        if not len(prices):
            self.bound, _, _ = self.priced(prices)
            self.settled = True
            return
        people = np.array(self.lawful)
        numbers, classes = np.unique(self.classes[people], return_inverse=True)
        counts = np.bincount(classes, minlength=len(numbers))
        barrier = Barrier(self.cover, counts, prices, self.shortfall / 1000)
        for grid, own in [(self.best, self.own), *some[-ROSTERS:]]:
            barrier.add(grid[people], classes, own[people])
        self.bound, self.demand = self._bound(barrier, classes, until, self.cost, 0.0)
        self.settled = time.monotonic() < until
        short = float(barrier.high[0].sum())
        whole = math.floor(short)
        # Shortfalls are whole: there are so many at most, or one more at least. The bound holds for both.
        able = barrier.live[0]
        each = float(self.cover.under[able].min(initial=math.inf))
        if self.over() or each == math.inf:
            return
        one_more = each * (whole + 1) + self.priced(np.zeros(len(prices)))[0]
        if one_more - self.bound > NEAR * one_more and short - whole > FRACTION:
            barrier.mu = self.shortfall / 1000
            barrier.most[0, able] += MORE * each
            at_most, _ = self._bound(barrier, classes, until, one_more, MORE * each * whole)
            self.bound = max(self.bound, min(at_most, one_more))

    def _bound(
        self, barrier: Barrier, classes: Whole, until: float, enough: float, less: float
    ) -> tuple[float, Floats]:
        """Add rows until the program's value, so much less, is known or enough; return it and its prices."""
        best, found, barrier.broken = -math.inf, barrier.duals(), False
        for _ in range(ROUNDS):
            centred, value = barrier.centre(), barrier.value() - less
            bound, rows, own = self.priced(barrier.duals())
            bound -= less
            if bound > best:
                best, found = bound, barrier.duals()
            if barrier.broken:
                self.broken = True
                break
            known = centred and best + max(NEAR * abs(best), 0.3) > value + barrier.room()
            if known or time.monotonic() > until or enough - best < max(GAP * enough, 1 - LITTLE):
                break
            barrier.add(rows, classes, own)
            if not centred:
                barrier.mu *= 2
            elif value - bound < barrier.room():
                barrier.mu /= 2
        return best, found


class Part(NamedTuple):
    """The roster of a pool, and its bound; untried and broken are as a `Roster` has them.

    Attributes:
        own: what each row costs beside the demand.
        prices: of the demand, from which on a search can go on; none: it cannot.
        settled: whether the bound was found before its time was up.
    """

    grid: Grid
    bound: float
    untried: int = 0
    broken: bool = False
    own: Floats | None = None
    prices: Floats | None = None
    settled: bool = False


def solve_pool(problem: Problem, seconds: float, seed: int, before: Part | None = None) -> Part:
    """Return the best roster of a pool that is found in so many seconds, or a better one than before."""
    if not problem.people:
        search = searching.Search(problem, seconds, 1, seed, lambda _: None)
        search.construct()
        return Part(search.best, search.cost)
    if problem.links:
        made = links.solve(problem, seconds, 1, seed)
        return Part(made.grid, made.bound, made.untried)
    try:
        search = Search(problem, seconds, seed)
    except TooLarge:
        made = solving.solve(problem, seconds, 1, seed)
        return Part(made.grid, made.bound, made.untried)
    if not search.lawful:
        return Part(search.best, search.cost)
    if before and before.own is not None and before.prices is not None:
        search.best, search.own, search.demand = before.grid.copy(), before.own.copy(), before.prices
        search.cost, search.bound = search.cost_of(search.best, search.own), before.bound
        search.broken, search.settled = before.broken, before.settled
    if not search.settled:
        least = search.bound
        prices, some = search.coordinate(search.cover.under / 2, SWEEPS, EARLY, RAISE)
        search.bind(prices, some, time.monotonic() + 0.6 * (search.until - time.monotonic()))
        search.bound = max(search.bound, least)
        for doubled in range(TIMES):
            search.coordinate(search.demand, SWEEPS * 2 << doubled, LATE, RAISE / 4)
    else:
        search.coordinate(search.demand, SWEEPS * 4, LATE, RAISE / 4)
        improve(search)
    broken = search.broken and not search.near()
    part = Part(search.best, search.bound, broken=broken, own=search.own, prices=search.demand)
    return part._replace(settled=search.settled)


def solve(
    problem: Problem,
    seconds: float = 600.0,
    processes: int = 2,
    seed: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> Roster:
    """Make the roster of a problem pool by pool, as many at a time as there are processes.

    Of few people, or where all share posts, it is made at once. Each pool has a share, by its people, of the
    seconds that the pools before it left. What all have left is for those furthest above their bounds, which
    are searched again from other seeds on. The seconds begin when the processes are there with what is
    compiled at its first use.
    """
    parts = pools(problem)
    if len(parts) < 2 or len(problem.people) < MANY:
        return links.solve(problem, seconds, processes, seed, say)
    compile_pool()
    with ProcessPoolExecutor(processes, get_context("spawn")) as workers:
        wait([workers.submit(compile_pool) for _ in range(processes)])
        shared = _Shared(parts, seconds, processes)
        running: dict[Future[Part], int] = {}
        while True:
            while len(running) < processes and (job := shared.next(set(running.values()))):
                number, share = job
                seed_of = seed + shared.times[number]
                again = parts[number].problem, share, seed_of, shared.made.get(number)
                running[workers.submit(solve_pool, *again)] = number
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                shared.keep(running.pop(future), future.result())
                say(shared.report())
    grid = np.zeros((len(problem.people), problem.days), np.int16)
    for number, made in shared.made.items():
        grid[list(parts[number].people)] = np.array(parts[number].posts, np.int16)[made.grid]
    told = (sum(getattr(one, name) for one in shared.made.values()) for name in ("untried", "broken"))
    return Roster(grid, check(problem, grid), shared.bound(), shared.spent(), *told)


class _Shared:
    """The seconds that pools share, and what they have made so far."""

    def __init__(self, parts: list[Pool], seconds: float, processes: int) -> None:
        self.parts, self.seconds, self.processes = parts, seconds, processes
        self.begun = time.monotonic()
        self.people = self.left = sum(len(pool.people) for pool in parts)
        self.times = [0] * len(parts)
        self.made: dict[int, Part] = {}
        self.costs: dict[int, int] = {}

    def spent(self) -> float:
        """Return the seconds so far."""
        return time.monotonic() - self.begun

    def next(self, running: set[int]) -> tuple[int, float] | None:
        """Return which pool is searched next, and its seconds; none: no other is, or not yet."""
        rest = SPARE * self.seconds - self.spent()
        number = self.times.index(0) if 0 in self.times else -1
        if number >= 0:
            people = len(self.parts[number].people)
            share = min(1.0, self.processes * people / max(self.left, 1))
            share *= max(rest, (self.seconds - self.spent()) / 2, 0.0)
            self.left -= people
        else:
            gaps = {each: gap for each in self.made if (gap := self._gap(each))}
            able = [each for each in gaps if each not in running]
            if rest < LEAST or not able:
                return None
            number = min(able, key=lambda each: (self.times[each], -gaps[each]))
            share = min(rest, max(rest * self.processes * gaps[number] / sum(gaps.values()) / 2, LEAST))
        self.times[number] += 1
        return number, share

    def _gap(self, number: int) -> float:
        """Return by how much a pool is above its bound; nothing where it is near, or cannot be bettered."""
        made, cost = self.made[number], self.costs[number]
        return 0.0 if made.prices is None or near(cost, made.bound) else cost - max(made.bound, 0.0)

    def keep(self, number: int, made: Part) -> None:
        """Keep what was made of a pool."""
        self.made[number], self.costs[number] = made, check(self.parts[number].problem, made.grid).cost

    def bound(self) -> int:
        """Return what no roster of these pools costs less than."""
        bounds = (one.bound for one in self.made.values())
        return sum(max(math.ceil(each - LITTLE), 0) for each in bounds if each > -math.inf)

    def report(self) -> str:
        """Return whose rosters there are, what they cost, their bound, and the seconds so far."""
        done = sum(len(self.parts[number].people) for number in self.made)
        costs = f"{sum(self.costs.values()):,} ({self.bound():,})"
        return f"{done:,} / {self.people:,}  {costs}  {self.spent():.0f} s"


def compile_pool() -> None:
    """Make a roster of two people and two days, through all kernels of pools."""
    rules = Total("days", None, most=1), Weekends("weekends", None, most=1)
    people = tuple(Person(name, frozenset({1}), rules) for name in "ab")
    demand = tuple(Demand(day, Post(1), 1, 1, 1, 1, "demand") for day in range(2))
    solve_pool(Problem("kernels", 2, (Shift("D", 480),), (Post(1),), people, demand, weekday=5), 0.1, 0)


KERNELS: Final = (compile_pool,)
