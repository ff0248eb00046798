"""No means does more than it can, and nobody could have examined more, or more of the foremost."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.planning.inspections.plan import NOBODY, assign


def _possible(may: np.ndarray, capacity: np.ndarray, picks: tuple[int, ...]) -> bool:
    """Whether all of these can be examined together: every way is tried."""
    if not picks:
        return True
    first, *others = picks
    for means in np.flatnonzero(may[first]):
        if capacity[means] > 0:
            left = capacity.copy()
            left[means] -= 1
            if _possible(may, left, tuple(others)):
                return True
    return False


@st.composite
def _cases(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    picks, means = draw(st.integers(0, 6)), draw(st.integers(1, 3))
    may = draw(
        st.lists(st.lists(st.booleans(), min_size=means, max_size=means), min_size=picks, max_size=picks)
    )
    capacity = draw(st.lists(st.integers(0, 3), min_size=means, max_size=means))
    return np.array(may, np.bool_).reshape(picks, means), np.array(capacity, np.int64)


@given(_cases())
def test_it_keeps_what_trying_every_way_keeps(case: tuple[np.ndarray, np.ndarray]) -> None:
    may, capacity = case
    count, means = may.shape
    found = assign(may, capacity, np.arange(count), np.arange(means))
    kept = tuple(np.flatnonzero(found != NOBODY).tolist())
    assert all(may[pick, found[pick]] for pick in kept)
    assert np.all(np.bincount(found[found != NOBODY], minlength=means) <= capacity)
    sets = (one for size in range(count, -1, -1) for one in combinations(range(count), size))
    assert kept == next(one for one in sets if _possible(may, capacity, one))


def test_the_foremost_gets_the_best_means_that_leaves_something_for_the_others() -> None:
    may = np.array([[True, True], [True, False], [True, True]])
    capacity = np.array([1, 2])
    assert assign(may, capacity, np.array([0, 1, 2]), np.array([0, 1])).tolist() == [1, 0, 1]
    assert assign(may, np.array([2, 2]), np.array([0, 1, 2]), np.array([0, 1])).tolist() == [0, 0, 1]


def test_the_order_says_who_is_left() -> None:
    may, capacity = np.ones((3, 1), np.bool_), np.array([2])
    assert assign(may, capacity, np.array([2, 0, 1]), np.array([0])).tolist() == [0, NOBODY, 0]


def test_without_means_nobody_is_examined() -> None:
    assert assign(
        np.zeros((2, 0), np.bool_), np.zeros(0, np.int64), np.arange(2), np.zeros(0, np.int64)
    ).tolist() == [
        NOBODY,
        NOBODY,
    ]
