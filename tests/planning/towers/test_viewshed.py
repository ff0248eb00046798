"""Viewsheds: the exact one beside lines of sight, the fast one beside the exact one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.terrain.test_readers import REAL
from tests.planning.towers.hills import terrain
from tests.planning.towers.test_sight import points, rough

from watchfloor.formats.terrain import raster, read, repair
from watchfloor.planning.towers.sight import sights
from watchfloor.planning.towers.viewshed import viewshed


def place(ground, row, column, above=30.0):
    return points([(ground.west + column * ground.step_x, ground.north - row * ground.step_y)], above)


@given(st.integers(0, 10_000), st.integers(8, 33), st.integers(0, 39))
def test_the_exact_one_is_the_line_of_sight_to_each_centre(seed, row, column):
    ground = rough(seed)
    known = np.argwhere(~np.isnan(ground.heights))
    cells = [(ground.west + c * ground.step_x, ground.north - r * ground.step_y) for r, c in known]
    site = replace(place(ground, row, column), reach=np.array([2_500.0]))
    expected = np.zeros(ground.heights.shape, bool)
    expected[tuple(known.T)] = sights(ground, site, points(cells, 1.7)).matrix()[0]
    np.testing.assert_array_equal(viewshed(ground, site, 1.7), expected)


def test_the_fast_one_sees_a_plain_up_to_the_horizon_and_its_reach():
    plain = terrain(np.zeros((301, 301)), 200.0)
    site = place(plain, 150.25, 149.5, 30.0)
    for one in (site, replace(site, reach=np.array([5_000.0]))):
        exact, fast = viewshed(plain, one, 1.7), viewshed(plain, one, 1.7, fast=True)
        assert 0 < exact.sum() < exact.size
        assert (exact != fast).mean() < 0.001


@given(st.integers(0, 10_000))
def test_the_fast_one_agrees_on_smooth_hills_and_sees_no_void(seed):
    random = np.random.default_rng(seed)
    x, y = np.meshgrid(*[np.linspace(0, 9, 90)] * 2)
    heights = sum(random.uniform(30, 200) * np.sin(a * x + b * y) for a, b in random.uniform(0.2, 2, (4, 2)))
    heights[10:14, 60:70] = np.nan
    ground = terrain(heights)
    site = place(ground, *random.integers(20, 90, 2))
    fast = viewshed(ground, site, 1.7, fast=True)
    assert (fast == viewshed(ground, site, 1.7)).mean() >= 0.98
    assert not fast[np.isnan(heights)].any()


def test_nothing_is_seen_behind_a_void_however_far_behind():
    heights = np.zeros((81, 81))
    heights[40, 20:61] = np.nan
    plain = terrain(heights)
    site = place(plain, 70, 40)
    exact, fast = viewshed(plain, site, 1.7), viewshed(plain, site, 1.7, fast=True)
    assert not exact[:40, 30:51].any()
    assert not fast[:40, 30:51].any()
    assert (exact == fast).mean() >= 0.98


@pytest.mark.skipif(not REAL.is_dir(), reason="the public terrain is not beside the project")
@pytest.mark.parametrize("name", ["dogrib", "Revelstoke", "CentralKootenay"])
def test_the_fast_one_agrees_on_real_mountains(name):
    ground = repair(read(REAL / name / "elevation.asc.gz"))[0]
    known = np.argwhere(~np.isnan(ground.heights))
    for row, column in known[np.random.default_rng(7).choice(len(known), 4)]:
        site = place(ground, row, column)
        assert (viewshed(ground, site, 1.7) == viewshed(ground, site, 1.7, fast=True)).mean() >= 0.98


@pytest.mark.parametrize("ending", ["asc", "tif"])
def test_a_raster_is_read_where_it_was_written(tmp_path, ending):
    ground = replace(terrain(np.zeros((4, 6))), crs="EPSG:32611")
    values = np.arange(24, dtype=np.uint8).reshape(4, 6)
    values[0, 0] = raster.VOID
    raster.write(tmp_path / f"seen.{ending}", ground, values)
    again = read(tmp_path / f"seen.{ending}")
    assert (again.west, again.north, again.step_x) == (ground.west, ground.north, ground.step_x)
    np.testing.assert_array_equal(np.nan_to_num(again.heights, nan=raster.VOID), values)
