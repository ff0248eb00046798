"""Rates from what was chosen by chance: without bias, and in their intervals as often as they say."""

import numpy as np
import pytest
from scipy import stats

from watchfloor.core.proportions import jeffreys
from watchfloor.planning.inspections import estimates
from watchfloor.planning.inspections.choose import Settings, choose

ROUNDS = 250


def _simulated(
    n: int, rate: float, settings: Settings, rounds: int
) -> tuple[float, list[estimates.Estimate]]:
    """One stream whose score is informative and wrong, and the estimates of many choices from it."""
    rng = np.random.default_rng(5)
    odds = rng.normal(np.log(rate / (1 - rate)), 1.0, n)
    truth = rng.random(n) < 1 / (1 + np.exp(-odds))
    chance = 1 / (1 + np.exp(-(odds + rng.normal(0, 1.5, n))))
    spread = rng.uniform(0.2, 1.5, n)
    found = []
    for seed in range(rounds):
        here = Settings(settings.budget, settings.uncertain, settings.at_random, 0.0, seed)
        picks = choose(chance, spread, here)
        found.append(estimates.rate(truth[picks.rows], picks.propensity, n))
    return float(truth.mean()), found


@pytest.mark.parametrize(
    ("n", "rate", "budget", "methods"),
    [(2000, 0.01, 200, {"gamma"}), (2000, 0.2, 200, {"gamma"}), (3000, 0.3, 900, {"linear"})],
)
def test_what_is_chosen_by_score_biases_no_rate(n: int, rate: float, budget: int, methods: set[str]) -> None:
    """The mean within 4 standard errors, the interval holds in 95 %, less 3 of them."""
    truth, found = _simulated(n, rate, Settings(budget, 0.3, 0.3), ROUNDS)
    rates = np.array([one.rate for one in found])
    assert abs(rates.mean() - truth) <= 4 * rates.std() / np.sqrt(ROUNDS)
    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert covered >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / ROUNDS)
    assert {one.method for one in found} == methods


def test_what_the_score_found_alone_is_far_off() -> None:
    """The same stream without weights: the share of finds among what was opened is no rate of the stream."""
    rng = np.random.default_rng(5)
    odds = rng.normal(np.log(0.01 / 0.99), 1.0, 2000)
    truth = rng.random(2000) < 1 / (1 + np.exp(-odds))
    picks = choose(1 / (1 + np.exp(-odds)), np.ones(2000), Settings(200))
    assert truth[picks.rows].mean() > 2 * truth.mean()


@pytest.mark.parametrize(("finds", "m"), [(0, 20), (1, 20), (20, 20), (7, 300)])
def test_one_chance_gives_the_exact_interval(finds: int, m: int) -> None:
    found = estimates.rate(np.arange(m) < finds, np.full(m, 0.1), m * 10)
    known = stats.binomtest(finds, m).proportion_ci(0.95, method="exact")
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=1e-12)
    assert found.method == "exact"
    low, high = jeffreys(finds, m)
    assert found.low <= low
    assert high <= found.high


def test_the_exact_interval_covers_every_rate() -> None:
    """Summed over every outcome of 12 draws, not simulated: at least 95 % at each of 99 rates."""
    ends = [estimates.rate(np.arange(12) < k, np.full(12, 0.5), 24) for k in range(13)]
    for p in np.linspace(0.01, 0.99, 99):
        mass = stats.binom.pmf(np.arange(13), 12, p)
        covered = sum(mass[k] for k, one in enumerate(ends) if one.low <= p <= one.high)
        assert covered >= 0.95 - 1e-12


def test_a_likely_pick_alone_does_not_stand_for_the_whole_stream() -> None:
    found = estimates.rate(np.array([True]), np.array([0.3]), 2000)
    assert found.rate == pytest.approx(1 / 0.3 / 2000)
    assert (found.method, found.high) == ("gamma", 1.0)
    assert 0 < found.low < found.rate


def test_equal_weights_give_the_poisson_interval() -> None:
    """Fay and Feuer's interval is Garwood's of a Poisson count where the weights agree."""
    low, high = estimates._gamma(np.arange(1000) < 4, np.full(1000, 1e-3))
    assert low * 1000 == pytest.approx(stats.chi2.ppf(0.025, 8) / 2, rel=1e-9)
    assert high * 1000 == pytest.approx(stats.chi2.ppf(0.975, 10) / 2, rel=1e-9)


def test_no_find_still_has_an_upper_end() -> None:
    found = estimates.rate(np.zeros(30, np.bool_), np.linspace(0.01, 0.2, 30), 1000)
    assert (found.rate, found.low) == (0, 0)
    assert 0.05 < found.high < 1


def test_a_whole_stream_is_a_count() -> None:
    found = estimates.rate(np.array([True, False, False, False]), np.ones(4), 4)
    assert (found.rate, found.low, found.high, found.method) == (0.25, 0.25, 0.25, "census")


def test_what_nobody_examined_is_not_known() -> None:
    found = estimates.rate(np.zeros(0, np.bool_), np.zeros(0), 100)
    assert np.isnan(found.rate)
    assert (found.low, found.high, found.method) == (0, 1, "none")
    partly = estimates.rate(np.array([True]), np.ones(1), 100)
    assert np.isnan(partly.rate)
    assert (partly.low, partly.high) == (0.01, 1)


def test_streams_and_their_sum() -> None:
    results = np.array([True, False, False, True])
    found = estimates.by_stream(
        results,
        np.array([0.5, 0.5, 0.1, 0.1]),
        ["post", "post", "air", "air"],
        {"post": 4, "air": 20, "rail": 3},
    )
    assert found["post"].rate == found["air"].rate == 0.5
    assert found["rail"].method == "none"
    assert found[""].population == 27
    known = estimates.rate(results, np.array([0.5, 0.5, 0.1, 0.1]), 24)
    assert known.rate == pytest.approx((2 + 10) / 24)
    assert (found[""].method, np.isnan(found[""].rate)) == ("partly", True)
    assert found[""].low == pytest.approx(known.low * 24 / 27)
    assert found[""].high == pytest.approx((known.high * 24 + 3) / 27)


def test_a_stream_of_which_nothing_was_drawn_may_hold_anything() -> None:
    """One find of four that was sure to be chosen; of the three others nothing is known."""
    results, chances = np.array([True, False, False]), np.array([1.0, 0.5, 0.5])
    found = estimates.by_stream(results, chances, ["post", "air", "air"], {"post": 4, "air": 4})
    assert (found[""].method, found[""].finds, found[""].examined) == ("partly", 1, 3)
    assert found[""].low == pytest.approx(1 / 8)
    assert found[""].high == pytest.approx((4 + 4 * found["air"].high) / 8)


def test_of_all_streams_that_were_examined_the_rate_is_known() -> None:
    results, chances = np.array([True, False, False, True]), np.array([0.5, 0.5, 0.1, 0.1])
    found = estimates.by_stream(results, chances, ["post", "post", "air", "other"], {"post": 1, "air": 20})
    assert found["post"].population == 2  # two consignments under one number
    assert found[""].population == 2 + 20 + 10
    assert found[""].rate == pytest.approx((2 + 10) / 32)
    nothing = estimates.by_stream(np.zeros(0, np.bool_), np.zeros(0), [], {"post": 4})
    assert (nothing[""].method, nothing[""].population) == ("none", 4)


def test_without_a_count_the_weights_count() -> None:
    found = estimates.rate(np.array([True, False]), np.array([0.5, 0.1]))
    assert found.population == 12
    assert found.rate == pytest.approx(2 / 12)


@pytest.mark.parametrize(
    ("propensity", "population", "told"),
    [([0.0], None, "above 0"), ([1.5], None, "above 0"), ([np.nan], 5, "above 0"), ([0.5], 0, "stream of 0")],
)
def test_a_chance_that_cannot_be_is_refused(
    propensity: list[float], population: int | None, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        estimates.rate(np.array([True]), np.array(propensity), population)
