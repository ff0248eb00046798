"""New lines stand out of noise, and broad changes, edges and lines that were there before do not."""

import numpy as np
import pytest

from watchfloor.desks.space.change import lines
from watchfloor.desks.space.change.pairs import Linear

SIZE = 160
BANDS = ("green", "red", "nir")
VIEW = Linear(np.eye(3), np.eye(3), np.zeros(3), np.eye(3))
TOWARD = lines.direction(BANDS, {})
VALID = np.ones((SIZE, SIZE), bool)


def noise(seed):
    return np.random.default_rng(seed).standard_normal((3, SIZE, SIZE))


def line(angle, width=1.5):
    y, x = np.mgrid[:SIZE, :SIZE] - SIZE / 2
    along, off = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    return (np.abs(along) <= 30) & (np.abs(off) <= width / 2)


def strength(before, after):
    return lines.strength(before, after, VALID, VIEW, TOWARD).new


@pytest.mark.parametrize("seed", range(6))
def test_a_new_line_of_any_direction_stands_out(seed):
    rng = np.random.default_rng(seed)
    new = line(rng.uniform(0, np.pi))
    way = TOWARD / np.linalg.norm(TOWARD)
    found = strength(np.zeros((3, SIZE, SIZE)), noise(seed) + rng.uniform(1.5, 4) * new * way[:, None, None])
    assert found[new].max() > lines.LEAST
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert new[row - 4 : row + 5, column - 4 : column + 5].any()


def test_noise_has_a_line_as_seldom_as_stated():
    # The inner parts of 12 squares are 11 km²: half a line is expected of 43 in 1,000 km².
    inside = slice(lines.MARGIN, -lines.MARGIN)
    nothing = np.zeros((3, SIZE, SIZE))
    peaks = [strength(nothing, noise(100 + seed))[inside, inside].max() for seed in range(12)]
    assert sum(peak >= lines.LEAST for peak in peaks) <= 3


def test_a_broad_change_counts_for_less_than_a_line():
    way = (TOWARD / np.linalg.norm(TOWARD))[:, None, None]
    nothing, field = np.zeros((3, SIZE, SIZE)), np.zeros((SIZE, SIZE))
    field[40:110, 50:120] = 1
    broad = strength(nothing, noise(1) + 3 * field * way).max()
    assert broad < 0.6 * strength(nothing, noise(1) + 3 * line(0.4) * way).max()


def test_a_line_that_was_there_before_counts_for_less():
    road = line(0.4) * (TOWARD / np.linalg.norm(TOWARD))[:, None, None]
    new = strength(np.zeros((3, SIZE, SIZE)), noise(2) + 2 * road)
    dried = strength(20 * road, noise(2) + 22 * road)
    assert dried[line(0.4)].max() < 0.5 * new[line(0.4)].max()


def test_without_red_and_infrared_there_is_no_direction():
    assert lines.direction(("green", "nir"), {}) is None
