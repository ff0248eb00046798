"""Lines of sight beside an oracle that walks along each of them, and what must hold of any of them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning.towers.hills import EARTH, above_line, terrain

from watchfloor.planning.towers.sight import OutsideError, Points, obstructions, sights


def points(places, above, reach=np.inf):
    x, y = np.array(places, float).T
    return Points.plain(tuple(f"P{at}" for at in range(len(places))), x, y, above, reach)


def rough(seed, size=40, roughness=60.0):
    """Hills of several sizes, with voids in one corner where `seed` is odd."""
    random = np.random.default_rng(seed)
    heights = sum(
        np.kron(random.normal(0, roughness / n, (size // n + 1,) * 2), np.ones((n, n)))[:size, :size]
        for n in (1, 4, 9)
    )
    if seed % 2:
        heights[3:7, 20:30] = np.nan
    return terrain(heights)


def places(ground, count, random, on_centres):
    rows, columns = ground.heights.shape
    known = np.argwhere(~np.isnan(ground.heights))
    chosen = known[random.choice(len(known), count)].astype(float)
    if not on_centres:
        chosen = np.column_stack([random.uniform(8, rows - 1, count), random.uniform(0, columns - 1, count)])
    return chosen, [(ground.west + c * ground.step_x, ground.north - r * ground.step_y) for r, c in chosen]


@pytest.mark.parametrize("on_centres", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_each_pair_is_as_a_walk_along_its_line_says(seed, on_centres):
    random, ground = np.random.default_rng(seed), rough(seed)
    (of_sites, sites), (of_cells, cells) = (places(ground, n, random, on_centres) for n in (8, 60))
    found = sights(ground, points(sites, 25.0), points(cells, 1.7)).matrix()
    rises = np.array([[above_line(ground, (*a, 25.0), (*b, 1.7)) for b in of_cells] for a in of_sites])
    clear = np.abs(rises) > 1e-4  # between two samples the ground may rise a little more
    assert clear.mean() > 0.99
    assert 0.01 < found.mean() < 0.99
    np.testing.assert_array_equal(found[clear], (rises <= 1e-6)[clear])


@given(st.integers(0, 10_000))
def test_who_sees_is_seen(seed):
    random, ground = np.random.default_rng(seed), rough(seed, 20)
    _, these = places(ground, 6, random, on_centres=False)
    _, those = places(ground, 9, random, on_centres=False)
    there = sights(ground, points(these, 10.0), points(those, 2.0)).matrix()
    back = sights(ground, points(those, 2.0), points(these, 10.0)).matrix()
    np.testing.assert_array_equal(there, back.T)


@given(st.integers(0, 10_000), st.floats(0, 80))
def test_a_higher_mast_sees_no_less(seed, more):
    random, ground = np.random.default_rng(seed), rough(2 * seed, 20)
    _, sites = places(ground, 4, random, on_centres=True)
    _, cells = places(ground, 30, random, on_centres=True)
    low, high = (
        sights(ground, points(sites, mast), points(cells, 1.7)).matrix() for mast in (5.0, 5.0 + more)
    )
    assert (high | ~low).all()


def test_a_saddle_between_four_centres_hides_although_no_line_between_two_centres_does():
    """Heights 0 and 8 across from each other: the middle of the cell is at 4, higher than its edges."""
    heights = np.zeros((4, 4))
    heights[1, 1] = heights[2, 2] = 8.0
    ground = terrain(heights)
    site, cell = (50.0, 50.0), (350.0, 350.0)  # the diagonal that passes through neither of the two
    over = above_line(ground, (3, 0, 3.5), (0, 3, 3.5))
    assert over == pytest.approx(0.5, abs=0.01)
    assert not sights(ground, points([site], 3.5), points([cell], 3.5)).matrix().any()
    assert sights(ground, points([site], 4.1), points([cell], 4.1)).matrix().all()


def test_the_earth_is_round():
    """Two masts of 10 m over a flat: each reaches sqrt(2 R h 7/6), 12.2 km."""
    ground = terrain(np.zeros((3, 400)))
    limit = 2 * np.sqrt(2 * 6_371_008.8 * 7 / 6 * 10.0)
    sees = sights(
        ground,
        points([(50.0, 150.0)], 10.0),
        points([(50.0 + limit - 10, 150.0), (50.0 + limit + 10, 150.0)], 10.0),
    )
    assert sees.matrix().tolist() == [[True, False]]


def test_a_site_sees_within_its_reach_and_its_field_of_view_alone():
    ground = terrain(np.zeros((40, 40)))
    north, east, far, up = (2050.0, 2550.0), (2550.0, 2050.0), (2050.0, 3550.0), (2050.0, 2250.0)
    cells = points([north, east, far, up], 2.0)
    site = points([(2050.0, 2050.0)], 30.0)

    def sees(**view):
        return sights(
            ground, replace(site, **{name: np.array([one]) for name, one in view.items()}), cells
        ).matrix()[0]

    assert sees().tolist() == [True] * 4
    assert sees(reach=600.0).tolist() == [True, True, False, True]
    assert sees(azimuth=350.0, width=40.0).tolist() == [True, False, True, True]
    assert sees(azimuth=90.0, width=180.0).tolist() == [True] * 4
    assert sees(lowest=-5.0).tolist() == [True, True, True, False]  # 28 m down at 200 m is 8 degrees


def test_the_first_obstruction_is_the_nearest_one():
    heights = np.zeros((3, 60))
    heights[:, 20] = heights[:, 40] = 50.0
    ends = np.array([150.0, 5_850.0, 1_850.0]), np.full(3, 150.0)
    ground, low = terrain(heights), Points.plain(("W", "E", "N"), *ends, 2.0)
    far, above = obstructions(ground, low, low)
    assert 1_800.0 < far[0, 1] <= 1_900.0  # of two ridges the western one, at 2,050
    assert 1_700.0 < far[1, 0] <= 1_800.0  # from the east the other, at 4,050
    assert np.isnan(far[0, 2])
    assert 0 < above[0, 1] <= 50.0


@given(seed=st.integers(0, 200))
def test_an_obstruction_is_above_the_line_by_what_a_walk_along_it_finds(seed):
    ground = rough(2 * seed)
    x, y = np.random.default_rng(seed).uniform(100, 3_900, (2, 12))
    names = tuple(map(str, range(12)))
    sites, cells = (Points.plain(names, x, y, height) for height in (10.0, 2.0))
    far, above = obstructions(ground, sites, cells)
    seen = sights(ground, sites, cells).matrix()
    np.testing.assert_array_equal(np.isnan(far), seen)
    for a, b in np.argwhere(~seen):
        top, top_to = (float(ground.at(x[[one]], y[[one]])[0]) + high for one, high in ((a, 10.0), (b, 2.0)))
        length = np.hypot(x[b] - x[a], y[b] - y[a])
        t = far[a, b] / length
        line = top + (top_to - top) * t
        curve = 6 / 7 * length**2 / (2 * EARTH) * t * (1 - t)
        over = float(ground.at(x[[a]] + t * (x[b] - x[a]), y[[a]] + t * (y[b] - y[a]))[0]) + curve - line
        assert above[a, b] == pytest.approx(over, abs=1e-3)
        assert over > 0


def test_degrees_are_as_long_as_they_are_at_their_latitude():
    """On a flat, 10 m masts see each other up to a distance that is twice as many degrees at 60 north."""
    flat = terrain(np.zeros((3, 1_200)))
    limit = 2 * np.sqrt(2 * 6_371_008.8 * 7 / 6 * 10.0)
    for latitude, metres in ((60.0, 55_799.98), (0.0, 111_319.49)):  # of a degree of longitude (WGS84)
        ground = replace(flat, west=0.0, north=latitude, step_x=1 / 1200, step_y=1e-9, degrees=True)
        apart = [(limit - 20) / metres, (limit + 20) / metres]
        cells = points([(one, latitude) for one in apart], 10.0)
        assert sights(ground, points([(0.0, latitude)], 10.0), cells).matrix().tolist() == [[True, False]]


@pytest.mark.parametrize(
    ("place", "message"), [((-20.0, 100.0), "towers.outside"), ((250.0, 250.0), "towers.on-void")]
)
def test_a_place_without_ground_is_named(place, message):
    heights = np.zeros((6, 6))
    heights[3, 2] = np.nan
    with pytest.raises(OutsideError) as error:
        sights(terrain(heights), points([(450.0, 450.0)], 5.0), points([(450.0, 350.0), place], 2.0))
    assert (error.value.reason.message, error.value.reason.params) == (message, {"name": "P1", "count": 1})
