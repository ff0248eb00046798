"""Uncertain ground: fields with the variance and correlation asked for, and plans beside every choice."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.towers.hills import terrain
from tests.planning.towers.test_sight import points, rough

from watchfloor.planning.towers.choose import Limits
from watchfloor.planning.towers.sight import sights
from watchfloor.planning.towers.uncertainty import (
    Doubt,
    choose_robust,
    probabilities,
    realisations,
    visibility,
)

PLACES = [(450.0, 450.0), (3_050.0, 2_250.0), (1_450.0, 3_350.0)]
CELLS = [(250.0 + 300 * i, 250.0 + 300 * j) for i in range(12) for j in range(9)]


def test_without_errors_each_realisation_is_the_terrain():
    ground = rough(2)
    bits = visibility(ground, points(PLACES, 25.0), points(CELLS, 1.7), Doubt(0.0, 500.0, None, 3))
    expected = sights(ground, points(PLACES, 25.0), points(CELLS, 1.7)).bits
    assert all((one == expected).all() for one in bits)


def test_errors_have_the_size_and_the_correlation_that_were_asked_for():
    flat = terrain(np.zeros((64, 64)))
    doubt = Doubt(4.0, 300.0, None, 300)
    fields = np.array([bare for bare, _ in realisations(flat, points(PLACES, 25.0), doubt)])
    assert fields.std() == pytest.approx(4.0, rel=0.05)
    for cells in (1, 3, 6):
        product = (fields[:, :, cells:] * fields[:, :, :-cells]).mean() / 16
        assert product == pytest.approx(np.exp(-cells * 100 / 300), abs=0.05)


def test_forest_hides_as_often_as_it_stands_and_never_from_its_own_mast():
    """Green aspen, 15 m in nine of ten lines of sight, on one cell between a low mast and a target."""
    flat = terrain(np.zeros((9, 40)))
    fuels = np.zeros((9, 40), int)
    fuels[4, 20] = 12
    site = points([(50.0, 450.0)], 10.0)
    bits = visibility(flat, site, points([(3_850.0, 450.0), (3_850.0, 850.0)], 1.7), Doubt(0, 1, fuels, 400))
    seen = probabilities(bits, 2)[0]
    assert seen[0] == pytest.approx(0.1, abs=0.05)
    assert seen[1] == 1.0
    fuels[:], fuels[:, 20:] = 12, 0  # a wood around the mast, whose own cells are cleared
    fuels[:, 1:20] = 0
    assert (
        probabilities(visibility(flat, site, points([(3_850.0, 450.0)], 1.7), Doubt(0, 1, fuels, 9)), 1) == 1
    )


def test_the_same_seed_draws_the_same_ground():
    ground, site = rough(4), points(PLACES, 25.0)
    one, same, other = (
        [bare for bare, _ in realisations(ground, site, Doubt(5.0, 400.0, None, 3, seed))]
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def objective(cover, weights, chosen, times):
    totals = np.sort(((cover[:, chosen].sum(1) >= times) * weights).sum(1))
    return (totals.mean() + totals[: max(1, round(len(totals) * 0.1))].mean()) / 2


def choices(seed, times, keeps):
    """Choose three of six small sites, and return what every choice of three would have covered too."""
    random = np.random.default_rng(seed)
    cover = random.random((20, 7, 25)) < random.uniform(0.1, 0.5)
    weights = random.random(25)
    limits = Limits(np.ones(7), 3.0, (4,) if keeps else (), (2,), times)
    made = choose_robust(np.packbits(cover, axis=2, bitorder="little"), weights, limits)
    assert made.covered == pytest.approx(objective(cover, weights, list(made.sites), times))
    every = [one for one in combinations([0, 1, 3, 4, 5, 6], 3) if not keeps or 4 in one]
    return made, np.array([objective(cover, weights, list(one), times) for one in every])


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 2), st.booleans())
def test_no_choice_has_more_than_the_bound(seed, times, keeps):
    made, every = choices(seed, times, keeps)
    assert made.covered == pytest.approx((made.mean + made.worst) / 2)
    assert sum(made.gains) == pytest.approx(made.mean)
    assert not keeps or made.sites[0] == 4
    assert made.shares.sum() == pytest.approx(1) or made.shares.sum() == 0
    assert every.max() <= made.bound + 1e-9


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("keeps", [False, True])
def test_a_choice_is_near_the_best_there_is(times, keeps):
    """It is sought by steps: of 8,000 the mean was .982 of the best, and 15 in 1,000 lay below the median."""
    found = [choices(seed, times, keeps) for seed in range(50)]
    assert np.mean([made.covered / every.max() for made, every in found]) >= 0.96
    assert np.mean([made.covered >= np.median(every) - 1e-9 for made, every in found]) >= 0.9
