import math

from hypothesis import given
from hypothesis import strategies as st

from watchfloor.exchange.partnership.leakage import chosen


@given(st.integers(0, 60), st.integers(0, 60))
def test_which_of_some_things_is_counted_by_the_binomial_coefficient(of, some):
    exact = math.log2(math.comb(of, some)) if some <= of else 0.0
    assert math.isclose(chosen(of, some), exact, abs_tol=1e-6)


def test_of_a_million_two_hundred_are_some_thousand_bits():
    assert 2_700 < chosen(1_000_000, 200) < 2_800
