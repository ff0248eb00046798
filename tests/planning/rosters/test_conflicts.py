from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.planning.rosters import small
from tests.thorough import draws

from watchfloor.planning.rosters import repair
from watchfloor.planning.rosters.problem import Demand, Person, Post, Problem, Run, Shift, Wish

pytest.importorskip("highspy")
from watchfloor.planning.rosters import conflicts


def lawful(problem, person, clauses):
    """Return every row that keeps the rules of some clauses."""
    kept = tuple(rule for rule in person.rules if rule.price is None and rule.clause in clauses)
    rows = np.array(list(product([0, *sorted(person.posts)], repeat=problem.days)), np.int16)
    faults = repair.faults(problem, [replace(person, rules=kept)] * len(rows), rows)
    shut = {
        (day, post)
        for post, one in enumerate(problem.posts, 1)
        for day in range(problem.days)
        if (on := problem.shifts[one.shift - 1].days) is not None and day not in on
    }
    away = {*person.barred, *shut}
    return np.array(
        [
            row
            for row, (amount, *_) in zip(rows, faults, strict=True)
            if not amount and not any(row[day] == post for day, post in away)
        ]
    ).reshape(-1, problem.days)


def feasible(problem, members):
    """Whether any two rows keep the clauses and meet the demands."""
    numbers = {post: number for number, post in enumerate(problem.posts, 1)}
    demand = [one for number, one in enumerate(problem.demand) if number in members]
    least = np.array([one.least for one in demand])
    counts = []
    for person in problem.people:
        rows = lawful(problem, person, members)
        met = [sum(rows[:, day] == numbers[post] for day, post in one.cells()) for one in demand]
        counts.append(np.array(met).T.reshape(len(rows), len(demand)))
    first, second = counts
    return bool((first[:, None] + second[None] >= least).all(2).any())


@settings(max_examples=draws(60, quick=6), deadline=None, phases=[Phase.generate])
@given(st.data())
def test_each_member_of_a_conflict_is_needed(data):
    """Against every pair of rows."""
    problem = small.problem(data.draw, st.integers, st.sampled_from)
    if not problem.demand:
        return
    number = data.draw(st.integers(0, len(problem.demand) - 1))
    answer = conflicts.explain(problem, number, seconds=60)
    if answer.conflict is None:
        assert answer.possible
        clauses = {rule.clause for person in problem.people for rule in person.rules}
        assert feasible(problem, clauses | set(range(len(problem.demand))))
        return
    members = {number, *answer.conflict.clauses, *answer.conflict.demands}
    assert answer.conflict.smallest
    assert not feasible(problem, members)
    for one in members - {number}:
        assert feasible(problem, members - {one})


def test_leave_and_the_days_before_explain_what_is_short():
    """Ann is on leave; Bob has worked as many days as he may, since nobody else may work the desk."""
    line, desk = Post(1, "line"), Post(1, "desk")
    rules = (Run("art. 12", None, most=2), Run("priced", 3, most=1))
    people = (
        Person("Ann", frozenset({1}), (*rules, Wish("leave", None, 2))),
        Person("Bob", frozenset({1, 2}), rules),
        Person("Cy", frozenset(), ()),
    )
    demand = tuple(Demand(day, line if day == 2 else desk, 1, None, 9, 0, "cover") for day in range(4))
    problem = Problem("three", 4, (Shift("D", 480),), (line, desk), people, demand)
    found = conflicts.explain(problem, 2, seconds=60).conflict
    assert (found.clauses, found.people, found.smallest) == (("art. 12", "leave"), 2, True)
    assert found.demands in ((0, 1), (1, 3))


def test_without_anybody_no_clause_is_to_blame():
    problem = Problem(
        "none", 1, (Shift("D", 480),), (Post(1),), (), (Demand(0, Post(1), 1, None, 9, 0, "c"),)
    )
    found = conflicts.explain(problem, 0, seconds=5).conflict
    assert (found.clauses, found.demands, found.people) == ((), (), 0)


def test_without_time_nothing_is_said():
    post = Post(1)
    people = (Person("Ann", frozenset({1}), (Wish("leave", None, 0),)),)
    problem = Problem("one", 1, (Shift("D", 480),), (post,), people, (Demand(0, post, 1, None, 9, 0, "c"),))
    assert conflicts.explain(problem, 0, seconds=0) == conflicts.Answer()
