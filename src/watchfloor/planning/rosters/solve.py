"""Make a roster: rows of people as columns of a linear program, then a whole choice of them, with a bound.

Column generation (Dantzig and Wolfe 1960) prices each person's row by a shortest path over their rules, at
smoothed duals (Wentges 1997). Fixing one row after another gives a first roster; then some people at a time
are freed, and the rest kept (large neighbourhood search, Shaw 1998). The Lagrangian bound of the program
holds for every roster.
"""

import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.core.extras import optional
from watchfloor.planning.rosters import automaton
from watchfloor.planning.rosters.check import Verdict, check
from watchfloor.planning.rosters.problem import OFF, Grid, Problem, Wish

with optional():
    import highspy

Floats = npt.NDArray[np.float64]
SMOOTHING: Final = 0.6
"""Share of the duals that gave the best bound in those that price."""
MUST: Final = 20_000.0
"""Price in the program of what must not be: a roster that pays it breaches a rule."""
LITTLE: Final = 1e-6
FREED: Final = 5
"""People freed at first in the search."""
PIECE: Final = 6.0
"""Seconds for one piece of the search."""


class _Model(highspy.Highs):
    """HiGHS on one thread, saying nothing: it greets on standard output when it turns callbacks on."""

    def enableCallbacks(self) -> None:  # noqa: N802 (HiGHS calls it so)
        """Turn no callbacks on."""
        self.setOptionValue("output_flag", False)
        self.setOptionValue("threads", 1)


@dataclass(frozen=True)
class Roster:
    """A roster, and how good it is.

    Attributes:
        grid: people by days, numbers of posts.
        verdict: what the check says of it.
        bound: no roster that keeps the rules costs less.
        seconds: taken.
    """

    grid: Grid
    verdict: Verdict
    bound: int
    seconds: float


@dataclass(frozen=True)
class Column:
    """A row of one person, with its own cost."""

    person: int
    row: tuple[int, ...]
    cost: float


class Pricing:
    """The cheapest rows of people under duals of days and posts."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.base = [automaton.day_costs(problem, person) for person in problem.people]
        built: dict[Any, automaton.Layout] = {}
        self.layouts = []
        for person in problem.people:
            rules = tuple(rule for rule in person.rules if not isinstance(rule, Wish))
            key = rules, person.past, tuple(sorted(person.before.items()))
            if key not in built:
                built[key] = automaton.layout(problem, automaton.build(problem, person))
            self.layouts.append(built[key])
        shift_of = problem.shift_of_post()
        self.posts = [
            [
                [post for post in sorted(person.posts) if shift_of[post] == shift]
                for shift in range(len(problem.shifts) + 1)
            ]
            for person in problem.people
        ]

    def cheapest(self, person: int, duals: Floats) -> tuple[float, Column | None]:
        """Return the least reduced cost of a person's row and that row; duals are days by posts."""
        base = self.base[person]
        best = np.zeros_like(base)
        which = np.zeros(base.shape, np.int16)
        every = np.arange(len(base))
        if barred := self.problem.people[person].barred:
            duals = duals.copy()
            duals[tuple(zip(*barred, strict=True))] = -np.inf
        for shift, posts in enumerate(self.posts[person]):
            if posts:
                choice = duals[:, posts].argmax(1)
                which[:, shift] = np.array(posts)[choice]
                best[:, shift] = duals[every, which[:, shift]]
        value, shifts = automaton.cheapest(self.layouts[person], base - best)
        if value == np.inf:
            return value, None
        row = which[every, shifts]
        return value, Column(person, tuple(row.tolist()), round(value + float(best[every, shifts].sum())))


class Master:
    """The linear program over columns: a row a person, and one each demand."""

    def __init__(self, problem: Problem, kept: Grid | None = None, free: Sequence[int] | None = None) -> None:
        """Open it for some people; what the others work is kept."""
        self.problem = problem
        self.people = list(range(len(problem.people)) if free is None else free)
        self.place = {person: row for row, person in enumerate(self.people)}
        self.columns: list[Column] = []
        self.known: set[tuple[int, tuple[int, ...]]] = set()
        self.model: Any = _Model()  # type: ignore[no-untyped-call]
        for _ in self.people:
            self.model.addRow(1.0, 1.0, 0, [], [])
        numbers = {post: number for number, post in enumerate(problem.posts, 1)}
        self.rows: dict[tuple[int, int], list[int]] = {}
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.under: list[float] = []
        self.over: list[float] = []
        there = np.zeros((problem.days, len(problem.posts) + 1), np.int64)
        if kept is not None:
            for person in set(range(len(problem.people))) - set(self.people):
                there[np.arange(problem.days), kept[person]] += 1
        self.cells: list[list[tuple[int, int]]] = []
        for one in problem.demand:
            cells = [(day, numbers[post]) for day, post in one.cells()]
            for cell in cells:
                self.rows.setdefault(cell, []).append(len(self.lower))
            self.cells.append(cells)
            count = sum(int(there[cell]) for cell in cells)
            self.lower.append(-math.inf if one.least is None else one.least - count)
            self.upper.append(math.inf if one.most is None else one.most - count)
            self.under.append(MUST if one.under is None else float(one.under))
            self.over.append(MUST if one.over is None else float(one.over))
            self.model.addRow(self.lower[-1], self.upper[-1], 0, [], [])
        self.first = 0
        for row in range(len(self.people)):
            self._slack(row, MUST, 1.0)
        for number in range(len(self.lower)):
            row = len(self.people) + number
            if self.lower[number] > -math.inf:
                self._slack(row, self.under[number], 1.0)
            if self.upper[number] < math.inf:
                self._slack(row, self.over[number], -1.0)
        self.solution: Any = None

    def _slack(self, row: int, cost: float, sign: float) -> None:
        self.model.addCol(cost, 0.0, math.inf, 1, [row], [sign])
        self.first += 1

    def add(self, column: Column) -> bool:
        """Add a column unless it is there."""
        key = column.person, column.row
        if key in self.known:
            return False
        self.known.add(key)
        rows = {self.place[column.person]: 1.0}
        for cell in enumerate(column.row):
            for number in self.rows.get(cell, ()):
                row = len(self.people) + number
                rows[row] = rows.get(row, 0.0) + 1.0
        self.model.addCol(column.cost, 0.0, math.inf, len(rows), list(rows), list(rows.values()))
        self.columns.append(column)
        return True

    def solve(self) -> float:
        """Solve the linear program; return its value."""
        self.model.run()
        self.solution = self.model.getSolution()
        return float(self.model.getInfo().objective_function_value)

    def duals(self) -> tuple[Floats, Floats]:
        """Return the duals of people and of demands."""
        found = np.array(self.solution.row_dual)
        return found[: len(self.people)], found[len(self.people) :]

    def spread(self, demand: Floats) -> Floats:
        """Sum duals of demands by day and post."""
        prices = np.zeros((self.problem.days, len(self.problem.posts) + 1))
        for cells, dual in zip(self.cells, demand, strict=True):
            for cell in cells:
                prices[cell] += dual
        return prices

    def boxed(self, demand: Floats) -> tuple[Floats, float]:
        """Cut duals to where the bound is finite, and return what demands add to it."""
        lower, upper = np.array(self.lower, float), np.array(self.upper, float)
        high = np.where(lower > -math.inf, np.array(self.under), 0.0)
        low = np.where(upper < math.inf, -np.array(self.over), 0.0)
        cut = np.clip(demand, low, high)
        ends = np.where(cut > 0, np.where(lower > -math.inf, lower, 0), np.where(upper < math.inf, upper, 0))
        return cut, float((cut * ends).sum())

    def values(self) -> Floats:
        """Return how much of each column is taken."""
        return np.array(self.solution.col_value)[self.first :]

    def close(self, number: int) -> None:
        """Take a column out."""
        self.model.changeColBounds(self.first + number, 0.0, 0.0)


class Search:
    """A search for one problem: rows that were found, the best bound and the best roster."""

    def __init__(self, problem: Problem, seconds: float, seed: int, say: Callable[[str], None]) -> None:
        self.problem, self.say = problem, say
        self.begun = time.monotonic()
        self.until = self.begun + seconds
        self.random = np.random.default_rng(seed)
        self.pricing = Pricing(problem)
        self.pool: dict[tuple[int, tuple[int, ...]], Column] = {}
        self.bound = -math.inf
        self.best: Grid = np.zeros((len(problem.people), problem.days), np.int16)
        self.cost = math.inf
        self.lock = threading.Lock()

    def over(self) -> bool:
        """Whether the time is over, or the best roster is as good as any."""
        return time.monotonic() > self.until or self.cost - self.bound < 1 - LITTLE

    def generate(
        self, master: Master, most: int, people: Sequence[int] | None = None, *, whole: bool = False
    ) -> float:
        """Add columns until none improves, or so many rounds are done; return the program's value."""
        people = master.people if people is None else people
        value, best, centre = master.solve(), -math.inf, None
        for done in range(most):
            if done and time.monotonic() > self.until:
                break
            of_people, of_demand = master.duals()
            priced = of_demand if centre is None else SMOOTHING * centre + (1 - SMOOTHING) * of_demand
            added = False
            while True:
                cut, ends = master.boxed(priced)
                duals, bound = master.spread(cut), ends
                exact = master.spread(of_demand)
                for person in people:
                    reduced, column = self.pricing.cheapest(person, duals)
                    if column is None:  # no row keeps their rules: the check says which
                        continue
                    bound += reduced
                    gain = (
                        column.cost
                        - exact[range(len(column.row)), column.row].sum()
                        - of_people[master.place[person]]
                    )
                    if gain < -LITTLE:
                        added |= self._keep(master, column)
                if bound > best:
                    best, centre = bound, cut
                if added or priced is of_demand:
                    break
                priced = of_demand
            if whole:
                self.bound = max(self.bound, best)
            if not added:
                break
            value = master.solve()
        return value

    def _keep(self, master: Master, column: Column) -> bool:
        self.pool[column.person, column.row] = column
        return master.add(column)

    def keep_best(self, grid: Grid) -> bool:
        """Keep a roster that the check finds no worse than the best; say whether it is better."""
        verdict = check(self.problem, grid)
        cost = verdict.cost + MUST * sum(one.amount for one in verdict.breaches if one.cost is None)
        better = cost < self.cost
        if cost <= self.cost:
            self.best, self.cost = grid, cost
        if better:
            self.say(f"{cost:,.0f} ({self.bound:,.1f}) {time.monotonic() - self.begun:.0f} s")
        return better

    def dive(self, master: Master) -> None:
        """Fix rows one after the other, those that the program takes most of first.

        Whoever is left when the time is over has the row that is cheapest at the last duals.
        """
        free = set(master.people)
        grid = np.zeros((len(self.problem.people), self.problem.days), np.int16)
        while free and time.monotonic() < self.until:
            values = master.values()
            order = sorted(
                (number for number, column in enumerate(master.columns) if column.person in free),
                key=lambda number: -values[number],
            )
            fixed = [number for number in order if values[number] > 0.99]
            fixed += [number for number in order[len(fixed) :] if values[number] > 0.6][
                : max(1, len(free) // 10)
            ]
            for number in fixed or order[:1]:
                column = master.columns[number]
                if column.person not in free:
                    continue
                free.discard(column.person)
                grid[column.person] = column.row
                for other, each in enumerate(master.columns):
                    if each.person == column.person and other != number:
                        master.close(other)
            self.generate(master, 8, sorted(free))
        duals = master.spread(master.boxed(master.duals()[1])[0])
        for person in free:
            if left := self.pricing.cheapest(person, duals)[1]:
                grid[person] = left.row
        self.keep_best(grid)

    def improve(self, threads: int) -> None:
        """Free some people at a time, and choose their rows anew; each thread frees other people."""
        with ThreadPoolExecutor(threads) as pool:
            for done in [pool.submit(self._improve, each) for each in self.random.spawn(threads)]:
                done.result()

    def _improve(self, random: np.random.Generator) -> None:
        freed, quiet = float(FREED), 0
        while not self.over():
            count = min(max(2, int(freed)), len(self.problem.people))
            people = self._neighbours(count, random)
            spent = time.monotonic()
            better, ended = self._anew(people)
            spent = time.monotonic() - spent
            quiet = 0 if better else quiet + 1
            if not ended or spent > PIECE:
                freed = max(2.0, freed * 0.9)
            elif spent < PIECE / 2 and quiet > 3:
                freed = min(float(len(self.problem.people)), freed * 1.05)
            if count == len(self.problem.people) and ended and not better:
                break

    def _neighbours(self, count: int, random: np.random.Generator) -> list[int]:
        """Draw people who could mend one unmet demand, and others."""
        everybody = len(self.problem.people)
        weights = np.ones(everybody)
        unmet = [one for one in check(self.problem, self.best).breaches if one.first == one.last]
        if unmet and random.random() < 0.6:
            one = unmet[random.integers(len(unmet))]
            near = slice(max(one.first - 2, 0), one.first + 3)
            weights += 5 * (self.best[:, near] != OFF).any(1) * random.random(everybody)
        drawn = random.choice(everybody, count, replace=False, p=weights / weights.sum())
        return sorted(drawn.tolist())

    def _anew(self, people: list[int]) -> tuple[bool, bool]:
        """Choose the rows of some people anew.

        Returns:
            Whether the roster is better, and whether nothing is left to try with these people.
        """
        master = Master(self.problem, self.best, people)
        chosen = set(people)
        for column in list(self.pool.values()):  # other threads add to it
            if column.person in chosen:
                master.add(column)
        self.generate(master, 12)
        model = master.model
        reduced = np.array(master.solution.col_dual)[master.first :]
        kept = np.argsort(reduced)[:4_000]
        for number in set(range(len(master.columns))) - set(kept.tolist()):
            master.close(number)
        for number in kept.tolist():
            model.changeColIntegrality(master.first + number, highspy.HighsVarType.kInteger)
        model.setOptionValue(
            "time_limit", model.getRunTime() + min(PIECE, max(self.until - time.monotonic(), 0.1))
        )
        model.run()
        ended = model.getModelStatus() == highspy.HighsModelStatus.kOptimal
        solution = np.array(model.getSolution().col_value)[master.first :]
        taken = np.flatnonzero(solution > 0.5)
        if len(taken) < len(people):
            return False, ended
        with self.lock:  # another thread may have changed the rows of others meanwhile
            grid = self.best.copy()
            for number in taken.tolist():
                grid[master.columns[number].person] = master.columns[number].row
            return self.keep_best(grid), ended


def solve(
    problem: Problem,
    seconds: float = 600.0,
    threads: int = 2,
    seed: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> Roster:
    """Make the best roster that is found in so many seconds, and say how much better another can be."""
    search = Search(problem, seconds, seed, say)
    master = Master(problem)
    search.generate(master, 2_000, whole=True)
    say(f"bound {search.bound:,.2f}")
    search.dive(master)
    search.improve(threads)
    verdict = check(problem, search.best)
    bound = max(math.ceil(search.bound - LITTLE), 0) if search.bound > -math.inf else 0
    return Roster(search.best, verdict, bound, time.monotonic() - search.begun)
