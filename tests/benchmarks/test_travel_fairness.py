"""Ratios of false positives between groups: what they count, and when nothing is said."""

import pytest
from benchmarks.travel.fairness import ratios


def groups(**counts):
    return {f"{name}{n}": name for name, many in counts.items() for n in range(many)}


def test_equal_groups_are_within_the_band():
    made = groups(a=1000, b=1000)
    members = [f"{name}{n}" for name in "ab" for n in range(20)]
    assert [(one.ratio, one.verdict) for one in ratios(made, members)] == [(pytest.approx(1.0), "within")] * 2


def test_what_is_true_is_no_false_positive():
    made = groups(a=1000, b=1000)
    members = [f"{name}{n}" for name in "ab" for n in range(20)]
    first, _ = ratios(made, members + [f"a{n}" for n in range(500, 600)], [f"a{n}" for n in range(500, 600)])
    assert (first.applications, first.false, first.verdict) == (900, 20, "within")


def test_a_group_that_is_hit_twice_as_often_is_outside():
    made = groups(a=1000, b=1000)
    members = [f"a{n}" for n in range(60)] + [f"b{n}" for n in range(20)]
    first, second = ratios(made, members)
    assert (first.verdict, second.verdict) == ("outside", "outside")
    assert first.low > 1.25


def test_nothing_is_said_of_a_small_group():
    (first, _) = ratios(groups(a=10, b=1000), [f"b{n}" for n in range(20)])
    assert (first.ratio, first.verdict) == (None, "abstains")
