"""Rosters of thousands: pools of people who share no post are solved apart, and their bounds add up.

People with equal qualifications, rules and past are one class: its row is priced once, and the linear program
says how many of the class work each row, which gives the bound. The roster itself comes of each in turn
taking the best row for what the others leave, at prices that are disturbed (simulated annealing, Kirkpatrick,
Gelatt and Vecchi 1983) and led by the duals, and then of `solve`.
"""

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any, Final

import numpy as np
from msgspec import structs
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from watchfloor.planning.rosters import links
from watchfloor.planning.rosters import solve as solving
from watchfloor.planning.rosters.check import check
from watchfloor.planning.rosters.columns import LITTLE, Column, Master
from watchfloor.planning.rosters.problem import Demand, Grid, Problem
from watchfloor.planning.rosters.solve import Roster

GAP: Final = 0.003
"""Share of its cost by which a pool's roster may be above the bound when nothing more is tried."""
PASSES: Final = 30
STEP: Final = 8
"""A step fixes the rows of at least one in so many of those who have none."""
ROUNDS: Final = 20
"""Of prices after such a step."""
DUAL, PRIMAL = 1, 4
"""Simplex methods of HiGHS."""
AT_ONCE, SLACK = 4, 20.0
"""Rows of a person that are then added at once, and by how much they may cost more than the first."""
SURE: Final = 0.1
"""A row that as many less this work is fixed for as many."""
MANY: Final = 100
"""People from which on pools are solved apart: processes take seconds to begin."""
NOISE: Final = 100.0
"""By how much prices are disturbed at first: a shortfall in most demand costs about as much."""


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


def classes(problem: Problem) -> list[list[int]]:
    """Group the numbers of people whom no rule tells apart."""
    alike: dict[Any, list[int]] = {}
    for number, one in enumerate(problem.people):
        key = one.posts, frozenset(one.rules), one.past, frozenset(one.before.items()), one.barred
        alike.setdefault(key, []).append(number)
    return list(alike.values())


class Search(solving.Search):
    """The search for one pool, whose linear program has a row a class."""

    def __init__(self, problem: Problem, seconds: float, seed: int) -> None:
        super().__init__(problem, seconds, 1, seed, lambda _: None)
        self.groups = classes(problem)

    def over(self) -> bool:
        """Whether the time is over, or the roster near enough to the bound."""
        return time.monotonic() > self.until or self.cost - self.bound < max(GAP * self.cost, 1 - LITTLE)

    def bind(self, rows: Sequence[Column], until: float) -> Master:
        """Find the bound by the program over classes, from some rows on; return the program."""
        first = {person: group[0] for group in self.groups for person in group}
        lawful = set(self.lawful)
        groups = [group for group in self.groups if group[0] in lawful]
        master = Master(
            self.problem,
            self.cover,
            [group[0] for group in groups],
            alike=[len(group) for group in groups],
        )
        # With columns added, the last solution stays feasible. A third of the dual's time.
        master.model.setOptionValue("simplex_strategy", PRIMAL)
        master.add(one._replace(person=first[one.person]) for one in rows)
        self.generate(master, until, self.cost * (1 - GAP))
        return master

    def fix(self, master: Master, until: float) -> None:
        """Fix how many of each class work each row, those first that the program is surest of.

        Where a step makes the program dearer, rows of those who are left are priced again. Steps are longer
        where time is short; who has no row when it is over takes the best one for what the others leave.
        """
        groups = [group for group in self.groups if group[0] in master.place]
        left = master.alike.astype(np.int64)
        taken, aim = np.zeros(0, np.int64), self.bound * (1 + GAP / 2)
        spent = 0.0
        while left.any() and time.monotonic() < until:
            begun, steps, before = time.monotonic(), STEP, int(left.sum())
            if spent:
                steps = min(STEP, 1 + int((until - begun) / spent))
            values = master.values()
            owner = np.array([master.place[one.person] for one in master.columns])
            taken = np.concatenate([taken, np.zeros(len(values) - len(taken), np.int64)])
            more = np.minimum(np.floor(values + SURE).astype(np.int64) - taken, left[owner])
            enough = max(int(left.sum()) // steps, 1)
            for number in np.argsort(taken - values, kind="stable").tolist():
                if values[number] - taken[number] < LITTLE:
                    break
                count = min(max(more[number], int(enough > 0)), left[owner[number]])
                taken[number] += count
                left[owner[number]] -= count
                enough -= count
            if left.sum() == before:
                break
            fixed = np.flatnonzero(taken)
            master.model.changeColsBounds(
                len(fixed),
                (master.first + fixed).astype(np.int32),
                taken[fixed].astype(float),
                np.full(len(fixed), math.inf),
            )
            master.model.setOptionValue("simplex_strategy", DUAL)
            value, rounds = master.solve(), 0
            master.model.setOptionValue("simplex_strategy", PRIMAL)
            while value > aim and rounds < ROUNDS and time.monotonic() < until:
                duals = master.spread(master.boxed(master.duals()[1])[0])
                new = [
                    one
                    for place in np.flatnonzero(left).tolist()
                    for one in self.pricing.rows(master.people[place], duals, most=AT_ONCE, slack=SLACK)[1]
                ]
                if not master.add(new):
                    break
                value, rounds = master.solve(), rounds + 1
            aim = max(aim, value + LITTLE)
            spent = time.monotonic() - begun
        there, every = np.zeros(self.cover.shape, np.int64), np.arange(self.problem.days)
        waiting = [list(group) for group in groups]
        chosen = list[Column]()
        for number in np.flatnonzero(taken).tolist():
            one = master.columns[number]
            for _ in range(taken[number]):
                chosen.append(one._replace(person=waiting[master.place[one.person]].pop()))
                there[every, one.row] += 1
        for person in self.random.permutation([person for each in waiting for person in each]).tolist():
            one = self.pricing.rows(person, -self.cover.marginal(there))[1][0]
            chosen.append(one)
            there[every, one.row] += 1
        self.change(chosen)


def solve_pool(problem: Problem, seconds: float, seed: int) -> tuple[Grid, float]:
    """Return the best roster of a pool that is found in so many seconds, and its bound."""
    if problem.links:
        made = links.solve(problem, seconds, 1, seed)
        return made.grid, made.bound
    search = Search(problem, seconds, seed)
    search.construct()
    if not problem.people:
        return search.best, search.cost
    rows = search.respond(PASSES, NOISE, 0.0)
    if search.lawful:
        master = search.bind(rows, time.monotonic() + 0.6 * (search.until - time.monotonic()))
        if not search.over():  # before rows are fixed, which large pools have no time to end
            search.respond(PASSES, NOISE / 10, 0.7)
        if not search.over():
            search.fix(master, time.monotonic() + 0.8 * (search.until - time.monotonic()))
        search.improve()
    return search.best, search.bound


def solve(
    problem: Problem,
    seconds: float = 600.0,
    processes: int = 2,
    seed: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> Roster:
    """Make the roster of a problem pool by pool, as many at a time as there are processes.

    Of few people, or where all share posts, it is made at once.
    A pool has a share of the seconds by its people: one twice as large takes about three times as long.
    """
    begun = time.monotonic()
    parts = pools(problem)
    if len(parts) < 2 or len(problem.people) < MANY:
        return links.solve(problem, seconds, processes, seed, say)
    grid = np.zeros((len(problem.people), problem.days), np.int16)
    bound, done = 0, 0
    weights = [len(pool.people) ** 1.5 for pool in parts]
    each = 0.9 * seconds * processes / max(sum(weights), 1)
    with ProcessPoolExecutor(processes, get_context("spawn")) as workers:
        futures = {
            workers.submit(solve_pool, pool.problem, min(each * weight, 0.9 * seconds), seed): pool
            for pool, weight in zip(parts, weights, strict=True)
        }
        for future in as_completed(futures):
            pool = futures[future]
            made, least = future.result()
            grid[list(pool.people)] = np.array(pool.posts, np.int16)[made]
            bound += max(math.ceil(least - LITTLE), 0) if least > -math.inf else 0
            done += len(pool.people)
            say(f"{done:,} / {len(problem.people):,} {time.monotonic() - begun:.0f} s")
    return Roster(grid, check(problem, grid), bound, time.monotonic() - begun)
