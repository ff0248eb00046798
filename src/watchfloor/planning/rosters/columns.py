"""The linear program of rosters: rows of people as its columns, and what demand costs.

The cheapest row of a person, under duals of the program, is a shortest path over their rules.
"""

import math
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.extras import optional
from watchfloor.planning.rosters import automaton, labelling, layouts
from watchfloor.planning.rosters.problem import Grid, Problem, Wish

with optional():
    import highspy

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
MUST: Final = 20_000.0
"""Price in the program of what must not be: a roster that pays it breaches a rule."""
LITTLE: Final = 1e-6
OPEN: Final = -1
"""A day on which a search may change what somebody works."""
LONG: Final = 100
"""Days of a period from which on whole rows are too many to be compared."""
NARROW, COARSE = 300, 30
"""Labels a day that are then kept, and of a first row."""


class _Model(highspy.Highs):
    """HiGHS on one thread, saying nothing: it greets on standard output when it turns callbacks on."""

    def enableCallbacks(self) -> None:  # noqa: N802 (HiGHS calls it so)
        """Turn no callbacks on."""
        self.setOptionValue("output_flag", False)
        self.setOptionValue("threads", 1)


class Column(NamedTuple):
    """A row of one person, with its own cost."""

    person: int
    row: tuple[int, ...]
    cost: float


class Cover:
    """Cost of a demand by how many are there, days by posts.

    Attributes:
        shape: days and posts.
        cell, of: a place in that shape, as one number, and the demand for which who is there counts.
    """

    def __init__(self, problem: Problem) -> None:
        numbers = {post: number for number, post in enumerate(problem.posts, 1)}
        self.shape = problem.days, len(problem.posts) + 1
        demand = problem.demand
        cells = [
            (day * self.shape[1] + numbers[post], which)
            for which, one in enumerate(demand)
            for day, post in one.cells()
        ]
        self.cell, self.of = np.array(cells, np.int64).reshape(-1, 2).T
        self.day = np.array([one.day for one in demand], np.int64)
        self.least = np.array([-math.inf if one.least is None else one.least for one in demand], float)
        self.most = np.array([math.inf if one.most is None else one.most for one in demand], float)
        self.under = np.array([MUST if one.under is None else one.under for one in demand], float)
        self.over = np.array([MUST if one.over is None else one.over for one in demand], float)

    def count(self, rows: Grid) -> Whole:
        """Count who is there, of rows of people."""
        days, posts = self.shape
        flat = (rows + np.arange(days) * posts).ravel()
        return np.bincount(flat, minlength=days * posts).reshape(self.shape)

    def met(self, there: Whole) -> Floats:
        """Count who is there for each demand."""
        return np.bincount(self.of, there.ravel()[self.cell], len(self.day)).astype(float)

    def costs(self, there: Whole) -> Floats:
        """Return what each demand costs."""
        return self.costs_of(self.met(there))

    def costs_of(self, count: Floats) -> Floats:
        """Return what each demand costs of which so many are there."""
        short, extra = np.maximum(self.least - count, 0), np.maximum(count - self.most, 0)
        return np.asarray(short * self.under + extra * self.over)

    def spread(self, prices: Floats) -> Floats:
        """Sum prices of demands by day and post."""
        sums = np.bincount(self.cell, prices[self.of], self.shape[0] * self.shape[1])
        return sums.astype(float).reshape(self.shape)

    def marginal(self, there: Whole) -> Floats:
        """Return what one more costs, days by posts."""
        count = self.met(there)
        return self.spread(self.costs_of(count + 1) - self.costs_of(count))


class Pricing:
    """The cheapest rows of people under duals of days and posts."""

    def __init__(self, problem: Problem, until: float = math.inf) -> None:
        """Compile the rules of each person, as many as there is time for."""
        self.problem = problem
        shift_of = problem.shift_of_post()
        built: dict[Any, layouts.Layout] = {}
        made: dict[Any, Any] = {}
        choices: dict[Any, list[Whole]] = {}
        self.layouts, self.choices, self.base = [], [], []
        self.counts: list[Floats | None]
        """Prices of what is counted along a row of each person, where the period is long."""
        for person in problem.people:
            if time.monotonic() > until:
                break
            rules = tuple(rule for rule in person.rules if not isinstance(rule, Wish))
            key = rules, person.past, tuple(sorted(person.before.items()))
            if key not in built:
                built[key] = layouts.layout(problem, automaton.build(problem, person, made))
            of = built[key]
            self.layouts.append(of)
            posts = tuple(sorted(person.posts))
            if (key, posts) not in choices:
                choices[key, posts] = [np.zeros(1, np.int64)] + [
                    np.array([post for post in posts if of.classes[shift_of[post]] == each], np.int64)
                    for each in range(1, of.step.shape[1])
                ]
            self.choices.append(choices[key, posts])
            base = automaton.day_costs(problem, person)[:, shift_of]
            if person.barred:
                base[tuple(zip(*person.barred, strict=True))] = math.inf
            self.base.append(base)
        long = problem.days > LONG
        self.counts = [np.zeros(len(of.sizes)) if long else None for of in self.layouts]

    def row(self, person: int, duals: Floats) -> Column | None:
        """Return a good first row of a person, the best unless the period is long; none: there is none.

        Labels of a long period are too many to keep all. Where the few that are kept all fail, the row saves
        weekends and shifts that are counted.
        """
        of, scarce = self.layouts[person], np.zeros_like(duals)
        scarce[of.saturday | of.sunday, 1:] = -300.0
        for number, posts in enumerate(self.choices[person]):
            if number and (of.worth[1:, number] > 0).any():
                scarce[:, posts] -= 100.0
        for prices, pace, width in (
            (duals, 0, None if self.counts[person] is None else COARSE),
            (duals, 28, 300),
            (scarce, 28, 1_000),
            (scarce, 0, 20_000),
        ):
            bound, columns, _ = self.rows(person, prices, width=width, pace=pace)
            if columns or bound == math.inf:
                break
        return columns[0] if columns else None

    def rows(
        self,
        person: int,
        duals: Floats,
        *,
        fixed: Grid | None = None,
        most: int = 1,
        slack: float = 0.0,
        width: int | None = None,
        pace: int = 0,
        every: bool = False,
    ) -> tuple[float, list[Column], bool]:
        """Return the least reduced cost of a person's rows, the cheapest rows, and whether these are all.

        Duals are days by posts; `fixed` are the posts that stay, `OPEN` those that may change.
        """
        costs = self.base[person] - duals
        every_day = np.arange(len(costs))
        if fixed is not None:
            stay = np.flatnonzero(fixed[person] != OPEN)
            kept = costs[stay, fixed[person, stay]]
            costs[stay] = math.inf
            costs[stay, fixed[person, stay]] = kept
        of = self.layouts[person]
        prices, which = self._classes(person, costs)
        counts = self.counts[person]
        if width is None:
            width = labelling.WIDTH if counts is None else NARROW
        made = labelling.cheapest(of, prices, most, slack, width, pace=pace, every=every, counts=counts)
        found = []
        for value, row in zip(made.values.tolist(), made.rows, strict=True):
            posts = which[every_day, row]
            own = value + float(duals[every_day, posts].sum())
            found.append(Column(person, tuple(posts.tolist()), round(own)))
        return made.bound, found, made.complete

    def by_class(self, person: int, duals: Floats) -> tuple[Floats, npt.NDArray[np.int16]]:
        """Return the least price of each class of shifts on each day, and the post that has it."""
        return self._classes(person, self.base[person] - duals)

    def _classes(self, person: int, costs: Floats) -> tuple[Floats, npt.NDArray[np.int16]]:
        days, every_day = len(costs), np.arange(len(costs))
        prices = np.full((days, self.layouts[person].step.shape[1]), math.inf)
        which = np.zeros(prices.shape, np.int16)
        for number, posts in enumerate(self.choices[person]):
            if len(posts):
                choice = costs[:, posts].argmin(1)
                which[:, number] = posts[choice]
                prices[:, number] = costs[every_day, which[:, number]]
        return prices, which


class Master:
    """The linear program over columns: a row a person, and one each demand."""

    def __init__(
        self, problem: Problem, cover: Cover, people: Sequence[int], fixed: Grid | None = None
    ) -> None:
        """Open it for some people, who are free on some days; what the others work is kept."""
        self.problem, self.cover, self.fixed = problem, cover, fixed
        self.people = list(people)
        self.place = {person: row for row, person in enumerate(self.people)}
        self.columns: list[Column] = []
        self.known: set[Column] = set()
        self.closed: set[int] = set()
        there = np.zeros(cover.shape, np.int64)
        days = np.ones(problem.days, bool)
        if fixed is not None:
            others = np.ones(len(problem.people), bool)
            others[self.people] = False
            there = cover.count(fixed[others])
            days = (fixed[self.people] == OPEN).any(0)
        touched = np.zeros(len(cover.day), bool)
        touched[cover.of[days[cover.cell // cover.shape[1]]]] = True
        self.kept = np.flatnonzero(touched)
        """Numbers of the demands that are rows."""
        count = cover.met(there)[self.kept]
        self.lower, self.upper = cover.least[self.kept] - count, cover.most[self.kept] - count
        self.high = np.where(self.lower > -math.inf, cover.under[self.kept], 0.0)
        self.low = np.where(self.upper < math.inf, -cover.over[self.kept], 0.0)
        row_of = np.full(len(cover.day), -1)
        row_of[self.kept] = len(self.people) + np.arange(len(self.kept))
        ordered = np.argsort(cover.cell, kind="stable")
        cells = cover.cell[ordered]
        depth = np.arange(len(cells)) - np.searchsorted(cells, cells)
        self.rows = np.full((cover.shape[0] * cover.shape[1], int(depth.max(initial=-1)) + 1), -1)
        """Rows of the demands of each day and post."""
        self.rows[cells, depth] = row_of[cover.of[ordered]]
        self.model: Any = _Model()  # type: ignore[no-untyped-call]
        one_each = np.ones(len(self.people))
        lower = np.concatenate([one_each, self.lower])
        upper = np.concatenate([one_each, self.upper])
        nothing = np.zeros(0, np.int32)
        self.model.addRows(len(lower), lower, upper, 0, nothing, nothing, np.zeros(0))
        short, extra = np.flatnonzero(self.lower > -math.inf), np.flatnonzero(self.upper < math.inf)
        slack = np.concatenate(
            [np.arange(len(self.people)), len(self.people) + short, len(self.people) + extra]
        )
        costs = np.concatenate([np.full(len(self.people), MUST), self.high[short], -self.low[extra]])
        signs = np.ones(len(slack))
        signs[len(slack) - len(extra) :] = -1
        self.first = len(slack)
        self._add_columns(costs, np.arange(len(slack)), slack, signs)
        self.solution: Any = None

    def _add_columns(self, costs: Floats, starts: Whole, rows: Whole, values: Floats) -> None:
        count = len(costs)
        self.model.addCols(
            count,
            costs,
            np.zeros(count),
            np.full(count, math.inf),
            len(rows),
            starts.astype(np.int32),
            rows.astype(np.int32),
            values,
        )

    def add(self, columns: Iterable[Column]) -> int:
        """Add columns that are not there; return how many."""
        new = [column for column in dict.fromkeys(columns) if column not in self.known]
        if not new:
            return 0
        self.known.update(new)
        self.columns += new
        posts = np.array([column.row for column in new])
        cells = posts + np.arange(posts.shape[1]) * self.cover.shape[1]
        rows = self.rows[cells].reshape(len(new), -1)
        rows = np.concatenate([[[self.place[column.person]] for column in new], rows], 1)
        total = len(self.people) + len(self.kept)
        flat = (rows + np.arange(len(new))[:, None] * total)[rows >= 0]
        flat, values = np.unique(flat, return_counts=True)
        starts = np.searchsorted(flat, np.arange(len(new)) * total)
        rows = flat % total
        costs = np.array([column.cost for column in new], float)
        self._add_columns(costs, starts, rows, values.astype(float))
        return len(new)

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
        prices = np.zeros(len(self.cover.day))
        prices[self.kept] = demand
        return self.cover.spread(prices)

    def boxed(self, demand: Floats) -> tuple[Floats, float]:
        """Cut duals to where the bound is finite, and return what demands add to it."""
        cut = np.clip(demand, self.low, self.high)
        positive, negative = cut > 0, cut < 0
        return cut, float(
            (cut[positive] * self.lower[positive]).sum() + (cut[negative] * self.upper[negative]).sum()
        )

    def close(self, numbers: Whole) -> None:
        """Take columns out."""
        self.closed.update(numbers.tolist())
        nothing = np.zeros(len(numbers))
        self.model.changeColsBounds(len(numbers), (self.first + numbers).astype(np.int32), nothing, nothing)

    def alive(self) -> npt.NDArray[np.bool_]:
        """Return which columns were not taken out."""
        alive = np.ones(len(self.columns), bool)
        alive[list(self.closed)] = False
        return alive

    def values(self) -> Floats:
        """Return how much of each column is taken."""
        return np.array(self.solution.col_value)[self.first :]
