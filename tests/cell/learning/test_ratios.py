"""Bits from outcomes, against leads whose true ratios are known."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.cell.learning.ratios import LabelledLeads, Leads, Table, effective, fit, occurrences

PRIOR = -7.0
RULES = (
    (np.array([0.06, 0.04, 0.02]), np.array([0.0004, 0.002, 0.006])),
    (np.array([0.05, 0.03]), np.array([0.0008, 0.004])),
    (np.array([0.02, 0.06]), np.array([0.0001, 0.01])),
)
"""Chance of each strength among true and among false subjects, rule by rule."""
TRUE_BITS = np.concatenate([np.log2(true / false) for true, false in RULES])


def simulated(seed, count=20_000):
    """What each of `count` leads holds, and whether it is true; subjects that no rule names are no leads."""
    rng = np.random.default_rng(seed)
    true = rng.random(count * 50) < 1 / (1 + 2**-PRIOR)
    held = []
    for of_true, of_false in RULES:
        ends = np.cumsum(np.where(true[:, None], of_true, of_false), axis=1)
        drawn = rng.random(len(true))[:, None]
        held.append((drawn < ends) & (drawn >= ends - np.where(true[:, None], of_true, of_false)))
    shares = np.concatenate(held, axis=1)
    lead = shares.any(axis=1)
    return shares[lead][:count].astype(np.float64), true[lead][:count]


def expected(table, shares):
    """What a table says of all leads."""
    chance = 1 / (1 + np.exp2(-(table.prior + shares @ table.bits)))
    return Leads((shares > 0).mean(axis=0), float(chance.mean()))


def known(shares, true, weight=None):
    count = len(true)
    return LabelledLeads(shares, np.zeros(count), true, np.ones(count) if weight is None else weight)


def wrong_by(error, prior=0.0, sd=1.5):
    return Table(PRIOR + prior, 2.0, TRUE_BITS + error, np.full(len(TRUE_BITS), sd))


@pytest.mark.parametrize(
    "table",
    [
        wrong_by(0.0),
        wrong_by(1.0),
        wrong_by(np.array([1.2, -1.0, 0.8, -0.9, 1.1, -1.3, 0.7]), prior=1.0),
    ],
    ids=["right", "all too high", "each wrong"],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_true_ratios_come_back_from_20_000_leads(table, seed):
    shares, true = simulated(seed)
    after = fit(table, expected(table, shares), known(shares, true))
    np.testing.assert_allclose(after.bits, TRUE_BITS, atol=0.5)
    assert after.prior == pytest.approx(PRIOR, abs=0.5)
    # In a lead of one signal the level cancels: its log-odds are known more closely than either part.
    off = after.prior + after.bits - (PRIOR + TRUE_BITS)
    assert np.abs(off / after.sd).max() < 4
    assert np.abs(off).max() < 0.45


@pytest.mark.parametrize("count", [1, 2, 4])
def test_few_outcomes_move_little(count):
    """No further than the table's own uncertainty of a row lets a few sightings move it."""
    shares, true = simulated(3)
    table = wrong_by(0.0, sd=0.5)
    after = fit(table, expected(table, shares), known(shares[:count], true[:count]))
    assert np.abs(after.bits - table.bits).max() < 0.5
    assert (after.sd <= table.sd + 1e-9).all()


def test_the_more_outcomes_the_surer():
    shares, true = simulated(4)
    table = wrong_by(0.0)
    spread = [
        fit(table, expected(table, shares), known(shares[:n], true[:n])).sd for n in (50, 500, 5_000, 20_000)
    ]
    assert all((after < before).all() for before, after in pairwise(spread))


def test_a_row_that_is_sure_moves_less_than_one_that_is_not():
    """How far rows are wrong against one another, which the level does not touch: 1.6 bits before."""
    shares, true = simulated(5)
    error = np.array([1.5, -1.5, 1.5, -1.5, 1.5, -1.5, 2.0])
    left = []
    for sd in (0.05, 3.0):
        table = wrong_by(error, sd=sd)
        after = fit(table, expected(table, shares), known(shares, true))
        left.append(float((after.bits - TRUE_BITS).std()))
    assert left[0] > 1.0
    assert left[1] < 0.3


def test_the_standard_deviation_is_that_of_draws_from_the_betas():
    """Against 200,000 draws of each Beta, for a row of one sort of lead; within 2 %."""
    shares = np.r_[np.ones((30, 1)), np.zeros((70, 1))]
    true = np.r_[np.ones(20, bool), np.zeros(10, bool), np.ones(5, bool), np.zeros(65, bool)]
    table = Table(-2.0, 2.0, np.array([3.0]), np.array([1.5]))
    after = fit(table, Leads(np.array([0.3]), 0.25), known(shares, true))
    n = float(occurrences(np.array([1.5]))[0])
    ratio = 2 ** (3.0 - after.level)
    false = 0.3 / (0.25 * ratio + 0.75)
    rng = np.random.default_rng(0)
    logs = [
        np.log2(rng.beta(n + seen, n / mean - n + leads - seen, 200_000))
        for mean, seen, leads in ((false * ratio, 20, 25), (false, 10, 75))
    ]
    assert after.sd[0] == pytest.approx((logs[0] - logs[1]).std(), rel=0.02)
    assert (after.seen_true[0], after.seen_false[0]) == (20, 10)


@pytest.mark.parametrize("sd", [0.05, 0.5, 1.5, 3.0])
def test_sightings_give_back_the_standard_deviation(sd):
    """The ratio of two Gammas of so many sightings, as of a rare row, varies by sd bits; within 2 %."""
    count = float(occurrences(np.array([sd]))[0])
    rng = np.random.default_rng(0)
    one, other = (np.log2(rng.gamma(count, size=200_000)) for _ in range(2))
    assert (one - other).std() == pytest.approx(sd, rel=0.02)


@pytest.mark.parametrize("known_before", [0.0, 1.0], ids=["a table that says nothing", "the right table"])
def test_leads_that_are_all_subjects_give_back_plain_likelihood_ratios(known_before):
    """Two rules that speak in most leads, one lead in ten true: the level is nought."""
    rng = np.random.default_rng(8)
    true = rng.random(20_000) < 0.1
    rules = (((0.4, 0.3, 0.2, 0.1), (0.02, 0.08, 0.3, 0.6)), ((0.2, 0.3), (0.02, 0.1)))
    held = []
    for of_true, of_false in rules:
        of = np.where(true[:, None], np.array(of_true), np.array(of_false))
        ends, drawn = np.cumsum(of, axis=1), rng.random(len(true))[:, None]
        held.append((drawn < ends) & (drawn >= ends - of))
    shares = np.concatenate(held, axis=1).astype(np.float64)
    bits = np.concatenate([np.log2(np.divide(*rule)) for rule in rules])
    table = Table(float(np.log2(0.1 / 0.9)), 2.0, known_before * bits, np.full(6, 1.5))
    after = fit(table, expected(table, shares), known(shares, true))
    np.testing.assert_allclose(after.bits, bits, atol=0.35)
    assert after.prior == pytest.approx(table.prior, abs=0.2)


def test_without_an_audit_sample_the_fit_is_biased_and_with_one_it_is_not():
    """Officers look at 3,500 of 20,000 that score high or that they know to be true; then 3,000 by lot."""
    shares, true = simulated(6)
    table = wrong_by(0.0)
    rng = np.random.default_rng(7)
    score = 1 / (1 + np.exp2(-(PRIOR + shares @ TRUE_BITS)))
    chosen = rng.random(len(true)) < np.clip(0.08 + 0.6 * score + 0.55 * true, 0, 1)
    left = np.flatnonzero(~chosen)
    drawn = rng.choice(left, 3_000, replace=False)
    seen = np.flatnonzero(chosen)
    both = np.r_[seen, drawn]
    weight = np.r_[np.ones(len(seen)), np.full(len(drawn), len(left) / len(drawn))]
    leads = expected(table, shares)
    truth = PRIOR + TRUE_BITS
    without = fit(table, leads, known(shares[seen], true[seen]))
    honest = fit(table, leads, known(shares[both], true[both], weight))
    biased = without.prior + without.bits - truth
    assert (biased > 1.0).all()
    assert (biased / without.sd > 4).all()
    off = honest.prior + honest.bits - truth
    assert np.abs(off).max() < 0.6
    assert np.abs(off / honest.sd).max() < 4


def test_effective_weights_are_kishs():
    true = np.array([True, True, False, False, False])
    weight = np.array([2.0, 2.0, 1.0, 1.0, 4.0])
    found = effective(known(np.zeros((5, 1)), true, weight))
    assert found[true].sum() == pytest.approx(2.0)
    assert found[~true].sum() == pytest.approx(36 / 18)
    np.testing.assert_allclose(found[~true] / found[2], weight[~true])


CASES = st.lists(
    st.tuples(st.lists(st.booleans(), min_size=3, max_size=3).filter(any), st.booleans(), st.floats(0.5, 40)),
    min_size=1,
    max_size=12,
)
SMALL = Table(-4.0, 2.0, np.array([5.0, 1.0, -2.0]), np.array([1.0, 1.5, 0.5]))
EXPECTED = Leads(np.array([0.05, 0.4, 0.7]), 0.2)


def of(cases):
    shares, true, weight = zip(*cases, strict=True)
    return known(np.array(shares, float), np.array(true), np.array(weight))


@settings(deadline=None, max_examples=draws(50))
@given(CASES, st.randoms(), st.floats(0.01, 100))
def test_order_and_scale_of_weights_change_nothing(cases, random, scale):
    before = fit(SMALL, EXPECTED, of(cases))
    shuffled = [(shares, true, weight * scale) for shares, true, weight in cases]
    random.shuffle(shuffled)
    after = fit(SMALL, EXPECTED, of(shuffled))
    np.testing.assert_allclose(after.bits, before.bits, atol=1e-3)
    np.testing.assert_allclose(after.sd, before.sd, atol=1e-3)
    assert after.prior == pytest.approx(before.prior, abs=1e-3)


@settings(deadline=None, max_examples=draws(50))
@given(CASES)
def test_every_number_is_finite_and_every_deviation_positive(cases):
    after = fit(SMALL, EXPECTED, of(cases))
    numbers = np.r_[after.bits, after.sd, after.prior, after.prior_sd, after.level]
    assert np.isfinite(numbers).all()
    assert (after.sd > 0).all()
    assert after.prior_sd > 0


@settings(deadline=None, max_examples=draws(30))
@given(CASES)
def test_a_row_that_no_known_lead_holds_stays_near_where_it_was(cases):
    """That none of them held it moves a row of half a bit's deviation by less than two bits."""
    without = [([one, other, False], true, weight) for (one, other, _), true, weight in cases if one or other]
    if without:
        after = fit(SMALL, EXPECTED, of(without))
        assert abs(after.bits[2] - SMALL.bits[2]) < 2.0
