"""Long periods: prices of what is counted, pieces of a roster, and rosters of a hundred days and more."""

from dataclasses import replace
from itertools import product

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.planning.rosters import small
from tests.thorough import draws

from watchfloor.planning.rosters.check import check
from watchfloor.planning.rosters.problem import Demand, Person, Post, Problem, Run, Shift, Total, Weekends

pytest.importorskip("highspy")
from watchfloor.planning.rosters import columns, pieces, relaxation, solve
from watchfloor.planning.rosters.search import Search

DAY = Shift("D", 480)
NIGHT = Shift("N", 600)


def drawn_prices(data, relaxed):
    """Draw prices at which the bound is finite."""
    numbers = [data.draw(st.integers(-9, 9)) for _ in range(len(relaxed.low) + len(relaxed.beyond))]
    prices = np.array(numbers, float)
    demand, counts = prices[: len(relaxed.low)], prices[len(relaxed.low) :]
    return np.clip(demand, relaxed.low, relaxed.high), np.minimum(counts, relaxed.beyond)


@settings(max_examples=draws(100, quick=15), deadline=None)
@given(st.data())
def test_no_roster_costs_less_than_the_bound_at_any_prices(data):
    """Against every roster of two people."""
    problem = small.problem(data.draw, st.integers, st.sampled_from)
    search = Search(problem, 20, 1, 0, lambda _: None)
    search.construct()
    assume(len(search.lawful) == 2)
    room = data.draw(st.sampled_from([1, 4, 400]))
    relaxed = relaxation.Relaxation(search.pricing, search.cover, search.lawful, room)
    value, _, _ = relaxed.value(*drawn_prices(data, relaxed))
    rows = [list(product([0, *sorted(person.posts)], repeat=5)) for person in problem.people]
    assume(len(rows[0]) * len(rows[1]) <= 1_100)
    costs = [
        verdict.cost
        for both in product(*rows)
        if (verdict := check(problem, np.array(both, np.int16))).feasible
    ]
    assert value <= min(costs) + 1e-6
    assert search.cost >= min(costs)


@settings(max_examples=draws(100, quick=15), deadline=None)
@given(st.data())
def test_prices_of_counts_change_no_row_s_cost(data):
    problem = small.problem(data.draw, st.integers, st.sampled_from)
    pricing = columns.Pricing(problem)
    duals = np.array([[0, *(data.draw(st.integers(-9, 9)) for _ in range(2))] for _ in range(5)], float)
    plain = pricing.rows(0, duals, most=9, slack=5)
    beyond = pricing.layouts[0].beyond
    pricing.counts[0] = np.minimum([float(data.draw(st.integers(-9, 9))) for _ in beyond], beyond)
    priced = pricing.rows(0, duals, most=9, slack=5, width=100_000)
    assert priced[0] == pytest.approx(plain[0], abs=1e-9)
    assert {one.cost for one in priced[1][:1]} == {one.cost for one in plain[1][:1]}


@settings(max_examples=draws(40, quick=6), deadline=None)
@given(st.data())
def test_a_piece_costs_what_the_whole_roster_does_but_for_what_stays(data):
    """With rules of every kind that have prices, by the check of the whole."""
    drawn = small.problem(data.draw, st.integers, st.sampled_from)
    demand = tuple(
        msgspec.structs.replace(one, day=one.day + first, also=tuple((day + first, p) for day, p in one.also))
        for first in range(0, 30, 5)
        for one in drawn.demand
    )
    shifts = tuple(msgspec.structs.replace(one, days=None) for one in drawn.shifts)
    problem = replace(drawn, days=30, demand=demand, shifts=shifts)
    search = Search(problem, 20, 1, 0, lambda _: None)
    search.construct()
    assume(len(search.lawful) == 2)
    before = check(problem, search.best)
    assert before.feasible
    assert search.cost == before.cost
    begin = -problem.weekday % 7 + 7 * data.draw(st.integers(0, 2))
    made = pieces.Piece(search.pricing, search.cover, search.best, begin, begin + 7)
    duals = np.array([[0, *(data.draw(st.integers(-9, 9)) for _ in range(2))] for _ in range(5)], float)
    duals = np.resize(duals, (made.until - begin, 3))
    part = search.best[:, begin : made.until]
    for person in (0, 1):
        now = made.rows(person, np.zeros_like(duals), fixed=part)[1][0].cost
        new = made.rows(person, duals)[1][0]
        grid = search.best.copy()
        grid[person, begin : made.until] = new.row
        after = check(problem, grid)
        own = [sum(v.parts.values()) - v.parts.get("cover", 0) for v in (before, after)]
        assert after.feasible
        assert own[1] - own[0] == new.cost - now


def long_problem(days, people=4):
    """Make a problem of many days, whose hours, nights and weekends are counted."""
    rules = (
        Total("hours", None, least=480 * days // 3, most=480 * days // 2, minutes=True),
        Total("nights", None, frozenset({2}), most=days // 8),
        Run("runs", None, least=2, most=5),
        Run("off", None, frozenset({0}), least=2),
        Weekends("weekends", None, days // 14),
    )
    posts = (Post(1), Post(2))
    demand = tuple(
        Demand(day, post, 1, 1, 100, 1, "demand") for day in range(days) for post in posts if day % 5
    )
    crew = tuple(Person(f"P{each}", frozenset({1, 2}), rules) for each in range(people))
    return Problem("long", days, (DAY, NIGHT), posts, crew, demand)


@pytest.mark.parametrize("days", [49, 133])
def test_a_long_roster_is_lawful_and_within_its_bound_in_a_second(days):
    made = solve.solve(long_problem(days), seconds=1, threads=1)
    assert made.verdict.feasible
    assert made.bound <= made.verdict.cost


def test_weeks_are_bettered_and_the_cost_is_what_the_check_says():
    problem = long_problem(112)
    search = Search(problem, 20, 1, 0, lambda _: None)
    search.construct()
    first = search.cost
    search.relax(search.until)
    solve.better_weeks(search, 28, 56, 5.0)
    verdict = check(problem, search.best)
    assert verdict.feasible
    assert search.bound <= verdict.cost == search.cost < first


@pytest.mark.parametrize("price", [None, 7])
def test_a_window_of_sixteen_weeks_is_kept_where_it_is_the_period(price):
    """Hours on average over 112 days: as states it would have too many."""
    problem = long_problem(112, people=2)
    hours = Total("average", price, least=480 * 40, most=480 * 44, minutes=True, window=112)
    longer = Total("of half a year", None, least=99, most=43, window=182)
    crew = tuple(replace(one, rules=(*one.rules, hours, longer)) for one in problem.people)
    made = solve.solve(replace(problem, people=crew), seconds=1, threads=1)
    assert made.verdict.feasible
    assert ((made.grid > 0).sum(1) <= 43).all()


def test_minutes_of_a_window_that_is_not_whole_cost_nothing():
    rule = Total("minutes", 3, most=700, minutes=True, window=3)
    person = Person("Ann", frozenset({1}), (rule,))
    problem = Problem("window", 4, (DAY,), (Post(1),), (person,), ())
    pricing = columns.Pricing(problem)
    for row in product([0, 1], repeat=4):
        grid = np.array([row], np.int16)
        found = pricing.rows(0, np.zeros((4, 2)), fixed=grid)[1][0]
        assert found.cost == check(problem, grid).cost
