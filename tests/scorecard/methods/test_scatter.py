import numpy as np
import pytest

from watchfloor.scorecard.methods.intervals import change_interval
from watchfloor.scorecard.methods.scatter import LEAST, of_counts, of_shares

MONTHS = np.arange(600)
LINE = 2000 + 2.0 * MONTHS


def overdispersed(rng, mean, dispersion):
    """Negative binomial of this mean and of `dispersion` times as much variance."""
    return rng.negative_binomial(mean / (dispersion - 1), 1 / dispersion).astype(float)


def test_independent_events_scatter_once():
    rng = np.random.default_rng(1)
    whole = rng.poisson(LINE)
    assert of_counts(rng.poisson(LINE).astype(float)) == pytest.approx(1, abs=0.2)
    assert of_shares(rng.binomial(whole, 0.07).astype(float), whole.astype(float)) == pytest.approx(
        1, abs=0.2
    )


def test_a_trend_is_no_scatter():
    assert of_counts(LINE) == 1.0
    assert of_shares(0.1 * LINE, LINE) == 1.0


@pytest.mark.parametrize("dispersion", [5.0, 100.0])
def test_the_dispersion_that_was_made_is_found(dispersion):
    rng = np.random.default_rng(2)
    part, rest = (overdispersed(rng, mean * LINE, dispersion) for mean in (1, 9))
    assert of_counts(part) == pytest.approx(dispersion, rel=0.2)
    assert of_shares(part, part + rest) == pytest.approx(dispersion, rel=0.2)


def test_gaps_and_months_without_a_whole_are_left_out():
    values = np.where(MONTHS % 50 == 0, np.nan, np.random.default_rng(3).poisson(LINE))
    whole = np.where(MONTHS % 40 == 0, 0.0, LINE)
    assert of_counts(values) == pytest.approx(1, abs=0.2)
    assert of_shares(np.minimum(whole, 7.0), whole) >= 1


@pytest.mark.parametrize("values", [[], [3.0], [3.0, 4.0], [5.0] * (LEAST + 1), [0.0] * 50, [np.nan] * 50])
def test_too_few_months_have_no_scatter(values):
    values = np.array(values)
    assert of_counts(values) is None
    assert of_shares(np.minimum(values, 1), values) is None


def test_a_change_by_the_scatter_of_its_months_is_as_sure_as_it_says():
    rng = np.random.default_rng(4)
    held = {True: [], False: []}
    for _ in range(400):
        months = overdispersed(rng, np.where(np.arange(60) < 59, 9000.0, 1800.0), 100.0)
        for known in held:
            scatter = of_counts(months[:59]) if known else None
            found = change_interval(int(months[58]), int(months[59]), scatter=scatter)
            held[known].append(found.low <= 0.8 <= found.high)
    assert 0.92 < np.mean(held[True]) < 0.99
    assert np.mean(held[False]) < 0.3
