"""Rosters with rules of who works beside whom.

The search knows rules of one person's row only. So it makes a roster without the links, whose bound holds
for every roster; then those whose own shifts are linked are put where the others are, then the others are
tried again, with what is needed of them kept, as long as that betters the roster.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import msgspec
import numpy as np

from watchfloor.planning.rosters import solve as search
from watchfloor.planning.rosters.check import Verdict, check
from watchfloor.planning.rosters.problem import OFF, AnyRule, Grid, Link, Problem, Wish

FIRST: Final = 0.5
"""Share of the time for the roster without links; each step after it has half of what is left."""


def solve(
    problem: Problem,
    seconds: float = 600.0,
    threads: int = 2,
    seed: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> search.Roster:
    """Make the best roster that is found in so many seconds; with no links, `solve.solve` alone."""
    if not problem.links:
        return search.solve(problem, seconds, threads, seed, say)
    begun = time.monotonic()
    made = search.solve(replace(problem, links=()), seconds * FIRST, threads, seed, say)
    best, verdict, grid = made.grid, check(problem, made.grid), made.grid
    layers = _layers(problem)
    while verdict.breaches and time.monotonic() - begun < seconds:
        for people in layers:
            left = max(seconds - (time.monotonic() - begun), 0.0)
            part = search.solve(_part(problem, grid, people), left / 2, threads, seed, say)
            if not part.untried:
                grid = grid.copy()
                grid[people] = part.grid
        again = check(problem, grid)
        if _rank(again) >= _rank(verdict):
            break
        best, verdict = grid, again
        layers = [sorted(set(range(len(problem.people))) - set().union(*_layers(problem))), *_layers(problem)]
    return search.Roster(best, verdict, made.bound, time.monotonic() - begun, made.untried)


def _rank(verdict: Verdict) -> tuple[int, int]:
    return sum(one.amount for one in verdict.breaches if one.cost is None), verdict.cost


def _layers(problem: Problem) -> list[list[int]]:
    """Return the people whose shifts are linked, those first whose others are not linked themselves."""
    waiting: dict[int, set[int]] = defaultdict(set)
    for link in problem.links:
        waiting[link.person] |= link.others
    layers = []
    while waiting:
        ready = sorted(person for person, others in waiting.items() if not others & waiting.keys())
        ready = ready or [min(waiting)]  # a circle is cut: the check says what it costs
        layers.append(ready)
        for person in ready:
            del waiting[person]
    return layers


def _part(problem: Problem, grid: Grid, people: Sequence[int]) -> Problem:
    """Return the problem of some people, where all others work what they do."""
    shifts = problem.shift_of_post()[grid]
    chosen = set(people)
    rules: dict[int, list[AnyRule]] = defaultdict(list)
    for link in problem.links:
        if link.person in chosen:
            rules[link.person] += _beside(problem, link, shifts, sorted(link.others - chosen))
        for other in sorted(link.others & chosen):
            if link.person not in chosen:
                rules[other] += _needed(link, shifts, other)
    others = np.ones(len(problem.people), bool)
    others[list(people)] = False
    there = np.stack(
        [np.bincount(column, minlength=len(problem.posts) + 1) for column in grid[others].T.astype(np.int64)]
    )
    numbers = {post: number for number, post in enumerate(problem.posts, 1)}
    demand = []
    for one in problem.demand:
        count = sum(int(there[day, numbers[post]]) for day, post in one.cells())
        demand.append(
            msgspec.structs.replace(
                one,
                least=None if one.least is None else max(one.least - count, 0),
                most=None if one.most is None else max(one.most - count, 0),
            )
        )
    part = tuple(replace(problem.people[at], rules=(*problem.people[at].rules, *rules[at])) for at in people)
    return replace(problem, people=part, demand=tuple(demand), links=())


def _beside(problem: Problem, link: Link, shifts: Grid, others: Sequence[int]) -> list[AnyRule]:
    """Forbid a person the shifts on which too few, or too many, of the others are."""
    held = link.shifts or frozenset(range(1, len(problem.shifts) + 1))
    rules: list[AnyRule] = []
    for day in filter(link.holds_on, range(problem.days)):
        there = np.bincount(shifts[others, day].astype(np.int64), minlength=len(problem.shifts) + 1)
        wrong = frozenset(
            shift
            for shift in held
            if (link.least is not None and there[shift] < link.least)
            or (link.most is not None and there[shift] > link.most)
        )
        if wrong:
            rules.append(Wish(link.clause, link.price, day, wrong))
    return rules


def _needed(link: Link, shifts: Grid, other: int) -> list[AnyRule]:
    """Keep somebody beside a person where they are needed, and away where they are not wanted."""
    rules: list[AnyRule] = []
    mine = shifts[link.person]
    for day in filter(link.holds_on, np.flatnonzero(mine != OFF).tolist()):
        shift = int(mine[day])
        if link.shifts and shift not in link.shifts:
            continue
        there = int((shifts[sorted(link.others), day] == shift).sum())
        here = shifts[other, day] == shift
        if link.least is not None and here and there <= link.least:
            rules.append(Wish(link.clause, link.price, day, frozenset({shift}), wanted=True))
        if link.most is not None and not here and there >= link.most:
            rules.append(Wish(link.clause, link.price, day, frozenset({shift})))
    return rules
