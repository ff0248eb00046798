"""Chosen sites beside every choice there is, and a bound that no choice exceeds."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from watchfloor.planning.towers.choose import Limits, choose
from watchfloor.planning.towers.sight import Sights


def packed(cover):
    return Sights(np.packbits(cover, axis=1, bitorder="little"), cover.shape[1])


def best_of_all(cover, weights, limits):
    """The most that any choice within limits covers."""
    most = 0.0
    for choice in product([False, True], repeat=len(cover)):
        chosen = np.array(choice)
        within = limits.costs[chosen].sum() <= limits.budget * (1 + 1e-12)
        if within and chosen[list(limits.keep)].all() and not chosen[list(limits.forbid)].any():
            most = max(most, float(weights[cover[chosen].sum(0) >= limits.times].sum()))
    return most


@st.composite
def problems(draw):
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    sites, cells = draw(st.integers(3, 9)), draw(st.integers(4, 30))
    cover = random.random((sites, cells)) < draw(st.floats(0.1, 0.5))
    weights = random.random(cells) * (random.random(cells) < 0.9)
    alike = draw(st.booleans())
    costs = np.ones(sites) if alike else random.uniform(0.5, 3.0, sites)
    budget = float(draw(st.integers(1, 4))) if alike else draw(st.floats(1.0, 6.0))
    keep, forbid = (
        tuple(map(int, part)) for part in np.split(random.permutation(sites)[: draw(st.integers(0, 2))], [1])
    )
    assume(costs[list(keep)].sum() <= budget)
    return cover, weights, Limits(costs, budget, keep, forbid, draw(st.integers(1, 2)))


@given(problems())
def test_without_a_gap_it_is_the_best_choice_there_is(problem):
    cover, weights, limits = problem
    made = choose(packed(cover), weights, limits, gap=1e-9, seconds=60)
    most = best_of_all(cover, weights, limits)
    assert made.covered == pytest.approx(most, abs=1e-9)
    assert made.bound == pytest.approx(most, rel=1e-6, abs=1e-9)
    chosen = np.zeros(len(cover), bool)
    chosen[list(made.sites)] = True
    assert weights[cover[chosen].sum(0) >= limits.times].sum() == pytest.approx(made.covered)
    assert limits.costs[chosen].sum() <= limits.budget * (1 + 1e-9)
    assert sum(made.gains) == pytest.approx(made.covered)
    assert made.sites[: len(limits.keep)] == limits.keep
    assert not set(made.sites) & set(limits.forbid)


@given(problems(), st.floats(0, 0.5))
def test_with_a_gap_or_without_time_the_bound_still_holds(problem, gap):
    cover, weights, limits = problem
    most = best_of_all(cover, weights, limits)
    for made in (
        choose(packed(cover), weights, limits, gap=gap),
        choose(packed(cover), weights, limits, 1e-9, seconds=0),
    ):
        assert made.covered - 1e-9 <= most <= made.bound + 1e-9
        assert most <= made.trivial + 1e-9
        assert made.greedy <= made.covered + 1e-9
    assert choose(packed(cover), weights, limits, gap=gap).gap <= gap + 1e-9


def test_swaps_mend_what_greedy_spoils():
    """Greedy takes the middle first, and then needs three where two see all."""
    cover = np.zeros((3, 12), bool)
    cover[0, 2:10] = cover[1, :6] = cover[2, 6:] = True
    made = choose(packed(cover), np.ones(12), Limits(np.ones(3), 2.0), gap=0)
    assert (made.greedy, made.covered, set(made.sites), made.gap) == (10.0, 12.0, {1, 2}, 0.0)


def test_cells_that_nobody_sees_are_in_no_bound():
    made = choose(packed(np.zeros((2, 5), bool)), np.ones(5), Limits(np.ones(2), 1.0))
    assert (made.covered, made.bound, made.gap) == (0.0, 0.0, 0.0)
