from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.cli.roster import rosters as command
from watchfloor.planning.rosters import instances
from watchfloor.planning.rosters.check import check
from watchfloor.planning.rosters.problem import (
    Demand,
    Link,
    Person,
    Post,
    Problem,
    Run,
    Shift,
    Succession,
    Total,
)

pytest.importorskip("highspy")
from watchfloor.planning.rosters import links

SHIFTS = (Shift("E", 480), Shift("N", 600))
POSTS = (Post(1), Post(2))


@settings(max_examples=draws(40, quick=4), deadline=None, phases=[Phase.generate])
@given(st.data())
def test_no_roster_with_links_costs_less_than_the_bound(data):
    """Against every roster of two people, one of whom works beside the other or never does."""
    draw = data.draw
    rules = (
        Run("run", draw(st.sampled_from([None, 3])), most=2),
        Total("days", draw(st.sampled_from([None, 3])), least=draw(st.integers(0, 2))),
        Succession("rest", None, 2, frozenset({1})),
    )
    people = tuple(Person(name, frozenset({1, 2}), rules) for name in ("Ann", "Bob"))
    least, most = draw(st.sampled_from([(1, None), (None, 0)]))
    link = Link("link", draw(st.sampled_from([None, 3])), 0, frozenset({1}), frozenset(), least, most)
    demand = tuple(
        Demand(day, post, draw(st.integers(0, 2)), None, 5, 0, "cover") for day in range(3) for post in POSTS
    )
    problem = Problem("two", 3, SHIFTS, POSTS, people, demand, links=(link,))
    every = [
        verdict.cost
        for rows in product(product((0, 1, 2), repeat=3), repeat=2)
        if (verdict := check(problem, np.array(rows, np.int16))).feasible
    ]
    made = links.solve(problem, seconds=2, threads=1)
    assert made.verdict == check(problem, made.grid)
    if made.verdict.feasible:
        assert made.bound <= min(every) <= made.verdict.cost


@pytest.mark.parametrize("circle", [False, True])
def test_a_recruit_works_beside_a_coach_and_two_people_never_together(circle):
    six = (Total("days", 5, least=3, most=3),)
    people = tuple(Person(name, frozenset({1, 2}), six) for name in ("Ann", "Bob", "Cy", "Di"))
    joined = (
        Link("coach", None, 0, frozenset({1, 2}), least=1),
        Link("apart", None, 3, frozenset({1}), most=0),
        *((Link("apart", None, 1, frozenset({3}), most=0),) if circle else ()),
    )
    demand = tuple(Demand(day, POSTS[at], 1, None, 100, 0, "cover") for day in range(5) for at in (0, 1))
    problem = Problem("joined", 5, SHIFTS, POSTS, people, demand, links=joined)
    made = links.solve(problem, seconds=8, threads=1)
    assert made.verdict.feasible
    assert made.bound == 0
    assert made.verdict.cost <= 5  # people are placed one after the other: one day short is met


def test_a_result_says_for_how_many_people_links_were_met_around_the_search():
    people = tuple(Person(name, frozenset({1, 2}), ()) for name in ("Ann", "Bob"))
    demand = (Demand(0, POSTS[0], 1, None, 100, 0, "cover"),)
    link = Link("coach", None, 0, frozenset({1}), least=1)
    problem = Problem("joined", 2, SHIFTS, POSTS, people, demand, links=(link,))
    made = links.solve(problem, seconds=1, threads=1)
    found = instances.Instance(problem, None, None)
    assert [one.message for one in command._notes(found, made)] == ["rosters.around"]
    plain = found._replace(problem=replace(problem, links=()))
    assert command._notes(plain, made) == []
    assert command._notes(plain, replace(made, untried=3, broken=2)) != []
