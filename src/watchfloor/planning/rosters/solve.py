"""Make a roster: rows of people as columns of a linear program, then a whole choice of them, with a bound.

A first roster gives one person after another the row that is best for what the others leave. Then some
people, or some of their days, are freed at a time, and the rest is kept (large neighbourhood search, Shaw
1998): column generation says first whether anything better can be among their rows.
"""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from watchfloor.planning.rosters.check import Verdict, check
from watchfloor.planning.rosters.columns import (
    LITTLE,
    Column,
    Master,
)
from watchfloor.planning.rosters.neighbourhoods import improve
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
from watchfloor.planning.rosters.search import Search

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
            weeks(search)
        else:  # the program itself bounds it sooner
            rows = search.respond(PASSES, NOISE, 0.0)
            search.report()
            whole(search, rows)
    verdict = check(problem, search.best)
    bound = max(math.ceil(search.bound - LITTLE), 0) if search.bound > -math.inf else 0
    return Roster(search.best, verdict, bound, time.monotonic() - search.begun, search.untried)


def whole(search: Search, rows: Iterable[Column]) -> None:
    """Better the roster by the program of all days, from some rows on."""
    master = Master(search.problem, search.cover, search.lawful)
    # Primal simplex: with columns added, the last solution stays feasible. A third of the dual's time.
    master.model.setOptionValue("simplex_strategy", 4)
    master.add(rows)
    master.add(Column(each, tuple(search.best[each].tolist()), search.own[each]) for each in search.lawful)
    begun, seconds = time.monotonic(), search.until - time.monotonic()
    search.generate(master, begun + 0.3 * seconds)
    search.report()
    if not search.over():
        search.dive(master, begun + 0.7 * seconds)
    improve(search)


def weeks(search: Search) -> None:
    """Better some weeks at a time while the others stay, and more of them where that gains nothing."""
    days, width, sweep = search.problem.days, WEEKS, 0
    widest = min(-(-days // 7) * 7, WIDEST)
    begin = -search.problem.weekday % 7
    while not search.over():
        before = search.cost
        shift = width // 14 * 7 if sweep % 2 else 0
        for first in range(begin - shift - (WEEKS if begin > shift else 0), days, width):
            seconds = max((search.until - time.monotonic()) * width / days / SWEEPS, 2.0)
            if first + width > 0 and not search.over():
                better_weeks(search, max(first, 0), min(first + width, days), seconds)
        search.shake(search.random.permutation(search.lawful).tolist(), search.random)
        sweep += 1
        if search.cost == before and sweep > 1:
            width, sweep = min(width * 3 // 14 * 7, widest), 0
        search.report()


def better_weeks(search: Search, first: int, last: int, seconds: float) -> None:
    """Better the weeks from day `first` to before `last` while the others stay."""
    made = Piece(search.pricing, search.cover, search.best, first, last)
    seconds = min(seconds, search.until - time.monotonic())
    seed = int(search.random.integers(1 << 30))
    part = Search(made.problem, seconds, search.threads, seed, lambda _: None, made)
    part.lawful, part.demand = search.lawful, search.demand[made.demand]
    part.best = search.best[:, first : made.until].copy()
    nothing = np.zeros(part.cover.shape)
    for person in search.lawful:
        part.own[person] = made.rows(person, nothing, fixed=part.best)[1][0].cost
    before = part.own.copy()
    part.cost = part.cost_of(part.best, part.own)
    whole(part, [])
    grid = search.best.copy()
    grid[:, first : made.until] = part.best
    own = search.own + part.own - before
    search.change(Column(each, tuple(grid[each].tolist()), own[each]) for each in search.lawful)


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
