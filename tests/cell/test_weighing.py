"""Weighing against a plain dictionary; sums exact in every order; the formula of its source."""

from fractions import Fraction
from math import fsum, log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.cell.weighing.counting import (
    ALONE,
    DEPENDENT,
    REPEAT,
    Members,
    Rests,
    chances,
    count_once,
    probabilities,
    strongest_first,
    summed,
)

BITS = st.sampled_from([-4.0, -1.5, -0.0, 0.25, 2.0, 2.0, 7.5])
SIGNAL = st.tuples(
    BITS,
    st.integers(0, 9),
    st.lists(st.integers(0, 6), max_size=3, unique=True),
    st.sampled_from([ALONE, 0, 1]),
)
CASES = st.tuples(st.lists(SIGNAL, min_size=1, max_size=12), st.integers(1, 3))
RHO = {ALONE: 0.0, 0: 0.3, 1: 1.0}


def weighed(signals, leads):
    """Each signal stands in lead `i % leads`, and every third in the first lead too."""
    places = [
        sorted({i for i in range(len(signals)) if i % leads == k or (k == 0 and not i % 3)})
        for k in range(leads)
    ]
    start = np.cumsum([0, *map(len, places)])
    members = Members(start, np.array([i for place in places for i in place], np.int64))
    bits = np.array([s[0] for s in signals])
    at = np.array([s[1] for s in signals], np.int64)
    rests = Rests(
        np.cumsum([0, *(len(s[2]) for s in signals)]), np.array([t for s in signals for t in s[2]], np.int64)
    )
    group = np.array([s[3] for s in signals], np.int64)
    members = strongest_first(members, bits, at)
    return members, count_once(members, bits, rests, group, np.array([RHO[s[3]] for s in signals])), places


def oracle(signals, place):
    """Shares by signal, with dictionaries."""
    shares, counted, met = {}, set(), {}
    for i in sorted(place, key=lambda i: (-abs(signals[i][0]), signals[i][1], i)):
        bits, _, tokens, group = signals[i]
        if counted & set(tokens):
            shares[i] = 0.0
            continue
        counted |= set(tokens)
        shares[i] = 1.0
        if group != ALONE and bits:
            side = group, bits < 0
            met[side] = m = met.get(side, 0) + 1
            rho = RHO[group]
            before = (m - 1) / (1 + (m - 2) * rho) if m > 1 else 0.0
            shares[i] = m / (1 + (m - 1) * rho) - before
    return shares


@settings(max_examples=draws(300), deadline=None)
@given(CASES)
def test_shares_are_those_of_a_dictionary(case):
    signals, leads = case
    members, counted, places = weighed(signals, leads)
    for lead, place in enumerate(places):
        entries = range(members.start[lead], members.start[lead + 1])
        found = {int(members.signals[entry]): counted.share[entry] for entry in entries}
        assert found == pytest.approx(oracle(signals, place), abs=1e-12)


@settings(max_examples=draws(100), deadline=None)
@given(CASES)
def test_what_does_not_count_names_what_counts_in_its_place(case):
    signals, leads = case
    members, counted, _ = weighed(signals, leads)
    own = {
        (lead, signal)
        for lead, signal, why in zip(members.leads, members.signals, counted.why, strict=True)
        if why != REPEAT
    }
    for lead, signal, first, why in zip(
        members.leads, members.signals, counted.first, counted.why, strict=True
    ):
        if why == REPEAT:
            assert (lead, first) in own
            assert set(signals[signal][2]) & set(signals[first][2])
        if why == DEPENDENT:
            assert signals[first][3] == signals[signal][3]


@pytest.mark.parametrize("rho", [0.0, 0.2, 0.5, 1.0])
@pytest.mark.parametrize("m", [1, 2, 5, 40])
def test_equal_dependent_signals_are_worth_what_clemen_and_winkler_say(rho, m):
    members = Members(np.array([0, m]), np.arange(m))
    rests = Rests(np.zeros(m + 1, np.int64), np.empty(0, np.int64))
    counted = count_once(members, np.full(m, 3.0), rests, np.zeros(m, np.int64), np.full(m, rho))
    assert counted.share.sum() == pytest.approx(m / (1 + (m - 1) * rho), rel=1e-12)


def test_contradiction_is_no_repetition():
    members = Members(np.array([0, 2]), np.arange(2))
    rests = Rests(np.zeros(3, np.int64), np.empty(0, np.int64))
    counted = count_once(members, np.array([3.0, -2.0]), rests, np.zeros(2, np.int64), np.ones(2))
    assert counted.share.tolist() == [1.0, 1.0]


@settings(max_examples=draws(100), deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), max_size=30), st.floats(-10, 0), st.randoms())
def test_a_sum_is_the_exact_one_rounded_once_in_every_order(parts, more, random):
    exact = float(sum(map(Fraction, parts), Fraction(more)))
    start = np.array([0, len(parts)])
    assert summed(start, np.array(parts), np.array([more]))[0] == exact
    random.shuffle(parts)
    assert summed(start, np.array(parts), np.array([more]))[0] == exact == fsum([*parts, more])


def test_chances_are_paid_for():
    assert chances(np.array([0, 1, 2, 8])).tolist() == [0.0, 0.0, -1.0, -3.0]


def test_probabilities_of_bits():
    expected = [1 / (1 + 2**3), 0.5, 0.75, 0.0, 1.0]
    bits = np.array([-3.0, 0.0, log2(3), -2_000.0, 2_000.0])
    assert probabilities(bits) == pytest.approx(expected, abs=1e-12)


def test_no_lead_at_all():
    empty = np.empty(0, np.int64)
    members, rests = Members(np.zeros(1, np.int64), empty), Rests(np.zeros(1, np.int64), empty)
    assert count_once(members, np.empty(0), rests, empty, np.empty(0)).share.size == 0
    assert summed(members.start, np.empty(0), np.empty(0)).size == 0
