"""The best hits are those that comparing with every spectrum gives: exactly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.desks.lab.search import kernels
from watchfloor.desks.lab.search.find import hits
from watchfloor.desks.lab.search.library import build
from watchfloor.formats.lab.spectra.base import Spectrum


def spectrum(x, y, name="a", **said):
    return Spectrum(name, "ms", np.asarray(x, float), np.asarray(y, float), "m/z", "", True, "line 1", **said)


def drawn(seed, count, grid):
    """Spectra whose peaks crowd: several of one are often within tolerance of one of another."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        x = np.sort(rng.integers(400, 460, rng.integers(1, 25)) / 10 * grid)
        yield x, rng.choice([1.0, 2.0, 5.0, *rng.lognormal(0, 1.5, 4)], len(x))


def plain_greedy(ax, ay, bx, by, tolerance):
    """The definition, without haste: all pairs by falling product, of equal ones the last first."""
    pairs = [
        (a * b, i, j)
        for i, a in enumerate(ay)
        for j, b in enumerate(by)
        if ax[i] - tolerance <= bx[j] <= ax[i] + tolerance
    ]
    used_a, used_b, total = set(), set(), 0.0
    for product, i, j in sorted(pairs, reverse=True):
        if i not in used_a and j not in used_b:
            used_a.add(i)
            used_b.add(j)
            total += product
    return total, len(used_a)


SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS, st.sampled_from([0.05, 0.1, 0.25]))
@settings(deadline=None, max_examples=draws(60))
def test_greedy_is_the_definition(seed, tolerance):
    (ax, ay), (bx, by) = drawn(seed, 2, 1.0)
    total, pairs = kernels.greedy(ax, ay, bx, by, tolerance)
    expected, count = plain_greedy(ax, ay, bx, by, tolerance)
    assert pairs == count
    assert total == pytest.approx(expected, rel=1e-12, abs=0)


@given(SEEDS, st.sampled_from([0.05, 0.15]))
@settings(deadline=None, max_examples=draws(25))
def test_greedy_is_that_of_matchms(seed, tolerance):
    matchms = pytest.importorskip("matchms", reason="the peer of the benchmarks is not installed")
    from matchms.similarity import CosineGreedy

    (ax, ay), (bx, by) = drawn(seed, 2, 1.0)
    peer = [
        matchms.Spectrum(mz=x, intensities=y, metadata={"precursor_mz": 1.0}) for x, y in ((ax, ay), (bx, by))
    ]
    theirs = CosineGreedy(tolerance=tolerance).pair(*peer)
    total, pairs = kernels.greedy(ax, ay, bx, by, tolerance)
    ours = total / np.linalg.norm(ay) / np.linalg.norm(by)
    assert ours == pytest.approx(float(theirs["score"]), rel=1e-9, abs=1e-12)
    assert pairs == int(theirs["matches"])


@given(SEEDS, st.integers(1, 12), st.sampled_from([0.05, 0.15]))
@settings(deadline=None, max_examples=draws(60))
def test_hits_are_those_of_comparing_with_all(seed, k, tolerance):
    *library, (x, y) = drawn(seed, 60, 1.0)
    index = build(spectrum(a, b) for a, b in library)
    found = hits(index, x, y, k, tolerance)
    scores = [
        plain_greedy(a, b, x, y, tolerance)[0] / np.linalg.norm(b) / np.linalg.norm(y) for a, b in library
    ]
    best = sorted((score for score in scores if score > 0), reverse=True)[:k]
    assert [one.score for one in found] == pytest.approx(best, rel=1e-12)
    assert [scores[one.at] for one in found] == pytest.approx(best, rel=1e-12)


def test_only_spectra_that_are_allowed_are_hits():
    library = list(drawn(3, 40, 1.0))
    index = build(spectrum(a, b) for a, b in library)
    allowed = np.zeros(40, np.bool_)
    allowed[[5, 17]] = True
    found = hits(index, *library[5], 10, 0.05, allowed)
    assert found[0].at == 5
    assert {one.at for one in found} <= {5, 17}


def test_a_query_that_shares_no_peak_has_no_hit():
    index = build([spectrum([100.0], [1.0])])
    assert hits(index, np.array([200.0]), np.array([1.0]), 3, 0.01) == []
    assert hits(build([]), np.array([200.0]), np.array([1.0]), 3, 0.01) == []


@pytest.mark.parametrize(
    ("x", "y", "k", "tolerance"),
    [
        ([], [], 1, 0.01),
        ([1.0, 2.0], [1.0, 0.0], 1, 0.01),
        ([2.0, 1.0], [1.0, 1.0], 1, 0.01),
        ([1.0, np.nan], [1.0, 1.0], 1, 0.01),
        ([1.0], [1.0], 0, 0.01),
        ([1.0], [1.0], 1, 0.0),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(x, y, k, tolerance):
    index = build([spectrum([100.0], [1.0])])
    with pytest.raises(ValueError, match="needs"):
        hits(index, np.array(x), np.array(y), k, tolerance)
