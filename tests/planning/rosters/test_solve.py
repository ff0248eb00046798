from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.planning.rosters import small
from tests.thorough import draws

from watchfloor.planning.rosters import curtois
from watchfloor.planning.rosters.check import check
from watchfloor.planning.rosters.problem import Problem
from watchfloor.planning.rosters.search import Search

pytest.importorskip("highspy")
from watchfloor.planning.rosters import columns, solve

DATA = Path(__file__).parents[4] / "shared" / "data" / "planning" / "rosters"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the public rosters are not beside the project")


def rows_of(person, days):
    return product([0, *sorted(person.posts)], repeat=days)


@settings(max_examples=draws(300, quick=20), deadline=None)
@given(st.data())
def test_the_cheapest_row_is_the_best_of_all_rows(data):
    """Against every row there is, costed by the check; prices are drawn."""
    drawn = small.problem(data.draw, st.integers, st.sampled_from)
    person = drawn.people[0]
    alone = Problem("one", drawn.days, drawn.shifts, drawn.posts, (person,), (), drawn.weekday)
    prices = np.array([[0, *(data.draw(st.integers(-9, 9)) for _ in range(2))] for _ in range(5)], float)
    every = [
        (verdict.cost + sum(prices[range(5), row]), row)
        for row in rows_of(person, 5)
        if (verdict := check(alone, np.array([row], np.int16))).feasible
    ]
    value, found, _ = columns.Pricing(alone).rows(0, -prices, most=9, slack=5)
    if not every:
        assert (value, found) == (np.inf, [])
        return
    assert value == pytest.approx(min(every)[0], abs=1e-9)
    costs = [one.cost + sum(prices[range(5), one.row]) for one in found]
    assert costs[0] == pytest.approx(value, abs=1e-9)
    assert all(
        (pytest.approx(cost, abs=1e-9), one.row) in every for cost, one in zip(costs, found, strict=True)
    )


@settings(max_examples=draws(60, quick=8), deadline=None)
@given(st.data())
def test_no_roster_costs_less_than_the_bound_and_the_search_finds_the_best(data):
    """Against every roster of two people."""
    problem = small.problem(data.draw, st.integers, st.sampled_from)
    lawful = []
    for person in problem.people:
        alone = Problem("one", problem.days, problem.shifts, problem.posts, (person,), (), problem.weekday)
        lawful.append([row for row in rows_of(person, 5) if check(alone, np.array([row], np.int16)).feasible])
    assume(all(lawful) and len(lawful[0]) * len(lawful[1]) <= 4_000)
    least = min(check(problem, np.array(both, np.int16)).cost for both in product(*lawful))
    made = solve.solve(problem, seconds=20, threads=1)
    assert made.verdict.feasible
    assert made.bound <= least == made.verdict.cost


def test_the_same_roster_is_made_with_a_seed_and_one_thread(tmp_path):
    (tmp_path / "small.txt").write_text(small.INSTANCE, "utf-8")
    problem = curtois.read(tmp_path / "small.txt")
    one, other = (solve.solve(problem, 20, threads=1, seed=3) for _ in range(2))
    assert (one.grid == other.grid).all()
    assert one.verdict.feasible


def test_who_has_no_lawful_row_is_told_by_the_clause(tmp_path):
    text = small.INSTANCE.replace("Bob,E=7|N=0,2400,960", "Bob,E=7|N=0,2400,2880")
    (tmp_path / "small.txt").write_text(text, "utf-8")
    problem = curtois.read(tmp_path / "small.txt")
    made = solve.solve(problem, 1, threads=1)
    assert not made.verdict.feasible
    must = {(one.person, one.clause) for one in made.verdict.breaches if one.cost is None}
    assert ("Bob", "MinTotalMinutes") in must


def test_taking_turns_never_makes_the_roster_dearer_and_gives_lawful_rows(tmp_path):
    (tmp_path / "small.txt").write_text(small.INSTANCE, "utf-8")
    problem = curtois.read(tmp_path / "small.txt")
    search = Search(problem, 20, 1, 0, lambda _: None)
    search.construct()
    first = search.cost
    rows = search.respond(6, 50.0, 0.0)
    assert rows
    assert check(problem, search.best).cost == search.cost <= first
    for one in rows:
        grid = search.best.copy()
        grid[one.person] = one.row
        assert check(problem, grid).feasible


@real
@pytest.mark.parametrize(("number", "best"), [(1, 607), (2, 828), (3, 1001)])
def test_small_published_instances_are_solved_to_the_best_known_cost(number, best):
    problem = curtois.read(DATA / "curtois" / f"Instance{number}.txt")
    made = solve.solve(problem, seconds=60)
    assert made.verdict.feasible
    assert made.bound <= best == made.verdict.cost


def test_whoever_had_no_time_has_no_row_and_is_told_of(tmp_path, monkeypatch):
    """The clock goes on a second each time that it is read: three people of eight have their rules read."""
    (tmp_path / "small.txt").write_text(small.INSTANCE, "utf-8")
    problem = curtois.read(tmp_path / "small.txt")
    solve.compile_kernels()
    now = iter(range(1_000_000))
    monkeypatch.setattr(solve.time, "monotonic", lambda: float(next(now)))
    made = solve.solve(problem, seconds=3)
    assert 0 < made.untried <= len(problem.people)
    assert not made.grid.any(1)[-1]
    assert made.bound == 0
