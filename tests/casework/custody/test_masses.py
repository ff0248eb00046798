from fractions import Fraction
from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.casework.custody.masses import NOTHING, Mass, decimals, measured, total, typed, written

GRAMS = st.floats(0, 1e6)
ERRORS = st.floats(1e-6, 1e3)
MASSES = st.lists(st.tuples(GRAMS, ERRORS), min_size=1, max_size=6)


@given(MASSES)
def test_independent_measurements_add_in_quadrature(measurements):
    sum_ = total([measured(f"m{n}", *each) for n, each in enumerate(measurements)])
    assert sum_.grams == pytest.approx(float(sum(Fraction(grams) for grams, _ in measurements)), rel=1e-12)
    assert sum_.error == pytest.approx(sqrt(sum(error**2 for _, error in measurements)), rel=1e-12)


@given(MASSES)
def test_what_is_taken_and_put_back_leaves_no_uncertainty(measurements):
    """A remainder by subtraction and what was taken add up to what was weighed, to its own uncertainty."""
    whole, *taken = (measured(f"m{n}", *each) for n, each in enumerate(measurements))
    left = whole - total(taken)
    again = left + total(taken)
    assert isclose(again.error, whole.error, rel_tol=1e-12)
    assert (again - whole).error == 0


def test_a_mass_without_uncertainty_is_infinitely_sure():
    assert Mass(1.0).sigmas == float("inf")
    assert Mass(-1.0).sigmas == float("-inf")
    assert NOTHING.sigmas == 0


@pytest.mark.parametrize(
    ("mass", "text"),
    [
        (measured("a", 51.2, 0.02), "51.200 g ± 0.040 g"),
        (measured("a", 0.012, 0.001), "0.0120 g ± 0.0020 g"),
        (measured("a", 12000, 60), "12000 g ± 120 g"),
        (measured("a", 51234.6, 617.4), "51200 g ± 1200 g"),
        (measured("a", 3.21, 0.0498), "3.21 g ± 0.10 g"),
        (measured("a", -0.0001, 0.02), "0.000 g ± 0.040 g"),
        (NOTHING, "0 g"),
        (Mass(2.5), "2.500 g ± 0.000 g"),
        (None, "not weighed"),
    ],
)
def test_a_mass_is_written_with_two_digits_of_its_expanded_uncertainty(mass, text):
    assert written(mass) == text
    assert written(mass, "fr") == ("non pesé" if mass is None else text.replace(".", ","))


def test_decimals_stay_within_reason():
    assert decimals(1e-30) == 9
    assert decimals(1e30) == -29


@given(MASSES)
def test_no_correlation_makes_a_sum_surer_than_the_bound_says(measurements):
    sum_ = total([measured(f"m{n}", *each) for n, each in enumerate(measurements)])
    assert sum_.bound == pytest.approx(sum(error for _, error in measurements), rel=1e-12)
    assert sum_.error <= sum_.bound * (1 + 1e-12)


@given(st.floats(0, 1e9))
def test_what_was_typed_is_printed_as_it_was(grams):
    assert float(typed(grams)) == grams
    assert typed(51234.56, "fr") == "51234,56"
