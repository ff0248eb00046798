"""Radio relay: the ITU's published losses, and networks beside every choice there is."""

from itertools import chain, combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components
from tests.planning.towers.hills import terrain

from watchfloor.planning.towers import relay
from watchfloor.planning.towers.choose import Limits, choose
from watchfloor.planning.towers.sight import Points, Sights

# ITU-R Study Group 3, "Validation examples for the delta Bullington diffraction prediction method": on each
# of four paths five pairs of antennas (metres above ground) and frequencies (MHz), and decibels: Bullington's
# for the terrain, the sphere's, and delta-Bullington. The examples are for 3e8 m/s and allow 0.1 dB.
ANTENNAS = [(30, 30, 1000), (50, 10, 2500), (20, 20, 600), (40, 50, 200), (70, 5, 150)]
PUBLISHED = [
    [(32.8428, 15.3486, 34.4430), (37.2290, 23.6973, 42.3293), (31.2260, 20.9138, 36.3461),
     (24.8779, 14.3293, 27.6974), (24.7822, 33.1388, 42.9907)],
    [(36.2042, 69.4543, 69.8304), (44.8124, 85.5386, 90.6823), (34.4392, 66.3165, 66.4606),
     (28.3737, 45.7547, 46.3883), (34.6175, 43.3536, 51.3855)],
    [(17.6204, 0, 17.6204), (25.1017, 0, 25.1017), (20.2549, 0, 20.2549),
     (10.1899, 0, 10.1899), (16.2759, 10.6377, 20.7395)],
    [(7.8710, 0, 7.8710), (0, 0, 0), (15.3088, 0, 15.3088), (6.5267, 0, 6.5267), (0, 0, 0)],
]  # fmt: skip


def profiles():
    lines = (Path(__file__).parent / "itu_profiles.txt").read_text().splitlines()
    for line in lines[2:]:
        length, *heights = map(float, line.split())
        yield np.array([*(0.05 * at for at in range(len(heights) - 1)), length]), np.array(heights)


@pytest.mark.parametrize("path", range(4))
def test_losses_are_those_that_the_itu_published(path):
    along, heights = list(profiles())[path]
    for (mast, mast_to, megahertz), (actual, sphere, whole) in zip(ANTENNAS, PUBLISHED[path], strict=True):
        tops, frequency = (heights[0] + mast, heights[-1] + mast_to), megahertz / 1_000
        feet = relay.smooth_earth(along, heights, *tops)
        above = (top - foot for top, foot in zip(tops, feet, strict=True))
        assert relay.bullington(along, heights, *tops, frequency) == pytest.approx(actual, abs=0.01)
        assert relay.spherical_earth(along[-1], *above, frequency) == pytest.approx(sphere, abs=0.01)
        loss = relay.diffraction(along, heights, float(mast), float(mast_to), frequency)
        assert loss == pytest.approx(whole, abs=0.01)


def test_in_the_open_a_hop_has_the_loss_of_free_space_and_a_ridge_adds_to_it():
    heights = np.zeros((3, 101))
    sites = Points.plain(("A", "B"), np.array([50.0, 10_050.0]), np.array([150.0, 150.0]), 60.0)
    radio = relay.Radio(7_500.0)
    free = 92.45 + 20 * np.log10(7.5 * 10)  # ITU-R P.525, GHz and km
    assert relay.losses(terrain(heights), sites, radio)[0, 1] == pytest.approx(free, abs=0.01)
    heights[:, 50] = 200.0
    assert relay.losses(terrain(heights), sites, radio)[0, 1] > free + 20
    heights[1, 50] = np.nan
    assert np.isinf(relay.losses(terrain(heights), sites, radio)[0, 1])
    near = relay.Radio(7_500.0, hop=9_000.0)
    assert np.isinf(relay.losses(terrain(np.zeros((3, 101))), sites, near)[0, 1])
    high = relay.Radio(7_500.0, antenna=2.0)
    flat = terrain(np.zeros((3, 101)))
    assert relay.losses(flat, sites, high)[0, 1] > relay.losses(flat, sites, radio)[0, 1]


def in_one_piece(linked, sites):
    return connected_components(linked[np.ix_(sites, sites)], directed=False)[0] == 1


@given(
    seed=st.integers(0, 10_000),
    budget=st.integers(1, 5),
    keep=st.integers(0, 2),
    times=st.integers(1, 2),
    priced=st.booleans(),
)
def test_a_network_is_in_one_piece_within_its_budget_and_below_its_bound(seed, budget, keep, times, priced):
    rng = np.random.default_rng(seed)
    count = 8
    cover, weights = rng.random((count, 20)) < 0.3, rng.integers(0, 4, 20).astype(float)
    loss = np.triu(np.where(rng.random((count, count)) < 0.3, 100.0, np.inf), 1)
    loss[np.tril_indices(count)] = np.inf
    loss = np.minimum(loss, loss.T)
    linked = loss <= 140
    costs = rng.integers(1, 3, count).astype(float) if priced else np.ones(count)
    limits = Limits(costs, float(budget), tuple(range(keep)), (count - 1,), times)
    best = -1.0
    for some in map(list, chain.from_iterable(combinations(range(count - 1), size) for size in range(1, 8))):
        fits = set(limits.keep) <= set(some) and costs[some].sum() <= budget
        if fits and in_one_piece(linked, some):
            best = max(best, weights[cover[some].sum(0) >= times].sum())
    made = relay.connect(cover, weights, limits, loss, 140.0, 10.0)
    if made is None:
        assert best < 0
        return
    assert set(limits.keep) <= set(made.sites)
    assert count - 1 not in made.sites
    assert in_one_piece(linked, list(made.sites))
    assert len(made.hops) == len(made.sites) - 1
    assert costs[list(made.sites)].sum() <= budget
    assert (
        made.covered
        == weights[cover[list(made.sites)].sum(0) >= times].sum()
        == pytest.approx(sum(made.gains))
    )
    if keep:
        away = relay.unreachable(linked, 0, limits)
        limits = Limits(costs, float(budget), limits.keep, tuple({7, *np.flatnonzero(away).tolist()}), times)
    bits = np.packbits(cover, axis=1, bitorder="little")
    bound = choose(Sights(bits, 20), weights, limits).bound
    assert made.covered <= best <= bound + 1e-6
