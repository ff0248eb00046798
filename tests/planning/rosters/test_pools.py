from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from msgspec import structs
from tests.planning.rosters import small
from tests.thorough import THOROUGH, draws

from watchfloor.planning.rosters.check import check
from watchfloor.planning.rosters.problem import (
    Demand,
    Person,
    Post,
    Problem,
    Run,
    Shift,
    Succession,
    Total,
    Wish,
)

pytest.importorskip("highspy")
from watchfloor.planning.rosters import columns, pools, tables
from watchfloor.planning.rosters.search import Search


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
    assert len(set(pools.Search(drawn, 600.0, 0).classes.tolist())) == 1
    rows = small.lawful_rows(drawn, first)
    grid, bound, *_ = pools.solve_pool(drawn, 1, 0)
    if not rows:
        return
    some = rows[: 60 if THOROUGH else 12]
    pairs = [check(drawn, np.array(both, np.int16)) for both in product(some, repeat=2)]
    # A row may hold a shift on a day that does not have it: that is no rule of the person.
    least = min((one.cost for one in pairs if one.feasible), default=np.inf)
    verdict = check(drawn, grid)
    assert verdict.feasible
    assert bound <= least + 1e-6
    assert bound <= verdict.cost + 1e-6


def a_port(people, least):
    """Return a problem of people who work days or nights, two of whom are alike."""
    rules = (
        Run("days in a row", None, most=5),
        Run("days off", None, frozenset({0}), least=2),
        Total("shifts", None, most=10),
        Succession("rest", None, 2, frozenset({1})),
    )
    officers = tuple(
        Person(f"{number}", frozenset({1, 2}), (*rules, Wish("wish", 3, number // 2 % 14)), (0, 0))
        for number in range(people)
    )
    demand = tuple(
        Demand(day, Post(shift), least, least, 100, 1, "port") for day in range(14) for shift in (1, 2)
    )
    shifts = (Shift("D", 480, 360), Shift("N", 480, 1320))
    return Problem("port", 14, shifts, (Post(1), Post(2)), officers, demand)


def test_prices_that_follow_what_is_missing_come_near_the_bound():
    """The bound is no less than that of the program over rows, which the simplex method solves exactly."""
    problem = a_port(12, 5)
    search = pools.Search(problem, 600.0, 0)
    assert len(set(search.classes.tolist())) == 6
    prices, rosters = search.coordinate(search.cover.under / 2, 60, pools.EARLY, pools.RAISE)
    search.bind(prices, rosters, search.until)
    for _ in range(3):
        search.coordinate(search.demand, 100, pools.LATE, pools.RAISE / 4)
    verdict = check(problem, search.best)
    assert verdict.feasible
    assert verdict.cost == search.cost
    assert search.bound <= search.cost <= 1.01 * search.bound
    exact = Search(problem, 600.0, 1, 0, lambda _: None)
    exact.construct()
    value, _ = exact.generate(columns.Master(problem, exact.cover, exact.lawful), exact.until)
    assert search.bound >= (1 - pools.GAP) * value - 1  # more where shortfalls, which are whole, say so


@settings(max_examples=draws(200, quick=30), deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.data())
def test_rows_of_tables_cost_what_the_shortest_path_says(data):
    """Against the search over labels, whose rows are held against all that there are."""
    problem = replace(small.problem(data.draw, st.integers, st.sampled_from), links=())
    pricing, cover = columns.Pricing(problem), columns.Cover(problem)
    made = tables.Tables(problem, pricing, cover, 0)
    prices = np.zeros(cover.shape)
    prices[:, 1:] = data.draw(
        arrays(np.int64, (cover.shape[0], cover.shape[1] - 1), elements=st.integers(-9, 3))
    )
    values, rows, own = made.rows(made.order, prices)
    for person, value, row, cost in zip(made.order.tolist(), values, rows, own, strict=True):
        least, best, _ = pricing.rows(person, -prices)
        assert value == least
        if best:
            assert cost + prices[range(len(row)), row].sum() == value
            assert (
                check(replace(problem, people=(problem.people[person],), demand=()), row[None]).cost == cost
            )


def test_pools_of_many_people_are_solved_apart_and_of_few_at_once(monkeypatch):
    """Two ports of people who share no post; one has nobody, and its demand is short."""
    port = a_port(6, 2)
    elsewhere = tuple(Post(post.shift, "elsewhere") for post in port.posts)
    demand = tuple(
        structs.replace(each, post=Post(each.post.shift, "elsewhere"), least=1) for each in port.demand
    )
    problem = replace(port, posts=(*port.posts, *elsewhere), demand=(*port.demand, *demand))
    at_once = pools.solve(problem, 2, 1)
    monkeypatch.setattr(pools, "MANY", 2)
    apart = pools.solve(problem, 2, 1)
    for made in (at_once, apart):
        assert made.verdict.feasible
        assert made.verdict.cost == check(problem, made.grid).cost >= made.bound
    assert apart.bound >= 28 * 100


def test_a_bound_that_rounding_ends_holds_and_is_told(monkeypatch):
    """The program is singular from its fourth step on."""
    problem = a_port(12, 5)
    rounds = iter(range(1_000_000))
    step = pools.Barrier._step

    def breaks(barrier):
        if next(rounds) > 2:
            raise np.linalg.LinAlgError
        return step(barrier)

    monkeypatch.setattr(pools.Barrier, "_step", breaks)
    monkeypatch.setattr(pools, "improve", lambda search: None)
    made = pools.solve_pool(problem, 600.0, 0)
    assert made.broken
    assert np.isfinite(made.bound)
    assert made.bound <= check(problem, made.grid).cost
