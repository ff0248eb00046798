"""Placements beside every placement there is."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.planning.detectors.placement import (
    Limits,
    found,
    place,
    place_kinds,
    place_kinds_robust,
    place_robust,
)


@st.composite
def problems(draw):
    areas, teams = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    shares = np.array(draw(st.lists(st.floats(0, 1), min_size=areas, max_size=areas)))
    hit = draw(st.sampled_from([0.2, 0.5, 0.9, 1.0]))
    regions = draw(st.none() | st.lists(st.integers(0, 1), min_size=areas, max_size=areas).map(np.array))
    least = (0, 0)
    if regions is not None:
        first = draw(st.integers(0, teams)) if (regions == 0).any() else 0
        least = (first, draw(st.integers(0, teams - first)) if (regions == 1).any() else 0)
    now = draw(st.none() | st.lists(st.integers(0, 3), min_size=areas, max_size=areas).map(np.array))
    return shares, Limits(teams, hit, now, draw(st.sampled_from([0.0, 0.05, 0.3])), regions, least)


def worth(shares, limits, placed):
    moved = 0 if limits.now is None else np.maximum(placed - limits.now, 0).sum()
    return shares @ limits.covered(placed) - limits.move * moved


def allowed(limits, placed):
    if placed.sum() != limits.teams:
        return False
    if limits.regions is None:
        return True
    return all(placed[limits.regions == at].sum() >= least for at, least in enumerate(limits.least))


@given(problems())
def test_no_placement_within_the_limits_is_better(problem):
    shares, limits = problem
    ties = np.arange(len(shares))
    placed = place(shares, limits, ties)
    assert allowed(limits, placed)
    every = (np.array(one) for one in product(range(limits.teams + 1), repeat=len(shares)))
    best = max(worth(shares, limits, one) for one in every if allowed(limits, one))
    assert worth(shares, limits, placed) >= best - 1e-12


@given(problems(), st.integers(0, 5))
def test_a_robust_placement_keeps_the_limits(problem, seed):
    shares, limits = problem
    draws = np.random.default_rng(seed).dirichlet(np.ones(len(shares)), 30)
    assert allowed(limits, place_robust(draws, limits, np.arange(len(shares))))


def test_a_robust_placement_spreads_where_a_good_one_may_fail():
    """One area has all in nine of ten draws and nothing in the tenth: some teams stand elsewhere."""
    draws = np.array([[1.0, 0, 0]] * 9 + [[0, 0.5, 0.5]])
    limits = Limits(4, 0.5)
    ties = np.arange(3)
    assert place(draws.mean(0), limits, ties).tolist() == [4, 0, 0]
    assert place_robust(draws, limits, ties)[1:].sum() >= 2


def test_equals_are_ordered_by_the_draw():
    ties = np.array([2, 0, 1])
    assert place(np.full(3, 0.2), Limits(1, 0.5), ties).tolist() == [0, 0, 1]


@st.composite
def fleets(draw):
    areas = draw(st.integers(1, 3))
    shares = np.array(draw(st.lists(st.floats(0.01, 1), min_size=areas, max_size=areas)))
    dependence = draw(st.sampled_from([0.0, 0.3, 1.0]))
    rate = st.lists(st.sampled_from([0.1, 0.4, 0.8]), min_size=areas, max_size=areas).map(np.array)
    kinds = [Limits(draw(st.integers(1, 3)), draw(rate), dependence=dependence) for _ in range(2)]
    return shares, kinds


def spread(teams, areas):
    return [np.array(one) for one in product(range(teams + 1), repeat=areas) if sum(one) == teams]


def chance(kinds, placed, area):
    """Return what is found in an area, by the sum over what each detector does."""
    rates = [one.hit[area] for one, teams in zip(kinds, placed, strict=True) for _ in range(teams[area])]
    alone = sum(
        np.prod([rate if hit else 1 - rate for rate, hit in zip(rates, hits, strict=True)])
        for hits in product((False, True), repeat=len(rates))
        if any(hits)
    )
    share = kinds[0].dependence
    return (1 - share) * alone + share * max(rates, default=0)


@given(fleets())
def test_kinds_together_find_what_either_finds_and_each_kind_is_well_placed(fleet):
    shares, kinds = fleet
    ties = np.arange(len(shares))
    placed = place_kinds(shares, kinds, ties)
    assert [one.sum() for one in placed] == [one.teams for one in kinds]
    np.testing.assert_allclose(
        found(kinds, placed), [chance(kinds, placed, area) for area in range(len(shares))], atol=1e-12
    )
    value = shares @ found(kinds, placed)
    pairs = product(*(spread(one.teams, len(shares)) for one in kinds))
    best = max(shares @ found(kinds, pair) for pair in pairs)
    for kind, one in enumerate(kinds):
        for other in spread(one.teams, len(shares)):
            moved = [*placed]
            moved[kind] = other
            assert shares @ found(kinds, moved) <= value + 1e-12
    assert value >= 0.5 * best  # what a monotone submodular function guarantees; mostly it is the best
    draws = np.random.default_rng(0).dirichlet(np.ones(len(shares)), 20)
    assert [one.sum() for one in place_kinds_robust(draws, kinds, ties)] == [one.teams for one in kinds]
