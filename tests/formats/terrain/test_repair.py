"""Spikes, pits and voids that are put into terrain are found again, and nothing else is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.terrain.test_readers import REAL
from tests.planning.towers.hills import terrain

from watchfloor.formats.terrain import read, repair


def hills(seed, size=60):
    random = np.random.default_rng(seed)
    x, y = np.meshgrid(*[np.linspace(0, 6, size)] * 2)
    waves = (
        random.uniform(50, 300) * np.sin(random.uniform(0.5, 2) * x + random.uniform(0, 6) + y)
        for _ in range(4)
    )
    return 1_500 + sum(waves)


@given(st.integers(0, 1_000), st.sampled_from([-1, 1]), st.integers(2, 57), st.integers(2, 57))
def test_a_single_cell_that_stands_out_is_mended_from_its_rim(seed, sign, row, column):
    heights = hills(seed)
    broken = heights.copy()
    broken[row, column] += sign * 900
    whole, repairs = repair(terrain(broken))
    assert (repairs.spikes, repairs.pits, repairs.filled, repairs.left) == (
        (sign > 0) * 1,
        (sign < 0) * 1,
        1,
        0,
    )
    assert whole.heights[row, column] == pytest.approx(heights[row, column], abs=20)
    unchanged = np.ones_like(heights, bool)
    unchanged[row, column] = False
    np.testing.assert_array_equal(whole.heights[unchanged], heights.astype(np.float32)[unchanged])


def test_summits_that_lost_a_digit_are_pits():
    away = np.hypot(*np.meshgrid(*[np.linspace(-3, 3, 60)] * 2))
    heights = 2_600 + 450 * np.exp(-(away**2))
    lost = heights >= 3_000
    broken = np.where(lost, heights / 10, heights)
    whole, repairs = repair(terrain(broken))
    assert (repairs.pits, repairs.spikes, repairs.filled) == (lost.sum(), 0, lost.sum())
    assert np.abs(whole.heights - heights)[lost].max() < 60


@given(st.integers(0, 1_000))
def test_land_as_it_is_stays_as_it_is(seed):
    heights = hills(seed)
    whole, repairs = repair(terrain(heights))
    assert (repairs.spikes, repairs.pits, repairs.filled) == (0, 0, 0)
    np.testing.assert_array_equal(whole.heights, heights.astype(np.float32))


def test_a_cliff_is_no_spike_and_land_beyond_a_void_no_patch():
    heights = np.zeros((40, 40))
    heights[:, 20:] = 1_200.0  # a wall of twelve cells' height right across: two halves, neither a patch
    heights[5:8, 5:8] = np.nan
    heights[30:, 30:] = np.nan
    whole, repairs = repair(terrain(heights))
    assert (repairs.spikes, repairs.pits, repairs.voids, repairs.filled, repairs.left) == (0, 0, 109, 9, 100)
    assert (whole.heights[5:8, 5:8] == 0).all()


@pytest.mark.skipif(not REAL.is_dir(), reason="the public terrain is not beside the project")
def test_the_real_summits_that_lost_their_last_digit_are_found():
    """CentralKootenay writes 300 to 336 m where its neighbours are at 2,700 to 2,999 m; dogrib is whole."""
    found = read(REAL / "CentralKootenay" / "elevation.asc.gz")
    _, repairs = repair(found)
    low = np.nan_to_num(found.heights, nan=9_999) < 400
    assert (repairs.pits, int(low.sum())) == (799, 799)
    assert repair(read(REAL / "dogrib" / "elevation.asc.gz"))[1].filled == 0
