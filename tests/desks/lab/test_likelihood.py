"""Likelihood ratios: the bound beside another house's, and what counts can and cannot bear."""

import numpy as np
import pytest

from watchfloor.desks.lab.likelihood import learned, upper_bound


@pytest.mark.parametrize(
    ("ratios", "one", "two", "theirs"),
    [
        # The breath analyser of Vergeer et al. 2016, ill calibrated, and three of the tests of NFI's lir.
        ([0.101, 1000.0], [10, 90], [990, 10], 80.42823),
        ([0.0, np.inf], [0, 3], [3, 0], 2.9742741),
        ([0.01, 0.1, 1.0, 10.0, 100.0], [0, 0, 1, 1, 1], [1, 1, 0, 0, 0], 1.4990474),
        ([0.01, 0.1, 1.0, 10.0, 100.0], [0, 0, 0, 1, 1], [1, 1, 1, 0, 0], 2.6507161),
        ([1.0], [1], [1], 1.0),
        ([10.0], [9], [1], 1.0),
    ],
)
def test_the_bound_is_that_of_lir_within_a_step_of_its_grid(ratios, one, two, theirs):
    bound = upper_bound(np.array(ratios), np.array(one), np.array(two))
    assert theirs <= bound * (1 + 1e-9)
    assert bound <= max(theirs * 10**0.01, 1.0)


def test_no_ratio_is_larger_than_the_pairs_of_sources_bear():
    one, two = np.zeros(10, np.int64), np.zeros(10, np.int64)
    one[9], two[0] = 500, 4500
    ratios = learned(one, two, 10)  # 45 pairs of sources, with a hundred pairs of samples each
    assert 40 < ratios.most < 46
    assert ratios.ratio(9).value == ratios.most
    assert ratios.ratio(0).value == 0


def test_a_score_that_nobody_had_is_worth_no_more_than_less_alike_ones():
    one, two = np.array([0, 5, 0, 95]), np.array([900, 90, 0, 10])
    ratios = learned(one, two, 50)
    assert ratios.ratio(2) == ratios.ratio(1)
    low, middle, high = ratios.ratio(1).low, ratios.ratio(1).value, ratios.ratio(1).high
    assert low < middle < high
    assert middle == pytest.approx(0.05 / 0.09)


def test_wider_pairs_are_worth_something_where_none_was_seen():
    one, two = np.zeros(12, np.int64), np.zeros(12, np.int64)
    one[11], two[2] = 100, 10_000
    assert learned(one, two, 200).ratio(8).value == 0
    wider = learned(one, two, 200, 4)
    assert wider.ratio(8).value > 100
    assert wider.ratio(6).value == 0
