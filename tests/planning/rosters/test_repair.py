from dataclasses import replace
from itertools import combinations, product

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.planning.rosters import small
from tests.thorough import draws

from watchfloor.planning.rosters import repair
from watchfloor.planning.rosters.check import check
from watchfloor.planning.rosters.problem import Demand, Person, Post, Problem, Shift
from watchfloor.planning.rosters.repair import Call, Terms

CHANGES = 3


def must(problem, grid):
    """Name who breaks a rule that must be kept."""
    return {one.person for one in check(problem, grid).breaches if one.cost is None and one.person}


def missing(problem, grid):
    posts = {post: number for number, post in enumerate(problem.posts, 1)}
    counts = [sum((grid[:, day] == posts[post]).sum() for day, post in one.cells()) for one in problem.demand]
    return np.array([max(one.least - count, 0) for one, count in zip(problem.demand, counts, strict=True)])


def brute(problem, grid, away):
    """Return the fewest changes that leave nobody missing who was there, of every set of so many; or none."""
    begun = repair.without(grid, away)
    told = repair.excused(problem, away)
    gone = {person for person, _ in away}
    allowed = missing(problem, grid)
    cells = [cell for cell in product(range(len(grid)), range(problem.days)) if cell[0] not in gone]
    for count in range(CHANGES + 1):
        for chosen in combinations(cells, count):
            for posts in product(range(len(problem.posts) + 1), repeat=count):
                after = begun.copy()
                for cell, post in zip(chosen, posts, strict=True):
                    after[cell] = post
                if (after != begun).sum() != count or (missing(problem, after) > allowed).any():
                    continue
                if not must(told, after):
                    return count
    return None


@settings(
    max_examples=draws(100, quick=15), deadline=None, suppress_health_check=[HealthCheck.filter_too_much]
)
@given(st.data())
def test_no_repair_of_fewer_changes_is_there(data):
    """Against every set of up to three changes, held against the check."""
    drawn = small.problem(data.draw, st.integers, st.sampled_from)
    people = (*drawn.people, replace(drawn.people[1], name="Cyd", posts=frozenset({1, 2})))
    lawful = {}
    for person in people:
        rows = np.array(list(product([0, *sorted(person.posts)], repeat=drawn.days)), np.int16)
        faults = repair.faults(drawn, [person] * len(rows), rows)
        if kept := [row for row, (amount, *_) in zip(rows, faults, strict=True) if not amount]:
            lawful[person.name] = data.draw(st.sampled_from(kept[::-1]))
    assume(lawful)
    drawn = replace(drawn, people=tuple(each for each in people if each.name in lawful), links=())
    grid = np.array(list(lawful.values()), np.int16)
    assume(not must(drawn, grid) and grid.any())
    person, day = data.draw(st.sampled_from(np.argwhere(grid).tolist()))
    call = Call(frozenset({(person, day)}))
    fewest = brute(drawn, grid, call.away)
    found = repair.repairs(drawn, grid, call, seconds=60)
    needs = missing(drawn, repair.without(grid, call.away)) - missing(drawn, grid)
    if fewest is None or fewest > needs.clip(0).sum() + repair.DEEPER:
        assert found[0].short or not needs.any()
        return
    assert found[0].fewest
    for each in found:
        assert len(each.changes) == fewest
        after = repair.changed(grid, call, each)
        assert (missing(drawn, after) <= missing(drawn, grid)).all()


NAMES = ("Ann", "Bob", "Cy", "Di")
STANDBY = 3


def four(least=1):
    """Ann works two days; Bob, Cy and Di may."""
    posts = (Post(1, "line"), Post(2, "line"), Post(STANDBY, "line"))
    people = tuple(Person(name, frozenset({1, 2, 3}), ()) for name in NAMES)
    demand = tuple(Demand(day, posts[0], least, None, 9, 0, "cover") for day in (0, 1))
    shifts = (Shift("D", 480, 360), Shift("N", 480, 1320), Shift("S", 0, 0))
    problem = Problem("four", 2, shifts, posts, people, demand)
    grid = np.zeros((4, 2), np.int16)
    grid[0] = 1
    return problem, grid


def moved(problem, grid, call, terms=None, declined=frozenset()):
    found = repair.repairs(problem, grid, call, terms, declined)
    return [[(NAMES[one.person], one.day, one.after) for one in each.changes] for each in found]


SICK = Call(frozenset({(0, 0)}))


def test_who_is_asked_first_is_first_by_rank():
    assert moved(*four(), SICK, Terms(rank=(0, 3, 1, 2))) == [[(name, 0, 1)] for name in ("Cy", "Di", "Bob")]


def test_who_declined_is_not_asked_again():
    found = moved(*four(), SICK, Terms(rank=(0, 3, 1, 2)), frozenset({(2, 0)}))
    assert found == [[("Di", 0, 1)], [("Bob", 0, 1)]]


def test_within_notice_only_who_is_willing_is_asked_and_nobody_once_it_began():
    late = frozenset({(0, 1)})
    assert moved(*four(), SICK, Terms(late=late, willing=frozenset({3}))) == [[("Di", 0, 1)]]
    found = repair.repairs(*four(), SICK, Terms(begun=late, willing=frozenset({3})))
    assert (found[0].changes, found[0].short) == ((), {0: 1})


def test_who_stands_by_is_asked_first_within_notice_and_nobody_takes_their_place():
    problem, grid = four()
    standby = Demand(0, problem.posts[2], 1, None, 9, 0, "standby")
    problem = replace(problem, demand=(*problem.demand, standby))
    grid[3, 0] = STANDBY
    late = frozenset({(0, 1), (0, STANDBY)})
    assert moved(problem, grid, SICK, Terms(late=late, standby=frozenset({(3, 0)}))) == [[("Di", 0, 1)]]


def test_a_late_aircraft_needs_two_more():
    assert len(moved(*four(), Call(frozenset(), {1: 2}))[0]) == 2


def test_a_storm_keeps_some_away_and_needs_more():
    """Days are repaired apart where there is no time for the whole, and no more than four are moved."""
    call = Call(frozenset({(0, 0), (0, 1)}), {0: 1, 1: 1})
    for seconds in (60, 0):
        found = repair.repairs(*four(), call, seconds=seconds)[0]
        assert sum(found.short.values()) == (0 if seconds else 4)
    assert len(repair.repairs(*four(), call, seconds=60)[0].changes) == 4
