import pytest
from scipy.stats import beta

from watchfloor.core.proportions import jeffreys


@pytest.mark.parametrize(("hits", "cases"), [(0, 5), (5, 5), (1, 3), (30, 173), (2.5, 7.25)])
def test_ends_are_quantiles_of_the_posterior_and_reach_the_edge(hits, cases):
    low, high = jeffreys(hits, cases)
    a, b = hits + 0.5, cases - hits + 0.5
    assert low == pytest.approx(0 if hits == 0 else beta.ppf(0.025, a, b), abs=1e-12)
    assert high == pytest.approx(1 if hits == cases else beta.ppf(0.975, a, b), abs=1e-12)
