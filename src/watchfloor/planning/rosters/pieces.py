"""Some weeks of a long roster as a problem of their own, while its other days stay.

The states that rows are in when a piece begins, and what the other days count, take the place of a past. Days
after the piece are in it, one shift open on each, until every row is in the state that it was in.
"""

import math

import numpy as np
from msgspec import structs

from watchfloor.planning.rosters import layouts
from watchfloor.planning.rosters.columns import Cover, Pricing, Whole
from watchfloor.planning.rosters.problem import Demand, Grid, Post, Problem


class Piece(Pricing):
    """The cheapest rows of people on some days.

    Attributes:
        first, last, until: the days that are open, from first to last, and the day by which all is settled.
        demand: numbers of the demands of these days in the whole problem.
        problem: of these days.
    """

    def __init__(self, whole: Pricing, cover: Cover, grid: Grid, first: int, last: int) -> None:
        """Cut the days from first to last, the first of which begins a week, out of a roster."""
        problem = whole.problem
        self.first, self.last = first, last
        self.choices, self.counts = whole.choices, [None] * len(grid)
        shifts = problem.shift_of_post()[grid]
        rows = [of.classes[row] for of, row in zip(whole.layouts, shifts, strict=True)]
        settled = [layouts.settled(of, row, last) for of, row in zip(whole.layouts, rows, strict=True)]
        self.until = max([last, *settled])
        self.layouts = [
            layouts.piece(of, row, first, self.until) for of, row in zip(whole.layouts, rows, strict=True)
        ]
        self.base = []
        tail = np.arange(last, self.until)
        for costs, row in zip(whole.base, grid, strict=True):
            base = costs[first : self.until].copy()
            base[last - first :] = math.inf
            base[tail - first, row[tail]] = costs[tail, row[tail]]
            self.base.append(base)
        days = cover.cell // cover.shape[1]
        self.demand: Whole = np.unique(cover.of[(days >= first) & (days < last)])
        numbers = {post: number for number, post in enumerate(problem.posts, 1)}
        there = cover.count(grid)
        demand = []
        for which in self.demand.tolist():
            one, count, inside = problem.demand[which], 0, list[tuple[int, Post]]()
            for day, post in one.cells():
                if first <= day < self.until:
                    inside.append((day - first, post))
                else:
                    count += int(there[day, numbers[post]])
            demand.append(_less(one, count, inside))
        self.problem = Problem(
            problem.name,
            self.until - first,
            problem.shifts,
            problem.posts,
            problem.people,
            tuple(demand),
            (problem.weekday + first) % 7,
        )


def _less(one: Demand, count: int, inside: list[tuple[int, Post]]) -> Demand:
    """Return a demand that some meet already, by those of its days and posts that are in a piece."""
    (day, post), *also = inside
    return structs.replace(
        one,
        day=day,
        post=post,
        also=tuple(also),
        least=None if one.least is None else one.least - count,
        most=None if one.most is None else one.most - count,
    )
