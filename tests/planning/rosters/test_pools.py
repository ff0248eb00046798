from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.planning.rosters import small
from tests.thorough import THOROUGH, draws

from watchfloor.planning.rosters.check import check
from watchfloor.planning.rosters.problem import Demand, Post

pytest.importorskip("highspy")
from watchfloor.planning.rosters import pools


def two_places(data):
    """Draw two problems of two people each as one: the posts of the second are of a skill of its own."""
    one, other = (small.problem(data.draw, st.integers, st.sampled_from) for _ in range(2))
    other = replace(other, weekday=one.weekday, days=one.days, shifts=one.shifts)
    posts = tuple(Post(post.shift, "elsewhere") for post in one.posts)
    moved = tuple(
        replace(
            each,
            name=f"{each.name} elsewhere",
            posts=frozenset(number + len(posts) for number in each.posts),
            barred=frozenset((day, number + len(posts)) for day, number in each.barred),
        )
        for each in other.people
    )
    demand = tuple(
        Demand(
            each.day,
            Post(each.post.shift, "elsewhere"),
            each.least,
            each.most,
            each.under,
            each.over,
            each.clause,
            tuple((day, Post(post.shift, "elsewhere")) for day, post in each.also),
        )
        for each in other.demand
    )
    return replace(
        one,
        posts=(*one.posts, *posts),
        people=(*one.people, *moved),
        demand=(*one.demand, *demand),
        links=(),
    )


@settings(max_examples=draws(100, quick=10), deadline=None)
@given(st.data())
def test_pools_are_the_whole_problem_and_their_costs_add_up(data):
    """A drawn roster costs in its pools what it costs as a whole."""
    problem = two_places(data)
    parts = pools.pools(problem)
    assert sorted(number for pool in parts for number in pool.people) == list(range(len(problem.people)))
    assert sum(len(pool.problem.demand) for pool in parts) == len(problem.demand)
    draw = st.lists(st.integers(0, len(problem.posts)), min_size=problem.days, max_size=problem.days)
    grid = np.array(
        [[post if post in person.posts else 0 for post in data.draw(draw)] for person in problem.people],
        np.int16,
    )
    verdicts = []
    for pool in parts:
        place = {post: number for number, post in enumerate(pool.posts)}
        mine = [[place[post] for post in grid[person].tolist()] for person in pool.people]
        verdicts.append(check(pool.problem, np.array(mine, np.int16).reshape(-1, problem.days)))
    whole = check(problem, grid)
    assert whole.cost == sum(each.cost for each in verdicts)
    assert whole.feasible == all(each.feasible for each in verdicts)


@settings(max_examples=draws(40, quick=3), deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.data())
def test_no_roster_of_a_pool_costs_less_than_its_bound(data):
    """Two people who are alike are one class; against pairs of lawful rows."""
    drawn = small.problem(data.draw, st.integers, st.sampled_from)
    first = drawn.people[0]
    drawn = replace(drawn, people=(first, replace(first, name="Bob")), links=())
    assert len(pools.classes(drawn)) == 1
    rows = small.lawful_rows(drawn, first)
    grid, bound = pools.solve_pool(drawn, 1, 0)
    if not rows:
        return
    some = rows[: 60 if THOROUGH else 12]
    least = min(check(drawn, np.array(both, np.int16)).cost for both in product(some, repeat=2))
    verdict = check(drawn, grid)
    assert verdict.feasible
    assert bound <= least + 1e-6
    assert bound <= verdict.cost + 1e-6
