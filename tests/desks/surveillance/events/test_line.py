"""The grid of the line against the plain geometry of `watchfloor.reference.border`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.desks.surveillance.events import line
from watchfloor.reference import border


@pytest.fixture(scope="module")
def grid():
    return line.load()


@pytest.fixture(scope="module")
def near(grid):
    random = np.random.default_rng(1)
    agreed = np.flatnonzero(grid.stretch == line.AGREED)
    piece = agreed[random.integers(0, len(agreed), 4000)]
    return grid.ends[piece, 1] + random.normal(0, 0.01, 4000), grid.ends[piece, 0] + random.normal(
        0, 0.02, 4000
    )


def test_the_side_is_that_of_the_reference(grid, near):
    metres, _ = line.offsets(grid, *near)
    told = border.load().side(*near)
    assert (np.where(metres > 0, "CAN", "USA") == told).all()


def test_far_from_the_line_too(grid):
    random = np.random.default_rng(2)
    y, x = random.uniform(40, 65, 3000), random.uniform(-125, -66, 3000)
    metres, piece = line.offsets(grid, y, x)
    told = border.load().side(y, x)
    mine = np.select([metres > 0, metres < 0], ["CAN", "USA"], "")
    # A coarse cell is named by its middle: at the outer edge of "near the United States" it may differ.
    assert (mine == told).mean() > 0.999
    assert (piece[np.isinf(metres)] == -1).all()


def test_distances_are_those_of_the_reference(grid, near):
    metres, piece = line.offsets(grid, *near)
    told = border.load().nearest(*near).metres
    agreed = (piece >= 0) & (grid.stretch[piece] == line.AGREED)
    assert agreed.mean() > 0.9
    assert np.abs(metres)[agreed] == pytest.approx(told[agreed], rel=0.005, abs=0.5)  # sphere and plane


def test_steps_cross_as_often_as_their_ends_differ(grid, near):
    random = np.random.default_rng(3)
    y, x = near
    to = y + random.normal(0, 0.01, len(y)), x + random.normal(0, 0.02, len(y))
    met = line.crossings(grid, (y, x), to)
    odd = np.zeros(len(y), bool)
    odd[met.row] = met.odd
    before, after = (line.offsets(grid, *each)[0] >= 0 for each in ((y, x), to))
    assert (odd == (before != after)).all()
    direct = np.zeros(len(y))
    direct[met.row[met.odd]] = met.direction[met.odd]
    assert (
        direct[odd] == np.where(after[odd], 1, -1)
    ).mean() > 0.99  # the first of three may be the other way


def test_crossings_are_where_every_piece_says(grid):
    random = np.random.default_rng(4)
    agreed = np.flatnonzero(grid.stretch == line.AGREED)
    piece = agreed[random.integers(0, len(agreed), 60)]
    y, x = grid.ends[piece, 1] + random.normal(0, 0.02, 60), grid.ends[piece, 0] + random.normal(0, 0.05, 60)
    to = y + random.normal(0, 0.05, 60), x + random.normal(0, 0.05, 60)
    met = line.crossings(grid, (y, x), to)
    ax, ay, bx, by = grid.ends.T
    for row in range(60):
        px, py, qx, qy = x[row], y[row], to[1][row], to[0][row]
        left = [(bx - ax) * (b - ay) - (by - ay) * (a - ax) for a, b in ((px, py), (qx, qy))]
        ends = [(qx - px) * (b - py) - (qy - py) * (a - px) for a, b in ((ax, ay), (bx, by))]
        hit = ((left[0] >= 0) != (left[1] >= 0)) & ((ends[0] >= 0) != (ends[1] >= 0))
        at = np.flatnonzero(met.row == row)
        assert len(at) == hit.any()
        if hit.any():
            share = left[0][hit] / (left[0][hit] - left[1][hit])
            assert met.share[at[0]] == pytest.approx(share.min())
            assert met.odd[at[0]] == (hit.sum() % 2 == 1)


@given(st.floats(-90, 90), st.floats(-400, 400), st.floats(-90, 90), st.floats(-400, 400))
@settings(max_examples=draws(60))
def test_no_place_is_too_strange(y, x, to_y, to_x):
    grid = line.load()
    metres, piece = line.offsets(grid, np.array([y]), np.array([x]))
    assert piece[0] < len(grid.ends)
    assert np.isnan(metres[0]) or abs(metres[0]) >= 0
    line.crossings(grid, (np.array([y]), np.array([x])), (np.array([to_y]), np.array([to_x])))


def test_nothing_that_is_no_number_is_on_a_side(grid):
    odd = np.array([np.nan, np.inf, -np.inf, 49.0])
    metres, _ = line.offsets(grid, odd, odd[::-1].copy())
    assert np.isnan(metres).all()


def test_a_step_over_the_antimeridian_crosses_nothing(grid):
    met = line.crossings(grid, (np.array([50.0]), np.array([179.9])), (np.array([50.0]), np.array([-179.9])))
    assert not len(met.row)
