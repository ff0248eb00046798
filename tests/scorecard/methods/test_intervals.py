import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, poisson
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson, confint_poisson_2indep
from tests.thorough import draws

from watchfloor.scorecard.methods import intervals
from watchfloor.scorecard.methods.intervals import (
    METHODS,
    change_interval,
    count_interval,
    left_out,
    otherwise,
    ratio_interval,
    share_interval,
)
from watchfloor.scorecard.problems import WrongQuestion

COUNTS = st.integers(0, 5000)


def ends(found):
    return found.low, found.high


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390), (50, 37.11, 65.92)],
)
def test_counts_have_the_ends_of_the_published_table(count, low, high):
    found = count_interval(count)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-3)


@given(COUNTS, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_counts_agree_with_statsmodels(count, level):
    found = count_interval(count, level)
    low, high = confint_poisson(count, 1, method="exact-c", alpha=1 - level)
    assert found.low == pytest.approx(np.nan_to_num(low), rel=1e-6, abs=1e-9)
    assert found.high == pytest.approx(high, rel=1e-6)


@given(st.integers(1, 5000), st.floats(1, 50))
def test_counts_that_scatter_more_are_told_with_wider_ends(count, scatter):
    exact, wider = count_interval(count), count_interval(count, scatter=scatter)
    assert wider.low <= exact.low + 1e-9
    assert wider.high >= exact.high - 1e-9
    assert wider.method == "Garwood by scatter"


@given(COUNTS, st.integers(0, 5000), st.sampled_from([0.8, 0.95]))
def test_shares_agree_with_scipy_and_statsmodels(part, rest, level):
    whole = part + rest + 1
    found = share_interval(part, whole, level)
    peer = binomtest(part, whole).proportion_ci(level, "exact")
    assert (found.low, found.high) == pytest.approx((peer.low, peer.high), rel=1e-6, abs=1e-12)
    other = proportion_confint(part, whole, 1 - level, "beta")
    assert (found.low, found.high) == pytest.approx(other, rel=1e-6, abs=1e-12)


@given(st.integers(1, 400), st.integers(0, 400))
def test_ratios_agree_with_statsmodels(before, after):
    found = ratio_interval(before, after, exposure=(30, 31))
    low, high = confint_poisson_2indep(after, 31, before, 30, method="waldcc", compare="ratio")
    assert found.low <= after * 30 / (before * 31) <= found.high
    if min(before, after) > 50:
        assert (found.low, found.high) == pytest.approx((low, high), rel=0.05)


@given(st.integers(1, 300), st.integers(1, 300))
def test_a_ratio_is_at_its_end_as_unlikely_as_the_level_says(before, after):
    found = ratio_interval(before, after, 0.9)
    low, high = (ratio / (1 + ratio) for ratio in (found.low, found.high))
    assert binom.sf(after - 1, before + after, low) == pytest.approx(0.05, rel=1e-6)
    assert binom.cdf(after, before + after, high) == pytest.approx(0.05, rel=1e-6)


@pytest.mark.parametrize("mean", [0.3, 2, 7.7, 40])
def test_a_count_is_covered_at_least_as_often_as_it_says(mean):
    counts = np.arange(200)
    found = [count_interval(int(c)) for c in counts]
    inside = np.array([i.low <= mean <= i.high for i in found])
    assert poisson.pmf(counts, mean)[inside].sum() >= 0.95


def test_a_fall_is_positive_and_turns_the_ratio_round():
    fall, ratio = change_interval(3601, 481), ratio_interval(3601, 481)
    assert fall.low < 1 - 481 / 3601 < fall.high
    assert (fall.low, fall.high) == (1 - ratio.high, 1 - ratio.low)


def test_no_event_at_all_before_leaves_the_ratio_open_above():
    found = ratio_interval(0, 4)
    assert found.high == float("inf")
    assert found.low > 0.6
    assert change_interval(0, 4).low == -float("inf")


@pytest.mark.parametrize(
    "asked",
    [
        lambda: count_interval(-1),
        lambda: count_interval(float("nan")),
        lambda: share_interval(3, 2),
        lambda: share_interval(0, 0),
        lambda: share_interval(1.5, 2),
        lambda: ratio_interval(0, 0),
        lambda: ratio_interval(2, -1),
        lambda: left_out(np.array([1.0, 2.0]), np.array([False, False])),
        lambda: left_out(np.array([1.0, 0.0]), np.array([True, False])),
        lambda: otherwise(np.zeros(3), np.ones(3, bool)),
    ],
)
def test_what_is_no_count_is_refused_in_both_languages(asked):
    with pytest.raises(WrongQuestion) as refused:
        asked()
    assert refused.value.text.en != refused.value.text.fr


def test_the_heaviest_cell_is_taken_out_of_part_and_whole():
    weights, ours = np.array([1.0, 5, 2, 100]), np.array([True, True, False, False])
    found = left_out(weights, ours)
    assert found == (6 / 108, 1 / 103, 1, 5 / 6)


def test_seizures_drawn_again_give_the_same_ends_each_time_and_hold_the_share():
    rng = np.random.default_rng(1)
    weights, ours = rng.lognormal(0, 1, 700), rng.random(700) < 0.1
    first = otherwise(weights, ours, draws=1000)
    intervals._bootstrap.cache_clear()
    assert otherwise(weights, ours, draws=1000) == first
    assert first.low < weights[ours].sum() / weights.sum() < first.high
    assert first.method in METHODS


@settings(max_examples=draws(20), deadline=None)
@given(st.integers(200, 800), st.floats(0.05, 0.5))
def test_equal_cells_drawn_again_give_about_the_interval_of_a_share(count, share):
    ours = np.arange(count) < round(count * share)
    drawn = otherwise(np.ones(count), ours, draws=1000)
    exact = share_interval(int(ours.sum()), count)
    assert (drawn.low, drawn.high) == pytest.approx((exact.low, exact.high), abs=0.02)


def test_one_heavy_cell_reaches_further_up_than_down():
    weights = np.r_[np.ones(40), 15, np.full(400, 5.0)]
    ours = np.arange(441) < 41
    found = otherwise(weights, ours, draws=1000)
    share = 55 / 2055
    assert found.high / share > share / found.low


def test_all_or_nothing_cannot_come_out_otherwise():
    for ours, share in ((np.ones(4, bool), 1.0), (np.zeros(4, bool), 0.0)):
        found = otherwise(np.arange(4.0), ours)
        assert (found.low, found.high) == (share, share)


def test_what_hangs_on_luck_does_not_hang_on_the_order_of_files():
    rng = np.random.default_rng(6)
    weights, ours = rng.lognormal(0, 1.5, 200), np.arange(200) < 20
    shuffled, more = rng.permutation(200), np.zeros(50)
    again = otherwise(np.r_[weights[shuffled], more], np.r_[ours[shuffled], more > 0], draws=500)
    assert again == otherwise(weights, ours, draws=500)


def test_every_method_is_explained():
    used = set()
    for scatter in (None, 2.0):
        used |= {count_interval(3, scatter=scatter).method}
        used |= {share_interval(1, 3, scatter=scatter).method, ratio_interval(1, 3, scatter=scatter).method}
    assert used | {"bootstrap over cells"} == set(METHODS)


def test_counts_that_scatter_are_worth_fewer_events():
    assert ends(share_interval(100, 1000, scatter=10.0)) == pytest.approx(ends(share_interval(10, 100)))
    assert ends(change_interval(300, 30, scatter=10.0)) == pytest.approx(ends(change_interval(30, 3)))


@given(st.integers(0, 60), st.integers(1, 60), st.floats(1, 200), st.floats(1, 5))
@settings(max_examples=draws(30))
def test_more_scatter_is_a_wider_interval_and_holds_the_figure(part, rest, scatter, more):
    tight, wide = (share_interval(part, part + rest, scatter=s) for s in (scatter, scatter * more))
    assert wide.low <= tight.low <= part / (part + rest) <= tight.high <= wide.high
