from dataclasses import replace
from itertools import combinations, product

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.planning.rosters import small
from tests.thorough import draws

from watchfloor.planning.rosters import repair
from watchfloor.planning.rosters.check import check
from watchfloor.planning.rosters.repair import Call

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
