"""Pieces in line are linked to one trail whatever their order, and what lies by chance is not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.desks.space.change import lines, trails

SIDE = 200


def straight(ends, width=2, **values):
    points = np.linspace(*np.array(ends, float), 6)
    length = float(np.hypot(*np.diff(points, axis=0).T).sum())
    scores = {"peak": 8.0, "before": 0.0, "after": 2.0} | values
    return trails.Piece(points, round(width * (length + 1)), **scores)


def along(angle, start, end, off=0.0, middle=(100.0, 100.0), **values):
    """Return a piece along a line through the middle, from so many pixels on to so many."""
    way, side = np.array([np.sin(angle), np.cos(angle)]), np.array([np.cos(angle), -np.sin(angle)])
    return straight([middle + way * at + side * off for at in (start, end)], **values)


@given(
    st.floats(0, np.pi),
    st.lists(st.tuples(st.floats(6, 20), st.floats(1, 6)), min_size=3, max_size=6),
    st.data(),
)
def test_pieces_in_line_are_one_trail_in_any_order(angle, steps, data):
    at, pieces = -60.0, []
    for length, gap in steps:
        ends = (at, at + length) if data.draw(st.booleans()) else (at + length, at)
        pieces.append(along(angle, *ends))
        at += length + gap
    found = trails.link(data.draw(st.permutations(pieces)), SIDE**2)
    support = sum(one.length for one in pieces)
    assert len(found) == (support >= trails.SUPPORT)
    if found:
        (one,) = found
        assert one.length == pytest.approx(at + 60 - steps[-1][1] + 1, abs=0.01)
        way = np.array([np.sin(angle), np.cos(angle)])
        steps = np.diff(one.points @ way)
        assert (steps >= -1e-9).all() or (steps <= 1e-9).all()


@pytest.mark.parametrize(
    "other",
    [
        along(0.3, 38, 60),  # too far
        along(0.3, 25, 47, off=8),  # beside it
        along(0.3 + np.radians(50), 0, 22, middle=(106, 122)),  # turned
        along(0.3, 25, 47, width=12),  # a strip of field
    ],
)
def test_what_is_far_beside_turned_or_wider_is_no_part_of_it(other):
    found = trails.link([along(0.3, 0, 22), other], SIDE**2)
    assert all(len(one.pieces) == 1 for one in found)


def test_among_many_pieces_a_gap_must_be_shorter():
    pair = [along(0.3, 0, 22), along(0.3, 34, 56)]
    assert [len(one.pieces) for one in trails.link(pair, SIDE**2)] == [2]
    rng = np.random.default_rng(1)
    crowd = [
        along(rng.uniform(0, np.pi), 0, 4, middle=rng.uniform(0, SIDE, 2), peak=0.0) for _ in range(1000)
    ]
    found = trails.link([*pair, *crowd], SIDE**2)
    assert all(not {*map(id, pair)} <= {*map(id, one.pieces)} for one in found)


@pytest.mark.parametrize(
    "values", [{"peak": lines.LEAST - 0.1}, {"before": trails.KNOWN}, {"after": -0.1}], ids=str
)
def test_a_weak_line_a_known_one_and_one_that_went_are_no_trail(values):
    assert trails.link([along(1.0, -20, 20)], SIDE**2)
    assert trails.link([along(1.0, -20, 20, **values)], SIDE**2) == []


def test_a_ring_ends_where_it_began():
    corners = np.array([(60, 60), (60, 90), (90, 90), (90, 60), (60, 60)], float)
    ring = [
        straight([corners[at] + 0.1 * (corners[at + 1] - corners[at]), corners[at + 1]]) for at in range(4)
    ]
    assert sum(len(one.pieces) for one in trails.link(ring, SIDE**2)) == 4


def test_the_line_of_a_piece_follows_a_bend_and_reaches_its_ends():
    y, x = np.mgrid[:80, :80]
    mask = (np.abs(np.hypot(y, x) - 60) <= 1) & (x > 10) & (y > 10)
    found = lines.Lines(np.where(mask, 9.0, 0.0), np.zeros(mask.shape), np.ones(mask.shape))
    (one,) = trails.pieces(mask, found, np.where(mask, x, 0.0), (1000, 2000))
    away = np.hypot(*(one.points - (1000, 2000)).T)
    assert np.abs(away[1:-1] - 60).max() < 2
    assert one.length == pytest.approx(60 * np.arccos(2 * 10 / 60 * np.sqrt(1 - 1 / 36)), rel=0.1)
    assert (one.row - 1000, one.column - 2000) == (11, 60)


def test_pixels_near_a_trail_are_those_within_reach():
    (one,) = trails.link([along(0.0, -20, 20)], SIDE**2)
    near = trails.near([one], trails.Box(90, 70, 20, 60), 2.0)
    rows = np.flatnonzero(near.any(1)) + 90
    columns = np.flatnonzero(near.any(0)) + 70
    assert (rows.min(), rows.max()) == (98, 102)
    assert (columns.min(), columns.max()) == (78, 122)
